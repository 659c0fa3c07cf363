import Plans
import SQLSyntax
import SQLTypes

/// A term of WHERE with columns marked by `(+)`.
struct OuterCondition {
    var marked: Set<ColumnID>
    var expression: Expression
    var position: Int
}

/// Outer joins written as `a.x = b.y(+)` in WHERE: rows of `a` stay without a match in `b`.
///
/// - Source: Redshift's manual, "Oracle-Style Outer Joins in the WHERE Clause".
extension Binder {
    /// A column marked with `(+)`.
    ///
    /// - Errors: 0A000 where the marker has no meaning, and beside JOIN.
    func bindOuterColumn(
        _ name: ObjectNameSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        guard scope.acceptsOuterMarkers else {
            throw SQLError(
                .featureNotSupported,
                scope.clause == .whereClause
                    ? "Outer join operator (+) not allowed in operand of OR or IN."
                    : "Outer join operator (+) is allowed in WHERE only.",
                position: name.position
            )
        }
        guard !scope.hasJoinSyntax else {
            throw SQLError(
                .featureNotSupported,
                "Outer join operator (+) is not allowed beside JOIN in the same query block.",
                hint: "Write the outer join as LEFT JOIN … ON.",
                position: name.position
            )
        }
        let value = try bindExpression(
            ExpressionSyntax(.column(name), position: name.position),
            scope
        )
        scope.outerMarked.formUnion(value.columns)
        return value
    }

    /// The tables of FROM, those with marked columns joined by left joins to the others.
    ///
    /// - Errors: 0A000 for a table joined so to several others, and for a circle.
    func outerJoined(
        _ plan: LogicalPlan,
        by conditions: [OuterCondition]
    ) throws(SQLError) -> LogicalPlan {
        guard let first = conditions.first else { return plan }
        let tables = crossJoined(plan)
        let columns = tables.map { Set($0.columns.map(\.id)) }
        var terms: [Int: [Expression]] = [:]
        var partners: [Int: Set<Int>] = [:]
        for condition in conditions {
            guard let own = columns.firstIndex(where: { condition.marked.isSubset(of: $0) }) else {
                throw misused(at: condition.position)
            }
            let read = condition.expression.columns
            let others = columns.indices.filter {
                $0 != own && !columns[$0].isDisjoint(with: read)
            }
            terms[own, default: []].append(condition.expression)
            partners[own, default: []].formUnion(others)
            guard partners[own, default: []].count < 2 else {
                throw misused(at: condition.position)
            }
        }
        var joined = Set(tables.indices.filter { terms[$0] == nil })
        let inner = tables.indices.filter { joined.contains($0) }.map { tables[$0] }
        guard var rows = inner.first else { throw misused(at: first.position) }
        for table in inner.dropFirst() { rows = .join(.inner, rows, table, condition: nil) }
        while joined.count < tables.count {
            let next = tables.indices.first {
                !joined.contains($0) && partners[$0, default: []].isSubset(of: joined)
            }
            guard let next else { throw misused(at: first.position) }
            rows = .join(
                .left,
                rows,
                tables[next],
                condition: Expression.conjunction(terms[next] ?? [])
            )
            joined.insert(next)
        }
        return rows
    }

    private func misused(at position: Int) -> SQLError {
        SQLError(
            .featureNotSupported,
            "A table may be outer joined to at most one other table.",
            position: position
        )
    }

    /// The tables of a FROM that lists them between commas.
    private func crossJoined(_ plan: LogicalPlan) -> [LogicalPlan] {
        guard case .join(.inner, let left, let right, condition: nil) = plan else { return [plan] }
        return crossJoined(left) + [right]
    }
}
