import Catalogs
import Functions
import Plans
import SQLTypes
import Storage
import Vectors

// From a plan's source, steps and sink to the objects that run them: the one list to extend when
// an operator is added.
//
// To add an operator: a case in `Plans`, its run-time type under `Operators/`, a line here, its
// figures in `SegmentRecord`, its memory from `budgets`, tests on 1 × 2, 2 × 2 and 4 × 4.

extension QueryRun {
    /// The source of a run's segment.
    func makeSource(for run: SegmentRun) throws(SQLError) -> any SourceRun {
        let slice = run.slice
        switch run.segment.source {
        case .scan(let specification): return try scanSource(specification, for: run)
        case .exchange(let exchange):
            return ExchangeSource(queue: exchanges[exchange][slice], run: run)
        case .aggregate(let aggregate):
            let slot = aggregates[aggregate][slice]
            return StoredRows(
                spilledByteCount: { slot.takeSpilledByteCount() },
                { () throws(SQLError) in try slot.nextChunk() }
            )
        case .sort(let sort):
            let slot = sorts[sort][slice]
            return StoredRows { () throws(SQLError) in try slot.nextChunk() }
        case .kept(let number):
            guard let kept = context.kept[number] else {
                throw SQLError.invariant("common table \(number) is read before it is there")
            }
            return KeptRowsSource(kept, slice: slice)
        case .window(let window): return WindowSource(plan.windows[window], run: run)
        case .values(let rows, let types): return ValuesSource(rows: rows, types: types)
        case .provided(let number, _):
            guard context.provided.indices.contains(number) else {
                throw SQLError.invariant("provided rows \(number) are missing")
            }
            let source = context.provided[number]
            return ProvidedRows(try source.makeReader(slice: run.share.index, of: run.share.count))
        case .unmatched(let join):
            let rows = UnmatchedRows(plan.joins[join], table: try joins[join].table(for: slice))
            return StoredRows { () throws(SQLError) in try rows.next() }
        }
    }

    /// A step of a run's segment.
    func makeStep(_ step: SegmentStep, for run: SegmentRun) throws(SQLError) -> any StepRun {
        switch step {
        case .filter(let condition): return Filter(condition.placed(on: run.slice))
        case .project(let items): return Projection(items.map { $0.placed(on: run.slice) })
        case .probe(let join) where plan.joins[join].merged != nil:
            return try MergeProbe(plan.joins[join], run: run)
        case .group(let aggregate):
            return try OrderedGrouping(
                plan.aggregates[aggregate],
                budget: budgets[run.slice],
                check: stopSignal.check
            )
        case .probe(let join):
            let table = try joins[join].table(for: run.slice)
            let probe = try plan.joins[join].makeProbe(of: table)
            guard let spilled = table.spilled, !(probe is EmptyProbe) else { return probe }
            return try PartitionedProbe(
                plan.joins[join],
                resident: probe,
                spilled,
                budget: budgets[run.slice]
            )
        case .limit(let count): return Limit(count)
        case .skip(let count): return Skip(count)
        case .expand(let specification):
            return GroupingSetExpansion(specification, isFirst: run.share.index == 0)
        }
    }

    /// The sink of a run's segment.
    func makeSink(for run: SegmentRun) throws(SQLError) -> any SinkRun {
        let slice = run.slice
        switch run.segment.sink {
        case .result:
            guard let first = firstResult[run.segment.id] else {
                throw SQLError.invariant("segment \(run.segment.id) has no place at the leader")
            }
            return ResultSink(
                results: results,
                index: first + run.share.index,
                run: run,
                types: plan.output.map(\.type)
            )
        case .exchange(let exchange): return try makeExchangeSink(exchange, for: run)
        case .discard: return DiscardSink()
        case .keep:
            guard let target = context.keptTarget else {
                throw SQLError.invariant("rows to be kept have no place")
            }
            return KeepSink(target, run: run)
        case .build(let join):
            return BuildSink(
                build: joins[join].build(for: slice),
                specification: plan.joins[join],
                run: run
            )
        case .aggregate(let aggregate):
            return try AggregateSink(
                slot: aggregates[aggregate][slice],
                specification: plan.aggregates[aggregate],
                budget: budgets[slice],
                check: stopSignal.check
            )
        case .sort(let sort):
            return SortSink(
                slot: sorts[sort][slice],
                specification: plan.sorts[sort],
                budget: budgets[slice],
                check: stopSignal.check
            )
        case .insert(let table):
            guard let definition = plan.tables[table] else {
                throw SQLError.invariant("table \(table) is not among the plan's tables")
            }
            return InsertSink(table: definition, run: run)
        case .delete(let table): return DeleteSink(table: table, run: run)
        case .replace(let table, let exchange):
            return DeleteSink(
                table: table,
                run: run,
                forward: try makeExchangeSink(exchange, for: run)
            )
        case .deleteOrSend(let table, let exchange):
            return DeleteSink(
                table: table,
                run: run,
                forward: try makeExchangeSink(exchange, for: run),
                forwardsDeleted: false
            )
        }
    }

    private func makeExchangeSink(
        _ exchange: Int,
        for run: SegmentRun
    ) throws(SQLError) -> ExchangeSink {
        var first = 0
        if case .roundRobin(let table) = plan.exchanges[exchange].routing {
            // Behind the rows that the table has; senders at work at once begin side by side. So
            // the place of a row depends on plan, table and cluster alone.
            let stored = try context.snapshot.tableVersion(table)?.storedRowCount ?? 0
            first = stored + run.slice + run.segment.id
        }
        return ExchangeSink(
            exchange: plan.exchanges[exchange],
            queues: exchanges[exchange],
            run: run,
            first: first
        )
    }
}

extension Expression {
    private var dependsOnSlice: Bool {
        if case .call(let function, _, _) = self, function.onSlice != nil { return true }
        return children.contains { $0.dependsOnSlice }
    }

    /// The expression with functions that differ by slice as they are on this one.
    fileprivate func placed(on slice: SliceID) -> Expression {
        guard dependsOnSlice else { return self }
        return rewritten { node in
            guard case .call(let function, let arguments, let type) = node,
                let onSlice = function.onSlice
            else { return node }
            return .call(onSlice(slice), arguments, type)
        }
    }
}
