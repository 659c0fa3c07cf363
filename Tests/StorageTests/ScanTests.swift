import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct ScanTests {
    /// A table of 20,000 rows: c0 ascends, c1 repeats 0 … 99, c2 few texts, c3 many, c4 floats.
    private func makeTable(_ store: Store) throws -> (TableVersion, [[Datum]]) {
        let transaction = store.begin()
        let table = try transaction.createTable(
            definition(
                "t",
                [.integer, .integer, .varchar(20), .varchar(60), .doublePrecision]
            )
        )
        let count = 20_000
        let data: [[Datum]] = [
            (0..<count).map { .int64(Int64($0)) },
            (0..<count).map { $0 % 11 == 0 ? .null : .int64(Int64($0 % 100)) },
            (0..<count).map { .text("word \($0 % 17)") },
            (0..<count).map { .text("comment \(hashWord(UInt64($0))) on row \($0)") },
            (0..<count).map { .float64(Double($0 % 1000) / 4) },
        ]
        try transaction.insert(data, into: table)
        try transaction.commit()
        return (try #require(store.current.tableVersion(table.id)), data)
    }

    private func number(_ datum: Datum, else other: Int = -1) -> Int {
        datum.exact.map { Int($0) } ?? other
    }

    @Test func `predicates keep the rows they should`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, data) = try makeTable(store)
        func range(
            _ low: Datum?,
            _ high: Datum?,
            _ isLow: Bool = true,
            _ isHigh: Bool = true
        )
            -> ScanTest
        {
            .range(low: low, lowIncluded: isLow, high: high, highIncluded: isHigh)
        }
        let cases: [(Int, ScanTest, (Datum) -> Bool)] = [
            (
                0, range(.int64(5000), .int64(5100)),
                { (5000...5100).contains(self.number($0, else: -1)) }
            ),
            (0, range(.int64(5000), nil, false), { self.number($0, else: -1) > 5000 }),
            (0, range(nil, .int64(77), true, false), { self.number($0, else: -1) < 77 }),
            (0, range(.int64(.max), nil, false), { _ in false }),
            (1, range(.int64(10), .int64(12)), { (10...12).contains(self.number($0)) }),
            (
                1, .oneOf([.int64(3), .int64(99), .int64(1000)]),
                {
                    [3, 99].contains(self.number($0))
                }
            ),
            (1, .notEqual(.int64(50)), { !$0.isNull && self.number($0) != 50 }),
            (1, .isNull, { $0.isNull }),
            (1, .isNotNull, { !$0.isNull }),
            (2, range(.text("word 3"), .text("word 3")), { $0 == .text("word 3") }),
            (
                2, .oneOf([.text("word 3"), .text("word 16"), .text("x")]),
                {
                    $0 == .text("word 3") || $0 == .text("word 16")
                }
            ),
            (2, .notEqual(.text("word 3")), { $0 != .text("word 3") }),
            (3, range(.text("comment 5"), nil), { ($0.text ?? "") >= "comment 5" }),
            (
                3, range(.text("comment 1"), .text("comment 2"), true, false),
                {
                    ($0.text ?? "") >= "comment 1" && ($0.text ?? "") < "comment 2"
                }
            ),
            (
                4, range(.float64(10), .float64(11.5)),
                {
                    if case .float64(let value) = $0 { (10...11.5).contains(value) } else { false }
                }
            ),
        ]
        for (index, (column, test, isKept)) in cases.enumerated() {
            let found = try rows(
                version,
                where: [ScanPredicate(column: column, test: test)],
                cache: store.cache
            )
            let kept = data[column].indices.filter { isKept(data[column][$0]) }
            for output in data.indices {
                #expect(found[output] == kept.map { data[output][$0] }, "case \(index)")
            }
        }
    }

    @Test func `units that cannot match are skipped`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, _) = try makeTable(store)
        let scan = TableScan(
            version,
            share: .slice(0),
            request: ScanRequest(
                columns: [0, 3],
                predicates: [
                    ScanPredicate(
                        column: 0,
                        test: .range(
                            low: .int64(5000),
                            lowIncluded: true,
                            high: .int64(5100),
                            highIncluded: true
                        )
                    )
                ]
            ),
            cache: store.cache
        )
        #expect(try collect(scan, width: 2)[0].count == 101)
        #expect(scan.counters.unitsRead == 1)
        #expect(scan.counters.unitsSkipped == 19)
        #expect(scan.counters.rowsScanned == 1024)
        #expect(scan.counters.rowsPassed == 101)
    }

    @Test func `dealt shares cover every row once`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, data) = try makeTable(store)
        for count in [1, 3, 4, 32] {
            var all: [Datum] = []
            for index in 0..<count {
                let scan = TableScan(
                    version,
                    share: .dealt(index: index, of: count, copyOnSlice: 0),
                    request: ScanRequest(columns: [0]),
                    cache: store.cache
                )
                all += try collect(scan, width: 1)[0]
            }
            #expect(all == data[0])
        }
    }

    @Test func `small extents come in full chunks`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.integer, .varchar(9)]))
        for row in 0..<40 {
            try transaction.insert([[.int64(Int64(row))], [.text("r\(row)")]], into: table)
        }
        try transaction.commit()
        let version = try #require(store.current.tableVersion(table.id))
        let scan = TableScan(
            version,
            share: .slice(0),
            request: ScanRequest(columns: [0, 1]),
            cache: store.cache
        )
        var chunks: [Int] = []
        while let chunk = try scan.next() { chunks.append(chunk.count) }
        #expect(chunks.reduce(0, +) == 40)
        #expect(chunks.count <= 3)
    }

    private final class EvenKeys: RuntimeFilter {
        let bounds: ClosedRange<Int64>? = 4096...8191
        func restrict(_ keys: Vector, count: Int, bits: UnsafeMutablePointer<UInt64>) {
            for row in 0..<count {
                let isEven = (keys.datum(row).exact ?? 1) % 2 == 0
                if !isEven { bits[row >> 6] &= ~(1 << UInt64(row & 63)) }
            }
        }
    }

    @Test func `runtime filters skip and restrict`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, _) = try makeTable(store)
        let scan = TableScan(
            version,
            share: .slice(0),
            request: ScanRequest(columns: [0]),
            cache: store.cache
        )
        scan.setRuntimeFilters([(0, EvenKeys())])
        let found = try collect(scan, width: 1)[0]
        #expect(found == stride(from: 4096, to: 8192, by: 2).map { .int64(Int64($0)) })
        #expect(scan.counters.unitsRead == 4)
    }

    @Test func `chunks outlive the cache`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let (version, data) = try makeTable(store)
        let scan = TableScan(
            version,
            share: .slice(0),
            request: ScanRequest(columns: [0, 2]),
            cache: store.cache
        )
        var chunks: [Chunk] = []
        while let chunk = try scan.next() { chunks.append(chunk) }
        store.cache.clear()
        let texts = chunks.flatMap { chunk in (0..<chunk.count).map { chunk.columns[1].datum($0) } }
        #expect(texts == data[2])
    }
}
