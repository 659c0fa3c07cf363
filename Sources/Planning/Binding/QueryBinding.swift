import Plans
import SQLSyntax
import SQLTypes

extension Binder {
    /// Binds a query; the plan's columns are its output, in order and named.
    ///
    /// With `keepsUnknown`, string literals and NULLs of the select list stay untyped, for a
    /// context that gives them a type.
    func bindQuery(
        _ query: Query,
        in environment: Environment,
        keepsUnknown: Bool = false
    ) throws(SQLError) -> LogicalPlan {
        try enter(at: query.position)
        defer { leave() }
        let environment = try extend(environment, by: query.with)
        if case .select(let select) = query.body {
            return try bindSelect(
                select,
                orderBy: query.orderBy,
                limit: query.limit,
                offset: query.offset,
                in: environment,
                keepsUnknown: keepsUnknown
            )
        }
        var plan = try bindBody(query.body, in: environment, keepsUnknown: keepsUnknown)
        plan = try sortOutput(plan, by: query.orderBy)
        return try limited(plan, count: query.limit, offset: query.offset)
    }

    private func bindBody(
        _ body: QueryBody,
        in environment: Environment,
        keepsUnknown: Bool
    ) throws(SQLError) -> LogicalPlan {
        switch body {
        case .select(let select):
            return try bindSelect(
                select,
                orderBy: [],
                limit: nil,
                offset: nil,
                in: environment,
                keepsUnknown: keepsUnknown
            )
        case .query(let query):
            return try bindQuery(query, in: environment, keepsUnknown: keepsUnknown)
        case .values(let rows, let position):
            return try bindValues(rows, at: position, in: environment, keepsUnknown: keepsUnknown)
        case .setOperation(let operation):
            try enter(at: operation.position)
            defer { leave() }
            return try bindSetOperation(operation, in: environment, keepsUnknown: keepsUnknown)
        }
    }

    func extend(
        _ environment: Environment,
        by with: WithSyntax?
    ) throws(SQLError) -> Environment {
        guard let with else { return environment }
        var extended = environment
        var names: Set<String> = []
        for expression in with.expressions {
            guard names.insert(expression.name.text).inserted else {
                throw SQLError(
                    .duplicateAlias,
                    "WITH query name \"\(expression.name.text)\" specified more than once",
                    position: expression.name.position
                )
            }
            extended.commonTables[expression.name.text] = CommonTable(
                syntax: expression,
                environment: extended,
                isRecursive: with.isRecursive
                    && expression.query.refers(to: expression.name.text)
            )
        }
        return extended
    }

    // MARK: Values

    /// VALUES as a query: columns `column1`, `column2`, … of the common types of the rows.
    private func bindValues(
        _ rows: [[ExpressionSyntax]],
        at position: Int,
        in environment: Environment,
        keepsUnknown: Bool
    ) throws(SQLError) -> LogicalPlan {
        let scope = Scope(environment: environment, clause: .values)
        let width = rows.first?.count ?? 0
        var bound: [[Expression]] = []
        bound.reserveCapacity(rows.count)
        for row in rows {
            guard row.count == width else {
                throw SQLError(
                    .syntaxError,
                    "VALUES lists must all be the same length",
                    position: row.first?.position ?? position
                )
            }
            var values: [Expression] = []
            values.reserveCapacity(width)
            for item in row { values.append(try bindExpression(item, scope)) }
            bound.append(values)
        }
        var columns: [PlanColumn] = []
        for index in 0..<width {
            var operands: [Operand] = []
            operands.reserveCapacity(bound.count)
            for (row, values) in bound.enumerated() {
                operands.append(Operand(values[index], rows[row][index].position))
            }
            let isUnknown = operands.allSatisfy { $0.expression.type == .unknown }
            let type =
                isUnknown && keepsUnknown
                ? DataType.unknown : try commonType(operands, construct: "VALUES")
            for (row, operand) in operands.enumerated() where operand.expression.type != type {
                bound[row][index] = try coerce(operand.expression, to: type, at: operand.position)
            }
            let column = makeColumn("column\(index + 1)", type)
            if type == .unknown { literalPositions[column.id] = operands.map(\.position) }
            columns.append(column)
        }
        return .values(rows: bound, columns: columns)
    }

    // MARK: Order and limit of a whole query

    /// ORDER BY over the output of a set operation, VALUES or a query in parentheses.
    private func sortOutput(
        _ plan: LogicalPlan,
        by items: [OrderItemSyntax]
    ) throws(SQLError) -> LogicalPlan {
        guard !items.isEmpty else { return plan }
        let columns = plan.columns
        var keys: [SortItem] = []
        for item in items {
            let position = item.expression.position
            let column: PlanColumn
            switch item.expression.kind {
            case .integer(let digits):
                column =
                    columns[
                        try ordinal(digits, of: columns.count, clause: .orderBy, at: position)
                    ]
            case .column(let name) where name.parts.count == 1:
                guard let found = columns.first(where: { $0.name == name.name }) else {
                    throw SQLError(
                        .undefinedColumn,
                        "column \"\(name.name)\" does not exist",
                        position: position
                    )
                }
                column = found
            default:
                throw SQLError(
                    .featureNotSupported,
                    "ORDER BY on a UNION/INTERSECT/EXCEPT result must be on one of the result "
                        + "columns",
                    position: position
                )
            }
            keys.append(
                SortItem(
                    expression: .column(column.id, column.type),
                    isAscending: item.isAscending,
                    nullsFirst: item.nullsFirst
                )
            )
        }
        return .sort(plan, keys)
    }

    /// The place, from 0, that an ordinal of ORDER BY or GROUP BY names; 42P10 if there is none.
    func ordinal(
        _ digits: String,
        of count: Int,
        clause: Scope.Clause,
        at position: Int
    ) throws(SQLError) -> Int {
        guard let number = Int(digits), number >= 1, number <= count else {
            throw SQLError(
                .invalidColumnReference,
                "\(clause.rawValue) position \(digits) is not in select list",
                position: position
            )
        }
        return number - 1
    }

    /// LIMIT and OFFSET over a plan.
    func limited(
        _ plan: LogicalPlan,
        count: ExpressionSyntax?,
        offset: ExpressionSyntax?
    ) throws(SQLError) -> LogicalPlan {
        let limit = try rowCount(count, clause: .limit)
        let skipped = try rowCount(offset, clause: .offset) ?? 0
        guard limit != nil || skipped > 0 else { return plan }
        return .limit(plan, count: limit, offset: skipped)
    }

    /// The constant of LIMIT, TOP or OFFSET; nil for none and for NULL.
    private func rowCount(
        _ syntax: ExpressionSyntax?,
        clause: Scope.Clause
    ) throws(SQLError) -> Int? {
        guard let syntax else { return nil }
        let scope = Scope(environment: Environment(), clause: clause)
        let bound = try bindExpression(syntax, scope)
        let value = try coerce(bound, to: .bigint, at: syntax.position)
        switch value {
        case .constant(.null, _): return nil
        case .constant(.int64(let number), _):
            guard number >= 0 else {
                throw SQLError(
                    clause == .limit ? .invalidLimit : .invalidOffset,
                    "\(clause.rawValue) must not be negative",
                    position: syntax.position
                )
            }
            // No result is that long, and a sum of two such numbers is still one.
            return Int(min(number, Int64.max / 2))
        default:
            throw SQLError(
                .featureNotSupported,
                "argument of \(clause.rawValue) must be a constant",
                position: syntax.position
            )
        }
    }
}
