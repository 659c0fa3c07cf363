import Catalogs
import SQLTypes
import Synchronization
import Testing
import Vectors

@testable import Storage

private func integers(_ range: Range<Int>) -> [Datum] { range.map { .int64(Int64($0)) } }

@Suite struct StoreTests {
    let shape = ClusterShape(nodeCount: 2, slicesPerNode: 2, disksPerSlice: 2)

    func makeStore(_ scratch: ScratchDirectory) throws -> Store {
        try Store.create(at: scratch.warehouse, shape: shape, files: scratch.files)
        return try Store.open(at: scratch.warehouse, files: scratch.files)
    }

    @Test func `a commit is there after reopening`() throws {
        let scratch = try ScratchDirectory()
        var store = try makeStore(scratch)
        #expect(try store.synchronousLevel() == 2)
        var transaction = store.begin()
        try transaction.createSchema("s")
        let small = try transaction.createTable(definition("small", [.integer]))
        let big = try transaction.createTable(definition("big", [.bigint, .varchar(50)]))
        try transaction.insert([integers(0..<10)], into: small, slice: 1)
        let texts = (0..<50_000).map { Datum.text("row number \(hashWord(UInt64($0)))") }
        try transaction.insert([integers(0..<50_000), texts], into: big, slice: 3)
        try transaction.commit()
        #expect(try store.current.tableVersion(big.id)?.rowCount == 50_000)
        store.close()
        #expect(try scratch.files.status("\(scratch.warehouse)/catalog.sqlite-wal") == nil)

        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        #expect(store.shape == shape)
        #expect(store.current.schemaNames == ["public", "s"])
        #expect(store.current.table(schema: "public", name: "big")?.id == big.id)
        let version = try #require(store.current.tableVersion(big.id))
        let found = try rows(version, slice: 3, cache: store.cache)
        #expect(found == [integers(0..<50_000), texts])
        let statistics = try version.statistics()
        #expect(statistics.rowCount == 50_000)
        #expect(statistics.columns[0].minimum == .int64(0))
        #expect(statistics.columns[0].maximum == .int64(49_999))
        let estimate = try #require(statistics.columns[0].distinctCount)
        #expect(abs(estimate - 50_000) < 4_000)
        #expect(StoreCheck.faults(of: store).isEmpty)
        transaction = store.begin()
        let next = try transaction.createTable(definition("next", [.integer]))
        #expect(next.id > big.id)
        store.close()
    }

    @Test func `a commit is stopped before it writes the catalog, or not at all`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        let texts = (0..<20_000).map { Datum.text("some text \(hashWord(UInt64($0)))") }
        var asked = 0
        // A file on each disk of three slices: each is asked for.
        for number in 1...20 {
            let transaction = store.begin()
            let table = try transaction.createTable(definition("t", [.varchar(60)]))
            for slice in 0..<3 { try transaction.insert([texts], into: table, slice: slice) }
            let looks = Mutex(0)
            let interruption = Interruption { () throws(SQLError) in
                let look = looks.withLock { look in
                    look += 1
                    return look
                }
                if look == number { throw SQLError(.queryCanceled, "stop") }
            }
            do throws(SQLError) {
                try interruption.bind { () throws(SQLError) in try transaction.commit() }
                #expect(try store.current.tableVersion(table.id)?.rowCount == 60_000)
                break
            } catch {
                #expect(error.state == .queryCanceled)
                asked += 1
                transaction.rollback()
                #expect(store.current.tables(inSchema: "public").isEmpty)
                #expect(try scratch.blockFiles(shape).isEmpty)
            }
        }
        #expect(asked == 6)
        #expect(try scratch.blockFiles(shape).count == 6)
        #expect(StoreCheck.faults(of: store).isEmpty)
    }

    @Test func `a rolled back transaction leaves no file`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.varchar(60)]))
        let texts = (0..<20_000).map { Datum.text("some text \(hashWord(UInt64($0)))") }
        try transaction.insert([texts], into: table)
        #expect(try !scratch.blockFiles(shape).isEmpty)
        transaction.rollback()
        #expect(try scratch.blockFiles(shape).isEmpty)
        #expect(store.current.tables(inSchema: "public").isEmpty)
    }

    @Test func `a mark undoes one statement only`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.integer]))
        try transaction.insert([integers(0..<5)], into: table)
        let mark = transaction.mark()
        try transaction.insert([integers(5..<9)], into: table)
        try transaction.createSchema("gone")
        transaction.rollback(to: mark)
        try transaction.commit()
        let version = try #require(store.current.tableVersion(table.id))
        #expect(try rows(version, cache: store.cache) == [integers(0..<5)])
        #expect(!store.current.hasSchema("gone"))
    }

    @Test func `files of a dropped table stay for those who read it`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        var transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.varchar(60)]))
        let texts = (0..<20_000).map { Datum.text("some text \(hashWord(UInt64($0)))") }
        try transaction.insert([texts], into: table)
        try transaction.commit()
        transaction = store.begin()
        var pinned: TableVersion? = store.current.tableVersion(table.id)
        try transaction.dropTable(table.id)
        try transaction.commit()
        #expect(store.current.tableVersion(table.id) == nil)
        #expect(try !scratch.blockFiles(shape).isEmpty)
        store.cache.clear()
        if let version = pinned {
            #expect(try rows(version, cache: store.cache) == [texts])
        }
        pinned = nil
        #expect(try scratch.blockFiles(shape).isEmpty)
    }

    @Test func `deleted rows are gone, newer vectors replace older ones`() throws {
        let scratch = try ScratchDirectory()
        var store = try makeStore(scratch)
        var transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.integer]))
        try transaction.insert([integers(0..<3000)], into: table)
        try transaction.insert([integers(3000..<3010)], into: table)
        try transaction.commit()
        for start in [0, 1] {
            transaction = store.begin()
            let version = try #require(transaction.view.tableVersion(table.id))
            let found = try rows(version, emitsRowAddresses: true, cache: store.cache)
            var addresses: [RowAddress] = []
            for (value, address) in zip(found[0], found[1]) {
                if let number = value.exact, Int(number) % 3 == start,
                    case .int64(let place) = address
                {
                    addresses.append(place)
                }
            }
            try transaction.delete([DeletedRows(slice: 0, addresses: addresses)], from: table.id)
            try transaction.commit()
        }
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        let version = try #require(store.current.tableVersion(table.id))
        let wanted = integers(0..<3010).filter { Int($0.exact ?? 0) % 3 == 2 }
        #expect(try rows(version, cache: store.cache) == [wanted])
        #expect(try version.rowCount == wanted.count)
    }

    @Test func `rows are sorted by the sort key with NULLs last`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        let transaction = store.begin()
        let table = try transaction.createTable(
            definition("t", [.integer, .varchar(10)], sortKey: [0])
        )
        let numbers: [Datum] = [.int64(5), .null, .int64(1), .int64(5), .int64(3)]
        let texts: [Datum] = ["a", "b", "c", "d", "e"].map { .text($0) }
        try transaction.insert([numbers, texts], into: table)
        let version = try #require(transaction.view.tableVersion(table.id))
        #expect(
            try rows(version, cache: store.cache) == [
                [.int64(1), .int64(3), .int64(5), .int64(5), .null],
                ["c", "e", "a", "d", "b"].map { .text($0) },
            ]
        )
    }

    @Test func `appends to a newer version pass, other changes conflict`() throws {
        let scratch = try ScratchDirectory()
        let store = try makeStore(scratch)
        defer { store.close() }
        var first = store.begin()
        let table = try first.createTable(definition("t", [.integer]))
        try first.insert([integers(0..<1)], into: table)
        try first.commit()
        first = store.begin()
        let second = store.begin()
        let third = store.begin()
        try first.insert([integers(1..<2)], into: table)
        try second.insert([integers(2..<3)], into: table)
        try third.delete([DeletedRows(slice: 0, addresses: [0])], from: table.id)
        try first.commit()
        try second.commit()
        let error = #expect(throws: SQLError.self) { try third.commit() }
        #expect(error?.state == .serializationFailure)
        let version = try #require(store.current.tableVersion(table.id))
        #expect(try rows(version, cache: store.cache) == [integers(0..<3)])
        #expect(StoreCheck.faults(of: store).isEmpty)
    }

    @Test func `temporary tables leave nothing behind`() throws {
        let scratch = try ScratchDirectory()
        var store = try makeStore(scratch)
        let temporary = TemporaryTables()
        var transaction: StoreTransaction? = store.begin(temporary: temporary)
        let table = try #require(
            try transaction?.createTable(definition("t", [.varchar(60)], isTemporary: true))
        )
        let texts = (0..<20_000).map { Datum.text("some text \(hashWord(UInt64($0)))") }
        try transaction?.insert([texts], into: table)
        try transaction?.commit()
        #expect(store.current.table(schema: "pg_temp", name: "t") == nil)
        do {
            let view = try #require(transaction?.view)
            #expect(view.table(schema: "pg_temp", name: "t") == table)
            let version = try #require(view.tableVersion(table.id))
            #expect(try rows(version, cache: store.cache) == [texts])
        }
        #expect(try !scratch.blockFiles(shape).isEmpty)
        temporary.removeAll()
        transaction = nil
        #expect(try scratch.blockFiles(shape).isEmpty)
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        #expect(store.current.schemaNames == ["public"])
        store.close()
    }

    @Test func `what is not a warehouse is refused`() throws {
        let scratch = try ScratchDirectory()
        let files = scratch.files
        var error = #expect(throws: SQLError.self) {
            _ = try Store.open(at: scratch.warehouse, files: files)
        }
        #expect(error?.state == .undefinedFile)
        try files.makeDirectories(scratch.warehouse)
        try files.write(Array("hello".utf8), to: "\(scratch.warehouse)/notes.txt")
        error = #expect(throws: SQLError.self) {
            _ = try Store.open(at: scratch.warehouse, files: files)
        }
        #expect(error?.state == .undefinedFile)
        error = #expect(throws: SQLError.self) {
            try Store.create(at: scratch.warehouse, shape: shape, files: files)
        }
        #expect(error?.state == .objectInUse)
        try files.remove("\(scratch.warehouse)/notes.txt")
        try Store.create(at: scratch.warehouse, shape: shape, files: files)
        error = #expect(throws: SQLError.self) {
            try Store.create(at: scratch.warehouse, shape: shape, files: files)
        }
        #expect(error?.state == .duplicateObject)
        // A newer format, as SQLite's header has it at byte 60.
        let catalog = "\(scratch.warehouse)/catalog.sqlite"
        var bytes = try files.contents(of: catalog)
        bytes[63] = 9
        try files.write(bytes, to: catalog)
        error = #expect(throws: SQLError.self) {
            _ = try Store.open(at: scratch.warehouse, files: files)
        }
        #expect(error?.state == .featureNotSupported)
        #expect(error?.message.contains("version 9") ?? false)
    }

    @Test func `a second opening is refused, readers share`() throws {
        let scratch = try ScratchDirectory()
        var store = try makeStore(scratch)
        let error = #expect(throws: SQLError.self) {
            _ = try Store.open(at: scratch.warehouse, files: scratch.files)
        }
        #expect(error?.state == .objectInUse)
        #expect(error?.message.contains("process ") ?? false)
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files, isReadOnly: true)
        let other = try Store.open(at: scratch.warehouse, files: scratch.files, isReadOnly: true)
        let transaction = other.begin()
        _ = try transaction.createTable(definition("t", [.integer]))
        let refused = #expect(throws: SQLError.self) { try transaction.commit() }
        #expect(refused?.state == .readOnlySQLTransaction)
        other.close()
        store.close()
    }

    @Test func `load errors are kept in the history`() throws {
        let scratch = try ScratchDirectory()
        var store = try makeStore(scratch)
        #expect(try store.history.loadErrors().isEmpty)
        var row = LoadErrorRow()
        row.fileName = "a.tbl"
        row.lineNumber = 7
        row.errorCode = 1207
        row.startOffset = 4_096
        try store.history.recordLoadErrors([row])
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        #expect(try store.history.loadErrors() == [row])
        store.close()
    }
}
