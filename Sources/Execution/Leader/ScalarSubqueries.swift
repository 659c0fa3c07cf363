import Catalogs
import Plans
import SQLTypes
import Vectors

// Before a plan runs, the leader runs what it needs: uncorrelated scalar subqueries, whose value
// then stands in the plan as a constant, so that slices never see them; and common tables, whose
// rows stay on the slices. Either may need others of both kinds, each of which runs once.

extension SliceCluster {
    /// The plan with every scalar subquery replaced by its value, its common tables in `context`.
    ///
    /// - Throws: 21000 if a scalar subquery gives more than one row; XX000 if a recursion does
    ///   not end.
    func prepare(
        _ plan: ExecutablePlan,
        context: inout ExecutionContext,
        records: inout [RunRecord]
    ) throws(SQLError) -> ExecutablePlan {
        if plan.scalarSubqueries.isEmpty, plan.kept.isEmpty { return plan }
        var preparation = Preparation(cluster: self, plan: plan, context: context)
        for number in plan.scalarReads.sorted() { try preparation.evaluate(number) }
        for number in plan.keptReads { try preparation.keep(number) }
        records += preparation.records
        context.kept = preparation.kept
        return plan.substitutingScalars(preparation.values)
    }
}

/// What a statement's plans have left for each other so far.
private struct Preparation {
    let cluster: SliceCluster
    let plan: ExecutablePlan
    let context: ExecutionContext
    var values: [Int: Datum] = [:]
    var kept: [Int: KeptRows] = [:]
    var records: [RunRecord] = []

    /// Rows of a recursive query at most, and rounds: Redshift's own limits are not published.
    static let recursionRowsMax = 10_000_000
    static let recursionRoundsMax = 100_000

    /// Runs a scalar subquery unless that has been done.
    mutating func evaluate(_ number: Int) throws(SQLError) {
        if values[number] != nil { return }
        let subquery = plan.scalarSubqueries[number]
        var own = context
        let provided = context.providedToSubqueries
        if provided.indices.contains(number) { own.provided = provided[number] }
        var value: Datum?
        try run(subquery, context: own) { chunk throws(SQLError) in
            guard chunk.count > 0 else { return }
            guard value == nil, chunk.count == 1, let column = chunk.columns.first else {
                throw SQLError(
                    .cardinalityViolation,
                    "more than one row returned by a subquery used as an expression"
                )
            }
            value = column.datum(0)
        }
        values[number] = value ?? .null
    }

    /// Computes a common table unless that has been done.
    mutating func keep(_ number: Int) throws(SQLError) {
        if kept[number] != nil { return }
        switch plan.kept[number] {
        case .once(let once): kept[number] = try rows(of: once)
        case .recursion(let seed, let step, let working):
            kept[number] = try recursion(seed, step, working)
        case .working:
            throw SQLError.invariant("a recursion's working rows are read outside of it")
        }
    }

    private mutating func recursion(
        _ seed: ExecutablePlan,
        _ step: ExecutablePlan,
        _ working: Int
    ) throws(SQLError) -> KeptRows {
        let all = KeptRows(sliceCount: cluster.shape.sliceCount)
        var last = try rows(of: seed)
        var rowCount = 0
        var roundCount = 0
        while last.rowCount > 0 {
            all.append(last)
            rowCount += last.rowCount
            roundCount += 1
            if rowCount > Self.recursionRowsMax || roundCount > Self.recursionRoundsMax {
                throw SQLError(.internalError, "Exceeded recursive CTE max rows limit.")
            }
            kept[working] = last
            last = try rows(of: step)
        }
        kept[working] = nil
        return all
    }

    private mutating func rows(of plan: ExecutablePlan) throws(SQLError) -> KeptRows {
        let target = KeptRows(sliceCount: cluster.shape.sliceCount)
        var own = context
        own.keptTarget = target
        try run(plan, context: own) { _ throws(SQLError) in }
        return target
    }

    /// Runs a plan after what it reads.
    private mutating func run(
        _ plan: ExecutablePlan,
        context: ExecutionContext,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        for number in plan.scalarReads.sorted() { try evaluate(number) }
        for number in plan.keptReads { try keep(number) }
        var own = context
        own.kept = kept
        own.providedToSubqueries = []
        let outcome = try cluster.run(
            plan.substitutingScalars(values),
            context: own,
            receive: receive
        )
        // A recursion may run thousands of plans; they count as one.
        if records.count < 1000 { records.append(outcome.record) }
    }
}

extension ExecutablePlan {
    /// The common tables its segments read.
    fileprivate var keptReads: [Int] {
        var numbers: [Int] = []
        for segment in streams.flatMap(\.segments) {
            if case .kept(let number) = segment.source, !numbers.contains(number) {
                numbers.append(number)
            }
        }
        return numbers
    }

    /// The scalar subqueries its expressions read.
    fileprivate var scalarReads: Set<Int> {
        var found: Set<Int> = []
        _ = mappingExpressions { expression in
            if case .scalarSubquery(let number, _) = expression { found.insert(number) }
            return expression
        }
        return found
    }

    /// The plan with every node of every expression replaced, from the leaves up.
    private func mappingExpressions(_ transform: (Expression) -> Expression) -> ExecutablePlan {
        func replaced(_ expression: Expression) -> Expression { expression.rewritten(transform) }
        var copy = self
        for stream in copy.streams.indices {
            for segment in copy.streams[stream].segments.indices {
                let steps = copy.streams[stream].segments[segment].steps
                copy.streams[stream].segments[segment].steps = steps.map { step in
                    switch step {
                    case .filter(let condition): .filter(replaced(condition))
                    case .project(let items): .project(items.map(replaced))
                    case .probe, .limit, .skip, .expand: step
                    }
                }
            }
        }
        for join in copy.joins.indices {
            copy.joins[join].residual = copy.joins[join].residual.map(replaced)
            guard var mark = copy.joins[join].mark else { continue }
            mark.condition = mark.condition.map(replaced)
            mark.test = mark.test.map(replaced)
            copy.joins[join].mark = mark
        }
        return copy
    }

    /// The plan with `scalarSubquery(i)` replaced by value i wherever there is one.
    fileprivate func substitutingScalars(_ values: [Int: Datum]) -> ExecutablePlan {
        var copy = self
        if !values.isEmpty {
            copy = mappingExpressions { expression in
                if case .scalarSubquery(let number, let type) = expression,
                    let value = values[number]
                {
                    .constant(value, type)
                } else {
                    expression
                }
            }
        }
        copy.scalarSubqueries = []
        copy.kept = []
        return copy
    }
}
