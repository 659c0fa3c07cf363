package import Catalogs
package import SQLTypes
import Synchronization

/// What table versions share whose rows are the same, however they are stored.
final class RowsIdentity: Sendable {}

/// One immutable state of a table: its definition, its extents, its delete vectors.
///
/// Whoever holds it can read it, whatever is committed meanwhile; block files that only it names
/// go when it does.
package final class TableVersion: Sendable {
    package let definition: TableDefinition
    let shape: ClusterShape
    let files: any FileSystem
    private let lazyContents: LazyContents
    /// What versions with the same rows share: those that differ in how upkeep stores them.
    let rows: RowsIdentity
    private let cachedStatistics = Mutex<TableStatistics?>(nil)
    let cachedSample = Mutex<TableSample?>(nil)

    init(
        definition: TableDefinition,
        shape: ClusterShape,
        files: any FileSystem,
        contents: LazyContents,
        rows: RowsIdentity = RowsIdentity()
    ) {
        self.rows = rows
        self.definition = definition
        self.shape = shape
        self.files = files
        lazyContents = contents
    }

    convenience init(
        definition: TableDefinition,
        shape: ClusterShape,
        files: any FileSystem,
        contents: TableContents,
        rows: RowsIdentity = RowsIdentity()
    ) {
        self.init(
            definition: definition,
            shape: shape,
            files: files,
            contents: LazyContents(contents),
            rows: rows
        )
    }

    /// The same rows under another definition, which has the same columns.
    func with(_ definition: TableDefinition) -> TableVersion {
        TableVersion(definition: definition, shape: shape, files: files, contents: lazyContents)
    }

    /// The extents.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    func contents() throws(SQLError) -> TableContents { try lazyContents.value() }

    /// The extents of a slice, in the order they were appended.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func extents(of slice: SliceID) throws(SQLError) -> [VisibleExtent] {
        let slices = try contents().slices
        return slices.indices.contains(slice) ? slices[slice] : []
    }

    /// The first position of the table's IDENTITY columns that no statement has used.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package var identityPosition: Int64 {
        get throws(SQLError) { try contents().identityPosition }
    }

    /// Visible rows; a DISTSTYLE ALL table's are counted once.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package var rowCount: Int {
        get throws(SQLError) {
            let perSlice = try rowsPerSlice()
            if definition.distribution == .all { return perSlice.first ?? 0 }
            return perSlice.reduce(0, +)
        }
    }

    /// Rows stored on all slices, copies and deleted rows included; known without counting.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package var storedRowCount: Int {
        get throws(SQLError) { try contents().storedRowCount }
    }

    /// Rows of each slice, copies included; deleted ones, which keep their place until
    /// the table is written anew, count with `includingDeleted` only.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func rowsPerSlice(includingDeleted: Bool = false) throws(SQLError) -> [Int] {
        try contents().slices.map { count($0[...], includingDeleted) }
    }

    private func count(_ extents: ArraySlice<VisibleExtent>, _ includingDeleted: Bool) -> Int {
        extents.reduce(0) { $0 + (includingDeleted ? $1.extent.rowCount : $1.rowCount) }
    }

    /// Rows of each slice that lie in its sorted region, deleted ones as in ``rowsPerSlice``.
    ///
    /// The region is the longest run of extents from the first that follow one another in the
    /// order of the sort key, see ``sortedExtentCount(of:in:)``.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func sortedRowsPerSlice(includingDeleted: Bool = false) throws(SQLError) -> [Int] {
        let contents = try contents()
        return contents.slices.indices.map { slice in
            let sorted = sortedExtentCount(of: slice, in: contents)
            return count(contents.slices[slice].prefix(sorted), includingDeleted)
        }
    }

    /// Whether a slice's rows ascend by a column from the first to the last, without NULLs.
    ///
    /// Known for 64-bit types only; false otherwise.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func isAscending(
        _ column: ColumnIndex,
        on slice: SliceID
    ) throws(SQLError) -> Bool {
        guard definition.columns[column].type.physical == .int64 else { return false }
        var last = Int64.min
        for visible in try extents(of: slice) {
            let found = visible.extent.columns[column]
            guard found.isAscending, found.zone.nullCount == 0, found.zone.minimum >= last else {
                return false
            }
            last = found.zone.maximum
        }
        return true
    }

    /// Encoded bytes of all blocks, copies included.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package var byteCount: Int {
        get throws(SQLError) {
            try contents().slices.reduce(0) { $0 + $1.reduce(0) { $0 + $1.extent.byteCount } }
        }
    }

    /// One block as STV_BLOCKLIST shows it.
    package struct BlockInfo: Hashable, Sendable {
        package var slice: SliceID
        package var column: ColumnIndex
        package var table: TableID
        /// The block's number in its column on the slice, from 0.
        package var blockNumber: Int
        package var rowCount: Int
        package var minimum: Int64
        package var maximum: Int64
        package var disk: Int
        /// Where it begins in its file.
        package var offset: Int
        package var byteCount: Int
        package var encoding: ColumnEncoding
        /// Whether it lies in the sorted region.
        package var isSorted: Bool
    }

    /// All blocks, by slice, column and number.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func blockList() throws(SQLError) -> [BlockInfo] {
        var list: [BlockInfo] = []
        let contents = try contents()
        for (slice, extents) in contents.slices.enumerated() {
            let sortedCount = sortedExtentCount(of: slice, in: contents)
            for column in definition.columns.indices {
                var number = 0
                for (index, visible) in extents.enumerated() {
                    for block in visible.extent.columns[column].blocks {
                        list.append(
                            BlockInfo(
                                slice: slice,
                                column: column,
                                table: definition.id,
                                blockNumber: number,
                                rowCount: block.zone.rowCount,
                                minimum: block.zone.isAllNull ? 0 : block.zone.minimum,
                                maximum: block.zone.isAllNull ? 0 : block.zone.maximum,
                                disk: block.disk,
                                offset: block.offset,
                                byteCount: block.byteCount,
                                encoding: block.encoding,
                                isSorted: index < sortedCount
                            )
                        )
                        number += 1
                    }
                }
            }
        }
        return list
    }

    /// What the planner may know; computed once.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func statistics() throws(SQLError) -> TableStatistics {
        if let known = cachedStatistics.withLock({ $0 }) { return known }
        let fresh = try makeStatistics()
        cachedStatistics.withLock { $0 = fresh }
        return fresh
    }

    private func makeStatistics() throws(SQLError) -> TableStatistics {
        let contents = try contents()
        let rows = try rowsPerSlice()
        // One copy tells all about an ALL table.
        let slices =
            definition.distribution == .all ? contents.slices.prefix(1) : contents.slices[...]
        let extents = slices.flatMap { $0.map(\.extent) }
        let columns = definition.columns.indices.map { index in
            columnStatistics(
                extents.map { $0.columns[index] },
                type: definition.columns[index].type
            )
        }
        let total = rows.reduce(0, +)
        let sorted = try sortedRowsPerSlice().reduce(0, +)
        return TableStatistics(
            rowCount: try rowCount,
            columns: columns,
            rowsPerSlice: rows,
            sortedFraction: total == 0 ? 1 : Double(sorted) / Double(total)
        )
    }
}

private func columnStatistics(_ parts: [ExtentColumn], type: DataType) -> ColumnStatistics {
    var zone = ZoneMap()
    var sketch = DistinctSketch()
    var byteCount = 0
    for part in parts {
        zone.merge(part.zone)
        sketch.merge(part.sketch)
        byteCount += part.valueByteCount
    }
    guard zone.rowCount > 0 else { return ColumnStatistics(distinctCount: 0) }
    let valueCount = zone.rowCount - zone.nullCount
    return ColumnStatistics(
        distinctCount: min(sketch.estimate, Double(valueCount)),
        nullFraction: Double(zone.nullCount) / Double(zone.rowCount),
        minimum: zone.isAllNull ? .null : datum(ofKey: zone.minimum, type: type),
        maximum: zone.isAllNull ? .null : datum(ofKey: zone.maximum, type: type),
        averageWidth: valueCount == 0 ? nil : Double(byteCount) / Double(valueCount)
    )
}

/// The value a zone key stands for, as far as the key knows it.
private func datum(ofKey key: Int64, type: DataType) -> Datum {
    switch type.physical {
    case .bool: .bool(key != 0)
    case .int64: .int64(key)
    case .int128: .int128(Int128(key))
    case .float64:
        .float64(Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ .max)))
    case .string: .string(zonePrefix(key))
    }
}
