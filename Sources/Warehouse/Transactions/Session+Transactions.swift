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
            try set(modes)
        }
        try sink.finish(tag: "BEGIN")
    }

    /// Gives the open block what BEGIN or SET TRANSACTION says of it; nothing outside of blocks.
    ///
    /// All four levels of the standard are SERIALIZABLE, as in Redshift.
    ///
    /// - Throws: 25001 where the level would change after a statement that reads.
    func set(_ modes: TransactionModesSyntax) throws(SQLError) {
        let isInBlock = transactionStatus == .inBlock
        if let isReadOnly = modes.isReadOnly {
            try settings.set(
                "transaction_read_only",
                to: isReadOnly ? "on" : "off",
                isLocal: true,
                isInBlock: isInBlock,
                position: nil
            )
        }
        guard let level = modes.isolationLevel else { return }
        try requireNoSnapshot()
        try settings.set(
            "transaction_isolation",
            to: level == "snapshot" ? level : "serializable",
            isLocal: true,
            isInBlock: isInBlock,
            position: nil
        )
    }

    /// Throws 25001 where the transaction has read already.
    func requireNoSnapshot() throws(SQLError) {
        guard transaction != nil else { return }
        throw SQLError(
            .activeSQLTransaction,
            "SET TRANSACTION ISOLATION LEVEL must be called before any query"
        )
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
            serializable = nil
            settings.endTransaction(commits: isCommitted)
            warehouse.locks.unlockAll(of: id)
        }
        let changed = transaction?.changedTables ?? []
        try transaction?.commit(in: serializable)
        isCommitted = true
        warehouse.merging.note(changed)
    }

    /// Ends the open transaction without an error of its own.
    func endTransaction(commits: Bool) {
        transaction?.rollback()
        transaction = nil
        serializable = nil
        settings.endTransaction(commits: commits)
        warehouse.locks.unlockAll(of: id)
    }

    private func beginTransaction() -> StoreTransaction {
        let isSerializable = settings.isSerializable
        // Before the snapshot, so that none of those that commit after it is forgotten.
        if isSerializable { warehouse.serializableOrder.enter(session: id) }
        let open = warehouse.store.begin(temporary: temporaryTables)
        if isSerializable {
            if transactionNumber == 0 { transactionNumber = warehouse.makeQueryID() }
            serializable = SerializableTransaction(
                warehouse.serializableOrder,
                identity: .init(number: transactionNumber, session: id),
                snapshot: open.base.commitNumber
            )
        }
        transaction = open
        return open
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
                open = beginTransaction()
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
