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
            let rightCount = min(context.distinctCount(right) ?? 200, max(1, semi.right.rows))
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
        var node = makeAggregate(join, groups, [], isDistinct: true)
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

    /// A join whose keys are found among its conditions.
    func makeConditionalJoin(
        _ kind: JoinKind,
        _ left: PhysicalNode,
        _ right: PhysicalNode,
        _ conjuncts: [Expression],
        rows: Double
    ) throws(SQLError) -> PhysicalNode {
        let leftIDs = Set(left.columns.map(\.id))
        let rightIDs = Set(right.columns.map(\.id))
        var keys: [(left: Expression, right: Expression)] = []
        var residual: [Expression] = []
        for (index, conjunct) in conjuncts.enumerated() {
            // The comparison of a NOT IN is its first key, whatever it computes.
            if kind == .antiNullAware, index == 0 {
                guard case .compare(.equal, let one, let other) = conjunct else {
                    throw SQLError.invariant("NOT IN does not begin with an equality")
                }
                let isTurned =
                    other.columns.isSubset(of: leftIDs) && !one.columns.isEmpty
                    && one.columns.isSubset(of: rightIDs)
                keys.append(isTurned ? (other, one) : (one, other))
                continue
            }
            guard let (one, other) = keySides(conjunct), !one.columns.isEmpty,
                !other.columns.isEmpty
            else {
                residual.append(conjunct)
                continue
            }
            if one.columns.isSubset(of: leftIDs), other.columns.isSubset(of: rightIDs) {
                keys.append((one, other))
            } else if one.columns.isSubset(of: rightIDs), other.columns.isSubset(of: leftIDs) {
                keys.append((other, one))
            } else {
                residual.append(conjunct)
            }
        }
        return try makeJoin(kind, left, right, keys: keys, residual: residual, rows: rows)
    }

    /// A join with its build side, motion, estimates and costs chosen.
    private func makeJoin(
        _ kind: JoinKind,
        _ left: PhysicalNode,
        _ right: PhysicalNode,
        keys: [(left: Expression, right: Expression)],
        residual: [Expression],
        rows: Double
    ) throws(SQLError) -> PhysicalNode {
        if kind == .full, keys.isEmpty {
            throw SQLError(
                .featureNotSupported,
                "FULL JOIN is only supported with merge-joinable join conditions"
            )
        }
        let isTurned = kind == .inner && isBetterBuild(left, than: right)
        var outer = isTurned ? right : left
        var inner = isTurned ? left : right
        let sides = keys.map {
            isTurned ? (outer: $0.right, inner: $0.left) : (outer: $0.left, inner: $0.right)
        }
        let pairs = keyPairs(sides, &outer, &inner)
        let motion =
            kind.isRightSemi
            ? context.meetingMotion(kind, outer, inner, pairs)
            : context.chooseMotion(kind, outer, inner, pairs)
        guard let motion else {
            throw SQLError.invariant("the sides of a right semi join do not meet")
        }
        let join = PhysicalJoin(
            kind: kind,
            keys: pairs,
            residual: residual,
            motion: motion,
            isInnerUnique: inner.isUnique(on: Set(pairs.map(\.inner)))
        )
        let columns = kind.columns(of: outer.columns, inner.columns)
        var node = joinNode(join, outer, inner, columns: columns, rows: rows, motion)
        addJoinCosts(&node, outer, inner, keyCount: pairs.count, residual, motion)
        return node
    }

    /// The node of a join whose costs are still to be added.
    func joinNode(
        _ join: PhysicalJoin,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        columns: [PlanColumn],
        rows: Double,
        _ motion: JoinMotion
    ) -> PhysicalNode {
        PhysicalNode(
            kind: .join(join),
            children: [outer, inner],
            columns: columns,
            rows: rows,
            width: context.width(of: columns),
            startupCost: 0,
            totalCost: 0,
            placement: motion.placement
        )
    }

    /// Whether an inner join should build this side: a side made of ALL tables is the inner one
    /// wherever the other is not, otherwise the one with fewer bytes.
    private func isBetterBuild(_ left: PhysicalNode, than right: PhysicalNode) -> Bool {
        let (one, other) = (left.placement == .replicated, right.placement == .replicated)
        if one != other { return one }
        return left.rows * left.width < right.rows * right.width
    }

    /// Key columns; what has to be computed is added to its side by a projection.
    func keyPairs(
        _ sides: [(outer: Expression, inner: Expression)],
        _ outer: inout PhysicalNode,
        _ inner: inout PhysicalNode
    ) -> [JoinKeyPair] {
        var outerItems: [NamedExpression] = []
        var innerItems: [NamedExpression] = []
        let pairs = sides.map { side in
            let one = keyColumn(side.outer, &outerItems)
            let other = keyColumn(side.inner, &innerItems)
            return JoinKeyPair(
                outer: one,
                inner: other,
                type: comparisonType(side.outer.type, side.inner.type)
            )
        }
        outer = extended(outer, outerItems)
        inner = extended(inner, innerItems)
        return pairs
    }

    private func keyColumn(_ key: Expression, _ items: inout [NamedExpression]) -> ColumnID {
        if let column = placementColumn(of: key) { return column.id }
        if let known = items.first(where: { $0.expression == key }) { return known.column.id }
        let column = context.makeColumn("?column?", key.type)
        if let count = context.distinctCount(key) {
            context.figures[column.id] = ColumnFigures(distinctCount: count)
        }
        items.append(NamedExpression(column: column, expression: key))
        return column.id
    }

    private func extended(_ node: PhysicalNode, _ items: [NamedExpression]) -> PhysicalNode {
        if items.isEmpty { return node }
        let own = node.columns.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        return makeProject(node, own + items)
    }

    func addJoinCosts(
        _ node: inout PhysicalNode,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        keyCount: Int,
        _ residual: [Expression],
        _ motion: JoinMotion
    ) {
        let tests = CostModel.operatorCount(residual)
        guard keyCount > 0 else {
            node.totalCost =
                outer.totalCost + inner.totalCost
                + outer.rows * inner.rows * (CostModel.tuple + CostModel.operator * tests)
                + motion.cost
            return
        }
        let keyCost = CostModel.operator * Double(keyCount)
        node.startupCost = outer.startupCost + inner.totalCost + keyCost * inner.rows
        node.totalCost =
            node.startupCost + outer.totalCost - outer.startupCost
            + outer.rows * (keyCost + CostModel.tuple)
            + node.rows * (CostModel.tuple + CostModel.operator * tests) + motion.cost
    }
}

extension PhysicalNode {
    /// Whether declared keys and groupings promise at most one row for each value of these.
    func isUnique(on columns: Set<ColumnID>) -> Bool {
        switch kind {
        case .scan(let scan):
            return scan.scan.table.constraints.contains { constraint in
                constraint.kind != .foreignKey && !constraint.columns.isEmpty
                    && constraint.columns.allSatisfy { index in
                        scan.scan.columnIndexes.firstIndex(of: index).map {
                            columns.contains(scan.scan.output[$0].id)
                        } ?? false
                    }
            }
        case .filter, .window, .sort, .limit, .network, .merge:
            return children[0].isUnique(on: columns)
        case .project(let items):
            let inner = items.filter { columns.contains($0.column.id) }
                .compactMap(\.expression.columnID)
            return children[0].isUnique(on: Set(inner))
        case .subqueryScan:
            let inner = zip(self.columns, children[0].columns)
                .filter { columns.contains($0.0.id) }.map(\.1.id)
            return children[0].isUnique(on: Set(inner))
        case .aggregate(let aggregate):
            return aggregate.groups.allSatisfy { columns.contains($0.column.id) }
        case .join(let join):
            guard join.kind != .full else { return false }
            if join.kind.isRightSemi { return children[1].isUnique(on: columns) }
            guard join.kind.emitsRight else { return children[0].isUnique(on: columns) }
            return join.isInnerUnique && children[0].isUnique(on: columns)
        case .values, .append, .expand, .storedScan: return false
        }
    }

    /// Whether some join has no keys.
    var containsNestedLoop: Bool {
        if case .join(let join) = kind, join.keys.isEmpty { return true }
        return children.contains(where: \.containsNestedLoop)
    }
}

extension PhysicalJoin {
    /// A join whose sides move as chosen.
    init(
        kind: JoinKind,
        keys: [JoinKeyPair],
        residual: [Expression],
        motion: JoinMotion,
        isInnerUnique: Bool
    ) {
        self.init(
            kind: kind,
            keys: keys,
            residual: Expression.conjunction(residual),
            label: motion.label,
            sharing: motion.sharing,
            outerMotion: motion.outerMotion,
            innerMotion: motion.innerMotion,
            outerOnSliceZero: motion.outerOnSliceZero,
            innerOnSliceZero: motion.innerOnSliceZero,
            isInnerUnique: isInnerUnique
        )
    }
}
