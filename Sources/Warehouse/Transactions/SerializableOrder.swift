import Catalogs
import SQLTypes
import Storage
import Synchronization

/// Why a transaction has no place in the order.
struct SerializationFailure: Error {
    /// A table that closes the circle.
    var table: TableID
    /// 1023.
    var error: SQLError
}

/// Whether the SERIALIZABLE transactions of a warehouse could have run one after the other.
///
/// A transaction must come before another that wrote a table it had read, where it did not see
/// that commit; and behind everything its snapshot holds. One whose commit would close a circle of
/// these fails with error 1023. Tables are the grain, as on a cluster: which rows were touched
/// does not count. Transactions of the level SNAPSHOT take no part.
///
/// What a commit must still be known for are transactions that began before it: older ones are
/// dropped, and what led through them is handed to those before them.
///
/// - Source: Adya's serialization graph; error 1023 and its words from Redshift's guide, "How to
///   fix serializable isolation errors".
final class SerializableOrder: Sendable {
    /// A committed transaction.
    fileprivate struct Committed {
        var transaction: SerializableTransaction.Identity
        var snapshot: Int
        var commit: Int
        var reads: Set<TableID>
        var writes: Set<TableID>
        /// Keys of those that must come behind it though they committed at the same time.
        var successors: Set<Int>
        /// It must come before everything whose snapshot is of this commit or a later one.
        var reach: Int
    }

    fileprivate struct State {
        /// Snapshots of open transactions by session; 0 while one is being taken.
        var open: [Int: Int] = [:]
        var committed: [Int: Committed] = [:]
        var nextKey = 0
    }

    private let state = Mutex(State())

    /// A transaction of the session is about to take its snapshot.
    func enter(session: Int) { state.withLock { $0.open[session] = 0 } }

    /// The session's transaction has taken the snapshot of that commit.
    func begin(session: Int, snapshot: Int) { state.withLock { $0.open[session] = snapshot } }

    /// The session's transaction has ended, however it did.
    func end(session: Int) {
        state.withLock { state in
            guard state.open.removeValue(forKey: session) != nil else { return }
            state.dropOld()
        }
    }

    /// Throws 1023 where a transaction that read and wrote these tables would close a circle.
    func admit(
        _ own: SerializableTransaction.Identity,
        snapshot: Int,
        reads: Set<TableID>,
        writes: Set<TableID>
    ) throws(SerializationFailure) {
        guard
            let circle = state.withLock({
                $0.circle(snapshot: snapshot, reads: reads, writes: writes)
            })
        else { return }
        let members = [own] + circle.members
        throw SerializationFailure(
            table: circle.table,
            error: SQLError(
                .internalError,
                "1023",
                detail: "Serializable isolation violation on table - \(circle.table), "
                    + "transactions forming the cycle are: "
                    + members.map(\.description).joined(separator: ", "),
                hint: "Roll back and run the transaction again."
            )
        )
    }

    /// Remembers a transaction that has committed.
    func add(
        _ own: SerializableTransaction.Identity,
        snapshot: Int,
        commit: Int,
        reads: Set<TableID>,
        writes: Set<TableID>
    ) {
        state.withLock { state in
            let key = state.nextKey
            state.nextKey += 1
            state.committed[key] = Committed(
                transaction: own,
                snapshot: snapshot,
                commit: commit,
                reads: reads,
                writes: writes,
                successors: state.missed(by: reads, since: snapshot),
                reach: commit
            )
            for before in state.readers(of: writes) where before != key {
                state.committed[before]?.successors.insert(key)
            }
            state.settleReach()
        }
    }

    /// How many committed transactions are remembered.
    var count: Int { state.withLock { $0.committed.count } }
}

extension SerializableOrder.State {
    /// Those whose writes a transaction of that snapshot has read past.
    fileprivate func missed(by reads: Set<TableID>, since snapshot: Int) -> Set<Int> {
        Set(
            committed.filter {
                $0.value.commit > snapshot && !$0.value.writes.isDisjoint(with: reads)
            }.keys
        )
    }

    fileprivate func readers(of writes: Set<TableID>) -> Set<Int> {
        Set(committed.filter { !$0.value.reads.isDisjoint(with: writes) }.keys)
    }

    /// A way from a transaction that is about to commit back to itself.
    fileprivate func circle(
        snapshot: Int,
        reads: Set<TableID>,
        writes: Set<TableID>
    ) -> (table: TableID, members: [SerializableTransaction.Identity])? {
        let before = readers(of: writes)
        for first in missed(by: reads, since: snapshot).sorted() {
            var origin: [Int: Int] = [first: first]
            var waiting = [first]
            while let key = waiting.popLast() {
                guard let node = committed[key] else { continue }
                if before.contains(key) || node.reach <= snapshot {
                    var way = [node.transaction]
                    var step = key
                    while let former = origin[step], former != step, let node = committed[former] {
                        way.append(node.transaction)
                        step = former
                    }
                    let table = committed[first]?.writes.intersection(reads).min() ?? 0
                    return (table, way.reversed())
                }
                let behind = committed.filter { $0.value.snapshot >= node.reach }.keys
                for next in node.successors.union(behind).sorted() where origin[next] == nil {
                    origin[next] = key
                    waiting.append(next)
                }
            }
        }
        return nil
    }

    /// Gives every transaction the earliest reach of those it must come before.
    fileprivate mutating func settleReach() {
        var isSettled = false
        while !isSettled {
            isSettled = true
            for (key, node) in committed {
                let reach = node.successors.compactMap { committed[$0]?.reach }.min() ?? node.reach
                if reach < node.reach {
                    committed[key]?.reach = reach
                    isSettled = false
                }
            }
        }
    }

    /// Drops transactions that every open one has seen.
    ///
    /// Reaches are settled, so that of those dropped only their successors are still to hand on.
    fileprivate mutating func dropOld() {
        let horizon = open.values.min() ?? Int.max
        for (key, node) in committed where node.commit <= horizon {
            committed[key] = nil
            for other in committed.keys where committed[other]?.successors.remove(key) != nil {
                committed[other]?.successors.formUnion(node.successors.subtracting([other]))
            }
        }
    }
}
