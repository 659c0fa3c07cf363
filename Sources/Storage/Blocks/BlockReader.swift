import SQLTypes
import Vectors

/// Turns rows of one block into vectors; used by one scan, which moves forward.
///
/// Byte-aligned entries and codes are handed out where they lie, without a copy. Runs and packed
/// bits are expanded a group at a time, compressed frames unpacked one at a time and held until
/// the rows after them are asked for.
final class BlockReader {
    let block: EncodedBlock
    private var groupIndex = -1
    private var entry = GroupEntry()
    private var frameIndex = -1
    private var frame: Buffer?
    // The entries of the present group: where, in what width, and who keeps them.
    private var entries: UnsafeMutableRawPointer
    private var entryWidth = 0
    private var owner: Buffer
    private var textOffsets: [UInt32] = []
    private lazy var dictionary: Vector = block.dictionary()
    private lazy var words = WordReader(
        block.buffer.pointer + block.header.dictionaryOffset,
        count: block.header.dictionaryCount
    )

    init(_ block: EncodedBlock) {
        self.block = block
        entries = block.buffer.pointer
        owner = block.buffer
    }

    /// The values of rows `rows` of the block.
    func vector(rows: Range<Int>) throws(SQLError) -> Vector {
        try select(rows.lowerBound)
        if rows.upperBound <= entry.firstRow + entry.rowCount { return groupVector(rows) }
        // Long strings end groups early: such rows are put together from several.
        let builder = VectorBuilder(physical: block.header.physical, capacity: rows.count)
        var row = rows.lowerBound
        while row < rows.upperBound {
            try select(row)
            let end = min(rows.upperBound, entry.firstRow + entry.rowCount)
            builder.append(groupVector(row..<end))
            row = end
        }
        return builder.finish()
    }

    /// The values of some of the rows `rows`, by their places counted from the first of them.
    func gather(
        rows: Range<Int>,
        positions: UnsafePointer<UInt16>,
        count: Int
    ) throws(SQLError) -> Vector {
        try select(rows.lowerBound)
        let isOneGroup = rows.upperBound <= entry.firstRow + entry.rowCount
        if isOneGroup && entry.form == .text {
            return textVector(rows, positions: positions, count: count)
        }
        return try vector(rows: rows).gather(positions, count: count)
    }

    /// Makes the group that has row `row` the present one.
    private func select(_ row: Int) throws(SQLError) {
        if groupIndex >= 0, row >= entry.firstRow, row < entry.firstRow + entry.rowCount { return }
        // Scans move forward: mostly it is the next one.
        var index = groupIndex + 1
        let next = index < block.header.groupCount ? block.group(index) : GroupEntry()
        if row < next.firstRow || row >= next.firstRow + next.rowCount { index = search(row) }
        guard index < block.header.groupCount else {
            throw SQLError.invariant("row \(row) of a block of \(block.header.rowCount) was read")
        }
        groupIndex = index
        entry = block.group(index)
        textOffsets.removeAll(keepingCapacity: true)
        try prepareEntries()
    }

    private func search(_ row: Int) -> Int {
        var low = 0
        var high = block.header.groupCount
        while low < high {
            let middle = (low + high) / 2
            let group = block.group(middle)
            if row < group.firstRow {
                high = middle
            } else if row >= group.firstRow + group.rowCount {
                low = middle + 1
            } else {
                return middle
            }
        }
        return low
    }

    private func prepareEntries() throws(SQLError) {
        if entry.storage == .constant { return }
        let source: UnsafeMutableRawPointer
        if block.header.compression == .none {
            source = block.buffer.pointer + block.header.dataOffset + entry.dataOffset
            owner = block.buffer
        } else {
            if frameIndex != entry.frame || frame == nil {
                frame = try block.unpackedFrame(entry.frame)
                frameIndex = entry.frame
            }
            guard let frame else { return }
            source = frame.pointer + entry.dataOffset
            owner = frame
        }
        entries = source
        entryWidth = entry.width
        switch entry.storage {
        case .direct, .constant: break
        case .runs: expandRuns(source)
        case .packed:
            entryWidth = entry.width <= 16 ? 2 : 4
            let padded = (entry.rowCount + 1023) & ~1023
            let target = Buffer(byteCount: padded * entryWidth)
            if entryWidth == 2 {
                unpackBitsShort(
                    source,
                    bits: entry.width,
                    count: entry.rowCount,
                    into: target.pointer
                )
            } else {
                unpackBits(source, bits: entry.width, count: entry.rowCount, into: target.pointer)
            }
            adopt(target)
        case .deltas:
            let isNarrow = entry.form == .narrow
            entryWidth = isNarrow ? 4 : 8
            adopt(
                expandDeltas(source, width: entry.width, count: entry.rowCount, isNarrow: isNarrow)
            )
        case .mostly:
            entryWidth = 8
            adopt(expandMostly(source, width: entry.width, count: entry.rowCount))
        case .words:
            adopt(
                words.expand(
                    source,
                    codeWidth: entry.width,
                    lengthWidth: entry.lengthWidth,
                    count: entry.rowCount
                )
            )
        }
    }

    /// Makes unpacked entries those of the present group.
    private func adopt(_ unpacked: Buffer) {
        entries = unpacked.pointer
        owner = unpacked
    }

    private func expandRuns(_ source: UnsafeMutableRawPointer) {
        let count = Int(source.loadUnaligned(as: UInt32.self))
        let ends = source + 16
        let values = source + aligned(16 + count * 2)
        let target = Buffer(byteCount: entry.rowCount * entry.width)
        func expand<Entry>(_ type: Entry.Type) {
            let from = values.assumingMemoryBound(to: type)
            let to = target.pointer.assumingMemoryBound(to: type)
            var row = 0
            for run in 0..<count {
                let end = Int(ends.loadUnaligned(fromByteOffset: run * 2, as: UInt16.self))
                (to + row).update(repeating: from[run], count: end - row)
                row = end
            }
        }
        switch entry.width {
        case 1: expand(UInt8.self)
        case 2: expand(UInt16.self)
        case 4: expand(UInt32.self)
        case 8: expand(UInt64.self)
        default: expand(Int128.self)
        }
        entries = target.pointer
        owner = target
    }

    /// Rows of the present group.
    private func groupVector(_ rows: Range<Int>) -> Vector {
        let validity = block.validity(ofRows: rows)
        let physical = block.header.physical
        if let validity, validity.allSatisfy({ $0 == 0 }) {
            return Vector.nulls(physical: physical, count: rows.count)
        }
        var bounds: ClosedRange<Int64>?
        if physical == .int64 {
            let zone = block.zone(ofRows: rows)
            if zone.minimum <= zone.maximum { bounds = zone.minimum...zone.maximum }
        }
        let start = rows.lowerBound - entry.firstRow
        let form: VectorForm
        switch entry.form {
        case .text: return textVector(rows)
        case .flat: form = .flat
        case .narrow:
            if entry.storage == .constant {
                return constantInteger(rows.count, validity: validity, bounds: bounds)
            }
            form = entryWidth == 1 ? .narrow8 : entryWidth == 2 ? .narrow16 : .narrow32
        case .codes:
            if entry.storage == .constant {
                return constantCode(rows.count, validity: validity, bounds: bounds)
            }
            form = entryWidth == 1 ? .dictionary8 : .dictionary16
        }
        return Vector(
            physical: physical,
            form: form,
            count: rows.count,
            data: entries + start * entryWidth,
            base: entry.form == .narrow ? entry.base : 0,
            dictionary: entry.form == .codes ? dictionary : nil,
            validity: validity,
            bounds: bounds,
            owners: [owner]
        )
    }

    /// All rows alike: a constant, or where some are NULL offsets of zero.
    private func constantInteger(
        _ count: Int,
        validity: [UInt64]?,
        bounds: ClosedRange<Int64>?
    ) -> Vector {
        guard let validity else {
            return Vector.constant(.int64(entry.base), physical: .int64, count: count)
        }
        let zeros = Buffer(byteCount: count)
        zeros.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return Vector(
            physical: .int64,
            form: .narrow8,
            count: count,
            data: zeros.pointer,
            base: entry.base,
            validity: validity,
            bounds: bounds,
            owners: [zeros]
        )
    }

    private func constantCode(
        _ count: Int,
        validity: [UInt64]?,
        bounds: ClosedRange<Int64>?
    ) -> Vector {
        let code = Int(entry.base)
        guard let validity else {
            let stride = dictionary.physical.stride
            return Vector(
                physical: dictionary.physical,
                form: .constant,
                count: count,
                data: dictionary.data + code * stride,
                bounds: bounds,
                owners: dictionary.owners
            )
        }
        let codes = Buffer(byteCount: count * 2)
        codes.pointer.initializeMemory(
            as: UInt16.self,
            repeating: UInt16(truncatingIfNeeded: code),
            count: count
        )
        return Vector(
            physical: dictionary.physical,
            form: .dictionary16,
            count: count,
            data: codes.pointer,
            dictionary: dictionary,
            validity: validity,
            bounds: bounds,
            owners: [codes]
        )
    }

    /// Where each text of the present group begins, from the end of the lengths.
    private func findTexts() {
        guard textOffsets.isEmpty else { return }
        let count = entry.rowCount
        var offsets = textOffsets
        textOffsets = []
        offsets.reserveCapacity(count + 1)
        var offset: UInt32 = 0
        func sum<Length: FixedWidthInteger & UnsignedInteger>(_ type: Length.Type) {
            let lengths = entries.assumingMemoryBound(to: type)
            for row in 0..<count {
                offsets.append(offset)
                offset &+= UInt32(truncatingIfNeeded: lengths[row])
            }
        }
        switch entry.lengthWidth {
        case 1: sum(UInt8.self)
        case 2: sum(UInt16.self)
        default: sum(UInt32.self)
        }
        offsets.append(offset)
        textOffsets = offsets
    }

    private func textVector(
        _ rows: Range<Int>,
        positions: UnsafePointer<UInt16>? = nil,
        count: Int? = nil
    ) -> Vector {
        findTexts()
        let count = count ?? rows.count
        let first = rows.lowerBound - entry.firstRow
        let text = (entries + aligned(entry.rowCount * entry.lengthWidth))
            .assumingMemoryBound(to: UInt8.self)
        let buffer = Buffer(byteCount: max(1, count) * 16)
        let views = buffer.pointer.assumingMemoryBound(to: StringView.self)
        var validity = block.validity(ofRows: rows)
        textOffsets.withUnsafeBufferPointer { offsets in
            if let positions {
                for index in 0..<count {
                    let row = first + Int(positions[index])
                    let start = Int(offsets[row])
                    views[index] = textView(text + start, count: Int(offsets[row + 1]) - start)
                }
            } else {
                for index in 0..<count {
                    let start = Int(offsets[first + index])
                    let length = Int(offsets[first + index + 1]) - start
                    views[index] = textView(text + start, count: length)
                }
            }
        }
        if let positions, let all = validity {
            var chosen = [UInt64](repeating: 0, count: (count + 63) >> 6)
            for index in 0..<count {
                let row = Int(positions[index])
                chosen[index >> 6] |= (all[row >> 6] >> UInt64(row & 63) & 1) << UInt64(index & 63)
            }
            validity = chosen == Vector.allValid(count) ? nil : chosen
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer, owner]
        )
    }
}

/// A view made with wide loads: 16 bytes behind any text in a block or frame are readable.
@inline(__always)
private func textView(_ text: UnsafePointer<UInt8>, count: Int) -> StringView {
    let raw = UnsafeRawPointer(text)
    if count > 12 {
        let first = UInt64(raw.loadUnaligned(as: UInt32.self))
        return StringView(
            head: UInt64(UInt32(truncatingIfNeeded: count)) | first << 32,
            tail: UInt64(UInt(bitPattern: text))
        )
    }
    // Bytes past the text are masked off.
    let low = raw.loadUnaligned(as: UInt64.self)
    let high = UInt64(raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    let lowKept = count >= 8 ? low : low & ((1 << UInt64(8 * count)) - 1)
    let highKept = count <= 8 ? 0 : high & ((1 << UInt64(8 * (count - 8))) - 1)
    return StringView(
        head: UInt64(count) | lowKept << 32,
        tail: lowKept >> 32 | highKept << 32
    )
}
