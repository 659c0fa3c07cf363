import Catalogs
import SQLTypes
import Vectors

/// Walks the blocks of one column of one extent, loading only those that are asked for.
final class ColumnCursor {
    let column: ColumnIndex
    private let extent: Extent
    private let cache: BlockCache
    private let files: any FileSystem
    private let blocks: [BlockRecord]
    /// The block after the part's last.
    private let end: Int
    private var number: Int
    private var reader: BlockReader?
    // The vector of the present rows, where it was made for a predicate.
    private var known: (rows: Range<Int>, vector: Vector)?

    /// Walks some of the blocks, by their numbers; nil for all.
    init(
        _ column: ColumnIndex,
        of extent: Extent,
        numbers: Range<Int>? = nil,
        cache: BlockCache,
        files: any FileSystem
    ) {
        self.column = column
        self.extent = extent
        number = numbers?.lowerBound ?? 0
        end = numbers?.upperBound ?? extent.columns[column].blocks.count
        self.cache = cache
        self.files = files
        blocks = extent.columns[column].blocks
    }

    /// The catalog's record of the block that has a row of the extent.
    func record(at row: Int, _ counters: inout ScanCounters) throws(SQLError) -> BlockRecord {
        try seek(row, &counters)
        return blocks[number]
    }

    private func seek(_ row: Int, _ counters: inout ScanCounters) throws(SQLError) {
        while blocks[number].endRow <= row {
            if reader == nil { counters.blocksSkipped += 1 }
            reader = nil
            known = nil
            number += 1
            guard number < blocks.count else {
                throw SQLError(
                    .dataCorrupted,
                    "the catalog's records of table \(extent.table) are damaged",
                    detail: "Column \(column) of extent \(extent.id) has no block for row \(row)."
                )
            }
        }
    }

    private func loaded(_ row: Int, _ counters: inout ScanCounters) throws(SQLError) -> BlockReader
    {
        try seek(row, &counters)
        if let reader { return reader }
        let (block, wasRead) = try cache.block(number, ofColumn: column, of: extent, files: files)
        counters.blocksRead += 1
        counters.bytesUsed += block.buffer.byteCount
        if wasRead { counters.bytesRead += block.buffer.byteCount }
        let fresh = BlockReader(block)
        reader = fresh
        return fresh
    }

    /// The zone map of the unit that has a row of the extent.
    func unit(at row: Int, _ counters: inout ScanCounters) throws(SQLError) -> ZoneMap {
        let reader = try loaded(row, &counters)
        let block = reader.block
        return block.unit(block.unitIndex(ofRow: row - block.header.firstRow))
    }

    /// The values of rows of the extent that lie in one block.
    func vector(_ rows: Range<Int>, _ counters: inout ScanCounters) throws(SQLError) -> Vector {
        if let known, known.rows == rows { return known.vector }
        let reader = try loaded(rows.lowerBound, &counters)
        let first = reader.block.header.firstRow
        let vector = try reader.vector(
            rows: (rows.lowerBound - first)..<(rows.upperBound - first)
        )
        known = (rows, vector)
        return vector
    }

    /// The values of some of those rows, by their places counted from the first.
    func gather(
        _ rows: Range<Int>,
        positions: UnsafePointer<UInt16>,
        count: Int,
        _ counters: inout ScanCounters
    ) throws(SQLError) -> Vector {
        if let known, known.rows == rows { return known.vector.gather(positions, count: count) }
        let reader = try loaded(rows.lowerBound, &counters)
        let first = reader.block.header.firstRow
        return try reader.gather(
            rows: (rows.lowerBound - first)..<(rows.upperBound - first),
            positions: positions,
            count: count
        )
    }

    /// Counts what was never loaded, at the end.
    func finish(_ counters: inout ScanCounters) {
        let left = end - number - (reader == nil ? 0 : 1)
        counters.blocksSkipped += max(0, left)
    }
}
