import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// A subquery whose columns of the outer query are still in place.
struct BoundSubquery {
    var plan: LogicalPlan
    var link: OuterLink

    /// Whether it reads columns of the outer query; those that folded away, as in
    /// `coalesce(5, t.a)`, do not count.
    var isCorrelated: Bool { plan.reads(anyOf: link.references) }
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
        return try joinedRow(subquery, scope, at: position)[0]
    }

    /// EXISTS as a value.
    func bindExistsValue(
        _ query: Query,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let subquery = try bindSubquery(query, scope, at: position)
        guard subquery.isCorrelated else { return existence(of: subquery.plan) }
        let rows = try decorrelated(subquery, withoutOutput(subquery.plan), at: position)
        return markValue(rows, test: nil, scope)
    }
}
