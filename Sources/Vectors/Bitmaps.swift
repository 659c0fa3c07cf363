import CKernels
import SQLTypes

// Rows as bits: bit r of word r / 64; spare bits of the last word are clear.

/// Writes the numbers of the set bits to `into`, ascending, and returns how many.
///
/// `into` has room for `rowCount` positions.
package func positions(
    of bitmap: UnsafePointer<UInt64>,
    rowCount: Int,
    into: UnsafeMutablePointer<UInt16>
) -> Int {
    var found = 0
    let table = BytePositions.table.pointer.assumingMemoryBound(to: SIMD8<UInt16>.self)
    for word in 0..<(rowCount + 63) >> 6 {
        var bits = bitmap[word]
        let first = UInt16(truncatingIfNeeded: word &<< 6)
        if bits == .max {
            for lane in 0..<64 { into[found &+ lane] = first &+ UInt16(truncatingIfNeeded: lane) }
            found &+= 64
        } else if bits.nonzeroBitCount > 10 && (word &+ 1) &<< 6 <= rowCount {
            // Eight positions are stored at a time; found is at most the byte's first row, so
            // the store stays within rowCount.
            for byte in 0..<8 {
                let eight = Int(truncatingIfNeeded: bits & 0xFF)
                let rows = table[eight] &+ (first &+ UInt16(truncatingIfNeeded: byte &<< 3))
                UnsafeMutableRawPointer(into + found).storeBytes(of: rows, as: SIMD8<UInt16>.self)
                found &+= eight.nonzeroBitCount
                bits &>>= 8
            }
        } else {
            while bits != 0 {
                into[found] = first &+ UInt16(truncatingIfNeeded: bits.trailingZeroBitCount)
                found &+= 1
                bits &= bits &- 1
            }
        }
    }
    return found
}

/// How many bits are set among the first `rowCount`.
package func bitmapCount(_ bitmap: UnsafePointer<UInt64>, rowCount: Int) -> Int {
    var total = 0
    for word in 0..<(rowCount + 63) >> 6 { total &+= bitmap[word].nonzeroBitCount }
    return total
}

extension Vector {
    /// Rows of a bool vector that are true and not NULL.
    package func trueBits() -> [UInt64] {
        if isConstant {
            let isTrue = !isNull(0) && data.load(as: UInt8.self) != 0
            return isTrue
                ? Self.allValid(count) : [UInt64](repeating: 0, count: (count + 63) >> 6)
        }
        let source = flattened()
        var words = [UInt64](repeating: 0, count: (count + 63) >> 6)
        withExtendedLifetime(source) {
            for word in words.indices { words[word] = sk_bits(source.data + word &<< 6) }
        }
        clearSpareBits(&words, count: count)
        if let validity {
            for word in words.indices { words[word] &= validity[word] }
        }
        return words
    }

    /// A flat bool vector that is true where a bit is set.
    package static func bool(bits: [UInt64], validity: [UInt64]?, count: Int) -> Vector {
        let buffer = Buffer(byteCount: bits.count * 64)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        for word in bits.indices {
            var rest = bits[word]
            for byte in 0..<8 {
                // One bit to one byte: 2^i stays in byte i, then any set bit carries into bit 7.
                let spread = (rest & 0xFF) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
                target[word &<< 3 &+ byte] =
                    (spread &+ 0x7F7F_7F7F_7F7F_7F7F) &>> 7 & 0x0101_0101_0101_0101
                rest &>>= 8
            }
        }
        var known = validity
        if let words = validity, words == allValid(count) { known = nil }
        return Vector(
            physical: .bool,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: known,
            owners: [buffer]
        )
    }
}

/// For each byte, the numbers of its set bits, ascending, in eight lanes.
private enum BytePositions {
    static let table: Buffer = {
        let buffer = Buffer(byteCount: 256 * 16)
        let lanes = buffer.pointer.assumingMemoryBound(to: UInt16.self)
        for byte in 0..<256 {
            var found = 0
            for bit in 0..<8 where byte >> bit & 1 == 1 {
                lanes[byte * 8 + found] = UInt16(bit)
                found += 1
            }
            for lane in found..<8 { lanes[byte * 8 + lane] = 0 }
        }
        return buffer
    }()
}

/// What two operands' NULLs leave of a result.
enum CombinedValidity {
    /// No row is NULL.
    case all
    /// Every row is NULL.
    case none
    /// Rows whose bit is set are not NULL.
    case some([UInt64])

    /// Rows that are NULL in neither.
    init(_ left: Vector, _ right: Vector) {
        if left.isNullConstant || right.isNullConstant {
            self = .none
            return
        }
        switch (left.isConstant ? nil : left.validity, right.isConstant ? nil : right.validity) {
        case (nil, nil): self = .all
        case (let bits?, nil), (nil, let bits?): self = .some(bits)
        case (let first?, let second?):
            var both = first
            for word in both.indices { both[word] &= second[word] }
            self = .some(both)
        }
    }

    /// The bits for a vector's validity of `count` rows.
    func words(count: Int) -> [UInt64]? {
        switch self {
        case .all: nil
        case .none: [UInt64](repeating: 0, count: (count + 63) >> 6)
        case .some(let bits): bits
        }
    }

    /// Clears the bits of NULL rows.
    func mask(_ bits: inout [UInt64]) {
        switch self {
        case .all: return
        case .none: for word in bits.indices { bits[word] = 0 }
        case .some(let valid): for word in bits.indices { bits[word] &= valid[word] }
        }
    }
}
