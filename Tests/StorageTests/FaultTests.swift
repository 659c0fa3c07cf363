import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct FaultTests {
    static let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 2)

    static func integers(_ range: Range<Int>) -> [Datum] { range.map { .int64(Int64($0)) } }

    static func texts(_ range: Range<Int>) -> [Datum] {
        // Random enough that 4,000 of them do not fit into the catalog.
        range.map { row in
            let words = (0..<4).map { "\(hashWord(UInt64(row * 4 + $0)))" }
            return .text(words.joined())
        }
    }

    /// What the tables hold after each commit of the script.
    static let states: [[String: [Datum]]] = [
        [:],
        ["a": integers(0..<4000), "b": integers(0..<3)],
        ["a": integers(0..<4000).filter { ($0.exact ?? 0) % 2 == 1 }, "b": integers(0..<3)],
        [
            "a": integers(0..<4000).filter { ($0.exact ?? 0) % 2 == 1 } + integers(5000..<9000),
            "b": integers(0..<3),
        ],
        ["b": integers(0..<3)],
    ]

    /// Makes a warehouse and changes it; says how many commits were acknowledged.
    static func runScript(_ path: String, _ files: any FileSystem, _ acknowledged: inout Int) throws
    {
        try Store.create(at: path, shape: shape, files: files)
        let store = try Store.open(at: path, files: files)
        defer { store.close() }
        var transaction = store.begin()
        let a = try transaction.createTable(definition("a", [.integer, .varchar(60)]))
        let b = try transaction.createTable(definition("b", [.integer]))
        try transaction.insert([integers(0..<4000), texts(0..<4000)], into: a)
        try transaction.insert([integers(0..<3)], into: b, slice: 1)
        try transaction.commit()
        acknowledged = 1
        transaction = store.begin()
        let version = try #require(transaction.view.tableVersion(a.id))
        let found = try rows(version, columns: [0], emitsRowAddresses: true, cache: store.cache)
        let even = zip(found[0], found[1]).filter { ($0.0.exact ?? 0) % 2 == 0 }
        let addresses = even.compactMap { pair -> RowAddress? in
            if case .int64(let address) = pair.1 { address } else { nil }
        }
        try transaction.delete([DeletedRows(slice: 0, addresses: addresses)], from: a.id)
        try transaction.commit()
        acknowledged = 2
        transaction = store.begin()
        try transaction.insert([integers(5000..<9000), texts(5000..<9000)], into: a)
        try transaction.commit()
        acknowledged = 3
        transaction = store.begin()
        try transaction.dropTable(a.id)
        try transaction.commit()
        acknowledged = 4
    }

    static func state(_ store: Store) throws -> [String: [Datum]] {
        var state: [String: [Datum]] = [:]
        for table in store.current.tables(inSchema: "public") {
            let version = try #require(store.current.tableVersion(table.id))
            var all: [Datum] = []
            for slice in 0..<shape.sliceCount {
                all += try rows(version, slice: slice, cache: store.cache)[0]
            }
            state[table.name] = all
        }
        return state
    }

    @Test(arguments: FileFault.allCases)
    func `whichever call fails, acknowledged commits stay and nothing else`(
        fault: FileFault
    ) throws {
        var number = 1
        while true {
            let scratch = try ScratchDirectory()
            let files = FaultyFiles()
            files.failCall(number, with: fault)
            var acknowledged = 0
            do {
                try Self.runScript(scratch.warehouse, files, &acknowledged)
            } catch is SQLError {
                // Expected; what counts is what is left.
            }
            let isDone = !files.hasFailed
            files.heal()
            if fault == .crash { try files.loseUnsynced() }
            try checkWhatIsLeft(scratch, acknowledged, "call \(number) of \(fault)")
            if isDone { break }
            number += 1
        }
        #expect(number > 50)
    }

    private func checkWhatIsLeft(
        _ scratch: ScratchDirectory,
        _ acknowledged: Int,
        _ label: String
    ) throws {
        let files = PosixFiles()
        if try files.status("\(scratch.warehouse)/catalog.sqlite") == nil {
            #expect(acknowledged == 0, "\(label)")
            try Store.create(at: scratch.warehouse, shape: Self.shape, files: files)
        }
        let store = try Store.open(at: scratch.warehouse, files: files)
        defer { store.close() }
        let found = try Self.state(store)
        #expect(found == Self.states[acknowledged], "\(label)")
        #expect(StoreCheck.faults(of: store).isEmpty, "\(label)")
        var named: Set<String> = []
        for version in store.current.versions.values {
            for visible in try version.contents().slices.joined() {
                if case .files(let kept) = visible.extent.storage { named.formUnion(kept.paths) }
            }
        }
        for path in try scratch.blockFiles(Self.shape) {
            #expect(named.contains(path), "\(label): \(path) is an orphan")
        }
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
