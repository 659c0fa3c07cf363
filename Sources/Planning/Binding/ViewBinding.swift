package import Catalogs
import Plans
package import SQLSyntax
package import SQLTypes

/// Binds CREATE VIEW: the definition of the view, with id 0.
///
/// A bound view's query is kept with every name written out; its columns have the names and
/// types of the query. A late-binding view's is kept as written, and nothing but its syntax is
/// looked at. A view over temporary tables is temporary itself.
///
/// - Errors: as ``bindQuery(_:context:)``; 42601 more names than columns, or a late-binding view
///   that names a table without its schema; 42701 a column named twice.
/// - Source: PostgreSQL, whose views do not follow columns that are added later either.
package func bindCreateView(
    _ syntax: CreateViewSyntax,
    context: BindingContext
) throws(SQLError) -> TableDefinition {
    let definitions = TableDefinitionBinder(context: context)
    if syntax.isLateBinding {
        var view = try definitions.emptyTable(syntax.name, isTemporary: syntax.isTemporary)
        view.view = try lateBindingView(syntax, context: context)
        return view
    }
    let binder = Binder(context: context)
    let record = NameRecord(context: context)
    binder.nameRecord = record
    let plan = try binder.bindQuery(syntax.query, in: Environment())
    let readsTemporary = record.tables.values.contains(where: \.isTemporary)
    var view = try definitions.emptyTable(
        syntax.name,
        isTemporary: syntax.isTemporary || readsTemporary
    )
    guard syntax.columns.count <= plan.columns.count else {
        throw SQLError(
            .syntaxError,
            "CREATE VIEW specifies more column names than columns",
            position: syntax.columns[plan.columns.count].position
        )
    }
    try definitions.requireColumnCount(plan.columns.count, at: syntax.name.position)
    var names: Set<String> = []
    for (index, column) in plan.columns.enumerated() {
        let given = index < syntax.columns.count ? syntax.columns[index] : nil
        let name = given?.text ?? column.name
        guard names.insert(name).inserted else {
            throw SQLError(
                .duplicateColumn,
                "column \"\(name)\" specified more than once",
                position: given?.position ?? syntax.query.position
            )
        }
        view.columns.append(ColumnDefinition(name: name, type: column.type, encoding: .raw))
    }
    view.view = ViewDefinition(
        query: record.qualified(syntax.query).deparsed,
        isLateBinding: false,
        dependencies: record.dependencies
    )
    return view
}

/// The columns of a view as a query of it would find them now.
///
/// - Errors: those of the view's query.
package func bindViewColumns(
    of table: TableDefinition,
    context: BindingContext
) throws(SQLError) -> [ColumnDefinition] {
    guard let view = table.view else { return table.columns }
    let binder = Binder(context: context)
    let bound = try binder.bindView(view, of: table, alias: nil, at: nil)
    return bound.visible.map {
        ColumnDefinition(name: $0.name, type: $0.expression.type, encoding: .raw)
    }
}

/// The names of a query's tables, and those of its WITH, which need no schema.
private final class TableNameList {
    var tables: [ObjectNameSyntax] = []
    var commonTables: Set<String> = []
}

private func lateBindingView(
    _ syntax: CreateViewSyntax,
    context: BindingContext
) throws(SQLError) -> ViewDefinition {
    let names = TableNameList()
    var collector = QueryRewriter()
    collector.table = { name, alias in
        names.tables.append(name)
        return .table(name, alias: alias)
    }
    collector.with = { names.commonTables.formUnion($0.expressions.map(\.name.text)) }
    _ = collector.rewrite(syntax.query)
    let unqualified = names.tables.first { name in
        name.parts.count == 1 && !names.commonTables.contains(name.name)
            && context.catalog.table(schema: "pg_catalog", name: name.name) == nil
    }
    if let unqualified {
        throw SQLError(
            .syntaxError,
            "All the relation names inside should be qualified when creating views "
                + "WITH NO SCHEMA BINDING.",
            position: unqualified.position
        )
    }
    return ViewDefinition(
        query: syntax.queryText,
        isLateBinding: true,
        columnNames: syntax.columns.map(\.text)
    )
}

extension Binder {
    /// A view in FROM: its query as a derived table.
    ///
    /// Errors of the query point at the view's name, since its text is not the statement's.
    ///
    /// - Errors: those of the query; 42P17 for a view that reads itself.
    func bindView(
        _ view: ViewDefinition,
        of table: TableDefinition,
        alias: TableAliasSyntax?,
        at position: Int?
    ) throws(SQLError) -> BoundFrom {
        try countExpansion(at: position)
        guard !openViews.contains(table.id) else {
            throw SQLError(
                .invalidObjectDefinition,
                "infinite recursion detected in rules for relation \"\(table.name)\"",
                position: position
            )
        }
        let plan: LogicalPlan
        do throws(SQLError) {
            plan = try bindViewQuery(view, of: table)
        } catch {
            var located = error
            located.position = position
            throw located
        }
        var names = alias?.columns ?? []
        let own = view.isLateBinding ? view.columnNames : table.columns.map(\.name)
        guard view.isLateBinding || own.count == plan.columns.count else {
            throw SQLError.invariant("view \(table.id) has lost its columns")
        }
        for name in own.dropFirst(names.count) { names.append(NameSyntax(name)) }
        return try derivedTable(plan, name: alias?.name.text ?? table.name, columns: names)
    }

    private func bindViewQuery(
        _ view: ViewDefinition,
        of table: TableDefinition
    ) throws(SQLError) -> LogicalPlan {
        let query: Query
        if let known = viewQueries[table.id] {
            query = known
        } else {
            guard case .query(let parsed) = try parseStatement(view.query, keepsQuotedCase: true)
            else {
                throw SQLError.invariant("view \(table.id) is no query")
            }
            query = parsed
            viewQueries[table.id] = parsed
        }
        let record = nameRecord
        nameRecord = nil
        openViews.append(table.id)
        defer {
            openViews.removeLast()
            nameRecord = record
        }
        return try bindQuery(query, in: Environment())
    }

    /// 0A000 for a change of a view.
    ///
    /// - Source: PostgreSQL 8.0's words, without its hint of rules, which Redshift lacks.
    func viewIsNotUpdatable(verb: String, at position: Int) -> SQLError {
        SQLError(.featureNotSupported, "cannot \(verb) a view", position: position)
    }
}
