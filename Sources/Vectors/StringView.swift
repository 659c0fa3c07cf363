/// A 16-byte view of UTF-8 text: its length, its first bytes, and the rest or where it lies.
///
/// ```
///   ≤ 12 bytes   | length 4 | text, zero-padded 12              |
///   longer       | length 4 | first 4 bytes | address of text 8 |
/// ```
/// Two short views are equal exactly when both words are. The memory a long view points to is
/// kept alive by the vector's `heaps`.
///
/// - Source: Neumann and Freitag, "Umbra: A Disk-Based System with In-Memory Performance".
package struct StringView: BitwiseCopyable, Sendable {
    /// Length in the low half; the first four bytes in the high half.
    package var head: UInt64
    /// Bytes 4 to 11 of a short text; the address of all bytes of a long one.
    package var tail: UInt64

    /// The empty text.
    package static let empty = StringView(head: 0, tail: 0)

    /// Makes a view of its two words.
    @inlinable
    package init(head: UInt64, tail: UInt64) {
        self.head = head
        self.tail = tail
    }

    /// The longest text kept inside the view.
    @inlinable package static var inlineByteCount: Int { 12 }

    /// Makes a view of `count` bytes at `bytes`, which must outlive it when longer than 12.
    @inlinable
    package init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        var head = UInt64(UInt32(truncatingIfNeeded: count))
        var tail: UInt64 = 0
        if count > 12 {
            var first: UInt32 = 0
            withUnsafeMutableBytes(of: &first) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: 4))
            }
            head |= UInt64(first) << 32
            tail = UInt64(UInt(bitPattern: bytes))
        } else {
            var index = 0
            while index < count && index < 4 {
                head |= UInt64(bytes[index]) << UInt64(32 + 8 * index)
                index += 1
            }
            while index < count {
                tail |= UInt64(bytes[index]) << UInt64(8 * (index - 4))
                index += 1
            }
        }
        self.head = head
        self.tail = tail
    }

    /// Length in bytes.
    @inlinable package var count: Int { Int(head & 0xFFFF_FFFF) }

    /// Whether the text lies inside the view.
    @inlinable package var isInline: Bool { count <= 12 }

    /// Calls `body` with the text's bytes; valid only inside.
    @inlinable
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let length = count
        if length > 12 {
            return try body(UnsafeBufferPointer(start: longBytes, count: length))
        }
        var words = (head >> 32 | tail << 32, tail >> 32)
        return try withUnsafeBytes(of: &words) { (raw) throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: raw.bindMemory(to: UInt8.self)[0..<length]))
        }
    }

    /// The bytes of a text longer than 12; meaningless for a shorter one.
    @inlinable package var longBytes: UnsafePointer<UInt8>? {
        UnsafePointer(bitPattern: UInt(truncatingIfNeeded: tail))
    }

    /// The text as a Swift string, for messages and tests.
    package var string: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// The bytes in an array of their own.
    package var bytes: [UInt8] { withBytes { Array($0) } }
}
