/// What makes a table definition a view: its query, and what that reads.
///
/// A view is kept as a table definition without rows, so that names, transactions and snapshots
/// treat both alike.
package struct ViewDefinition: Hashable, Sendable {
    /// The query as SQL text.
    ///
    /// Of a bound view: every table with its schema and an alias, every column of a table with
    /// that alias, stars and NATURAL written out; so neither the search path nor later columns
    /// change what it means. Of a late-binding view: as written.
    package var query: String
    /// Whether WITH NO SCHEMA BINDING was written: names are looked up at each use, and nothing
    /// keeps the tables from being dropped.
    package var isLateBinding: Bool
    /// Names of a late-binding view's first columns, where some were given; a bound view's are
    /// the columns of its definition.
    package var columnNames: [String]
    /// The tables and views that a bound view reads, ascending.
    package var dependencies: [TableID]

    /// Makes a view.
    package init(
        query: String,
        isLateBinding: Bool,
        columnNames: [String] = [],
        dependencies: [TableID] = []
    ) {
        self.query = query
        self.isLateBinding = isLateBinding
        self.columnNames = columnNames
        self.dependencies = dependencies
    }
}

extension TableDefinition {
    /// `table` or `view`, as messages name it.
    package var kindName: String { view == nil ? "table" : "view" }
}
