import CCodecs
import CKernels
import Catalogs
import SQLTypes
import Vectors

/// An encoded block, and what the catalog keeps of it.
struct FinishedBlock {
    var bytes: [UInt8]
    var firstRow: Int
    var zone: ZoneMap
    var encoding: ColumnEncoding
    var checksum: UInt64
}

/// What a column's blocks belong to.
struct BlockPlace {
    var table: TableID
    var extent: Int64
    var slice: SliceID
    var column: ColumnIndex
    /// The number of the first of them.
    var firstBlockNumber = 0
}

/// Collects the groups of one column and cuts them into blocks of at most 1 MiB.
///
/// Groups arrive in row order. In a compressed column, groups are gathered into a frame until it
/// holds `frameByteCount` bytes; a frame is never cut by a block's end.
struct BlockBuilder {
    /// Bytes of a frame before compression, unless a single group has more.
    static let frameByteCount = 128 << 10

    private let place: BlockPlace
    private let vector: Vector
    private let physical: PhysicalType
    private let encoding: ColumnEncoding
    private let compression: BlockCompression

    private let firstNumber: Int
    private var groups: [GroupEntry] = []
    private var frames: [(offset: Int, packed: Int, unpacked: Int)] = []
    private var data: [UInt8] = []
    private var unpackedByteCount = 0
    private var firstRow: Int
    private var nextRow: Int
    private var pendingGroups: [GroupEntry] = []
    private var pendingData: [UInt8] = []
    private(set) var finished: [FinishedBlock] = []

    /// Begins at row `firstRow` of the extent whose column `vector` is.
    init(
        place: BlockPlace,
        vector: Vector,
        encoding: ColumnEncoding,
        compression: BlockCompression,
        firstRow: Int = 0,
        number: Int = 0
    ) {
        firstNumber = place.firstBlockNumber + number
        self.place = place
        self.vector = vector
        physical = vector.physical
        self.encoding = encoding
        self.compression = compression
        self.firstRow = firstRow
        nextRow = firstRow
    }

    /// Adds the group of the next `group.rowCount` rows.
    mutating func add(_ group: EncodedGroup) throws(SQLError) {
        var entry = GroupEntry()
        entry.form = group.form
        entry.storage = group.storage
        entry.width = group.width
        entry.lengthWidth = group.lengthWidth
        entry.base = group.base
        entry.rowCount = group.rowCount
        entry.dataByteCount = group.data.count
        if compression == .none {
            let size = fixedByteCount(rows: nextRow + group.rowCount - firstRow, groups: 1)
            if !groups.isEmpty, size + data.count + group.data.count + 32 > blockByteCountMax {
                seal(dictionary: nil)
            }
            entry.firstRow = nextRow - firstRow
            entry.dataOffset = data.count
            data.append(contentsOf: group.data)
            pad(&data)
            unpackedByteCount = data.count
            groups.append(entry)
            nextRow += group.rowCount
            return
        }
        if !pendingData.isEmpty, pendingData.count + group.data.count > Self.frameByteCount {
            try closeFrame()
        }
        entry.dataOffset = pendingData.count
        pendingData.append(contentsOf: group.data)
        pad(&pendingData)
        pendingGroups.append(entry)
        if pendingData.count >= Self.frameByteCount { try closeFrame() }
    }

    /// Ends the last block.
    mutating func finish(dictionary: Vector? = nil) throws(SQLError) {
        if !pendingGroups.isEmpty { try closeFrame() }
        if !groups.isEmpty { seal(dictionary: dictionary) }
    }

    /// Bytes of everything but the data once the block has `rows` rows and `more` more groups.
    private func fixedByteCount(rows: Int, groups more: Int) -> Int {
        let units = (rows + unitRowCount - 1) / unitRowCount + 1
        return BlockHeader.byteCount + units * 24 + (vector.validity == nil ? 0 : rows / 8 + 24)
            + (groups.count + more) * GroupEntry.byteCount + (frames.count + 1) * 16 + 96
    }

    private mutating func closeFrame() throws(SQLError) {
        let packed = try compress(pendingData, with: compression)
        let rows = pendingGroups.reduce(0) { $0 + $1.rowCount }
        let size = fixedByteCount(rows: nextRow + rows - firstRow, groups: pendingGroups.count)
        if !groups.isEmpty, size + data.count + packed.count + 32 > blockByteCountMax {
            seal(dictionary: nil)
        }
        for var entry in pendingGroups {
            entry.firstRow = nextRow - firstRow
            entry.frame = frames.count
            groups.append(entry)
            nextRow += entry.rowCount
        }
        frames.append((data.count, packed.count, pendingData.count))
        data.append(contentsOf: packed)
        pad(&data)
        unpackedByteCount += pendingData.count
        pendingGroups = []
        pendingData = []
    }

    private mutating func seal(dictionary: Vector?) {
        var header = BlockHeader()
        header.encoding = UInt8(ColumnEncoding.allCases.firstIndex(of: encoding) ?? 0)
        header.physical = physical
        header.compression = compression
        header.table = place.table
        header.extent = place.extent
        header.column = place.column
        header.slice = place.slice
        header.blockNumber = firstNumber + finished.count
        header.firstRow = firstRow
        header.rowCount = nextRow - firstRow
        header.groupCount = groups.count
        header.frameCount = frames.count
        header.unpackedByteCount = unpackedByteCount

        let units = zoneMaps(of: vector, rows: firstRow..<nextRow)
        var zone = ZoneMap()
        for unit in units { zone.merge(unit) }
        header.unitCount = units.count
        header.minimum = zone.minimum
        header.maximum = zone.maximum
        header.nullCount = zone.nullCount

        var block = [UInt8](repeating: 0, count: BlockHeader.byteCount)
        block.reserveCapacity(fixedByteCount(rows: header.rowCount, groups: 0) + data.count)
        header.unitsOffset = block.count
        for unit in units {
            withUnsafeBytes(of: unit.minimum) { block.append(contentsOf: $0) }
            withUnsafeBytes(of: unit.maximum) { block.append(contentsOf: $0) }
            withUnsafeBytes(of: UInt32(unit.nullCount)) { block.append(contentsOf: $0) }
            withUnsafeBytes(of: UInt32(unit.rowCount)) { block.append(contentsOf: $0) }
        }
        pad(&block)
        if zone.nullCount > 0, let validity = vector.validity {
            header.validityOffset = block.count
            let words = shiftedBits(validity, from: firstRow, count: header.rowCount)
            words.withUnsafeBytes { block.append(contentsOf: $0) }
            pad(&block)
        }
        if let dictionary {
            header.dictionaryOffset = block.count
            header.dictionaryCount = dictionary.count
            append(dictionary, to: &block)
            pad(&block)
        }
        header.groupsOffset = block.count
        for group in groups {
            withUnsafeTemporaryAllocation(byteCount: GroupEntry.byteCount, alignment: 16) { raw in
                guard let start = raw.baseAddress else { return }
                group.write(to: start)
                block.append(contentsOf: raw)
            }
        }
        header.framesOffset = block.count
        for frame in frames {
            for number in [frame.offset, frame.packed, frame.unpacked, 0] {
                withUnsafeBytes(of: UInt32(number)) { block.append(contentsOf: $0) }
            }
        }
        header.dataOffset = block.count
        block.append(contentsOf: data)
        header.payloadByteCount = block.count - BlockHeader.byteCount
        block.withUnsafeMutableBytes { raw in
            if let start = raw.baseAddress { header.write(to: start) }
        }
        finished.append(
            FinishedBlock(
                bytes: block,
                firstRow: firstRow,
                zone: zone,
                encoding: encoding,
                checksum: header.payloadChecksum
            )
        )
        firstRow = nextRow
        groups = []
        frames = []
        data = []
        unpackedByteCount = 0
    }
}

/// Bits `from ..< from + count` of a bitmap, moved to the front, spare bits clear.
func shiftedBits(_ bits: [UInt64], from start: Int, count: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (count + 63) >> 6)
    let shift = UInt64(start & 63)
    for index in words.indices {
        let word = start >> 6 + index
        var value = word < bits.count ? bits[word] &>> shift : 0
        if shift > 0, word + 1 < bits.count { value |= bits[word + 1] &<< (64 - shift) }
        words[index] = value
    }
    if count & 63 != 0, let last = words.indices.last {
        words[last] &= (1 << UInt64(count & 63)) - 1
    }
    return words
}

/// Appends a dictionary's values: lengths and bytes for strings, else the values.
private func append(_ dictionary: Vector, to block: inout [UInt8]) {
    guard dictionary.physical == .string else {
        block.append(
            contentsOf: UnsafeRawBufferPointer(
                start: dictionary.data,
                count: dictionary.count * dictionary.physical.stride
            )
        )
        return
    }
    let views = dictionary.entries(as: StringView.self)
    for row in 0..<dictionary.count {
        withUnsafeBytes(of: UInt32(views[row].count)) { block.append(contentsOf: $0) }
    }
    for row in 0..<dictionary.count { views[row].withBytes { block.append(contentsOf: $0) } }
}

private func pad(_ bytes: inout [UInt8]) {
    while bytes.count & 15 != 0 { bytes.append(0) }
}

/// Compresses a frame; one that does not shrink stays as it is.
func compress(
    _ bytes: [UInt8],
    with compression: BlockCompression
) throws(SQLError) -> [UInt8] {
    guard compression != .none else { return bytes }
    let capacity =
        compression == .lz4 ? sc_lz4_bound(bytes.count) : sc_zstd_bound(bytes.count)
    var failed = false
    let packed = [UInt8](unsafeUninitializedCapacity: capacity) { target, initialized in
        let written = bytes.withUnsafeBytes { source in
            compression == .lz4
                ? sc_lz4_compress(source.baseAddress, source.count, target.baseAddress, capacity)
                : sc_zstd_compress(
                    source.baseAddress,
                    source.count,
                    target.baseAddress,
                    capacity,
                    zstdLevel
                )
        }
        failed = written < 0
        initialized = max(0, written)
    }
    if failed { throw SQLError.invariant("a frame of \(bytes.count) bytes could not be packed") }
    return packed.count < bytes.count ? packed : bytes
}

/// Level 3: 1 packs text 8 % worse, 6 halves the speed of loading.
private let zstdLevel: Int32 = 3
