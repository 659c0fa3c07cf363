import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// UNION, INTERSECT and EXCEPT.
    ///
    /// ```
    /// UNION ALL   unionAll of all arms of a chain
    /// UNION       distinct over it
    /// INTERSECT   group both arms, each marked, by all columns; keep groups seen on both sides
    /// EXCEPT      likewise; keep groups seen on the left only
    /// ```
    /// Grouping takes NULLs as equal, which is what the set operations want and joins do not.
    func bindSetOperation(
        _ operation: SetOperationSyntax,
        in environment: Environment,
        keepsUnknown: Bool
    ) throws(SQLError) -> LogicalPlan {
        if operation.isAll, operation.kind != .union {
            throw SQLError.unsupported(
                "\(operation.kind.rawValue) ALL",
                position: operation.position
            )
        }
        let arms = try bindArms(operation, in: environment)
        let columns = try unifiedColumns(
            arms,
            operation: operation,
            keepsUnknown: keepsUnknown
        )
        let types = columns.map(\.type)
        var plans: [LogicalPlan] = []
        for arm in arms {
            plans.append(try withColumnTypes(arm, types, at: operation.position))
        }
        switch operation.kind {
        case .union:
            let all = LogicalPlan.unionAll(plans, columns: columns)
            return operation.isAll ? all : .distinct(all)
        case .intersect, .except:
            return markedGroups(plans, columns: columns, kind: operation.kind)
        }
    }

    /// The arms of a chain of one operation; longer than two for UNIONs only.
    private func bindArms(
        _ operation: SetOperationSyntax,
        in environment: Environment
    ) throws(SQLError) -> [LogicalPlan] {
        var bodies: [QueryBody] = [operation.right]
        var left = operation.left
        // A chain of UNION ALL, or of UNION, nests to the left; its arms become one list.
        while case .setOperation(let inner) = left, inner.kind == .union,
            operation.kind == .union, inner.isAll == operation.isAll
        {
            bodies.append(inner.right)
            left = inner.left
        }
        bodies.append(left)
        var arms: [LogicalPlan] = []
        for body in bodies.reversed() {
            if case .query(let inner) = body, let limit = inner.limit ?? inner.offset {
                throw SQLError(
                    .syntaxError,
                    "LIMIT may not be used within input to set operations.",
                    position: limit.position
                )
            }
            let query = Query(body: body, position: operation.position)
            arms.append(try bindQuery(query, in: environment, keepsUnknown: true))
        }
        return arms
    }

    private func unifiedColumns(
        _ arms: [LogicalPlan],
        operation: SetOperationSyntax,
        keepsUnknown: Bool
    ) throws(SQLError) -> [PlanColumn] {
        let outputs = arms.map(\.columns)
        let width = outputs.first?.count ?? 0
        guard outputs.allSatisfy({ $0.count == width }) else {
            throw SQLError(
                .syntaxError,
                "each \(operation.kind.rawValue) query must have the same number of columns",
                position: operation.position
            )
        }
        var columns: [PlanColumn] = []
        for index in 0..<width {
            let operands = zip(arms, outputs).map { arm, columns in
                let column = Expression.column(columns[index].id, columns[index].type)
                return Operand(longestLiteral(of: index, in: arm) ?? column, operation.position)
            }
            let isUnknown = operands.allSatisfy { $0.expression.type == .unknown }
            let type =
                isUnknown && keepsUnknown
                ? DataType.unknown
                : try commonType(operands, construct: operation.kind.rawValue)
            columns.append(makeColumn(outputs[0][index].name, type))
        }
        return columns
    }

    /// The longest literal of unknown type that a plan's column holds.
    ///
    /// The common type has room for it. Nil for a column of another type.
    private func longestLiteral(of index: Int, in plan: LogicalPlan) -> Expression? {
        guard plan.columns[index].type == .unknown else { return nil }
        switch plan {
        case .project(let input, let items), .aggregate(let input, groups: let items, _):
            guard index < items.count else { return nil }
            guard case .column(let id, _) = items[index].expression else {
                return items[index].expression
            }
            return input.columns.firstIndex { $0.id == id }
                .flatMap { longestLiteral(of: $0, in: input) }
        case .unionAll(let arms, _):
            return arms.compactMap { longestLiteral(of: index, in: $0) }
                .max { literalLength($0) < literalLength($1) }
        case .distinct(let input), .sort(let input, _), .filter(let input, _),
            .limit(let input, _, _):
            return longestLiteral(of: index, in: input)
        default: return nil
        }
    }

    private func literalLength(_ expression: Expression) -> Int {
        guard case .constant(.string(let bytes), _) = expression else { return 0 }
        return bytes.count
    }

    /// A plan whose columns have these types: literals take them, other columns are cast.
    func withColumnTypes(
        _ plan: LogicalPlan,
        _ types: [DataType],
        at position: Int
    ) throws(SQLError) -> LogicalPlan {
        let plan = try withLiterals(plan, types, at: position)
        let columns = plan.columns
        guard columns.map(\.type) != types else { return plan }
        if case .project(let input, var items) = plan {
            for index in items.indices where columns[index].type != types[index] {
                items[index].expression = try coerce(
                    items[index].expression,
                    to: types[index],
                    at: position
                )
                items[index].column.type = types[index]
            }
            return .project(input, items)
        }
        var items: [NamedExpression] = []
        for (column, type) in zip(columns, types) {
            let value = Expression.column(column.id, column.type)
            items.append(
                NamedExpression(
                    column: makeColumn(
                        column.name,
                        type,
                        qualifier: column.qualifier,
                        origin: column.type == type ? column.origin : nil
                    ),
                    expression: try coerce(value, to: type, at: position)
                )
            )
        }
        return .project(plan, items)
    }

    /// A plan whose literals of no type are read as values of these types, at their places.
    private func withLiterals(
        _ plan: LogicalPlan,
        _ types: [DataType],
        at position: Int
    ) throws(SQLError) -> LogicalPlan {
        var columns = plan.columns
        let untyped = columns.indices.filter { columns[$0].type == .unknown }
        guard !untyped.isEmpty else { return plan }
        for index in untyped { columns[index].type = types[index] }
        switch plan {
        case .project(let input, var items):
            for index in untyped {
                guard case .constant = items[index].expression else { continue }
                let place = literalPositions[columns[index].id]?.first ?? position
                items[index].expression = try coerce(
                    items[index].expression,
                    to: types[index],
                    at: place
                )
                items[index].column = columns[index]
            }
            return .project(input, items)
        case .values(var rows, _):
            for index in untyped {
                let places = literalPositions[columns[index].id] ?? []
                for row in rows.indices {
                    rows[row][index] = try coerce(
                        rows[row][index],
                        to: types[index],
                        at: row < places.count ? places[row] : position
                    )
                }
            }
            return .values(rows: rows, columns: columns)
        case .unionAll(var arms, _):
            let all = columns.map(\.type)
            for index in arms.indices {
                arms[index] = try withColumnTypes(arms[index], all, at: position)
            }
            return .unionAll(arms, columns: columns)
        case .distinct(let input): return .distinct(try withLiterals(input, types, at: position))
        case .sort(let input, var keys):
            let settled = try withLiterals(input, types, at: position)
            let known = Dictionary(settled.columns.map { ($0.id, $0.type) }) { first, _ in first }
            for index in keys.indices {
                guard case .column(let id, let type) = keys[index].expression else { continue }
                keys[index].expression = .column(id, known[id] ?? type)
            }
            return .sort(settled, keys)
        default: return plan
        }
    }

    /// INTERSECT and EXCEPT: groups of both arms by the sides they come from.
    private func markedGroups(
        _ arms: [LogicalPlan],
        columns: [PlanColumn],
        kind: SetOperationSyntax.Kind
    ) -> LogicalPlan {
        let one = Expression.constant(.int64(1), .integer)
        let zero = Expression.constant(.int64(0), .integer)
        var marked: [LogicalPlan] = []
        for (side, arm) in arms.enumerated() {
            var items = arm.columns.map { column in
                NamedExpression(
                    column: makeColumn(column.name, column.type),
                    expression: .column(column.id, column.type)
                )
            }
            for marker in 0..<2 {
                items.append(
                    NamedExpression(
                        column: makeColumn("side\(marker)", .integer),
                        expression: marker == side ? one : zero
                    )
                )
            }
            marked.append(.project(arm, items))
        }
        let inner = columns.map { makeColumn($0.name, $0.type) }
        let sides = (0..<2).map { makeColumn("side\($0)", .integer) }
        let all = LogicalPlan.unionAll(marked, columns: inner + sides)
        let groups = zip(columns, inner).map { column, source in
            NamedExpression(column: column, expression: .column(source.id, source.type))
        }
        let seen = sides.map { side in
            AggregateCall(
                column: makeColumn("seen_\(side.name)", .integer),
                function: .maximum,
                argument: .column(side.id, side.type)
            )
        }
        let grouped = LogicalPlan.aggregate(all, groups: groups, aggregates: seen)
        let tests = seen.enumerated().map { side, call in
            Expression.compare(
                .equal,
                .column(call.column.id, .integer),
                side == 1 && kind == .except ? zero : one
            )
        }
        let items = columns.map { column in
            NamedExpression(
                column: makeColumn(column.name, column.type),
                expression: .column(column.id, column.type)
            )
        }
        return .project(.filter(grouped, .and(tests)), items)
    }
}
