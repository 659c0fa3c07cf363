import Plans
import SQLTypes

extension JoinGroup {
    /// Pairs of relations that could be joined by merging, as the bits of both.
    func mergeablePairs(_ context: PlanningContext) throws(SQLError) -> Set<UInt64> {
        guard context.settings.mergesJoins else { return [] }
        var ordered: [Int] = []
        for (index, relation) in relations.enumerated()
        where try !context.ascendingColumns(of: relation).isEmpty {
            ordered.append(index)
        }
        var pairs: Set<UInt64> = []
        for one in ordered {
            for other in ordered where other > one {
                let (left, right) = (UInt64(1) << UInt64(one), UInt64(1) << UInt64(other))
                let (keys, residual) = conditions(left, right)
                guard keys.count == 1, residual.isEmpty,
                    let leftColumn = placementColumn(of: keys[0].left),
                    let rightColumn = placementColumn(of: keys[0].right)
                else { continue }
                let type = comparisonType(leftColumn.type, rightColumn.type)
                let sides = [(one, leftColumn.id), (other, rightColumn.id)]
                for (outer, inner) in [(sides[0], sides[1]), (sides[1], sides[0])] {
                    let pair = JoinKeyPair(outer: outer.1, inner: inner.1, type: type)
                    let canMerge = try context.canMerge(
                        .inner,
                        outer: relations[outer.0],
                        inner: relations[inner.0],
                        [pair],
                        []
                    )
                    if canMerge { pairs.insert(left | right) }
                }
            }
        }
        return pairs
    }
}
