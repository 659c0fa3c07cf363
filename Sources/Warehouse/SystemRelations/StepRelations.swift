import Catalogs
import Storage

// What the steps of queries did: views over the one step log, as Redshift cuts it.

/// Rows made of the steps of each statement on record.
private func stepRows(
    where isWanted: @escaping @Sendable (StepEntry) -> Bool = { _ in true },
    _ rows: @escaping @Sendable (QueryEntry, StepEntry) -> [[Datum]]
) -> SystemRelations.Rows {
    { (context) throws(SQLError) in
        try context.warehouse.queryLog.entries().flatMap { entry in
            entry.steps.filter(isWanted).flatMap { rows(entry, $0) }
        }
    }
}

extension StepEntry {
    /// `t` where zone maps may have spared the scan rows.
    fileprivate var rangeFlag: Datum { .text(isRangeRestricted ? "t" : "f") }

    /// Whether it reads a table or what another segment left.
    fileprivate var isScan: Bool { name == "scan" }

    fileprivate func sum(_ figure: (StepSliceEntry) -> Int) -> Int {
        slices.reduce(0) { $0 + figure($1) }
    }

    /// Microseconds between begin and end of the segment on the slices, at most and on average.
    fileprivate var times: (longest: Int, average: Int) {
        let all = slices.map { $0.endTime - $0.startTime }
        return (all.max() ?? 0, all.isEmpty ? 0 : all.reduce(0, +) / all.count)
    }

    /// How far the busiest slice is from the average, in percent of it.
    fileprivate func skew(_ figure: (StepSliceEntry) -> Int) -> Int {
        let all = slices.map(figure)
        let total = all.reduce(0, +)
        guard total > 0, let most = all.max() else { return 0 }
        return (most * all.count - total) * 100 / total
    }

    fileprivate var rowsPreFilter: Datum { .number(isScan ? rowsBeforeDeletes : 0) }
}

/// SVL_QUERY_REPORT: every step on every slice.
let queryReportColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("slice", .integer), ("segment", .integer),
    ("step", .integer), ("start_time", .timestamp), ("end_time", .timestamp),
    ("elapsed_time", .bigint), ("rows", .bigint), ("bytes", .bigint), ("label", .char(256)),
    ("is_diskbased", .char(1)), ("workmem", .bigint), ("is_rrscan", .char(1)),
    ("is_delayed_scan", .char(1)), ("rows_pre_filter", .bigint),
]

/// One row per step and slice.
let queryReportRows = stepRows { entry, step in
    step.slices.map { slice in
        [
            .number(recordUserID), .number(entry.number), .number(slice.slice),
            .number(step.segment), .number(step.step), .number(slice.startTime),
            .number(slice.endTime), .number(slice.endTime - slice.startTime),
            .number(slice.rows), .number(slice.bytes), .text(step.label),
            .text(slice.spilledBytes > 0 ? "t" : "f"),
            .number(slice.memoryBytes), step.rangeFlag, .text("f"),
            .number(slice.rowsBeforeDeletes),
        ]
    }
}

/// SVL_QUERY_SUMMARY: every step over all slices.
let querySummaryColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("stm", .integer), ("seg", .integer),
    ("step", .integer), ("maxtime", .bigint), ("avgtime", .bigint), ("rows", .bigint),
    ("bytes", .bigint), ("rate_row", .doublePrecision), ("rate_byte", .doublePrecision),
    ("label", .char(256)),
    ("is_diskbased", .char(1)), ("workmem", .bigint), ("is_rrscan", .char(1)),
    ("is_delayed_scan", .char(1)), ("rows_pre_filter", .bigint),
]

/// One row per step; rates are per second of the slowest slice, NULL where it took no time.
let querySummaryRows = stepRows { entry, step in
    let times = step.times
    func rate(_ count: Int) -> Datum {
        times.longest == 0 ? .null : .float64(Double(count) * 1e6 / Double(times.longest))
    }
    return [
        [
            .number(recordUserID), .number(entry.number), .number(step.stream),
            .number(step.segment), .number(step.step), .number(times.longest),
            .number(times.average), .number(step.rows), .number(step.bytes), rate(step.rows),
            rate(step.bytes), .text(step.label),
            .text(step.sum(\.spilledBytes) > 0 ? "t" : "f"),
            .number(step.sum(\.memoryBytes)), step.rangeFlag, .text("f"), step.rowsPreFilter,
        ]
    ]
}

/// STL_SCAN: scans of tables and of what other segments left.
///
/// `type` 2 is a stored table, 3 rows kept or sent by other segments. The last six columns are ours.
let scanColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("slice", .integer), ("segment", .integer),
    ("step", .integer), ("starttime", .timestamp), ("endtime", .timestamp),
    ("tasknum", .integer), ("rows", .bigint), ("bytes", .bigint), ("fetches", .bigint),
    ("type", .integer), ("tbl", .integer), ("is_rrscan", .char(1)),
    ("is_delayed_scan", .char(1)), ("rows_pre_filter", .bigint),
    ("rows_pre_user_filter", .bigint), ("perm_table_name", .char(136)),
    ("is_rlf_scan", .char(1)), ("is_rlf_scan_reason", .integer), ("num_em_blocks", .integer),
    ("checksum", .bigint), ("runtime_filtering", .char(1)), ("scan_region", .integer),
    ("num_sortkey_as_predicate", .integer), ("row_fetcher_state", .integer),
    ("consumed_scan_ranges", .bigint), ("work_stealing_reason", .bigint),
    ("is_vectorized_scan", .char(1)), ("blocks_read", .bigint), ("blocks_skipped", .bigint),
    ("units_read", .bigint), ("units_skipped", .bigint), ("bytes_read", .bigint),
]

/// One row per scan and slice.
let scanRows = stepRows(where: { $0.isScan }) { entry, step in
    step.slices.map { slice in
        [
            .number(recordUserID), .number(entry.number), .number(slice.slice),
            .number(step.segment), .number(step.step), .number(slice.startTime),
            .number(slice.endTime), .number(0), .number(slice.rows), .number(slice.bytes),
            .number(0), .number(step.table >= 100_000 ? 2 : 3), .number(step.table),
            step.rangeFlag, .text("f"), .number(slice.rowsBeforeDeletes),
            .number(slice.rowsBeforeFilter), .text(step.tableName), .text("f"), .number(0),
            .number(0), .number(0), .text("f"), .number(0), .number(0), .number(0),
            .number(0), .number(0), .text("t"), .number(slice.blocksRead),
            .number(slice.blocksSkipped), .number(slice.unitsRead),
            .number(slice.unitsSkipped), .number(slice.bytesRead),
        ]
    }
}

/// STL_DIST and STL_BCAST: rows that steps gave to other slices, or each node a copy of.
///
/// The last two columns are ours.
let motionColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("slice", .integer), ("segment", .integer),
    ("step", .integer), ("starttime", .timestamp), ("endtime", .timestamp),
    ("tasknum", .integer), ("rows", .bigint), ("bytes", .bigint), ("packets", .integer),
    ("rows_moved", .bigint), ("bytes_moved", .bigint),
]

/// One row per redistribution and slice.
let distRows = stepRows(where: { $0.name == "dist" }, motionRows)

/// One row per broadcast and slice.
let broadcastRows = stepRows(where: { $0.name == "bcast" }, motionRows)

@Sendable private func motionRows(_ entry: QueryEntry, _ step: StepEntry) -> [[Datum]] {
    step.slices.map { slice in
        [
            .number(recordUserID), .number(entry.number), .number(slice.slice),
            .number(step.segment), .number(step.step), .number(slice.startTime),
            .number(slice.endTime), .number(0), .number(slice.rows), .number(slice.bytes),
            .number(0), .number(slice.rowsMoved), .number(slice.bytesMoved),
        ]
    }
}

/// STL_STREAM_SEGS: which segments run together.
let streamSegmentColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("stream", .integer), ("segment", .integer),
]

/// One row per segment.
let streamSegmentRows = stepRows(where: { $0.step == 0 }) { entry, step in
    [
        [
            .number(recordUserID), .number(entry.number), .number(step.stream),
            .number(step.segment),
        ]
    ]
}

/// SYS_QUERY_DETAIL: every step over all slices, with alerts and plan nodes.
let queryDetailColumns: [(String, DataType)] = [
    ("user_id", .integer), ("query_id", .bigint), ("child_query_sequence", .integer),
    ("stream_id", .integer), ("segment_id", .integer), ("step_id", .integer),
    ("step_name", .varchar(64)), ("table_id", .integer), ("table_name", .char(136)),
    ("is_rrscan", .char(1)), ("start_time", .timestamp), ("end_time", .timestamp),
    ("duration", .bigint), ("alert", .varchar(2048)), ("input_bytes", .bigint),
    ("input_rows", .bigint), ("output_bytes", .bigint), ("output_rows", .bigint),
    ("blocks_read", .bigint), ("blocks_write", .bigint), ("local_read_io", .bigint),
    ("remote_read_io", .bigint), ("source", .varchar(64)), ("data_skewness", .integer),
    ("time_skewness", .integer), ("is_active", .char(1)),
    ("spilled_block_local_disk", .bigint), ("spilled_block_remote_disk", .bigint),
    ("step_attribute", .char(64)), ("metrics_level", .char(64)), ("plan_parent_id", .integer),
    ("plan_node_id", .integer),
]

/// One row per step; a step's input is the output of the one before, a scan's what it read; blocks
/// spilled are those of 1 MiB that what was written would fill.
let queryDetailRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.queryLog.entries().flatMap { entry in
        let parents = Dictionary(
            entry.nodes.map { ($0.id, $0.parent) },
            uniquingKeysWith: { first, _ in first }
        )
        return entry.steps.enumerated().map { place, step -> [Datum] in
            let before = step.step == 0 ? nil : entry.steps[place - 1]
            let start = step.slices.map(\.startTime).min() ?? entry.startTime
            let end = step.slices.map(\.endTime).max() ?? start
            let alerts = entry.alerts.filter {
                $0.segment == step.segment && $0.step == step.step
            }
            return [
                .number(recordUserID), .number(entry.number), .number(1),
                .number(step.stream), .number(step.segment), .number(step.step),
                .text(step.longName), .number(step.table), .text(step.tableName),
                step.rangeFlag, .number(start), .number(end), .number(end - start),
                .text(alerts.map { "\($0.event) - \($0.solution)" }.joined(separator: "; ")),
                .number(before?.bytes ?? step.bytes),
                .number(before?.rows ?? step.rowsBeforeFilter), .number(step.bytes),
                .number(step.rows), .number(step.sum(\.blocksRead)), .number(0),
                .number(step.sum(\.blocksRead)), .number(0), .text(""),
                .number(step.skew(\.rows)), .number(step.skew(\.workTime)), .text("f"),
                .number((step.sum(\.spilledBytes) + (1 << 20) - 1) >> 20), .number(0), .text(""),
                .text("step"),
                .number(parents[step.node] ?? 0), .number(step.node),
            ]
        }
    }
}

extension StepEntry {
    /// The word that SYS_QUERY_DETAIL has for it.
    fileprivate var longName: String {
        switch name {
        case "hjoin": "hashjoin"
        case "nloop": "nestloop"
        case "aggr": "aggregate"
        case "dist": "distribute"
        case "bcast": "broadcast"
        default: name
        }
    }
}
