import SQLTypes
import Vectors

// Functions that number the rows of a partition. All but ROW_NUMBER and NTILE give peers, rows
// that the ORDER BY holds equal, the same value.

/// ROW_NUMBER: 1, 2, 3 and so on.
func rowNumbers(_ batch: WindowBatch) throws(SQLError) -> Vector {
    let result = WindowResult<Int64>(.int64, count: batch.count)
    try batch.forEachPartition { rows throws(SQLError) in
        for row in rows {
            try batch.checkCancel(at: row)
            result.set(row, Int64(row &- rows.lowerBound &+ 1))
        }
    }
    return result.finish()
}

/// RANK, the number of the first peer; DENSE_RANK, which peers these are.
func ranks(_ batch: WindowBatch, isDense: Bool) throws(SQLError) -> Vector {
    let result = WindowResult<Int64>(.int64, count: batch.count)
    var group: Int64 = 0
    try forEachPeers(batch) { partition, peers throws(SQLError) in
        group = peers.lowerBound == partition.lowerBound ? 1 : group &+ 1
        let first = Int64(peers.lowerBound &- partition.lowerBound &+ 1)
        result.set(peers, isDense ? group : first)
    }
    return result.finish()
}

/// PERCENT_RANK: (rank - 1) / (rows - 1), 0 where there is one row.
func percentRanks(_ batch: WindowBatch) throws(SQLError) -> Vector {
    let result = WindowResult<Double>(.float64, count: batch.count)
    try forEachPeers(batch) { partition, peers throws(SQLError) in
        let before = Double(peers.lowerBound - partition.lowerBound)
        result.set(peers, partition.count == 1 ? 0 : before / Double(partition.count - 1))
    }
    return result.finish()
}

/// CUME_DIST: rows up to the last peer / rows.
func cumulativeShares(_ batch: WindowBatch) throws(SQLError) -> Vector {
    let result = WindowResult<Double>(.float64, count: batch.count)
    try forEachPeers(batch) { partition, peers throws(SQLError) in
        let upTo = Double(peers.upperBound - partition.lowerBound)
        result.set(peers, upTo / Double(partition.count))
    }
    return result.finish()
}

/// NTILE(n): n buckets of equally many rows; where that cannot be, the first have one more.
///
/// The number of buckets is that of the partition's first row, as in PostgreSQL.
///
/// - Throws: 22014 if it is not positive.
func buckets(_ counts: Vector, _ batch: WindowBatch) throws(SQLError) -> Vector {
    let result = WindowResult<Int64>(.int64, count: batch.count)
    try batch.forEachPartition { rows throws(SQLError) in
        guard !counts.isNull(rows.lowerBound) else { return result.setNull(rows) }
        let wanted = counts.int64Value(rows.lowerBound)
        guard wanted > 0 else {
            throw SQLError(
                .invalidArgumentForNtile,
                "argument of ntile must be greater than zero"
            )
        }
        // More buckets than rows leave some empty, and the first hold one row each.
        let bucketCount = Int(min(wanted, Int64(rows.count)))
        let (size, larger) = rows.count.quotientAndRemainder(dividingBy: bucketCount)
        var start = rows.lowerBound
        for bucket in 0..<bucketCount {
            try batch.checkCancel(at: bucket)
            let end = start + size + (bucket < larger ? 1 : 0)
            result.set(start..<end, Int64(bucket + 1))
            start = end
        }
    }
    return result.finish()
}

/// RATIO_TO_REPORT: a value's share of its partition's sum; NULL for NULL, and where the sum is 0.
func ratios(_ values: Vector, _ batch: WindowBatch) throws(SQLError) -> Vector {
    let flat = values.flattened()
    let numbers = flat.entries(as: Double.self)
    let result = WindowResult<Double>(.float64, count: batch.count)
    try batch.forEachPartition { rows throws(SQLError) in
        var sum = 0.0
        for row in rows where !flat.isNull(row) {
            try batch.checkCancel(at: row)
            sum += numbers[row]
        }
        for row in rows {
            try batch.checkCancel(at: row)
            if flat.isNull(row) || sum == 0 {
                result.setNull(row..<row + 1)
            } else {
                result.set(row, numbers[row] / sum)
            }
        }
    }
    withExtendedLifetime(flat) {}
    return result.finish()
}

/// Calls `body` with each run of peers and the partition they belong to.
@inline(__always)
private func forEachPeers(
    _ batch: WindowBatch,
    _ body: (_ partition: Range<Int>, _ peers: Range<Int>) throws(SQLError) -> Void
) throws(SQLError) {
    let starts = batch.peers.pointer
    var index = 0
    try batch.forEachPartition { rows throws(SQLError) in
        while starts[index] < rows.upperBound {
            try batch.checkCancel(at: index)
            try body(rows, starts[index]..<starts[index + 1])
            index += 1
        }
    }
}
