import Catalogs
import SQLSyntax
import SQLTypes

extension Statement {
    /// Whether it changes what is stored, of temporary tables too.
    ///
    /// Every statement is named here, so that a new one is not taken for a reader by oversight.
    var writes: Bool {
        switch self {
        case .createTable, .createTableAs, .dropTable, .createSchema, .dropSchema, .truncate,
            .insert, .update, .delete, .merge, .copy, .vacuum, .comment, .createView, .dropView,
            .alterTable:
            true
        case .query(let query): query.into != nil
        case .explain(let statement, _, let isAnalyze): isAnalyze && statement.writes
        case .prepare, .execute, .deallocate, .cancel, .empty, .begin, .commit, .rollback, .set,
            .reset,
            .show, .showObjects, .setSessionAuthorization, .setTransaction, .analyze, .lock,
            .checkWarehouse:
            false
        }
    }

    /// The table whose rows it changes; nil where it changes something else or more.
    fileprivate var changedRows: ObjectNameSyntax? {
        switch self {
        case .insert(let syntax): syntax.table
        case .update(let syntax): syntax.table
        case .delete(let syntax): syntax.table
        case .merge(let syntax): syntax.table
        case .copy(let syntax): syntax.table
        default: nil
        }
    }
}

extension StatementRun {
    /// Refuses a change in a warehouse or a transaction that may only read.
    ///
    /// As in PostgreSQL, rows of temporary tables may change in a READ ONLY transaction.
    ///
    /// - Throws: 25006.
    func requireRight(toRun statement: Statement) throws(SQLError) {
        guard statement.writes else { return }
        if warehouse.isReadOnly {
            throw SQLError(
                .readOnlySQLTransaction,
                "cannot change a warehouse that is open for reading only"
            )
        }
        guard session.settings.isOn("transaction_read_only") else { return }
        if let name = statement.changedRows,
            try targetTable(name, in: session.currentView).isTemporary
        {
            return
        }
        throw SQLError(.readOnlySQLTransaction, "transaction is read-only")
    }
}
