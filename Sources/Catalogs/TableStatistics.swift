package import SQLTypes

/// What the planner knows of a column's values.
package struct ColumnStatistics: Hashable, Sendable {
    /// Estimate of distinct values; nil if unknown.
    package var distinctCount: Double?
    /// Share of NULLs, 0 to 1.
    package var nullFraction: Double
    /// Least and greatest value; `.null` if unknown.
    ///
    /// Strings may be prefixes.
    package var minimum: Datum
    package var maximum: Datum
    /// Average bytes of a value, as plan widths count them; nil for the type's own.
    package var averageWidth: Double?

    /// Makes statistics; all unknown by default.
    package init(
        distinctCount: Double? = nil,
        nullFraction: Double = 0,
        minimum: Datum = .null,
        maximum: Datum = .null,
        averageWidth: Double? = nil
    ) {
        self.distinctCount = distinctCount
        self.nullFraction = nullFraction
        self.minimum = minimum
        self.maximum = maximum
        self.averageWidth = averageWidth
    }
}

/// What the planner knows of a table's rows.
package struct TableStatistics: Hashable, Sendable {
    /// Visible rows, each counted once however many copies lie about.
    package var rowCount: Int
    /// One entry per column of the definition.
    package var columns: [ColumnStatistics]
    /// Rows on each slice; empty if unknown.
    package var rowsPerSlice: [Int]
    /// Share of the rows in the sorted region, 0 to 1.
    package var sortedFraction: Double

    /// Makes statistics.
    package init(
        rowCount: Int,
        columns: [ColumnStatistics],
        rowsPerSlice: [Int] = [],
        sortedFraction: Double = 1
    ) {
        self.rowCount = rowCount
        self.columns = columns
        self.rowsPerSlice = rowsPerSlice
        self.sortedFraction = sortedFraction
    }
}

/// One immutable state of the catalog, as a statement sees it from its start to its end.
///
/// Names arrive folded as the syntax gave them. System relations (STV_SLICES, SVV_TABLE_INFO, …)
/// are tables of schema `pg_catalog` with ids below 100,000.
package protocol CatalogSnapshot: Sendable {
    /// The table of that name in that schema; nil if there is none.
    func table(schema: String, name: String) -> TableDefinition?
    /// The statistics of a table; nil for system relations.
    ///
    /// Errors: XX001 where what is stored of the table is damaged.
    func statistics(of table: TableID) throws(SQLError) -> TableStatistics?
    /// Whether the schema exists.
    func hasSchema(_ name: String) -> Bool
    /// Names of all schemas, sorted.
    var schemaNames: [String] { get }
    /// All tables and system relations of a schema, by name.
    func tables(inSchema schema: String) -> [TableDefinition]
    /// The cluster's shape.
    var shape: ClusterShape { get }
}
