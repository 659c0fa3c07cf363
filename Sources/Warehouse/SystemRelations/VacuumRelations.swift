import Catalogs
import Storage

// What VACUUM did: of this process, since the warehouse was opened.

/// STL_VACUUM: when VACUUM began and ended with a table, or why it had nothing to do.
///
/// - Source: Redshift's columns and words of the same name.
let vacuumColumns: [(String, DataType)] = [
    ("userid", .integer), ("xid", .bigint), ("table_id", .integer), ("status", .char(30)),
    ("rows", .bigint), ("sortedrows", .integer), ("blocks", .integer),
    ("max_merge_partitions", .integer), ("eventtime", .timestamp), ("reclaimable_rows", .bigint),
    ("reclaimable_space_mb", .bigint), ("cutoff_xid", .bigint), ("is_recluster", .integer),
]

/// A row for what was skipped, else one for the beginning and one for the end.
let vacuumRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.vacuums.entries.flatMap { entry -> [[Datum]] in
        func row(_ status: String, _ figures: VacuumFigures, at time: Int64) -> [Datum] {
            [
                .number(recordUserID), .number(entry.transaction), .number(entry.table),
                .text(status), .number(figures.rowCount), .number(figures.sortedRowCount),
                .number(figures.blockCount), .number(entry.extentCountMost), .int64(time),
                .number(figures.deletedRowCount), .number(figures.reclaimableByteCount >> 20),
                .number(entry.transaction), .number(entry.work == .recluster ? 1 : 0),
            ]
        }
        let begun = row(entry.beginning, entry.before, at: entry.startTime)
        guard entry.outcome == .finished, let after = entry.after else { return [begun] }
        return [begun, row("Finished", after, at: entry.endTime)]
    }
}

extension VacuumEntry {
    /// What STL_VACUUM says first of a table.
    fileprivate var beginning: String {
        if outcome == .skipped {
            switch work {
            case .deleteOnly: return "Skipped (delete only)"
            case .recluster, .reindex: return "Skipped"
            case .full, .sortOnly: return "Skipped (sorted>=\(thresholdPercent)%)"
            }
        }
        switch work {
        case .full, .recluster: return sorts ? "Started" : "Started Delete Only"
        case .sortOnly: return "Started Sort Only"
        case .deleteOnly: return "Started Delete Only"
        case .reindex: return "Started Reindex"
        }
    }
}

/// SVV_VACUUM_SUMMARY: what each finished VACUUM changed.
let vacuumSummaryColumns: [(String, DataType)] = [
    ("table_name", .varchar(128)), ("xid", .bigint), ("sort_partitions", .bigint),
    ("merge_increments", .bigint), ("elapsed_time", .bigint), ("row_delta", .bigint),
    ("sortedrow_delta", .bigint), ("block_delta", .integer), ("max_merge_partitions", .integer),
]

/// One row per table; partitions are extents here, and an increment is a run of them.
let vacuumSummaryRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.vacuums.entries.compactMap { entry -> [Datum]? in
        guard entry.outcome == .finished, let after = entry.after else { return nil }
        return [
            .text(entry.tableName), .number(entry.transaction), .number(entry.sortedRunCount),
            .number(entry.runCount), .int64(entry.endTime - entry.startTime),
            .number(after.rowCount - entry.before.rowCount),
            .number(after.sortedRowCount - entry.before.sortedRowCount),
            .number(after.blockCount - entry.before.blockCount), .number(entry.extentCountMost),
        ]
    }
}

/// SVV_VACUUM_PROGRESS: how far the latest VACUUM is.
let vacuumProgressColumns: [(String, DataType)] = [
    ("table_name", .varchar(128)), ("status", .varchar(64)),
    ("time_remaining_estimate", .varchar(32)),
]

/// One row, none where there was no VACUUM yet; the time left is not estimated: NULL.
let vacuumProgressRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.vacuums.entries.suffix(1).map { entry in
        let status =
            switch entry.outcome {
            case .running: entry.sorts ? "Merge" : "Delete"
            case .finished: "Complete"
            case .skipped: "Skipped"
            case .failed: "Failed"
            }
        return [.text(entry.tableName), .text(status), .null]
    }
}
