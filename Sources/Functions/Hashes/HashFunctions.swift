import SQLTypes
import Vectors

/// MD5, SHA, SHA2, CRC32 and FNV_HASH.
///
/// Digests are lower-case hexadecimal text; SHA2 takes 224, 256, 384 or 512 bits, 0 for 256, and
/// gives an empty text for other sizes. FNV_HASH is 64-bit FNV-1a over the value's bytes, little
/// end first (2, 4 or 8 of them for integers), and does not strip blanks.
enum HashFunctions {
    static let all: [ScalarFunction] =
        [
            .strict("md5", [anyText], .varchar(32)) { (call) throws(SQLError) in
                try digest(call) { bytes, _ in md5(bytes) }
            }
        ]
        + ScalarFunction.strict(names: ["sha", "sha1", "func_sha1"], [anyText], .varchar(40)) {
            (call) throws(SQLError) in try digest(call) { bytes, _ in sha1(bytes) }
        } + [
            .strict("sha2", [anyText, .bigint], .varchar(128)) { (call) throws(SQLError) in
                let sizes = call.integers(1)
                return try digest(call) { bytes, row in
                    let bits = Int(truncatingIfNeeded: sizes[row])
                    return sha2(bytes, bits: bits == 0 ? 256 : bits) ?? []
                }
            },
            .strict("crc32", [anyText], .varchar(8)) { (call) throws(SQLError) in
                try digest(call) { bytes, _ in
                    let sum = crc32c(bytes)
                    return (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * $0)) }
                }
            },
        ]
        + ([.smallint, .integer, .bigint, .date, .timestamp] as [DataType]).flatMap { type in
            fnv(type) { call, row, hash in
                let value = call.integers(0)[row]
                let byteCount = type == .smallint ? 2 : type == .integer || type == .date ? 4 : 8
                var result = hash
                for index in 0..<byteCount {
                    mix(UInt8(truncatingIfNeeded: value >> Int64(8 * index)), into: &result)
                }
                return result
            }
        }
        + fnv(anyText) { call, row, hash in
            var result = hash
            call.texts(0)[row].withBytes { for byte in $0 { mix(byte, into: &result) } }
            return result
        }
        + fnv(.boolean) { call, row, hash in
            var result = hash
            mix(call.column(0, as: UInt8.self)[row], into: &result)
            return result
        }
}

private func digest(
    _ call: Call,
    _ hash: (UnsafeBufferPointer<UInt8>, Int) -> [UInt8]
) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    return try call.makeTexts { (writer, row) in
        let bytes = texts[row].withBytes { hash($0, row) }
        writer.fill(bytes.count * 2, row: row) { room in
            for (index, byte) in bytes.enumerated() {
                room[2 * index] = hexDigit(byte >> 4)
                room[2 * index + 1] = hexDigit(byte & 15)
            }
        }
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

/// CRC-32C, of Castagnoli's polynomial.
///
/// - Source: the example of CRC32 in Redshift's manual, which CRC-32 of zlib does not give.
func crc32c(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes { sum = crcTable[Int((sum ^ UInt32(byte)) & 255)] ^ sum >> 8 }
    return ~sum
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
        value & 1 == 1 ? 0x82F6_3B78 ^ value >> 1 : value >> 1
    }
}

private let fnvStart: UInt64 = 0xCBF2_9CE4_8422_2325

@inline(__always)
private func mix(_ byte: UInt8, into hash: inout UInt64) {
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
}

private func fnv(
    _ type: DataType,
    _ hash: @escaping @Sendable (Call, Int, UInt64) -> UInt64
) -> [ScalarFunction] {
    [
        .strict("fnv_hash", [type], .bigint) { (call) in
            call.makeIntegers { Int64(bitPattern: hash(call, $0, fnvStart)) }
        },
        .strict("fnv_hash", [type, .bigint], .bigint) { (call) in
            let seeds = call.integers(1)
            return call.makeIntegers { row in
                Int64(bitPattern: hash(call, row, UInt64(bitPattern: seeds[row])))
            }
        },
    ]
}
