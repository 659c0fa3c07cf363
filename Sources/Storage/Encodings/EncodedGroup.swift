import CCodecs
import SQLTypes
import Vectors

/// The entries of up to 2,048 rows, encoded but not yet placed in a block.
struct EncodedGroup {
    var form: GroupForm
    var storage: GroupStorage
    /// Bytes of an entry; bits where packed.
    var width: Int
    var lengthWidth = 0
    var base: Int64 = 0
    var rowCount: Int
    var data: [UInt8] = []

    init(_ form: GroupForm, _ storage: GroupStorage, width: Int, rowCount: Int) {
        self.form = form
        self.storage = storage
        self.width = width
        self.rowCount = rowCount
    }
}

/// The bytes an unsigned number needs: 1, 2, 4 or 8.
@inline(__always)
func byteWidth(_ span: UInt64) -> Int {
    span <= 0xFF ? 1 : span <= 0xFFFF ? 2 : span <= 0xFFFF_FFFF ? 4 : 8
}

/// What an integer group may be stored as.
struct IntegerLayouts: OptionSet {
    let rawValue: Int
    static let constant = IntegerLayouts(rawValue: 1)
    static let packed = IntegerLayouts(rawValue: 2)
    static let runs = IntegerLayouts(rawValue: 4)
    /// AZ64: one base, byte-aligned or bit-packed offsets.
    static let az64: IntegerLayouts = [.constant, .packed]
    /// RUNLENGTH.
    static let runlength: IntegerLayouts = [.constant, .runs]
}

/// Encodes rows of a flat int64 vector as offsets from their least value.
func encodeIntegers(
    _ vector: Vector,
    rows: Range<Int>,
    layouts: IntegerLayouts
) -> EncodedGroup {
    let values = vector.entries(as: Int64.self)
    var low = Int64.max
    var high = Int64.min
    let hasNulls = (vector.validity != nil) && rows.contains { vector.isNull($0) }
    if hasNulls {
        for row in rows where !vector.isNull(row) {
            low = min(low, values[row])
            high = max(high, values[row])
        }
        if low > high { (low, high) = (0, 0) }
    } else {
        for row in rows {
            low = min(low, values[row])
            high = max(high, values[row])
        }
    }
    let span = UInt64(bitPattern: high &- low)
    if span == 0 && layouts.contains(.constant) {
        var group = EncodedGroup(.narrow, .constant, width: 0, rowCount: rows.count)
        group.base = low
        return group
    }
    let width = byteWidth(span)
    if width == 8 {
        // Full width: the base would save nothing.
        var entries = [Int64](repeating: 0, count: rows.count)
        for row in rows {
            entries[row - rows.lowerBound] = hasNulls && vector.isNull(row) ? low : values[row]
        }
        let form = EncodedGroup(.flat, .direct, width: 8, rowCount: rows.count)
        return stored(entries, as: form, layouts: layouts)
    }
    var group = EncodedGroup(.narrow, .direct, width: width, rowCount: rows.count)
    group.base = low
    if layouts.contains(.packed), width > 1, rows.count > groupRowCount / 4 {
        let bits = UInt64.bitWidth - span.leadingZeroBitCount
        if bits * 4 <= width * 8 * 3 {
            group.storage = .packed
            group.width = bits
            var offsets = [UInt32](repeating: 0, count: (rows.count + 1023) & ~1023)
            for row in rows where !(hasNulls && vector.isNull(row)) {
                offsets[row - rows.lowerBound] = UInt32(truncatingIfNeeded: values[row] &- low)
            }
            group.data = packBits(offsets, bits: bits)
            return group
        }
    }
    func offsets<Offset: FixedWidthInteger & UnsignedInteger>(_ type: Offset.Type) -> EncodedGroup {
        var entries = [Offset](repeating: 0, count: rows.count)
        if hasNulls {
            for row in rows where !vector.isNull(row) {
                entries[row - rows.lowerBound] = Offset(truncatingIfNeeded: values[row] &- low)
            }
        } else {
            for row in rows {
                entries[row - rows.lowerBound] = Offset(truncatingIfNeeded: values[row] &- low)
            }
        }
        return stored(entries, as: group, layouts: layouts)
    }
    return switch width {
    case 1: offsets(UInt8.self)
    case 2: offsets(UInt16.self)
    default: offsets(UInt32.self)
    }
}

/// Encodes rows of an int64 vector at the full width of their type, as RAW does.
///
/// `width` is 2, 4 or 8 bytes; what is narrower than 8 counts from the type's least value.
func encodeFullWidth(_ vector: Vector, rows: Range<Int>, width: Int) -> EncodedGroup {
    let values = vector.entries(as: Int64.self)
    func offsets<Offset: FixedWidthInteger>(_ type: Offset.Type, base: Int64) -> EncodedGroup {
        let isFlat = width == 8
        var group = EncodedGroup(
            isFlat ? .flat : .narrow,
            .direct,
            width: width,
            rowCount: rows.count
        )
        group.base = base
        var entries = [Offset](repeating: 0, count: rows.count)
        for row in rows where !vector.isNull(row) {
            entries[row - rows.lowerBound] = Offset(truncatingIfNeeded: values[row] &- base)
        }
        return stored(entries, as: group, layouts: [])
    }
    return switch width {
    case 2: offsets(UInt16.self, base: Int64(Int16.min))
    case 4: offsets(UInt32.self, base: Int64(Int32.min))
    default: offsets(Int64.self, base: 0)
    }
}

/// Encodes rows of a flat vector of any type but strings as they are.
func encodeFlat(_ vector: Vector, rows: Range<Int>, layouts: IntegerLayouts) -> EncodedGroup {
    func copy<Element: Equatable>(_ type: Element.Type, zero: Element) -> EncodedGroup {
        let values = vector.entries(as: type)
        var entries = [Element](repeating: zero, count: rows.count)
        for row in rows where !vector.isNull(row) { entries[row - rows.lowerBound] = values[row] }
        let group = EncodedGroup(
            .flat,
            .direct,
            width: vector.physical.stride,
            rowCount: rows.count
        )
        return stored(entries, as: group, layouts: layouts)
    }
    // Floats travel as their bits, so that NaN equals NaN and -0 differs from 0.
    return switch vector.physical {
    case .bool: copy(UInt8.self, zero: 0)
    case .int128: copy(Int128.self, zero: 0)
    default: copy(UInt64.self, zero: 0)
    }
}

/// Encodes codes into a block's dictionary.
func encodeCodes(_ codes: ArraySlice<UInt32>, width: Int, layouts: IntegerLayouts) -> EncodedGroup {
    if layouts.contains(.constant), let first = codes.first, codes.allSatisfy({ $0 == first }) {
        var group = EncodedGroup(.codes, .constant, width: width, rowCount: codes.count)
        group.base = Int64(first)
        return group
    }
    let group = EncodedGroup(.codes, .direct, width: width, rowCount: codes.count)
    if width == 1 {
        return stored(codes.map { UInt8(truncatingIfNeeded: $0) }, as: group, layouts: layouts)
    }
    return stored(codes.map { UInt16(truncatingIfNeeded: $0) }, as: group, layouts: layouts)
}

/// Encodes rows of a flat string vector as lengths and bytes.
func encodeText(_ vector: Vector, rows: Range<Int>) -> EncodedGroup {
    let views = vector.entries(as: StringView.self)
    var longest = 0
    var total = 0
    for row in rows where !vector.isNull(row) {
        let count = views[row].count
        longest = max(longest, count)
        total += count
    }
    let lengthWidth = byteWidth(UInt64(longest))
    var group = EncodedGroup(.text, .direct, width: 0, rowCount: rows.count)
    group.lengthWidth = lengthWidth
    let textOffset = aligned(rows.count * lengthWidth)
    group.data = [UInt8](unsafeUninitializedCapacity: textOffset + total) { target, initialized in
        guard let start = target.baseAddress else { return }
        let raw = UnsafeMutableRawPointer(start)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: textOffset)
        var offset = textOffset
        for row in rows {
            let index = row - rows.lowerBound
            let count = vector.isNull(row) ? 0 : views[row].count
            switch lengthWidth {
            case 1: raw.storeBytes(of: UInt8(count), toByteOffset: index, as: UInt8.self)
            case 2: raw.storeBytes(of: UInt16(count), toByteOffset: index * 2, as: UInt16.self)
            default: raw.storeBytes(of: UInt32(count), toByteOffset: index * 4, as: UInt32.self)
            }
            guard count > 0 else { continue }
            views[row].withBytes { bytes in
                if let address = bytes.baseAddress {
                    (raw + offset).copyMemory(from: address, byteCount: count)
                }
            }
            offset += count
        }
        initialized = textOffset + total
    }
    return group
}

/// The entries as runs where that is wanted, else one after the other.
///
/// Runs: `count 4 | pad 12 | ends 2 × count, padded to 16 | entries`.
private func stored<Entry: Equatable>(
    _ entries: [Entry],
    as form: EncodedGroup,
    layouts: IntegerLayouts
) -> EncodedGroup {
    var group = form
    guard layouts.contains(.runs) else {
        group.data = entries.withUnsafeBytes { Array($0) }
        return group
    }
    var ends: [UInt16] = []
    var values: [Entry] = []
    for (index, entry) in entries.enumerated() {
        if let last = values.last, last == entry {
            ends[ends.count - 1] = UInt16(index + 1)
        } else {
            values.append(entry)
            ends.append(UInt16(index + 1))
        }
    }
    let valuesOffset = aligned(16 + ends.count * 2)
    guard
        valuesOffset + values.count * MemoryLayout<Entry>.stride
            < entries.count * MemoryLayout<Entry>.stride
    else {
        group.data = entries.withUnsafeBytes { Array($0) }
        return group
    }
    group.storage = .runs
    var data = [UInt8](repeating: 0, count: valuesOffset)
    data.withUnsafeMutableBytes { target in
        target.storeBytes(of: UInt32(ends.count), as: UInt32.self)
        ends.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: target[16...]).copyMemory(from: source)
        }
    }
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    group.data = data
    return group
}
