import Catalogs
import Functions
import Plans
import SQLSyntax
import SQLTypes

// UPDATE and DELETE read the table with the address of each row, join it with what FROM, USING
// and subqueries name, and put out addresses: with the new values, or alone.

extension Binder {
    /// Binds DELETE; see ``bindDelete(_:context:)``.
    func bindDelete(_ delete: DeleteSyntax) throws(SQLError) -> BoundQuery {
        let environment = try environment(extendedBy: delete.with)
        let table = try resolveTarget(delete.table, verb: "delete from")
        let target = try changedRows(
            table,
            alias: delete.alias,
            sources: delete.using,
            in: environment
        )
        let scope = Scope(target.rows, environment: environment)
        let rows = try filtered(target.rows.plan, by: delete.whereCondition, scope)
        let addresses = target.address.map { address in
            NamedExpression(
                column: makeColumn(address.name, address.type),
                expression: .column(address.id, address.type)
            )
        }
        var plan = LogicalPlan.project(rows, addresses)
        // A row that several source rows match is deleted once.
        if !delete.using.isEmpty { plan = .distinct(plan) }
        return try boundQuery(plan, target: .delete(table))
    }

    /// Binds UPDATE; see ``bindUpdate(_:context:)``.
    func bindUpdate(_ update: UpdateSyntax) throws(SQLError) -> BoundQuery {
        let environment = try environment(extendedBy: update.with)
        let table = try resolveTarget(update.table, verb: "update")
        let target = try changedRows(
            table,
            alias: update.alias,
            sources: update.from,
            in: environment
        )
        let scope = Scope(target.rows, environment: environment)
        var rows = try filtered(target.rows.plan, by: update.whereCondition, scope)
        let values = try assignedValues(update.assignments, to: target.columns, of: table, scope)
        rows = try attach(scope.takePendingJoins(), to: rows)
        // Where several matches are an error they are found when the old rows are deleted.
        let plan =
            update.from.isEmpty || refusesSeveralMatches
            ? LogicalPlan.project(rows, outputs(values, target.address, table))
            : oneChangePerRow(rows, values, target.address, table)
        return try boundQuery(plan, target: .update(table))
    }

    /// Whether `error_on_nondeterministic_update` is on.
    private var refusesSeveralMatches: Bool {
        let value = context.setting("error_on_nondeterministic_update") ?? ""
        return ["on", "true", "t", "1", "yes"].contains(value)
    }

    /// What every column holds after SET: its old value where nothing is assigned to it.
    ///
    /// - Errors: 42703 unknown column, 42601 a column assigned twice, 0A000 a value for an
    ///   IDENTITY column, those of ``assigned(_:to:column:)``.
    func assignedValues(
        _ assignments: [UpdateSyntax.Assignment],
        to columns: [PlanColumn],
        of table: TableDefinition,
        _ scope: Scope
    ) throws(SQLError) -> [Expression] {
        scope.clause = .update
        var values = columns.map { Expression.column($0.id, $0.type) }
        var seen: Set<ColumnIndex> = []
        for assignment in assignments {
            let index = try bindColumnIndex(assignment.column, of: table)
            guard seen.insert(index).inserted else {
                throw SQLError(
                    .syntaxError,
                    "multiple assignments to same column \"\(assignment.column.text)\"",
                    position: assignment.column.position
                )
            }
            let column = table.columns[index]
            switch assignment.value {
            case .defaultValue: values[index] = try defaultValue(index, of: table)
            case .expression(let syntax):
                try requireAssignable(column, at: syntax.position)
                values[index] = try assigned(
                    try bindOperand(syntax, scope),
                    to: column.type,
                    column: column.name
                )
            }
        }
        return values
    }

    /// The new values of all columns, then the address of the row they replace.
    func outputs(
        _ values: [Expression],
        _ addresses: [PlanColumn],
        _ table: TableDefinition
    ) -> [NamedExpression] {
        var items: [NamedExpression] = []
        for (column, value) in zip(table.columns, values) {
            items.append(
                NamedExpression(column: makeColumn(column.name, column.type), expression: value)
            )
        }
        for address in addresses {
            items.append(
                NamedExpression(
                    column: makeColumn(address.name, address.type),
                    expression: .column(address.id, address.type)
                )
            )
        }
        return items
    }

    /// UPDATE … FROM: where several source rows match a row, all its values are of one of them.
    ///
    /// - Source: Redshift and PostgreSQL, where which one it is cannot be told beforehand.
    private func oneChangePerRow(
        _ rows: LogicalPlan,
        _ values: [Expression],
        _ addresses: [PlanColumn],
        _ table: TableDefinition
    ) -> LogicalPlan {
        let items = outputs(values, addresses, table)
        let projected = LogicalPlan.project(rows, items)
        let groups = items.suffix(2).map { item in
            NamedExpression(
                column: makeColumn(item.column.name, item.column.type),
                expression: .column(item.column.id, item.column.type)
            )
        }
        let kept = items.dropLast(2).map { item in
            AggregateCall(
                column: makeColumn(item.column.name, item.column.type),
                function: .firstRow,
                argument: .column(item.column.id, item.column.type)
            )
        }
        let grouped = LogicalPlan.aggregate(projected, groups: groups, aggregates: kept)
        let ordered = kept.map(\.column) + groups.map(\.column)
        return .project(
            grouped,
            ordered.map { column in
                NamedExpression(
                    column: makeColumn(column.name, column.type),
                    expression: .column(column.id, column.type)
                )
            }
        )
    }

    // MARK: Rows to change

    /// The table's rows with their addresses, joined with the sources.
    private struct ChangedRows {
        var rows: BoundFrom
        /// The table's own columns.
        var columns: [PlanColumn]
        /// Row address and row slice.
        var address: [PlanColumn]
    }

    private func changedRows(
        _ table: TableDefinition,
        alias: NameSyntax?,
        sources: [TableReferenceSyntax],
        in environment: Environment
    ) throws(SQLError) -> ChangedRows {
        let target = try scan(
            table,
            alias: alias?.text,
            emitsRowAddress: true
        )
        let columns = target.relations[0].columns
        let address = Array(target.plan.columns.suffix(2))
        var rows = target
        for source in sources {
            try refuseOuterJoin(in: source)
            let other = try bindFrom([source], in: environment)
            rows = try crossJoin(rows, other, at: source.position)
        }
        return ChangedRows(rows: rows, columns: columns, address: address)
    }

    /// 0A000 for an outer join among the sources of a change.
    private func refuseOuterJoin(in source: TableReferenceSyntax) throws(SQLError) {
        guard case .join(let join) = source else { return }
        guard join.kind == .inner || join.kind == .cross else {
            throw SQLError(
                .featureNotSupported,
                "Target table must be part of an equijoin predicate",
                position: join.position
            )
        }
        try refuseOuterJoin(in: join.left)
        try refuseOuterJoin(in: join.right)
    }

    private func environment(extendedBy with: WithSyntax?) throws(SQLError) -> Environment {
        try extend(Environment(), by: with)
    }
}
