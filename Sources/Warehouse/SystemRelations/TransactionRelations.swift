import Catalogs
import Storage

// Transactions and locks: of this process, since the warehouse was opened.

/// STV_LOCKS: who holds or waits for the write lock of a table.
///
/// - Source: Redshift's columns of the same name. LAST_COMMIT and LAST_UPDATE are not kept: NULL.
let lockColumns: [(String, DataType)] = [
    ("table_id", .bigint), ("last_commit", .timestamp), ("last_update", .timestamp),
    ("lock_owner", .bigint), ("lock_owner_pid", .bigint), ("lock_owner_start_ts", .timestamp),
    ("lock_owner_end_ts", .timestamp), ("lock_status", .char(22)),
]

/// One row per lock held or waited for; upkeep in the background is session 0 of no transaction.
let lockRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let open = context.warehouse.transactions.open
    return context.warehouse.locks.entries.map { entry in
        let owner = open[entry.session]
        return [
            .number(entry.table), .null, .null, .number(owner?.number), .number(entry.session),
            owner.map { .int64($0.startTime) } ?? .null, .null,
            .text(entry.isGranted ? "Holding write lock" : "Waiting for write lock"),
        ]
    }
}

/// SVV_TRANSACTIONS: open transactions and their locks.
///
/// - Source: Redshift's columns, modes and object types of the same name.
let transactionColumns: [(String, DataType)] = [
    ("txn_owner", .varchar(128)), ("txn_db", .varchar(128)), ("xid", .bigint), ("pid", .integer),
    ("txn_start", .timestamp), ("lock_mode", .varchar(64)),
    ("lockable_object_type", .varchar(64)), ("relation", .integer), ("granted", .boolean),
]

/// For each transaction a row for itself, one for each table it has read, one for each lock.
let transactionRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let locks = Dictionary(grouping: context.warehouse.locks.entries, by: \.session)
    let open = context.warehouse.transactions.open.values.sorted { $0.number < $1.number }
    return open.flatMap { transaction -> [[Datum]] in
        func row(_ mode: String, _ table: TableID?, isGranted: Bool = true) -> [Datum] {
            [
                .text(context.session.userName), .text(context.session.databaseName),
                .number(transaction.number), .number(transaction.session),
                .int64(transaction.startTime), .text(mode),
                .text(table == nil ? "transactionid" : "relation"), .number(table),
                .bool(isGranted),
            ]
        }
        return [row("ExclusiveLock", nil)]
            + transaction.reads.sorted().map { row("AccessShareLock", $0) }
            + (locks[transaction.session] ?? []).map {
                row($0.mode.rawValue, $0.table, isGranted: $0.isGranted)
            }
    }
}

/// STV_DB_ISOLATION_LEVEL: the level that transactions have by themselves.
let isolationLevelColumns: [(String, DataType)] = [
    ("db_name", .char(128)), ("isolation_level", .char(20)),
]

/// The one database.
let isolationLevelRows: SystemRelations.Rows = { (context) throws(SQLError) in
    [[.text(context.session.databaseName), .text(isolationLevelName(isSerializable: false))]]
}

/// STL_TR_CONFLICT: transactions that failed with a deadlock or with error 1018 or 1023.
///
/// - Source: Redshift's columns of the same name.
let conflictColumns: [(String, DataType)] = [
    ("xact_id", .bigint), ("process_id", .bigint), ("xact_start_ts", .timestamp),
    ("abort_time", .timestamp), ("table_id", .bigint),
]

/// One row per failure.
let conflictRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.transactions.conflicts.map { conflict in
        [
            .number(conflict.transaction.number), .number(conflict.transaction.session),
            .int64(conflict.transaction.startTime), .int64(conflict.time),
            .number(conflict.table),
        ]
    }
}

/// SYS_TRANSACTION_HISTORY: transactions that have ended.
///
/// - Source: Redshift's columns and words of the same name. BLOCKS_COMMITTED is not counted: NULL.
let transactionHistoryColumns: [(String, DataType)] = [
    ("user_id", .integer), ("transaction_id", .bigint), ("isolation_level", .varchar(64)),
    ("status", .varchar(64)), ("transaction_start_time", .timestamp),
    ("commit_start_time", .timestamp), ("commit_end_time", .timestamp),
    ("blocks_committed", .bigint), ("undo_transaction_id", .bigint),
]

/// One row per transaction; undoing is not a transaction of its own here: -1.
let transactionHistoryRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.warehouse.transactions.ended.map { ended in
        let isCommitted = ended.commitStartTime != nil
        return [
            .number(recordUserID), .number(ended.transaction.number),
            .text(isolationLevelName(isSerializable: ended.transaction.isSerializable)),
            .text(isCommitted ? "committed" : "rolledback"),
            .int64(ended.transaction.startTime), ended.commitStartTime.map { .int64($0) } ?? .null,
            isCommitted ? .int64(ended.endTime) : .null, .null, .number(-1),
        ]
    }
}

private func isolationLevelName(isSerializable: Bool) -> String {
    isSerializable ? "Serializable" : "Snapshot Isolation"
}
