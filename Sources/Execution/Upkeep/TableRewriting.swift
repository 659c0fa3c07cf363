import Catalogs
import Plans
package import SQLTypes
package import Storage
import Synchronization
import Vectors

extension SliceCluster {
    /// Bytes of a slice's memory that writing a run anew may take.
    package var rewritingByteCountMax: Int { (budgets.first?.byteCountMax ?? 0) / 2 }

    /// Writes runs of a table's extents anew, each on the thread of its slice.
    ///
    /// Runs of one slice are done one after another, each within
    /// ``rewritingByteCountMax``, which is reserved while it lasts. They take turns with the slices' other work.
    ///
    /// - Returns: what was written; the table is as it was until ``Store/replace(_:of:temporary:)``.
    /// - Throws: 53200 where the memory is in use; 57014 when cancelled; those of the storage.
    package func rewrite(
        _ runs: [ExtentRun],
        of version: TableVersion,
        in store: Store,
        cancellation: Cancellation
    ) throws(SQLError) -> [RewrittenRun] {
        let source = RewritingSource(
            runs,
            of: version,
            in: store,
            budgets: budgets,
            memoryByteCountMax: rewritingByteCountMax
        )
        var plan = ExecutablePlan()
        plan.streams = [
            Stream(
                segments: [
                    Segment(
                        id: 0,
                        slices: .all,
                        source: .provided(0, types: []),
                        steps: [],
                        sink: .discard
                    )
                ],
                dependencies: []
            )
        ]
        let context = ExecutionContext(
            snapshot: store.current,
            transaction: nil,
            cache: store.cache,
            provided: [source],
            cancellation: cancellation
        )
        _ = try run(plan, context: context) { (_) throws(SQLError) in }
        return source.rewritten
    }
}

extension SliceCluster {
    /// Writes one run anew on the calling thread, within the memory of the run's slice.
    ///
    /// - Throws: 53200 where the memory is in use; what the bound interruption throws; those of
    ///   the storage.
    package func rewriteHere(
        _ run: ExtentRun,
        of version: TableVersion,
        in store: Store
    ) throws(SQLError) -> RewrittenRun {
        let work = try ReservedRewriter(
            run,
            of: version,
            in: store,
            budget: budgets[run.slice],
            memoryByteCountMax: rewritingByteCountMax
        )
        while try work.rewriter.step() {}
        return work.rewriter.rewritten
    }
}

/// A rewriter and what it holds of its slice's memory.
private final class ReservedRewriter {
    let rewriter: ExtentRewriter
    private let memory: MemoryReservation

    init(
        _ run: ExtentRun,
        of version: TableVersion,
        in store: Store,
        budget: MemoryBudget,
        memoryByteCountMax: Int
    ) throws(SQLError) {
        rewriter = try ExtentRewriter(
            run,
            of: version,
            in: store,
            memoryByteCountMax: memoryByteCountMax,
            check: Interruption.check
        )
        memory = MemoryReservation(budget, for: "Vacuum")
        try memory.set(rewriter.memoryByteCount)
    }
}

/// Work instead of rows: each slice's reader does the slice's runs and gives only empty chunks.
private final class RewritingSource: ProvidedSource {
    private let runs: [ExtentRun]
    private let version: TableVersion
    private let store: Store
    private let budgets: [MemoryBudget]
    private let memoryByteCountMax: Int
    private let done = Mutex<[RewrittenRun]>([])

    init(
        _ runs: [ExtentRun],
        of version: TableVersion,
        in store: Store,
        budgets: [MemoryBudget],
        memoryByteCountMax: Int
    ) {
        self.memoryByteCountMax = memoryByteCountMax
        self.runs = runs
        self.version = version
        self.store = store
        self.budgets = budgets
    }

    var rewritten: [RewrittenRun] { done.withLock { $0 } }

    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        Reader(self, runs.filter { $0.slice == slice }, budgets[slice])
    }

    /// The runs of one slice.
    private final class Reader: ProvidedReader {
        private let source: RewritingSource
        private let budget: MemoryBudget
        private var waiting: ArraySlice<ExtentRun>
        private var current: ReservedRewriter?

        init(_ source: RewritingSource, _ runs: [ExtentRun], _ budget: MemoryBudget) {
            self.source = source
            self.budget = budget
            waiting = runs[...]
        }

        func next() throws(SQLError) -> Chunk? {
            if let current {
                if try !current.rewriter.step() {
                    let rewritten = current.rewriter.rewritten
                    source.done.withLock { $0.append(rewritten) }
                    self.current = nil
                }
                return Chunk(count: 0, columns: [])
            }
            guard let run = waiting.popFirst() else { return nil }
            current = try ReservedRewriter(
                run,
                of: source.version,
                in: source.store,
                budget: budget,
                memoryByteCountMax: source.memoryByteCountMax
            )
            return Chunk(count: 0, columns: [])
        }
    }
}
