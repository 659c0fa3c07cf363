import Catalogs
import Execution
import SQLTypes

#if canImport(Glibc)
import Glibc
#endif

/// What a lock is taken for; all of them keep each other out.
enum TableLockMode: String, Sendable {
    /// COPY, INSERT, UPDATE, DELETE and MERGE.
    case shareRowExclusive = "ShareRowExclusiveLock"
    /// Definitions, LOCK, VACUUM and upkeep in the background.
    case accessExclusive = "AccessExclusiveLock"
}

/// Table-level write locks: one writer a table, held to the end of its transaction.
///
/// Readers take none. A writer that would close a circle of waits fails with 40P01 instead of
/// waiting. Waiting ends within 10 ms when the statement is cancelled.
///
/// - Source: Redshift's ShareRowExclusiveLock of COPY, INSERT, UPDATE and DELETE.
final class TableLocks: @unchecked Sendable {  // Every field is touched under `mutex` only.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The session that holds each locked table.
    private var owners: [TableID: Int] = [:]
    private var modes: [TableID: TableLockMode] = [:]
    /// The table each waiting session waits for.
    private var waits: [Int: TableID] = [:]
    private var waitingModes: [Int: TableLockMode] = [:]

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Locks a table for a session, waiting for its holder.
    ///
    /// - Returns: whether it had to wait.
    /// - Throws: 40P01 for a circle of waits; 57014 when cancelled.
    @discardableResult
    func lock(
        _ table: TableID,
        for session: Int,
        as mode: TableLockMode = .accessExclusive,
        cancellation: Cancellation
    ) throws(SQLError) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var hasWaited = false
        while let owner = owners[table], owner != session {
            if closesCircle(session: session, owner: owner) {
                throw SQLError(
                    .deadlockDetected,
                    "deadlock detected",
                    detail: "Session \(session) waits for a table that session \(owner) has "
                        + "locked, and session \(owner) waits for session \(session)."
                )
            }
            waits[session] = table
            waitingModes[session] = mode
            hasWaited = true
            var deadline = timespec()
            clock_gettime(CLOCK_REALTIME, &deadline)
            deadline.tv_nsec += 10_000_000
            if deadline.tv_nsec >= 1_000_000_000 {
                deadline.tv_nsec -= 1_000_000_000
                deadline.tv_sec += 1
            }
            pthread_cond_timedwait(changed, mutex, &deadline)
            waits[session] = nil
            waitingModes[session] = nil
            if cancellation.isCancelled { throw cancellation.error }
        }
        // Who has it for a definition and changes rows then goes on having it for that.
        let isRaised = owners[table] == nil || mode == .accessExclusive
        if isRaised { modes[table] = mode }
        owners[table] = session
        return hasWaited
    }

    /// Unlocks everything a session holds.
    func unlockAll(of session: Int) {
        pthread_mutex_lock(mutex)
        for (table, owner) in owners where owner == session {
            owners[table] = nil
            modes[table] = nil
        }
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// A lock that a session holds or waits for.
    struct Entry: Sendable {
        var table: TableID
        var session: Int
        var mode: TableLockMode
        var isGranted: Bool
    }

    /// Those held, then those waited for, by table and session.
    var entries: [Entry] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let held = owners.map { table, session in
            Entry(
                table: table,
                session: session,
                mode: modes[table] ?? .accessExclusive,
                isGranted: true
            )
        }
        let awaited = waits.map { session, table in
            Entry(
                table: table,
                session: session,
                mode: waitingModes[session] ?? .accessExclusive,
                isGranted: false
            )
        }
        return held.sorted { $0.table < $1.table }
            + awaited.sorted { ($0.table, $0.session) < ($1.table, $1.session) }
    }

    /// Whether `owner` waits, through however many others, for `session`.
    private func closesCircle(session: Int, owner: Int) -> Bool {
        var current = owner
        var steps = 0
        while let table = waits[current], let next = owners[table], steps <= waits.count {
            if next == session { return true }
            current = next
            steps += 1
        }
        return false
    }
}
