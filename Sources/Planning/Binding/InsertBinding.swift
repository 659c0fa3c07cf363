import Catalogs
import Functions
package import Plans
import SQLSyntax
package import SQLTypes

extension Binder {
    /// Binds INSERT; see ``bindInsert(_:context:)``.
    func bindInsert(_ insert: InsertSyntax) throws(SQLError) -> BoundQuery {
        let table = try resolveTarget(insert.table, verb: "insert into")
        let targets = try targetColumns(insert.columns, of: table)
        let plan: LogicalPlan
        switch insert.source {
        case .defaultValues:
            plan = try insertedRows([[]], targets: [], columns: [], table)
        case .values(let rows):
            plan = try insertedRows(
                rows,
                targets: targets,
                columns: insert.columns,
                table
            )
        case .query(let query):
            plan = try insertedQuery(query, insert, targets: targets, table)
        }
        return try boundQuery(plan, target: .insert(table))
    }

    /// The table of INSERT, UPDATE or DELETE.
    ///
    /// - Errors: 42P01 unknown, 42501 a system relation, 0A000 a view.
    func resolveTarget(
        _ name: ObjectNameSyntax,
        verb: String
    ) throws(SQLError) -> TableDefinition {
        let table = try resolveTable(name)
        if table.view != nil { throw viewIsNotUpdatable(verb: verb, at: name.position) }
        guard table.schema != "pg_catalog" else {
            throw SQLError(
                .insufficientPrivilege,
                "permission denied for relation \(table.name)",
                detail: "System relations cannot be changed.",
                position: name.position
            )
        }
        return table
    }

    /// The columns of a list, or all of them; 42703 and 42701 as PostgreSQL words them.
    func targetColumns(
        _ names: [NameSyntax],
        of table: TableDefinition
    ) throws(SQLError) -> [ColumnIndex] {
        guard !names.isEmpty else { return Array(table.columns.indices) }
        var targets: [ColumnIndex] = []
        var seen: Set<ColumnIndex> = []
        for name in names {
            let index = try bindColumnIndex(name, of: table)
            guard seen.insert(index).inserted else {
                throw SQLError(
                    .duplicateColumn,
                    "column \"\(name.text)\" specified more than once",
                    position: name.position
                )
            }
            targets.append(index)
        }
        return targets
    }

    // MARK: Values

    /// VALUES as rows of the whole table, each value converted once.
    ///
    /// Columns that no row gives a value take their defaults: constants stand among the values,
    /// what has to be computed is projected over all rows at once.
    private func insertedRows(
        _ rows: [[AssignedValueSyntax]],
        targets: [ColumnIndex],
        columns names: [NameSyntax],
        _ table: TableDefinition
    ) throws(SQLError) -> LogicalPlan {
        let scope = Scope(environment: Environment(), clause: .values)
        let defaults = try defaultValues(of: table, order: .sequential)
        let width = rows.first?.count ?? 0
        try requirePairing(rows.first ?? [], with: targets, named: names)
        var given: Set<ColumnIndex> = []
        var bound: [[Expression]] = []
        bound.reserveCapacity(rows.count)
        for row in rows {
            guard row.count == width else {
                throw SQLError(
                    .syntaxError,
                    "VALUES lists must all be the same length",
                    position: row.first?.position
                )
            }
            var values = defaults
            for (index, value) in row.enumerated() {
                let target = targets[index]
                guard case .expression(let syntax) = value else { continue }
                let column = table.columns[target]
                try requireAssignable(column, at: syntax.position)
                let subqueryCount = scalarSubqueries.count
                let operand = Operand(try bindExpression(syntax, scope), syntax.position)
                guard rows.count == 1 || scalarSubqueries.count == subqueryCount else {
                    throw SQLError.unsupported(
                        "a subquery in VALUES of several rows",
                        position: syntax.position
                    )
                }
                values[target] = try assigned(operand, to: column.type, column: column.name)
                given.insert(target)
            }
            bound.append(values)
        }
        return valuesPlan(bound, computing: defaults, except: given, table)
    }

    /// Rows of values, with the defaults of columns not `given` projected over them where they
    /// are not constants.
    private func valuesPlan(
        _ rows: [[Expression]],
        computing defaults: [Expression],
        except given: Set<ColumnIndex>,
        _ table: TableDefinition
    ) -> LogicalPlan {
        let computed = defaults.indices.filter { index in
            if case .constant = defaults[index] { return false }
            return !given.contains(index)
        }
        let columns = table.columns.map { makeColumn($0.name, $0.type) }
        if computed.isEmpty { return .values(rows: rows, columns: columns) }
        let kept = table.columns.indices.filter { !computed.contains($0) }
        let plan = LogicalPlan.values(
            rows: rows.map { row in kept.map { row[$0] } },
            columns: kept.map { columns[$0] }
        )
        return .project(
            plan,
            columns.enumerated().map { index, column in
                NamedExpression(
                    column: makeColumn(column.name, column.type),
                    expression: computed.contains(index)
                        ? defaults[index] : .column(column.id, column.type)
                )
            }
        )
    }

    /// 42601 for more values than columns, or for fewer than a column list names.
    func requirePairing(
        _ row: [AssignedValueSyntax],
        with targets: [ColumnIndex],
        named names: [NameSyntax]
    ) throws(SQLError) {
        if row.count > targets.count {
            throw SQLError(
                .syntaxError,
                "INSERT has more expressions than target columns",
                position: row[targets.count].position
            )
        }
        if names.count > row.count {
            throw SQLError(
                .syntaxError,
                "INSERT has more target columns than expressions",
                position: names[row.count].position
            )
        }
    }

    /// 0A000 for a value given to an IDENTITY column that makes its own.
    func requireAssignable(_ column: ColumnDefinition, at position: Int?) throws(SQLError) {
        guard case .identity(_, _, let acceptsValues)? = column.defaultValue, !acceptsValues else {
            return
        }
        throw SQLError(
            .featureNotSupported,
            "cannot set an identity column to a value",
            position: position
        )
    }

    // MARK: A query

    private func insertedQuery(
        _ query: Query,
        _ insert: InsertSyntax,
        targets: [ColumnIndex],
        _ table: TableDefinition
    ) throws(SQLError) -> LogicalPlan {
        let plan = try bindQuery(query, in: Environment(), keepsUnknown: true)
        let sources = plan.columns
        guard sources.count <= targets.count else {
            throw SQLError(
                .syntaxError,
                "INSERT has more expressions than target columns",
                position: query.position
            )
        }
        guard insert.columns.isEmpty || sources.count == targets.count else {
            throw SQLError(
                .syntaxError,
                "INSERT has more target columns than expressions",
                position: insert.columns[sources.count].position
            )
        }
        // Literals of the select list take the type of the column they go to.
        var types = sources.map(\.type)
        for (index, type) in types.enumerated() where type == .unknown {
            types[index] = table.columns[targets[index]].type
        }
        let typed = try withColumnTypes(plan, types, at: query.position)
        var values = try defaultValues(of: table)
        for (index, source) in typed.columns.enumerated() {
            let column = table.columns[targets[index]]
            try requireAssignable(column, at: query.position)
            values[targets[index]] = try assigned(
                Operand(.column(source.id, source.type), query.position),
                to: column.type,
                column: column.name
            )
        }
        let items = zip(table.columns, values).map { column, value in
            NamedExpression(column: makeColumn(column.name, column.type), expression: value)
        }
        return .project(typed, items)
    }

    // MARK: Defaults

    /// What each column holds where a statement gives no value.
    func defaultValues(
        of table: TableDefinition,
        order: IdentityOrder = .bySlice
    ) throws(SQLError) -> [Expression] {
        var values: [Expression] = []
        for index in table.columns.indices {
            values.append(try defaultValue(index, of: table, order: order))
        }
        return values
    }

    /// What a column holds where a statement gives no value.
    func defaultValue(
        _ index: ColumnIndex,
        of table: TableDefinition,
        order: IdentityOrder = .bySlice
    ) throws(SQLError) -> Expression {
        let column = table.columns[index]
        switch column.defaultValue {
        case nil: return .constant(.null, column.type)
        case .expression(let text)?: return try bindDefault(text, type: column.type)
        case .identity?:
            guard let function = try context.identityValues(table, index, order).get() else {
                return .constant(.null, column.type)
            }
            let value = Expression.call(function, [], function.resultType([]))
            guard value.type != column.type else { return value }
            return .cast(value, column.type, isExplicit: false)
        }
    }

    /// Binds the text of a default as a value of the column's type.
    func bindDefault(_ text: String, type: DataType) throws(SQLError) -> Expression {
        let syntax = try parseExpression(text, keepsQuotedCase: true)
        return try bindDefault(syntax, type: type, column: "default")
    }

    /// Binds a default: no columns, no subqueries, no aggregates.
    func bindDefault(
        _ syntax: ExpressionSyntax,
        type: DataType,
        column: String
    ) throws(SQLError) -> Expression {
        let scope = Scope(environment: Environment(), clause: .defaultValue)
        let subqueryCount = scalarSubqueries.count
        let operand = try bindOperand(syntax, scope)
        guard scalarSubqueries.count == subqueryCount else {
            throw SQLError(
                .featureNotSupported,
                "cannot use subquery in default expression",
                position: syntax.position
            )
        }
        return try assigned(operand, to: type, column: column)
    }
}

/// Binds the text of a column's default, as kept in the catalog, as a value of its type.
///
/// - Errors: those of an expression; 42703 for a column, 0A000 for a subquery, 42804 where the
///   type cannot hold the value.
package func bindDefault(
    _ text: String,
    type: DataType,
    context: BindingContext
) throws(SQLError) -> Expression {
    try Binder(context: context).bindDefault(text, type: type)
}
