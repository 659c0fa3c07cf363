import Catalogs
import Functions
import Plans
import SQLTypes
import Storage
import Synchronization
import Testing
import Vectors

@testable import Execution

/// Statements that spill on disks that fail, and files that give back something else.
@Suite struct SpillFaultTests {
    private struct Case {
        let name: String
        let plan: ExecutablePlan
        let sources: [any ProvidedSource]
    }

    private static let cases: [Case] = {
        let joined = JoinTests.rows(2_500, seed: 1, kind: .integer, range: 2_000)
        return [
            Case(
                name: "sort",
                plan: RunTests.sortPlan(
                    [SortKeyPosition(column: 1, isAscending: true, nullsFirst: false)],
                    limit: nil
                ),
                sources: [TestRows(RunTests.numbered(6_000), RunTests.types, chunkSize: 500)]
            ),
            Case(
                name: "grouping",
                plan: AggregateTests.plan(
                    groups: [0, 2],
                    calls: [AggregateTests.call(.sum, 3), AggregateTests.call(.maximum, 5)],
                    isTwoPhase: true
                ),
                sources: [
                    TestRows(
                        AggregateTests.rows(5_000, groups: 4_000),
                        AggregateTests.types,
                        chunkSize: 500
                    )
                ]
            ),
            Case(
                name: "join",
                plan: JoinTests.plan(.full, keys: [0], hasResidual: false, isShared: false),
                sources: [
                    TestRows(joined, JoinTests.types, chunkSize: 500),
                    TestRows(joined, JoinTests.types, chunkSize: 500),
                ]
            ),
        ]
    }()

    private static func spillFiles(of store: Store) throws -> [String] {
        let files = PosixFiles()
        var found: [String] = []
        for disks in store.spillPlace.disks {
            for disk in disks {
                found += try files.list(disk).filter { $0.hasSuffix(".spill") }
            }
        }
        return found
    }

    @Test(arguments: [FileFault.error, .diskFull, .shortWrite])
    func `a failing call ends the statement and leaves nothing`(fault: FileFault) throws {
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 2)
        let files = FaultyFiles()
        let cluster = try TestCluster(shape, memoryBytes: 128 << 10, files: files)
        for test in Self.cases {
            files.heal()
            let expected = sortedRows(try cluster.rows(test.plan, test.sources))
            let count = files.callCount
            #expect(files.calls.contains { $0.hasPrefix("write") }, "\(test.name)")
            #expect(files.calls.contains { $0.hasPrefix("read") }, "\(test.name)")
            // The calls that open the files, and a sample of the others.
            let others = stride(from: 10, through: count, by: max(1, count / 12))
            for number in Array(1...8) + Array(others) {
                files.failCall(number, with: fault)
                let found = state { _ = try cluster.rows(test.plan, test.sources) }
                if files.hasFailed {
                    let isFull = fault != .error
                    #expect(found == (isFull ? "53100" : "58030"), "\(test.name) \(number)")
                }
                files.heal()
                #expect(try Self.spillFiles(of: cluster.store) == [], "\(test.name) \(number)")
            }
            #expect(
                sortedRows(try cluster.rows(test.plan, test.sources)) == expected,
                "\(test.name)"
            )
        }
        files.heal()
        // The threads let go of their last run when they end.
        cluster.cluster.shutDown()
        for budget in cluster.cluster.budgets { #expect(budget.byteCount == 0) }
    }

    @Test func `a bit that changes in a temporary file is noticed`() throws {
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2)
        let files = FlippingFiles()
        let cluster = try TestCluster(shape, memoryBytes: 128 << 10, files: files)
        for test in Self.cases {
            files.isFlipping.withLock { $0 = true }
            #expect(state { _ = try cluster.rows(test.plan, test.sources) } == "XX001")
            files.isFlipping.withLock { $0 = false }
            #expect(try !cluster.rows(test.plan, test.sources).isEmpty)
        }
    }

    @Test func `a cancelled statement leaves no file and no memory`() throws {
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2)
        let cluster = try TestCluster(shape, memoryBytes: 128 << 10)
        for test in Self.cases {
            for looks in [5, 50, 100, 150] {
                let left = Mutex(looks)
                let cancellation = Cancellation(timeoutMilliseconds: 1) {
                    left.withLock { left in
                        left -= 1
                        return left < 0 ? 2_000_000 : 0
                    }
                }
                let context = cluster.context(test.sources, cancellation: cancellation)
                let found = state {
                    _ = try cluster.cluster.run(test.plan, context: context) { _ throws(SQLError) in
                    }
                }
                #expect(found == "57014" || found == nil, "\(test.name) \(looks)")
                #expect(try Self.spillFiles(of: cluster.store) == [])
            }
        }
        cluster.cluster.shutDown()
        for budget in cluster.cluster.budgets { #expect(budget.byteCount == 0) }
    }

    @Test func `what a killed process left is swept when the warehouse is opened`() throws {
        let files = PosixFiles()
        var random = SystemRandomNumberGenerator()
        let path = "/tmp/slicehouse-spill-test-\(random.next())"
        defer { try? files.removeTree(path) }
        try Store.create(at: path, shape: testShapes[0], files: files)
        let left = "\(path)/slice-1/disk-0/left.spill"
        try files.write([1, 2, 3], to: left)
        let store = try Store.open(at: path, files: files)
        defer { store.close() }
        #expect(try files.status(left) == nil)
    }

    @Test func `columns of every type and form come back from disk`() throws {
        let store = try Store.openTemporary(shape: testShapes[0], files: PosixFiles())
        defer { store.close() }
        let file = SpillFile(SliceDisks(place: store.spillPlace, slice: 1))
        var random = TestRandom(state: 9)
        let physical: [PhysicalType] = [.bool, .int64, .int64, .int64, .int128, .float64, .string]
        let rows = SpilledRows(file, types: physical, pieceByteCount: 40_000)
        var expected: [[Datum]] = []
        for count in [1, 0, 2_048, 63, 700, 2_048] {
            let data = (0..<count).map { row -> [Datum] in
                let number = Int(random.next() >> 3)
                let values: [Datum] = [
                    .bool(number % 3 == 0), int(number % 200), int(number % 60_000 - 30_000),
                    int(number &* (number % 2 == 0 ? 1 : -1)),
                    .int128(Int128(number) * 1_000_000_007), .float64(Double(number) / 3),
                    .text(String(repeating: "text ", count: number % 9)),
                ]
                return values.map { random.next() % 11 == 0 ? .null : $0 }
            }
            let columns = physical.indices.map { column in
                Vector.of(data.map { $0[column] }, physical: physical[column])
            }
            try rows.append(Chunk(count: count, columns: columns))
            expected += data
        }
        try rows.finish()
        #expect(rows.pieces.count > 3 && rows.rowCount == expected.count)
        for _ in 0..<2 {
            let reader = rows.makeReader()
            var found: [[Datum]] = []
            while let chunk = try reader.next() {
                for row in 0..<chunk.count { found.append(chunk.columns.map { $0.datum(row) }) }
            }
            #expect(found == expected)
        }
    }
}

/// Files that change a bit of what is read from unnamed ones, when told to.
private final class FlippingFiles: FileSystem {
    private let files = PosixFiles()
    let isFlipping = Mutex(false)

    var carriesCatalog: Bool { false }

    func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        let file = try files.open(path, for: access)
        return path.hasSuffix(".spill") ? FlippingFile(file, self) : file
    }

    func status(_ path: String) throws(SQLError) -> FileStatus? { try files.status(path) }
    func list(_ path: String) throws(SQLError) -> [String] { try files.list(path) }
    func makeDirectory(_ path: String) throws(SQLError) { try files.makeDirectory(path) }
    func remove(_ path: String) throws(SQLError) { try files.remove(path) }
    func removeDirectory(_ path: String) throws(SQLError) { try files.removeDirectory(path) }
    func rename(_ path: String, to newPath: String) throws(SQLError) {
        try files.rename(path, to: newPath)
    }
    func syncDirectory(_ path: String) throws(SQLError) { try files.syncDirectory(path) }
    func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        try files.lock(path, isExclusive: isExclusive)
    }
}

private final class FlippingFile: OpenFile {
    private let file: any OpenFile
    private let files: FlippingFiles

    init(_ file: any OpenFile, _ files: FlippingFiles) {
        self.file = file
        self.files = files
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SQLError) -> Int {
        let count = try file.read(into: bytes, at: offset)
        if files.isFlipping.withLock({ $0 }), count > 0 { bytes[count / 2] ^= 4 }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
        try file.write(bytes, at: offset)
    }

    func sync() throws(SQLError) { try file.sync() }
    func truncate(to byteCount: Int) throws(SQLError) { try file.truncate(to: byteCount) }
    func byteCount() throws(SQLError) -> Int { try file.byteCount() }
    func close() { file.close() }
}
