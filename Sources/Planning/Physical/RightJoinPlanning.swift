import Plans
import SQLTypes

/// Left joins that build the side whose rows all come out.
extension PhysicalPlanner {
    /// A left join as a right join of the sides turned; nil where that does not pay: unless the
    /// preserved side is the far smaller one, and no more moves for it.
    ///
    /// The table is built of few rows, and their keys prune the other side's scan.
    func turnedLeftJoin(
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ conjuncts: [Expression],
        rows: Double
    ) throws(SQLError) -> PhysicalNode? {
        // An ALL table that is the outer side takes the inner one to a slice, as the labels have it.
        guard outer.rows * 2 < inner.rows,
            outer.placement != .replicated || inner.placement == .replicated
        else { return nil }
        let usual = try makeConditionalJoin(.left, outer, inner, conjuncts, rows: rows)
        guard case .join(let join) = usual.kind, !join.keys.isEmpty, !join.isMerge else {
            return nil
        }
        // The sides as the usual join has them, with columns for computed keys.
        let (small, large) = (usual.children[0], usual.children[1])
        let turned = join.keys.map { JoinKeyPair(outer: $0.inner, inner: $0.outer, type: $0.type) }
        guard
            context.chooseMotion(.right, large, small, turned).cost
                <= context.chooseMotion(.left, small, large, join.keys).cost
        else { return nil }
        return try makeConditionalJoin(.right, inner, outer, conjuncts, rows: rows)
    }
}
