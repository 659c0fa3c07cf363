package import Plans
import SQLTypes

/// The trees of one stored plan, for EXPLAIN and for what reads it.
package struct StoredTree: Sendable {
    /// The common table expression's name.
    package var name: String
    /// Its tree; of a recursion the seed's and the step's.
    package var trees: [PhysicalNode]
    /// Columns of the stored plan that are kept, by their numbers in it.
    var usedColumns: [Int]
    /// The types of the kept columns.
    var types: [DataType] { trees.first?.columns.map(\.type) ?? [] }
}

/// Plans what is computed once and kept on the slices.
struct StoredPlanning {
    private let parts: StatementParts
    private let context: PlanningContext

    init(_ parts: StatementParts, _ context: PlanningContext) {
        self.parts = parts
        self.context = context
    }

    /// The executable plans, by number, and the trees for EXPLAIN.
    func planned() throws(SQLError) -> (plans: [KeptPlan], trees: [StoredTree]) {
        var plans = parts.stored.map { _ in KeptPlan.working }
        for number in parts.stored.indices {
            switch parts.stored[number] {
            case .once(let plan, let name): plans[number] = try once(plan, name, number)
            case .recursion(let seed, let step, let working, let name):
                plans[number] = try recursion(seed, step, working, name, number)
            case .working: break
            }
        }
        let shown = context.stored.keys.sorted().filter { number in
            if case .working = parts.stored[number] { false } else { true }
        }
        return (plans, shown.compactMap { context.stored[$0] })
    }

    private func once(
        _ plan: LogicalPlan,
        _ name: String,
        _ number: Int
    ) throws(SQLError) -> KeptPlan {
        let tree = context.numbered(try PhysicalPlanner(context: context).plan(plan))
        context.stored[number] = StoredTree(
            name: name,
            trees: [tree],
            usedColumns: parts.usedColumns[number] ?? []
        )
        var cutter = SegmentCutter(context: context)
        return .once(try cutter.cutKept(tree))
    }

    private func recursion(
        _ seed: LogicalPlan,
        _ step: LogicalPlan,
        _ working: Int,
        _ name: String,
        _ number: Int
    ) throws(SQLError) -> KeptPlan {
        let planner = PhysicalPlanner(context: context)
        var first = context.numbered(try planner.plan(seed))
        var cutter = SegmentCutter(context: context)
        let seedPlan = try cutter.cutKept(first)
        // Where rows of later rounds lie nobody knows.
        first.placement = .anywhere
        let used = parts.usedColumns[number] ?? []
        context.stored[working] = StoredTree(name: name, trees: [first], usedColumns: used)
        let next = context.numbered(try planner.plan(step))
        var stepCutter = SegmentCutter(context: context)
        let stepPlan = try stepCutter.cutKept(next)
        // Ten rounds, as PostgreSQL assumes.
        first.rows += 10 * next.rows
        context.stored[number] = StoredTree(name: name, trees: [first, next], usedColumns: used)
        return .recursion(
            KeptRecursion(
                name: name,
                seed: seedPlan,
                step: stepPlan,
                working: working,
                rowsNeeded: parts.rowsNeeded[number]
            )
        )
    }
}

extension KeptPlan {
    /// The plans it is made of.
    var plans: [ExecutablePlan] {
        switch self {
        case .once(let plan): [plan]
        case .recursion(let recursion): [recursion.seed, recursion.step]
        case .working: []
        }
    }
}

extension PhysicalPlanner {
    /// A scan of rows kept on the slices.
    func makeStoredScan(_ reference: StoredReference) throws(SQLError) -> PhysicalNode {
        guard let stored = context.stored[reference.number], let tree = stored.trees.first else {
            throw SQLError.invariant("a common table is read before it is planned")
        }
        var positions: [Int] = []
        for (column, index) in zip(reference.columns, reference.indexes) {
            guard let position = stored.usedColumns.firstIndex(of: index) else {
                throw SQLError.invariant("a column of a common table is not kept")
            }
            positions.append(position)
            context.figures[column.id] = context.figures[tree.columns[position].id]
        }
        let items = zip(reference.columns, positions).map { column, position in
            NamedExpression(
                column: column,
                expression: .column(tree.columns[position].id, column.type)
            )
        }
        // What was read from an ALL table lies where it was read.
        let lies =
            tree.placement == .replicated
            ? Placement.anywhere : placement(tree.placement, through: items)
        return PhysicalNode(
            kind: .storedScan(
                number: reference.number,
                name: reference.name,
                alias: reference.alias,
                positions: positions
            ),
            columns: reference.columns,
            rows: tree.rows,
            width: context.width(of: reference.columns),
            startupCost: 0,
            totalCost: tree.rows * CostModel.tuple,
            placement: lies
        )
    }
}
