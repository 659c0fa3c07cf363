import Catalogs
import Execution
import Storage
import Synchronization

/// What the scans of the newest queries read and skipped: SVL_SCAN_UNITS shows it.
///
/// Kept in memory for the life of the process, the newest queries only.
final class ScanHistory: Sendable {
    /// One scan of one table on one slice.
    struct Entry: Sendable {
        var query: Int
        var segment: Int
        var slice: Int
        var table: TableID
        var tableName: String
        var rowsScanned: Int
        var rowsPassed: Int
        var blocksRead: Int
        var blocksSkipped: Int
        var unitsRead: Int
        var unitsSkipped: Int
    }

    private static let entryCountMax = 4096
    private let entries = Mutex<[Entry]>([])

    /// The entries, oldest first.
    var all: [Entry] { entries.withLock { $0 } }

    /// Adds the scans of a finished query.
    func note(_ query: Int, record: RunRecord, tables: [TableID: TableDefinition]) {
        let new = record.scans.map { scan in
            Entry(
                query: query,
                segment: scan.segment,
                slice: scan.slice,
                table: scan.table,
                tableName: tables[scan.table]?.name ?? "",
                rowsScanned: scan.counters.rowsScanned,
                rowsPassed: scan.counters.rowsPassed,
                blocksRead: scan.counters.blocksRead,
                blocksSkipped: scan.counters.blocksSkipped,
                unitsRead: scan.counters.unitsRead,
                unitsSkipped: scan.counters.unitsSkipped
            )
        }
        guard !new.isEmpty else { return }
        entries.withLock { entries in
            entries += new
            if entries.count > Self.entryCountMax {
                entries.removeFirst(entries.count - Self.entryCountMax)
            }
        }
    }
}

/// SVL_SCAN_UNITS, a relation of ours: what each scan read and what its zone maps spared it.
let scanUnitColumns: [(String, DataType)] = [
    ("query", .integer), ("segment", .integer), ("slice", .integer), ("tbl", .integer),
    ("table_name", .varchar(128)), ("rows_scanned", .bigint), ("rows_passed", .bigint),
    ("blocks_read", .bigint), ("blocks_skipped", .bigint), ("units_read", .bigint),
    ("units_skipped", .bigint),
]

/// One row per scan, slice and query of this process, newest queries only.
let scanUnitRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.scanHistory.all.map { entry in
        [
            .number(entry.query), .number(entry.segment), .number(entry.slice),
            .number(entry.table), .text(entry.tableName), .number(entry.rowsScanned),
            .number(entry.rowsPassed), .number(entry.blocksRead), .number(entry.blocksSkipped),
            .number(entry.unitsRead), .number(entry.unitsSkipped),
        ]
    }
}
