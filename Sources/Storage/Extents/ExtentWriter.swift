package import Catalogs
package import SQLTypes
import Synchronization
package import Vectors

/// An extent that is written but belongs to no table version yet.
///
/// Its files go with it unless a transaction that appended it commits.
package struct PendingExtent: Sendable {
    package let extent: Extent

    /// The slice it lies on.
    package var slice: SliceID { extent.slice }
    /// Rows in it.
    package var rowCount: Int { extent.rowCount }
}

/// Where writers put their files and take their numbers from.
final class ExtentPlace: Sendable {
    let directory: String
    let shape: ClusterShape
    let files: any FileSystem
    let removal: BlockFileRemoval
    private let nextID: Mutex<Int64>

    init(
        directory: String,
        shape: ClusterShape,
        files: any FileSystem,
        removal: BlockFileRemoval,
        nextID: Int64
    ) {
        self.removal = removal
        self.directory = directory
        self.shape = shape
        self.files = files
        self.nextID = Mutex(nextID)
    }

    /// A number no other extent has.
    func takeID() -> Int64 {
        nextID.withLock { next in
            defer { next += 1 }
            return next
        }
    }

    /// The number the next extent will get.
    var upcomingID: Int64 { nextID.withLock { $0 } }

    func diskDirectory(slice: SliceID, disk: Int) -> String {
        "\(directory)/slice-\(slice)/disk-\(disk)"
    }

    /// The file of an extent's blocks on one disk; temporary tables' files tell by their name.
    func path(extent: Int64, slice: SliceID, disk: Int, isTemporary: Bool) -> String {
        let prefix = isTemporary ? "tmp-" : ""
        return "\(diskDirectory(slice: slice, disk: disk))/\(prefix)\(extent).blocks"
    }
}

/// Collects rows of one table for one slice and writes them as extents.
///
/// Rows are kept in memory until an extent is full: 1 Mi rows or `byteCountMax` bytes. It is then
/// sorted by the sort key, stably, its columns are encoded, cut into blocks and written; nothing
/// is synced before the commit. Used by one thread at a time.
package final class ExtentWriter {
    /// Rows of an extent at most.
    package static let rowCountMax = 1 << 20

    private let definition: TableDefinition
    private let slice: SliceID
    private let place: ExtentPlace
    private let byteCountMax: Int
    private let check: StopCheck
    private var builders: [VectorBuilder]
    private var bufferedRowCount = 0
    private var pending: [PendingExtent] = []

    /// Rows appended so far.
    package private(set) var rowCount = 0
    /// Encoded bytes of the extents written so far.
    package private(set) var byteCount = 0

    init(
        definition: TableDefinition,
        slice: SliceID,
        place: ExtentPlace,
        byteCountMax: Int = 64 << 20,
        check: @escaping StopCheck = {}
    ) {
        self.check = check
        self.definition = definition
        self.slice = slice
        self.place = place
        self.byteCountMax = byteCountMax
        builders = definition.columns.map { VectorBuilder(physical: $0.type.physical) }
    }

    /// Bytes of the rows not written yet.
    package var bufferedByteCount: Int { builders.reduce(0) { $0 + $1.byteCount } }

    /// Adds rows: one vector per column of the table, in the table's order and physical types.
    ///
    /// Errors: those of writing files.
    package func append(_ chunk: Chunk) throws(SQLError) {
        guard chunk.count > 0 else { return }
        guard chunk.columns.count == builders.count else {
            throw SQLError.invariant("a chunk of \(chunk.columns.count) columns was written")
        }
        // Before, not after: a copy of an extent in other chunks must become one extent too.
        if bufferedRowCount + chunk.count > Self.rowCountMax { try writeExtent() }
        for (builder, vector) in zip(builders, chunk.columns) { builder.append(vector) }
        bufferedRowCount += chunk.count
        rowCount += chunk.count
        if bufferedByteCount >= byteCountMax { try writeExtent() }
    }

    /// Writes what is left and hands over all extents, in the order of their rows.
    package func finish() throws(SQLError) -> [PendingExtent] {
        try writeExtent()
        defer { pending = [] }
        return pending
    }

    private func writeExtent() throws(SQLError) {
        guard bufferedRowCount > 0 else { return }
        let count = bufferedRowCount
        bufferedRowCount = 0
        var order: [UInt32]?
        let keys = definition.sortKey.columns
        var vectors: [Vector?] = builders.map { $0.finish() }
        if !keys.isEmpty {
            let columns = keys.compactMap { vectors[$0] }
            if definition.sortKey.isInterleaved {
                order = try interleavedPermutation(columns, count: count, check: check)
            } else if try !isSorted(columns, count: count) {
                order = try sortPermutation(
                    columns,
                    order: keys.map { _ in SortOrder(ascending: true, nullsFirst: false) },
                    count: count,
                    check: check
                )
            }
        }
        let id = place.takeID()
        var output = ExtentOutput(
            id: id,
            definition: definition,
            slice: slice,
            place: place,
            samplePositions: ExtentSample.positions(rowCount: count)
        )
        for index in vectors.indices {
            guard var vector = vectors[index] else { continue }
            vectors[index] = nil
            try check()
            if let order {
                vector = try order.withUnsafeBufferPointer {
                    (positions) throws(SQLError) in
                    guard let positions = positions.baseAddress else { return vector }
                    return try vector.gatherMany(positions, count: count)
                }
            }
            let isLeadingKey = !definition.sortKey.isInterleaved && keys.first == index
            try output.add(vector, column: index, isLeadingKey: isLeadingKey, check: check)
        }
        let extent = try output.finish(rowCount: count, isSorted: !keys.isEmpty)
        byteCount += extent.byteCount
        pending.append(PendingExtent(extent: extent))
    }

    /// Whether rows are in key order as they came.
    private func isSorted(_ keys: [Vector], count: Int) throws(SQLError) -> Bool {
        guard keys.allSatisfy({ $0.hasNoNulls }) else { return false }
        if keys.count == 1, keys[0].physical == .int64 { return isAscending(keys[0]) }
        for row in 1..<max(1, count) {
            if row & (rowsPerStopCheck - 1) == 0 { try check() }
            for key in keys {
                let order = compareRows(key, row - 1, key, row)
                if order > 0 { return false }
                if order < 0 { break }
            }
        }
        return true
    }
}

/// Whether a flat int64 vector ascends and has no NULL; false for other types.
func isAscending(_ vector: Vector) -> Bool {
    guard vector.physical == .int64, vector.hasNoNulls, vector.count > 0 else { return false }
    let values = vector.entries(as: Int64.self)
    for row in 1..<max(1, vector.count) where values[row] < values[row - 1] { return false }
    return true
}
