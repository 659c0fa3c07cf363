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
        let startTime = warehouse.clock.now()
        defer {
            let time = warehouse.clock.now()
            warehouse.transactions.end(
                session: id,
                commitStartTime: isCommitted ? startTime : nil,
                at: time
            )
        }
        do throws(SQLError) {
            try transaction?.commit(in: serializable)
        } catch {
            if let table = serializable?.conflictTable { noteConflict(on: table) }
            throw error
        }
        isCommitted = true
        warehouse.merging.note(changed)
    }

    /// Ends the open transaction without an error of its own.
    func endTransaction(commits: Bool) {
        transaction?.rollback()
        transaction = nil
        serializable = nil
        settings.endTransaction(commits: commits)
        warehouse.transactions.end(
            session: id,
            commitStartTime: nil,
            at: warehouse.clock.now()
        )
        warehouse.locks.unlockAll(of: id)
    }

    /// Notes what a statement is about to read.
    func noteReads(_ tables: Set<TableID>) {
        serializable?.noteReads(tables)
        warehouse.transactions.noteReads(tables, of: id)
    }

    private func noteConflict(on table: TableID) {
        warehouse.transactions.noteConflict(on: table, of: id, at: warehouse.clock.now())
    }

    /// Takes part in the directory of open transactions from now on.
    private func enterDirectory() {
        if transactionNumber == 0 { transactionNumber = warehouse.makeQueryID() }
        warehouse.transactions.begin(
            TransactionDirectory.Open(
                number: transactionNumber,
                session: id,
                isSerializable: settings.isSerializable,
                startTime: transactionStatus == .inBlock ? transactionTime : statementTime
            )
        )
    }

    private func beginTransaction() -> StoreTransaction {
        let isSerializable = settings.isSerializable
        // Before the snapshot, so that none of those that commit after it is forgotten.
        if isSerializable { warehouse.serializableOrder.enter(session: id) }
        let open = warehouse.store.begin(temporary: temporaryTables)
        if isSerializable {
            if transactionNumber == 0 { transactionNumber = warehouse.makeQueryID() }
            warehouse.transactions.noteLevel(isSerializable: true, of: id)
            serializable = SerializableTransaction(
                warehouse.serializableOrder,
                identity: .init(number: transactionNumber, session: id),
                snapshot: open.base.commitNumber
            )
        }
        transaction = open
        return open
    }

    /// Takes down in STL_TR_CONFLICT what `body` fails with, but for a cancel.
    private func noteConflicts(
        on table: TableID,
        _ body: () throws(SQLError) -> Void
    ) throws(SQLError) {
        do throws(SQLError) {
            try body()
        } catch {
            let isConflict = error.state == .deadlockDetected || error.state == .internalError
            if isConflict { noteConflict(on: table) }
            throw error
        }
    }

    /// Runs `body` in the block's transaction, or in one of its own that commits after it.
    ///
    /// `locks` are taken first, in order, so that the snapshot sees what their former holders
    /// committed. What only adds rows (`appendsOnly`) may change a table that others have changed
    /// since the snapshot, unless the transaction is SERIALIZABLE: nothing of theirs is lost.
    func inTransaction<Result>(
        locking locks: [TableID] = [],
        as mode: TableLockMode = .accessExclusive,
        appendsOnly: Bool = false,
        cancellation: Cancellation,
        _ body: (StoreTransaction) throws(SQLError) -> Result
    ) throws(SQLError) -> Result {
        do throws(SQLError) {
            if transactionStatus == .inBlock || !locks.isEmpty { enterDirectory() }
            for table in locks {
                try noteConflicts(on: table) { () throws(SQLError) in
                    _ = try warehouse.locks.lock(
                        table,
                        for: id,
                        as: mode,
                        cancellation: cancellation
                    )
                }
            }
            let open: StoreTransaction
            if let transaction {
                open = transaction
                for table in locks {
                    try noteConflicts(on: table) { () throws(SQLError) in
                        try open.requireCurrent(
                            table,
                            appendsOnly: appendsOnly && serializable == nil
                        )
                    }
                }
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
