import Plans
import SQLTypes
import Vectors

/// A subquery's rows that read no outer column, and how they meet the rows of the outer query.
struct DecorrelatedRows {
    /// Puts out the subquery's columns, then others.
    var plan: LogicalPlan
    /// What pairs of rows that belong together satisfy.
    var conditions: [Expression] = []
    /// NULL, after a left join, where the outer row has met none; nil if not asked for.
    var match: Expression?
    var domain: Scope.Domain?
}

extension Binder {
    /// The rows of a plan made of a subquery, for all rows of the outer query at once.
    ///
    /// Equalities with outer columns become the conditions of the join, see ``Decorrelator``;
    /// where that is not enough the plan is joined with its domain, see ``DomainJoining``.
    ///
    /// - Errors: 0A000 where neither can be done.
    func decorrelated(
        _ subquery: BoundSubquery,
        _ plan: LogicalPlan,
        groupsWithoutRows: Decorrelator.GroupsWithoutRows = .refused,
        marksMatches: Bool = false,
        at position: Int
    ) throws(SQLError) -> DecorrelatedRows {
        guard plan.reads(anyOf: subquery.link.references) else {
            return DecorrelatedRows(plan: plan)
        }
        var decorrelator = Decorrelator(subquery.link.references, position, self)
        decorrelator.groupsWithoutRows = groupsWithoutRows
        do {
            let (rows, conditions) = try decorrelator.pull(plan)
            guard groupsWithoutRows == .accepted else {
                return DecorrelatedRows(plan: rows, conditions: conditions)
            }
            if case .compare(.equal, let key, _)? = conditions.first {
                return DecorrelatedRows(plan: rows, conditions: conditions, match: key)
            }
        } catch {
            guard error.state == .featureNotSupported else { throw error }
        }
        return try overDomain(
            subquery,
            plan,
            losesEmptyGroups: groupsWithoutRows == .accepted,
            marksMatches: marksMatches,
            at: position
        )
    }

    private func overDomain(
        _ subquery: BoundSubquery,
        _ plan: LogicalPlan,
        losesEmptyGroups: Bool,
        marksMatches: Bool,
        at position: Int
    ) throws(SQLError) -> DecorrelatedRows {
        // Redshift refuses correlation in a subquery with window functions.
        guard !subquery.link.callsWindows else { throw unsupportedCorrelation(at: position) }
        var outer: [PlanColumn] = []
        for id in subquery.link.references.sorted() {
            // Intervals of one length are one value of a domain, yet may be written differently.
            guard let column = subquery.link.scope.columns[id], column.type != .interval else {
                throw unsupportedCorrelation(at: position)
            }
            outer.append(column)
        }
        domainCount += 1
        let joining = DomainJoining(outer, number: -domainCount, position, self)
        let joined = try joining.joined(plan, losesEmptyGroups: losesEmptyGroups)
        var rows = DecorrelatedRows(
            plan: joined.plan,
            conditions: joining.agreement(
                outer,
                joined.domain,
                withoutNulls: joined.withoutNulls
            ),
            domain: Scope.Domain(
                number: -domainCount,
                values: outer.map { .column($0.id, $0.type) },
                position: position
            )
        )
        guard marksMatches else { return rows }
        let mark = makeColumn("is_match", .boolean)
        let passed = joined.plan.columns.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        let always = NamedExpression(column: mark, expression: .constant(.bool(true), .boolean))
        rows.plan = .project(joined.plan, passed + [always])
        rows.match = .column(mark.id, mark.type)
        return rows
    }
}
