import Catalogs
import Execution
import Storage

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Merges small extents and reclaims deleted rows while sessions work, on one thread of its own.
///
/// ```
///   session: commit ─▶ note(table) ─▶ nothing to do, mostly
///                          │
///   thread:                └▶ rewrite ─▶ lock the table ─▶ replace ─▶ unlock
/// ```
/// Writers of the table wait for one commit of the catalog at most, and where they have deleted
/// rows of what was being written: a little of it is done again while they wait, much is given up.
/// The thread never waits for a lock while it holds one, gives up on a table that stays locked for
/// a fifth of a second, and comes back to it with the next commit. It starts with the first work.
final class BackgroundMerging: @unchecked Sendable {  // What changes is guarded by `lock`.
    private let store: Store
    private let slices: SliceCluster
    private let locks: TableLocks
    private let isEnabled: Bool
    private let lock = ConditionLock()
    private var waiting: [TableID] = []
    private var isStopping = false
    private var thread: pthread_t?
    private var current: Cancellation?
    private var failure: SQLError?

    /// The number under which it locks tables; sessions' begin at 1.
    private static let session = 0
    /// How long a table may stay locked by others before it is left alone.
    private static let patienceMilliseconds = 200
    /// Rows up to which what was written in vain is written again with the table locked.
    private static let lockedRowCountMax = 1 << 16

    /// Starts nothing; not enabled it works only through ``mergeAll()``.
    init(store: Store, slices: SliceCluster, locks: TableLocks, isEnabled: Bool) {
        self.store = store
        self.slices = slices
        self.locks = locks
        self.isEnabled = isEnabled && !store.isReadOnly
    }

    /// Looks whether tables that a commit has changed need something; does nothing of it itself.
    func note(_ tables: [TableID]) {
        guard isEnabled else { return }
        let snapshot = store.current
        let needy = tables.filter { table in
            // A damaged table is its reader's to report.
            (try? snapshot.tableVersion(table)?.mergeRuns())?.isEmpty == false
        }
        if needy.isEmpty { return }
        lock.withLock {
            if isStopping { return }
            waiting += needy.filter { !waiting.contains($0) }
            if thread == nil { start() }
            lock.broadcast()
        }
    }

    /// Ends the thread; what it is doing is given up within milliseconds.
    func stop() {
        let ended = lock.withLock { () -> pthread_t? in
            isStopping = true
            current?.cancel()
            lock.broadcast()
            defer { thread = nil }
            return thread
        }
        if let ended { pthread_join(ended, nil) }
    }

    /// What went wrong since it was last asked; nil mostly.
    func takeFailure() -> SQLError? {
        lock.withLock {
            defer { failure = nil }
            return failure
        }
    }

    /// Does, on the calling thread, all that there is to do now.
    ///
    /// - Throws: those of the storage; 53200 where the slices' memory is in use; 57014 where a
    ///   table stays locked.
    func mergeAll() throws(SQLError) {
        let snapshot = store.current
        for schema in snapshot.schemaNames {
            for table in snapshot.tables(inSchema: schema) where table.view == nil {
                try merge(table.id)
            }
        }
    }

    // MARK: On the thread

    /// Called with the lock held.
    private func start() {
        let argument = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Glibc)
        var started = pthread_t()
        let status = pthread_create(&started, nil, mergingThreadMain, argument)
        #else
        var started: pthread_t?
        let status = pthread_create(&started, nil, mergingThreadMain, argument)
        #endif
        if status == 0 {
            thread = started
        } else {
            Unmanaged<BackgroundMerging>.fromOpaque(argument).release()
        }
    }

    /// Works until it is stopped.
    fileprivate func work() {
        #if canImport(Glibc)
        // Of this thread only: queries come first.
        _ = nice(10)
        #endif
        while let table = nextTable() {
            do throws(SQLError) {
                try merge(table)
            } catch {
                // The table or memory is in use, or it is stopped: the next commit asks again.
                if error.state == .queryCanceled || error.state == .outOfMemory { continue }
                lock.withLock { failure = error }
            }
        }
    }

    private func nextTable() -> TableID? {
        lock.withLock {
            current = nil
            while waiting.isEmpty && !isStopping { lock.wait() }
            return isStopping ? nil : waiting.removeFirst()
        }
    }

    // MARK: The work

    /// Does what a table needs until it needs nothing or others were faster.
    private func merge(_ table: TableID) throws(SQLError) {
        var isDone = false
        while !isDone {
            let cancellation = Cancellation()
            let isStopping = lock.withLock {
                current = cancellation
                return self.isStopping
            }
            if isStopping { return }
            isDone = try Interruption(cancellation.check).bind { () throws(SQLError) in
                try !mergeOnce(table, cancellation)
            }
        }
    }

    /// Whether something was merged.
    private func mergeOnce(
        _ table: TableID,
        _ cancellation: Cancellation
    ) throws(SQLError) -> Bool {
        guard let version = store.current.tableVersion(table) else { return false }
        let runs = try version.mergeRuns()
        if runs.isEmpty { return false }
        let written = try rewrite(runs, of: version)
        defer { locks.unlockAll(of: Self.session) }
        try lockTable(table, cancellation)
        if try store.replace(written, of: version) {
            // Little memory makes small extents; those it made no fewer are left as they are.
            return written.reduce(0) { $0 + $1.extents.count - $1.run.places.count } < 0
        }
        guard try version.storedRowCount(of: runs) <= Self.lockedRowCountMax,
            let latest = store.current.tableVersion(table)
        else { return false }
        let again = try rewrite(try latest.mergeRuns(), of: latest)
        if again.isEmpty { return false }
        guard try store.replace(again, of: latest) else { return false }
        return again.reduce(0) { $0 + $1.extents.count - $1.run.places.count } < 0
    }

    private func rewrite(
        _ runs: [ExtentRun],
        of version: TableVersion
    ) throws(SQLError) -> [RewrittenRun] {
        var written: [RewrittenRun] = []
        for run in runs { written.append(try slices.rewriteHere(run, of: version, in: store)) }
        return written
    }

    /// Locks a table, waiting a while for its holder.
    private func lockTable(_ table: TableID, _ stop: Cancellation) throws(SQLError) {
        let patience = Cancellation(timeoutMilliseconds: Self.patienceMilliseconds)
        lock.withLock {
            if stop.isCancelled { patience.cancel() }
            current = patience
        }
        defer { lock.withLock { current = stop } }
        try locks.lock(table, for: Self.session, cancellation: patience)
        // It was stopped while it waited.
        if lock.withLock({ isStopping }) { throw patience.error }
    }
}

#if canImport(Glibc)
private func mergingThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument {
        Unmanaged<BackgroundMerging>.fromOpaque(argument).takeRetainedValue().work()
    }
    return nil
}
#else
private func mergingThreadMain(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<BackgroundMerging>.fromOpaque(argument).takeRetainedValue().work()
    return nil
}
#endif
