import Catalogs
import Foundation
import SQLTypes
import Storage
import Synchronization
import Testing
import Vectors

/// Stores opened for reading beside one that writes.
@Suite struct ReaderTests {
    private static let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 1)

    /// A store with table `t` of so many rows that they lie in a block file.
    private func writer(_ scratch: ScratchDirectory) throws -> (Store, TableDefinition) {
        try Store.create(at: scratch.warehouse, shape: Self.shape, files: scratch.files)
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.varchar(60)]))
        try transaction.insert([Self.texts], into: table)
        try transaction.commit()
        return (store, table)
    }

    private static let texts = (0..<20_000).map {
        Datum.text("text \(UInt64($0) &* 0x9E37_79B9_7F4A_7C15)")
    }

    private func truncate(_ store: Store, _ table: TableDefinition) throws {
        let transaction = store.begin()
        try transaction.truncate(table.id)
        try transaction.commit()
    }

    private func texts(of store: Store, _ table: TableDefinition) throws -> [Datum] {
        let version = try #require(store.current.tableVersion(table.id))
        return try rows(version, cache: BlockCache(byteCountMax: 0))[0]
    }

    @Test func `a reader keeps its state and its files while the writer goes on`() throws {
        let scratch = try ScratchDirectory()
        let (store, table) = try writer(scratch)
        let reader = try Store.openBesideWriter(at: scratch.warehouse, files: scratch.files)
        let other = try Store.openBesideWriter(at: scratch.warehouse, files: scratch.files)
        try truncate(store, table)
        #expect(try !scratch.blockFiles(Self.shape).isEmpty)
        #expect(try texts(of: reader, table) == Self.texts)
        other.close()
        #expect(try texts(of: reader, table) == Self.texts)
        let late = try Store.openBesideWriter(at: scratch.warehouse, files: scratch.files)
        #expect(try texts(of: late, table).isEmpty)
        late.close()
        reader.close()
        // Nothing waits for a reader any more: closing removes what was kept.
        store.close()
        #expect(try scratch.blockFiles(Self.shape).isEmpty)
    }

    @Test func `without readers files go at once`() throws {
        let scratch = try ScratchDirectory()
        let (store, table) = try writer(scratch)
        defer { store.close() }
        try truncate(store, table)
        #expect(try scratch.blockFiles(Self.shape).isEmpty)
    }

    @Test func `a writer that opens beside a reader sweeps nothing it may read`() throws {
        let scratch = try ScratchDirectory()
        var (store, table) = try writer(scratch)
        let reader = try Store.openBesideWriter(at: scratch.warehouse, files: scratch.files)
        try truncate(store, table)
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        #expect(try texts(of: reader, table) == Self.texts)
        reader.close()
        store.close()
        // What was left is swept by the next opening.
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        #expect(try scratch.blockFiles(Self.shape).isEmpty)
    }

    @Test func `a reader that could lock nothing says that a file may have been removed`() throws {
        let scratch = try ScratchDirectory()
        let (store, table) = try writer(scratch)
        defer { store.close() }
        let reader = try Store.openBesideWriter(at: scratch.warehouse, files: LocklessFiles())
        #expect(try texts(of: reader, table) == Self.texts)
        try truncate(store, table)
        let error = #expect(throws: SQLError.self) { _ = try texts(of: reader, table) }
        #expect(error?.detail?.contains("since this snapshot was opened") == true)
        reader.close()
    }

    @Test func `readers that open while commits go on see every one acknowledged`() throws {
        let scratch = try ScratchDirectory()
        let (store, _) = try writer(scratch)
        let begin = store.begin()
        let counter = try begin.createTable(definition("n", [.integer]))
        try begin.commit()
        let acknowledged = Mutex(0)
        let writing = inThread {
            for number in 1...300 {
                let transaction = store.begin()
                try transaction.insert([[.int64(Int64(number))]], into: counter)
                try transaction.commit()
                acknowledged.withLock { $0 = number }
            }
        }
        var last = 0
        while last < 300 {
            let before = acknowledged.withLock { $0 }
            let reader = try Store.openBesideWriter(at: scratch.warehouse, files: scratch.files)
            let version = try #require(reader.current.tableVersion(counter.id))
            let seen = try rows(version, cache: BlockCache(byteCountMax: 0))[0]
            #expect(seen == seen.indices.map { .int64(Int64($0 + 1)) })
            #expect(seen.count >= before)
            last = seen.count
            reader.close()
            if writing.error != nil { break }
        }
        writing.wait()
        #expect(writing.error == nil)
        store.close()
    }
}

/// The real files, but for locks, which it refuses as a directory without write permission does.
private final class LocklessFiles: FileSystem {
    private let files = PosixFiles()

    func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        try files.open(path, for: access)
    }
    func status(_ path: String) throws(SQLError) -> FileStatus? {
        path.hasSuffix("/readers") ? nil : try files.status(path)
    }
    func list(_ path: String) throws(SQLError) -> [String] { try files.list(path) }
    func makeDirectory(_ path: String) throws(SQLError) { try files.makeDirectory(path) }
    func remove(_ path: String) throws(SQLError) { try files.remove(path) }
    func removeDirectory(_ path: String) throws(SQLError) { try files.removeDirectory(path) }
    func rename(_ path: String, to newPath: String) throws(SQLError) {
        try files.rename(path, to: newPath)
    }
    func syncDirectory(_ path: String) throws(SQLError) { try files.syncDirectory(path) }
    func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        throw SQLError(.insufficientPrivilege, "could not open lock file \"\(path)\"")
    }
    var carriesCatalog: Bool { false }
}

/// Work on a thread of its own.
private final class ThreadWork: Sendable {

    private let state = Mutex<(isDone: Bool, error: String?)>((false, nil))
    private let body: @Sendable () throws -> Void

    init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

    func run() {
        do {
            try body()
            state.withLock { $0 = (true, nil) }
        } catch {
            state.withLock { $0 = (true, "\(error)") }
        }
    }

    var error: String? { state.withLock { $0.error } }

    func wait() { while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.001) } }
}

private func inThread(_ body: @escaping @Sendable () throws -> Void) -> ThreadWork {
    let work = ThreadWork(body)
    Thread { work.run() }.start()
    return work
}
