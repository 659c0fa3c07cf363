import Catalogs
import Functions
import Plans
import SQLTypes

/// What rows that lie in the order of a sort key are good for: joins by merging, groupings that
/// end a group as the next begins.
///
/// - Source: Redshift joins by merging where the join columns are both distribution and sort keys
///   and less than 20 percent of the joined tables is unsorted (Developer Guide, "Evaluating the
///   query plan").
extension PlanningContext {
    /// Where no more than this share of a table's rows is sorted, its order is not used.
    private static let sortedShareMin = 0.8

    /// Columns in whose order a node's rows come on each slice, NULLs anywhere.
    ///
    /// All of them hold the same value where it is not NULL. Empty where there is none.
    ///
    /// Only 64-bit types: of others extents do not know where they follow one another.
    func ascendingColumns(of node: PhysicalNode) throws(SQLError) -> Set<ColumnID> {
        switch node.kind {
        case .scan(let scan): return try ascendingColumns(of: scan)
        case .filter(let condition):
            return condition.failsByValue ? [] : try ascendingColumns(of: node.children[0])
        case .project(let items):
            if items.contains(where: \.expression.failsByValue) { return [] }
            let below = try ascendingColumns(of: node.children[0])
            let kept = items.filter { $0.expression.columnID.map(below.contains) ?? false }
            return Set(kept.map(\.column.id))
        case .subqueryScan:
            let below = try ascendingColumns(of: node.children[0])
            let kept = zip(node.columns, node.children[0].columns)
                .filter { below.contains($0.1.id) }
            return Set(kept.map(\.0.id))
        case .join(let join) where join.isMerge:
            var columns = try ascendingColumns(of: node.children[0])
            if join.kind == .inner { columns.formUnion(join.keys.map(\.inner)) }
            return columns
        case .aggregate(let aggregate) where aggregate.isOrdered && aggregate.strategy == .inPlace:
            return Set(aggregate.groups.prefix(1).map(\.column.id))
        default: return []
        }
    }

    private func ascendingColumns(of scan: PhysicalScan) throws(SQLError) -> Set<ColumnID> {
        let table = scan.scan.table
        guard !scan.isSystemTable, !scan.scan.emitsRowAddress, table.distribution != .all,
            let key = table.sortKey.columns.first, !table.sortKey.isInterleaved,
            table.columns[key].type.physical == .int64,
            let place = scan.scan.columnIndexes.firstIndex(of: key),
            !scan.conjuncts.contains(where: \.failsByValue),
            let statistics = try catalog.statistics(of: table.id),
            statistics.sortedFraction > Self.sortedShareMin
        else { return [] }
        return [scan.scan.output[place].id]
    }

    /// Whether a join of these sides can be made by merging: both lie on the slices and in the
    /// order of its one key, and the inner one is a table.
    func canMerge(
        _ kind: JoinKind,
        outer: PhysicalNode,
        inner: PhysicalNode,
        _ keys: [JoinKeyPair],
        _ residual: [Expression]
    ) throws(SQLError) -> Bool {
        guard settings.mergesJoins, kind == .inner || kind == .left, keys.count == 1,
            residual.isEmpty, keys[0].type.physical == .int64, inner.isChainOverScan,
            !inner.isSelective,
            chooseMotion(kind, outer, inner, keys).isInPlace
        else { return false }
        let outerColumns = try ascendingColumns(of: outer)
        let innerColumns = try ascendingColumns(of: inner)
        return outerColumns.contains(keys[0].outer) && innerColumns.contains(keys[0].inner)
    }
}

extension PhysicalPlanner {
    /// An inner join by merging, with the side of more rows as the outer one; nil where the sides
    /// do not come in the order of the key.
    func makeMergeJoin(
        _ kind: JoinKind,
        _ left: PhysicalNode,
        _ right: PhysicalNode,
        keys: [(left: Expression, right: Expression)],
        residual: [Expression],
        rows: Double
    ) throws(SQLError) -> PhysicalNode? {
        guard context.settings.mergesJoins, keys.count == 1, residual.isEmpty,
            let one = placementColumn(of: keys[0].left),
            let other = placementColumn(of: keys[0].right)
        else { return nil }
        let type = comparisonType(one.type, other.type)
        let orders = [false, true].filter { kind == .inner || !$0 }.sorted {
            (isTurned, _) in isTurned == (left.rows < right.rows)
        }
        for isTurned in orders {
            let (outer, inner) = isTurned ? (right, left) : (left, right)
            let pair =
                isTurned
                ? JoinKeyPair(outer: other.id, inner: one.id, type: type)
                : JoinKeyPair(outer: one.id, inner: other.id, type: type)
            guard try context.canMerge(kind, outer: outer, inner: inner, [pair], residual) else {
                continue
            }
            let motion = context.chooseMotion(kind, outer, inner, [pair])
            var join = PhysicalJoin(
                kind: kind,
                keys: [pair],
                residual: [],
                motion: motion,
                isInnerUnique: inner.isUnique(on: [pair.inner])
            )
            join.isMerge = true
            let columns = kind.columns(of: outer.columns, inner.columns)
            var node = joinNode(join, outer, inner, columns: columns, rows: rows, motion)
            node.totalCost =
                outer.totalCost + inner.totalCost
                + CostModel.operator * (outer.rows + inner.rows) + node.rows * CostModel.tuple
            return node
        }
        return nil
    }

    /// Whether rows come in the order of the first group, so that groups need no hash table.
    ///
    /// Groups that hold text as well are found by hash: texts are kept until the end anyway.
    func isOrdered(
        _ input: PhysicalNode,
        _ groups: [NamedExpression],
        _ calls: [AggregateCall],
        _ strategy: PhysicalAggregate.Strategy
    ) throws(SQLError) -> Bool {
        guard context.settings.groupsInOrder, strategy == .inPlace || strategy == .exchangeStates,
            let leading = groups.first?.expression.columnID,
            groups.allSatisfy({ !$0.column.type.isString }),
            !calls.contains(where: { $0.isDistinct || $0.function.collectsRows })
        else { return false }
        return try context.ascendingColumns(of: input).contains(leading)
    }
}

extension JoinMotion {
    /// Whether no row leaves its slice and each slice joins its own.
    fileprivate var isInPlace: Bool {
        label == .distNone && sharing == .perSlice && outerMotion == .none && innerMotion == .none
            && !outerOnSliceZero && !innerOnSliceZero
    }
}

extension PhysicalNode {
    /// Whether it is few of a table's rows: the keys of a hash table of them prune the other side.
    fileprivate var isSelective: Bool {
        switch kind {
        case .scan(let scan): rows * 4 < scan.tableRows
        case .filter, .project, .subqueryScan:
            children[0].isSelective || rows * 4 < children[0].rows
        default: false
        }
    }

    /// Whether it is a table's rows, perhaps filtered and computed with.
    fileprivate var isChainOverScan: Bool {
        switch kind {
        case .scan: true
        case .filter, .project, .subqueryScan: children[0].isChainOverScan
        default: false
        }
    }
}
