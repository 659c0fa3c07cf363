import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct VacuumTests {
    private static let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 2)

    /// A warehouse with one table, open.
    private final class Rig {
        let scratch: ScratchDirectory
        private(set) var store: Store
        let table: TableDefinition

        init(_ wanted: TableDefinition) throws {
            scratch = try ScratchDirectory()
            try Store.create(at: scratch.warehouse, shape: shape, files: scratch.files)
            store = try Store.open(at: scratch.warehouse, files: scratch.files)
            let transaction = store.begin()
            table = try transaction.createTable(wanted)
            try transaction.commit()
        }

        deinit { store.close() }

        func reopen() throws {
            store.close()
            store = try Store.open(at: scratch.warehouse, files: scratch.files)
        }

        var version: TableVersion {
            get throws { try #require(store.current.tableVersion(table.id)) }
        }

        func insert(
            _ columns: [[Datum]],
            slice: SliceID = 0,
            byteCountMax: Int = 64 << 20
        ) throws {
            let transaction = store.begin()
            try transaction.insert(columns, into: table, slice: slice, byteCountMax: byteCountMax)
            try transaction.commit()
        }

        /// Deletes rows of slice 0 by their first column.
        func delete(
            in transaction: StoreTransaction? = nil,
            where isDeleted: (Int) -> Bool
        ) throws {
            let open = transaction ?? store.begin()
            let seen = try #require(open.view.tableVersion(table.id))
            let found = try rows(seen, columns: [0], emitsRowAddresses: true, cache: store.cache)
            let addresses = zip(found[0], found[1]).compactMap { pair -> RowAddress? in
                guard let value = pair.0.exact, isDeleted(Int(value)),
                    case .int64(let address) = pair.1
                else { return nil }
                return address
            }
            try open.delete([DeletedRows(slice: 0, addresses: addresses)], from: table.id)
            if transaction == nil { try open.commit() }
        }

        func contents(slice: SliceID = 0) throws -> [[Datum]] {
            try rows(version, slice: slice, cache: store.cache)
        }

        func blockByteCount() throws -> Int {
            try scratch.blockFiles(shape).reduce(0) { total, path in
                total + (try scratch.files.status(path)?.byteCount ?? 0)
            }
        }
    }

    private static func integers(_ values: some Sequence<Int>) -> [Datum] {
        values.map { .int64(Int64($0)) }
    }

    /// Whether rows ascend by the columns, NULLs last.
    private func ascends(_ rows: [[Datum]], by keys: [Int]) -> Bool {
        let order = SortOrder(ascending: true, nullsFirst: false)
        let types = keys.map { key -> PhysicalType in
            rows[key].contains { if case .string = $0 { true } else { false } } ? .string : .int64
        }
        let vectors = zip(keys, types).map { Vector.of(rows[$0], physical: $1) }
        return (1..<max(1, rows[0].count)).allSatisfy { row in
            for vector in vectors {
                let found = compareOrdered(vector, row - 1, vector, row, order)
                if found != 0 { return found < 0 }
            }
            return true
        }
    }

    @Test(arguments: [1 << 10, 4 << 20, 256 << 20])
    func `many overlapping extents become one order, in as little memory as there is`(
        memory: Int
    ) throws {
        let types: [DataType] = [.integer, .varchar(60), .varchar(200)]
        let rig = try Rig(definition("t", types, sortKey: [1, 0]))
        var expected: [Int] = []
        for load in 0..<23 {
            let numbers = (0..<1500).map { row in
                Int(hashWord(UInt64(load * 7919 + row)) % 1_000_000)
            }
            expected += numbers
            try rig.insert([
                Self.integers(numbers),
                numbers.map { $0 % 11 == 0 ? .null : .text("a long common beginning \($0 % 5)") },
                numbers.map { .text(String(repeating: "x\($0)", count: 12)) },
            ])
        }
        #expect(try rig.version.sortedRowsPerSlice()[0] == 1500)
        try vacuum(rig.table.id, .full, in: rig.store, memoryByteCountMax: memory)
        let found = try rig.contents()
        #expect(found[0].compactMap { $0.exact.map { Int($0) } }.sorted() == expected.sorted())
        #expect(ascends(found, by: [1, 0]))
        for row in found[0].indices {
            let number = Int(try #require(found[0][row].exact))
            #expect(found[2][row] == .text(String(repeating: "x\(number)", count: 12)))
        }
        // Leading keys are equal at the extents' borders, where there are several.
        let extents = try rig.version.extents(of: 0).count
        #expect(memory > 4 << 20 ? extents == 1 : extents > 1)
        #expect(try rig.version.sortedRowsPerSlice()[0] == 23 * 1500)
        #expect(StoreCheck.faults(of: rig.store).isEmpty)
        try rig.reopen()
        #expect(try rig.version.sortedRowsPerSlice()[0] == 23 * 1500)
        #expect(try rig.contents() == found)
        let statistics = try rig.version.statistics()
        #expect(statistics.rowCount == 23 * 1500)
        #expect(statistics.columns[1].distinctCount == 5)
        let nulls = expected.count { $0 % 11 == 0 }
        #expect(statistics.columns[1].nullFraction == Double(nulls) / Double(expected.count))
        // Nothing is left to do, and what comes behind stays behind.
        #expect(
            try vacuum(rig.table.id, .full, to: 100, in: rig.store, memoryByteCountMax: memory)
                == 0
        )
        try rig.insert([Self.integers([5]), [.text("a")], [.text("b")]])
        #expect(try rig.version.sortedRowsPerSlice()[0] == 23 * 1500)
        try vacuum(rig.table.id, .sortOnly, to: 100, in: rig.store)
        #expect(try rig.version.sortedRowsPerSlice()[0] == 23 * 1500 + 1)
        #expect(ascends(try rig.contents(), by: [1, 0]))
    }

    @Test func `what lies in front of all unsorted rows is not written again`() throws {
        let rig = try Rig(definition("t", [.integer], sortKey: [0]))
        for load in 0..<10 { try rig.insert([Self.integers(load * 100..<load * 100 + 100)]) }
        let before = try rig.version.extents(of: 0)
        try rig.insert([Self.integers(stride(from: 750, to: 1300, by: 3))])
        let runs = try rig.version.vacuumRuns(
            .sortOnly,
            thresholdPercent: 100,
            memoryByteCountMax: 64 << 20
        )
        #expect(runs.map(\.places) == [7..<11])
        try vacuum(rig.table.id, .sortOnly, in: rig.store)
        let after = try rig.version.extents(of: 0)
        #expect(after.count == 8)
        #expect(zip(before.prefix(7), after).allSatisfy { $0.extent === $1.extent })
        #expect(ascends(try rig.contents(), by: [0]))
    }

    @Test func `extents with the greatest share of deleted rows go first`() throws {
        // Full by their bytes, so that none is merged for being small.
        let types: [DataType] = [.integer, .varchar(2000)]
        let rig = try Rig(definition("t", types, encodings: [.raw, .lzo], sortKey: [0]))
        let memory = 16 << 20
        let text = String(repeating: "some text ", count: 200)
        for load in 0..<4 {
            let numbers = load * 1000..<(load + 1) * 1000
            try rig.insert([Self.integers(numbers), numbers.map { _ in .text(text) }])
        }
        try rig.delete { $0 < 100 || $0 >= 3000 && $0 < 3333 }
        let before = try rig.version.extents(of: 0)
        try vacuum(rig.table.id, .deleteOnly, in: rig.store, memoryByteCountMax: memory)
        let after = try rig.version.extents(of: 0)
        #expect(after.map(\.extent.rowCount) == [1000, 1000, 1000, 667])
        #expect(after[0].deletes?.count == 100)
        #expect(zip(before.prefix(3), after).allSatisfy { $0.extent === $1.extent })
        try vacuum(rig.table.id, .full, to: 100, in: rig.store, memoryByteCountMax: memory)
        #expect(try rig.version.storedRowCount == 3567)
        #expect(try rig.version.sortedRowsPerSlice()[0] == 3567)
    }

    // MARK: Side by side

    @Test func `a reader keeps its rows and its files across VACUUM`() throws {
        let rig = try Rig(definition("t", [.integer, .varchar(80)]))
        try rig.insert([Self.integers(0..<4000), CommitScript.texts(0..<4000)])
        try rig.delete { $0 % 2 == 0 }
        var pinned: TableVersion? = try rig.version
        let files = try rig.scratch.blockFiles(Self.shape)
        #expect(!files.isEmpty)
        try vacuum(rig.table.id, .full, in: rig.store)
        try vacuum(rig.table.id, .full, in: rig.store)
        let odd = Self.integers((0..<4000).filter { $0 % 2 == 1 })
        #expect(try rows(#require(pinned), cache: BlockCache(byteCountMax: 0))[0] == odd)
        #expect(try rig.contents()[0] == odd)
        #expect(Set(try rig.scratch.blockFiles(Self.shape)).isSuperset(of: files))
        pinned = nil
        #expect(Set(try rig.scratch.blockFiles(Self.shape)).isDisjoint(with: files))
        #expect(try StoreCheck.orphans(of: rig.store).isEmpty)
    }

    @Test func `what others commit while rows are rewritten is kept`() throws {
        let rig = try Rig(definition("t", [.integer]))
        for load in 0..<4 { try rig.insert([Self.integers(load * 10..<load * 10 + 10)]) }
        let base = try rig.version
        let runs = try base.vacuumRuns(
            .deleteOnly,
            thresholdPercent: 95,
            memoryByteCountMax: 64 << 20
        )
        #expect(runs.map(\.places) == [0..<4])
        let done = try rewrite(runs, of: base, in: rig.store)
        try rig.insert([Self.integers(100..<105)])
        #expect(try rig.store.replace(done, of: base))
        #expect(try rig.version.extents(of: 0).map(\.ordinal) == [0, 4])
        #expect(try rig.contents()[0] == Self.integers(Array(0..<40) + Array(100..<105)))
        // Rows deleted elsewhere are kept too, those of a rewritten extent stop the replacement.
        let next = try rig.version
        let first = [ExtentRun(slice: 0, places: 0..<1)]
        let again = try rewrite(first, of: next, in: rig.store)
        try rig.delete { $0 == 101 }
        #expect(try rig.store.replace(again, of: next))
        let last = try rig.version
        let lost = try rewrite(first, of: last, in: rig.store)
        try rig.delete { $0 == 7 }
        #expect(try !rig.store.replace(lost, of: last))
        let left = (Array(0..<40) + Array(100..<105)).filter { $0 != 7 && $0 != 101 }
        #expect(try rig.contents()[0] == Self.integers(left))
        try rig.reopen()
        #expect(try rig.contents()[0] == Self.integers(left))
    }

    @Test func `transactions that began before VACUUM commit after it`() throws {
        let rig = try Rig(definition("t", [.integer]))
        for load in 0..<4 { try rig.insert([Self.integers(load * 10..<load * 10 + 10)]) }
        // One that adds rows, and notes numbers it has used.
        let adding = rig.store.begin()
        try adding.insert([Self.integers(50..<52)], into: rig.table)
        try adding.advanceIdentity(of: rig.table.id, to: 77)
        try vacuum(rig.table.id, .full, in: rig.store)
        try adding.commit()
        #expect(try rig.contents()[0] == Self.integers(Array(0..<40) + [50, 51]))
        #expect(try rig.version.identityPosition == 77)
        #expect(try rig.version.extents(of: 0).count == 2)
        // One that deletes: its extents take their place again.
        try rig.insert([Self.integers(60..<62)])
        let deleting = rig.store.begin()
        try rig.delete(in: deleting) { $0 % 2 == 0 }
        try vacuum(rig.table.id, .full, in: rig.store)
        #expect(try rig.version.extents(of: 0).count == 1)
        try deleting.commit()
        let odd = (Array(0..<40) + [50, 51, 60, 61]).filter { $0 % 2 == 1 }
        #expect(try rig.contents()[0] == Self.integers(odd))
        #expect(try rig.version.extents(of: 0).count == 3)
        // One that changes rows still meets another that did.
        let first = rig.store.begin()
        let second = rig.store.begin()
        try rig.delete(in: first) { $0 == 1 }
        try rig.delete(in: second) { $0 == 3 }
        try vacuum(rig.table.id, .full, in: rig.store)
        try first.commit()
        let error = #expect(throws: SQLError.self) { try second.commit() }
        #expect(error?.state == .serializationFailure)
        try rig.reopen()
        #expect(try rig.contents()[0] == Self.integers(odd.filter { $0 != 1 }))
        #expect(try StoreCheck.orphans(of: rig.store).isEmpty)
    }

    // MARK: Room

    /// Encodings with a type they take.
    private static let encodings: [(ColumnEncoding, DataType)] = [
        (.raw, .integer), (.az64, .bigint), (.bytedict, .integer), (.delta, .integer),
        (.delta32k, .bigint), (.lzo, .varchar(40)), (.mostly8, .integer), (.mostly16, .bigint),
        (.mostly32, .bigint), (.runlength, .varchar(40)), (.text255, .varchar(40)),
        (.text32k, .varchar(40)), (.zstd, .varchar(40)), (.automatic, .varchar(40)),
        (.automatic, .doublePrecision), (.automatic, .decimal(precision: 38, scale: 2)),
    ]

    private func values(_ numbers: some Sequence<Int>) -> [[Datum]] {
        let numbers = Array(numbers)
        return [Self.integers(numbers)]
            + Self.encodings.map { encoding, type in
                numbers.map { number in
                    switch type.physical {
                    case .string: .text("word \(hashWord(UInt64(number)) % 500) of \(encoding)")
                    case .float64: .float64(Double(number) / 8)
                    case .int128: .int128(Int128(number) << 40)
                    default: .int64(Int64(number % 100))
                    }
                }
            }
    }

    @Test func `after any changes and VACUUM the files are as small as after a fresh load`() throws
    {
        let wanted = definition(
            "t",
            [.integer] + Self.encodings.map(\.1),
            encodings: [.raw] + Self.encodings.map(\.0),
            sortKey: [0]
        )
        let rig = try Rig(wanted)
        let fresh = try Rig(wanted)
        for load in 0..<6 { try rig.insert(values(load * 1500..<load * 1500 + 1500)) }
        for round in 0..<5 {
            try rig.delete { $0 % 7 == round }
            let transaction = rig.store.begin()
            try rig.delete(in: transaction) { $0 % 11 == round }
            try transaction.insert(
                values(20_000 + round * 500..<20_500 + round * 500),
                into: rig.table
            )
            try transaction.commit()
        }
        for single in 0..<20 { try rig.insert(values([30_000 + single])) }
        let grown = try rig.blockByteCount()
        try vacuum(rig.table.id, .full, to: 100, in: rig.store)
        let left = try rig.contents()
        try fresh.insert(left)
        let (size, expected) = (try rig.blockByteCount(), try fresh.blockByteCount())
        #expect(expected > 64 << 10)
        #expect(size < grown)
        #expect(Double(size) <= 1.2 * Double(expected), "\(size) bytes, freshly \(expected)")
        #expect(try fresh.contents() == left)
        #expect(StoreCheck.faults(of: rig.store).isEmpty)
        #expect(try StoreCheck.orphans(of: rig.store).isEmpty)
        #expect(
            try rig.version.blockList().map(\.encoding) == fresh.version.blockList().map(\.encoding)
        )
        // Without rows nothing is left at all.
        try rig.delete { _ in true }
        try vacuum(rig.table.id, .deleteOnly, in: rig.store)
        #expect(try rig.blockByteCount() == 0)
        #expect(try rig.version.storedRowCount == 0)
        try rig.insert(values(0..<10))
        #expect(try rig.contents()[0] == Self.integers(0..<10))
    }
}
