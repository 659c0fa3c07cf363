import Plans
import SQLTypes

/// Window functions: rows are brought together by partition, sorted, then numbered in one pass.
///
/// ```
/// XN Window
///   Partition: c
///   Order: d
///   ->  XN Sort
///         Sort Key: c, d
///         ->  XN Network
///               Distribute
/// ```
/// A network node stands there only where rows of a partition may lie apart; all rows go to
/// slice 0 where there is no PARTITION BY. A sort is left out where the rows are in order
/// already, which is why the first of several windows sorts by the longest keys that serve it.
extension PhysicalPlanner {
    /// A chain of window nodes, of whose input only what they or others read is kept.
    func makeWindows(
        _ logical: LogicalPlan,
        required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode {
        var stages: [PhysicalWindow] = []
        var input = logical
        while case .window(let below, let definition, let calls) = input {
            stages.insert(PhysicalWindow(definition: definition, calls: calls), at: 0)
            input = below
        }
        var wanted = required
        for stage in stages {
            let keys = stage.definition.sortKeys.map(\.expression)
            for expression in keys + stage.calls.flatMap(\.arguments) {
                wanted.formUnion(expression.columns)
            }
        }
        var node = try planInput(input, wanted.intersection(input.columns.map(\.id)))
        node = withComputedColumns(node, &stages)
        var sorted: [SortItem]?
        for (index, stage) in stages.enumerated() {
            if let moved = brought(node, together: stage.definition.partition) {
                node = moved
                sorted = nil
            }
            let keys = stage.definition.sortKeys
            if !keys.isEmpty, !(sorted ?? []).starts(with: keys) {
                let best = longestKeys(for: keys, stages[index...], node.placement)
                node = makeSort(node, best, limit: nil)
                sorted = best
            }
            node = makeWindow(node, stage)
        }
        return node
    }

    /// Computes what the stages read but columns and constants, once for each expression.
    private func withComputedColumns(
        _ input: PhysicalNode,
        _ stages: inout [PhysicalWindow]
    ) -> PhysicalNode {
        var computed: [Expression: PlanColumn] = [:]
        var items: [NamedExpression] = []
        func column(for expression: Expression) -> Expression {
            if expression.isColumn { return expression }
            let known = computed[expression]
            let column = known ?? context.makeColumn("?column?", expression.type)
            if known == nil {
                computed[expression] = column
                items.append(NamedExpression(column: column, expression: expression))
            }
            return .column(column.id, column.type)
        }
        for index in stages.indices {
            stages[index].definition = stages[index].definition.mapped(column(for:))
            stages[index].calls = stages[index].calls.map { call in
                call.mapped { $0.isConstant ? $0 : column(for: $0) }
            }
        }
        guard !items.isEmpty else { return input }
        let kept = input.columns.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        return makeProject(input, kept + items)
    }

    /// The rows with each partition on one slice; nil if they lie so already.
    private func brought(
        _ node: PhysicalNode,
        together partition: [Expression]
    ) -> PhysicalNode? {
        if node.placement == .single { return nil }
        if partition.isEmpty { return gathered(node) }
        let columns = partition.compactMap(\.columnID)
        if case .hashed(let keys) = node.placement,
            keys.allSatisfy({ !$0.isDisjoint(with: columns) })
        {
            return nil
        }
        return wrapped(
            node,
            .network(.distribute(keys: columns)),
            placement: .hashed(columns.map { [$0] })
        )
    }

    /// The longest sort keys of a stage and those behind it that begin with `keys`, as far as
    /// rows stay where they are.
    private func longestKeys(
        for keys: [SortItem],
        _ stages: ArraySlice<PhysicalWindow>,
        _ placement: Placement
    ) -> [SortItem] {
        var best = keys
        for stage in stages {
            if case .hashed(let classes) = placement {
                let columns = stage.definition.partition.compactMap(\.columnID)
                if !classes.allSatisfy({ !$0.isDisjoint(with: columns) }) { break }
            }
            let wanted = stage.definition.sortKeys
            if wanted.count > best.count, wanted.starts(with: best) { best = wanted }
        }
        return best
    }

    private func makeWindow(_ input: PhysicalNode, _ window: PhysicalWindow) -> PhysicalNode {
        var node = input
        node.kind = .window(window)
        node.children = [input]
        node.columns = input.columns + window.calls.map(\.column)
        let keys = Double(window.definition.sortKeys.count)
        node.totalCost += input.rows * (CostModel.windowTuple + CostModel.operator * keys)
        return node
    }
}

extension WindowDefinition {
    /// What rows must be sorted by: partitions together, each in order.
    var sortKeys: [SortItem] { partition.map { SortItem(expression: $0) } + order }
}
