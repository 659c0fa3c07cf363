import CKernels
import SQLTypes
import Vectors

/// The distinct values of a column of an extent, and each row's code, in order of appearance.
struct ValueDictionary {
    /// A code per row; rows that are NULL have code 0.
    var codes: [UInt32]
    /// The row where each value appears first.
    var firstRows: [Int]
    /// Bytes the values take in a block's dictionary, each.
    var byteCounts: [Int]

    /// The values of all codes.
    var count: Int { firstRows.count }

    /// The most values a block's dictionary can hold.
    static let countMax = 65_536
    /// The longest string that goes into a dictionary: 2,048 of them fit in a block.
    static let stringByteCountMax = 256

    /// Makes the dictionary of a flat vector; nil where it would not pay.
    ///
    /// Gives up when there are over `countMax` values, when a string is too long, or where
    /// `isEager` is false when after 8,192 rows or later over half of the rows are new values.
    ///
    /// `check` is asked every few milliseconds and may throw.
    init?(_ vector: Vector, isEager: Bool, _ check: StopCheck = {}) throws(SQLError) {
        var table = DistinctTable()
        codes = [UInt32](repeating: 0, count: vector.count)
        firstRows = []
        byteCounts = []
        var start = 0
        while start < vector.count {
            try check()
            let end = min(vector.count, start + rowsPerStopCheck)
            guard number(vector, start..<end, isEager, &table) else { return nil }
            start = end
        }
        if firstRows.isEmpty { return nil }
    }

    /// Numbers the values of some rows; false where a dictionary does not pay.
    private mutating func number(
        _ vector: Vector,
        _ rows: Range<Int>,
        _ isEager: Bool,
        _ table: inout DistinctTable
    ) -> Bool {
        for row in rows where !vector.isNull(row) {
            let hash: UInt64
            switch vector.physical {
            case .string:
                let view = vector.entries(as: StringView.self)[row]
                if view.count > Self.stringByteCountMax { return false }
                hash = hashBytes(view)
            default:
                hash = hashWord(word(of: vector, row))
            }
            let code = table.code(hash: hash) { candidate in
                isSame(vector, row, firstRows[candidate])
            }
            if code == firstRows.count {
                if code == Self.countMax { return false }
                firstRows.append(row)
                let isString = vector.physical == .string
                byteCounts.append(
                    isString
                        ? 4 + vector.entries(as: StringView.self)[row].count
                        : vector.physical.stride
                )
                if !isEager && code > 4096 && row >= 8192 && code > row / 2 { return false }
            }
            codes[row] = UInt32(truncatingIfNeeded: code)
        }
        return true
    }
}

/// A number that tells two values of up to 8 bytes apart, a hash of wider ones.
@inline(__always)
private func word(of vector: Vector, _ row: Int) -> UInt64 {
    switch vector.physical {
    case .bool: return UInt64(vector.entries(as: UInt8.self)[row])
    case .int128:
        let value = vector.entries(as: Int128.self)[row]
        return UInt64(truncatingIfNeeded: value)
            ^ hashWord(UInt64(truncatingIfNeeded: value >> 64))
    default: return vector.entries(as: UInt64.self)[row]
    }
}

@inline(__always)
private func isSame(_ vector: Vector, _ left: Int, _ right: Int) -> Bool {
    switch vector.physical {
    case .string:
        let views = vector.entries(as: StringView.self)
        let (a, b) = (views[left], views[right])
        if a.head != b.head { return false }
        if a.isInline { return a.tail == b.tail }
        guard let first = a.longBytes, let second = b.longBytes else { return false }
        return UnsafeRawBufferPointer(start: first, count: a.count)
            .elementsEqual(UnsafeRawBufferPointer(start: second, count: b.count))
    case .int128:
        let values = vector.entries(as: Int128.self)
        return values[left] == values[right]
    default: return word(of: vector, left) == word(of: vector, right)
    }
}

/// Mixes a word into a hash all of whose bits are good.
@inline(__always)
func hashWord(_ word: UInt64) -> UInt64 {
    var hash = word &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash &>> 32
    hash = hash &* 0xD6E8_FEB8_6659_FD93
    return hash ^ hash &>> 29
}

/// The hash of a string's bytes.
@inline(__always)
func hashBytes(_ view: StringView) -> UInt64 {
    if view.isInline { return hashWord(view.head ^ hashWord(view.tail)) }
    return sk_xxh3(view.longBytes, view.count, 0)
}

/// An open-addressing table from hashes to codes 0, 1, 2, ….
private struct DistinctTable {
    // A slot holds the code plus one in its low 32 bits and the hash's high 32 above; 0 is free.
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var count = 0

    /// The code of the value with this hash, a new one if `isMatch` takes none of the candidates.
    @inline(__always)
    mutating func code(hash: UInt64, isMatch: (Int) -> Bool) -> Int {
        if count * 2 >= slots.count { grow() }
        let mask = UInt64(slots.count - 1)
        let tag = hash & 0xFFFF_FFFF_0000_0000
        var index = hash & mask
        while true {
            let slot = slots[Int(index)]
            if slot == 0 { break }
            if slot & 0xFFFF_FFFF_0000_0000 == tag {
                let code = Int(slot & 0xFFFF_FFFF) - 1
                if isMatch(code) { return code }
            }
            index = (index &+ 1) & mask
        }
        slots[Int(index)] = tag | UInt64(count + 1)
        lowBits.append(UInt32(truncatingIfNeeded: hash))
        count += 1
        return count - 1
    }

    // The hash's low half per code, for growing.
    private var lowBits: [UInt32] = []

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 4)
        let mask = UInt64(larger.count - 1)
        for slot in slots where slot != 0 {
            let low = UInt64(lowBits[Int(slot & 0xFFFF_FFFF) - 1])
            var index = (slot & 0xFFFF_FFFF_0000_0000 | low) & mask
            while larger[Int(index)] != 0 { index = (index &+ 1) & mask }
            larger[Int(index)] = slot
        }
        slots = larger
    }
}
