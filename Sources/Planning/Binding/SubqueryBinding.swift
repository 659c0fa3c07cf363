import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// A subquery whose columns of the outer query are still in place.
struct BoundSubquery {
    var plan: LogicalPlan
    var link: OuterLink

    /// Whether it reads columns of the outer query.
    var isCorrelated: Bool { !link.references.isEmpty }
}

extension Binder {
    /// Binds a query that may use the columns of `scope`.
    func bindSubquery(
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> BoundSubquery {
        let link = OuterLink(scope: scope)
        var environment = scope.environment
        environment.outer = link
        let plan = try bindQuery(query, in: environment)
        if !link.references.isEmpty, !scope.acceptsJoins {
            throw unsupportedCorrelation(at: position)
        }
        return BoundSubquery(plan: plan, link: link)
    }

    /// 0A000 in Redshift's words.
    func unsupportedCorrelation(at position: Int?) -> SQLError {
        SQLError(
            .featureNotSupported,
            "This type of correlated subquery pattern is not supported yet",
            position: position
        )
    }

    /// 42601 where a subquery has another number of columns than what it is compared with.
    func requireWidth(
        of plan: LogicalPlan,
        toBe width: Int,
        at position: Int
    ) throws(SQLError) {
        let count = plan.columns.count
        guard count != width else { return }
        let message =
            count > width
            ? (width == 1
                ? "subquery must return only one column" : "subquery has too many columns")
            : "subquery has too few columns"
        throw SQLError(.syntaxError, message, position: position)
    }

    /// A scalar, or a row of several.
    func bindRow(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> [Operand] {
        guard case .row(let items) = syntax.kind else {
            return [Operand(try bindExpression(syntax, scope), syntax.position)]
        }
        var operands: [Operand] = []
        for item in items {
            operands.append(Operand(try bindExpression(item, scope), item.position))
        }
        return operands
    }

    /// Keeps an uncorrelated scalar subquery's plan and refers to it.
    func scalar(_ plan: LogicalPlan) -> Expression {
        scalarSubqueries.append(plan)
        return .scalarSubquery(
            scalarSubqueries.count - 1,
            plan.columns.first?.type ?? .boolean
        )
    }

    /// Whether an uncorrelated query has a row: a count of at most one, compared with zero.
    func existence(of plan: LogicalPlan) -> Expression {
        let count = AggregateCall(
            column: makeColumn("count", .bigint),
            function: .countAll,
            argument: nil
        )
        let rows = LogicalPlan.limit(withoutOutput(plan), count: 1, offset: 0)
        let value = scalar(.aggregate(rows, groups: [], aggregates: [count]))
        return .compare(.greater, value, .constant(.int64(0), .bigint))
    }

    /// The rows of a query without what EXISTS does not care for.
    func withoutOutput(_ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .project(let input, _), .distinct(let input), .sort(let input, _):
            return withoutOutput(input)
        case .limit(let input, nil, 0): return withoutOutput(input)
        case .limit(let input, let count?, 0) where count > 0: return withoutOutput(input)
        default: return plan
        }
    }
}

// MARK: - Subqueries inside expressions

extension Binder {
    /// `(SELECT …)` as a value.
    func bindScalarSubquery(
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let subquery = try bindSubquery(query, scope, at: position)
        try requireWidth(of: subquery.plan, toBe: 1, at: position)
        guard subquery.isCorrelated else { return scalar(subquery.plan) }
        return try correlatedScalar(subquery, scope, at: position)
    }

    /// EXISTS as a value.
    func bindExistsValue(
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let subquery = try bindSubquery(query, scope, at: position)
        guard subquery.isCorrelated else { return existence(of: subquery.plan) }
        let decorrelator = Decorrelator(subquery.link.references, position, self)
        let (plan, conditions) = try decorrelator.pull(withoutOutput(subquery.plan))
        return markValue(plan, conditions, test: nil, scope)
    }

    /// The first argument, the value of a subquery that gave as many rows as the second says.
    ///
    /// - Errors: 21000 for more than one row.
    static let singleRowValue = ScalarFunction(
        "single_row",
        parameters: [],
        resultType: { $0[0] },
        nullRule: .own,
        canFail: true
    ) { (arguments, _, count) throws(SQLError) in
        for row in 0..<count {
            guard case .int64(let rowCount) = arguments[1].datum(row), rowCount > 1 else {
                continue
            }
            throw SQLError(
                .cardinalityViolation,
                "more than one row returned by a subquery used as an expression"
            )
        }
        return arguments[0]
    }

    /// A correlated scalar subquery as a left join with a query grouped by its correlation.
    ///
    /// ```
    /// (SELECT f(x) FROM u WHERE u.k = t.k)
    ///   → t LEFT JOIN (SELECT k, f(x) FROM u GROUP BY k) s ON s.k = t.k
    /// ```
    /// Without an aggregate of its own, any value of the group and the group's size stand in: a
    /// row of `t` that meets a group of several is an error, a group that no row meets is none.
    /// A row of `t` without a match takes the value the subquery has over no rows, which is not
    /// NULL where it counts.
    private func correlatedScalar(
        _ subquery: BoundSubquery,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        var rows = subquery.plan
        var empty = valueOverNoRows(rows, column: 0)
        let isSingleRow = empty == nil
        if isSingleRow, let column = rows.columns.first {
            let value = AggregateCall(
                column: makeColumn(column.name, column.type, origin: column.origin),
                function: .anyValue,
                argument: .column(column.id, column.type)
            )
            let count = AggregateCall(
                column: makeColumn("count", .bigint),
                function: .countAll,
                argument: nil
            )
            rows = .aggregate(rows, groups: [], aggregates: [value, count])
            empty = .constant(.null, column.type)
        }
        var decorrelator = Decorrelator(subquery.link.references, position, self)
        decorrelator.groupsWithoutRows = .accepted
        let (plan, conditions) = try decorrelator.pull(rows)
        guard let value = plan.columns.first, let empty,
            case .compare(.equal, let key, _)? = conditions.first
        else { throw unsupportedCorrelation(at: position) }
        scope.pendingJoins.append(
            Scope.PendingJoin(
                kind: .left,
                plan: plan,
                condition: Expression.conjunction(conditions),
                isBelowAggregate: scope.isInsideAggregate || scope.clause == .groupBy
            )
        )
        let result = Expression.column(value.id, value.type)
        if isSingleRow, plan.columns.count > 1 {
            let count = plan.columns[1]
            let arguments = [result, .column(count.id, count.type)]
            return .call(Self.singleRowValue, arguments, value.type)
        }
        if case .constant(.null, _) = empty { return result }
        return .searchedCase(
            [CaseBranch(condition: .isNotNull(key), result: result)],
            otherwise: empty,
            value.type
        )
    }

    /// What a column of an ungrouped aggregate, or of expressions over one, is without rows; nil
    /// if the plan is no such thing.
    private func valueOverNoRows(_ plan: LogicalPlan, column: Int) -> Expression? {
        switch plan {
        case .aggregate(_, let groups, let aggregates) where groups.isEmpty:
            guard column < aggregates.count else { return nil }
            return aggregates[column].function.isCount
                ? .constant(.int64(0), .bigint)
                : .constant(.null, aggregates[column].column.type)
        case .project(let input, let items):
            var values: [ColumnID: Expression] = [:]
            for (index, source) in input.columns.enumerated() {
                guard let value = valueOverNoRows(input, column: index) else { return nil }
                values[source.id] = value
            }
            return items[column].expression.rewritten { expression in
                if case .column(let id, _) = expression { return values[id] ?? expression }
                return folded(expression)
            }
        case .subquery(let input, _, _): return valueOverNoRows(input, column: column)
        default: return nil
        }
    }
}
