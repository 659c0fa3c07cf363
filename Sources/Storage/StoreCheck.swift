package import Catalogs
package import SQLTypes
import Vectors

/// What is wrong with a table, as ``StoreCheck`` found it.
package struct StoreFault: Hashable, Sendable {
    package var table: TableID
    package var error: SQLError
    /// The block that does not check; nil where it is the table's records that do not.
    package var block: DamagedBlock?

    /// Where a block lies.
    package struct DamagedBlock: Hashable, Sendable {
        package var slice: SliceID
        package var column: ColumnIndex
        package var columnName: String
        /// The extent it belongs to.
        package var extent: Int64
        /// Its number in the extent's column, from 0.
        package var number: Int
        /// The file, nil where the block lies in the catalog.
        package var file: String?
        /// Its bytes in the file, or in the extent's bytes in the catalog.
        package var bytes: Range<Int>
    }
}

/// Reads every record and block of a warehouse and reports what does not check.
package enum StoreCheck {
    /// All faults of the latest state; empty where all is well.
    ///
    /// Every value is decoded and compared with its zone maps, every key with the slice that it
    /// belongs on, every column's rows with its extent's. The nodes' copies of a DISTSTYLE ALL
    /// table are compared with each other too. Reads past the cache.
    package static func faults(of store: Store) -> [StoreFault] {
        faults(of: store, check: {})
    }

    /// The same; `check` is asked for each extent, and what it throws ends the work.
    package static func faults<Failure: Error>(
        of store: Store,
        check isStopped: () throws(Failure) -> Void
    ) throws(Failure) -> [StoreFault] {
        let snapshot = store.current
        var faults: [StoreFault] = []
        for id in snapshot.versions.keys.sorted() {
            guard let version = snapshot.versions[id] else { continue }
            let contents: TableContents
            do throws(SQLError) {
                contents = try version.contents()
            } catch {
                faults.append(StoreFault(table: id, error: error))
                continue
            }
            for visible in contents.slices.joined() {
                try isStopped()
                faults += check(
                    visible.extent,
                    of: version.definition,
                    shape: snapshot.shape,
                    files: store.files
                )
            }
            if version.definition.distribution == .all {
                faults += CopyComparison(
                    definition: version.definition,
                    contents: contents,
                    firstSlices: snapshot.shape.firstSlices,
                    files: store.files
                ).faults()
            }
        }
        return faults
    }

    /// Files in the slices' directories that no extent of the latest state names, sorted.
    ///
    /// To be asked while nothing else uses the warehouse: open transactions, temporary tables and
    /// pinned older versions have such files too. The next opening for writing removes them.
    ///
    /// Errors: XX001 where a table's records are damaged, since they may name any file; those of
    /// listing directories.
    package static func orphans(of store: Store) throws(SQLError) -> [String] {
        var extents: Set<Int64> = []
        for version in store.current.versions.values {
            for visible in try version.contents().slices.joined() {
                extents.insert(visible.extent.id)
            }
        }
        return try store.strayFiles(named: extents).sorted()
    }

    private static func check(
        _ extent: Extent,
        of definition: TableDefinition,
        shape: ClusterShape,
        files: any FileSystem
    ) -> [StoreFault] {
        var faults: [StoreFault] = []
        for (column, record) in extent.columns.enumerated() {
            let rowCount = record.blocks.reduce(0) { $0 + $1.zone.rowCount }
            if rowCount == extent.rowCount { continue }
            let error = SQLError(
                .dataCorrupted,
                "column \"\(definition.columns[column].name)\" of table \"\(definition.name)\" "
                    + "has \(rowCount) rows in extent \(extent.id) on slice \(extent.slice), which "
                    + "has \(extent.rowCount)"
            )
            faults.append(StoreFault(table: extent.table, error: error))
        }
        let cache = BlockCache(byteCountMax: 0)
        for (column, record) in extent.columns.enumerated() {
            let sample = record.sample == nil ? [] : [ExtentSample.blockNumber]
            for number in Array(record.blocks.indices) + sample {
                let place = record.block(number)
                do throws(SQLError) {
                    let block = try cache.block(
                        number,
                        ofColumn: column,
                        of: extent,
                        files: files
                    ).block
                    if number == ExtentSample.blockNumber {
                        try decode(block) { _, _ in }
                    } else {
                        let reason = try fault(of: block, column, definition, extent, shape)
                        if let reason { throw damaged(extent, column, number, reason) }
                    }
                } catch {
                    let damaged = StoreFault.DamagedBlock(
                        slice: extent.slice,
                        column: column,
                        columnName: definition.columns[column].name,
                        extent: extent.id,
                        number: number,
                        file: extent.path(of: place),
                        bytes: place.offset..<(place.offset + place.byteCount)
                    )
                    faults.append(StoreFault(table: extent.table, error: error, block: damaged))
                }
            }
        }
        return faults
    }

    /// What values say against the block's zone maps or against its slice; nil for nothing.
    private static func fault(
        of block: EncodedBlock,
        _ column: ColumnIndex,
        _ definition: TableDefinition,
        _ extent: Extent,
        _ shape: ClusterShape
    ) throws(SQLError) -> String? {
        var units = [ZoneMap](repeating: ZoneMap(), count: block.header.unitCount)
        var hashes: [UInt64] = []
        var strayCount = 0
        try decode(block) { vector, rows in
            var start = rows.lowerBound
            while start < rows.upperBound {
                let unit = block.unitIndex(ofRow: start)
                var end = start + 1
                while end < rows.upperBound, block.unitIndex(ofRow: end) == unit { end += 1 }
                let local = start - rows.lowerBound..<end - rows.lowerBound
                units[unit].merge(zoneMap(of: vector, rows: local))
                start = end
            }
            guard definition.distribution == .key(column) else { return }
            hashes = Array(repeating: 0, count: rows.count)
            hashes.withUnsafeMutableBufferPointer { target in
                guard let first = target.baseAddress else { return }
                placementHash(vector, count: rows.count, into: first)
            }
            strayCount += hashes.count {
                slice(ofHash: $0, sliceCount: shape.sliceCount) != extent.slice
            }
        }
        for (index, unit) in units.enumerated() where block.unit(index) != unit {
            return "The zone map of unit \(index) is not that of its values."
        }
        if strayCount > 0 {
            return "\(strayCount) of its \(block.header.rowCount) rows belong on other slices."
        }
        return nil
    }

    /// Decodes all rows of a block; `body` gets them flat, with their numbers in the block.
    private static func decode(
        _ block: EncodedBlock,
        _ body: (Vector, Range<Int>) -> Void
    ) throws(SQLError) {
        let reader = BlockReader(block)
        var row = 0
        while row < block.header.rowCount {
            let end = min(row + groupRowCount, block.header.rowCount)
            body(try reader.vector(rows: row..<end).flattened(), row..<end)
            row = end
        }
    }
}
