package import Catalogs
package import Plans
package import SQLSyntax
package import SQLTypes

/// Binds CREATE TABLE AS: the query, and the definition of the table with id 0.
///
/// The query's target is that definition; who creates the table replaces it by the one with the
/// real id. Names of columns come from the query unless given; types too, so literals of no type
/// become VARCHAR of their length.
///
/// - Errors: as ``bindQuery(_:context:)`` and ``bindTableDefinition(_:context:)``.
package func bindCreateTableAs(
    _ syntax: CreateTableAsSyntax,
    context: BindingContext
) throws(SQLError) -> (query: BoundQuery, table: TableDefinition) {
    let shape = NewTable(
        name: syntax.name,
        isTemporary: syntax.isTemporary,
        columns: syntax.columns,
        attributes: syntax.attributes
    )
    return try bindNewTable(shape, filledBy: syntax.query, context: context)
}

/// Binds `SELECT … INTO table` as CREATE TABLE AS; nil if the query has no INTO.
///
/// - Errors: as ``bindCreateTableAs(_:context:)``.
package func bindSelectInto(
    _ query: Query,
    context: BindingContext
) throws(SQLError) -> (query: BoundQuery, table: TableDefinition)? {
    var plain = query
    guard let into = plain.takeInto() else { return nil }
    let shape = NewTable(
        name: into.name,
        isTemporary: into.isTemporary || into.name.name.hasPrefix("#"),
        columns: [],
        attributes: TableAttributesSyntax()
    )
    return try bindNewTable(shape, filledBy: plain, context: context)
}

/// Takes over distribution and sort key where the query plainly reads one stored table.
///
/// Each is taken only where the statement does not give its own, and a key only with its columns.
/// AUTO stays AUTO: the load that follows decides. Temporary tables inherit as others do.
///
/// - Source: redshift-sql.md §2.3: a query whose top node is a scan.
private func inheritKeys(
    of plan: LogicalPlan,
    boundBy binder: Binder,
    attributes: TableAttributesSyntax,
    to table: inout TableDefinition
) {
    guard let source = plainlyScannedTable(plan, binder), source.schema != "pg_catalog" else {
        return
    }
    let origins = plan.columns.map(\.origin)
    let place = { (column: ColumnIndex) -> ColumnIndex? in
        origins.firstIndex(of: ColumnOrigin(table: source.id, column: column))
    }
    let givesDistribution =
        attributes.distributionStyle != nil || attributes.distributionKey != nil
    if !givesDistribution, !source.isAutoDistribution {
        switch source.distribution {
        case .even, .all:
            table.distribution = source.distribution
            table.isAutoDistribution = false
        case .key(let column):
            if let key = place(column) {
                table.distribution = .key(key)
                table.isAutoDistribution = false
            }
        }
    }
    guard attributes.sortKey == nil else { return }
    let columns = source.sortKey.columns.compactMap(place)
    guard !columns.isEmpty, columns.count == source.sortKey.columns.count else { return }
    table.sortKey = SortKey(columns: columns, isInterleaved: source.sortKey.isInterleaved)
    table.isAutoSortKey = false
}

/// The table that a query reads row by row, with or without a filter; nil for any other query.
private func plainlyScannedTable(_ plan: LogicalPlan, _ binder: Binder) -> TableDefinition? {
    switch plan {
    case .scan(let scan): scan.table
    case .project(let input, _), .filter(let input, _), .subquery(let input, _, _):
        plainlyScannedTable(input, binder)
    case .stored(let reference):
        binder.sharedPlan(reference).flatMap { plainlyScannedTable($0, binder) }
    default: nil
    }
}

/// What is known of a table before its query is bound.
private struct NewTable {
    var name: ObjectNameSyntax
    var isTemporary: Bool
    var columns: [NameSyntax]
    var attributes: TableAttributesSyntax
}

private func bindNewTable(
    _ syntax: NewTable,
    filledBy query: Query,
    context: BindingContext
) throws(SQLError) -> (query: BoundQuery, table: TableDefinition) {
    let binder = Binder(context: context)
    let plan = try binder.bindQuery(query, in: Environment())
    let definitions = TableDefinitionBinder(context: context)
    var table = try definitions.emptyTable(syntax.name, isTemporary: syntax.isTemporary)
    let sources = plan.columns
    guard syntax.columns.count <= sources.count else {
        throw SQLError(
            .syntaxError,
            "CREATE TABLE AS specifies too many column names",
            position: syntax.columns[sources.count].position
        )
    }
    try definitions.requireColumnCount(sources.count, at: syntax.name.position)
    var names: Set<String> = []
    var items: [NamedExpression] = []
    for (index, source) in sources.enumerated() {
        let given = index < syntax.columns.count ? syntax.columns[index] : nil
        let name = given?.text ?? source.name
        guard names.insert(name).inserted else {
            throw SQLError(
                .duplicateColumn,
                "column \"\(name)\" specified more than once",
                position: given?.position ?? query.position
            )
        }
        guard source.type != .interval else {
            throw SQLError.unsupported(
                "a column of type \(source.type)",
                position: query.position
            )
        }
        table.columns.append(ColumnDefinition(name: name, type: source.type))
        items.append(
            NamedExpression(
                column: binder.makeColumn(name, source.type),
                expression: .column(source.id, source.type)
            )
        )
    }
    inheritKeys(of: plan, boundBy: binder, attributes: syntax.attributes, to: &table)
    try definitions.applyDistribution(&table, [], syntax.attributes)
    try definitions.applySortKey(&table, [], syntax.attributes)
    try definitions.requireKeyTypes(table, at: syntax.name.position)
    try definitions.applyEncodings(&table, [], syntax.attributes)
    if table.isTemporary { definitions.encodeRaw(&table) }
    return (try binder.boundQuery(.project(plan, items), target: .insert(table)), table)
}
