package import Catalogs

extension TableVersion {
    /// Encoded bytes of the largest column of one copy of the table; 0 for a damaged table.
    package var largestColumnByteCount: Int {
        var sizes = [Int](repeating: 0, count: definition.columns.count)
        for block in blockList() where definition.distribution != .all || block.slice == 0 {
            sizes[block.column] += block.byteCount
        }
        return sizes.max() ?? 0
    }

    /// The encoding of a column's newest block; nil where there is none.
    package func newestEncoding(of column: ColumnIndex) -> ColumnEncoding? {
        blockList().last { $0.column == column }?.encoding
    }
}
