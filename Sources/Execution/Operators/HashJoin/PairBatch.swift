import Plans
import SQLTypes
import Vectors

/// Pairs of probe rows and build rows, at most a chunk of them, and the tests that drop some.
///
/// Whoever joins writes candidates into `rows` and `matches`, sets `count`, and keeps what passes.
final class PairBatch {
    /// The probe row and the build row of each pair.
    let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    let matches = FlatArray<UInt32>(capacity: chunkRowCountMax)
    var count = 0

    private let table: JoinTable
    private let probeCount: Int
    private let columnsRead: Set<Int>

    /// `columnsRead` are the positions, among probe columns then build columns, that the
    /// expressions over pairs read.
    init(_ specification: JoinSpecification, table: JoinTable, columnsRead: Set<Int>) {
        self.table = table
        probeCount = specification.probeTypes.count
        self.columnsRead = columnsRead
    }

    /// Keeps the pairs whose bits are set.
    func keep(_ bits: [UInt64]) {
        let (row, match) = (rows.pointer, matches.pointer)
        var kept = 0
        for pair in 0..<count {
            row[kept] = row[pair]
            match[kept] = match[pair]
            kept &+= Int(truncatingIfNeeded: bits[pair >> 6] >> UInt64(pair & 63) & 1)
        }
        count = kept
    }

    /// Keeps the pairs whose keys are equal: candidates have equal hashes only.
    func keepEqualKeys(_ chunk: Chunk) {
        for (probe, build) in zip(table.layout.probe, table.layout.build) where count > 0 {
            keep(
                compareBits(
                    .equal,
                    chunk.columns[probe].gather(rows.pointer, count: count),
                    table.columns[build].gather(matches.pointer, count: count),
                    count: count
                )
            )
        }
    }

    /// Keeps the pairs for which a condition is true; all where there is none.
    func keep(where condition: ExpressionEvaluator?, _ chunk: Chunk) throws(SQLError) {
        guard let condition, count > 0 else { return }
        keep(try condition.trueBits(pairs(of: chunk)))
    }

    /// The pairs as a chunk of probe columns then build columns; those that no expression reads
    /// are NULL.
    func pairs(of chunk: Chunk) -> Chunk {
        var columns: [Vector] = []
        columns.reserveCapacity(probeCount + table.columns.count)
        for (position, column) in chunk.columns.enumerated() {
            columns.append(
                columnsRead.contains(position)
                    ? column.gather(rows.pointer, count: count)
                    : .nulls(physical: column.physical, count: count)
            )
        }
        for (position, column) in table.columns.enumerated() {
            columns.append(
                columnsRead.contains(probeCount + position)
                    ? column.gather(matches.pointer, count: count)
                    : .nulls(physical: column.physical, count: count)
            )
        }
        return Chunk(count: count, columns: columns)
    }
}
