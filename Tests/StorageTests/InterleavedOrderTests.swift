import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct InterleavedOrderTests {
    private func table(_ columns: Int, in store: Store) throws -> (TableVersion, [[Datum]]) {
        let count = 40_000
        let types = [DataType](repeating: .integer, count: columns) + [.integer]
        let data =
            (0..<columns).map { column in
                (0..<count).map { row in
                    Datum.int64(Int64(hashWord(UInt64(row * 16 + column)) % 1_000_000))
                }
            } + [(0..<count).map { Datum.int64(Int64($0)) }]
        let transaction = store.begin()
        let table = try transaction.createTable(
            definition("t", types, sortKey: Array(0..<columns), isInterleaved: true)
        )
        try transaction.insert(data, into: table)
        try transaction.commit()
        return (try #require(store.current.tableVersion(table.id)), data)
    }

    /// Of 39 units a range of a tenth of one column's values leaves most unread, for every column.
    @Test(arguments: [1, 2, 3, 4])
    func `a range of any key column skips units`(columns: Int) throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, data) = try table(columns, in: store)
        for column in 0..<columns {
            let scan = TableScan(
                version,
                share: .slice(0),
                request: ScanRequest(
                    columns: [columns],
                    predicates: [
                        ScanPredicate(
                            column: column,
                            test: .range(
                                low: .int64(520_000),
                                lowIncluded: true,
                                high: .int64(600_000),
                                highIncluded: false
                            )
                        )
                    ]
                ),
                cache: store.cache
            )
            let found = try collect(scan, width: 1)[0]
            let wanted = data[column].indices.filter {
                (520_000..<600_000).contains(data[column][$0].exact ?? 0)
            }
            #expect(Set(found) == Set(wanted.map { Datum.int64(Int64($0)) }))
            #expect(found.count == wanted.count)
            let units = scan.counters.unitsRead + scan.counters.unitsSkipped
            #expect(units == 40)
            #expect(scan.counters.unitsSkipped >= 10, "column \(column) of \(columns)")
        }
    }

    @Test func `equal values share a rank, NULLs are last, and ties keep their order`() throws {
        let values: [Datum] = [.int64(3), .null, .int64(1), .int64(3), .int64(1), .null]
        let column = Vector.of(values, physical: .int64)
        #expect(try interleavedPermutation([column], count: 6) == [2, 4, 0, 3, 1, 5])
        let constant = Vector.of([Datum](repeating: .int64(7), count: 6), physical: .int64)
        #expect(try interleavedPermutation([constant, column], count: 6) == [2, 4, 0, 3, 1, 5])
        #expect(try interleavedPermutation([], count: 3) == [0, 1, 2])
    }

    @Test func `texts, wide decimals and floats are keys too`() throws {
        let texts = Vector.of([.text("b"), .text("a"), .text("c")], physical: .string)
        let wide = Vector.of(
            [.int128(2), .int128(1), .int128(1 << 100)],
            physical: .int128
        )
        let floats = Vector.of(
            [.float64(0), .float64(-1), .float64(.infinity)],
            physical: .float64
        )
        #expect(try interleavedPermutation([texts, wide, floats], count: 3) == [1, 0, 2])
    }

    @Test func `no column counts as ascending, and the definition survives`() throws {
        let scratch = try ScratchDirectory()
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 1)
        try Store.create(at: scratch.warehouse, shape: shape, files: scratch.files)
        var store = try Store.open(at: scratch.warehouse, files: scratch.files)
        let (version, _) = try table(2, in: store)
        #expect(try !version.isAscending(0, on: 0))
        #expect(try version.sortedRowsPerSlice() == [40_000])
        store.close()
        store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        let key = try #require(store.current.table(schema: "public", name: "t")).sortKey
        #expect(key == SortKey(columns: [0, 1], isInterleaved: true))
        #expect([0, 1, 2].map { key.displayPosition(of: $0) } == [-1, 2, 0])
    }
}
