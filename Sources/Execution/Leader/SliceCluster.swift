package import Catalogs
package import Plans
package import SQLTypes
package import Storage
import Synchronization
package import Vectors

/// The slice threads of one open warehouse, and the leader's part of running plans on them.
///
/// Threads start with the first run. Several sessions may run plans at once; their segment runs
/// take turns on the slices.
package final class SliceCluster: Sendable {
    /// Nodes and slices.
    package let shape: ClusterShape
    /// The memory of each slice.
    let budgets: [MemoryBudget]
    private let threads = Mutex<[SliceThread]>([])

    /// Makes a cluster whose slices share `memoryBytes` evenly, at least 64 KiB each, and spill to
    /// `spillPlace`; starts nothing.
    package init(shape: ClusterShape, memoryBytes: Int, spillPlace: SpillPlace) {
        self.shape = shape
        let share = max(64 << 10, memoryBytes / max(1, shape.sliceCount))
        budgets = (0..<shape.sliceCount).map { slice in
            MemoryBudget(
                byteCountMax: share,
                disks: SliceDisks(place: spillPlace, slice: slice)
            )
        }
    }

    /// Ends the threads; runs must be over.
    package func shutDown() {
        let ended = threads.withLock { threads -> [SliceThread] in
            defer { threads = [] }
            return threads
        }
        for thread in ended { thread.shutDown() }
    }

    /// Runs a plan and hands its rows to `receive` on the calling thread.
    ///
    /// Chunks come in final order, after offset and limit. An error thrown by `receive` stops
    /// the run and is thrown on.
    ///
    /// - Throws: the first error of any slice; 57014 if cancelled; 21000 if a scalar subquery
    ///   gives more than one row.
    package func run(
        _ plan: ExecutablePlan,
        context: ExecutionContext,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) -> RunOutcome {
        let start = monotonicNanoseconds()
        var records: [RunRecord] = []
        var deliveredRows = 0
        var context = context
        let plan = try prepare(plan, context: &context, records: &records)
        let query = QueryRun(
            plan: plan,
            context: context,
            shape: shape,
            threads: startedThreads(),
            budgets: budgets
        )
        query.start()
        do throws(SQLError) {
            let shown = plan.output.count - plan.hiddenColumnCount
            var window = RowWindow(offset: plan.offset, limit: plan.limit)
            // Columns that only the merge needs end here.
            func receiveShown(_ chunk: Chunk) throws(SQLError) {
                deliveredRows += chunk.count
                if chunk.columns.count <= shown { return try receive(chunk) }
                try receive(Chunk(count: chunk.count, columns: Array(chunk.columns[..<shown])))
            }
            switch plan.delivery {
            case .unordered:
                try deliverUnordered(from: query, window: &window, receive: receiveShown)
            case .merge(let keys):
                let merge = OrderedMerge(query: query, keys: keys, types: plan.output.map(\.type))
                try merge.deliver(window: &window, receive: receiveShown)
            }
            if window.isComplete { query.stop() }
        } catch {
            query.stop(error)
        }
        var outcome = try query.finish()
        try outcome.collectDeletedRows(query.stopSignal.check)
        outcome.record.segments.sort { ($0.segment, $0.slice) < ($1.segment, $1.slice) }
        outcome.record.scalarSubqueries = records
        outcome.record.plan = plan
        outcome.record.startTime = start
        outcome.record.deliveredRows = deliveredRows
        outcome.record.nanoseconds = Int(monotonicNanoseconds() &- start)
        return outcome
    }

    private func startedThreads() -> [SliceThread] {
        threads.withLock { threads in
            if threads.isEmpty {
                threads = (0..<shape.sliceCount).map { SliceThread(slice: $0) }
            }
            return threads
        }
    }

    private func deliverUnordered(
        from query: QueryRun,
        window: inout RowWindow,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        while !window.isComplete {
            if query.isStopped { return }
            guard case .chunk(let chunk) = query.results.nextOfAny() else { return }
            if let part = window.part(of: chunk) { try receive(part) }
        }
    }
}

/// The rows of a stream that OFFSET and LIMIT leave.
struct RowWindow {
    private var rowsToSkip: Int
    private var rowsToPass: Int?

    /// Makes a window; nil passes all rows after the offset.
    init(offset: Int, limit: Int?) {
        rowsToSkip = offset
        rowsToPass = limit
    }

    /// Whether no later row passes.
    var isComplete: Bool { rowsToPass == 0 }

    /// The rows of the next chunk that pass; nil for none.
    mutating func part(of chunk: Chunk) -> Chunk? {
        let skipped = min(rowsToSkip, chunk.count)
        rowsToSkip -= skipped
        let passed = min(rowsToPass ?? .max, chunk.count - skipped)
        if let limit = rowsToPass { rowsToPass = limit - passed }
        if passed == 0 { return nil }
        if passed == chunk.count { return chunk }
        return chunk.slice(skipped..<skipped + passed)
    }
}

extension RunOutcome {
    /// Puts the rows to delete together: each slice once, each address once, ascending.
    ///
    /// `check` is asked every few milliseconds and may throw.
    mutating func collectDeletedRows(_ check: StopCheck) throws(SQLError) {
        deletedRowCount = 0
        repeatedDeletionCount = 0
        for (table, parts) in deleted {
            var addresses: [SliceID: [Int64]] = [:]
            for part in parts {
                try check()
                addresses[part.slice, default: []] += part.addresses
            }
            var collected: [DeletedRows] = []
            for (slice, rows) in addresses.sorted(by: { $0.key < $1.key }) {
                let unique = try ascendingOnce(rows, check)
                repeatedDeletionCount += rows.count - unique.count
                deletedRowCount += unique.count
                collected.append(DeletedRows(slice: slice, addresses: unique))
            }
            deleted[table] = collected
        }
    }
}

/// Addresses in ascending order, each once; `check` is asked every few milliseconds.
private func ascendingOnce(_ rows: [Int64], _ check: StopCheck) throws(SQLError) -> [Int64] {
    // Scans give them in order; joins may meet a row several times, in any.
    var ascends = true
    for start in stride(from: 1, to: rows.count, by: rowsPerStopCheck) where ascends {
        try check()
        for row in start..<min(rows.count, start + rowsPerStopCheck)
        where rows[row] <= rows[row - 1] {
            ascends = false
            break
        }
    }
    if ascends { return rows }
    let order = try sortPermutation(
        [.making(Int64.self, .int64, rows.count) { rows[$0] }],
        order: [SortOrder(ascending: true, nullsFirst: false)],
        count: rows.count,
        check: check
    )
    var unique: [Int64] = []
    unique.reserveCapacity(rows.count)
    for start in stride(from: 0, to: rows.count, by: rowsPerStopCheck) {
        try check()
        for index in order[start..<min(rows.count, start + rowsPerStopCheck)]
        where unique.last != rows[Int(index)] {
            unique.append(rows[Int(index)])
        }
    }
    return unique
}
