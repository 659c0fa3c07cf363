import Catalogs
import SQLTypes
import Storage
import Synchronization

/// The part of one open SERIALIZABLE transaction in the order of all of them.
final class SerializableTransaction: CommitOrder {
    /// How errors name a transaction.
    struct Identity: Sendable, CustomStringConvertible {
        /// The number of its first statement.
        var number: Int
        /// The session's.
        var session: Int

        var description: String { "\(number) (pid:\(session))" }
    }

    private struct State {
        var reads: Set<TableID> = []
        var writes: Set<TableID> = []
        var conflictTable: TableID?
    }

    private let order: SerializableOrder
    private let identity: Identity
    private let snapshot: Int
    private let state = Mutex(State())

    /// Takes part from the snapshot of that commit on.
    init(_ order: SerializableOrder, identity: Identity, snapshot: Int) {
        self.order = order
        self.identity = identity
        self.snapshot = snapshot
        order.begin(session: identity.session, snapshot: snapshot)
    }

    deinit { order.end(session: identity.session) }

    /// Notes what a statement is about to read.
    func noteReads(_ tables: Set<TableID>) { state.withLock { $0.reads.formUnion(tables) } }

    func admit(changing tables: Set<TableID>) throws(SQLError) {
        let reads = state.withLock { state in
            state.writes = tables
            return state.reads
        }
        do throws(SerializationFailure) {
            try order.admit(identity, snapshot: snapshot, reads: reads, writes: tables)
        } catch {
            state.withLock { $0.conflictTable = error.table }
            throw error.error
        }
    }

    /// The table for which the transaction was refused; nil where it was not.
    var conflictTable: TableID? { state.withLock { $0.conflictTable } }

    func noteCommit(_ number: Int) {
        let (reads, writes) = state.withLock { ($0.reads, $0.writes) }
        order.add(identity, snapshot: snapshot, commit: number, reads: reads, writes: writes)
    }
}
