import Plans
import SQLTypes

/// Joins with what subqueries became that are neither inner nor outer ones: semi joins whose left
/// side is built, and mark joins.
extension PhysicalPlanner {
    /// A semi or anti join whose left side is the smaller one and is built; nil where that does
    /// not pay, or where it would take a broadcast.
    ///
    /// The right side's scan is then pruned by the left's keys, and the left's rows come out
    /// once each, whatever they hold.
    func rightSemiJoin(
        _ semi: JoinGroup.SemiJoin,
        _ left: PhysicalNode,
        _ required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode? {
        guard semi.kind == .semi || semi.kind == .anti, left.rows * 2 < semi.right.rows else {
            return nil
        }
        let kind: JoinKind = semi.kind == .semi ? .rightSemi : .rightAnti
        let usual = try makeConditionalJoin(
            semi.kind,
            left,
            semi.right,
            semi.conjuncts,
            rows: max(1, left.rows * semi.selectivity)
        )
        guard case .join(let join) = usual.kind, !join.keys.isEmpty else { return nil }
        // The sides as the usual join has them, with columns for computed keys.
        let (outer, inner) = (usual.children[1], usual.children[0])
        let turned = join.keys.map { JoinKeyPair(outer: $0.inner, inner: $0.outer, type: $0.type) }
        guard let motion = context.meetingMotion(kind, outer, inner, turned),
            motion.cost <= context.chooseMotion(semi.kind, inner, outer, join.keys).cost
        else { return nil }
        let node = try makeConditionalJoin(
            kind,
            semi.right,
            left,
            semi.conjuncts,
            rows: usual.rows
        )
        return trimmed(node, to: required)
    }

    /// A join that puts out every row of the left with the value of a subquery's test.
    ///
    /// Equalities of its condition are keys; those of the test are too if they are all of it.
    /// Rows meet by the keys of the condition alone: whatever is NULL in the test must be seen.
    func planMarkJoin(
        _ mark: SubqueryMark,
        _ left: LogicalPlan,
        _ right: LogicalPlan,
        _ conjuncts: [Expression]
    ) throws(SQLError) -> PhysicalNode {
        var (outer, inner) = (try plan(left), try plan(right))
        let (leftIDs, rightIDs) = (
            Set(outer.columns.map(\.id)), Set(inner.columns.map(\.id))
        )
        func sides(
            _ conjunct: Expression
        ) -> (outer: Expression, inner: Expression)? {
            guard let (one, other) = keySides(conjunct), !one.columns.isEmpty,
                !other.columns.isEmpty
            else { return nil }
            if one.columns.isSubset(of: leftIDs), other.columns.isSubset(of: rightIDs) {
                return (one, other)
            }
            if one.columns.isSubset(of: rightIDs), other.columns.isSubset(of: leftIDs) {
                return (other, one)
            }
            return nil
        }
        let conditionKeys = conjuncts.compactMap(sides)
        let residual = conjuncts.filter { sides($0) == nil }
        let tests = mark.test?.conjuncts ?? []
        var testKeys = tests.compactMap(sides)
        if testKeys.count < tests.count { testKeys = [] }
        let rows = outer.rows
        let pairs = keyPairs(conditionKeys + testKeys, &outer, &inner)
        let motion = context.chooseMotion(
            .mark(mark),
            outer,
            inner,
            Array(pairs.prefix(conditionKeys.count))
        )
        var join = PhysicalJoin(
            kind: .mark(mark),
            keys: pairs,
            residual: residual,
            motion: motion,
            isInnerUnique: false
        )
        join.markCondition = Expression.conjunction(conjuncts)
        join.markKeyCount = testKeys.count
        let columns = outer.columns + [mark.column]
        var node = joinNode(join, outer, inner, columns: columns, rows: rows, motion)
        addJoinCosts(&node, outer, inner, keyCount: pairs.count, residual + tests, motion)
        return node
    }
}
