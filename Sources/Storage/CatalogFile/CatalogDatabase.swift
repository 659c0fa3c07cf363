import Foundation
import GRDB
import SQLTypes

/// A row of one of the catalog's tables, as its bytes.
struct CatalogRow: Sendable {
    /// The primary key: the number of a table or an extent.
    var id: Int64
    /// The table an extent or delete vector belongs to.
    var table: Int64 = 0
    var slice: Int64 = 0
    var ordinal: Int64 = 0
    var record: [UInt8]
    /// As stored.
    var checksum: UInt64 = 0

    /// The checksum the row must have.
    func expectedChecksum(in kind: Int64) -> UInt64 {
        Storage.checksum(record, seed: placeSeed(kind, id, table, slice, ordinal))
    }

    /// The row with its checksum.
    func sealed(in kind: Int64) -> CatalogRow {
        var row = self
        row.checksum = expectedChecksum(in: kind)
        return row
    }
}

/// What each of the catalog's tables mixes into its rows' checksums.
enum CatalogKind {
    static let warehouse: Int64 = 1
    static let table: Int64 = 2
    static let extent: Int64 = 3
    static let deletes: Int64 = 4
}

/// All rows of a catalog.
struct CatalogImage: Sendable {
    var warehouse: CatalogRow
    var tables: [CatalogRow] = []
    var extents: [CatalogRow] = []
    var deletes: [CatalogRow] = []
}

/// What a commit changes in the catalog.
struct CatalogDelta: Sendable {
    var warehouse: CatalogRow?
    var upsertedTables: [CatalogRow] = []
    var removedTables: [Int64] = []
    /// Tables all of whose extents and delete vectors go before others are added.
    var emptiedTables: [Int64] = []
    var addedExtents: [CatalogRow] = []
    var removedExtents: [Int64] = []
    var upsertedDeletes: [CatalogRow] = []
    var removedDeletes: [Int64] = []
}

/// Why a commit was not acknowledged.
struct CommitFailure: Error {
    var error: SQLError
    /// Whether a sync failed, after which nothing written before can be trusted to be saved.
    var isFailedSync: Bool
}

/// `catalog.sqlite`: rows of bytes with checksums; one transaction of it is a commit.
///
/// Write-ahead mode with `synchronous = FULL`. GRDB's own write-ahead setting sets NORMAL, which
/// would lose commits in a power cut, and writes to the file at every opening; so the mode is set
/// here, FULL is set after it and read back. The one connection locks exclusively, so there is no
/// shared-memory file; a clean close leaves no write-ahead log.
///
/// Readers come through a ``CatalogRoute`` that writes nothing, a log left by a crash included.
final class CatalogDatabase: Sendable {
    private let queue: DatabaseQueue
    private let path: String
    private let route: CatalogRoute?

    /// "SLHS": what marks the file as ours.
    static let applicationID = 0x534C_4853

    private init(queue: DatabaseQueue, path: String, route: CatalogRoute?) {
        self.queue = queue
        self.path = path
        self.route = route
    }

    /// Makes the file of a new warehouse.
    static func create(
        at path: String,
        files: any FileSystem,
        warehouse: CatalogRow
    ) throws(SQLError) {
        let database = try connect(path, files: files, isReadOnly: false)
        defer { database.close() }
        try database.attempt("create") { queue in
            try queue.inTransaction(.immediate) { db in
                try db.execute(sql: schemaText)
                try write(warehouse: warehouse, db)
                try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                try db.execute(sql: "PRAGMA user_version = \(storageFormatVersion)")
                return .commit
            }
        }
        // The file gets its name next, and its log does not come along.
        try database.foldLog()
    }

    /// Opens the file of a warehouse.
    ///
    /// Errors: 58P01 where it is missing, XX001 where it is not ours or damaged, 0A000 naming the
    /// format version where that is another one.
    static func open(
        at path: String,
        files: any FileSystem,
        isReadOnly: Bool
    ) throws(SQLError) -> CatalogDatabase {
        let database = try connect(path, files: files, isReadOnly: isReadOnly)
        do throws(SQLError) {
            try database.checkFormat()
        } catch {
            database.close()
            throw error
        }
        return database
    }

    private func checkFormat() throws(SQLError) {
        let (found, version) = try attempt("open") { queue in
            try queue.read { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                )
            }
        }
        guard found == Self.applicationID else {
            throw SQLError(.dataCorrupted, "not a catalog of a warehouse: \"\(path)\"")
        }
        guard version == storageFormatVersion else {
            throw SQLError(
                .featureNotSupported,
                "the warehouse has format version \(version); this program reads version "
                    + "\(storageFormatVersion)"
            )
        }
    }

    private static func connect(
        _ path: String,
        files: any FileSystem,
        isReadOnly: Bool
    ) throws(SQLError) -> CatalogDatabase {
        var route: CatalogRoute?
        if isReadOnly || files.carriesCatalog {
            route = try CatalogRoute(path: path, files: files, isReadOnly: isReadOnly)
        }
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.readonly = isReadOnly
        configuration.prepareDatabase { db in
            // Nothing but this program opens the file, and the warehouse's own lock says so. It
            // also keeps the log's index in memory.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            guard !isReadOnly else { return }
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw SQLError.invariant("the catalog is not in write-ahead mode")
            }
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let database = CatalogDatabase(queue: queue, path: path, route: route)
            if !isReadOnly {
                let level = try queue.inDatabase { db in
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    return try Int.fetchOne(db, sql: "PRAGMA synchronous")
                }
                guard level == 2 else {
                    throw SQLError.invariant("the catalog's synchronous level is not FULL")
                }
            }
            return database
        } catch {
            route?.remove()
            throw storageError(error, "open", path)
        }
    }

    /// Whether there is a write-ahead log with anything in it, as only a crash leaves one.
    static func hasLog(_ path: String, files: any FileSystem) throws(SQLError) -> Bool {
        try (files.status("\(path)-wal")?.byteCount ?? 0) > 0
    }

    /// Writes what the write-ahead log holds into the main file, syncs that and empties the log.
    func foldLog() throws(SQLError) {
        let isBusy = try attempt("fold the log of") { queue in
            try queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
        guard isBusy == 0 else {
            throw SQLError(.ioError, "could not fold the log of \"\(path)\"")
        }
    }

    /// How commits are synced: 2 is FULL.
    func synchronousLevel() throws(SQLError) -> Int {
        try attempt("read") { queue in
            try queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
        }
    }

    /// Reads all rows.
    func load() throws(SQLError) -> CatalogImage {
        try attempt("read") { queue in
            try queue.read { db in
                guard
                    let warehouse = try rows(
                        db,
                        "SELECT id, 0, 0, 0, record, checksum FROM warehouse"
                    ).first
                else { throw SQLError(.dataCorrupted, "the catalog has lost its first record") }
                return CatalogImage(
                    warehouse: warehouse,
                    tables: try rows(db, "SELECT id, 0, 0, 0, record, checksum FROM tables"),
                    extents: try rows(
                        db,
                        "SELECT id, table_id, slice, ordinal, record, checksum FROM extents"
                    ),
                    deletes: try rows(
                        db,
                        """
                        SELECT extent_id, table_id, slice, 0, record, checksum
                        FROM delete_vectors
                        """
                    )
                )
            }
        }
    }

    /// Makes one transaction of a commit's changes; when it returns they are durable.
    ///
    /// After an error they are not to be seen in this connection; whether they are after a crash
    /// is open.
    func apply(_ delta: CatalogDelta) throws(CommitFailure) {
        do {
            try queue.inTransaction(.immediate) { db in
                try Self.apply(delta, db)
                return .commit
            }
        } catch {
            let code = (error as? DatabaseError)?.extendedResultCode
            throw CommitFailure(
                error: storageError(error, "commit to", path),
                isFailedSync: code == .SQLITE_IOERR_FSYNC || code == .SQLITE_IOERR_DIR_FSYNC
            )
        }
    }

    /// Closes the file, which folds the write-ahead log into it.
    func close() {
        try? queue.close()
        route?.remove()
    }

    private func attempt<Value>(
        _ action: String,
        _ body: (DatabaseQueue) throws -> Value
    ) throws(SQLError) -> Value {
        do {
            return try body(queue)
        } catch {
            throw storageError(error, action, path)
        }
    }
}

private let schemaText = """
    CREATE TABLE warehouse (
        id INTEGER PRIMARY KEY, record BLOB NOT NULL, checksum INTEGER NOT NULL
    );
    CREATE TABLE tables (
        id INTEGER PRIMARY KEY, record BLOB NOT NULL, checksum INTEGER NOT NULL
    );
    CREATE TABLE extents (
        id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, slice INTEGER NOT NULL,
        ordinal INTEGER NOT NULL, record BLOB NOT NULL, checksum INTEGER NOT NULL
    );
    CREATE TABLE delete_vectors (
        extent_id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, slice INTEGER NOT NULL,
        record BLOB NOT NULL, checksum INTEGER NOT NULL
    );
    """

private func rows(_ db: Database, _ sql: String) throws -> [CatalogRow] {
    var found: [CatalogRow] = []
    let cursor = try Row.fetchCursor(db, sql: sql)
    while let row = try cursor.next() {
        // A flipped bit can turn a number into text or NULL: such a row is damaged, not a trap.
        guard let id = Int64.fromDatabaseValue(row[0]), let table = Int64.fromDatabaseValue(row[1]),
            let slice = Int64.fromDatabaseValue(row[2]),
            let ordinal = Int64.fromDatabaseValue(row[3]),
            let record = Data.fromDatabaseValue(row[4]),
            let checksum = Int64.fromDatabaseValue(row[5])
        else { throw SQLError(.dataCorrupted, "a row of the catalog is damaged") }
        found.append(
            CatalogRow(
                id: id,
                table: table,
                slice: slice,
                ordinal: ordinal,
                record: [UInt8](record),
                checksum: UInt64(bitPattern: checksum)
            )
        )
    }
    return found
}

extension CatalogDatabase {
    fileprivate static func write(warehouse row: CatalogRow, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO warehouse VALUES (?, ?, ?)",
            arguments: [row.id, Data(row.record), Int64(bitPattern: row.checksum)]
        )
    }

    fileprivate static func apply(_ delta: CatalogDelta, _ db: Database) throws {
        func execute(_ sql: String, _ arguments: StatementArguments) throws {
            let statement = try db.cachedStatement(sql: sql)
            try statement.execute(arguments: arguments)
        }
        for id in delta.emptiedTables + delta.removedTables {
            try execute("DELETE FROM extents WHERE table_id = ?", [id])
            try execute("DELETE FROM delete_vectors WHERE table_id = ?", [id])
        }
        for id in delta.removedTables { try execute("DELETE FROM tables WHERE id = ?", [id]) }
        for id in delta.removedExtents { try execute("DELETE FROM extents WHERE id = ?", [id]) }
        for id in delta.removedDeletes {
            try execute("DELETE FROM delete_vectors WHERE extent_id = ?", [id])
        }
        for row in delta.upsertedTables {
            try execute(
                "INSERT OR REPLACE INTO tables VALUES (?, ?, ?)",
                [row.id, Data(row.record), Int64(bitPattern: row.checksum)]
            )
        }
        for row in delta.addedExtents {
            try execute(
                "INSERT INTO extents VALUES (?, ?, ?, ?, ?, ?)",
                [
                    row.id, row.table, row.slice, row.ordinal, Data(row.record),
                    Int64(bitPattern: row.checksum),
                ]
            )
        }
        for row in delta.upsertedDeletes {
            try execute(
                "INSERT OR REPLACE INTO delete_vectors VALUES (?, ?, ?, ?, ?)",
                [
                    row.id, row.table, row.slice, Data(row.record),
                    Int64(bitPattern: row.checksum),
                ]
            )
        }
        if let row = delta.warehouse { try write(warehouse: row, db) }
    }
}

/// A library's error as one of ours; `kind` is what the file at `path` is to the user.
func storageError(
    _ error: any Error,
    _ action: String,
    _ path: String,
    kind: String = "catalog"
) -> SQLError {
    if let error = error as? SQLError { return error }
    guard let error = error as? DatabaseError else {
        return SQLError(.ioError, "could not \(action) \"\(path)\"", detail: "\(error)")
    }
    let detail = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_FULL:
        return SQLError(.diskFull, "could not \(action) \"\(path)\"", detail: detail)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_FORMAT, .SQLITE_MISMATCH:
        return SQLError(.dataCorrupted, "the \(kind) is damaged: \"\(path)\"", detail: detail)
    case .SQLITE_READONLY, .SQLITE_PERM:
        return SQLError(.readOnlySQLTransaction, "could not \(action) \"\(path)\"", detail: detail)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return SQLError(.objectInUse, "another process uses \"\(path)\"", detail: detail)
    case .SQLITE_CANTOPEN:
        return SQLError(.undefinedFile, "could not \(action) \"\(path)\"", detail: detail)
    default:
        return SQLError(.ioError, "could not \(action) \"\(path)\"", detail: detail)
    }
}
