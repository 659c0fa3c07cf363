import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// Rows of a plan that satisfy WHERE.
    ///
    /// Conditions without subqueries filter first. EXISTS and IN among the conjuncts become semi
    /// and anti joins; correlated scalar subqueries become left joins, over which the conditions
    /// that use them filter last.
    func filtered(
        _ plan: LogicalPlan,
        by condition: ExpressionSyntax?,
        _ scope: Scope
    ) throws(SQLError) -> LogicalPlan {
        guard let condition else { return plan }
        scope.clause = .whereClause
        let terms = try bindTerms(of: condition, scope, acceptsOuterMarkers: true)
        var rows = try outerJoined(plan, by: terms.outerConditions)
        if let filter = Expression.conjunction(terms.plain) { rows = .filter(rows, filter) }
        return try attach(terms, to: rows, scope)
    }

    /// An inner join, whose condition may hold all that WHERE may but `(+)`.
    ///
    /// Conditions without subqueries join first.
    func innerJoin(
        _ left: LogicalPlan,
        _ right: LogicalPlan,
        on condition: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> LogicalPlan {
        scope.isInnerJoin = true
        defer { scope.isInnerJoin = false }
        let terms = try bindTerms(of: condition, scope, acceptsOuterMarkers: false)
        let rows = LogicalPlan.join(
            .inner,
            left,
            right,
            condition: Expression.conjunction(terms.plain)
        )
        return try attach(terms, to: rows, scope)
    }

    /// The conjuncts of a condition by when they filter.
    private struct BoundTerms {
        /// Those without subqueries.
        var plain: [Expression] = []
        /// Those over the columns of pending joins.
        var dependent: [Expression] = []
        /// Those that are joins themselves.
        var joins: [Scope.PendingJoin] = []
        var outerConditions: [OuterCondition] = []
    }

    private func attach(
        _ terms: BoundTerms,
        to plan: LogicalPlan,
        _ scope: Scope
    ) throws(SQLError) -> LogicalPlan {
        let rows = try attach(terms.joins + scope.takePendingJoins(), to: plan)
        return Expression.conjunction(terms.dependent).map { .filter(rows, $0) } ?? rows
    }

    private func bindTerms(
        of condition: ExpressionSyntax,
        _ scope: Scope,
        acceptsOuterMarkers: Bool
    ) throws(SQLError) -> BoundTerms {
        var syntaxes: [ExpressionSyntax] = []
        collectConjuncts(condition, into: &syntaxes)
        var terms = BoundTerms()
        for term in syntaxes {
            if let subquery = subqueryTerm(term) {
                switch try bindTerm(subquery, scope) {
                case .join(let join): terms.joins.append(join)
                case .condition(let expression): terms.plain.append(expression)
                case .dependent(let expression): terms.dependent.append(expression)
                }
                continue
            }
            let pendingCount = scope.pendingJoins.count
            scope.acceptsOuterMarkers = acceptsOuterMarkers
            scope.outerMarked = []
            let expression = try bindCondition(term, scope)
            scope.acceptsOuterMarkers = false
            if !scope.outerMarked.isEmpty {
                terms.outerConditions.append(
                    OuterCondition(
                        marked: scope.outerMarked,
                        expression: expression,
                        position: term.position
                    )
                )
            } else if scope.pendingJoins.count > pendingCount {
                terms.dependent.append(expression)
            } else {
                terms.plain.append(expression)
            }
        }
        return terms
    }

    private func collectConjuncts(
        _ syntax: ExpressionSyntax,
        into terms: inout [ExpressionSyntax]
    ) {
        if case .and(let parts) = syntax.kind {
            for part in parts { collectConjuncts(part, into: &terms) }
        } else {
            terms.append(syntax)
        }
    }

    /// A conjunct that is EXISTS or IN, perhaps negated.
    private enum SubqueryTerm {
        case exists(Query, isNegated: Bool, position: Int)
        case inSubquery(ExpressionSyntax, Query, isNegated: Bool, position: Int)
    }

    /// What a conjunct with a subquery turns into.
    private enum BoundTerm {
        case join(Scope.PendingJoin)
        case condition(Expression)
        /// Over what a join that is still pending puts out.
        case dependent(Expression)
    }

    private func subqueryTerm(
        _ syntax: ExpressionSyntax,
        isNegated: Bool = false
    ) -> SubqueryTerm? {
        switch syntax.kind {
        case .not(let operand): return subqueryTerm(operand, isNegated: !isNegated)
        case .exists(let query):
            return .exists(query, isNegated: isNegated, position: syntax.position)
        case .inSubquery(let left, let query, let negated):
            // NOT IN over rows needs the test's value.
            if negated != isNegated, case .row = left.kind { return nil }
            return .inSubquery(
                left,
                query,
                isNegated: negated != isNegated,
                position: syntax.position
            )
        case .quantified(let left, .equal, .any, let query) where !(isNegated && left.isRow):
            return .inSubquery(left, query, isNegated: isNegated, position: syntax.position)
        case .quantified(let left, .notEqual, .all, let query) where !left.isRow:
            return .inSubquery(left, query, isNegated: !isNegated, position: syntax.position)
        default: return nil
        }
    }

    private func bindTerm(_ term: SubqueryTerm, _ scope: Scope) throws(SQLError) -> BoundTerm {
        switch term {
        case .exists(let query, let isNegated, let position):
            return try bindExists(query, isNegated: isNegated, at: position, scope)
        case .inSubquery(let left, let query, let isNegated, let position):
            return try bindIn(left, query, isNegated: isNegated, at: position, scope)
        }
    }

    /// EXISTS as a semi or anti join; without correlation as a count of at most one row.
    private func bindExists(
        _ query: Query,
        isNegated: Bool,
        at position: Int,
        _ scope: Scope
    ) throws(SQLError) -> BoundTerm {
        let subquery = try bindSubquery(query, scope, at: position)
        guard subquery.isCorrelated else {
            let exists = existence(of: subquery.plan)
            return .condition(isNegated ? .not(exists) : exists)
        }
        let rows = try decorrelated(subquery, withoutOutput(subquery.plan), at: position)
        return .join(
            Scope.PendingJoin(
                kind: isNegated ? .anti : .semi,
                plan: rows.plan,
                condition: Expression.conjunction(rows.conditions),
                isBelowAggregate: true,
                domain: rows.domain
            )
        )
    }

    /// IN as a semi join, NOT IN as an anti join that minds NULLs.
    ///
    /// Where a NOT IN compares nothing, because its left side is NULL or some other constant, the
    /// subquery's having a row decides, or the test's value.
    private func bindIn(
        _ left: ExpressionSyntax,
        _ query: Query,
        isNegated: Bool,
        at position: Int,
        _ scope: Scope
    ) throws(SQLError) -> BoundTerm {
        let operands = try bindRow(left, scope)
        let subquery = try bindSubquery(query, scope, at: position)
        try requireWidth(of: subquery.plan, toBe: operands.count, at: position)
        let rows = try decorrelated(
            subquery,
            subquery.plan,
            groupsWithoutRows: isNegated ? .refused : .withoutCounts,
            at: position
        )
        var conditions: [Expression] = []
        for (operand, column) in zip(operands, rows.plan.columns) {
            conditions.append(
                try comparison(
                    .equal,
                    operand,
                    Operand(.column(column.id, column.type), position),
                    at: position
                )
            )
        }
        var kind = JoinKind.semi
        if isNegated, let test = conditions.first {
            switch simplified(test) {
            case .compare(.equal, _, _): kind = .antiNullAware
            case .constant(.null, _):
                guard subquery.isCorrelated else {
                    return .condition(.not(existence(of: subquery.plan)))
                }
                kind = .anti
                conditions = []
            default: return .dependent(.not(markValue(rows, test: test, scope)))
            }
        }
        return .join(
            Scope.PendingJoin(
                kind: kind,
                plan: rows.plan,
                condition: Expression.conjunction(conditions + rows.conditions),
                isBelowAggregate: true,
                domain: rows.domain
            )
        )
    }
}
