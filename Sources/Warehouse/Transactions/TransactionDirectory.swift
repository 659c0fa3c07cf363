import Catalogs
import Synchronization

/// The transactions that are open, and the latest ones that have ended.
///
/// Blocks are in it from their first statement that reads, and single statements that take a
/// lock; SELECTs outside of blocks are not. Kept in memory: of this process, since the warehouse
/// was opened.
final class TransactionDirectory: Sendable {
    /// A transaction that is open.
    struct Open: Sendable {
        /// Its number in the record, xid in Redshift's relations.
        var number: Int
        /// The session's, pid in Redshift's relations.
        var session: Int
        var isSerializable: Bool
        /// Microseconds since 2000-01-01.
        var startTime: Int64
        var reads: Set<TableID> = []
    }

    /// A transaction that has ended.
    struct Ended: Sendable {
        var transaction: Open
        /// When its commit began; nil for one that was rolled back.
        var commitStartTime: Int64?
        var endTime: Int64
    }

    /// A transaction that was given up since another one stood against it.
    struct Conflict: Sendable {
        var transaction: Open
        var table: TableID
        var time: Int64
    }

    private struct State {
        var open: [Int: Open] = [:]
        var ended: [Ended] = []
        var conflicts: [Conflict] = []
    }

    private let state = Mutex(State())
    private static let entryCountMax = 1000

    /// Notes that a session's transaction begins, where it has none open.
    func begin(_ transaction: Open) {
        state.withLock { state in
            guard state.open[transaction.session] == nil else { return }
            state.open[transaction.session] = transaction
        }
    }

    /// Notes the level of a session's transaction, known once it takes its snapshot.
    func noteLevel(isSerializable: Bool, of session: Int) {
        state.withLock { $0.open[session]?.isSerializable = isSerializable }
    }

    /// Notes what a statement of a session's transaction reads.
    func noteReads(_ tables: Set<TableID>, of session: Int) {
        state.withLock { $0.open[session]?.reads.formUnion(tables) }
    }

    /// Notes that a session's transaction fails because of what another did with a table.
    func noteConflict(on table: TableID, of session: Int, at time: Int64) {
        state.withLock { state in
            guard let transaction = state.open[session] else { return }
            if state.conflicts.count == Self.entryCountMax { state.conflicts.removeFirst() }
            state.conflicts.append(Conflict(transaction: transaction, table: table, time: time))
        }
    }

    /// Notes that a session's transaction has ended, if one was open; `commitStartTime` is nil
    /// where it was rolled back.
    func end(session: Int, commitStartTime: Int64?, at time: Int64) {
        state.withLock { state in
            guard let transaction = state.open.removeValue(forKey: session) else { return }
            if state.ended.count == Self.entryCountMax { state.ended.removeFirst() }
            state.ended.append(
                Ended(transaction: transaction, commitStartTime: commitStartTime, endTime: time)
            )
        }
    }

    /// Those that are open, by session.
    var open: [Int: Open] { state.withLock { $0.open } }

    /// Those that have ended, in the order of time.
    var ended: [Ended] { state.withLock { $0.ended } }

    /// The conflicts, in the order of time.
    var conflicts: [Conflict] { state.withLock { $0.conflicts } }
}
