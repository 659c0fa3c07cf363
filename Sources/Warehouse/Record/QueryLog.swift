import Execution
import Planning
import Storage
import Synchronization

/// The record of statements: those of this process that have not been written yet, and those in
/// the history file.
///
/// A statement is handed over when its rows are out. The history is written a batch at a time and
/// when the warehouse closes; readers see what is waiting as well, so that a statement's record is
/// there for the next one. Of a warehouse that is read beside its writer nothing is written.
final class QueryLog: Sendable {
    private struct Waiting: Sendable {
        var entry: QueryEntry
        var planned: PlannedQuery?
        var record: RunRecord?
    }

    private struct State {
        var waiting: [Waiting] = []
        /// What is being written, by batch: in the file or not yet.
        var writing: [Int: [Waiting]] = [:]
        var batchCount = 0
        var hasFailed = false
    }

    private let history: HistoryStore
    private let isReadOnly: Bool
    /// Days that records are kept for; 0 keeps none.
    private let days: Int
    private let clock: WallClock
    private let state = Mutex(State())

    private static let batchSize = 64
    private static let readOnlyCountMax = 1000
    private static let queryCountMax = 20_000
    private static let longTextByteCount = 8_192

    init(history: HistoryStore, isReadOnly: Bool, days: Int, clock: WallClock) {
        self.history = history
        self.isReadOnly = isReadOnly
        self.days = days
        self.clock = clock
    }

    /// Adds a statement that has ended.
    ///
    /// - Returns: what went wrong where a batch could not be written, the first time only: the
    ///   batch is dropped.
    func add(_ recording: StatementRecording) -> SQLError? {
        guard days > 0 else { return nil }
        var waiting = Waiting(
            entry: recording.entry,
            planned: recording.planned,
            record: recording.record
        )
        // The plan of a long statement may hold all its constants.
        if isReadOnly || recording.entry.text.utf8.count >= Self.longTextByteCount {
            waiting = Waiting(entry: Self.completed(waiting))
        }
        let isFull = state.withLock { state in
            state.waiting.append(waiting)
            if isReadOnly {
                let surplus = state.waiting.count - Self.readOnlyCountMax
                if surplus > 0 { state.waiting.removeFirst(surplus) }
                return false
            }
            return state.waiting.count >= Self.batchSize
        }
        return isFull ? flush() : nil
    }

    /// Writes what is waiting; the error of the first batch that could not be.
    func flush() -> SQLError? {
        guard !isReadOnly else { return nil }
        let (waiting, batch) = state.withLock { state in
            defer {
                state.writing[state.batchCount] = state.waiting
                state.waiting = []
                state.batchCount += 1
            }
            return (state.waiting, state.batchCount)
        }
        guard !waiting.isEmpty else { return nil }
        defer { state.withLock { $0.writing[batch] = nil } }
        do throws(SQLError) {
            try history.recordQueries(
                waiting.map(Self.completed),
                limits: batch % 64 == 0 ? limits : nil
            )
            return nil
        } catch {
            return state.withLock { state in
                defer { state.hasFailed = true }
                return state.hasFailed ? nil : error
            }
        }
    }

    /// All statements on record, in the order of their numbers.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    func entries() throws(SQLError) -> [QueryEntry] {
        let waiting = state.withLock { $0.writing.values.flatMap(\.self) + $0.waiting }
        let written = try history.queries()
        let own = waiting.map(Self.completed)
        // What a batch has taken meanwhile is in both.
        let numbers = Set(own.map(\.number))
        return (written.filter { !numbers.contains($0.number) } + own)
            .sorted { $0.number < $1.number }
    }

    private var limits: HistoryLimits {
        let day: Int64 = 86_400_000_000
        return HistoryLimits(
            oldest: clock.now() - Int64(days) * day,
            queryCountMax: Self.queryCountMax
        )
    }

    /// The entry with its plan, steps and alerts.
    private static func completed(_ waiting: Waiting) -> QueryEntry {
        var entry = waiting.entry
        guard let planned = waiting.planned else { return entry }
        entry.add(planned, record: waiting.record)
        return entry
    }
}
