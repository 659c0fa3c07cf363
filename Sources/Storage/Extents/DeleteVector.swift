import SQLTypes
import Vectors

/// The deleted rows of an extent; a newer vector replaces it.
package final class DeleteVector: Sendable {
    /// Bit r is set where row r of the extent is deleted.
    package let bits: [UInt64]
    /// How many rows are deleted.
    package let count: Int

    init(bits: [UInt64]) {
        self.bits = bits
        count = bits.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// The vector of an extent of `rowCount` rows after `rows` went too.
    ///
    /// Errors: XX000 for a row that the extent lacks.
    convenience init(
        adding rows: [Int],
        to older: DeleteVector?,
        rowCount: Int
    ) throws(SQLError) {
        var bits = older?.bits ?? [UInt64](repeating: 0, count: (rowCount + 63) >> 6)
        for row in rows {
            guard row >= 0, row < rowCount else {
                throw SQLError.invariant("row \(row) of an extent of \(rowCount) rows was deleted")
            }
            bits[row >> 6] |= 1 << UInt64(row & 63)
        }
        self.init(bits: bits)
    }

    /// The record of the catalog: positions where they are few, else the bitmap.
    var record: [UInt8] {
        var record = RecordWriter()
        record.put(bits.count)
        if count < bits.count * 2 {
            record.put(true)
            record.put(count)
            var last = -1
            for (index, word) in bits.enumerated() {
                var rest = word
                while rest != 0 {
                    let row = index << 6 + rest.trailingZeroBitCount
                    record.put(row - last)
                    last = row
                    rest &= rest &- 1
                }
            }
        } else {
            record.put(false)
            for word in bits { record.putFixed(word) }
        }
        return record.bytes
    }

    convenience init(record bytes: [UInt8], rowCount: Int) throws(SQLError) {
        var record = RecordReader(bytes)
        let wordCount = try record.int()
        guard wordCount == (rowCount + 63) >> 6 else { throw RecordReader.damaged }
        var bits = [UInt64](repeating: 0, count: wordCount)
        if try record.bool() {
            var row = -1
            for _ in 0..<(try record.count()) {
                row += try record.int()
                guard row >= 0, row < rowCount else { throw RecordReader.damaged }
                bits[row >> 6] |= 1 << UInt64(row & 63)
            }
        } else {
            for index in bits.indices { bits[index] = try record.fixed() }
        }
        self.init(bits: bits)
    }
}
