import Catalogs
import Plans
import SQLTypes

/// What planning one statement knows and notes: statistics of columns, ids still free, settings.
final class PlanningContext {
    let catalog: any CatalogSnapshot
    let settings: PlannerSettings
    /// Tests conditions on rows of stored tables; nil where there are none.
    let sampler: (any RowSampler)?
    /// What was tested already: a scan is made again with every condition that reaches it.
    var tested: [TableID: [Expression: SampleTest]] = [:]
    /// Distinct values of computed expressions, counted on sampled rows.
    var expressionCounts: [Expression: Double] = [:]
    /// What is known of each column's values, by id.
    var figures: [ColumnID: ColumnFigures] = [:]
    /// The least id that no column of the statement has.
    private var nextColumnID: ColumnID
    /// What is known of the plans whose rows are kept on the slices, by number.
    var stored: [Int: StoredTree] = [:]
    /// Tables without statistics that the plan reads, in order of first use.
    private(set) var missingStatistics: [String] = []
    /// How many nodes have a number.
    var numberedNodeCount = 0

    init(
        catalog: any CatalogSnapshot,
        sampler: (any RowSampler)?,
        settings: PlannerSettings,
        firstFreeColumnID: ColumnID
    ) {
        self.catalog = catalog
        self.sampler = sampler
        self.settings = settings
        nextColumnID = firstFreeColumnID
    }

    /// A column of its own for a computed value.
    func makeColumn(_ name: String, _ type: DataType) -> PlanColumn {
        defer { nextColumnID += 1 }
        return PlanColumn(id: nextColumnID, name: name, type: type)
    }

    /// Notes that a table has no statistics.
    func noteMissingStatistics(of table: String) {
        if !missingStatistics.contains(table) { missingStatistics.append(table) }
    }

    /// What is known of a column; defaults where nothing is.
    func figures(of id: ColumnID) -> ColumnFigures { figures[id] ?? ColumnFigures() }

    /// The average bytes of a row of these columns.
    func width(of columns: [PlanColumn]) -> Double {
        columns.reduce(0) { $0 + (figures[$1.id]?.width ?? Double($1.type.planWidth)) }
    }
}

/// What is known of a column's values.
struct ColumnFigures {
    /// Distinct values before any filter; nil if unknown.
    var distinctCount: Double?
    var nullFraction = 0.0
    /// Least and greatest value on a line of numbers; nil if unknown.
    var minimum: Double?
    var maximum: Double?
    /// Average bytes in a row.
    var width: Double?
    /// Rows of the table it comes from.
    var tableRows: Double?
    /// How an aggregate's values are spread over its groups; nil for other columns.
    var grouped: GroupedValues?
    /// The stored column whose values these are, as far as rows are still there.
    var origin: StoredColumn?
}

/// A column of a stored table.
struct StoredColumn: Hashable {
    var table: TableID
    var column: ColumnIndex
}

extension PlanningContext {
    /// Reads the statistics of a scan's columns; returns the table's rows.
    func learnStatistics(of scan: LogicalScan) throws(SQLError) -> Double {
        let statistics = try catalog.statistics(of: scan.table.id)
        if statistics == nil, scan.table.id >= 100_000 {
            noteMissingStatistics(of: scan.table.name)
        }
        let rows = Double(statistics?.rowCount ?? 1000)
        for (index, column) in zip(scan.columnIndexes, scan.output) {
            var figures = ColumnFigures(tableRows: rows)
            figures.origin = StoredColumn(table: scan.table.id, column: index)
            if let known = statistics?.columns[index] {
                figures.nullFraction = known.nullFraction
                figures.minimum = number(known.minimum)
                figures.maximum = number(known.maximum)
                figures.width = known.averageWidth
                figures.distinctCount = known.distinctCount.map { max(1, $0) }
            }
            if figures.distinctCount == nil {
                figures.distinctCount = assumedDistinctCount(scan.table, index, figures, rows)
            }
            self.figures[column.id] = figures
        }
        return rows
    }

    private func assumedDistinctCount(
        _ table: TableDefinition,
        _ index: ColumnIndex,
        _ figures: ColumnFigures,
        _ rows: Double
    ) -> Double? {
        let isKey = table.constraints.contains { $0.kind != .foreignKey && $0.columns == [index] }
        if isKey { return max(1, rows) }
        let type = table.columns[index].type
        if type == .boolean { return 2 }
        guard type.isInteger || type == .date, let low = figures.minimum,
            let high = figures.maximum
        else { return nil }
        return max(1, min(rows, high - low + 1))
    }
}

/// A value on a line of numbers, so that ranges can be compared; nil for NULL.
///
/// Strings count by their first seven bytes.
func number(_ datum: Datum) -> Double? {
    switch datum {
    case .null: nil
    case .bool(let value): value ? 1 : 0
    case .int64(let value): Double(value)
    case .int128(let value): Double(value)
    case .float64(let value): value
    case .string(let bytes):
        (0..<7).reduce(0.0) { $0 * 256 + Double($1 < bytes.count ? bytes[$1] : 0) }
    }
}
