package import Catalogs
package import SQLTypes

/// Which of a table's sampled rows pass some conditions.
package struct SampledRows: Sendable {
    /// Rows of the sample.
    package var rowCount: Int
    /// For each condition a bit for each row, set where the condition is true; nil for a condition
    /// that failed on some row or has no value before the query runs.
    package var passing: [[UInt64]?]

    /// Makes an answer.
    package init(rowCount: Int, passing: [[UInt64]?]) {
        self.rowCount = rowCount
        self.passing = passing
    }
}

/// How many values an expression has on a table's sampled rows.
package struct SampledValues: Sendable {
    /// Rows of the sample.
    package var rowCount: Int
    /// Values, NULL as one.
    package var distinctCount: Int
    /// Values that only one row has.
    package var onceCount: Int

    /// Makes an answer.
    package init(rowCount: Int, distinctCount: Int, onceCount: Int) {
        self.rowCount = rowCount
        self.distinctCount = distinctCount
        self.onceCount = onceCount
    }
}

/// Rows of tables picked from all over them, and what conditions make of them.
///
/// The planner asks it and knows neither storage nor how conditions are evaluated.
package protocol RowSampler: Sendable {
    /// Tests conditions, whose columns are positions in `columns`, on a table's sample; nil for a
    /// table that has none.
    ///
    /// Errors: XX001 where what is stored of the sample is damaged; 57014.
    func test(
        _ conditions: [Expression],
        on table: TableID,
        columns: [ColumnIndex]
    ) throws(SQLError) -> SampledRows?

    /// Counts the values of an expression on a table's sample; nil for a table that has none and
    /// for an expression that fails or has no value before the query runs.
    ///
    /// Errors: as above.
    func distinctCounts(
        of expression: Expression,
        in table: TableID,
        columns: [ColumnIndex]
    ) throws(SQLError) -> SampledValues?
}
