import Catalogs
import SQLTypes
import Storage
import Testing
import Vectors

/// `slicehouse check` on DISTSTYLE ALL tables whose copies are sound, each by itself.
@Suite struct CopyComparisonTests {
    private static let shape = ClusterShape(nodeCount: 3, slicesPerNode: 2, disksPerSlice: 1)

    /// What the copy on one slice is to hold otherwise.
    private struct Copy {
        var numbers: [Datum]
        var texts: [Datum]
    }

    /// The faults of a table whose copies on slices 0, 2 and 4 hold these rows.
    private func faults(
        _ copies: [Copy],
        deleting: [Int] = [],
        on deletedSlices: [SliceID] = []
    ) throws -> (table: TableID, faults: [StoreFault]) {
        let scratch = try ScratchDirectory()
        try Store.create(at: scratch.warehouse, shape: Self.shape, files: scratch.files)
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        var wanted = definition("t", [.integer, .varchar(300)])
        wanted.distribution = .all
        let transaction = store.begin()
        let table = try transaction.createTable(wanted)
        for (slice, copy) in zip(Self.shape.firstSlices, copies) {
            try transaction.insert([copy.numbers, copy.texts], into: table, slice: slice)
        }
        if !deleting.isEmpty {
            try transaction.delete(
                deletedSlices.map {
                    DeletedRows(slice: $0, addresses: deleting.map { RowAddress($0) })
                },
                from: table.id
            )
        }
        try transaction.commit()
        return (table.id, StoreCheck.faults(of: store))
    }

    private func copy(_ count: Int) -> Copy {
        Copy(
            numbers: (0..<count).map { $0 % 7 == 3 ? .null : .int64(Int64($0)) },
            texts: (0..<count).map {
                .text("text \(UInt64($0) &* 0x9E37_79B9_7F4A_7C15) of row \($0)")
            }
        )
    }

    @Test(arguments: [0, 1, 5_000])
    func `copies that are the same have no fault`(count: Int) throws {
        let rows = [copy(count), copy(count), copy(count)]
        #expect(try faults(rows).faults.isEmpty)
        if count > 1 {
            #expect(try faults(rows, deleting: [1], on: [0, 2, 4]).faults.isEmpty)
        }
    }

    @Test(arguments: [0, 2_047, 2_048, 4_999])
    func `a value that differs names table, column, slice, block and file`(row: Int) throws {
        var rows = [copy(5_000), copy(5_000), copy(5_000)]
        rows[2].texts[row] = .text("another text of row \(row)")
        let (table, faults) = try faults(rows)
        try #require(faults.count == 1)
        let fault = faults[0]
        #expect(fault.table == table)
        #expect(fault.error.state == .dataCorrupted)
        #expect(fault.error.message.contains("public.t"))
        #expect(fault.error.message.contains("\"c1\""))
        #expect(fault.error.message.contains("slice 0"))
        #expect(fault.error.message.contains("slice 4"))
        #expect(fault.error.detail?.contains("row \(row) ") == true)
        let block = try #require(fault.block)
        #expect(block.slice == 4)
        #expect(block.columnName == "c1")
        let file = try #require(block.file)
        #expect(fault.error.message.contains(file))
    }

    @Test func `a NULL against a value, and a blank at a text's end, are differences`() throws {
        var rows = [copy(10), copy(10), copy(10)]
        rows[1].numbers[4] = .null
        rows[2].texts[5] = .text((rows[2].texts[5].text ?? "") + " ")
        let found = try faults(rows).faults.compactMap(\.block)
        #expect(found.map(\.slice) == [2, 4])
        #expect(found.map(\.columnName) == ["c0", "c1"])
        // So few rows lie in the catalog.
        #expect(found.allSatisfy { $0.file == nil })
    }

    @Test func `missing extents, rows and other deletions are differences`() throws {
        let missing = try faults([copy(10), copy(10), copy(0)]).faults
        #expect(missing.count == 1)
        #expect(missing.first?.error.message.contains("slices 0 and 4") == true)
        let shorter = try faults([copy(10), copy(9), copy(10)]).faults
        #expect(shorter.count == 1)
        #expect(shorter.first?.error.message.contains("slices 0 and 2") == true)
        let rows = [copy(10), copy(10), copy(10)]
        let deleted = try faults(rows, deleting: [3], on: [0, 2]).faults
        #expect(deleted.count == 1)
        #expect(deleted.first?.error.message.contains("slices 0 and 4") == true)
    }
}
