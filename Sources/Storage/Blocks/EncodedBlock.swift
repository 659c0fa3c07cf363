import CCodecs
import CKernels
import Catalogs
import SQLTypes
import Vectors

/// A block in memory, checked; vectors point into it, so it lives as long as they do.
final class EncodedBlock: Sendable {
    let buffer: Buffer
    let header: BlockHeader

    private init(buffer: Buffer, header: BlockHeader) {
        self.buffer = buffer
        self.header = header
    }

    /// Checks what was read for block `number` of a column of an extent.
    ///
    /// Errors: XX001 naming table, column, slice, block and file.
    static func checked(
        _ buffer: Buffer,
        extent: Extent,
        column: ColumnIndex,
        number: Int
    ) throws(SQLError) -> EncodedBlock {
        let record = extent.columns[column].block(number)
        let (found, fault) = BlockHeader.read(buffer.pointer, byteCount: buffer.byteCount)
        guard let header = found else {
            throw damaged(extent, column, number, fault ?? "It cannot be read.")
        }
        let isInPlace =
            header.table == extent.table && header.extent == extent.id
            && header.column == column && header.slice == extent.slice
            && header.blockNumber == number && header.firstRow == record.firstRow
            && header.rowCount == record.zone.rowCount
        guard isInPlace else {
            throw damaged(extent, column, number, "Another block stands in its place.")
        }
        guard header.payloadChecksum == record.checksum else {
            throw damaged(extent, column, number, "Its checksum is not the catalog's.")
        }
        return EncodedBlock(buffer: buffer, header: header)
    }

    /// The zone map of unit `index` of the block.
    @inline(__always)
    func unit(_ index: Int) -> ZoneMap {
        let at = buffer.pointer + header.unitsOffset + index * 24
        var map = ZoneMap()
        map.minimum = at.loadUnaligned(as: Int64.self)
        map.maximum = at.loadUnaligned(fromByteOffset: 8, as: Int64.self)
        map.nullCount = Int(at.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        map.rowCount = Int(at.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        return map
    }

    /// The unit that has row `row` of the block.
    @inline(__always)
    func unitIndex(ofRow row: Int) -> Int {
        (header.firstRow + row) / unitRowCount - header.firstRow / unitRowCount
    }

    /// The merged zone map of the units that rows of the block touch.
    @inline(__always)
    func zone(ofRows rows: Range<Int>) -> ZoneMap {
        var map = ZoneMap()
        for index in unitIndex(ofRow: rows.lowerBound)...unitIndex(ofRow: rows.upperBound - 1) {
            map.merge(unit(index))
        }
        return map
    }

    func group(_ index: Int) -> GroupEntry {
        GroupEntry(from: buffer.pointer + header.groupsOffset + index * GroupEntry.byteCount)
    }

    /// The validity of rows of the block, from bit 0; nil where none is NULL.
    func validity(ofRows rows: Range<Int>) -> [UInt64]? {
        guard header.validityOffset > 0, zone(ofRows: rows).nullCount > 0 else { return nil }
        let words = buffer.pointer + header.validityOffset
        let wordCount = (header.rowCount + 63) >> 6
        var result = [UInt64](repeating: 0, count: (rows.count + 63) >> 6)
        let shift = UInt64(rows.lowerBound & 63)
        var isFull = true
        for index in result.indices {
            let word = rows.lowerBound >> 6 + index
            var bits = words.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self) &>> shift
            if shift > 0, word + 1 < wordCount {
                bits |=
                    words.loadUnaligned(fromByteOffset: word * 8 + 8, as: UInt64.self)
                    &<< (64 - shift)
            }
            let live = min(64, rows.count - index * 64)
            let mask: UInt64 = live == 64 ? .max : (1 << UInt64(live)) - 1
            bits &= mask
            isFull = isFull && bits == mask
            result[index] = bits
        }
        return isFull ? nil : result
    }

    /// The dictionary's values as a flat vector.
    func dictionary() -> Vector {
        let count = header.dictionaryCount
        let start = buffer.pointer + header.dictionaryOffset
        guard header.physical == .string else {
            return Vector(
                physical: header.physical,
                form: .flat,
                count: count,
                data: start,
                owners: [buffer]
            )
        }
        let views = Buffer(byteCount: count * 16)
        let target = views.pointer.assumingMemoryBound(to: StringView.self)
        var text = (start + count * 4).assumingMemoryBound(to: UInt8.self)
        for index in 0..<count {
            let length = Int(start.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            target[index] = StringView(text, count: length)
            text += length
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: count,
            data: views.pointer,
            owners: [views, buffer]
        )
    }

    /// Unpacks frame `index` into memory of its own.
    func unpackedFrame(_ index: Int) throws(SQLError) -> Buffer {
        let entry = buffer.pointer + header.framesOffset + index * 16
        let offset = Int(entry.loadUnaligned(as: UInt32.self))
        let packed = Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let unpacked = Int(entry.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let source = buffer.pointer + header.dataOffset + offset
        let target = Buffer(byteCount: unpacked)
        if packed == unpacked {
            target.pointer.copyMemory(from: source, byteCount: unpacked)
            return target
        }
        let written =
            header.compression == .lz4
            ? sc_lz4_decompress(source, packed, target.pointer, unpacked)
            : sc_zstd_decompress(source, packed, target.pointer, unpacked)
        guard written == unpacked else {
            throw SQLError(
                .dataCorrupted,
                "frame \(index) of block \(header.blockNumber) of column \(header.column) of "
                    + "table \(header.table) on slice \(header.slice) does not unpack"
            )
        }
        return target
    }
}

/// The error for a block that is not what the catalog says.
func damaged(_ extent: Extent, _ column: Int, _ number: Int, _ reason: String) -> SQLError {
    let record = extent.columns[column].block(number)
    let file = extent.path(of: record).map { "file \"\($0)\"" } ?? "the catalog"
    let name = number == ExtentSample.blockNumber ? "the sample" : "block \(number)"
    return SQLError(
        .dataCorrupted,
        "\(name) of column \(column) of table \(extent.table) on slice \(extent.slice) "
            + "is damaged in \(file)",
        detail: "\(reason) It begins at byte \(record.offset) of extent \(extent.id)."
    )
}
