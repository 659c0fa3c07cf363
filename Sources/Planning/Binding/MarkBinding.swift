import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// EXISTS, IN, ANY and ALL as values, wherever an expression may stand: as mark joins.
extension Binder {
    /// The value of a subquery's test for each row, by a join that is still to be attached.
    func markValue(
        _ rows: DecorrelatedRows,
        test: Expression?,
        _ scope: Scope
    ) -> Expression {
        let column = makeColumn("mark", .boolean)
        scope.pendingJoins.append(
            Scope.PendingJoin(
                kind: .mark(SubqueryMark(column: column, test: test)),
                plan: rows.plan,
                condition: Expression.conjunction(rows.conditions),
                isBelowAggregate: scope.isInsideAggregate || scope.clause == .groupBy,
                domain: rows.domain
            )
        )
        return .column(column.id, column.type)
    }

    /// `x IN (SELECT …)` as a value: true, false, or NULL where NULLs leave it open.
    func bindInValue(
        _ left: ExpressionSyntax,
        _ query: Query,
        isNegated: Bool,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operands = try bindRow(left, scope)
        let subquery = try bindMarked(query, scope, at: position)
        try requireWidth(of: subquery.plan, toBe: operands.count, at: position)
        let rows = try decorrelated(subquery, subquery.plan, at: position)
        var tests: [Expression] = []
        for (operand, column) in zip(operands, rows.plan.columns) {
            let value = Operand(.column(column.id, column.type), position)
            tests.append(try comparison(.equal, operand, value, at: position))
        }
        let test = Expression.conjunction(tests)
        let value = markValue(rows, test: test, scope)
        return isNegated ? .not(value) : value
    }

    /// `x < ANY (SELECT …)`, `x <> ALL (SELECT …)` and so on as a value.
    ///
    /// ALL is the negation of ANY with the opposite comparison. Without correlation the least or
    /// the greatest value stands for all of them, beside a NULL if there is one.
    func bindQuantified(
        _ left: ExpressionSyntax,
        _ op: BinaryOperator,
        _ quantifier: ExpressionSyntax.Quantifier,
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        if op == .equal, quantifier == .any {
            return try bindInValue(left, query, isNegated: false, scope, at: position)
        }
        if op == .notEqual, quantifier == .all {
            return try bindInValue(left, query, isNegated: true, scope, at: position)
        }
        guard let written = op.comparison else {
            throw SQLError.unsupported("\(op.rawValue) \(quantifier.rawValue)", position: position)
        }
        let operands = try bindRow(left, scope)
        guard operands.count == 1 else {
            throw SQLError.unsupported(
                "\(op.rawValue) \(quantifier.rawValue) with a row of values",
                position: position
            )
        }
        let asked = quantifier == .any ? written : written.negated
        let subquery = try bindMarked(query, scope, at: position)
        try requireWidth(of: subquery.plan, toBe: 1, at: position)
        let rows = try decorrelated(subquery, subquery.plan, at: position)
        guard let column = rows.plan.columns.first else {
            throw unsupportedCorrelation(at: position)
        }
        let value = Operand(.column(column.id, column.type), position)
        let test = try comparison(asked, operands[0], value, at: position)
        let mark =
            subquery.isCorrelated
            ? nil : extremeMark(rows.plan, asked, test, scope)
        let any = mark ?? markValue(rows, test: test, scope)
        return quantifier == .any ? any : .not(any)
    }

    private func bindMarked(
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> BoundSubquery {
        guard scope.acceptsJoins else {
            throw SQLError.unsupported(
                "a subquery in \(scope.clause.rawValue)",
                position: position
            )
        }
        return try bindSubquery(query, scope, at: position)
    }

    /// A mark over at most two rows: the extreme values of the subquery, and its NULL.
    ///
    /// Nil where the values have no order.
    private func extremeMark(
        _ plan: LogicalPlan,
        _ asked: Comparison,
        _ test: Expression,
        _ scope: Scope
    ) -> Expression? {
        guard case .compare(let op, let left, let right) = test, op == asked,
            right.type != .boolean, !right.columns.isEmpty
        else { return nil }
        let value = makeColumn("value", right.type)
        let values = LogicalPlan.project(
            plan,
            [NamedExpression(column: value, expression: right)]
        )
        let read = Expression.column(value.id, value.type)
        let functions: [AggregateFunction] =
            switch asked {
            case .less, .lessOrEqual: [.maximum]
            case .greater, .greaterOrEqual: [.minimum]
            case .equal, .notEqual: [.minimum, .maximum]
            }
        let calls = functions.map { function in
            AggregateCall(
                column: makeColumn(function.rawValue, right.type),
                function: function,
                argument: read
            )
        }
        let isNull = NamedExpression(
            column: makeColumn("is_null", .boolean),
            expression: .isNull(read)
        )
        let few = LogicalPlan.aggregate(values, groups: [isNull], aggregates: calls)
        let tests = calls.map {
            Expression.compare(op, left, .column($0.column.id, $0.column.type))
        }
        // `x = ANY` is IN; asked as the opposite of `<> ALL` it never comes here.
        return markValue(
            DecorrelatedRows(plan: few),
            test: tests.count == 1 ? tests[0] : .or(tests),
            scope
        )
    }
}
