import Catalogs
import Execution
import Loading
import Storage
import Synchronization
import Vectors

@_exported public import SQLTypes
@_exported public import SQLSyntax

#if canImport(Glibc)
import Glibc
#endif

/// An open warehouse: its storage, its slices, and the sessions that speak SQL to it.
///
/// One process writes to a warehouse at a time; any number of sessions of that process work at
/// once. Others may open it for reading beside it: each sees the state of its opening. Slices start
/// their threads when the first query needs them.
public final class Warehouse: Sendable {
    let store: Store
    let slices: SliceCluster
    let locks = TableLocks()
    let transactions = TransactionDirectory()
    let serializableOrder = SerializableOrder()
    let clock: WallClock
    let isReadOnly: Bool
    let scanHistory = ScanHistory()
    /// The record of statements.
    let queryLog: QueryLog
    private let isTemporary: Bool
    let sessions = SessionDirectory()
    let identityPositions = IdentityPositions()
    let vacuums = VacuumLog()
    /// Merges small extents beside the sessions.
    let merging: BackgroundMerging
    private let nextQueryID: Atomic<Int>
    private let nextSessionID: Atomic<Int>

    /// Numbers of queries and sessions go on behind those of `recorded`, so that a number means
    /// one of them in the history too.
    private init(
        store: Store,
        memoryBytes: Int,
        isReadOnly: Bool,
        isTemporary: Bool,
        options: WarehouseOptions,
        clock: WallClock,
        recorded: (query: Int, session: Int) = (0, 0)
    ) {
        nextQueryID = Atomic(recorded.query + 1)
        nextSessionID = Atomic(recorded.session + 1)
        self.store = store
        self.isReadOnly = isReadOnly
        self.isTemporary = isTemporary
        self.clock = clock
        queryLog = QueryLog(
            history: store.history,
            isReadOnly: isReadOnly,
            days: options.historyDays,
            clock: clock
        )
        slices = SliceCluster(
            shape: store.shape,
            memoryBytes: max(memoryBytes, store.shape.sliceCount * 256 << 10),
            // The disks of a warehouse that is read only belong to another process, or to nobody.
            spillPlace: isReadOnly
                ? SpillPlace(
                    directory: temporaryDirectory(),
                    shape: store.shape,
                    files: store.files
                ) : store.spillPlace
        )
        merging = BackgroundMerging(
            store: store,
            slices: slices,
            locks: locks,
            isEnabled: options.mergesInBackground
        )
    }

    /// Opens the warehouse of `options`, or creates it where its directory is absent or empty.
    ///
    /// The process's soft limit of open files is raised to the hard one.
    ///
    /// - Parameters:
    ///   - options: where it is, and the shape of a new one.
    ///   - notice: hears of a creation.
    /// - Returns: the open warehouse.
    /// - Throws: 58P01, 58030 or 42501 where the directory cannot be used; 0A000 for another
    ///   format version; 55006 where another process has it open; 53000 where fewer than 32 files
    ///   may be open.
    public static func open(
        _ options: WarehouseOptions,
        notice: (SQLNotice) -> Void
    ) throws(SQLError) -> Warehouse {
        keepFreedMemory()
        try OpenFileLimit.raise()
        let memoryBytes = options.memoryBytes ?? machineMemoryBytes() / 10 * 7
        let files = PosixFiles()
        guard let path = try options.path.map(PosixFiles.absolute) else {
            let store = try Store.openTemporary(
                shape: shape(of: options),
                files: files,
                parent: temporaryDirectory(),
                cacheByteCount: memoryBytes / 2
            )
            return Warehouse(
                store: store,
                memoryBytes: memoryBytes / 2,
                isReadOnly: false,
                isTemporary: true,
                options: options,
                clock: .system
            )
        }
        if !options.isReadOnly, try !Store.isWarehouse(at: path, files: files) {
            try create(options)
            let shape = shape(of: options)
            notice(
                SQLNotice(
                    .info,
                    "created warehouse \(options.path ?? path) with \(shape.nodeCount) nodes of "
                        + "\(shape.slicesPerNode) slices"
                )
            )
        }
        let store =
            options.isReadOnly
            ? try Store.openBesideWriter(
                at: path,
                files: files,
                cacheByteCount: memoryBytes / 2
            )
            : try Store.open(at: path, files: files, cacheByteCount: memoryBytes / 2)
        return Warehouse(
            store: store,
            memoryBytes: memoryBytes / 2,
            isReadOnly: options.isReadOnly,
            isTemporary: false,
            options: options,
            clock: .system,
            recorded: recordedNumbers(of: store, notice)
        )
    }

    /// The greatest numbers in the history; a history that cannot be read is worth a warning.
    private static func recordedNumbers(
        of store: Store,
        _ notice: (SQLNotice) -> Void
    ) -> (query: Int, session: Int) {
        do throws(SQLError) {
            let numbers = try store.history.greatestNumbers()
            // Greater ones come of damage, and there must be one behind each.
            return (min(numbers.query, numberMax), min(numbers.session, numberMax))
        } catch {
            notice(
                SQLNotice(
                    .warning,
                    "queries are numbered from 1 again, because the history cannot be "
                        + "read: \(error.message)"
                )
            )
            return (0, 0)
        }
    }

    /// The greatest recorded number to go on behind.
    private static let numberMax = 1 << 53

    /// Creates a warehouse of the shape in `options` in a new or empty directory.
    ///
    /// - Throws: 42P07 where one is there already; 58030 where the directory cannot be written.
    public static func create(_ options: WarehouseOptions) throws(SQLError) {
        try OpenFileLimit.raise()
        guard let path = try options.path.map(PosixFiles.absolute) else {
            throw SQLError(.invalidParameterValue, "a new warehouse needs a directory")
        }
        let files = PosixFiles()
        if try Store.isWarehouse(at: path, files: files) {
            throw SQLError(.duplicateObject, "warehouse \"\(path)\" already exists")
        }
        try Store.create(at: path, shape: shape(of: options), files: files)
    }

    /// Opens a session of its own transaction and settings.
    public func makeSession() -> Session {
        let id = nextSessionID.add(1, ordering: .relaxed).oldValue
        let session = Session(warehouse: self, id: id)
        sessions.add(session)
        return session
    }

    /// Stops the slices and lets go of the directory; sessions must have ended.
    ///
    /// The record of the last statements is written; `notice` hears where that or merging fails.
    public func close(notice: (SQLNotice) -> Void = { _ in }) {
        merging.stop()
        if let error = merging.takeFailure() { notice(Self.notMerged(error)) }
        slices.shutDown()
        if !isTemporary, let error = queryLog.flush() { notice(Self.notRecorded(error)) }
        store.close()
    }

    /// The warning that upkeep in the background did not work.
    static func notMerged(_ error: SQLError) -> SQLNotice {
        SQLNotice(.warning, "small extents were not merged: \(error.message)")
    }

    /// The warning that statements are missing in the record.
    static func notRecorded(_ error: SQLError) -> SQLNotice {
        SQLNotice(.warning, "statements were not recorded: \(error.message)")
    }

    /// The shape as the options give it.
    private static func shape(of options: WarehouseOptions) -> ClusterShape {
        ClusterShape(
            nodeCount: options.nodes,
            slicesPerNode: options.slicesPerNode,
            disksPerSlice: options.disksPerSlice
        )
    }

    /// The number of the next query.
    func makeQueryID() -> Int { nextQueryID.add(1, ordering: .relaxed).oldValue }
}

/// Where temporary warehouses are made: `TMPDIR`, else `/tmp`.
private func temporaryDirectory() -> String {
    guard let value = getenv("TMPDIR"), value[0] != 0 else { return "/tmp" }
    return String(cString: value)
}

/// Bytes of memory of the machine; 4 GiB where it cannot be told.
private func machineMemoryBytes() -> Int {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages * size : 4 << 30
}
