import SQLTypes
import Vectors

// The order of INTERLEAVED SORTKEY: rows along a z-curve through the ranks of their key columns.
//
// Each column's values are replaced by where they stand among the extent's values of that column,
// cut to as many bits as all columns have room for in one word. The bits of the columns are dealt
// out in turn, the highest first:
//
// ```
//   ranks  a = 101, b = 010      z = a2 b2 a1 b1 a0 b0 = 10 01 10
// ```
// So a run of neighbouring rows spans a small range of every column, and zone maps skip on any of
// them. Ranks instead of values make this work for skewed data; Redshift compresses its columns'
// values into such ranks when a table is loaded or reindexed.

/// The rows of an extent in the interleaved order of flat key columns, NULLs last in each.
///
/// `check` is asked every few milliseconds; what it throws is thrown on.
func interleavedPermutation(
    _ columns: [Vector],
    count: Int,
    check: StopCheck = {}
) throws(SQLError) -> [UInt32] {
    // Extents have up to 2^20 rows, so 20 bits tell all ranks apart; the sign stays clear.
    let bits = min(20, 63 / max(1, columns.count))
    var ranks: [[UInt32]] = []
    for column in columns {
        ranks.append(try rankCodes(of: column, count: count, bits: bits, check: check))
    }
    let buffer = Buffer(byteCount: max(1, count) * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
    for row in 0..<count {
        if row & 0xFFFF == 0 { try check() }
        var word: Int64 = 0
        for bit in stride(from: bits - 1, through: 0, by: -1) {
            for rank in ranks {
                word = word &<< 1 | Int64(rank[row] &>> UInt32(bit) & 1)
            }
        }
        target[row] = word
    }
    let words = Vector(
        physical: .int64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        owners: [buffer]
    )
    return try sortPermutation(
        [words],
        order: [SortOrder(ascending: true, nullsFirst: false)],
        count: count,
        check: check
    )
}

/// Per row the share of rows that stand before its value, as a number of `bits` bits.
///
/// Equal values have equal codes.
private func rankCodes(
    of column: Vector,
    count: Int,
    bits: Int,
    check: StopCheck
) throws(SQLError) -> [UInt32] {
    let order = SortOrder(ascending: true, nullsFirst: false)
    let sorted = try sortPermutation([column], order: [order], count: count, check: check)
    var codes = [UInt32](repeating: 0, count: count)
    var first = 0
    for place in 0..<count {
        if place & 0xFFFF == 0 { try check() }
        let row = Int(sorted[place])
        if compareOrdered(column, Int(sorted[first]), column, row, order) != 0 { first = place }
        codes[row] = UInt32(truncatingIfNeeded: (first << bits) / count)
    }
    return codes
}
