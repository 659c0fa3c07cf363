import Catalogs
import Plans
import SQLTypes
import Storage
import Vectors

/// Stores rows in a table on this slice.
///
/// A NULL in a NOT NULL column is 23502.
final class InsertSink: SinkRun {
    private let table: TableDefinition
    private let run: SegmentRun
    private var writer: ExtentWriter?
    private var rowCount = 0

    init(table: TableDefinition, run: SegmentRun) {
        self.table = table
        self.run = run
    }

    func push(_ chunk: Chunk) throws(SQLError) {
        for (column, vector) in zip(table.columns, chunk.columns) where column.isNotNull {
            try checkNotNull(vector, column)
        }
        let writer = try openWriter()
        try writer.append(chunk)
        rowCount += chunk.count
    }

    func finish() throws(SQLError) -> Bool {
        if let writer {
            let extents = try writer.finish()
            run.query.addInserted(extents, rowCount: rowCount, to: table.id)
        }
        writer = nil
        return true
    }

    private func openWriter() throws(SQLError) -> ExtentWriter {
        if let writer { return writer }
        guard let transaction = run.query.context.transaction else {
            throw SQLError.invariant("an insert runs without a transaction")
        }
        let opened = transaction.makeWriter(
            table: table,
            slice: run.slice,
            check: run.query.stopSignal.check
        )
        writer = opened
        return opened
    }

    private func checkNotNull(_ vector: Vector, _ column: ColumnDefinition) throws(SQLError) {
        guard let validity = vector.validity else { return }
        let hasNull =
            vector.isConstant
            ? vector.count > 0 && vector.isNull(0)
            : bitmapCount(validity, rowCount: vector.count) < vector.count
        if hasNull {
            throw SQLError(
                .notNullViolation,
                "Cannot insert a NULL value into column \(column.name)"
            )
        }
    }
}

/// Notes rows for deletion by their last two columns, address and slice; hands the columns before
/// them to `forward` where the rows are replaced.
final class DeleteSink: SinkRun {
    private let table: TableID
    private let run: SegmentRun
    private let forward: ExchangeSink?
    private var addresses: [[RowAddress]]

    init(table: TableID, run: SegmentRun, forward: ExchangeSink? = nil) {
        self.table = table
        self.run = run
        self.forward = forward
        addresses = [[RowAddress]](repeating: [], count: run.query.shape.sliceCount)
    }

    var isReady: Bool { forward?.isReady ?? true }

    func push(_ chunk: Chunk) throws(SQLError) {
        guard chunk.columns.count >= 2 else {
            throw SQLError.invariant("rows to delete come without their addresses")
        }
        let kept = chunk.columns.count - 2
        let (address, slice) = (chunk.columns[kept], chunk.columns[kept + 1])
        for row in 0..<chunk.count where !address.isNull(row) {
            addresses[Int(slice.int64Value(row))].append(address.int64Value(row))
        }
        if let forward {
            try forward.push(Chunk(count: chunk.count, columns: Array(chunk.columns[..<kept])))
        }
    }

    func finish() throws(SQLError) -> Bool {
        if try forward?.finish() == false { return false }
        let deleted = addresses.indices.filter { !addresses[$0].isEmpty }.map {
            DeletedRows(slice: $0, addresses: addresses[$0])
        }
        run.query.addDeleted(deleted, from: table)
        return true
    }

    func fill(_ record: inout SegmentRecord) { forward?.fill(&record) }
}

/// Takes rows to nowhere: behind probes that only note what they match.
final class DiscardSink: SinkRun {
    func push(_ chunk: Chunk) throws(SQLError) {}
    func finish() throws(SQLError) -> Bool { true }
}
