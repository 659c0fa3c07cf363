import Catalogs
import SQLSyntax
import Storage

extension StatementRun {
    /// ANALYZE: statistics are kept while rows are written, so there is nothing to gather.
    func analyze(_ syntax: AnalyzeSyntax) throws(SQLError) {
        guard !syntax.isCompression else { throw SQLError.unsupported("ANALYZE COMPRESSION") }
        if let name = syntax.table {
            let table = try targetTable(name, in: session.currentView)
            for column in syntax.columns where table.columnIndex(named: column.text) == nil {
                throw SQLError(
                    .undefinedColumn,
                    "column \"\(column.text)\" does not exist",
                    position: column.position
                )
            }
        }
        try sink.finish(tag: "ANALYZE")
    }

    /// LOCK: takes the write locks of tables until the block ends.
    func lock(_ names: [ObjectNameSyntax]) throws(SQLError) {
        guard session.transactionStatus == .inBlock else {
            throw SQLError(
                .noActiveSQLTransaction,
                "LOCK TABLE can only be used in transaction blocks"
            )
        }
        for name in names {
            let table = try targetTable(name, in: session.currentView)
            try warehouse.locks.lock(table.id, for: session.id, cancellation: cancellation)
        }
        try sink.finish(tag: "LOCK TABLE")
    }
}
