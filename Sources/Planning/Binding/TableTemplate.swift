import Catalogs

/// The table that LIKE names, and where its columns stand among those of the new one.
///
/// Its distribution style and key, its sort key and its encodings are the new table's, whatever
/// columns stand beside them.
///
/// - Source: Redshift's CREATE TABLE, LIKE parent_table.
struct TableTemplate {
    let table: TableDefinition
    /// The places of its columns in the new table.
    let columns: Range<ColumnIndex>

    init(_ table: TableDefinition, firstColumn: ColumnIndex) {
        self.table = table
        columns = firstColumn..<firstColumn + table.columns.count
    }

    /// Gives the new table the distribution and the sort key.
    func apply(to copy: inout TableDefinition) {
        if case .key(let column) = table.distribution {
            copy.distribution = .key(columns.lowerBound + column)
        } else {
            copy.distribution = table.distribution
        }
        copy.isAutoDistribution = table.isAutoDistribution
        copy.sortKey = table.sortKey
        copy.sortKey.columns = table.sortKey.columns.map { columns.lowerBound + $0 }
        copy.isAutoSortKey = table.isAutoSortKey
    }
}
