import Catalogs
import SQLTypes
import Storage
import Vectors

/// A directory for one test, removed at its end.
final class ScratchDirectory {
    let path: String
    let files = PosixFiles()

    init() throws {
        var generator = SystemRandomNumberGenerator()
        path = "/tmp/slicehouse-test-\(String(generator.next(), radix: 36))"
        try files.makeDirectories(path)
    }

    deinit { try? files.removeTree(path) }

    var warehouse: String { "\(path)/w" }

    /// Paths of all block files of the warehouse.
    func blockFiles(_ shape: ClusterShape) throws -> [String] {
        var found: [String] = []
        for slice in 0..<shape.sliceCount {
            for disk in 0..<shape.disksPerSlice {
                let directory = "\(warehouse)/slice-\(slice)/disk-\(disk)"
                found += try files.list(directory).map { "\(directory)/\($0)" }
            }
        }
        return found
    }
}

/// A table definition of columns c0, c1, … of the given types.
func definition(
    _ name: String,
    _ types: [DataType],
    encodings: [ColumnEncoding] = [],
    sortKey: [ColumnIndex] = [],
    isInterleaved: Bool = false,
    isTemporary: Bool = false
) -> TableDefinition {
    TableDefinition(
        id: 0,
        schema: isTemporary ? "pg_temp" : "public",
        name: name,
        columns: types.enumerated().map { index, type in
            ColumnDefinition(
                name: "c\(index)",
                type: type,
                encoding: encodings.indices.contains(index) ? encodings[index] : .automatic
            )
        },
        sortKey: SortKey(columns: sortKey, isInterleaved: isInterleaved),
        isTemporary: isTemporary
    )
}

extension StoreTransaction {
    /// Appends rows to a slice of a table, in chunks of up to 2,048.
    func insert(
        _ columns: [[Datum]],
        into table: TableDefinition,
        slice: SliceID = 0,
        byteCountMax: Int = 64 << 20
    ) throws {
        let writer = makeWriter(table: table, slice: slice, byteCountMax: byteCountMax)
        let count = columns.first?.count ?? 0
        var row = 0
        while row < count {
            let end = min(count, row + chunkRowCountMax)
            let vectors = zip(columns, table.columns).map { data, column in
                Vector.of(Array(data[row..<end]), physical: column.type.physical)
            }
            try writer.append(Chunk(count: end - row, columns: vectors))
            row = end
        }
        try append(try writer.finish(), to: table.id)
    }
}

/// Vacuums a table on the calling thread; how many runs of extents were written anew.
@discardableResult
func vacuum(
    _ table: TableID,
    _ work: VacuumWork,
    to threshold: Int = 95,
    in store: Store,
    memoryByteCountMax: Int = 64 << 20
) throws -> Int {
    guard let version = store.current.tableVersion(table) else { return 0 }
    let runs = try version.vacuumRuns(
        work,
        thresholdPercent: threshold,
        memoryByteCountMax: memoryByteCountMax
    )
    let done = try rewrite(runs, of: version, in: store, memoryByteCountMax: memoryByteCountMax)
    guard try store.replace(done, of: version) else {
        throw SQLError.invariant("table \(table) was changed during VACUUM")
    }
    return runs.count
}

/// Writes runs anew on the calling thread.
func rewrite(
    _ runs: [ExtentRun],
    of version: TableVersion,
    in store: Store,
    memoryByteCountMax: Int = 64 << 20
) throws -> [RewrittenRun] {
    try runs.map { run in
        let rewriter = try ExtentRewriter(
            run,
            of: version,
            in: store,
            memoryByteCountMax: memoryByteCountMax,
            check: {}
        )
        while try rewriter.step() {}
        return rewriter.rewritten
    }
}

/// All rows a scan gives, by column.
func rows(
    _ version: TableVersion,
    slice: SliceID = 0,
    columns: [ColumnIndex]? = nil,
    where predicates: [ScanPredicate] = [],
    emitsRowAddresses: Bool = false,
    cache: BlockCache
) throws -> [[Datum]] {
    let wanted = columns ?? Array(version.definition.columns.indices)
    let scan = TableScan(
        version,
        share: .slice(slice),
        request: ScanRequest(
            columns: wanted,
            predicates: predicates,
            emitsRowAddresses: emitsRowAddresses
        ),
        cache: cache
    )
    return try collect(scan, width: wanted.count + (emitsRowAddresses ? 1 : 0))
}

/// Runs a scan to its end.
func collect(_ scan: TableScan, width: Int) throws -> [[Datum]] {
    var result = [[Datum]](repeating: [], count: width)
    while let chunk = try scan.next() {
        for column in 0..<width where chunk.count > 0 {
            for row in 0..<chunk.count { result[column].append(chunk.columns[column].datum(row)) }
        }
    }
    return result
}

/// Data as the storage may give it back: int128 values that fit in 64 bits count as equal.
func normalized(_ data: [Datum]) -> [Datum] {
    data.map { datum in
        guard case .int128(let value) = datum, let narrow = Int64(exactly: value) else {
            return datum
        }
        return .int64(narrow)
    }
}
