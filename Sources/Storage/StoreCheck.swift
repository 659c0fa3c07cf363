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
    /// The nodes' copies of a DISTSTYLE ALL table are compared with each other too.
    /// Reads past the cache.
    package static func faults(of store: Store) -> [StoreFault] {
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
                faults += check(visible.extent, of: version.definition, files: store.files)
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
        files: any FileSystem
    ) -> [StoreFault] {
        var faults: [StoreFault] = []
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
                    try decode(block)
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

    private static func decode(_ block: EncodedBlock) throws(SQLError) {
        let reader = BlockReader(block)
        var row = 0
        while row < block.header.rowCount {
            let end = min(row + groupRowCount, block.header.rowCount)
            _ = try reader.vector(rows: row..<end)
            row = end
        }
    }
}
