import Catalogs
import Storage
import Synchronization

/// The size of a table when a VACUUM began or ended.
struct VacuumFigures: Sendable {
    /// Rows of all slices, copies and deleted ones included.
    var rowCount = 0
    /// Those in the sorted region.
    var sortedRowCount = 0
    var blockCount = 0
    var byteCount = 0
    var deletedRowCount = 0

    /// The figures of a version.
    ///
    /// - Throws: XX001 where the catalog's rows are damaged.
    init(_ version: TableVersion) throws(SQLError) {
        rowCount = try version.storedRowCount
        sortedRowCount =
            version.definition.sortKey.columns.isEmpty
            ? 0 : try version.sortedRowsPerSlice(includingDeleted: true).reduce(0, +)
        blockCount = try version.blockList().count
        byteCount = try version.byteCount
        deletedRowCount = try rowCount - version.rowsPerSlice().reduce(0, +)
    }

    /// Bytes that deleted rows take, by their share of the rows.
    var reclaimableByteCount: Int {
        rowCount == 0 ? 0 : Int(Double(byteCount) * Double(deletedRowCount) / Double(rowCount))
    }
}

/// One table's part of a VACUUM.
struct VacuumEntry: Sendable {
    /// How it ended.
    enum Outcome: Sendable {
        /// It runs.
        case running
        case finished
        case skipped
        case failed
    }

    var transaction: Int
    var table: TableID
    var tableName: String
    var work: VacuumWork
    var thresholdPercent: Int
    /// Whether rows are sorted; false for skipped ones too.
    var sorts = false
    /// Runs of extents written anew, those of them that sort, and the extents of the longest.
    var runCount = 0
    var sortedRunCount = 0
    var extentCountMost = 0
    var outcome = Outcome.running
    /// Microseconds since 2000-01-01.
    var startTime: Int64
    var endTime: Int64 = 0
    var before: VacuumFigures
    var after: VacuumFigures?
}

/// What VACUUM did in this process, and whose turn it is: one runs at a time, as in Redshift.
///
/// Kept in memory, the latest thousand tables of it.
final class VacuumLog: Sendable {
    private struct State {
        var isTaken = false
        var entries: [VacuumEntry] = []
    }

    private let state = Mutex(State())
    private static let entryCountMax = 1000

    /// Takes the turn; false where another has it.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.isTaken = true }
            return !state.isTaken
        }
    }

    /// Gives the turn up.
    func end() { state.withLock { $0.isTaken = false } }

    /// Adds a table's entry, by who has the turn.
    func add(_ entry: VacuumEntry) {
        state.withLock { state in
            if state.entries.count == Self.entryCountMax { state.entries.removeFirst() }
            state.entries.append(entry)
        }
    }

    /// Changes the latest entry, by who has the turn.
    func update(_ change: (inout VacuumEntry) -> Void) {
        state.withLock { state in
            guard let last = state.entries.indices.last else { return }
            change(&state.entries[last])
        }
    }

    /// All that is kept, in the order of time.
    var entries: [VacuumEntry] { state.withLock { $0.entries } }
}
