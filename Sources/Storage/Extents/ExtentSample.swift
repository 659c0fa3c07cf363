import Catalogs
import SQLTypes
import Vectors

/// Rows of an extent that are kept a second time, in one small block per column, so that the
/// planner can ask which share of a table passes a condition without reading the table.
///
/// The same rows for every column. Every stretch of `n / 1024` rows gives one of its rows, so that
/// what depends on the sort key is spread evenly; they are kept in an order in which each
/// beginning is spread over the whole extent.
enum ExtentSample {
    /// Rows of a sample.
    static let rowCount = 1024
    /// Extents with fewer rows have none: their own blocks are as quickly read.
    static let extentRowCountMin = 4 * rowCount
    /// The block's number, which no other block of the column can reach.
    static let blockNumber = Int(Int32.max)

    /// The rows of the sample of an extent; empty for a small one.
    static func positions(rowCount count: Int) -> [UInt32] {
        guard count >= extentRowCountMin else { return [] }
        let bits = rowCount.trailingZeroBitCount
        return (0..<rowCount).map { index in
            let stretch = Int(UInt32(index).bitReversed >> UInt32(32 - bits))
            let start = stretch * count / rowCount
            let end = (stretch + 1) * count / rowCount
            let offset = Int(hashWord(UInt64(stretch)) % UInt64(end - start))
            return UInt32(start + offset)
        }
    }

    /// The block of a column's sample; nil for a small extent.
    static func block(
        of vector: Vector,
        at positions: [UInt32],
        type: DataType,
        place: BlockPlace
    ) throws(SQLError) -> FinishedBlock? {
        let rows = positions.withUnsafeBufferPointer { positions in
            positions.baseAddress.map { vector.gather($0, count: positions.count) }
        }
        guard !positions.isEmpty, let rows else { return nil }
        var place = place
        place.firstBlockNumber = blockNumber
        let encoder = ColumnEncoder(vector: rows, type: type, place: place)
        // Texts too long for one block leave their column a smaller sample.
        return try encoder.encode(as: vector.physical == .string ? .lzo : .az64).first
    }
}

extension UInt32 {
    fileprivate var bitReversed: UInt32 {
        var value = self
        value = (value & 0x5555_5555) << 1 | (value >> 1) & 0x5555_5555
        value = (value & 0x3333_3333) << 2 | (value >> 2) & 0x3333_3333
        value = (value & 0x0F0F_0F0F) << 4 | (value >> 4) & 0x0F0F_0F0F
        return value.byteSwapped
    }
}
