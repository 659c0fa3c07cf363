import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

@Suite struct SampleTests {
    private static let shape = ClusterShape(nodeCount: 2, slicesPerNode: 2)

    /// A table with these rows on the slices, and its sample read from a fresh opening.
    private func sample(
        _ rowsPerSlice: [Range<Int>],
        in scratch: ScratchDirectory,
        columns: (Int) -> [Datum]
    ) throws -> TableVersion {
        try Store.create(at: scratch.warehouse, shape: Self.shape, files: scratch.files)
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        let types: [DataType] = [.bigint, .varchar(30), .decimal(precision: 38, scale: 0)]
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", types, sortKey: [0]))
        for (slice, rows) in rowsPerSlice.enumerated() {
            let data = rows.map(columns)
            try transaction.insert(
                types.indices.map { column in data.map { $0[column] } },
                into: table,
                slice: slice
            )
        }
        try transaction.commit()
        store.close()
        let reopened = try Store.open(at: scratch.warehouse, files: scratch.files)
        return try #require(reopened.current.tableVersion(table.id))
    }

    /// Text and number of a row tell the row.
    private func row(_ number: Int) -> [Datum] {
        [.int64(Int64(number)), .text("row \(number)"), .int128(Int128(number) << 70)]
    }

    @Test(arguments: [1, 3, 2_000, 5_000, 100_000])
    func `a sample holds whole rows from all over the table`(count: Int) throws {
        let scratch = try ScratchDirectory()
        let quarter = (count + 3) / 4
        let parts = (0..<4).map { slice in
            min(count, slice * quarter)..<min(count, (slice + 1) * quarter)
        }
        let found = try sample(parts, in: scratch, columns: row).sample()
        #expect(found.rowCount <= 2_048)
        #expect(found.rowCount >= min(count, 1_000) / 2)
        let numbers = try found.column(0)
        let texts = try found.column(1)
        let wide = try found.column(2)
        var seen: Set<Int> = []
        var quarters: Set<Int> = []
        for index in 0..<found.rowCount {
            let number = try #require(numbers.datum(index).exact.map { Int($0) })
            #expect(texts.datum(index) == .text("row \(number)"))
            #expect(wide.datum(index) == .int128(Int128(number) << 70))
            seen.insert(number)
            quarters.insert(number / quarter)
        }
        #expect(seen.count == found.rowCount)
        #expect(quarters.count == parts.filter { !$0.isEmpty }.count)
    }

    @Test func `a beginning of a sample is spread over the extent`() {
        let positions = ExtentSample.positions(rowCount: 1_000_000).map { Int($0) }
        #expect(Set(positions).count == ExtentSample.rowCount)
        #expect(Set(positions.prefix(16).map { $0 / 62_500 }).count == 16)
        #expect(ExtentSample.positions(rowCount: 4_095).isEmpty)
    }

    @Test func `an empty table has an empty sample, NULLs stay NULL`() throws {
        let empty = try ScratchDirectory()
        #expect(try sample([], in: empty, columns: row).sample().rowCount == 0)
        let scratch = try ScratchDirectory()
        let nulls = try sample([0..<20_000], in: scratch) { _ in [.null, .null, .null] }.sample()
        for index in 0..<3 { #expect(try nulls.column(index).datum(nulls.rowCount - 1).isNull) }
    }
}
