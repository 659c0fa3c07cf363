import Plans
import SQLTypes

/// A join order: which sets of members are joined with which.
indirect enum JoinTree {
    case relation(Int)
    case inner(JoinTree, JoinTree, members: (UInt64, UInt64))
    case semi(JoinTree, semiJoin: Int, members: UInt64)

    /// The members joined.
    var members: UInt64 {
        switch self {
        case .relation(let index): 1 << UInt64(index)
        case .inner(_, _, let sides): sides.0 | sides.1
        case .semi(_, _, let members): members
        }
    }
}

/// Finds the cheapest order of a join group.
///
/// Up to ``exhaustiveLimit`` members by dynamic programming over all bushy trees of connected
/// sets (cross products only where nothing connects), beyond that greedily: the pair with the
/// cheapest join first. Costs are our own: building a hash table costs several times what
/// probing does, so the smaller side is built.
struct JoinEnumeration {
    static let exhaustiveLimit = 11
    private let group: JoinGroup
    private let context: PlanningContext
    private let widths: [Double]
    private let mergeablePairs: Set<UInt64>

    init(group: JoinGroup, context: PlanningContext) throws(SQLError) {
        self.group = group
        self.context = context
        mergeablePairs = try group.mergeablePairs(context)
        widths = group.relations.map(\.width)
    }

    /// The cheapest order of all members.
    ///
    /// - Throws: 57014: sixty tables take a second.
    func bestTree() throws(SQLError) -> JoinTree {
        if group.relations.count == 1, group.semiJoins.isEmpty { return .relation(0) }
        if let seed = context.settings.joinOrderSeed {
            var order = RandomJoinOrder(group: group, seed: seed)
            return order.tree()
        }
        if group.memberCount <= Self.exhaustiveLimit, let tree = try exhaustive() { return tree }
        return try greedy()
    }

    // MARK: Dynamic programming

    private struct Best {
        var cost = Double.infinity
        var rows = -1.0
        var width = 0.0
        /// One side of the last join; 0 for a single relation.
        var split: UInt64 = 0
    }

    private func exhaustive() throws(SQLError) -> JoinTree? {
        let count = group.memberCount
        let relationBits = (UInt64(1) << UInt64(group.relations.count)) - 1
        let full = (UInt64(1) << UInt64(count)) - 1
        var best = [Best](repeating: Best(), count: 1 << count)
        for index in group.relations.indices {
            best[1 << index] = Best(
                cost: 0,
                rows: group.relations[index].rows,
                width: widths[index],
                split: 0
            )
        }
        var set: UInt64 = 1
        while set <= full {
            defer { set += 1 }
            if set & 31 == 0 { try Interruption.check() }
            guard set.nonzeroBitCount > 1, set & relationBits != 0 else { continue }
            var found = Best()
            improveBySemiJoins(set, best, &found)
            // Each unordered split once: the part with the lowest bit and its complement.
            let low = set & (~set + 1)
            var part = (set - 1) & set
            while part != 0 {
                defer { part = (part - 1) & set }
                guard part & low != 0 else { continue }
                let other = set & ~part
                let left = best[Int(part)]
                let right = best[Int(other)]
                guard left.cost.isFinite, right.cost.isFinite, group.areLinked(part, other) else {
                    continue
                }
                if found.rows < 0 { found.rows = group.rows(of: set, context: context) }
                let cost =
                    left.cost + right.cost
                    + joinCost(
                        left,
                        right,
                        out: found.rows,
                        isHash: hasKeys(part, other),
                        isMerge: mergeablePairs.contains(set)
                    )
                if cost < found.cost {
                    found.cost = cost
                    found.split = part
                    found.width = left.width + right.width
                }
            }
            best[Int(set)] = found
        }
        guard best[Int(full)].cost.isFinite else { return nil }
        return tree(of: full, best)
    }

    private func improveBySemiJoins(_ set: UInt64, _ best: [Best], _ found: inout Best) {
        for (index, semi) in group.semiJoins.enumerated() {
            let bit = UInt64(1) << UInt64(group.relations.count + index)
            let left = set & ~bit
            guard set & bit != 0, semi.required & ~left == 0, best[Int(left)].cost.isFinite else {
                continue
            }
            if found.rows < 0 { found.rows = group.rows(of: set, context: context) }
            let cost =
                best[Int(left)].cost
                + semiCost(left: best[Int(left)].rows, semi: semi, out: found.rows)
            if cost < found.cost {
                found.cost = cost
                found.split = left
                found.width = best[Int(left)].width
            }
        }
    }

    private func tree(of set: UInt64, _ best: [Best]) -> JoinTree {
        let part = best[Int(set)].split
        guard part != 0 else { return .relation(set.trailingZeroBitCount) }
        let other = set & ~part
        let first = other.trailingZeroBitCount
        if first >= group.relations.count, other.nonzeroBitCount == 1 {
            return .semi(
                tree(of: part, best),
                semiJoin: first - group.relations.count,
                members: set
            )
        }
        return .inner(tree(of: part, best), tree(of: other, best), members: (part, other))
    }

    // MARK: Greedy

    private func greedy() throws(SQLError) -> JoinTree {
        var parts: [(tree: JoinTree, best: Best)] = group.relations.indices.map {
            (.relation($0), Best(cost: 0, rows: group.relations[$0].rows, width: widths[$0]))
        }
        var waiting = Array(group.semiJoins.indices)
        while true {
            applySemiJoins(&parts, &waiting)
            guard parts.count > 1 else { return parts[0].tree }
            var choice: (one: Int, other: Int, cost: Double, rows: Double)?
            for linkedOnly in [true, false] where choice == nil {
                for one in parts.indices {
                    try Interruption.check()
                    for other in parts.indices where other > one {
                        let sides = (parts[one].tree.members, parts[other].tree.members)
                        if linkedOnly, !group.areLinked(sides.0, sides.1) { continue }
                        let rows = group.rows(of: sides.0 | sides.1, context: context)
                        let cost = joinCost(
                            parts[one].best,
                            parts[other].best,
                            out: rows,
                            isHash: hasKeys(sides.0, sides.1),
                            isMerge: mergeablePairs.contains(sides.0 | sides.1)
                        )
                        if cost < choice?.cost ?? .infinity { choice = (one, other, cost, rows) }
                    }
                }
            }
            guard let choice else { return parts[0].tree }
            let left = parts[choice.one]
            let right = parts.remove(at: choice.other)
            parts[choice.one] = (
                .inner(left.tree, right.tree, members: (left.tree.members, right.tree.members)),
                Best(cost: 0, rows: choice.rows, width: left.best.width + right.best.width)
            )
        }
    }

    private func applySemiJoins(
        _ parts: inout [(tree: JoinTree, best: Best)],
        _ waiting: inout [Int]
    ) {
        waiting.removeAll { index in
            let required = group.semiJoins[index].required
            guard
                let home = parts.firstIndex(where: { required & ~$0.tree.members == 0 })
            else { return false }
            let bit = UInt64(1) << UInt64(group.relations.count + index)
            let members = parts[home].tree.members | bit
            parts[home].tree = .semi(parts[home].tree, semiJoin: index, members: members)
            parts[home].best.rows = group.rows(of: members, context: context)
            return true
        }
    }

    // MARK: Costs

    private func hasKeys(_ one: UInt64, _ other: UInt64) -> Bool {
        group.classes.contains { $0.relations & one != 0 && $0.relations & other != 0 }
            || group.predicates.contains { predicate in
                guard let sides = predicate.sides else { return false }
                return (sides.leftMask & ~one == 0 && sides.rightMask & ~other == 0)
                    || (sides.leftMask & ~other == 0 && sides.rightMask & ~one == 0)
            }
    }

    private func joinCost(
        _ one: Best,
        _ other: Best,
        out: Double,
        isHash: Bool,
        isMerge: Bool
    ) -> Double {
        if isMerge { return (one.rows + other.rows) * OwnCost.merge + out * OwnCost.output }
        guard isHash else { return one.rows * other.rows * OwnCost.pair + out * OwnCost.output }
        let oneIsSmaller = one.rows * one.width < other.rows * other.width
        let (build, probe) = oneIsSmaller ? (one, other) : (other, one)
        return build.rows * OwnCost.build + probe.rows * OwnCost.probe + out * OwnCost.output
    }

    private func semiCost(left: Double, semi: JoinGroup.SemiJoin, out: Double) -> Double {
        let builtRight = semi.right.rows * OwnCost.build + left * OwnCost.probe
        let builtLeft = left * OwnCost.build + semi.right.rows * OwnCost.probe
        let isTurnable = semi.kind == .semi || semi.kind == .anti
        return (isTurnable ? min(builtRight, builtLeft) : builtRight) + out * OwnCost.output
    }
}

/// Our own costs, in nanoseconds of a row on one slice.
private enum OwnCost {
    /// Storing a row in a hash table.
    static let build = 20.0
    /// Looking a row up.
    static let probe = 6.0
    /// Passing a row of either side of a merge join.
    static let merge = 3.0
    /// Putting out a row.
    static let output = 3.0
    /// Testing a pair of a nested loop.
    static let pair = 2.0
}
