import Catalogs
import Plans
import SQLTypes
import Vectors

/// Joins: groups in the order that was chosen, outer joins where they stand.
extension PhysicalPlanner {
    /// Plans a tree of inner, semi and anti joins under filters; puts out `required`.
    func planGroup(
        _ logical: LogicalPlan,
        required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode {
        var group = JoinGroup()
        var conjuncts: [Expression] = []
        try collect(logical, &group, &conjuncts)
        guard group.memberCount <= 60 else {
            throw SQLError(.statementTooComplex, "more than 60 tables in one join")
        }
        var home: [ColumnID: Int] = [:]
        for (index, relation) in group.relations.enumerated() {
            for column in relation.columns { home[column.id] = index }
        }
        var joinConditions: [Expression] = []
        var last: [Expression] = []
        for conjunct in deduplicated(conjuncts) {
            let mask = group.mask(of: conjunct, home)
            if mask == 0
                || (!conjunct.isMovable && (mask.nonzeroBitCount == 1 || keySides(conjunct) == nil))
            {
                last.append(conjunct)
            } else if mask.nonzeroBitCount == 1 {
                let index = mask.trailingZeroBitCount
                group.relations[index] = try makeFilter(group.relations[index], [conjunct])
            } else {
                joinConditions.append(conjunct)
            }
        }
        group.addConditions(joinConditions, context: context)
        for (relation, condition) in group.equalitiesWithin() {
            group.relations[relation] = try makeFilter(group.relations[relation], [condition])
        }
        for index in group.semiJoins.indices {
            let semi = group.semiJoins[index]
            group.semiJoins[index].required = semi.conjuncts.reduce(0) {
                $0 | group.mask(of: $1, home)
            }
            group.semiJoins[index].selectivity = semiSelectivity(semi)
        }
        let needed = last.reduce(into: required) { $0.formUnion($1.columns) }
        let tree = try JoinEnumeration(group: group, context: context).bestTree()
        return try makeFilter(try build(tree, group, needed), last)
    }

    private func collect(
        _ logical: LogicalPlan,
        _ group: inout JoinGroup,
        _ conjuncts: inout [Expression]
    ) throws(SQLError) {
        switch logical {
        case .join(.inner, let left, let right, let condition):
            try collect(left, &group, &conjuncts)
            try collect(right, &group, &conjuncts)
            conjuncts += condition?.conjuncts ?? []
        case .join(let kind, let left, let right, let condition) where logical.isJoinGroup:
            try collect(left, &group, &conjuncts)
            group.semiJoins.append(
                JoinGroup.SemiJoin(
                    kind: kind,
                    right: trimmed(
                        try plan(right),
                        to: condition?.columns ?? []
                    ),
                    conjuncts: condition?.conjuncts ?? [],
                    required: 0,
                    selectivity: 1
                )
            )
        case .filter(let input, let condition) where input.isJoinGroup:
            try collect(input, &group, &conjuncts)
            conjuncts += condition.conjuncts
        default: group.relations.append(try plan(logical))
        }
    }

    /// The share of left rows that a semi or anti join passes: how many of the left's values the
    /// right has.
    private func semiSelectivity(_ semi: JoinGroup.SemiJoin) -> Double {
        let rightIDs = Set(semi.right.columns.map(\.id))
        var share = 1.0
        for conjunct in semi.conjuncts {
            guard let (one, other) = keySides(conjunct) else {
                share *= 0.5
                continue
            }
            let (left, right) = one.columns.isSubset(of: rightIDs) ? (other, one) : (one, other)
            let rightCount = context.groupCount([right], rows: semi.right.rows)
            share *= min(1, rightCount / (context.distinctCount(left) ?? 200))
        }
        return semi.kind == .semi ? max(share, 1e-9) : max(0.1, 1 - share)
    }

    private func build(
        _ tree: JoinTree,
        _ group: JoinGroup,
        _ required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode {
        var node: PhysicalNode
        switch tree {
        case .relation(let index):
            let above = columnsNeeded(above: tree.members, group, required)
            return trimmed(group.relations[index], to: above)
        case .semi(let input, let index, let members):
            let semi = group.semiJoins[index]
            let left = try build(input, group, required)
            let above = columnsNeeded(above: members, group, required)
            if let turned = try rightSemiJoin(semi, left, above) { return turned }
            if let turned = try turnedSemiJoin(semi, left, above) { return turned }
            node = try makeConditionalJoin(
                semi.kind,
                left,
                semi.right,
                semi.conjuncts,
                rows: group.rows(of: members, context: context)
            )
        case .inner(let one, let other, let sides):
            let (keys, residual) = group.conditions(sides.0, sides.1)
            let left = try build(one, group, required)
            let right = try build(other, group, required)
            node = try makeJoin(
                .inner,
                left,
                right,
                keys: keys,
                residual: residual,
                rows: group.rows(of: tree.members, context: context)
            )
        }
        let kept = columnsNeeded(above: tree.members, group, required)
        return trimmed(node, to: kept)
    }

    /// A node without columns that only its own conditions read: EXPLAIN does not count them.
    func trimmed(_ node: PhysicalNode, to required: Set<ColumnID>) -> PhysicalNode {
        var copy = node
        copy.columns = node.columns.filter { required.contains($0.id) }
        if copy.columns.count == node.columns.count { return node }
        copy.width = context.width(of: copy.columns)
        return copy
    }

    /// A semi join with a small left and a large right side as an inner join, whose duplicates a
    /// grouping by the left's columns removes; nil where that does not pay or is not allowed.
    ///
    /// Only then is the small side built, and its keys prune the scan of the large one. It needs
    /// a declared key among the left's columns, or equal rows of the left would become one.
    private func turnedSemiJoin(
        _ semi: JoinGroup.SemiJoin,
        _ left: PhysicalNode,
        _ required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode? {
        guard semi.kind == .semi, left.rows * 8 < semi.right.rows,
            semi.conjuncts.contains(where: { keySides($0) != nil }),
            semi.conjuncts.allSatisfy(\.isMovable)
        else { return nil }
        let matched =
            left.rows * semi.right.rows * context.selectivity(of: semi.conjuncts)
        let wanted = semi.conjuncts.reduce(into: required) { $0.formUnion($1.columns) }
        var columns = left.columns.filter { wanted.contains($0.id) }
        if !left.isUnique(on: Set(columns.map(\.id))) { columns = left.columns }
        guard matched * 4 < semi.right.rows, left.isUnique(on: Set(columns.map(\.id))) else {
            return nil
        }
        var join = try makeConditionalJoin(
            .inner,
            left,
            semi.right,
            semi.conjuncts,
            rows: max(1, matched)
        )
        guard case .join(let made) = join.kind, !made.keys.isEmpty else { return nil }
        join.columns = columns
        join.width = context.width(of: columns)
        let groups = columns.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        var node = try makeAggregate(join, groups, [], isDistinct: true)
        node.rows = min(left.rows * semi.selectivity, node.rows)
        return node
    }

    /// What joins still to come and the rest of the plan read.
    private func columnsNeeded(
        above members: UInt64,
        _ group: JoinGroup,
        _ required: Set<ColumnID>
    ) -> Set<ColumnID> {
        var needed = required
        for equality in group.classes where equality.relations & ~members != 0 {
            for member in equality.members { needed.insert(member.column) }
        }
        for predicate in group.predicates where predicate.relations & ~members != 0 {
            needed.formUnion(predicate.expression.columns)
        }
        for (index, semi) in group.semiJoins.enumerated()
        where members >> UInt64(group.relations.count + index) & 1 == 0 {
            for conjunct in semi.conjuncts { needed.formUnion(conjunct.columns) }
        }
        return needed
    }

    /// A left or full join.
    func planOuterJoin(
        _ kind: JoinKind,
        _ left: LogicalPlan,
        _ right: LogicalPlan,
        _ conjuncts: [Expression]
    ) throws(SQLError) -> PhysicalNode {
        let (outer, inner) = (try plan(left), try plan(right))
        let matched = outer.rows * inner.rows * context.selectivity(of: conjuncts)
        let rows = kind == .full ? max(matched, outer.rows, inner.rows) : max(matched, outer.rows)
        if kind == .left, let turned = try mergeJoin(outer, inner, conjuncts, rows: rows) {
            return turned
        }
        if kind == .left, let turned = try turnedLeftJoin(outer, inner, conjuncts, rows: rows) {
            return turned
        }
        return try makeConditionalJoin(kind, outer, inner, conjuncts, rows: rows)
    }

    /// The join of a MERGE, which probes the table that is changed and builds the source, so that
    /// the table is read past in chunks and scanned only where the source has keys; nil for other
    /// joins and where no equality gives a key.
    private func mergeJoin(
        _ source: PhysicalNode,
        _ table: PhysicalNode,
        _ conjuncts: [Expression],
        rows: Double
    ) throws(SQLError) -> PhysicalNode? {
        let (left, right) = (Set(table.columns.map(\.id)), Set(source.columns.map(\.id)))
        let hasKey = conjuncts.contains { conjunct in
            guard let (one, other) = keySides(conjunct) else { return false }
            return [(one, other), (other, one)].contains { sides in
                !sides.0.columns.isEmpty && sides.0.columns.isSubset(of: left)
                    && !sides.1.columns.isEmpty && sides.1.columns.isSubset(of: right)
            }
        }
        guard hasKey, table.scans.contains(where: \.scan.emitsRowAddress) else { return nil }
        var node = try makeConditionalJoin(.right, table, source, conjuncts, rows: rows)
        guard case .join(var join) = node.kind else { return nil }
        // A declared key of the source may not hold, and several matches must be noticed.
        join.isInnerUnique = false
        node.kind = .join(join)
        return node
    }
}
