import Catalogs
import Functions
import Plans
import SQLTypes

/// Groupings: in one phase where the rows of each group already lie together, else in two.
extension PhysicalPlanner {
    /// A GROUP BY or a grand total; DISTINCT aggregates of one argument are made by grouping
    /// twice, so that duplicates are removed where they lie.
    func makeGrouping(
        _ input: PhysicalNode,
        _ groups: [NamedExpression],
        _ aggregates: [AggregateCall]
    ) throws(SQLError) -> PhysicalNode {
        try context.learnDistinctCounts(of: groups.map(\.expression))
        let calls = aggregates.map(withoutNeedlessDistinct)
        guard calls.contains(where: \.isDistinct), let argument = calls[0].argument,
            calls.allSatisfy({ $0.isDistinct && $0.argument == argument }),
            !calls.contains(where: \.function.collectsRows),
            !isGrouped(input.placement, groups)
        else { return try makeAggregate(input, groups, calls, isDistinct: false) }
        let value = NamedExpression(
            column: context.makeColumn("?column?", argument.type),
            expression: argument
        )
        let unique = try makeAggregate(input, groups + [value], [], isDistinct: false)
        let outer = groups.map {
            NamedExpression(column: $0.column, expression: .column($0.column.id, $0.column.type))
        }
        let counted = calls.map { call in
            var copy = call
            copy.isDistinct = false
            copy.argument = .column(value.column.id, value.column.type)
            return copy
        }
        return try makeAggregate(unique, outer, counted, isDistinct: false)
    }

    /// MIN(DISTINCT x) is MIN(x), and so on.
    private func withoutNeedlessDistinct(_ call: AggregateCall) -> AggregateCall {
        guard call.function.ignoresRepetition else { return call }
        var copy = call
        copy.isDistinct = false
        return copy
    }

    func makeAggregate(
        _ input: PhysicalNode,
        _ groups: [NamedExpression],
        _ calls: [AggregateCall],
        isDistinct: Bool
    ) throws(SQLError) -> PhysicalNode {
        let written = groups + dependentGroups(calls)
        let rows =
            setOperationRows(input, calls)
            ?? (groups.isEmpty
                ? 1
                : min(input.rows, context.groupCount(written.map(\.expression), rows: input.rows)))
        for group in written {
            var figures =
                group.expression.columnID.flatMap { context.figures[$0] }
                ?? ColumnFigures()
            figures.distinctCount = min(figures.distinctCount ?? 200, max(1, rows))
            figures.tableRows = rows
            context.figures[group.column.id] = figures
        }
        for call in calls { noteValues(of: call, groups: rows, inputRows: input.rows) }
        let strategy = strategy(input, groups, calls, rows: rows)
        let keys = exchangeKeys(groups, rows: rows)
        let columns = groups.map(\.column) + calls.map(\.column)
        var aggregate = PhysicalAggregate(
            groups: groups,
            calls: calls,
            strategy: strategy,
            exchangeKeys: keys,
            isDistinct: isDistinct
        )
        aggregate.isOrdered = try isOrdered(input, groups, calls, strategy)
        var node = PhysicalNode(
            kind: .aggregate(aggregate),
            children: [input],
            columns: columns,
            rows: max(rows, groups.isEmpty ? 1 : 0),
            // Published plans print the width of what is grouped.
            width: input.width,
            startupCost: input.startupCost,
            totalCost: input.totalCost,
            placement: strategy == .inPlace
                ? placement(input.placement, through: written)
                : aggregatedPlacement(groups, keys)
        )
        let results = calls.filter { $0.function != .groupValue }
        addCosts(
            &node,
            input,
            written,
            results,
            isPipelined: isDistinct || aggregate.isOrdered
        )
        if aggregate.isOrdered, !isDistinct {
            node.totalCost += rows * CostModel.operator * Double(results.count)
        }
        return node
    }

    /// Rows of a set operation; nil for a grouping.
    ///
    /// - Source: PostgreSQL 8.0 takes a tenth of both arms' rows for EXCEPT.
    private func setOperationRows(_ input: PhysicalNode, _ calls: [AggregateCall]) -> Double? {
        for call in calls {
            guard case .arm(let kind) = call.option else { continue }
            switch kind {
            case .except: return max(1, input.rows / 10)
            case .intersect: return max(1, (input.children.map(\.rows).min() ?? 1) / 2)
            }
        }
        return nil
    }

    /// Notes how many values a call has over so many groups: each group mostly a sum of its own.
    private func noteValues(of call: AggregateCall, groups: Double, inputRows: Double) {
        let perGroup = inputRows / max(1, groups)
        let grouped = context.groupedValues(of: call, rowsPerGroup: perGroup)
        var count: Double?
        switch call.function {
        case .sum, .average: count = max(1, groups)
        case .minimum, .maximum:
            count = max(1, min(groups, call.argument.flatMap(context.distinctCount) ?? groups))
        default: if grouped == nil { return }
        }
        var figures = ColumnFigures(distinctCount: count, tableRows: groups)
        figures.grouped = grouped
        context.figures[call.column.id] = figures
    }

    /// Rows multiplied by grouping sets.
    func makeExpansion(_ input: PhysicalNode, _ expansion: GroupingExpansion) -> PhysicalNode {
        let count = Double(expansion.sets.count)
        for group in expansion.groups {
            guard let id = group.expression.columnID else { continue }
            context.figures[group.column.id] = context.figures[id]
        }
        context.figures[expansion.number.id] = ColumnFigures(distinctCount: count)
        var node = input
        node.kind = .expand(expansion)
        node.children = [input]
        node.columns = input.columns + expansion.columns
        node.rows = input.rows * count
        node.width = context.width(of: node.columns)
        node.totalCost += node.rows * CostModel.tuple
        return node
    }

    /// Groups that follow from the others, which calls put out.
    private func dependentGroups(_ calls: [AggregateCall]) -> [NamedExpression] {
        calls.compactMap { call in
            guard call.function == .groupValue, let argument = call.argument else { return nil }
            return NamedExpression(column: call.column, expression: argument)
        }
    }

    /// How the rows of a group meet.
    ///
    /// Rows travel where groups need them whole, or where there are about as many groups as rows.
    /// Few groups with DISTINCT calls would leave slices without work if rows went to theirs, a
    /// grand total all but one: then it is their arguments that are spread.
    private func strategy(
        _ input: PhysicalNode,
        _ groups: [NamedExpression],
        _ calls: [AggregateCall],
        rows: Double
    ) -> PhysicalAggregate.Strategy {
        if isGrouped(input.placement, groups + dependentGroups(calls)) { return .inPlace }
        if calls.contains(where: \.function.collectsRows) { return .exchangeRows }
        let sliceCount = context.catalog.shape.sliceCount
        if calls.contains(where: \.isDistinct) {
            let areFew = groups.isEmpty || rows < Double(sliceCount * 64)
            return areFew && sliceCount > 1 ? .exchangeArguments : .exchangeRows
        }
        return !groups.isEmpty && rows * 2 > input.rows ? .exchangeRows : .exchangeStates
    }

    private func addCosts(
        _ node: inout PhysicalNode,
        _ input: PhysicalNode,
        _ groups: [NamedExpression],
        _ calls: [AggregateCall],
        isPipelined: Bool
    ) {
        if case .aggregate(let aggregate) = node.kind, let kind = aggregate.setOperation {
            let sorted = CostModel.sorted(input)
            node.startupCost = kind == .except ? sorted.startup : 0
            node.totalCost =
                kind == .except ? sorted.total + input.rows * CostModel.operator : 0
            return
        }
        if case .aggregate(let aggregate) = node.kind, aggregate.sortsArms(node) {
            let sorted = CostModel.sorted(input)
            node.startupCost = sorted.startup
            node.totalCost =
                sorted.total + input.rows * CostModel.operator * Double(groups.count)
            return
        }
        if calls.contains(where: \.function.collectsRows) {
            let sorted = CostModel.sorted(input)
            node.startupCost = sorted.startup
            node.totalCost =
                sorted.total
                + CostModel.operator
                * (input.rows * Double(groups.count + calls.count)
                    + node.rows * Double(calls.count))
            return
        }
        let count = Double(calls.count)
        let handled = input.rows * CostModel.operator * (Double(groups.count) + count)
        if isPipelined {
            node.totalCost += handled
            return
        }
        let expressions = CostModel.operatorCount(groups.map(\.expression))
        node.startupCost = input.totalCost + handled
        node.totalCost =
            node.startupCost + node.rows * CostModel.operator * (count + expressions)
    }

    /// Whether all rows of a group are on one slice.
    private func isGrouped(_ placement: Placement, _ groups: [NamedExpression]) -> Bool {
        switch placement {
        case .single: return true
        case .hashed(let keys):
            let columns = Set(groups.compactMap { placementColumn(of: $0.expression)?.id })
            return !groups.isEmpty && keys.allSatisfy { !$0.isDisjoint(with: columns) }
        case .replicated, .anywhere: return false
        }
    }

    /// The groups by whose hash rows travel: one with many values where there is one, since its
    /// hash is cheaper and fits later groupings and joins; else all.
    private func exchangeKeys(_ groups: [NamedExpression], rows: Double) -> [Int] {
        let wanted = Double(context.catalog.shape.sliceCount * 64)
        let counts = groups.map { group in
            group.expression.isColumn ? min(rows, context.distinctCount(group.expression) ?? 0) : 0
        }
        let best = counts.indices.filter { counts[$0] >= wanted }.max {
            let (one, other) = (isExactNumber(groups[$0]), isExactNumber(groups[$1]))
            return one != other ? other : counts[$0] < counts[$1]
        }
        return best.map { [$0] } ?? Array(groups.indices)
    }

    private func isExactNumber(_ group: NamedExpression) -> Bool {
        group.column.type.physical == .int64
    }

    private func aggregatedPlacement(
        _ groups: [NamedExpression],
        _ exchangeKeys: [Int]
    ) -> Placement {
        if groups.isEmpty { return .single }
        return .hashed(exchangeKeys.map { [groups[$0].column.id] })
    }
}
