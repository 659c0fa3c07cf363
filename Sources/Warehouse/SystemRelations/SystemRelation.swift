import Catalogs
import Execution
import Planning
import Storage
import Vectors

/// A relation whose rows the leader makes up from its own state when a query reads it.
struct SystemRelation: Sendable {
    /// Name, columns and number, as a table of schema `pg_catalog`.
    let definition: TableDefinition
    /// Makes the rows: one datum per column, in the physical form of the column's type.
    let rows: @Sendable (SystemRelationContext) throws(SQLError) -> [[Datum]]
}

/// What the rows are made from.
struct SystemRelationContext: Sendable {
    let warehouse: Warehouse
    let session: Session
    let snapshot: StoreSnapshot

    /// Stored and temporary tables with a schema, in the order of their numbers; no views.
    var tables: [TableDefinition] { relations.filter { $0.view == nil } }

    /// Stored and temporary tables and views, in the order of their numbers.
    ///
    /// The columns of a late-binding view are those it would have now; one that cannot be read
    /// has none.
    var relations: [TableDefinition] {
        snapshot.schemaNames.flatMap { snapshot.tables(inSchema: $0) }
            .map { table in
                guard table.view?.isLateBinding == true else { return table }
                var view = table
                let context = session.bindingContext(snapshot)
                view.columns = (try? bindViewColumns(of: table, context: context)) ?? []
                return view
            }
            .sorted { $0.id < $1.id }
    }
}

/// Every system relation, by name.
///
/// Adding one means a file and a line in the list below.
enum SystemRelations {
    /// The schema they live in.
    static let schema = "pg_catalog"

    /// All of them.
    static let all: [String: SystemRelation] = {
        let list: [(String, [(String, DataType)], Rows)] = [
            ("pg_database", pgDatabaseColumns, pgDatabaseRows),
            ("pg_namespace", pgNamespaceColumns, pgNamespaceRows),
            ("pg_table_def", pgTableDefColumns, pgTableDefRows),
            ("pg_views", pgViewsColumns, pgViewsRows),
            ("stl_alert_event_log", alertColumns, alertRows),
            ("stl_bcast", motionColumns, broadcastRows),
            ("stl_ddltext", otherTextColumns, definitionTextRows),
            ("stl_dist", motionColumns, distRows),
            ("stl_explain", explainColumns, explainRows),
            ("stl_load_errors", loadErrorColumns, loadErrorRows),
            ("stl_plan_info", planInfoColumns, planInfoRows),
            ("stl_query", queryColumns, queryRows),
            ("stl_querytext", queryTextColumns, queryTextRows),
            ("stl_scan", scanColumns, scanRows),
            ("stl_stream_segs", streamSegmentColumns, streamSegmentRows),
            ("stl_tr_conflict", conflictColumns, conflictRows),
            ("stl_utilitytext", otherTextColumns, utilityTextRows),
            ("stl_vacuum", vacuumColumns, vacuumRows),
            ("stv_blocklist", blockListColumns, blockListRows),
            ("stv_db_isolation_level", isolationLevelColumns, isolationLevelRows),
            ("stv_locks", lockColumns, lockRows),
            ("stv_slices", sliceColumns, sliceRows),
            ("stv_tbl_perm", tablePermanentColumns, tablePermanentRows),
            ("svl_qlog", queryLogColumns, queryLogRows),
            ("svl_query_report", queryReportColumns, queryReportRows),
            ("svl_query_summary", querySummaryColumns, querySummaryRows),
            ("svl_scan_units", scanUnitColumns, scanUnitRows),
            ("svl_statementtext", statementTextColumns, statementTextRows),
            ("svv_columns", columnsColumns, columnsRows),
            ("svv_interleaved_columns", interleavedColumns, interleavedRows),
            ("svv_table_info", tableInfoColumns, tableInfoRows),
            ("svv_tables", tablesColumns, tablesRows),
            ("svv_transactions", transactionColumns, transactionRows),
            ("svv_vacuum_progress", vacuumProgressColumns, vacuumProgressRows),
            ("svv_vacuum_summary", vacuumSummaryColumns, vacuumSummaryRows),
            ("sys_query_detail", queryDetailColumns, queryDetailRows),
            ("sys_query_explain", systemExplainColumns, systemExplainRows),
            ("sys_query_history", queryHistoryColumns, queryHistoryRows),
            ("sys_query_text", systemTextColumns, systemTextRows),
            (
                "sys_transaction_history", transactionHistoryColumns, transactionHistoryRows
            ),
        ]
        var relations: [String: SystemRelation] = [:]
        for (index, entry) in list.enumerated() {
            let definition = TableDefinition(
                id: 1000 + index,
                schema: schema,
                name: entry.0,
                columns: entry.1.map { ColumnDefinition(name: $0.0, type: $0.1, encoding: .raw) }
            )
            relations[entry.0] = SystemRelation(definition: definition, rows: entry.2)
        }
        return relations
    }()

    typealias Rows = @Sendable (SystemRelationContext) throws(SQLError) -> [[Datum]]

    /// The relation of that number.
    static func relation(_ id: TableID) -> SystemRelation? {
        all.values.first { $0.definition.id == id }
    }
}

/// Hands a system relation's rows to the slice that reads it, a chunk at a time.
final class SystemRelationSource: ProvidedSource {
    private let columns: [ColumnDefinition]
    private let rows: [[Datum]]

    init(table: TableID, context: SystemRelationContext) throws(SQLError) {
        guard let relation = SystemRelations.relation(table) else {
            throw SQLError.invariant("a plan reads system relation \(table), which is unknown")
        }
        columns = relation.definition.columns
        rows = try relation.rows(context)
    }

    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        Reader(columns: columns, rows: slice == 0 ? rows : [])
    }

    private final class Reader: ProvidedReader {
        private let columns: [ColumnDefinition]
        private let rows: [[Datum]]
        private var position = 0

        init(columns: [ColumnDefinition], rows: [[Datum]]) {
            self.columns = columns
            self.rows = rows
        }

        func next() throws(SQLError) -> Chunk? {
            guard position < rows.count else { return nil }
            let range = position..<min(rows.count, position + chunkRowCountMax)
            position = range.upperBound
            let vectors = columns.indices.map { column in
                Vector.of(
                    range.map { rows[$0][column] },
                    physical: columns[column].type.physical
                )
            }
            return Chunk(count: range.count, columns: vectors)
        }
    }
}

extension Datum {
    /// An integer as a datum.
    static func number(_ value: Int) -> Datum { .int64(Int64(value)) }

    /// An integer as a datum, NULL where there is none.
    static func number(_ value: Int?) -> Datum { value.map { .int64(Int64($0)) } ?? .null }

    /// A ratio times `10 ^ scale`, rounded, as the unscaled integer of a DECIMAL.
    static func decimal(_ value: Double, scale: Int) -> Datum {
        .int64(Int64((value * Double(DataType.powerOfTen64(scale))).rounded()))
    }
}
