import Catalogs
import Execution
import SQLSyntax
import Storage

extension Session {
    /// BEGIN: opens a block; its snapshot is taken by its first statement that reads.
    func begin(_ modes: TransactionModesSyntax, into sink: any ResultSink) throws(SQLError) {
        if transactionStatus == .inBlock {
            sink.notice(SQLNotice(.warning, "there is already a transaction in progress"))
        } else {
            transactionStatus = .inBlock
            transactionTime = statementTime
            if let isReadOnly = modes.isReadOnly {
                try settings.set(
                    "transaction_read_only",
                    to: isReadOnly ? "on" : "off",
                    isLocal: true,
                    isInBlock: true,
                    position: nil
                )
            }
        }
        try sink.finish(tag: "BEGIN")
    }

    /// COMMIT, END, ROLLBACK and ABORT; a failed block can only be rolled back.
    func finishBlock(commits: Bool, into sink: any ResultSink) throws(SQLError) {
        guard transactionStatus != .idle else {
            sink.notice(SQLNotice(.warning, "there is no transaction in progress"))
            return try sink.finish(tag: commits ? "COMMIT" : "ROLLBACK")
        }
        let commitsReally = commits && transactionStatus == .inBlock
        transactionStatus = .idle
        if commitsReally {
            try commitTransaction()
        } else {
            endTransaction(commits: false)
        }
        try sink.finish(tag: commitsReally ? "COMMIT" : "ROLLBACK")
    }

    /// Makes the open transaction's changes durable; on failure nothing of it remains.
    func commitTransaction() throws(SQLError) {
        var isCommitted = false
        defer {
            transaction = nil
            settings.endTransaction(commits: isCommitted)
            warehouse.locks.unlockAll(of: id)
        }
        let changed = transaction?.changedTables ?? []
        try transaction?.commit()
        isCommitted = true
        warehouse.merging.note(changed)
    }

    /// Ends the open transaction without an error of its own.
    func endTransaction(commits: Bool) {
        transaction?.rollback()
        transaction = nil
        settings.endTransaction(commits: commits)
        warehouse.locks.unlockAll(of: id)
    }

    /// Runs `body` in the block's transaction, or in one of its own that commits after it.
    ///
    /// `locks` are taken first, in order, so that the snapshot sees what their former holders
    /// committed.
    func inTransaction<Result>(
        locking locks: [TableID] = [],
        cancellation: Cancellation,
        _ body: (StoreTransaction) throws(SQLError) -> Result
    ) throws(SQLError) -> Result {
        do throws(SQLError) {
            for table in locks {
                try warehouse.locks.lock(table, for: id, cancellation: cancellation)
            }
            let open: StoreTransaction
            if let transaction {
                open = transaction
                if !locks.isEmpty { try open.requireCurrent(locks) }
            } else {
                open = warehouse.store.begin(temporary: temporaryTables)
                transaction = open
            }
            let result = try body(open)
            if transactionStatus == .idle {
                // Committing can be stopped too until it writes the catalog.
                if !open.isEmpty && cancellation.isCancelled { throw cancellation.error }
                try commitTransaction()
            }
            return result
        } catch {
            if transactionStatus == .idle { endTransaction(commits: false) }
            throw error
        }
    }
}
