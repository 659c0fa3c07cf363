import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

/// DELTA, DELTA32K and MOSTLY: rows that do not fit, at every place they can stand.
@Suite struct ExceptionEncodingTests {
    static let encodings: [ColumnEncoding] = [.delta, .delta32k, .mostly8, .mostly16, .mostly32]

    /// Values whose differences and sizes lie on both sides of each limit.
    static let edges: [Int64] = [
        0, 127, -128, 128, -129, 254, 32_767, -32_768, 32_768, -32_769, 65_534, 2_147_483_647,
        -2_147_483_648, 2_147_483_648, -2_147_483_649, .max, .min, .min + 1, .max - 127,
    ]

    /// Ascending values with one of `edges` in every `period` rows, NULLs in every `nulls`.
    static func values(_ count: Int, period: Int, nulls: Int) -> [Datum] {
        (0..<count).map { row in
            if nulls > 0, row % nulls == 0 { return .null }
            let isEdge = period > 0 && row % period == period - 1
            return .int64(isEdge ? edges[row / period % edges.count] : Int64(row % 100))
        }
    }

    private func stored(
        _ data: [Datum],
        as encoding: ColumnEncoding,
        in store: Store
    ) throws -> TableVersion {
        let transaction = store.begin()
        let table = try transaction.createTable(
            definition("t\(UInt64.random(in: 0...UInt64.max))", [.bigint], encodings: [encoding])
        )
        try transaction.insert([data], into: table)
        try transaction.commit()
        return try #require(store.current.tableVersion(table.id))
    }

    @Test(arguments: encodings)
    func `every mix of exceptions and NULLs comes back`(encoding: ColumnEncoding) throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        for count in [1, 2, 1024, 2047, 2048, 2049, 4096, 6000] {
            for period in [0, 1, 2, 10, 1000] {
                for nulls in [0, 1, 3] {
                    let data = Self.values(count, period: period, nulls: nulls)
                    let version = try stored(data, as: encoding, in: store)
                    let found = try rows(version, cache: store.cache)[0]
                    #expect(found == data, "\(count) rows, \(period), \(nulls)")
                }
            }
        }
    }

    @Test(arguments: encodings)
    func `predicates on encoded values keep the right rows`(encoding: ColumnEncoding) throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let data = Self.values(9000, period: 17, nulls: 5)
        let version = try stored(data, as: encoding, in: store)
        let numbers = data.map { $0.exact }
        let tests: [(ScanTest, (Int128) -> Bool)] = [
            (
                .range(low: .int64(90), lowIncluded: true, high: .int64(128), highIncluded: true),
                { (90...128).contains($0) }
            ),
            (.range(low: nil, lowIncluded: true, high: .int64(0), highIncluded: false), { $0 < 0 }),
            (
                .oneOf([.int64(.max), .int64(7), .int64(-129)]),
                { [7, -129, 1 << 63 - 1].contains($0) }
            ),
            (.notEqual(.int64(5)), { $0 != 5 }),
        ]
        for (index, (test, isKept)) in tests.enumerated() {
            let found = try rows(
                version,
                where: [ScanPredicate(column: 0, test: test)],
                cache: store.cache
            )[0]
            let wanted = numbers.compactMap { $0 }.filter(isKept).map { Datum.int64(Int64($0)) }
            #expect(found == wanted, "case \(index)")
        }
    }

    /// Bytes of a block of 100,000 rows besides its zone maps and directory.
    private func byteCount(
        _ encoding: ColumnEncoding,
        _ store: Store,
        _ value: (Int) -> Int64
    ) throws -> Int {
        let data = (0..<100_000).map { Datum.int64(value($0)) }
        let version = try stored(data, as: encoding, in: store)
        return try version.blockList().reduce(0) { $0 + $1.byteCount }
    }

    @Test func `rows take the bytes the encoding promises`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let slack = 8000
        let steps = try byteCount(.delta, store) { Int64($0) * 100 }
        #expect((100_000...(100_000 + slack)).contains(steps))
        let leaps = try byteCount(.delta32k, store) { Int64($0) * 30_000 }
        #expect((200_000...(200_000 + slack)).contains(leaps))
        for (encoding, width) in [(ColumnEncoding.mostly8, 1), (.mostly16, 2), (.mostly32, 4)] {
            let size = try byteCount(encoding, store) { $0 % 5000 == 0 ? .max : Int64($0 % 100) }
            #expect((width * 100_000...(width * 100_000 + slack)).contains(size))
        }
        // Nothing fits: as large as RAW, not larger.
        let wild = try byteCount(.mostly8, store) { Int64(bitPattern: hashWord(UInt64($0 + 1))) }
        #expect((800_000...(800_000 + slack)).contains(wild))
    }

    @Test func `blocks of many groups end where rows do`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        for encoding in Self.encodings {
            let count = 300_000
            let data = (0..<count).map { row in
                Datum.int64(row % 3 == 0 ? Int64(row) << 33 : Int64(row))
            }
            let version = try stored(data, as: encoding, in: store)
            let blocks = try version.blockList()
            #expect(blocks.count > 1)
            for block in blocks { #expect(block.byteCount <= blockByteCountMax) }
            #expect(blocks.reduce(0) { $0 + $1.rowCount } == count)
            #expect(try rows(version, cache: store.cache)[0] == data, "\(encoding)")
        }
    }
}
