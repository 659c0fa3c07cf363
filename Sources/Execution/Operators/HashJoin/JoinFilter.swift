import SQLTypes
import Storage
import Vectors

/// What a build side's integer keys allow a scan to leave out, published while the query runs.
///
/// A bitmap over the keys' range where that is small, else a Bloom filter whose every key sets
/// three bits of one word. Never leaves out a row that joins.
final class JoinFilter: RuntimeFilter, @unchecked Sendable {  // Written in shares, then read only.
    let bounds: ClosedRange<Int64>?
    private let words: Buffer
    private let wordCount: Int
    private let isBitmap: Bool
    private let shift: UInt64

    /// Makes an empty filter for that many keys within `bounds`; nil bounds mean no keys.
    init(bounds: ClosedRange<Int64>?, rowCount: Int) {
        self.bounds = bounds
        (wordCount, isBitmap, shift) = Self.shape(bounds, rowCount)
        words = Buffer(byteCount: wordCount * 8)
    }

    /// Bytes of such a filter.
    static func byteCount(bounds: ClosedRange<Int64>?, rowCount: Int) -> Int {
        shape(bounds, rowCount).wordCount * 8
    }

    private static func shape(
        _ bounds: ClosedRange<Int64>?,
        _ rowCount: Int
    ) -> (wordCount: Int, isBitmap: Bool, shift: UInt64) {
        let least = bounds?.lowerBound ?? 0
        let (span, overflow) = (bounds?.upperBound ?? 0).subtractingReportingOverflow(least)
        // 64 bits a row, or 32 KiB whatever the rows.
        if !overflow && span < Int64(64 * rowCount + 1 << 18) {
            return (Int(span >> 6) + 1, true, 0)
        }
        var bits: UInt64 = 6
        // Sixteen bits a key.
        while (1 << Int(bits)) * 4 < rowCount { bits += 1 }
        return (1 << Int(bits), false, 64 - bits)
    }

    /// Sets the bits of one share of the words from all keys: of each column the rows named.
    ///
    /// `check` is asked every 65,536 keys and may throw.
    func fill(
        from keys: [(column: Vector, rows: [Range<Int>])],
        share: Int,
        of count: Int,
        check: StopCheck
    ) throws(SQLError) {
        let low = share * wordCount / count
        let high = (share + 1) * wordCount / count
        let words = words.pointer.assumingMemoryBound(to: UInt64.self)
        for start in stride(from: low, to: high, by: bytesPerStopCheck / 8) {
            try check()
            (words + start).update(repeating: 0, count: min(high - start, bytesPerStopCheck / 8))
        }
        guard let bounds else { return }
        for (column, rows) in keys {
            for range in rows {
                for start in stride(
                    from: range.lowerBound,
                    to: range.upperBound,
                    by: rowsPerStopCheck
                ) {
                    try check()
                    let end = min(range.upperBound, start + rowsPerStopCheck)
                    setBits(of: column, start..<end, low..<high, least: bounds.lowerBound)
                }
            }
        }
    }

    private func setBits(
        of column: Vector,
        _ rows: Range<Int>,
        _ share: Range<Int>,
        least: Int64
    ) {
        let words = words.pointer.assumingMemoryBound(to: UInt64.self)
        let values = column.entries(as: Int64.self)
        let validity = column.validity
        let (low, high) = (share.lowerBound, share.upperBound)
        for row in rows {
            if let validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
            let word: Int
            let bits: UInt64
            if isBitmap {
                let offset = UInt64(bitPattern: values[row] &- least)
                word = Int(truncatingIfNeeded: offset &>> 6)
                bits = 1 &<< (offset & 63)
            } else {
                let hash = bloomHash(values[row])
                word = Int(truncatingIfNeeded: hash &>> shift)
                bits = bloomBits(hash)
            }
            if word >= low && word < high { words[word] |= bits }
        }
    }

    /// Clears the bits of rows whose key is NULL or surely not among the build keys.
    func restrict(_ keys: Vector, count: Int, bits: UnsafeMutablePointer<UInt64>) {
        let wordsOfRows = (count + 63) >> 6
        guard let bounds else { return bits.update(repeating: 0, count: wordsOfRows) }
        let flat = keys.flattened()
        let values = flat.entries(as: Int64.self)
        for word in 0..<wordsOfRows where bits[word] != 0 {
            let first = word &<< 6
            let rows = min(64, count &- first)
            let open = bits[word]
            if open.nonzeroBitCount > 16 {
                var mask: UInt64 = 0
                for row in 0..<rows {
                    mask |= found(values[first &+ row], bounds.lowerBound) &<< UInt64(row)
                }
                bits[word] = open & mask
            } else {
                var rest = open
                var mask: UInt64 = 0
                while rest != 0 {
                    let row = rest.trailingZeroBitCount
                    mask |= found(values[first &+ row], bounds.lowerBound) &<< UInt64(row)
                    rest &= rest &- 1
                }
                bits[word] = mask
            }
            if let validity = flat.validity { bits[word] &= validity[word] }
        }
    }

    /// 1 if the key may be among the build keys.
    @inline(__always)
    private func found(_ key: Int64, _ least: Int64) -> UInt64 {
        let words = words.pointer.assumingMemoryBound(to: UInt64.self)
        if isBitmap {
            let offset = UInt64(bitPattern: key &- least)
            let word = Int(truncatingIfNeeded: offset &>> 6)
            if offset &>> 6 >= UInt64(wordCount) { return 0 }
            return words[word] &>> (offset & 63) & 1
        }
        let hash = bloomHash(key)
        let bits = bloomBits(hash)
        return words[Int(truncatingIfNeeded: hash &>> shift)] & bits == bits ? 1 : 0
    }
}

@inline(__always)
private func bloomHash(_ key: Int64) -> UInt64 {
    var hash = UInt64(bitPattern: key) &* 0xBF58_476D_1CE4_E5B9
    hash ^= hash &>> 31
    return hash &* 0x94D0_49BB_1331_11EB
}

/// Three of a word's bits, from bits of the hash that do not choose the word.
@inline(__always)
private func bloomBits(_ hash: UInt64) -> UInt64 {
    let mixed = hash ^ hash &>> 29
    return 1 &<< (mixed & 63) | 1 &<< (mixed &>> 6 & 63) | 1 &<< (mixed &>> 12 & 63)
}
