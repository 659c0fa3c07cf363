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
    guard case .select(var select) = query.body, let into = select.into else { return nil }
    select.into = nil
    var plain = query
    plain.body = .select(select)
    let shape = NewTable(
        name: into.name,
        isTemporary: into.isTemporary || into.name.name.hasPrefix("#"),
        columns: [],
        attributes: TableAttributesSyntax()
    )
    return try bindNewTable(shape, filledBy: plain, context: context)
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
    try definitions.applyDistribution(&table, [], syntax.attributes)
    try definitions.applySortKey(&table, [], syntax.attributes)
    try definitions.requireKeyTypes(table, at: syntax.name.position)
    try definitions.applyEncodings(&table, [], syntax.attributes)
    if table.isTemporary { definitions.encodeRaw(&table) }
    return (binder.boundQuery(.project(plan, items), target: .insert(table)), table)
}
