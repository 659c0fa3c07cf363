import SQLTypes
import Vectors

/// Collects the texts of a result column; long ones go into an arena that the vector owns.
struct TextWriter {
    private static let arenaByteCount = 32_768

    private let views: Buffer
    private let slots: UnsafeMutablePointer<StringView>
    private let count: Int
    private let byteCountMax: Int
    private let type: DataType
    private var arenas: [Buffer] = []
    private var free: UnsafeMutablePointer<UInt8>?
    private var freeCount = 0
    private var isTooLong = false
    /// Bytes of a text under construction; kept so that it is allocated once per call.
    var scratch: [UInt8] = []

    /// Starts a column of `count` empty texts of at most `byteCountMax` bytes; errors name `type`.
    init(
        count: Int,
        byteCountMax: Int = DataType.varcharMaxLength,
        type: DataType = .varchar(DataType.varcharMaxLength)
    ) {
        self.byteCountMax = byteCountMax
        self.type = type
        views = Buffer(byteCount: max(1, count) * MemoryLayout<StringView>.stride)
        slots = views.pointer.bindMemory(to: StringView.self, capacity: max(1, count))
        slots.initialize(repeating: .empty, count: count)
        self.count = count
    }

    /// Sets row `row` to a copy of the bytes.
    @inline(__always)
    mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>, to row: Int) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        if bytes.count <= StringView.inlineByteCount {
            slots[row] = StringView(start, count: bytes.count)
        } else {
            let room = reserve(bytes.count)
            room.update(from: start, count: bytes.count)
            slots[row] = StringView(room, count: bytes.count)
        }
    }

    /// Sets row `row` to a copy of the scratch bytes and empties them.
    mutating func copyScratch(to row: Int) {
        var bytes: [UInt8] = []
        swap(&bytes, &scratch)
        bytes.withUnsafeBufferPointer { copy($0, to: row) }
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &scratch)
    }

    /// Sets row `row` to a part of an argument's text, without copying it.
    ///
    /// The bytes are those that `withBytes` of the argument's view gave, or a part of them: a
    /// long part lies in the argument's heap, a short one is copied into the view.
    @inline(__always)
    mutating func share(_ bytes: UnsafeBufferPointer<UInt8>, to row: Int) {
        guard let start = bytes.baseAddress else { return }
        slots[row] = StringView(start, count: bytes.count)
    }

    /// Room for a text of `length` bytes at row `row`; the caller fills all of it in `body`.
    @inline(__always)
    mutating func fill(
        _ length: Int,
        row: Int,
        _ body: (UnsafeMutablePointer<UInt8>) -> Void
    ) {
        if length <= StringView.inlineByteCount {
            var words = (UInt64(0), UInt64(0))
            withUnsafeMutableBytes(of: &words) { raw in
                let bytes = raw.bindMemory(to: UInt8.self)
                guard let start = bytes.baseAddress else { return }
                body(start)
                slots[row] = StringView(start, count: length)
            }
        } else {
            let room = reserve(length)
            body(room)
            slots[row] = StringView(room, count: length)
        }
    }

    private mutating func reserve(_ length: Int) -> UnsafeMutablePointer<UInt8> {
        if length > byteCountMax { isTooLong = true }
        if let room = free, length <= freeCount {
            free = room + length
            freeCount -= length
            return room
        }
        let arena = Buffer(byteCount: max(length, Self.arenaByteCount))
        arenas.append(arena)
        let room = arena.pointer.bindMemory(to: UInt8.self, capacity: arena.byteCount)
        free = room + length
        freeCount = arena.byteCount - length
        return room
    }

    /// The column; `arguments` are kept alive for the texts shared with them.
    ///
    /// - Throws: 22001 where a text is longer than the limit.
    func finish(validity: [UInt64]?, sharing arguments: [Vector]) throws(SQLError) -> Vector {
        if isTooLong {
            throw SQLError(
                .stringDataRightTruncation,
                "value too long for type \(type)"
            )
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: count,
            data: views.pointer,
            validity: validity,
            owners: [views] + arenas + arguments
        )
    }
}

/// How many characters the UTF-8 bytes hold.
@inline(__always)
func characterCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var continuations = 0
    for byte in bytes where byte & 0xC0 == 0x80 { continuations &+= 1 }
    return bytes.count &- continuations
}

/// The offset of the byte that is `characters` characters after `start`; the end if too few.
@inline(__always)
func skip(
    _ characters: Int,
    from start: Int,
    in bytes: UnsafeBufferPointer<UInt8>
) -> Int {
    var offset = start
    var left = characters
    while left > 0 && offset < bytes.count {
        offset &+= 1
        while offset < bytes.count && bytes[offset] & 0xC0 == 0x80 { offset &+= 1 }
        left &-= 1
    }
    return offset
}

/// The part of the bytes in `range`.
@inline(__always)
func part(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>
) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[range])
}

/// The characters of the bytes, each as its range.
func characters(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(bytes.count)
    var offset = 0
    while offset < bytes.count {
        let end = skip(1, from: offset, in: bytes)
        ranges.append(offset..<end)
        offset = end
    }
    return ranges
}

/// The offset of the first occurrence of `needle` at or after `start`; nil for none.
///
/// An empty needle is found at `start`.
func find(
    _ needle: UnsafeBufferPointer<UInt8>,
    in bytes: UnsafeBufferPointer<UInt8>,
    from start: Int = 0
) -> Int? {
    guard let first = needle.first else { return start }
    var offset = start
    let last = bytes.count - needle.count
    while offset <= last {
        if bytes[offset] == first {
            var matched = 1
            while matched < needle.count && bytes[offset &+ matched] == needle[matched] {
                matched &+= 1
            }
            if matched == needle.count { return offset }
        }
        offset &+= 1
    }
    return nil
}

/// Appends the UTF-8 bytes of a character.
func appendUTF8(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
}
