import SQLTypes

/// The bytes of a range that are in memory, always beginning with a whole row once filled.
///
/// ```
///   | rows parsed | rows to parse … part of a row | free | 64 bytes padding |
///                 ^ cursor                        ^ filled
/// ```
/// `refill` moves what is unparsed to the front and reads behind it. At the end of the range a
/// missing last line end is added, so every row ends with one.
struct RowBuffer: ~Copyable {
    /// The greatest row, as Redshift's limit of 4 MB with some room for escapes.
    static let rowByteCountMax = 8 << 20
    private static let initialByteCount = 1 << 20

    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Where the first row not yet parsed begins.
    var cursor = 0
    /// Behind the last byte read.
    private(set) var filled = 0
    /// Whether the source has no more bytes.
    private(set) var isAtEnd = false
    /// The offset in the range of byte 0.
    private(set) var offset = 0
    private let source: ByteSource

    init(source: ByteSource) {
        self.source = source
        capacity = Self.initialByteCount
        base = .allocate(capacity: capacity + 64)
        base.initialize(repeating: 0, count: capacity + 64)
    }

    deinit { base.deallocate() }

    /// Reads until the buffer is full or the range ends.
    ///
    /// - Throws: 54000 where one row fills the largest buffer; errors of the source.
    mutating func refill(path: String) throws(SQLError) {
        if isAtEnd { return }
        if cursor > 0 {
            base.update(from: base + cursor, count: filled - cursor)
            filled -= cursor
            offset += cursor
            cursor = 0
        }
        if filled == capacity {
            if capacity >= Self.rowByteCountMax {
                throw SQLError(
                    .programLimitExceeded,
                    "a row of file \"\(path)\" is longer than \(Self.rowByteCountMax) bytes"
                )
            }
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity + 64)
            larger.initialize(repeating: 0, count: 2 * capacity + 64)
            larger.update(from: base, count: filled)
            base.deallocate()
            base = larger
            capacity *= 2
        }
        while filled < capacity {
            let got = try source.read(into: base + filled, count: capacity - filled)
            if got == 0 {
                isAtEnd = true
                // The padding has room for it.
                if filled > 0 && base[filled - 1] != lineFeed {
                    base[filled] = lineFeed
                    filled += 1
                }
                return
            }
            filled += got
        }
    }
}
