package import Catalogs
package import SQLTypes
import Synchronization

/// A warehouse's storage: its directory, its catalog, the present state of everything.
///
/// ```
/// WAREHOUSE/
///   catalog.sqlite     records of schemas, tables, extents, delete vectors
///   history.sqlite     load errors and query history
///   lock               held while a process has the warehouse open; see ``LockText``
///   readers            shared by those who read beside the writer; see ``ReaderPin``
///   slice-N/disk-M/    E.blocks: the blocks of extent E that lie on that disk
/// ```
/// A commit writes and syncs block files first; then one transaction of the catalog is the commit.
/// Whatever the catalog does not name is garbage, swept when the warehouse is opened for writing.
///
/// **After a failed sync** of a block file, a directory or the catalog no further commit is taken
/// until the warehouse is opened anew; reading goes on. Syncing again would answer that all is
/// well, since the system drops what it could not write and forgets it; and reading back shows
/// memory, not the disk. Opening is what can be trusted: it takes the commits whose records check,
/// then folds a left-over write-ahead log into the catalog's main file, which writes all of it
/// again and syncs it. The commit that failed is there afterwards, wholly, or it is not. After any
/// other failure, a full disk for one, the next commit may succeed.
package final class Store: Sendable {
    package let directory: String
    package let files: any FileSystem
    package let isReadOnly: Bool
    package let shape: ClusterShape
    package let cache: BlockCache
    /// Load errors and query history, in a file of their own.
    package let history: HistoryStore
    let place: ExtentPlace
    private let isTemporary: Bool
    let database: CatalogDatabase
    private let lock: any FileLock
    // nil where the warehouse is open for reading only.
    let commitNote: CommitNote?
    // Why commits are refused; nil while they are not.
    let refusal = Mutex<SQLError?>(nil)
    let nextTableID: Mutex<TableID>
    let state: Mutex<State>
    // Held for the length of a commit, while readers take the state.
    let commitLock = Mutex<Bool>(false)

    struct State {
        var current: StoreSnapshot
        var record: WarehouseRecord
        var tableChecksums: [TableID: UInt64]
    }

    init(
        directory: String,
        files: any FileSystem,
        isReadOnly: Bool,
        isTemporary: Bool,
        cache: BlockCache,
        database: CatalogDatabase,
        lock: any FileLock,
        commitNote: CommitNote?,
        image: CatalogImage,
        removal: BlockFileRemoval
    ) throws(SQLError) {
        self.directory = directory
        self.files = files
        self.isReadOnly = isReadOnly
        self.isTemporary = isTemporary
        self.cache = cache
        self.database = database
        self.lock = lock
        self.commitNote = commitNote
        let record = try WarehouseRecord(image.warehouse)
        shape = record.shape
        history = HistoryStore(
            path: "\(directory)/history.sqlite",
            files: files,
            isReadOnly: isReadOnly
        )
        place = ExtentPlace(
            directory: directory,
            shape: record.shape,
            files: files,
            removal: removal,
            nextID: record.nextExtentID
        )
        nextTableID = Mutex(record.nextTableID)
        state = Mutex(try Self.firstState(image, record, place))
    }

    private static func firstState(
        _ image: CatalogImage,
        _ record: WarehouseRecord,
        _ place: ExtentPlace
    ) throws(SQLError) -> State {
        let digest = image.tables.reduce(UInt64(0)) { $0 &+ $1.checksum }
        guard image.tables.count == record.tableCount, digest == record.tableDigest else {
            throw SQLError(
                .dataCorrupted,
                "the catalog's records of tables are damaged",
                detail: "There are \(image.tables.count); it should have \(record.tableCount)."
            )
        }
        let extents = Dictionary(grouping: image.extents, by: \.table)
        let deletes = Dictionary(grouping: image.deletes, by: \.table)
        var versions: [TableID: TableVersion] = [:]
        var checksums: [TableID: UInt64] = [:]
        for row in image.tables {
            let table = try TableRecord(row)
            let tableExtents = extents[row.id] ?? []
            let tableDeletes = deletes[row.id] ?? []
            checksums[table.definition.id] = row.checksum
            versions[table.definition.id] = TableVersion(
                definition: table.definition,
                shape: record.shape,
                files: place.files,
                contents: LazyContents { () throws(SQLError) -> TableContents in
                    try table.contents(extents: tableExtents, deletes: tableDeletes, place: place)
                }
            )
        }
        let snapshot = StoreSnapshot(
            shape: record.shape,
            commitNumber: record.commitNumber,
            schemas: record.schemas,
            versions: versions
        )
        return State(current: snapshot, record: record, tableChecksums: checksums)
    }

    /// The latest committed state.
    package var current: StoreSnapshot { state.withLock { $0.current } }

    /// Begins a transaction on the latest state; `temporary` are the session's own tables.
    package func begin(temporary: TemporaryTables? = nil) -> StoreTransaction {
        StoreTransaction(store: self, temporary: temporary)
    }

    /// How the catalog syncs its commits: 2 is SQLite's FULL.
    package func synchronousLevel() throws(SQLError) -> Int { try database.synchronousLevel() }

    /// A number no other table has.
    func takeTableID() -> TableID {
        nextTableID.withLock { next in
            defer { next += 1 }
            return next
        }
    }

    /// Closes the files and gives up the lock; a temporary warehouse is removed.
    ///
    /// No transaction may be open; snapshots still held keep memory but can read no more blocks.
    package func close() {
        place.removal.removeWaiting()
        history.close()
        database.close()
        commitNote?.close()
        lock.release()
        if isTemporary { try? files.removeTree(directory) }
    }
}

// MARK: - Making and opening

extension Store {
    /// Makes a warehouse in a directory that does not exist or is empty.
    ///
    /// Errors: 42710 where there is a warehouse already, 55006 where the directory has other
    /// things in it, those of the file system.
    package static func create(
        at path: String,
        shape: ClusterShape,
        files: any FileSystem
    ) throws(SQLError) {
        if let status = try files.status(path) {
            guard status.isDirectory else {
                throw SQLError(.wrongObjectType, "not a directory: \"\(path)\"")
            }
            let names = try files.list(path)
            if names.contains(catalogName) {
                throw SQLError(.duplicateObject, "a warehouse exists already in \"\(path)\"")
            }
            // What a crash during creation left behind is ours to use.
            if let foreign = names.first(where: { !isOwnName($0) }) {
                throw SQLError(
                    .objectInUse,
                    "directory is not empty and not a warehouse: \"\(path)\"",
                    detail: "It has \"\(foreign)\" in it."
                )
            }
        }
        try files.makeDirectories(path)
        // Also where the directory was there: what made it may not have come as far as this.
        try files.syncName(of: path)
        let lock = try takeLock(path, files: files, isReadOnly: false)
        defer { lock.release() }
        // What the file says of a former warehouse is no longer so.
        try CommitNote(path: "\(path)/lock", files: files, commitNumber: 0).close()
        for slice in 0..<shape.sliceCount {
            try files.makeDirectory("\(path)/slice-\(slice)")
            for disk in 0..<shape.disksPerSlice {
                try files.makeDirectory("\(path)/slice-\(slice)/disk-\(disk)")
            }
            try files.syncDirectory("\(path)/slice-\(slice)")
        }
        let fresh = "\(path)/\(catalogName)-new"
        for name in [fresh, "\(fresh)-wal", "\(fresh)-journal"]
        where try files.status(name) != nil { try files.remove(name) }
        try CatalogDatabase.create(
            at: fresh,
            files: files,
            warehouse: WarehouseRecord(shape: shape).row
        )
        try files.rename(fresh, to: "\(path)/\(catalogName)")
        try files.syncDirectory(path)
    }

    /// Opens a warehouse.
    ///
    /// `cacheByteCount` is the most bytes of blocks to keep in memory.
    ///
    /// Errors: 58P01 where the directory is missing or no warehouse, 55006 naming the process
    /// that has it open, 0A000 naming another format version, XX001 for a damaged catalog.
    package static func open(
        at path: String,
        files: any FileSystem,
        isReadOnly: Bool = false,
        cacheByteCount: Int = 256 << 20
    ) throws(SQLError) -> Store {
        try open(
            at: path,
            files: files,
            isReadOnly: isReadOnly,
            isTemporary: false,
            cacheByteCount: cacheByteCount
        )
    }

    static func open(
        at path: String,
        files: any FileSystem,
        isReadOnly: Bool,
        isTemporary: Bool,
        cacheByteCount: Int
    ) throws(SQLError) -> Store {
        try requireWarehouse(path, files)
        let catalog = "\(path)/\(catalogName)"
        let lock = try takeLock(path, files: files, isReadOnly: isReadOnly)
        do throws(SQLError) {
            let text = try lockText(path, files)
            let hasLog = try CatalogDatabase.hasLog(catalog, files: files)
            if !isReadOnly && hasLog {
                // Opening for writing changes the log; one that lost commits is left as it is.
                let reader = try CatalogDatabase.open(at: catalog, files: files, isReadOnly: true)
                defer { reader.close() }
                try checkCommits(of: reader.load(), against: text, path)
            }
            let database = try CatalogDatabase.open(
                at: catalog,
                files: files,
                isReadOnly: isReadOnly
            )
            var note: CommitNote?
            do throws(SQLError) {
                let image = try database.load()
                let number = try checkCommits(of: image, against: text, path)
                if !isReadOnly {
                    if hasLog { try database.foldLog() }
                    // A creation that was cut off may have left the catalog's name unsafe.
                    if number == 0 { try files.syncDirectory(path) }
                    note = try CommitNote(
                        path: "\(path)/lock",
                        files: files,
                        commitNumber: number
                    )
                }
                let store = try Store(
                    directory: path,
                    files: files,
                    isReadOnly: isReadOnly,
                    isTemporary: isTemporary,
                    cache: BlockCache(byteCountMax: cacheByteCount),
                    database: database,
                    lock: lock,
                    commitNote: note,
                    image: image,
                    removal: BlockFileRemoval(directory: path, files: files)
                )
                if !isReadOnly { try store.sweep(named: Set(image.extents.map(\.id))) }
                return store
            } catch {
                database.close()
                note?.close()
                throw error
            }
        } catch {
            lock.release()
            throw error
        }
    }

    /// 58P01 where a path is no warehouse.
    static func requireWarehouse(_ path: String, _ files: any FileSystem) throws(SQLError) {
        guard let status = try files.status(path) else {
            throw SQLError(.undefinedFile, "warehouse does not exist: \"\(path)\"")
        }
        guard status.isDirectory, try files.status("\(path)/\(catalogName)") != nil else {
            throw SQLError(.undefinedFile, "not a warehouse: \"\(path)\"")
        }
    }

    static func lockText(
        _ path: String,
        _ files: any FileSystem
    ) throws(SQLError) -> LockText {
        LockText(try files.contents(of: "\(path)/lock"))
    }

    /// The number of the catalog's last commit; XX001 where a later one was acknowledged.
    @discardableResult
    static func checkCommits(
        of image: CatalogImage,
        against text: LockText,
        _ path: String
    ) throws(SQLError) -> Int {
        let number = try WarehouseRecord(image.warehouse).commitNumber
        guard let noted = text.commitNumber, noted > number else { return number }
        throw SQLError(
            .dataCorrupted,
            "the catalog of the warehouse \"\(path)\" has lost commits",
            detail: "Its last one is number \(number), but number \(noted) was acknowledged; its "
                + "write-ahead log is damaged or missing, or the file was replaced.",
            hint: "Remove the file \"\(path)/lock\" to go on with what is left."
        )
    }

    private static func takeLock(
        _ path: String,
        files: any FileSystem,
        isReadOnly: Bool
    ) throws(SQLError) -> any FileLock {
        let name = "\(path)/lock"
        guard let lock = try files.lock(name, isExclusive: !isReadOnly) else {
            let holder = (try? lockText(path, files))?.processID
            throw SQLError(
                .objectInUse,
                "the warehouse \"\(path)\" is in use by "
                    + (holder.map { "process \($0)" } ?? "another process")
            )
        }
        return lock
    }

    /// Removes block files that no record names: what crashes and open transactions left.
    ///
    /// Where records are damaged it removes nothing, since it may be those that would name a file.
    /// While other processes read it leaves what their states may name.
    private func sweep(named extents: Set<Int64>) throws(SQLError) {
        // Makes the file that readers lock, too, where they may not.
        let readersOut = place.removal.lockOutReaders()
        defer { readersOut?.release() }
        let found = try strayFiles(named: extents)
        guard !found.isEmpty else { return }
        for version in current.versions.values where (try? version.contents()) == nil { return }
        for path in found where readersOut != nil || !wasCommitted(path) {
            try files.remove(path)
        }
    }

    /// Whether a file's extent has a number that a commit may have given away.
    private func wasCommitted(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasSuffix(".blocks"), let id = Int64(name.dropLast(7)) else { return false }
        return id < place.upcomingID
    }

    /// Files in the slices' directories that are no extent's; makes directories that are missing.
    func strayFiles(named extents: Set<Int64>) throws(SQLError) -> [String] {
        var found: [String] = []
        for slice in 0..<shape.sliceCount {
            for disk in 0..<shape.disksPerSlice {
                let directory = place.diskDirectory(slice: slice, disk: disk)
                guard try files.status(directory) != nil else {
                    if !isReadOnly { try files.makeDirectories(directory) }
                    continue
                }
                for name in try files.list(directory) {
                    let isBlocks = name.hasSuffix(".blocks")
                    let isNamed =
                        isBlocks && Int64(name.dropLast(7)).map(extents.contains) ?? false
                    if !isNamed, isBlocks || name.hasSuffix(".spill") {
                        found.append("\(directory)/\(name)")
                    }
                }
            }
        }
        return found
    }

    static let catalogName = "catalog.sqlite"

    private static func isOwnName(_ name: String) -> Bool {
        ["lock", "readers"].contains(name) || name.hasPrefix("slice-")
            || name.hasPrefix("\(catalogName)-new")
    }
}
