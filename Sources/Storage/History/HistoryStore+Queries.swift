import Foundation
import GRDB
package import SQLTypes

/// Which records a history keeps.
package struct HistoryLimits: Sendable {
    /// Records of statements and loads that ended before are removed; microseconds since
    /// 2000-01-01.
    package var oldest: Int64
    /// So many statements at most.
    package var queryCountMax: Int

    /// Makes limits.
    package init(oldest: Int64, queryCountMax: Int) {
        self.oldest = oldest
        self.queryCountMax = queryCountMax
    }
}

extension HistoryStore {
    /// Keeps statements, in one batch, and removes what is past the limits; none are looked at where
    /// they are nil.
    ///
    /// Written without waiting for the disk: a power cut may take the newest statements, or the
    /// file's soundness, and then the history alone. Nothing else depends on it, and a program
    /// that is killed loses nothing that has been handed over.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    package func recordQueries(
        _ entries: [QueryEntry],
        limits: HistoryLimits?
    ) throws(SQLError) {
        guard !entries.isEmpty, !isReadOnly else { return }
        do {
            guard let queue = try connect(creating: true) else { return }
            try queue.inDatabase { db in
                try db.execute(sql: "PRAGMA synchronous = OFF")
                let written = Result {
                    try db.inTransaction {
                        try insert(entries, db)
                        if let limits { try prune(limits, db) }
                        return .commit
                    }
                }
                // Other tables' rows are synced, whatever became of these.
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                try written.get()
            }
        } catch {
            throw storageError(error, "write", path, kind: "history")
        }
    }

    private func insert(_ entries: [QueryEntry], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO queries VALUES (?, ?, ?, ?)"
        )
        for entry in entries {
            try statement.execute(arguments: [
                entry.number, entry.session, entry.endTime, Data(entry.encoded()),
            ])
        }
    }

    private func prune(_ limits: HistoryLimits, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM queries WHERE endtime < ?",
            arguments: [limits.oldest]
        )
        try db.execute(
            sql: """
                DELETE FROM queries WHERE query <=
                (SELECT query FROM queries ORDER BY query DESC LIMIT 1 OFFSET ?)
                """,
            arguments: [limits.queryCountMax]
        )
        try db.execute(
            sql: "DELETE FROM load_errors WHERE starttime < ?",
            arguments: [limits.oldest]
        )
    }

    /// All statements kept, in the order of their numbers; none where nothing was.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    package func queries() throws(SQLError) -> [QueryEntry] {
        do {
            guard let queue = try connect(creating: false) else { return [] }
            return try queue.read { db in
                guard try db.tableExists("queries") else { return [] }
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT query, record FROM queries ORDER BY query"
                )
                var entries: [QueryEntry] = []
                while let row = try rows.next() {
                    let number = Int.fromDatabaseValue(row[0]) ?? 0
                    let bytes = Data.fromDatabaseValue(row[1]).map(Array.init) ?? []
                    if let entry = try QueryEntry(bytes, number: number) { entries.append(entry) }
                }
                return entries
            }
        } catch {
            throw storageError(error, "read", path, kind: "history")
        }
    }
}
