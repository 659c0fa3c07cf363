package import Catalogs
package import SQLTypes

extension TableVersion {
    /// Encoded bytes of the largest column of one copy of the table.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package var largestColumnByteCount: Int {
        get throws(SQLError) {
            var sizes = [Int](repeating: 0, count: definition.columns.count)
            for block in try blockList()
            where definition.distribution != .all || block.slice == 0 {
                sizes[block.column] += block.byteCount
            }
            return sizes.max() ?? 0
        }
    }

    /// The encoding of a column's newest block; nil where there is none.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func newestEncoding(of column: ColumnIndex) throws(SQLError) -> ColumnEncoding? {
        try blockList().last { $0.column == column }?.encoding
    }
}
