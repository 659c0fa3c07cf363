/// The MD5 digest of bytes: RFC 1321.
func md5(_ message: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var state: (UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476
    )
    var words = [UInt32](repeating: 0, count: 16)
    forEachBlock(of: message, byteCount: 64, lengthIsBigEndian: false) { block in
        for index in 0..<16 {
            words[index] =
                UInt32(block[4 * index]) | UInt32(block[4 * index + 1]) << 8
                | UInt32(block[4 * index + 2]) << 16 | UInt32(block[4 * index + 3]) << 24
        }
        var (a, b, c, d) = state
        for index in 0..<64 {
            let mix: UInt32
            let word: Int
            switch index >> 4 {
            case 0: (mix, word) = ((b & c) | (~b & d), index)
            case 1: (mix, word) = ((d & b) | (~d & c), (5 * index + 1) & 15)
            case 2: (mix, word) = (b ^ c ^ d, (3 * index + 5) & 15)
            default: (mix, word) = (c ^ (b | ~d), (7 * index) & 15)
            }
            let sum = a &+ mix &+ sines[index] &+ words[word]
            let shift = shifts[(index >> 4) * 4 + (index & 3)]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
    }
    return [state.0, state.1, state.2, state.3].flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    }
}

private let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

/// 2^32 times the sines of 1 to 64.
private let sines: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
    0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
    0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
    0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
    0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
    0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
    0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
    0xeb86_d391,
]

/// Cuts a message into blocks, the last padded as MD5 and the SHA family want it.
///
/// The padding is one bit, zeros, and the length in bits in the last 8 bytes (16 for blocks of
/// 128 bytes).
func forEachBlock(
    of message: UnsafeBufferPointer<UInt8>,
    byteCount: Int,
    lengthIsBigEndian: Bool,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
) {
    let whole = message.count / byteCount * byteCount
    var offset = 0
    while offset < whole {
        body(part(message, offset..<offset + byteCount))
        offset += byteCount
    }
    var tail = Array(message[whole...])
    tail.append(0x80)
    let lengthByteCount = byteCount / 8
    while (tail.count + lengthByteCount) % byteCount != 0 { tail.append(0) }
    let bits = UInt128(message.count) * 8
    for index in 0..<lengthByteCount {
        let shift = lengthIsBigEndian ? lengthByteCount - 1 - index : index
        tail.append(UInt8(truncatingIfNeeded: bits >> UInt128(8 * shift)))
    }
    tail.withUnsafeBufferPointer { padded in
        var offset = 0
        while offset < padded.count {
            body(part(padded, offset..<offset + byteCount))
            offset += byteCount
        }
    }
}
