import GRDB
package import SQLTypes
import Synchronization

/// A rejected row as STL_LOAD_ERRORS shows it.
package struct LoadErrorRow: Hashable, Sendable {
    package var slice = 0
    package var table = 0
    /// Microseconds since 2000-01-01 when the load began.
    package var startTime: Int64 = 0
    package var session = 0
    package var query = 0
    package var fileName = ""
    package var lineNumber: Int64 = 0
    package var columnName = ""
    package var type = ""
    package var columnLength = ""
    package var position = 0
    package var rawLine = ""
    package var rawFieldValue = ""
    package var errorCode = 0
    package var errorReason = ""
    /// Where the row begins in its file, in bytes.
    package var startOffset: Int64 = 0

    /// Makes an empty row to fill in.
    package init() {}
}

/// `history.sqlite`: what is kept of loads and queries, also of those that failed.
///
/// Made when something is first recorded; never on the path of a commit, and reading writes
/// nothing. A missing history has no rows. Where it is damaged, or busy for longer than two
/// seconds, recording and reading fail with an error that names it; whoever records turns that
/// into a warning, so that no load is lost for it.
package final class HistoryStore: Sendable {
    let path: String
    private let files: any FileSystem
    let isReadOnly: Bool
    private let queue = Mutex<Connection?>(nil)

    private struct Connection {
        var queue: DatabaseQueue
        var route: CatalogRoute?
        /// Whether the tables are there to write to.
        var isPrepared = false
    }

    init(path: String, files: any FileSystem, isReadOnly: Bool) {
        self.path = path
        self.files = files
        self.isReadOnly = isReadOnly
    }

    /// The open file; nil where there is none and it is not to be made.
    func connect(creating: Bool) throws -> DatabaseQueue? {
        try queue.withLock { known in
            if var open = known {
                if creating && !open.isPrepared { try prepare(&open) }
                known = open
                return open.queue
            }
            if try !creating && files.status(path) == nil { return nil }
            let route =
                files.carriesCatalog
                ? try CatalogRoute(path: path, files: files, isReadOnly: isReadOnly) : nil
            var configuration = Configuration()
            configuration.label = "history"
            configuration.readonly = isReadOnly
            // Another process may read it or, beside this one that reads, write it.
            configuration.busyMode = .timeout(2)
            var open = Connection(
                queue: try DatabaseQueue(path: path, configuration: configuration),
                route: route
            )
            if creating { try prepare(&open) }
            known = open
            return open.queue
        }
    }

    /// Makes the tables that are to be written to.
    private func prepare(_ connection: inout Connection) throws {
        try connection.queue.inDatabase { db in
            // History may lose its last moments in a power cut.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: loadErrorsText)
            try addStartOffset(db)
            try db.execute(sql: numberIndexText)
            try db.execute(sql: queriesText)
        }
        connection.isPrepared = true
    }

    /// Keeps rejected rows, in one batch.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    package func recordLoadErrors(_ rows: [LoadErrorRow]) throws(SQLError) {
        guard !rows.isEmpty, !isReadOnly else { return }
        do {
            try connect(creating: true)?.write { db in
                let statement = try db.makeStatement(
                    sql: """
                        INSERT INTO load_errors VALUES
                        (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """
                )
                for row in rows {
                    try statement.execute(arguments: [
                        row.slice, row.table, row.startTime, row.session, row.query,
                        row.fileName, row.lineNumber, row.columnName, row.type,
                        row.columnLength, row.position, row.rawLine, row.rawFieldValue,
                        row.errorCode, row.errorReason, row.startOffset,
                    ])
                }
            }
        } catch {
            throw storageError(error, "write", path, kind: "history")
        }
    }

    /// All rejected rows, in the order they were recorded; none where nothing was.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    package func loadErrors() throws(SQLError) -> [LoadErrorRow] {
        do {
            guard let queue = try connect(creating: false) else { return [] }
            return try queue.read { db in
                guard try db.tableExists("load_errors") else { return [] }
                return try Row.fetchAll(db, sql: "SELECT * FROM load_errors ORDER BY rowid").map(
                    loadError
                )
            }
        } catch {
            throw storageError(error, "read", path, kind: "history")
        }
    }

    /// The greatest numbers of a query and of a session that are recorded; 0 where none is.
    ///
    /// Makes no history, and takes look-ups in indexes.
    ///
    /// Errors: XX001 where the history is damaged, 55006 where it is busy, those of the disk.
    package func greatestNumbers() throws(SQLError) -> (query: Int, session: Int) {
        do {
            guard let queue = try connect(creating: false) else { return (0, 0) }
            return try queue.read { db in
                var numbers = (query: 0, session: 0)
                for table in ["load_errors", "queries"] where try db.tableExists(table) {
                    let query = try Int.fetchOne(db, sql: "SELECT max(query) FROM \(table)")
                    let session = try Int.fetchOne(db, sql: "SELECT max(session) FROM \(table)")
                    numbers = (max(numbers.query, query ?? 0), max(numbers.session, session ?? 0))
                }
                return numbers
            }
        } catch {
            throw storageError(error, "read", path, kind: "history")
        }
    }

    func close() {
        queue.withLock { known in
            try? known?.queue.close()
            known?.route?.remove()
            known = nil
        }
    }
}

private let loadErrorsText = """
    CREATE TABLE IF NOT EXISTS load_errors (
        slice INTEGER, tbl INTEGER, starttime INTEGER, session INTEGER, query INTEGER,
        filename TEXT, line_number INTEGER, colname TEXT, type TEXT, col_length TEXT,
        position INTEGER, raw_line TEXT, raw_field_value TEXT, err_code INTEGER, err_reason TEXT,
        start_offset INTEGER NOT NULL DEFAULT 0
    )
    """

private let queriesText = """
    CREATE TABLE IF NOT EXISTS queries (
        query INTEGER PRIMARY KEY, session INTEGER, endtime INTEGER, record BLOB
    );
    CREATE INDEX IF NOT EXISTS queries_session ON queries (session);
    CREATE INDEX IF NOT EXISTS queries_endtime ON queries (endtime)
    """

private let numberIndexText = """
    CREATE INDEX IF NOT EXISTS load_errors_query ON load_errors (query);
    CREATE INDEX IF NOT EXISTS load_errors_session ON load_errors (session)
    """

/// Adds the column that a history of the first version lacks; its rows then have offset 0.
private func addStartOffset(_ db: Database) throws {
    guard try !db.columns(in: "load_errors").contains(where: { $0.name == "start_offset" }) else {
        return
    }
    try db.execute(
        sql: "ALTER TABLE load_errors ADD COLUMN start_offset INTEGER NOT NULL DEFAULT 0"
    )
}

private func loadError(_ row: Row) -> LoadErrorRow {
    func number(_ index: Int) -> Int { Int.fromDatabaseValue(row[index]) ?? 0 }
    func text(_ index: Int) -> String { String.fromDatabaseValue(row[index]) ?? "" }
    var found = LoadErrorRow()
    found.slice = number(0)
    found.table = number(1)
    found.startTime = Int64(number(2))
    found.session = number(3)
    found.query = number(4)
    found.fileName = text(5)
    found.lineNumber = Int64(number(6))
    found.columnName = text(7)
    found.type = text(8)
    found.columnLength = text(9)
    found.position = number(10)
    found.rawLine = text(11)
    found.rawFieldValue = text(12)
    found.errorCode = number(13)
    found.errorReason = text(14)
    // A history opened for reading only may be of the first version.
    if row.count > 15 { found.startOffset = Int64(number(15)) }
    return found
}
