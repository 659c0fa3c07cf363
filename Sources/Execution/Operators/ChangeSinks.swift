import Catalogs
import Plans
import SQLTypes
import Storage
import Vectors

/// Stores rows in a table on this slice.
///
/// A NULL in a NOT NULL column is 23502, a character of several bytes in a CHAR column 22021.
final class InsertSink: SinkRun {
    private let table: TableDefinition
    private let checks: ColumnChecks
    private let run: SegmentRun
    private var writer: ExtentWriter?
    private var rowCount = 0

    init(table: TableDefinition, run: SegmentRun) {
        self.table = table
        self.run = run
        checks = ColumnChecks(table)
    }

    func push(_ chunk: Chunk) throws(SQLError) {
        try checks.check(chunk)
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
            byteCountMax: run.query.budgets[run.slice].extentByteCountMax,
            check: run.query.stopSignal.check
        )
        writer = opened
        return opened
    }
}

/// Notes rows for deletion by their last two columns, address and slice; hands the columns before
/// them to `forward`: of all rows where they are replaced, else of those without an address.
final class DeleteSink: SinkRun {
    private let table: TableID
    private let run: SegmentRun
    private let forward: ExchangeSink?
    private let forwardsDeleted: Bool
    private var addresses: [[RowAddress]]

    init(
        table: TableID,
        run: SegmentRun,
        forward: ExchangeSink? = nil,
        forwardsDeleted: Bool = true
    ) {
        self.forwardsDeleted = forwardsDeleted
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
        guard let forward else { return }
        let rows = Chunk(count: chunk.count, columns: Array(chunk.columns[..<kept]))
        if forwardsDeleted {
            try forward.push(rows)
        } else if let added = withoutAddress(rows, address) {
            try forward.push(added)
        }
    }

    /// The rows that are not deleted; nil where there are none.
    private func withoutAddress(_ rows: Chunk, _ address: Vector) -> Chunk? {
        var positions: [UInt16] = []
        positions.reserveCapacity(rows.count)
        for row in 0..<rows.count where address.isNull(row) {
            positions.append(UInt16(truncatingIfNeeded: row))
        }
        if positions.isEmpty { return nil }
        if positions.count == rows.count { return rows }
        let all = Array(rows.columns.indices)
        return positions.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { rows.gather($0, count: buffer.count, only: all) }
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
