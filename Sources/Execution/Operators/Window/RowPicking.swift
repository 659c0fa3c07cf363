import Functions
import Plans
import SQLTypes
import Vectors

// LAG, LEAD, FIRST_VALUE, LAST_VALUE and NTH_VALUE: which row each row takes its value from.
// Rows are found by position; the values are gathered afterwards, all at once.

/// No row: the value is NULL.
private let noRow = UInt32.max

/// The rows that are not NULL and, for every row, how many of them come before it.
///
/// With them the n-th value that is not NULL on either side is one look-up away.
private struct ValueRows {
    let rows = FlatArray<UInt32>()
    let before: FlatArray<UInt32>

    init(_ vector: Vector, _ batch: WindowBatch) throws(SQLError) {
        before = FlatArray(capacity: batch.count + 1)
        for row in 0..<batch.count {
            try batch.checkCancel(at: row)
            before.append(UInt32(truncatingIfNeeded: rows.count))
            if !vector.isNull(row) { rows.append(UInt32(truncatingIfNeeded: row)) }
        }
        before.append(UInt32(truncatingIfNeeded: rows.count))
    }

    /// The row of value `index`, if that lies in `range`.
    @inline(__always)
    func row(_ index: Int, in range: Range<Int>) -> UInt32 {
        guard index >= 0, index < rows.count else { return noRow }
        let row = rows.pointer[index]
        return range.contains(Int(row)) ? row : noRow
    }

    @inline(__always)
    func countBefore(_ row: Int) -> Int { Int(before.pointer[row]) }
}

/// Where LAG and LEAD look: so many rows back or on within the partition.
///
/// A negative offset looks the other way, NULL nowhere, 0 at the row itself; with IGNORE NULLS
/// only rows that have a value count.
func shiftedPositions(
    _ call: WindowSpecification.Call,
    _ arguments: [Vector],
    _ batch: WindowBatch
) throws(SQLError) -> FlatArray<UInt32> {
    let positions = FlatArray<UInt32>(capacity: batch.count)
    let offsets = arguments.count > 1 ? arguments[1] : nil
    let sign = call.function == .lag ? -1 : 1
    let values = call.ignoresNulls ? try ValueRows(arguments[0], batch) : nil
    try batch.forEachPartition { rows throws(SQLError) in
        for row in rows {
            try batch.checkCancel(at: row)
            guard offsets?.isNull(row) != true else {
                positions.append(noRow)
                continue
            }
            // No partition is longer than the bound.
            let offset = min(max(offsets?.int64Value(row) ?? 1, -1 << 40), 1 << 40)
            let distance = sign * Int(offset)
            if let values, distance != 0 {
                let from = values.countBefore(distance > 0 ? row + 1 : row)
                positions.append(
                    values.row(distance > 0 ? from + distance - 1 : from + distance, in: rows)
                )
            } else {
                let target = row + distance
                positions.append(
                    rows.contains(target) ? UInt32(truncatingIfNeeded: target) : noRow
                )
            }
        }
    }
    return positions
}

/// Where FIRST_VALUE, LAST_VALUE and NTH_VALUE look: within each row's frame.
///
/// - Throws: 22016 if an n of NTH_VALUE is not positive.
func framePositions(
    _ call: WindowSpecification.Call,
    _ arguments: [Vector],
    _ batch: WindowBatch
) throws(SQLError) -> FlatArray<UInt32> {
    let positions = FlatArray<UInt32>(capacity: batch.count)
    let values = call.ignoresNulls ? try ValueRows(arguments[0], batch) : nil
    let isLast = call.function == .lastValue
    let counts = call.function == .nthValue ? arguments[1] : nil
    var isBad = false
    try batch.forEachPartition { rows throws(SQLError) in
        for row in rows {
            try batch.checkCancel(at: row)
            if let counts {
                guard !counts.isNull(row) else {
                    positions.append(noRow)
                    continue
                }
                isBad = isBad || counts.int64Value(row) <= 0
            }
            let frame = call.frame.rows(around: row, in: rows)
            let skipped = Int(min(max(counts?.int64Value(row) ?? 1, 0), 1 << 40)) - 1
            if frame.isEmpty || skipped < 0 {
                positions.append(noRow)
            } else if let values {
                let index =
                    isLast
                    ? values.countBefore(frame.upperBound) - 1
                    : values.countBefore(frame.lowerBound) + skipped
                positions.append(values.row(index, in: frame))
            } else {
                let target = isLast ? frame.upperBound - 1 : frame.lowerBound + skipped
                positions.append(
                    frame.contains(target) ? UInt32(truncatingIfNeeded: target) : noRow
                )
            }
        }
    }
    if isBad {
        throw SQLError(
            .invalidArgumentForNthValue,
            "argument of nth_value must be greater than zero"
        )
    }
    return positions
}

extension WindowFrame {
    /// The frame of a row within its partition; empty where it lies outside.
    @inline(__always)
    func rows(around row: Int, in partition: Range<Int>) -> Range<Int> {
        let low = start.map { max(partition.lowerBound, row + $0) } ?? partition.lowerBound
        let high = end.map { min(partition.upperBound, row + $0 + 1) } ?? partition.upperBound
        return low < high ? low..<high : partition.lowerBound..<partition.lowerBound
    }
}
