import Execution
import Plans
import Planning
import Storage

extension QueryEntry {
    /// Adds the plan, and what its run did; nil where it did not end.
    mutating func add(_ planned: PlannedQuery, record: RunRecord?) {
        let lines = planned.planLines
        let figures = record.map { ActualRows(planned: planned, record: $0) }
        nodes = lines.map { line in
            var node = PlanNodeEntry()
            node.id = line.id
            node.parent = line.parent
            node.line = line.text
            node.info = line.attributes.joined(separator: "; ")
            node.startupCost = line.startupCost
            node.totalCost = line.totalCost
            node.estimatedRows = line.rows
            node.width = line.width
            node.rows = figures?.rows(of: line.number)
            return node
        }
        guard let record else { return }
        steps = StepEntries(record: record, lines: lines, wallStart: startTime + planningTime).all
        let result = steps.last { $0.name == "return" }
        returnedRows = record.deliveredRows
        let (rows, bytes) = (result?.rows ?? 0, result?.bytes ?? 0)
        returnedBytes = rows > 0 ? bytes / rows * returnedRows : 0
        alerts = AlertRules().alerts(
            of: self,
            plan: record.plan,
            missingStatistics: planned.missingStatistics
        )
    }
}

/// The rows that left each node of a plan.
///
/// A node that no segment works for passes on what its children put out: the merge and the network
/// at the top, an append. A limit at the top is the leader's.
struct ActualRows {
    private let figures: [Int: NodeFigures]
    private let children: [Int: [Int]]
    private let leaderLimit: Int?
    private let deliveredRows: Int

    init(planned: PlannedQuery, record: RunRecord) {
        figures = record.nodeFigures
        children = planned.childNumbers
        leaderLimit = planned.leaderLimit
        deliveredRows = record.deliveredRows
    }

    /// Rows over all slices; nil where the node did not run.
    func rows(of number: Int) -> Int? {
        if number == leaderLimit { return deliveredRows }
        return bySlice(number).map { $0.values.reduce(0, +) }
    }

    /// Rows on each slice; nil where the node did not run.
    func bySlice(_ number: Int) -> [Int: Int]? {
        if let known = figures[number] { return known.rowsBySlice }
        let below = (children[number] ?? []).compactMap { bySlice($0) }
        guard let first = below.first else { return nil }
        return below.dropFirst().reduce(first) { $0.merging($1, uniquingKeysWith: +) }
    }
}

extension StepEntry {
    /// Figures over all slices.
    var rows: Int { slices.reduce(0) { $0 + $1.rows } }
    var bytes: Int { slices.reduce(0) { $0 + $1.bytes } }
    var rowsMoved: Int { slices.reduce(0) { $0 + $1.rowsMoved } }
    var bytesMoved: Int { slices.reduce(0) { $0 + $1.bytesMoved } }
    var rowsBeforeFilter: Int { slices.reduce(0) { $0 + $1.rowsBeforeFilter } }
    var rowsBeforeDeletes: Int { slices.reduce(0) { $0 + $1.rowsBeforeDeletes } }
}
