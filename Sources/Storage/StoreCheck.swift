package import Catalogs
package import SQLTypes
import Vectors

/// What is wrong with a table, as ``StoreCheck`` found it.
package struct StoreFault: Hashable, Sendable {
    package var table: TableID
    package var error: SQLError
}

/// Reads every record and block of a warehouse and reports what does not check.
package enum StoreCheck {
    /// All faults of the latest state; empty where all is well.
    ///
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
                faults += check(visible.extent, files: store.files)
            }
        }
        return faults
    }

    private static func check(_ extent: Extent, files: any FileSystem) -> [StoreFault] {
        var faults: [StoreFault] = []
        let cache = BlockCache(byteCountMax: 0)
        for (column, record) in extent.columns.enumerated() {
            for number in record.blocks.indices {
                do throws(SQLError) {
                    let block = try cache.block(
                        number,
                        ofColumn: column,
                        of: extent,
                        files: files
                    ).block
                    try decode(block)
                } catch {
                    faults.append(StoreFault(table: extent.table, error: error))
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
