import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct FaultTests {
    static let shape = CommitScript.shape

    static func integers(_ range: Range<Int>) -> [Datum] { CommitScript.integers(range) }

    static func texts(_ range: Range<Int>) -> [Datum] { CommitScript.texts(range) }

    static func state(_ store: Store) throws -> [String: [Datum]] {
        try CommitScript.contents(of: store)
    }

    @Test func `a flipped bit gives an error, never another answer`() throws {
        let scratch = try ScratchDirectory()
        let files = scratch.files
        try Store.create(at: scratch.warehouse, shape: Self.shape, files: files)
        var store = try Store.open(at: scratch.warehouse, files: files)
        let transaction = store.begin()
        let a = try transaction.createTable(definition("a", [.integer, .varchar(60)]))
        let b = try transaction.createTable(definition("b", [.integer, .varchar(60)]))
        try transaction.insert([Self.integers(0..<4000), Self.texts(0..<4000)], into: a)
        try transaction.insert([Self.integers(0..<50), Self.texts(0..<50)], into: b)
        try transaction.delete([DeletedRows(slice: 0, addresses: [7, 9])], from: b.id)
        try transaction.commit()
        let wanted = try Self.state(store)
        store.close()
        var paths = try scratch.blockFiles(Self.shape)
        paths.append("\(scratch.warehouse)/catalog.sqlite")
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        var noticed = 0
        for round in 0..<flipCount {
            let path = paths[round % paths.count]
            let original = try files.contents(of: path)
            var bytes = original
            let bit = Int(hashWord(seed &+ UInt64(round)) % UInt64(bytes.count * 8))
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try files.write(bytes, to: path)
            do {
                store = try Store.open(at: scratch.warehouse, files: files, isReadOnly: true)
                defer { store.close() }
                for (name, data) in wanted {
                    let table = try #require(
                        store.current.table(schema: "public", name: name),
                        "seed \(seed), bit \(bit) of \(path)"
                    )
                    let version = try #require(store.current.tableVersion(table.id))
                    do {
                        let found = try rows(version, cache: store.cache)
                        #expect(found[0] == data, "seed \(seed), bit \(bit) of \(path)")
                    } catch let error as SQLError {
                        noticed += 1
                        #expect(error.state == .dataCorrupted)
                        if path.hasSuffix(".blocks") {
                            #expect(error.message.contains("slice 0"))
                            #expect(error.message.contains(path))
                        }
                    }
                }
            } catch is SQLError {
                noticed += 1
            }
            try files.write(original, to: path)
        }
        #expect(noticed > flipCount / 3)
    }

    /// Flips per run of the tests; the kill and flip stress runs many more.
    private let flipCount = 400

    @Test func `a missing file is an error that names it, and other tables work`() throws {
        let scratch = try ScratchDirectory()
        let files = scratch.files
        try Store.create(at: scratch.warehouse, shape: Self.shape, files: files)
        let store = try Store.open(at: scratch.warehouse, files: files)
        defer { store.close() }
        let transaction = store.begin()
        let a = try transaction.createTable(definition("a", [.integer, .varchar(60)]))
        let b = try transaction.createTable(definition("b", [.integer]))
        try transaction.insert([Self.integers(0..<4000), Self.texts(0..<4000)], into: a)
        try transaction.insert([Self.integers(0..<50)], into: b)
        try transaction.commit()
        for path in try scratch.blockFiles(Self.shape) { try files.remove(path) }
        let damaged = try #require(store.current.tableVersion(a.id))
        let error = #expect(throws: SQLError.self) {
            _ = try rows(damaged, cache: store.cache)
        }
        #expect(error?.state == .dataCorrupted)
        #expect(error?.message.contains(".blocks") ?? false)
        let sound = try #require(store.current.tableVersion(b.id))
        #expect(try rows(sound, cache: store.cache) == [Self.integers(0..<50)])
        #expect(!StoreCheck.faults(of: store).isEmpty)
        let drop = store.begin()
        try drop.dropTable(a.id)
        try drop.commit()
        #expect(StoreCheck.faults(of: store).isEmpty)
    }
}
