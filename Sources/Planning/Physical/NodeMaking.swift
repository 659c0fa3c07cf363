import Catalogs
import Plans
import SQLTypes

/// Nodes of one input or none, with their estimates and costs.
extension PhysicalPlanner {
    func makeScan(
        _ scan: LogicalScan,
        _ conjuncts: [Expression]
    ) throws(SQLError) -> PhysicalNode {
        let tableRows = try context.learnStatistics(of: scan)
        let operators = CostModel.operatorCount(conjuncts)
        let cost = tableRows * (CostModel.tuple + CostModel.operator * operators)
        let rows = max(1, tableRows * (try context.selectivity(of: conjuncts, on: scan)))
        context.narrowDistinctCounts(by: conjuncts)
        return PhysicalNode(
            kind: .scan(PhysicalScan(scan: scan, conjuncts: conjuncts, tableRows: tableRows)),
            columns: scan.output,
            rows: tableRows == 0 ? 0 : rows,
            width: context.width(of: scan.output),
            startupCost: 0,
            totalCost: cost,
            placement: scanPlacement(scan)
        )
    }

    private func scanPlacement(_ scan: LogicalScan) -> Placement {
        if scan.isOfSystemTable { return .single }
        switch scan.table.distribution {
        case .even: return .anywhere
        // Changes of an ALL table are made on the first copy.
        case .all: return scan.emitsRowAddress ? .single : .replicated
        case .key(let index):
            guard let position = scan.columnIndexes.firstIndex(of: index) else { return .anywhere }
            return .hashed([[scan.output[position].id]])
        }
    }

    func makeValues(_ rows: [[Expression]], _ columns: [PlanColumn]) -> PhysicalNode {
        PhysicalNode(
            kind: .values(rows),
            columns: columns,
            rows: Double(rows.count),
            width: context.width(of: columns),
            startupCost: 0,
            totalCost: Double(rows.count) * CostModel.tuple,
            placement: .single
        )
    }

    func makeFilter(
        _ input: PhysicalNode,
        _ conjuncts: [Expression]
    ) throws(SQLError) -> PhysicalNode {
        guard let condition = Expression.conjunction(conjuncts) else { return input }
        if case .scan(var scan) = input.kind, !conjuncts.contains(where: \.canFail) {
            scan.conjuncts += conjuncts
            return try makeScan(scan.scan, scan.conjuncts)
        }
        var node = input
        node.kind = .filter(condition)
        node.children = [input]
        let share: Double
        if case .scan(let scan) = input.kind {
            share = try context.selectivity(of: conjuncts, on: scan.scan)
        } else if case .aggregate(let aggregate) = input.kind {
            // The estimate of a set operation is of what it puts out.
            let arms = aggregate.armColumns
            share = context.selectivity(of: conjuncts.filter { $0.columns.isDisjoint(with: arms) })
        } else {
            share = context.selectivity(of: conjuncts)
        }
        node.rows = max(min(1, input.rows), input.rows * share)
        return node
    }

    func makeProject(_ input: PhysicalNode, _ items: [NamedExpression]) -> PhysicalNode {
        for item in items {
            if let id = item.expression.columnID, let known = context.figures[id] {
                context.figures[item.column.id] = known
            }
        }
        let columns = items.map(\.column)
        var node = input
        node.kind = .project(items)
        node.children = [input]
        node.columns = columns
        let passed = Set(items.compactMap(\.expression.columnID))
        let isWhole = items.count == passed.count && passed == Set(input.columns.map(\.id))
        node.width = isWhole ? input.width : context.width(of: columns)
        node.placement = placement(input.placement, through: items)
        return node
    }

    func makeSubqueryScan(
        _ input: PhysicalNode,
        _ name: String,
        _ columns: [PlanColumn]
    ) -> PhysicalNode {
        let items = zip(columns, input.columns).map {
            NamedExpression(column: $0.0, expression: .column($0.1.id, $0.1.type))
        }
        var node = makeProject(input, items)
        node.kind = .subqueryScan(name: name)
        node.totalCost += input.rows * CostModel.tuple
        for column in columns where context.figures[column.id]?.width == nil {
            // A sum counts as PostgreSQL 8.0's NUMERIC without a precision.
            guard case .decimal(let precision, _) = column.type, precision > 19 else { continue }
            context.figures[column.id, default: ColumnFigures(tableRows: input.rows)].width = 32
        }
        node.width = context.width(of: columns)
        for column in columns where context.figures[column.id] == nil {
            context.figures[column.id] = ColumnFigures(distinctCount: nil, tableRows: input.rows)
        }
        return node
    }

    func makeAppend(_ arms: [PhysicalNode], _ columns: [PlanColumn]) -> PhysicalNode {
        PhysicalNode(
            kind: .append,
            children: arms,
            columns: columns,
            rows: arms.reduce(0) { $0 + $1.rows },
            width: context.width(of: columns),
            startupCost: 0,
            totalCost: arms.reduce(0) { $0 + $1.totalCost + $1.rows * CostModel.tuple },
            placement: arms.allSatisfy { $0.placement == .single } ? .single : .anywhere
        )
    }

    /// A sort on each slice.
    func makeSort(_ input: PhysicalNode, _ keys: [SortItem], limit: Int?) -> PhysicalNode {
        var node = input
        node.kind = .sort(keys, limit: limit)
        node.children = [input]
        node.startupCost =
            CostModel.sortPenalty + input.totalCost + CostModel.sort(rows: input.rows)
        node.totalCost = node.startupCost + input.rows * CostModel.operator
        return node
    }

    func makeLimit(_ input: PhysicalNode, _ count: Int?, _ offset: Int) -> PhysicalNode {
        var node = input
        node.kind = .limit(count: count, offset: offset)
        node.children = [input]
        guard let count else { return node }
        let last = min(input.rows, Double(count + offset))
        let share = input.rows > 0 ? last / input.rows : 1
        node.rows = max(0, last - Double(offset))
        node.totalCost = input.startupCost + (input.totalCost - input.startupCost) * share
        return node
    }

    /// The rows on slice 0.
    func gathered(_ input: PhysicalNode) -> PhysicalNode {
        if input.placement == .single { return input }
        return wrapped(input, .network(.sendToSliceZero), placement: .single)
    }

    /// A node above another that changes neither rows nor costs.
    func wrapped(
        _ input: PhysicalNode,
        _ kind: PhysicalOperator,
        placement: Placement
    ) -> PhysicalNode {
        var node = input
        node.kind = kind
        node.children = [input]
        node.placement = placement
        return node
    }
}
