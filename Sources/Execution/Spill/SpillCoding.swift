import SQLTypes
import Vectors

// Columns as bytes of a spill file:
//
//   | 56 bytes a column: form, base, least, greatest, and where the parts lie | parts … |
//
//   numbers   as in memory, integers as offsets of 1, 2 or 4 bytes where their range allows it
//   text      the lengths, 4 bytes each; behind them all bytes
//   NULLs     a word for 64 rows, where there are any
//
// Parts begin at multiples of 64 bytes, so that vectors point into what was read.

/// Bytes of a column's entry, and what parts are aligned to.
private let entryByteCount = 56
private let partAlignment = 64

/// Words of a column's entry, in order.
private struct ColumnEntry {
    var form: UInt64 = 0
    var base: Int64 = 0
    var least: Int64 = .max
    var greatest: Int64 = .min
    var data = 0
    /// 0 where there are no NULLs.
    var validity = 0
    /// Where text begins; 0 for other types.
    var text = 0
}

/// How the integers of a column are written.
private func form(of column: Vector) -> (form: VectorForm, base: Int64) {
    guard column.physical == .int64 else { return (.flat, 0) }
    guard let bounds = column.bounds else { return (.narrow8, 0) }
    let (span, isWide) = bounds.upperBound.subtractingReportingOverflow(bounds.lowerBound)
    if isWide || span > Int64(UInt32.max) { return (.flat, 0) }
    if span > Int64(UInt16.max) { return (.narrow32, bounds.lowerBound) }
    return (span > Int64(UInt8.max) ? .narrow16 : .narrow8, bounds.lowerBound)
}

/// Writes flat columns of `count` rows, as builders make them, into memory of their own.
func encodedColumns(_ columns: [Vector], count: Int) -> Buffer {
    var end = columns.count * entryByteCount
    func place(_ byteCount: Int) -> Int {
        end = (end + partAlignment - 1) & ~(partAlignment - 1)
        defer { end += byteCount }
        return end
    }
    var entries: [ColumnEntry] = []
    for column in columns {
        var entry = ColumnEntry()
        let (form, base) = form(of: column)
        entry.form = UInt64(form.rawValue)
        entry.base = base
        entry.least = column.bounds?.lowerBound ?? .max
        entry.greatest = column.bounds?.upperBound ?? .min
        let isText = column.physical == .string
        entry.data = place(count * (isText ? 4 : form.stride(of: column.physical)))
        if column.validity != nil { entry.validity = place((count + 63) >> 6 * 8) }
        if isText { entry.text = place(textByteCount(column, count: count)) }
        entries.append(entry)
    }
    let buffer = Buffer(byteCount: max(end, 1))
    // Gaps between parts are written too.
    buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: end)
    for (index, (entry, column)) in zip(entries, columns).enumerated() {
        write(entry, to: buffer.pointer + index * entryByteCount)
        write(column, count: count, entry, to: buffer.pointer)
    }
    return buffer
}

private func write(_ entry: ColumnEntry, to target: UnsafeMutableRawPointer) {
    let words = [
        Int64(bitPattern: entry.form), entry.base, entry.least, entry.greatest,
        Int64(entry.data), Int64(entry.validity), Int64(entry.text),
    ]
    for (index, word) in words.enumerated() {
        target.storeBytes(of: word, toByteOffset: index * 8, as: Int64.self)
    }
}

private func write(
    _ column: Vector,
    count: Int,
    _ entry: ColumnEntry,
    to start: UnsafeMutableRawPointer
) {
    let target = start + entry.data
    if column.physical == .string {
        writeText(column, count: count, lengths: target, text: start + entry.text)
    } else {
        switch VectorForm(rawValue: UInt8(truncatingIfNeeded: entry.form)) {
        case .narrow8: writeOffsets(column, UInt8.self, count, entry.base, target)
        case .narrow16: writeOffsets(column, UInt16.self, count, entry.base, target)
        case .narrow32: writeOffsets(column, UInt32.self, count, entry.base, target)
        default:
            target.copyMemory(from: column.data, byteCount: count * column.physical.stride)
        }
    }
    guard let validity = column.validity else { return }
    validity.withUnsafeBytes { bits in
        guard let source = bits.baseAddress else { return }
        (start + entry.validity).copyMemory(
            from: source,
            byteCount: min(bits.count, (count + 63) >> 6 * 8)
        )
    }
}

private func writeOffsets<Offset: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ column: Vector,
    _ type: Offset.Type,
    _ count: Int,
    _ base: Int64,
    _ target: UnsafeMutableRawPointer
) {
    let values = column.entries(as: Int64.self)
    let offsets = target.assumingMemoryBound(to: Offset.self)
    for row in 0..<count { offsets[row] = Offset(truncatingIfNeeded: values[row] &- base) }
}

private func textByteCount(_ column: Vector, count: Int) -> Int {
    let views = column.entries(as: StringView.self)
    var total = 0
    for row in 0..<count where !column.isNull(row) { total += views[row].count }
    return total
}

private func writeText(
    _ column: Vector,
    count: Int,
    lengths: UnsafeMutableRawPointer,
    text: UnsafeMutableRawPointer
) {
    let views = column.entries(as: StringView.self)
    let length = lengths.assumingMemoryBound(to: UInt32.self)
    var target = text
    for row in 0..<count {
        if column.isNull(row) {
            length[row] = 0
            continue
        }
        views[row].withBytes { bytes in
            length[row] = UInt32(truncatingIfNeeded: bytes.count)
            if let source = bytes.baseAddress, bytes.count > 0 {
                target.copyMemory(from: source, byteCount: bytes.count)
                target += bytes.count
            }
        }
    }
}

/// The columns of `count` rows that ``encodedColumns(_:count:)`` has written; they point into
/// `buffer`, whose bytes are known to be those written.
func decodedColumns(_ buffer: Buffer, types: [PhysicalType], count: Int) -> [Vector] {
    types.enumerated().map { index, physical in
        let source = buffer.pointer + index * entryByteCount
        func word(_ place: Int) -> Int64 {
            source.load(fromByteOffset: place * 8, as: Int64.self)
        }
        let form = VectorForm(rawValue: UInt8(truncatingIfNeeded: word(0))) ?? .flat
        let (least, greatest) = (word(2), word(3))
        var validity: [UInt64]?
        if word(5) != 0 {
            let words = (buffer.pointer + Int(word(5))).assumingMemoryBound(to: UInt64.self)
            validity = Array(UnsafeBufferPointer(start: words, count: (count + 63) >> 6))
        }
        let data = buffer.pointer + Int(word(4))
        let isText = physical == .string
        let views = isText ? textViews(data, buffer.pointer + Int(word(6)), count: count) : nil
        return Vector(
            physical: physical,
            form: form,
            count: count,
            data: views?.pointer ?? data,
            base: word(1),
            validity: validity,
            bounds: least <= greatest ? least...greatest : nil,
            owners: views.map { [$0, buffer] } ?? [buffer]
        )
    }
}

private func textViews(
    _ lengths: UnsafeMutableRawPointer,
    _ text: UnsafeMutableRawPointer,
    count: Int
) -> Buffer {
    let views = Buffer(byteCount: max(1, count) * MemoryLayout<StringView>.stride)
    let target = views.pointer.assumingMemoryBound(to: StringView.self)
    let length = lengths.assumingMemoryBound(to: UInt32.self)
    var next = text.assumingMemoryBound(to: UInt8.self)
    for row in 0..<count {
        target[row] = StringView(next, count: Int(length[row]))
        next += Int(length[row])
    }
    return views
}
