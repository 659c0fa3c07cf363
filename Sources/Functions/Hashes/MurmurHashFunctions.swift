import SQLTypes
import Vectors

/// MURMUR3_32_HASH(value [, seed]) and CHECKSUM(value): INTEGER.
///
/// The hash is Murmur3's x86 variant of 32 bits over the value's bytes, the little end first:
/// integers, dates (days) and timestamps (microseconds since 1970) as 8 bytes, decimals as the
/// fewest bytes of their unscaled value, the big end first, texts as they are.
///
/// Redshift does not publish CHECKSUM's algorithm; here it is CRC-32C of the same bytes.
///
/// - Source: Apache Iceberg's bucket hashes, which Redshift's manual names.
enum MurmurHashFunctions {
    static let all: [ScalarFunction] = types.flatMap { type in
        [
            .strict("murmur3_32_hash", [type], .integer) { (call) in
                hash(call, type) { bytes, _ in murmur(bytes, seed: 0) }
            },
            .strict("murmur3_32_hash", [type, .integer], .integer) { (call) in
                let seeds = call.integers(1)
                return hash(call, type) { bytes, row in
                    murmur(bytes, seed: UInt32(truncatingIfNeeded: seeds[row]))
                }
            },
            .strict("checksum", [type], .integer) { (call) in
                hash(call, type) { bytes, _ in crc32c(bytes) }
            },
        ]
    }

    private static let types: [DataType] = [
        .smallint, .integer, .bigint, anyDecimal, .doublePrecision, .boolean, .date, .timestamp,
        .timestampTZ, anyText,
    ]
}

private func hash(
    _ call: Call,
    _ type: DataType,
    _ function: (UnsafeBufferPointer<UInt8>, Int) -> UInt32
) -> Vector {
    func signed(_ hash: UInt32) -> Int64 { Int64(Int32(bitPattern: hash)) }
    switch type {
    case .varchar, .char:
        let texts = call.texts(0)
        return call.makeIntegers { row in texts[row].withBytes { signed(function($0, row)) } }
    case .boolean:
        let values = call.column(0, as: UInt8.self)
        return call.makeIntegers { row in
            withBytes(UInt64(values[row])) { signed(function($0, row)) }
        }
    case .doublePrecision:
        let values = call.floats(0)
        return call.makeIntegers { row in
            withBytes(values[row].bitPattern) { signed(function($0, row)) }
        }
    case .decimal:
        let isWide = call.vectors[0].physical == .int128
        let (wide, narrow) = (call.column(0, as: Int128.self), call.integers(0))
        return call.makeIntegers { row in
            let value = isWide ? wide[row] : Int128(narrow[row])
            return withFewestBytes(value) { signed(function($0, row)) }
        }
    default:
        let values = call.integers(0)
        let offset =
            type == .date
            ? Calendar.daysFrom1970 : type.isDateTime ? microsecondsFrom1970 : 0
        return call.makeIntegers { row in
            withBytes(UInt64(bitPattern: values[row] &+ offset)) { signed(function($0, row)) }
        }
    }
}

private func withBytes(
    _ value: UInt64,
    _ body: (UnsafeBufferPointer<UInt8>) -> Int64
) -> Int64 {
    var littleEndian = value.littleEndian
    return withUnsafeBytes(of: &littleEndian) { body($0.assumingMemoryBound(to: UInt8.self)) }
}

/// The bytes of a two's complement, the big end first, without those that only repeat its sign.
private func withFewestBytes(
    _ value: Int128,
    _ body: (UnsafeBufferPointer<UInt8>) -> Int64
) -> Int64 {
    var bigEndian = value.bigEndian
    let signBits = (value < 0 ? ~value : value).leadingZeroBitCount
    let dropped = (signBits - 1) / 8
    return withUnsafeBytes(of: &bigEndian) { raw in
        body(part(raw.assumingMemoryBound(to: UInt8.self), dropped..<16))
    }
}

/// Murmur3, x86, 32 bits.
private func murmur(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt32) -> UInt32 {
    var hash = seed
    let blockEnd = bytes.count & ~3
    var index = 0
    while index < blockEnd {
        let block =
            UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
        hash ^= mixed(block)
        hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64
        index += 4
    }
    var tail: UInt32 = 0
    for (place, byte) in bytes[blockEnd...].enumerated() { tail |= UInt32(byte) << (8 * place) }
    if blockEnd < bytes.count { hash ^= mixed(tail) }
    hash ^= UInt32(truncatingIfNeeded: bytes.count)
    hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    return hash ^ hash >> 16
}

private func mixed(_ block: UInt32) -> UInt32 {
    let product = block &* 0xCC9E_2D51
    return (product << 15 | product >> 17) &* 0x1B87_3593
}
