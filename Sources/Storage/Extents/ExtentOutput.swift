import Catalogs
import SQLTypes
import Vectors

/// Writes the blocks of one extent.
struct ExtentOutput {
    /// Extents below this many encoded bytes travel inside the catalog record.
    static let inlineByteCountMax = 64 << 10

    let id: Int64
    let definition: TableDefinition
    let slice: SliceID
    let place: ExtentPlace
    /// The rows of the sample.
    let samplePositions: [UInt32]
    private var columns: [ExtentColumn] = []
    // Blocks stay here until they are known to be too many for the catalog.
    private var waiting: [(column: Int, block: Int, bytes: [UInt8])] = []
    private var waitingByteCount = 0
    private var disks: [(file: any OpenFile, end: Int)?] = []
    private var kept: ExtentFiles?
    private var nextDisk = 0

    init(
        id: Int64,
        definition: TableDefinition,
        slice: SliceID,
        place: ExtentPlace,
        samplePositions: [UInt32]
    ) {
        self.samplePositions = samplePositions
        self.id = id
        self.definition = definition
        self.slice = slice
        self.place = place
    }

    mutating func add(
        _ source: Vector,
        column: ColumnIndex,
        isLeadingKey: Bool,
        check: @escaping StopCheck
    ) throws(SQLError) {
        let type = definition.columns[column].type
        var vector = source
        if case .char = type { vector = vector.withoutTrailingBlanks }
        if vector.physical == .int128, type != .interval { vector = vector.narrowedToInt64 }
        let blockPlace = BlockPlace(
            table: definition.id,
            extent: id,
            slice: slice,
            column: column
        )
        let encoder = ColumnEncoder(vector: vector, type: type, place: blockPlace, check: check)
        let blocks = try encoder.encode(as: definition.columns[column].encoding)
        try check()
        var record = ExtentColumn(
            zone: ZoneMap(),
            isAscending: isAscending(vector) || isLeadingKey && vector.hasNoNulls,
            valueByteCount: valueByteCount(vector, type: type),
            sketch: DistinctSketch(),
            blocks: []
        )
        try check()
        record.sketch.add(vector)
        for block in blocks {
            record.zone.merge(block.zone)
            record.blocks.append(hold(block, column: column, number: record.blocks.count))
        }
        record.sample = try ExtentSample.block(
            of: vector,
            at: samplePositions,
            type: type,
            place: blockPlace
        ).map { hold($0, column: column, number: ExtentSample.blockNumber) }
        columns.append(record)
        if kept != nil || waitingByteCount >= Self.inlineByteCountMax { try writeWaiting() }
    }

    /// Lets a block wait; its place in a file is known later.
    private mutating func hold(
        _ block: FinishedBlock,
        column: ColumnIndex,
        number: Int
    ) -> BlockRecord {
        waiting.append((column, number, block.bytes))
        waitingByteCount += block.bytes.count
        return BlockRecord(
            firstRow: block.firstRow,
            zone: block.zone,
            disk: 0,
            offset: 0,
            byteCount: block.bytes.count,
            encoding: block.encoding,
            checksum: block.checksum
        )
    }

    mutating func finish(rowCount: Int, isSorted: Bool) throws(SQLError) -> Extent {
        let storage: ExtentStorage
        if let kept {
            for disk in disks { disk?.file.close() }
            storage = .files(kept)
        } else {
            var bytes: [UInt8] = []
            for block in waiting {
                columns[block.column].setPlace(of: block.block, disk: 0, offset: bytes.count)
                bytes.append(contentsOf: block.bytes)
            }
            storage = .inline(bytes)
        }
        return Extent(
            id: id,
            table: definition.id,
            slice: slice,
            rowCount: rowCount,
            isSorted: isSorted,
            columns: columns,
            storage: storage
        )
    }

    /// Writes the waiting blocks, going round the slice's disks.
    private mutating func writeWaiting() throws(SQLError) {
        let diskCount = place.shape.disksPerSlice
        if kept == nil {
            disks = Array(repeating: nil, count: diskCount)
            // Owned before they are made, so that a failure on the way leaves none behind.
            kept = ExtentFiles(paths: (0..<diskCount).map(path), removal: place.removal)
        }
        for block in waiting {
            // Writing may wait for the disk.
            try Interruption.check()
            let disk = nextDisk % diskCount
            nextDisk += 1
            let file: any OpenFile
            if let open = disks[disk] {
                file = open.file
            } else {
                file = try place.files.open(path(disk), for: .readWrite)
            }
            let offset = disks[disk]?.end ?? 0
            var failure: SQLError?
            block.bytes.withUnsafeBytes { bytes in
                do throws(SQLError) {
                    try file.write(bytes, at: offset)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            disks[disk] = (file, offset + block.bytes.count)
            columns[block.column].setPlace(of: block.block, disk: disk, offset: offset)
        }
        waiting = []
        waitingByteCount = 0
    }

    private func path(_ disk: Int) -> String {
        place.path(
            extent: id,
            slice: slice,
            disk: disk,
            isTemporary: definition.isTemporary
        )
    }
}

extension ExtentColumn {
    fileprivate mutating func setPlace(of number: Int, disk: Int, offset: Int) {
        if number == ExtentSample.blockNumber {
            sample?.disk = disk
            sample?.offset = offset
        } else {
            blocks[number].disk = disk
            blocks[number].offset = offset
        }
    }
}

private func valueByteCount(_ vector: Vector, type: DataType) -> Int {
    guard vector.physical == .string else { return vector.count * type.planWidth }
    let views = vector.entries(as: StringView.self)
    var total = 0
    for row in 0..<vector.count where !vector.isNull(row) { total += views[row].count }
    return total
}

extension Vector {
    /// Texts without blanks at their ends; the same vector where none has any.
    fileprivate var withoutTrailingBlanks: Vector {
        let views = entries(as: StringView.self)
        var hasBlanks = false
        for row in 0..<count where !isNull(row) {
            if views[row].withBytes({ $0.last == 0x20 }) {
                hasBlanks = true
                break
            }
        }
        guard hasBlanks else { return self }
        let buffer = Buffer(byteCount: count * 16)
        let trimmed = buffer.pointer.assumingMemoryBound(to: StringView.self)
        for row in 0..<count {
            let view = isNull(row) ? .empty : views[row]
            trimmed[row] = view.withBytes { bytes in
                var length = bytes.count
                while length > 0 && bytes[length - 1] == 0x20 { length -= 1 }
                return bytes.baseAddress.map { StringView($0, count: length) } ?? .empty
            }
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: owners + [buffer]
        )
    }

    /// The values as int64 where all of them fit; else the same vector.
    fileprivate var narrowedToInt64: Vector {
        let values = entries(as: Int128.self)
        for row in 0..<count where !isNull(row) && Int64(exactly: values[row]) == nil {
            return self
        }
        let buffer = Buffer(byteCount: count * 8)
        let narrow = buffer.pointer.assumingMemoryBound(to: Int64.self)
        for row in 0..<count {
            narrow[row] = isNull(row) ? 0 : Int64(truncatingIfNeeded: values[row])
        }
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }
}
