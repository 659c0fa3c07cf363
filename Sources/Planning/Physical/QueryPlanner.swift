package import Catalogs
package import Plans
package import SQLTypes

/// What a session's settings say about planning and EXPLAIN.
package struct PlannerSettings: Sendable {
    /// Whether EXPLAIN prints streams, segments and steps below the tree.
    package var explainSlices = true
    /// The network's cost of a broadcast byte.
    package var networkCostBroadcast = 10_000.0
    /// The network's cost of a redistributed byte: 10000 / 48 in the published plans.
    package var networkCostDistribute = 10_000.0 / 48
    /// Whether motions are chosen by what they cost in this process instead.
    package var motionCostLocal = false
    /// Joins are ordered at random from this seed; nil for by cost.
    package var joinOrderSeed: UInt64?
    /// Whether the keys of build sides prune the scans they are probed from.
    package var prunesByJoins = true
    /// Whether sides that come in order of their key may be joined by merging.
    package var mergesJoins = true
    /// Whether rows that come in order of a group column may be grouped as they come.
    package var groupsInOrder = true

    /// Makes Redshift's defaults.
    package init() {}
}

/// A statement's plan: as a tree for EXPLAIN and as segments for the slices.
package struct PlannedQuery: Sendable {
    /// What EXPLAIN prints.
    package var tree: PhysicalNode
    /// What the slices run.
    package var executable: ExecutablePlan
    /// The trees of uncorrelated scalar subqueries, by number.
    package var subqueryTrees: [PhysicalNode]
    /// The trees of what is computed once and kept on the slices.
    package var storedTrees: [StoredTree]
    /// Tables read that have no statistics.
    package var missingStatistics: [String]
    /// Estimated rows that reach the sink of each segment, by segment id.
    package var segmentRows: [Double]
    /// Estimated bytes of those rows, by segment id.
    package var segmentBytes: [Double]
    /// The cluster it is planned for.
    var shape: ClusterShape
}

/// Plans a bound statement: rules, join order, motions, segments.
///
/// Estimates come from the catalog's statistics and, where there is a sampler, from what
/// conditions make of sampled rows.
///
/// - Throws: 0A000 for what the engine cannot run, such as a FULL JOIN without an equality.
package func planQuery(
    _ query: BoundQuery,
    catalog: any CatalogSnapshot,
    sampler: (any RowSampler)? = nil,
    settings: PlannerSettings = PlannerSettings()
) throws(SQLError) -> PlannedQuery {
    var parts = try StatementParts(query)
    try requireTables(for: parts.all)
    let firstFree = parts.groupIntervals()
    try parts.rewrite()
    let context = PlanningContext(
        catalog: catalog,
        sampler: sampler,
        settings: settings,
        firstFreeColumnID: firstFree
    )
    let stored = try StoredPlanning(parts, context).planned()
    var subqueries: [ExecutablePlan] = []
    var subqueryTrees: [PhysicalNode] = []
    for plan in parts.scalarSubqueries {
        let tree = try planStatement(plan, target: .result, context)
        let columns = tree.columns.prefix(1).map { ResultColumn(name: $0.name, type: $0.type) }
        var cutter = SegmentCutter(context: context)
        subqueries.append(try cutter.cutStatement(tree, target: .result, output: columns))
        subqueryTrees.append(tree)
    }
    let tree = try planStatement(parts.plan, target: query.target, context)
    var cutter = SegmentCutter(context: context)
    var executable = try cutter.cutStatement(
        tree,
        target: query.target,
        output: query.resultColumns
    )
    for other in subqueries + stored.plans.flatMap(\.plans) {
        executable.tables.merge(other.tables) { first, _ in first }
    }
    executable.scalarSubqueries = subqueries
    executable.kept = stored.plans
    return PlannedQuery(
        tree: tree,
        executable: executable,
        subqueryTrees: subqueryTrees,
        storedTrees: stored.trees,
        missingStatistics: context.missingStatistics,
        segmentRows: cutter.segmentRows,
        segmentBytes: cutter.segmentBytes,
        shape: catalog.shape
    )
}

/// The lines of EXPLAIN's one column, QUERY PLAN.
///
/// VERBOSE puts a dump of the tree's nodes before it, and the slice plan below it in any case.
/// `forecaster` foretells what scans read, for the slice plan; nil leaves that out.
///
/// Errors: XX001 where the catalog's rows of a scanned table are damaged.
package func explainText(
    _ planned: PlannedQuery,
    settings: PlannerSettings = PlannerSettings(),
    verbose: Bool = false,
    forecaster: (any ScanForecaster)? = nil
) throws(SQLError) -> [String] {
    var lines = verbose ? PlanDump.lines(of: planned) + [""] : []
    lines += planned.printedTree.map(\.text)
    if !planned.missingStatistics.isEmpty {
        let names = planned.missingStatistics.joined(separator: ", ")
        lines.append("----- Tables missing statistics: \(names) -----")
        lines.append(
            "----- Update statistics by running the ANALYZE command on these tables -----"
        )
    }
    if planned.tree.containsNestedLoop {
        lines.append(
            "----- Nested Loop Join in the query plan - review the join predicates to avoid "
                + "Cartesian products -----"
        )
    }
    if settings.explainSlices || verbose {
        lines.append("")
        lines += try SegmentPrinter.lines(of: planned, forecaster: forecaster)
    }
    return lines
}

/// A rewritten logical plan with the top of a result's delivery.
private func planStatement(
    _ plan: LogicalPlan,
    target: BoundQuery.Target,
    _ context: PlanningContext
) throws(SQLError) -> PhysicalNode {
    var logical = plan
    if case .sort(let input, _) = logical, !target.isResult { logical = input }
    let planner = PhysicalPlanner(context: context)
    return context.numbered(
        target.isResult ? try planner.planResult(logical) : try planner.plan(logical)
    )
}

extension BoundQuery.Target {
    /// Whether rows go to the client.
    var isResult: Bool { if case .result = self { true } else { false } }
}

extension LogicalPlan {
    /// The plans whose rows it reads.
    var inputs: [LogicalPlan] {
        switch self {
        case .scan, .values, .stored: []
        case .filter(let input, _), .project(let input, _), .aggregate(let input, _, _),
            .window(let input, _, _), .distinct(let input), .sort(let input, _),
            .limit(let input, _, _), .subquery(let input, _, _),
            .expand(let input, _):
            [input]
        case .join(_, let left, let right, _): [left, right]
        case .unionAll(let arms, _): arms
        }
    }
}
