package import Catalogs
import SQLTypes
import Synchronization
import Vectors

/// What the catalog keeps of a block.
package struct BlockRecord: Hashable, Sendable {
    /// The block's first row in its extent.
    package var firstRow: Int
    /// Keys, NULLs and rows.
    package var zone: ZoneMap
    /// The disk of the slice that has it; 0 where the extent lies in the catalog.
    package var disk: Int
    /// Where it begins in its file, or in the extent's bytes in the catalog.
    package var offset: Int
    /// Encoded bytes, header included.
    package var byteCount: Int
    package var encoding: ColumnEncoding
    /// XXH3 of its payload.
    package var checksum: UInt64

    /// The row after its last, in the extent.
    package var endRow: Int { firstRow + zone.rowCount }
}

/// What is known of a column of an extent.
package struct ExtentColumn: Sendable {
    /// Keys, NULLs and rows of all blocks.
    package var zone: ZoneMap
    /// Whether every value is at least the one before, and none is NULL; false if unknown.
    package var isAscending: Bool
    /// Bytes of the values as text or at the width of their type, NULLs not counted.
    package var valueByteCount: Int
    package var sketch: DistinctSketch
    /// The blocks, in row order; they cover all rows.
    package var blocks: [BlockRecord]
    /// The block of some of the rows, see ``ExtentSample``; nil for a small extent.
    var sample: BlockRecord?

    /// A block by its number, the sample by its own.
    func block(_ number: Int) -> BlockRecord {
        if number == ExtentSample.blockNumber, let sample { return sample }
        return blocks[number]
    }

    /// Encoded bytes of all blocks.
    package var byteCount: Int { blocks.reduce(0) { $0 + $1.byteCount } }
}

/// The block files of one extent, which go when no one names them and no commit kept them.
///
/// A file is doomed from its making until a commit names it, and again once a commit drops it, so
/// a rolled back statement needs no clean-up of its own.
final class ExtentFiles: Sendable {
    let paths: [String]
    private let removal: BlockFileRemoval
    private let isDoomed = Atomic<Bool>(true)
    // Whether a commit has named them: then other processes may read them.
    private let wasKept = Atomic<Bool>(false)

    init(paths: [String], removal: BlockFileRemoval) {
        self.paths = paths
        self.removal = removal
    }

    deinit {
        guard isDoomed.load(ordering: .acquiring) else { return }
        let named = paths.filter { !$0.isEmpty }
        if wasKept.load(ordering: .acquiring) {
            removal.removeCommitted(named)
        } else {
            removal.removeUncommitted(named)
        }
    }

    /// Whether the files go with the last reference.
    func setDoomed(_ value: Bool) {
        if !value { wasKept.store(true, ordering: .releasing) }
        isDoomed.store(value, ordering: .releasing)
    }

    /// Whether a writer may have removed them under a reader that could not say that it reads.
    var mayVanish: Bool { removal.isUnpinned }
}

/// Where the blocks of an extent lie.
enum ExtentStorage: Sendable {
    /// In the catalog's record: extents of under 64 KiB, so that a small commit is one sync.
    case inline([UInt8])
    /// One file per disk that has blocks; an empty path for a disk without.
    case files(ExtentFiles)
}

/// A run of rows of one table on one slice with its columns' blocks; never changes.
package final class Extent: Sendable {
    /// Unique in the warehouse.
    package let id: Int64
    package let table: TableID
    package let slice: SliceID
    package let rowCount: Int
    /// Whether the rows are in the order of the table's sort key.
    package let isSorted: Bool
    package let columns: [ExtentColumn]
    let storage: ExtentStorage

    init(
        id: Int64,
        table: TableID,
        slice: SliceID,
        rowCount: Int,
        isSorted: Bool,
        columns: [ExtentColumn],
        storage: ExtentStorage
    ) {
        self.id = id
        self.table = table
        self.slice = slice
        self.rowCount = rowCount
        self.isSorted = isSorted
        self.columns = columns
        self.storage = storage
    }

    /// Encoded bytes of all blocks.
    package var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }

    /// The file a block lies in; nil where it lies in the catalog.
    package func path(of block: BlockRecord) -> String? {
        guard case .files(let files) = storage else { return nil }
        return files.paths[block.disk]
    }
}

extension Extent {
    /// The record of the catalog, without what stands in columns of its own.
    var record: [UInt8] {
        var record = RecordWriter()
        record.put(rowCount)
        record.put(isSorted)
        record.put(columns.count)
        for column in columns {
            record.put(column.isAscending)
            record.put(column.valueByteCount)
            column.sketch.write(to: &record)
            record.put(column.blocks.count)
            for block in column.blocks { record.put(block) }
            record.put(column.sample != nil)
            if let sample = column.sample { record.put(sample) }
        }
        switch storage {
        case .inline(let bytes):
            record.put(0)
            record.put(bytes)
        case .files(let files):
            record.put(1)
            record.put(files.paths.count)
            for path in files.paths { record.put(!path.isEmpty) }
        }
        return record.bytes
    }

    /// Reads a record; `path` gives a disk's file of the extent.
    convenience init(
        id: Int64,
        table: TableID,
        slice: SliceID,
        record bytes: [UInt8],
        removal: BlockFileRemoval,
        path: (Int) -> String
    ) throws(SQLError) {
        var record = RecordReader(bytes)
        let rowCount = try record.int()
        let isSorted = try record.bool()
        var columns: [ExtentColumn] = []
        for _ in 0..<(try record.count()) { columns.append(try record.extentColumn()) }
        let storage: ExtentStorage
        if try record.int() == 0 {
            storage = .inline(try record.data())
        } else {
            var paths: [String] = []
            for disk in 0..<(try record.count()) {
                paths.append(try record.bool() ? path(disk) : "")
            }
            let kept = ExtentFiles(paths: paths, removal: removal)
            kept.setDoomed(false)
            storage = .files(kept)
        }
        guard record.isAtEnd else { throw RecordReader.damaged }
        self.init(
            id: id,
            table: table,
            slice: slice,
            rowCount: rowCount,
            isSorted: isSorted,
            columns: columns,
            storage: storage
        )
    }
}

extension RecordWriter {
    fileprivate mutating func put(_ block: BlockRecord) {
        put(block.firstRow)
        put(block.zone.rowCount)
        put(block.zone.nullCount)
        put(Int(block.zone.minimum))
        put(Int(block.zone.maximum))
        put(block.disk)
        put(block.offset)
        put(block.byteCount)
        put(ColumnEncoding.allCases.firstIndex(of: block.encoding) ?? 0)
        putFixed(block.checksum)
    }
}

extension RecordReader {
    fileprivate mutating func extentColumn() throws(SQLError) -> ExtentColumn {
        let isAscending = try bool()
        let valueByteCount = try int()
        let sketch = try DistinctSketch(from: &self)
        var zone = ZoneMap()
        var blocks: [BlockRecord] = []
        for _ in 0..<(try count()) {
            let block = try block()
            zone.merge(block.zone)
            blocks.append(block)
        }
        return ExtentColumn(
            zone: zone,
            isAscending: isAscending,
            valueByteCount: valueByteCount,
            sketch: sketch,
            blocks: blocks,
            sample: try bool() ? try block() : nil
        )
    }

    private mutating func block() throws(SQLError) -> BlockRecord {
        let firstRow = try int()
        var zone = ZoneMap()
        zone.rowCount = try int()
        zone.nullCount = try int()
        zone.minimum = Int64(try int())
        zone.maximum = Int64(try int())
        let disk = try int()
        let offset = try int()
        let byteCount = try int()
        let encoding = try int()
        guard ColumnEncoding.allCases.indices.contains(encoding), offset >= 0, byteCount >= 0,
            byteCount <= 2 * blockByteCountMax
        else { throw Self.damaged }
        return BlockRecord(
            firstRow: firstRow,
            zone: zone,
            disk: disk,
            offset: offset,
            byteCount: byteCount,
            encoding: ColumnEncoding.allCases[encoding],
            checksum: try fixed()
        )
    }
}
