import Catalogs
import Plans
import SQLTypes
import Storage
import Synchronization
import Vectors

/// One execution of a plan: what its segment runs share, and which of them may start.
///
/// Streams start when those they depend on have ended. The first error stops every run; the
/// leader waits until the last has let go of what it read.
final class QueryRun: Sendable {
    let plan: ExecutablePlan
    let context: ExecutionContext
    let shape: ClusterShape
    let exchanges: [[ExchangeQueue]]
    let joins: [JoinBuilds]
    let aggregates: [[AggregateSlot]]
    let sorts: [[SortSlot]]
    let results: ResultQueues
    let budgets: [MemoryBudget]
    /// The first result queue of each segment that delivers to the leader, by segment number.
    let firstResult: [Int: Int]

    private let threads: [SliceThread]
    /// What loops over many rows ask.
    let stopSignal: StopSignal
    private let progress: Mutex<Progress>
    private let ending = ConditionLock()

    private struct Progress {
        var openRuns: [Int]
        var isStarted: [Bool]
        var live: [SegmentRun] = []
        var error: SQLError?
        var isStopped = false
        var outcome = RunOutcome()
    }

    init(
        plan: ExecutablePlan,
        context: ExecutionContext,
        shape: ClusterShape,
        threads: [SliceThread],
        budgets: [MemoryBudget]
    ) {
        self.plan = plan
        self.context = context
        stopSignal = StopSignal(context.cancellation)
        self.shape = shape
        self.threads = threads
        self.budgets = budgets
        let census = PlanCensus(plan: plan, sliceCount: shape.sliceCount)
        exchanges = plan.exchanges.indices.map { exchange in
            (0..<shape.sliceCount).map { slice in
                ExchangeQueue(
                    senderCount: census.exchangeSenders[exchange],
                    isBounded: census.isBounded[exchange],
                    budget: budgets[slice]
                )
            }
        }
        joins = plan.joins.indices.map { join in
            JoinBuilds(
                plan.joins[join],
                builders: census.joinBuilders[join],
                filteredKeys: census.filteredKeys[join].sorted()
            )
        }
        aggregates = plan.aggregates.indices.map { aggregate in
            census.aggregateSinks[aggregate].map { AggregateSlot(openSinks: $0) }
        }
        sorts = plan.sorts.indices.map { sort in
            census.sortSinks[sort].map { SortSlot(openSinks: $0) }
        }
        results = ResultQueues(runCount: census.resultCount)
        firstResult = census.firstResult
        progress = Mutex(
            Progress(
                openRuns: plan.streams.map { stream in
                    stream.segments.reduce(0) {
                        $0 + Self.members(of: $1, context, shape).count
                    }
                },
                isStarted: [Bool](repeating: false, count: plan.streams.count)
            )
        )
    }

    /// Whether runs must end: an error, a cancel, or the leader has all it wants.
    var isStopped: Bool {
        if stopSignal.wasSet { return true }
        guard context.cancellation.isCancelled else { return false }
        fail(context.cancellation.error)
        return true
    }

    /// Starts the streams that depend on nothing.
    func start() { startStreams() }

    /// Stops all runs because of an error; the first error is kept.
    func fail(_ error: SQLError) { stop(error) }

    /// Stops all runs; without an error where the leader has enough.
    func stop(_ error: SQLError? = nil) {
        let woken = progress.withLock { progress -> [SegmentRun] in
            if progress.error == nil && !progress.isStopped { progress.error = error }
            progress.isStopped = true
            return progress.live
        }
        stopSignal.set()
        for run in woken { run.wake() }
        results.close()
    }

    /// Counts a run that has ended and starts what waited for it.
    func runEnded(_ run: SegmentRun, record: SegmentRecord) {
        let isStreamOver = progress.withLock { progress -> Bool in
            progress.live.removeAll { $0 === run }
            progress.outcome.record.segments.append(record)
            progress.openRuns[run.stream] -= 1
            return progress.openRuns[run.stream] == 0
        }
        if isStreamOver { startStreams() }
        ending.withLock { ending.broadcast() }
    }

    /// Waits until no run is left, then gives the outcome or throws the first error.
    func finish() throws(SQLError) -> RunOutcome {
        ending.withLock {
            while !isOver { ending.wait() }
        }
        // Runs hold the query: who waited when it was stopped would keep it and its memory.
        for queue in exchanges.joined() { queue.forgetRuns() }
        for join in joins { join.forgetRuns() }
        results.forgetRuns()
        let (outcome, error) = progress.withLock { ($0.outcome, $0.error) }
        if let error { throw error }
        return outcome
    }

    /// Adds what an insert has written.
    func addInserted(_ extents: [PendingExtent], rowCount: Int, to table: TableID) {
        progress.withLock {
            $0.outcome.inserted[table, default: []].append(contentsOf: extents)
            $0.outcome.insertedRowCount += rowCount
        }
    }

    /// Adds rows to delete.
    func addDeleted(_ rows: [DeletedRows], from table: TableID) {
        progress.withLock { $0.outcome.deleted[table, default: []].append(contentsOf: rows) }
    }

    private var isOver: Bool {
        progress.withLock { progress in
            guard progress.live.isEmpty else { return false }
            return progress.isStopped || progress.openRuns.allSatisfy { $0 == 0 }
        }
    }

    private func startStreams() {
        let runs = progress.withLock { progress -> [SegmentRun] in
            if progress.isStopped { return [] }
            var runs: [SegmentRun] = []
            for (number, stream) in plan.streams.enumerated() where !progress.isStarted[number] {
                guard stream.dependencies.allSatisfy({ progress.openRuns[$0] == 0 }) else {
                    continue
                }
                progress.isStarted[number] = true
                runs.append(contentsOf: makeRuns(of: stream, number: number))
            }
            progress.live.append(contentsOf: runs)
            return runs
        }
        for run in runs { run.queue.start(run) }
    }

    /// The slices on which a segment runs: of a recursion's round those that have rows of the
    /// last one, which often are on one slice, so that the others need not wake.
    private static func members(
        of segment: Segment,
        _ context: ExecutionContext,
        _ shape: ClusterShape
    ) -> [SliceID] {
        let members = segment.slices.members(of: shape.sliceCount)
        guard case .kept(let number) = segment.source, case .keep = segment.sink,
            let rows = context.kept[number]
        else { return members }
        let isRowByRow = segment.steps.allSatisfy {
            switch $0 {
            case .filter, .project: true
            case .probe, .group, .limit, .skip, .expand: false
            }
        }
        guard isRowByRow else { return members }
        let busy = members.filter { !rows.slices[$0].isEmpty }
        return busy.isEmpty ? Array(members.prefix(1)) : busy
    }

    private func makeRuns(of stream: Plans.Stream, number: Int) -> [SegmentRun] {
        stream.segments.flatMap { segment -> [SegmentRun] in
            let members = Self.members(of: segment, context, shape)
            return members.enumerated().map { index, slice in
                SegmentRun(
                    query: self,
                    stream: number,
                    segment: segment,
                    slice: slice,
                    share: (index, members.count),
                    queue: threads[slice].queue
                )
            }
        }
    }
}

extension SliceSet {
    /// The slices of the set in a cluster of `sliceCount`.
    func members(of sliceCount: Int) -> [SliceID] {
        switch self {
        case .all: Array(0..<sliceCount)
        case .one(let slice): [slice]
        }
    }
}
