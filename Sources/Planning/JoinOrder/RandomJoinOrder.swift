import SQLTypes

/// A join order drawn at random: what the benchmark of plans compares the chosen order with.
///
/// Each step is drawn from all that are allowed: two parts that a condition links, or a semi join
/// whose relations are together. Parts that nothing links are joined last.
struct RandomJoinOrder {
    private let group: JoinGroup
    private var random: SplitMix64

    init(group: JoinGroup, seed: UInt64) {
        self.group = group
        random = SplitMix64(state: seed)
    }

    private enum Step {
        case join(Int, Int)
        case semi(Int, index: Int)
    }

    /// The order; the same for the same seed.
    mutating func tree() -> JoinTree {
        var parts = group.relations.indices.map { JoinTree.relation($0) }
        var waiting = Array(group.semiJoins.indices)
        while true {
            let steps = steps(parts, waiting)
            guard !steps.isEmpty else { return parts[0] }
            switch steps[Int(random.next() % UInt64(steps.count))] {
            case .join(let one, let other):
                let right = parts.remove(at: other)
                let left = parts[one]
                parts[one] = .inner(left, right, members: (left.members, right.members))
            case .semi(let part, let index):
                waiting.removeAll { $0 == index }
                let bit = UInt64(1) << UInt64(group.relations.count + index)
                parts[part] = .semi(
                    parts[part],
                    semiJoin: index,
                    members: parts[part].members | bit
                )
            }
        }
    }

    private func steps(_ parts: [JoinTree], _ waiting: [Int]) -> [Step] {
        var linked: [Step] = []
        var others: [Step] = []
        for one in parts.indices {
            for other in parts.indices where other > one {
                if group.areLinked(parts[one].members, parts[other].members) {
                    linked.append(.join(one, other))
                } else {
                    others.append(.join(one, other))
                }
            }
            for index in waiting
            where group.semiJoins[index].required & ~parts[one].members == 0 {
                // Conditions that read no relation fit the first part alone.
                if group.semiJoins[index].required != 0 || one == 0 {
                    linked.append(.semi(one, index: index))
                }
            }
        }
        return linked.isEmpty ? others : linked
    }
}

/// A small generator of random numbers, the same everywhere.
///
/// - Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
