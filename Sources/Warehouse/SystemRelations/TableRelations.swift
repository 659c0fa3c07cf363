import Catalogs
import Storage

/// STV_TBL_PERM: rows of each table on each slice, deleted ones too while they take room.
let tablePermanentColumns: [(String, DataType)] = [
    ("slice", .integer), ("id", .integer), ("name", .char(72)), ("rows", .bigint),
    ("sorted_rows", .bigint), ("temp", .integer), ("db_id", .integer),
    ("insert_pristine", .integer), ("delete_pristine", .integer), ("backup", .integer),
    ("dist_style", .integer), ("block_count", .integer),
]

/// One row per table and slice; a DISTSTYLE ALL table has rows on the first slice of each node.
let tablePermanentRows: SystemRelations.Rows = { (context) throws(SQLError) in
    var rows: [[Datum]] = []
    for table in context.tables {
        guard let version = context.snapshot.tableVersion(table.id) else { continue }
        var blockCounts = [Int](repeating: 0, count: context.snapshot.shape.sliceCount)
        for block in try version.blockList() { blockCounts[block.slice] += 1 }
        let stored = try version.rowsPerSlice(includingDeleted: true)
        let sorted = try version.sortedRowsPerSlice(includingDeleted: true)
        for slice in stored.indices {
            rows.append([
                .number(slice), .number(table.id), .text(table.name), .number(stored[slice]),
                .number(sorted[slice]), .number(table.isTemporary ? 1 : 0), .number(1),
                .number(0), .number(0), .number(1), .number(table.styleNumber),
                .number(blockCounts[slice]),
            ])
        }
    }
    return rows
}

/// STV_BLOCKLIST: every block with its zone map.
let blockListColumns: [(String, DataType)] = [
    ("slice", .integer), ("col", .integer), ("tbl", .integer), ("blocknum", .integer),
    ("num_values", .integer), ("extended_limits", .integer), ("minvalue", .bigint),
    ("maxvalue", .bigint), ("sb_pos", .integer), ("pinned", .integer), ("on_disk", .integer),
    ("modified", .integer), ("hdr_modified", .integer), ("unsorted", .integer),
    ("tombstone", .integer), ("preferred_diskno", .integer), ("temporary", .integer),
    ("newblock", .integer), ("num_readers", .integer), ("flags", .integer),
]

/// One row per block of each user table's own columns; the three hidden columns are not stored.
let blockListRows: SystemRelations.Rows = { (context) throws(SQLError) in
    var rows: [[Datum]] = []
    for table in context.tables {
        guard let version = context.snapshot.tableVersion(table.id) else { continue }
        for block in try version.blockList() {
            rows.append([
                .number(block.slice), .number(block.column), .number(table.id),
                .number(block.blockNumber), .number(block.rowCount), .number(0),
                .int64(block.minimum), .int64(block.maximum), .number(0), .number(0),
                .number(block.disk >= 0 ? 1 : 0), .number(0), .number(0),
                .number(block.isSorted ? 0 : 1), .number(0), .number(block.disk),
                .number(table.isTemporary ? 1 : 0), .number(0), .number(0), .number(0),
            ])
        }
    }
    return rows
}

/// SVV_TABLE_INFO: distribution, sort key, size and skew of each table that has rows.
///
/// `tbl_rows` and the skew count deleted rows while they take room. `vacuum_sort_benefit` is the
/// share of the leading key column's blocks that lie outside the sorted region, in per cent: those
/// that a search for one key reads and after VACUUM would not; Redshift publishes no formula.
let tableInfoColumns: [(String, DataType)] = [
    ("database", .varchar(128)), ("schema", .varchar(128)), ("table_id", .integer),
    ("table", .varchar(128)), ("encoded", .varchar(32)), ("diststyle", .varchar(160)),
    ("sortkey1", .varchar(160)), ("max_varchar", .integer), ("sortkey1_enc", .char(32)),
    ("sortkey_num", .integer), ("size", .bigint),
    ("pct_used", .decimal(precision: 10, scale: 4)), ("empty", .bigint),
    ("unsorted", .decimal(precision: 5, scale: 2)),
    ("stats_off", .decimal(precision: 5, scale: 2)),
    ("tbl_rows", .decimal(precision: 38, scale: 0)),
    ("skew_sortkey1", .decimal(precision: 19, scale: 2)),
    ("skew_rows", .decimal(precision: 19, scale: 2)),
    ("estimated_visible_rows", .decimal(precision: 38, scale: 0)), ("risk_event", .varchar(64)),
    ("vacuum_sort_benefit", .decimal(precision: 12, scale: 2)), ("create_time", .timestamp),
]

/// One row per table that is not empty.
let tableInfoRows: SystemRelations.Rows = { (context) throws(SQLError) in
    var rows: [[Datum]] = []
    for table in context.tables {
        guard let version = context.snapshot.tableVersion(table.id) else { continue }
        let perSlice = try version.rowsPerSlice(includingDeleted: true)
        guard perSlice.contains(where: { $0 > 0 }) else { continue }
        let sorted = try version.sortedRowsPerSlice(includingDeleted: true).reduce(0, +)
        let stored = perSlice.reduce(0, +)
        let blocks = try version.blockList()
        let blockCount = blocks.count
        let isEncoded = table.columns.contains { $0.encoding != .raw }
        let filled = perSlice.filter { $0 > 0 }
        let skew = filled.isEmpty ? 1 : Double(filled.max() ?? 1) / Double(filled.min() ?? 1)
        let widest = table.columns.compactMap { column in
            if case .varchar(let length) = column.type { length } else { nil }
        }.max()
        let first = table.sortKey.columns.first
        var bytesPerColumn = [Int](repeating: 0, count: table.columns.count)
        for block in blocks { bytesPerColumn[block.column] += block.byteCount }
        var sortBenefit = Datum.null
        if let first {
            let keyBlocks = blocks.filter { $0.column == first }
            let unsorted = keyBlocks.count { !$0.isSorted }
            let share = Double(unsorted) * 100 / Double(max(1, keyBlocks.count))
            sortBenefit = .decimal(share, scale: 2)
        }
        var sortSkew = Datum.null
        if let first, bytesPerColumn[first] > 0 {
            let largest = bytesPerColumn.indices.filter { $0 != first }
                .map { bytesPerColumn[$0] }.max()
            sortSkew = .decimal(Double(largest ?? 0) / Double(bytesPerColumn[first]), scale: 2)
        }
        rows.append([
            .text(context.session.databaseName), .text(table.schema), .number(table.id),
            .text(table.name),
            .text((isEncoded ? "Y" : "N") + (table.isAutoEncoding ? ", AUTO(ENCODE)" : "")),
            .text(table.distributionDisplayName),
            .text(table.sortKeyDisplayName),
            .number(widest ?? 0),
            first.map { .text(table.columns[$0].encoding.displayName) } ?? .null,
            .number(table.sortKey.columns.count), .number(blockCount), .decimal(0, scale: 4),
            .number(0),
            table.sortKey.columns.isEmpty
                ? .null
                : .decimal(Double(stored - sorted) * 100 / Double(max(1, stored)), scale: 2),
            .decimal(0, scale: 2), .number(stored), sortSkew, .decimal(skew, scale: 2),
            .number(try version.rowCount), .null, sortBenefit, .int64(table.createdAt),
        ])
    }
    return rows
}

/// SVV_INTERLEAVED_COLUMNS: the columns of interleaved sort keys.
let interleavedColumns: [(String, DataType)] = [
    ("tbl", .integer), ("col", .integer),
    ("interleaved_skew", .decimal(precision: 19, scale: 2)), ("last_reindex", .timestamp),
]

/// One row per key column of each interleaved table that has rows.
///
/// The skew is always 1.00, the best there is: each load ranks its own rows, so its values are
/// spread evenly over the curve. The time of the last VACUUM REINDEX is not kept: NULL.
let interleavedRows: SystemRelations.Rows = { (context) throws(SQLError) in
    var rows: [[Datum]] = []
    for table in context.tables where table.sortKey.isInterleaved {
        guard let version = context.snapshot.tableVersion(table.id),
            try version.rowCount > 0
        else { continue }
        for column in table.sortKey.columns.sorted() {
            rows.append([.number(table.id), .number(column), .decimal(1, scale: 2), .null])
        }
    }
    return rows
}

/// SVV_TABLES.
let tablesColumns: [(String, DataType)] = [
    ("table_catalog", .varchar(128)), ("table_schema", .varchar(128)),
    ("table_name", .varchar(128)), ("table_type", .varchar(32)), ("remarks", .varchar(256)),
]

/// Stored tables, views and system relations; the latter are views to Redshift's tools.
let tablesRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let catalog = SessionCatalog(snapshot: context.snapshot)
    let stored = context.relations.map {
        (table: $0, kind: $0.view == nil ? "BASE TABLE" : "VIEW")
    }
    let system = catalog.tables(inSchema: SystemRelations.schema).map { (table: $0, kind: "VIEW") }
    return (stored + system).map { entry in
        [
            .text(context.session.databaseName), .text(entry.table.schema),
            .text(entry.table.name), .text(entry.kind),
            entry.table.comment.map { .text($0) } ?? .null,
        ]
    }
}

extension TableDefinition {
    /// What SVV_TABLE_INFO shows as `sortkey1`.
    fileprivate var sortKeyDisplayName: String {
        if sortKey.isInterleaved { return "INTERLEAVED" }
        return sortKey.columns.first.map { columns[$0].name } ?? "AUTO(SORTKEY)"
    }

    /// The style's number in STV_TBL_PERM and PG_CLASS: 0 EVEN, 1 KEY, 8 ALL; 10, 11, 12 for
    /// AUTO's ALL, EVEN, KEY.
    var styleNumber: Int {
        switch distribution {
        case .even: isAutoDistribution ? 11 : 0
        case .key: isAutoDistribution ? 12 : 1
        case .all: isAutoDistribution ? 10 : 8
        }
    }
}
