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
        for number in plan.keptReads.sorted() { try preparation.keep(number) }
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
        case .recursion(let recursion): kept[number] = try rows(of: recursion)
        case .working:
            throw SQLError.invariant("a recursion's working rows are read outside of it")
        }
    }

    private mutating func rows(of recursion: KeptRecursion) throws(SQLError) -> KeptRows {
        let all = KeptRows(sliceCount: cluster.shape.sliceCount)
        var last = try rows(of: recursion.seed)
        var rowCount = 0
        var roundCount = 0
        var step: ExecutablePlan?
        while last.rowCount > 0 {
            all.append(last)
            rowCount += last.rowCount
            roundCount += 1
            if let needed = recursion.rowsNeeded, rowCount >= needed { break }
            if rowCount > Self.recursionRowsMax || roundCount > Self.recursionRoundsMax {
                throw Self.endlessRecursion(recursion.name, rowCount, roundCount)
            }
            kept[recursion.working] = last
            // What the step reads besides the last round's rows is there after the first.
            if step == nil { step = try prepared(recursion.step) }
            if let step { last = try keptRows(of: step, isLaterRound: roundCount > 1) }
        }
        kept[recursion.working] = nil
        return all
    }

    private static func endlessRecursion(
        _ name: String,
        _ rowCount: Int,
        _ roundCount: Int
    ) -> SQLError {
        SQLError(
            .internalError,
            "Exceeded recursive CTE max rows limit.",
            detail: "\"\(name)\" has made \(rowCount) rows in \(roundCount) rounds and does not "
                + "end; a recursive query makes at most \(recursionRowsMax) rows in "
                + "\(recursionRoundsMax) rounds.",
            hint: "Give the recursive term a WHERE that leaves no row in the end; for data with "
                + "cycles, count the levels and stop at one."
        )
    }

    private mutating func rows(of plan: ExecutablePlan) throws(SQLError) -> KeptRows {
        try keptRows(of: try prepared(plan))
    }

    /// Runs a prepared plan and keeps its rows.
    private mutating func keptRows(
        of plan: ExecutablePlan,
        isLaterRound: Bool = false
    ) throws(SQLError) -> KeptRows {
        let target = KeptRows(sliceCount: cluster.shape.sliceCount)
        var own = context
        own.keptTarget = target
        try execute(plan, context: own, isLaterRound: isLaterRound) { _ throws(SQLError) in }
        return target
    }

    /// Runs a plan after what it reads.
    private mutating func run(
        _ plan: ExecutablePlan,
        context: ExecutionContext,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        try execute(try prepared(plan), context: context, receive: receive)
    }

    /// The plan with the values it reads; the rows that it reads are kept then.
    private mutating func prepared(_ plan: ExecutablePlan) throws(SQLError) -> ExecutablePlan {
        for number in plan.scalarReads.sorted() { try evaluate(number) }
        for number in plan.keptReads.sorted() { try keep(number) }
        return plan.substitutingScalars(values)
    }

    private mutating func execute(
        _ plan: ExecutablePlan,
        context: ExecutionContext,
        isLaterRound: Bool = false,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        var own = context
        own.kept = kept
        own.providedToSubqueries = []
        let outcome = try cluster.run(plan, context: own, receive: receive)
        // A recursion may run a plan thousands of times; its rounds are one record.
        if isLaterRound, !records.isEmpty {
            records[records.count - 1].add(outcome.record)
        } else {
            records.append(outcome.record)
        }
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
        func replaced(_ step: SegmentStep) -> SegmentStep {
            switch step {
            case .filter(let condition): .filter(replaced(condition))
            case .project(let items): .project(items.map(replaced))
            case .probe, .group, .limit, .skip, .expand: step
            }
        }
        var copy = self
        for stream in copy.streams.indices {
            for segment in copy.streams[stream].segments.indices {
                let steps = copy.streams[stream].segments[segment].steps
                copy.streams[stream].segments[segment].steps = steps.map(replaced)
            }
        }
        for join in copy.joins.indices {
            if let steps = copy.joins[join].merged?.steps {
                copy.joins[join].merged?.steps = steps.map(replaced)
            }
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
