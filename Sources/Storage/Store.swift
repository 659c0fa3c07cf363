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
    private let database: CatalogDatabase
    private let lock: any FileLock
    // nil where the warehouse is open for reading only.
    private let commitNote: CommitNote?
    // Why commits are refused; nil while they are not.
    private let refusal = Mutex<SQLError?>(nil)
    private let nextTableID: Mutex<TableID>
    private let state: Mutex<State>
    // Held for the length of a commit, while readers take the state.
    private let commitLock = Mutex<Bool>(false)

    private struct State {
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

// MARK: - Commit

/// A table that a transaction changed: how it began, how it ended; nil for not there.
struct TableChange: Sendable {
    var id: TableID
    var base: TableVersion?
    var result: TableVersion?
}

extension Store {
    /// Makes a transaction's changes to permanent tables durable and visible, or none of them.
    ///
    /// 1. New block files and their directories are synced. Until here a cancel stops the commit.
    /// 2. Under the commit lock the changes are put on the latest state: a table that others
    ///    changed meanwhile takes added extents only, anything else is 40001.
    /// 3. One transaction of the catalog; it is the commit.
    /// 4. The new state becomes the current one; files that it no longer names are doomed.
    func commit(
        _ changes: [TableChange],
        addedSchemas: Set<String>,
        removedSchemas: Set<String>
    ) throws(SQLError) {
        if isReadOnly {
            throw SQLError(
                .readOnlySQLTransaction,
                "cannot commit changes: the warehouse is open for reading only"
            )
        }
        try requireTrust()
        var kept: [ExtentFiles] = []
        for change in changes {
            for extent in try newExtents(change) {
                if case .files(let files) = extent.storage { kept.append(files) }
            }
        }
        try sync(kept)
        try commitLock.withLock { (_: inout Bool) throws(SQLError) in
            try Interruption.never.bind { () throws(SQLError) in
                try commitLocked(changes, addedSchemas, removedSchemas)
            }
        }
    }

    /// Throws where a sync has failed since the warehouse was opened.
    private func requireTrust() throws(SQLError) {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
    }

    /// Refuses commits from now on: what was written before can no longer be trusted to be saved.
    private func loseTrust(after error: SQLError) {
        refusal.withLock { refusal in
            guard refusal == nil else { return }
            refusal = SQLError(
                .ioError,
                "cannot commit changes: a sync of the warehouse \"\(directory)\" failed before",
                detail: error.detail.map { "\(error.message): \($0)" } ?? error.message,
                hint: "Look after the disk, then open the warehouse again."
            )
        }
    }

    /// Makes block files and their names survive a power cut.
    private func sync(_ kept: [ExtentFiles]) throws(SQLError) {
        var directories: Set<String> = []
        for path in kept.flatMap(\.paths) where !path.isEmpty {
            try Interruption.check()
            let file = try files.open(path, for: .readWrite)
            defer { file.close() }
            do throws(SQLError) {
                try file.sync()
            } catch {
                loseTrust(after: error)
                throw error
            }
            if let slash = path.lastIndex(of: "/") { directories.insert(String(path[..<slash])) }
        }
        for directory in directories.sorted() {
            do throws(SQLError) {
                try files.syncDirectory(directory)
            } catch {
                loseTrust(after: error)
                throw error
            }
        }
    }

    private func newExtents(_ change: TableChange) throws(SQLError) -> [Extent] {
        guard let result = change.result else { return [] }
        let old = Set(try change.base?.contents().slices.joined().map(\.extent.id) ?? [])
        return try result.contents().slices.joined().map(\.extent).filter { !old.contains($0.id) }
    }

    private func commitLocked(
        _ changes: [TableChange],
        _ addedSchemas: Set<String>,
        _ removedSchemas: Set<String>
    ) throws(SQLError) {
        var next = state.withLock { $0 }
        let schemas = try SchemaChange(added: addedSchemas, removed: removedSchemas)
            .applied(to: next.current.schemas)
        var versions = next.current.versions
        var delta = CatalogDelta()
        var kept: [ExtentFiles] = []
        var dropped: [ExtentFiles] = []
        for change in changes {
            let before = next.current.versions[change.id]
            let after = try rebased(change, on: before)
            versions[change.id] = after
            let checksum = try describe(
                change.id,
                from: before,
                to: &versions[change.id],
                in: &delta,
                kept: &kept,
                dropped: &dropped
            )
            next.tableChecksums[change.id] = checksum
        }
        let snapshot = StoreSnapshot(shape: shape, schemas: schemas, versions: versions)
        try checkNames(snapshot, changes)
        if !removedSchemas.isEmpty { try checkSchemas(snapshot) }
        try checkViews(snapshot, changes)
        next.current = snapshot
        next.record.schemas = schemas
        next.record.commitNumber += 1
        next.record.nextTableID = nextTableID.withLock { $0 }
        next.record.nextExtentID = place.upcomingID
        next.record.tableCount = next.tableChecksums.count
        next.record.tableDigest = next.tableChecksums.values.reduce(0, &+)
        delta.warehouse = next.record.row

        // Another commit's sync may have failed while this one waited.
        try requireTrust()
        // From here on a failure may come after the commit is on the disk: its files stay, and
        // are swept at the next opening if the catalog turns out not to name them.
        for file in kept { file.setDoomed(false) }
        do throws(CommitFailure) {
            try database.apply(delta)
        } catch {
            if error.isFailedSync { loseTrust(after: error.error) }
            throw error.error
        }
        commitNote?.note(next.record.commitNumber)
        let installed = next
        state.withLock { $0 = installed }
        for file in dropped { file.setDoomed(true) }
    }

    /// The version to commit: the transaction's own, or its new extents on a newer version.
    private func rebased(
        _ change: TableChange,
        on current: TableVersion?
    ) throws(SQLError) -> TableVersion? {
        if current === change.base { return change.result }
        let conflict = SQLError(
            .serializationFailure,
            "could not serialize access due to concurrent update",
            detail: "Table \(change.id) was changed by a transaction that committed meanwhile."
        )
        guard let current, let base = change.base, let result = change.result,
            current.definition == base.definition, result.definition == base.definition
        else { throw conflict }
        let old = try base.contents()
        let new = try result.contents()
        var merged = try current.contents()
        for slice in old.slices.indices {
            let kept = new.slices[slice].prefix(old.slices[slice].count)
            let isAppendOnly =
                kept.count == old.slices[slice].count
                && zip(kept, old.slices[slice]).allSatisfy {
                    $0.extent === $1.extent && $0.deletes === $1.deletes
                }
            guard isAppendOnly else { throw conflict }
            for visible in new.slices[slice].dropFirst(kept.count) {
                merged.append(PendingExtent(extent: visible.extent), deletes: visible.deletes)
            }
        }
        return TableVersion(
            definition: result.definition,
            shape: shape,
            files: files,
            contents: merged
        )
    }

    /// Adds a table's difference to the catalog's changes; gives its record's checksum.
    private func describe(
        _ id: TableID,
        from before: TableVersion?,
        to after: inout TableVersion?,
        in delta: inout CatalogDelta,
        kept: inout [ExtentFiles],
        dropped: inout [ExtentFiles]
    ) throws(SQLError) -> UInt64? {
        guard let result = after else {
            // A damaged table can be dropped too; its files are swept at the next opening.
            for visible in ((try? before?.contents())?.slices ?? []).joined() {
                if case .files(let file) = visible.extent.storage { dropped.append(file) }
            }
            if before != nil { delta.removedTables.append(Int64(id)) }
            return nil
        }
        var old: [Int64: VisibleExtent] = [:]
        for visible in (try before?.contents().slices ?? []).joined() {
            old[visible.extent.id] = visible
        }
        var contents = try result.contents()
        for slice in contents.slices.indices {
            for index in contents.slices[slice].indices {
                var visible = contents.slices[slice][index]
                let former = old.removeValue(forKey: visible.extent.id)
                if former == nil {
                    let row = CatalogRow(
                        id: visible.extent.id,
                        table: Int64(id),
                        slice: Int64(slice),
                        ordinal: Int64(visible.ordinal),
                        record: visible.extent.record
                    ).sealed(in: CatalogKind.extent)
                    visible.extentChecksum = row.checksum
                    delta.addedExtents.append(row)
                    if case .files(let file) = visible.extent.storage { kept.append(file) }
                }
                if let deletes = visible.deletes, former?.deletes !== deletes {
                    let row = CatalogRow(
                        id: visible.extent.id,
                        table: Int64(id),
                        slice: Int64(slice),
                        record: deletes.record
                    ).sealed(in: CatalogKind.deletes)
                    visible.deletesChecksum = row.checksum
                    delta.upsertedDeletes.append(row)
                }
                contents.slices[slice][index] = visible
            }
        }
        for visible in old.values {
            delta.removedExtents.append(visible.extent.id)
            if visible.deletes != nil { delta.removedDeletes.append(visible.extent.id) }
            if case .files(let file) = visible.extent.storage { dropped.append(file) }
        }
        let row = TableRecord(definition: result.definition, contents: contents).row
        delta.upsertedTables.append(row)
        after = TableVersion(
            definition: result.definition,
            shape: shape,
            files: files,
            contents: contents
        )
        return row.checksum
    }

    /// Two transactions may have made a table of the same name, or one dropped the schema.
    private func checkNames(
        _ snapshot: StoreSnapshot,
        _ changes: [TableChange]
    ) throws(SQLError) {
        for change in changes {
            guard let definition = change.result?.definition else { continue }
            guard snapshot.hasSchema(definition.schema) else {
                throw SQLError(
                    .invalidSchemaName,
                    "schema \"\(definition.schema)\" does not exist"
                )
            }
            let namesakes = snapshot.versions.values.filter {
                $0.definition.schema == definition.schema && $0.definition.name == definition.name
            }
            if namesakes.count > 1 {
                throw SQLError(
                    .duplicateTable,
                    "relation \"\(definition.name)\" already exists"
                )
            }
        }
    }

    /// One transaction may have made a view of what another dropped.
    private func checkViews(
        _ snapshot: StoreSnapshot,
        _ changes: [TableChange]
    ) throws(SQLError) {
        let removed = Set(changes.filter { $0.result == nil }.map(\.id))
        var lost = removed.isEmpty ? nil : snapshot.views(reading: removed).first
        for change in changes where lost == nil {
            guard let definition = change.result?.definition, let view = definition.view
            else { continue }
            if view.dependencies.contains(where: { snapshot.versions[$0] == nil }) {
                lost = definition
            }
        }
        guard let lost else { return }
        throw SQLError(
            .serializationFailure,
            "could not serialize access due to concurrent update",
            detail: "View \(lost.name) reads what a transaction dropped meanwhile."
        )
    }
}
