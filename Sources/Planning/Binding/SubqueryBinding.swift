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
        if !link.references.isEmpty, !scope.clause.acceptsJoins {
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
        var subquery = try bindSubquery(query, scope, at: position)
        guard subquery.isCorrelated else { return existence(of: subquery.plan) }
        let count = AggregateCall(
            column: makeColumn("count", .bigint),
            function: .countAll,
            argument: nil
        )
        subquery.plan = .aggregate(
            withoutOutput(subquery.plan),
            groups: [],
            aggregates: [count]
        )
        let value = try correlatedScalar(subquery, scope, at: position)
        return .compare(.greater, value, .constant(.int64(0), .bigint))
    }

    /// `x IN (SELECT …)` as a value: true, false, or NULL where NULLs leave it open.
    ///
    /// ```
    /// left join (select distinct c from q) on x = c
    /// CASE WHEN c IS NOT NULL THEN true
    ///      WHEN (x IS NULL AND q has rows) OR q has NULLs THEN NULL
    ///      ELSE false END
    /// ```
    func bindInValue(
        _ left: ExpressionSyntax,
        _ query: Query,
        isNegated: Bool,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operands = try bindRow(left, scope)
        guard operands.count == 1, let operand = operands.first, scope.clause.acceptsJoins else {
            throw SQLError.unsupported("IN (subquery) in this position", position: position)
        }
        let subquery = try bindSubquery(query, scope, at: position)
        try requireWidth(of: subquery.plan, toBe: 1, at: position)
        guard !subquery.isCorrelated, let source = subquery.plan.columns.first else {
            throw unsupportedCorrelation(at: position)
        }
        let key = NamedExpression(
            column: makeColumn(source.name, source.type, origin: source.origin),
            expression: .column(source.id, source.type)
        )
        let keyValue = Expression.column(key.column.id, key.column.type)
        let condition = try comparison(
            .equal,
            operand,
            Operand(keyValue, position),
            at: position
        )
        scope.pendingJoins.append(
            Scope.PendingJoin(
                kind: .left,
                plan: .aggregate(subquery.plan, groups: [key], aggregates: []),
                condition: condition,
                isBelowAggregate: scope.isInsideAggregate || scope.clause == .groupBy
            )
        )
        let hasRows = existence(
            of: try bindSubquery(query, scope, at: position).plan
        )
        let again = try bindSubquery(query, scope, at: position).plan
        let nullTest = again.columns.first.map { Expression.isNull(.column($0.id, $0.type)) }
        let hasNulls = existence(of: nullTest.map { .filter(again, $0) } ?? again)
        let value = Expression.searchedCase(
            [
                CaseBranch(
                    condition: .isNotNull(keyValue),
                    result: .constant(.bool(true), .boolean)
                ),
                CaseBranch(
                    condition: .or([.and([.isNull(operand.expression), hasRows]), hasNulls]),
                    result: .constant(.null, .boolean)
                ),
            ],
            otherwise: .constant(.bool(false), .boolean),
            .boolean
        )
        return isNegated ? .not(value) : value
    }

    /// A correlated scalar subquery as a left join with a query grouped by its correlation.
    ///
    /// ```
    /// (SELECT f(x) FROM u WHERE u.k = t.k)
    ///   → t LEFT JOIN (SELECT k, f(x) FROM u GROUP BY k) s ON s.k = t.k
    /// ```
    /// Without an aggregate of its own, one that insists on a single value per group stands in.
    /// A row of `t` without a match takes the value the subquery has over no rows, which is not
    /// NULL where it counts.
    private func correlatedScalar(
        _ subquery: BoundSubquery,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        var rows = subquery.plan
        var empty = valueOverNoRows(rows, column: 0)
        if empty == nil, let column = rows.columns.first {
            let single = AggregateCall(
                column: makeColumn(column.name, column.type, origin: column.origin),
                function: .singleValue,
                argument: .column(column.id, column.type)
            )
            rows = .aggregate(rows, groups: [], aggregates: [single])
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
            switch aggregates[column].function {
            case .count, .countAll: return .constant(.int64(0), .bigint)
            default: return .constant(.null, aggregates[column].column.type)
            }
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
