import SQLTypes
import Vectors

/// FARMFINGERPRINT64(text): BIGINT, the fingerprint of FarmHash.
///
/// - Source: Google FarmHash, `farmhashna::Hash64`, which never changes.
enum FarmFingerprint {
    static let all: [ScalarFunction] = [
        .strict("farmfingerprint64", [anyText], .bigint) { (call) in
            let texts = call.texts(0)
            return call.makeIntegers { row in
                texts[row].withBytes { Int64(bitPattern: fingerprint($0)) }
            }
        }
    ]

    private static let k0: UInt64 = 0xC3A5_C85C_97CB_3127
    private static let k1: UInt64 = 0xB492_B66F_BE98_F273
    private static let k2: UInt64 = 0x9AE1_6A3B_2F90_404F

    private static func fingerprint(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        switch bytes.count {
        case 0...16: short(bytes)
        case 17...32: middle(bytes)
        case 33...64: long(bytes)
        default: blocks(bytes)
        }
    }

    // MARK: Parts

    /// Eight bytes as an integer, the little end first.
    private static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }

    private static func half(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt64 {
        (0..<4).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }

    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value >> count | value << (64 - count)
    }

    private static func shiftMix(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

    private static func mix(_ first: UInt64, _ second: UInt64, _ factor: UInt64) -> UInt64 {
        let low = shiftMix((first ^ second) &* factor)
        return shiftMix((second ^ low) &* factor) &* factor
    }

    // MARK: By length

    private static func short(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        let factor = k2 &+ UInt64(count) &* 2
        if count >= 8 {
            let a = word(bytes, 0) &+ k2
            let b = word(bytes, count - 8)
            let c = rotate(b, 37) &* factor &+ a
            return mix(c, (rotate(a, 25) &+ b) &* factor, factor)
        }
        if count >= 4 {
            return mix(UInt64(count) &+ half(bytes, 0) << 3, half(bytes, count - 4), factor)
        }
        guard count > 0 else { return k2 }
        let y = UInt64(bytes[0]) &+ UInt64(bytes[count >> 1]) << 8
        let z = UInt64(count) &+ UInt64(bytes[count - 1]) << 2
        return shiftMix(y &* k2 ^ z &* k0) &* k2
    }

    private static func middle(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        let factor = k2 &+ UInt64(count) &* 2
        let a = word(bytes, 0) &* k1
        let b = word(bytes, 8)
        let c = word(bytes, count - 8) &* factor
        let d = word(bytes, count - 16) &* k2
        return mix(
            rotate(a &+ b, 43) &+ rotate(c, 30) &+ d,
            a &+ rotate(b &+ k2, 18) &+ c,
            factor
        )
    }

    private static func long(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let count = bytes.count
        let factor = k2 &+ UInt64(count) &* 2
        let a = word(bytes, 0) &* k2
        let b = word(bytes, 8)
        let c = word(bytes, count - 8) &* factor
        let d = word(bytes, count - 16) &* k2
        let y = rotate(a &+ b, 43) &+ rotate(c, 30) &+ d
        let z = mix(y, a &+ rotate(b &+ k2, 18) &+ c, factor)
        let e = word(bytes, 16) &* factor
        let f = word(bytes, 24)
        let g = (y &+ word(bytes, count - 32)) &* factor
        let h = (z &+ word(bytes, count - 24)) &* factor
        return mix(
            rotate(e &+ f, 43) &+ rotate(g, 30) &+ h,
            e &+ rotate(f &+ a, 18) &+ g,
            factor
        )
    }

    private static func blocks(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = BlockState(bytes, seed: 81)
        let last = (bytes.count - 1) & ~63
        for start in stride(from: 0, to: last, by: 64) { state.take(bytes, start) }
        return state.finish(bytes)
    }

    /// What texts of more than 64 bytes are taken into, 64 at a time.
    private struct BlockState {
        private var x: UInt64
        private var y: UInt64
        private var z: UInt64
        private var v: (UInt64, UInt64) = (0, 0)
        private var w: (UInt64, UInt64) = (0, 0)

        init(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) {
            x = seed &* k2 &+ word(bytes, 0)
            y = seed &* k1 &+ 113
            z = shiftMix(y &* k2 &+ 113) &* k2
        }

        private func weak(
            _ bytes: UnsafeBufferPointer<UInt8>,
            _ at: Int,
            _ first: UInt64,
            _ second: UInt64
        ) -> (UInt64, UInt64) {
            let a = first &+ word(bytes, at)
            let d = word(bytes, at + 24)
            let sum = a &+ word(bytes, at + 8) &+ word(bytes, at + 16)
            let b = rotate(second &+ a &+ d, 21) &+ rotate(sum, 44)
            return (sum &+ d, b &+ a)
        }

        mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) {
            mix(bytes, at, factor: k1, weight: 1)
        }

        private mutating func mix(
            _ bytes: UnsafeBufferPointer<UInt8>,
            _ at: Int,
            factor: UInt64,
            weight: UInt64
        ) {
            x = rotate(x &+ y &+ v.0 &+ word(bytes, at + 8), 37) &* factor
            y = rotate(y &+ v.1 &+ word(bytes, at + 48), 42) &* factor
            x ^= w.1 &* weight
            y = y &+ v.0 &* weight &+ word(bytes, at + 40)
            z = rotate(z &+ w.0, 33) &* factor
            v = weak(bytes, at, v.1 &* factor, x &+ w.0)
            w = weak(bytes, at + 32, z &+ w.1, y &+ word(bytes, at + 16))
            swap(&z, &x)
        }

        /// Takes the last 64 bytes, some of them once more.
        mutating func finish(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
            let factor = k1 &+ (z & 0xFF) << 1
            w.0 = w.0 &+ UInt64((bytes.count - 1) & 63)
            v.0 = v.0 &+ w.0
            w.0 = w.0 &+ v.0
            mix(bytes, bytes.count - 64, factor: factor, weight: 9)
            return FarmFingerprint.mix(
                FarmFingerprint.mix(v.0, w.0, factor) &+ shiftMix(y) &* k0 &+ z,
                FarmFingerprint.mix(v.1, w.1, factor) &+ x,
                factor
            )
        }
    }
}
