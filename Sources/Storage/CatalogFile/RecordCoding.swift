import CKernels
import SQLTypes

/// Writes a catalog record: integers of variable length, everything else with its length first.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    /// Small integers of either sign take one byte.
    mutating func put(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value &<< 1 ^ value &>> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func putFixed(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ text: String) { put(Array(text.utf8)) }

    mutating func put(_ value: [UInt8]) {
        put(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func put(_ value: UnsafeRawBufferPointer) {
        put(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func put(_ values: [Int]) {
        put(values.count)
        for value in values { put(value) }
    }

    mutating func put(_ datum: Datum) {
        switch datum {
        case .null: bytes.append(0)
        case .bool(let value):
            bytes.append(1)
            put(value)
        case .int64(let value):
            bytes.append(2)
            put(Int(value))
        case .int128(let value):
            bytes.append(3)
            putFixed(UInt64(truncatingIfNeeded: value))
            putFixed(UInt64(truncatingIfNeeded: value >> 64))
        case .float64(let value):
            bytes.append(4)
            putFixed(value.bitPattern)
        case .string(let text):
            bytes.append(5)
            put(text)
        }
    }
}

/// Reads what ``RecordWriter`` wrote; anything else is XX001.
struct RecordReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static let damaged = SQLError(.dataCorrupted, "a catalog record is damaged")

    var isAtEnd: Bool { offset == bytes.count }

    private mutating func byte() throws(SQLError) -> UInt8 {
        guard offset < bytes.count else { throw Self.damaged }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func int() throws(SQLError) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw Self.damaged }
            value |= UInt64(next & 0x7F) &<< shift
            if next & 0x80 == 0 { break }
            shift += 7
        }
        return Int(truncatingIfNeeded: Int64(bitPattern: value &>> 1))
            ^ -Int(truncatingIfNeeded: value & 1)
    }

    /// A count of things that each take at least one byte of the record.
    mutating func count() throws(SQLError) -> Int {
        let value = try int()
        guard value >= 0, value <= bytes.count else { throw Self.damaged }
        return value
    }

    mutating func bool() throws(SQLError) -> Bool { try byte() != 0 }

    mutating func fixed() throws(SQLError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(try byte()) &<< UInt64(8 * index) }
        return value
    }

    mutating func data() throws(SQLError) -> [UInt8] {
        let count = try int()
        guard count >= 0, count <= bytes.count - offset else { throw Self.damaged }
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    mutating func text() throws(SQLError) -> String { String(decoding: try data(), as: UTF8.self) }

    mutating func ints() throws(SQLError) -> [Int] {
        var values: [Int] = []
        for _ in 0..<(try count()) { values.append(try int()) }
        return values
    }

    mutating func datum() throws(SQLError) -> Datum {
        switch try byte() {
        case 0: return .null
        case 1: return .bool(try bool())
        case 2: return .int64(Int64(try int()))
        case 3:
            let low = try fixed()
            let high = try fixed()
            return .int128(Int128(Int64(bitPattern: high)) << 64 | Int128(low))
        case 4: return .float64(Double(bitPattern: try fixed()))
        case 5: return .string(try data())
        default: throw Self.damaged
        }
    }
}

/// The checksum of bytes that belong to the place `seed` tells.
func checksum(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
    bytes.withUnsafeBytes { raw in
        guard let start = raw.baseAddress else { return sk_xxh3("", 0, seed) }
        return sk_xxh3(start, raw.count, seed)
    }
}

/// Mixes numbers that tell a record's place into one seed.
func placeSeed(_ numbers: Int64...) -> UInt64 {
    var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
    for number in numbers {
        seed ^= UInt64(bitPattern: number)
        seed = (seed ^ seed &>> 31) &* 0xBF58_476D_1CE4_E5B9
    }
    return seed
}
