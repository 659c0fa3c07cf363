import Catalogs
import Plans
import SQLTypes
import Vectors

/// One join of two planned sides: its keys, build side, motion, estimates and costs.
extension PhysicalPlanner {
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
    func makeJoin(
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
        if let merged = try makeMergeJoin(
            kind,
            left,
            right,
            keys: keys,
            residual: residual,
            rows: rows
        ) {
            return merged
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
            if join.kind == .right {
                // Rows without a match share NULLs in the outer columns.
                return children[1].isUnique(on: columns)
                    && children[0].isUnique(on: Set(join.keys.map(\.outer)))
            }
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
