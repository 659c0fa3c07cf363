package import Catalogs
package import SQLTypes
import Synchronization
package import Vectors

/// Rows of a table taken from all over it, column by column as they are asked for.
package final class TableSample: Sendable {
    /// Extents that rows are taken from, at most.
    private static let stretchCount = 64
    /// Rows taken for each stretch of the table.
    private static let stretchRowCount = chunkRowCountMax / stretchCount

    private struct Part: Sendable {
        var extent: Extent
        /// Rows taken.
        var rowCount: Int
        /// Rows there are to take from.
        var availableCount: Int
    }

    /// Rows of the sample, as many as a chunk has at most.
    package let rowCount: Int
    private let parts: [Part]
    private let types: [PhysicalType]
    private let files: any FileSystem
    private let known = Mutex<[ColumnIndex: Vector]>([:])

    /// A sample of extents that make up one copy of a table.
    ///
    /// The extents are laid end to end and cut into stretches of equal length; each gives rows of
    /// the extent in which its middle lies. Deleted rows are counted with the others.
    init(_ extents: [VisibleExtent], types: [PhysicalType], files: any FileSystem) {
        self.types = types
        self.files = files
        let total = extents.reduce(0) { $0 + $1.rowCount }
        var parts: [Part] = []
        var end = 0
        var stretch = 0
        for visible in extents {
            end += visible.rowCount
            var wanted = 0
            while stretch < Self.stretchCount,
                (2 * stretch + 1) * total < 2 * Self.stretchCount * end
            {
                wanted += Self.stretchRowCount
                stretch += 1
            }
            let available = Self.availableRows(of: visible.extent)
            let part = Part(
                extent: visible.extent,
                rowCount: min(wanted, available),
                availableCount: available
            )
            if part.rowCount > 0 { parts.append(part) }
        }
        self.parts = parts
        rowCount = parts.reduce(0) { $0 + $1.rowCount }
    }

    /// Rows that every column of an extent has in its sample, or in its first block.
    private static func availableRows(of extent: Extent) -> Int {
        extent.columns.reduce(extent.rowCount) { least, column in
            min(least, (column.sample ?? column.blocks.first)?.zone.rowCount ?? 0)
        }
    }

    /// The sampled values of a column, `rowCount` of them, flat.
    ///
    /// Errors: XX001 for damaged blocks, those of reading files.
    package func column(_ index: ColumnIndex) throws(SQLError) -> Vector {
        if let vector = known.withLock({ $0[index] }) { return vector }
        let cache = BlockCache(byteCountMax: 0)
        let builder = VectorBuilder(physical: types[index])
        for part in parts {
            let number =
                part.extent.columns[index].sample == nil ? 0 : ExtentSample.blockNumber
            let block = try cache.block(
                number,
                ofColumn: index,
                of: part.extent,
                files: files
            ).block
            let reader = BlockReader(block)
            if number == 0 {
                // From all over the block: its rows may be in the order of a key.
                let rows = try reader.vector(rows: 0..<part.availableCount)
                let places = (0..<part.rowCount).map { place in
                    UInt32(place * part.availableCount / part.rowCount)
                }
                places.withUnsafeBufferPointer { places in
                    guard let start = places.baseAddress else { return }
                    builder.append(rows.gather(start, count: places.count))
                }
            } else {
                builder.append(try reader.vector(rows: 0..<part.rowCount))
            }
        }
        let vector = builder.finish()
        known.withLock { $0[index] = vector }
        return vector
    }
}

extension TableVersion {
    /// Rows from all over the table.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func sample() throws(SQLError) -> TableSample {
        if let known = cachedSample.withLock({ $0 }) { return known }
        let slices = try contents().slices
        // One copy tells all about an ALL table.
        let extents = definition.distribution == .all ? slices.prefix(1) : slices[...]
        let fresh = TableSample(
            Array(extents.joined()),
            types: definition.columns.map(\.type.physical),
            files: files
        )
        cachedSample.withLock { $0 = fresh }
        return fresh
    }
}
