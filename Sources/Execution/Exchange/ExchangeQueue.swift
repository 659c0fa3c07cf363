import SQLTypes
import Synchronization
import Vectors

/// Chunks on their way to one receiving slice.
///
/// Bounded by bytes: senders stop ("not now") when it is full and are woken when it has drained
/// to half. A chunk in transit may exceed the bound by what a sender had in hand, so no sender
/// ever waits in the middle of a chunk, and a receiver that reads always makes progress: the
/// exchanges of a stream form no cycle, so they cannot deadlock.
///
/// Where the receiver starts after the senders nobody stops: what does not fit in the receiving
/// slice's memory goes to its disks (``KeptChunks``).
final class ExchangeQueue: Sendable {
    fileprivate struct State {
        var chunks: [Chunk] = []
        var first = 0
        var byteCount = 0
        var openSenders: Int
        var isClosed = false
        var isReceiverWaiting = false
        var receiver: SegmentRun?
        var waitingSenders: [SegmentRun] = []
        /// Instead of `chunks` where the receiver starts after the senders.
        var kept: KeptChunks?
        var keptReader: KeptChunkReader?
        var spilledByteCount = 0
    }

    private let state: Mutex<State>
    private let byteCountMax: Int

    /// Makes a queue fed by so many runs; `isBounded` unless the receiver starts after them.
    init(senderCount: Int, isBounded: Bool, budget: MemoryBudget) {
        var first = State(openSenders: senderCount)
        if isBounded {
            byteCountMax = min(Self.byteCountMost, max(64 << 10, budget.byteCountMax / 4))
        } else {
            byteCountMax = .max
            first.kept = KeptChunks(budget, for: "Exchange")
        }
        state = Mutex(first)
    }

    /// Bytes that wait for one receiver at most, but for what senders have in hand.
    private static let byteCountMost = 4 << 20

    /// Whether a sender may push; if not, it is woken when it may.
    func hasRoom(for sender: SegmentRun) -> Bool {
        state.withLock {
            if $0.byteCount < byteCountMax || $0.isClosed { return true }
            if !$0.waitingSenders.contains(where: { $0 === sender }) {
                $0.waitingSenders.append(sender)
            }
            return false
        }
    }

    /// Adds a chunk; drops it if the receiver has closed.
    ///
    /// - Errors: those of ``SpillFile``.
    func push(_ chunk: Chunk, byteCount: Int) throws(SQLError) {
        let woken = try state.withLock { (state) throws(SQLError) -> SegmentRun? in
            if state.isClosed { return nil }
            if let kept = state.kept {
                try kept.append(chunk)
                return nil
            }
            state.chunks.append(chunk)
            state.byteCount += byteCount
            return state.takeReceiver()
        }
        woken?.wake()
    }

    /// Says that one sender has sent all.
    func senderEnded() {
        let woken = state.withLock { state -> SegmentRun? in
            state.openSenders -= 1
            return state.openSenders == 0 ? state.takeReceiver() : nil
        }
        woken?.wake()
    }

    /// The next chunk for the receiver, who is woken if there is none yet.
    ///
    /// - Errors: those of ``SpillFile``.
    func pull(for receiver: SegmentRun) throws(SQLError) -> Pull {
        let (pull, woken) = try state.withLock { (state) throws(SQLError) -> (Pull, [SegmentRun]) in
            if let kept = state.kept, state.openSenders <= 0 {
                if state.keptReader == nil { state.keptReader = try kept.makeReader() }
                guard let chunk = try state.keptReader?.next() else { return (.end, []) }
                return (.chunk(chunk), [])
            }
            if state.first < state.chunks.count {
                let chunk = state.chunks[state.first]
                state.first += 1
                if state.first == state.chunks.count {
                    state.chunks.removeAll(keepingCapacity: true)
                    state.first = 0
                }
                state.byteCount -= byteCount(of: chunk)
                let isLow = state.byteCount <= byteCountMax / 2
                return (.chunk(chunk), isLow ? state.takeSenders() : [])
            }
            if state.openSenders <= 0 { return (.end, []) }
            state.receiver = receiver
            state.isReceiverWaiting = true
            return (.blocked, [])
        }
        for run in woken { run.wake() }
        return pull
    }

    /// Bytes written to disk.
    var spilledByteCount: Int {
        state.withLock { $0.kept?.spilledByteCount ?? $0.spilledByteCount }
    }

    /// Lets go of runs that wait for what will not come; after the query's last run.
    func forgetRuns() {
        state.withLock {
            $0.receiver = nil
            $0.waitingSenders = []
        }
    }

    /// Drops what comes from now on.
    func close() {
        let woken = state.withLock { state -> [SegmentRun] in
            state.isClosed = true
            state.chunks = []
            state.first = 0
            state.byteCount = 0
            if let kept = state.kept { state.spilledByteCount = kept.spilledByteCount }
            state.kept = nil
            state.keptReader = nil
            return state.takeSenders()
        }
        for run in woken { run.wake() }
    }
}

extension ExchangeQueue.State {
    fileprivate mutating func takeReceiver() -> SegmentRun? {
        guard isReceiverWaiting else { return nil }
        isReceiverWaiting = false
        let run = receiver
        receiver = nil
        return run
    }

    fileprivate mutating func takeSenders() -> [SegmentRun] {
        if waitingSenders.isEmpty { return [] }
        let runs = waitingSenders
        waitingSenders = []
        return runs
    }
}

/// Reads what other slices, and this one, send to this slice.
final class ExchangeSource: SourceRun {
    private let queue: ExchangeQueue
    private let run: SegmentRun

    init(queue: ExchangeQueue, run: SegmentRun) {
        self.queue = queue
        self.run = run
    }

    func pull() throws(SQLError) -> Pull { try queue.pull(for: run) }

    func close() { queue.close() }

    func fill(_ record: inout SegmentRecord) { record.spilledBytes += queue.spilledByteCount }
}
