import Vectors
import SQLTypes

/// Least and greatest zone key of some rows, and how many of them are NULL.
///
/// A zone key is an Int64 that keeps the order of the values: the value itself for 64-bit types,
/// the clamped value for wider ones, the reordered bits of a float, the first eight bytes of a
/// string without its trailing blanks. Equal keys say equal values only for 64-bit types.
package struct ZoneMap: Hashable, Sendable {
    /// Least key; `Int64.max` where every row is NULL.
    package var minimum: Int64 = .max
    /// Greatest key; `Int64.min` where every row is NULL.
    package var maximum: Int64 = .min
    package var nullCount = 0
    package var rowCount = 0

    /// Whether no row has a value.
    package var isAllNull: Bool { nullCount == rowCount }

    /// Takes in another zone's rows.
    mutating func merge(_ other: ZoneMap) {
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        nullCount += other.nullCount
        rowCount += other.rowCount
    }
}

/// The zone key of a value that is not NULL; nil for NULL.
func zoneKey(_ datum: Datum) -> Int64? {
    switch datum {
    case .null: nil
    case .bool(let value): value ? 1 : 0
    case .int64(let value): value
    case .int128(let value): zoneKey(value)
    case .float64(let value): zoneKey(value)
    case .string(let bytes): bytes.withUnsafeBufferPointer { zoneKey($0) }
    }
}

@inline(__always)
func zoneKey(_ value: Int128) -> Int64 { Int64(clamping: value) }

@inline(__always)
func zoneKey(_ value: Double) -> Int64 {
    if value.isNaN { return .max }
    let bits = Int64(bitPattern: (value + 0.0).bitPattern)
    return bits >= 0 ? bits : bits ^ .max
}

/// The key of text: eight bytes in big-endian order, as a signed number.
func zoneKey(_ text: UnsafeBufferPointer<UInt8>) -> Int64 {
    var count = text.count
    while count > 0 && text[count - 1] == 0x20 { count -= 1 }
    var key: UInt64 = 0
    for index in 0..<min(8, count) { key |= UInt64(text[index]) &<< UInt64(56 - 8 * index) }
    return Int64(bitPattern: key ^ (1 << 63))
}

/// The key of a string view, from its own two words where the text is long enough.
@inline(__always)
func zoneKey(_ view: StringView) -> Int64 {
    let count = view.count
    if count > 12, let text = view.longBytes {
        if text[count - 1] == 0x20 {
            return zoneKey(UnsafeBufferPointer(start: text, count: count))
        }
        let word = UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
        return Int64(bitPattern: word.byteSwapped ^ (1 << 63))
    }
    let word = view.head &>> 32 | view.tail &<< 32
    var key = word.byteSwapped
    // Blanks at the end do not count; a text of over eight bytes shows at most its first eight.
    if count > 0 {
        let last =
            count <= 4
            ? view.head &>> UInt64(24 + 8 * count)
            : view.tail &>> UInt64(8 * (count - 5))
        if last & 0xFF == 0x20 {
            key = view.withBytes { UInt64(bitPattern: zoneKey($0)) ^ (1 << 63) }
        }
    }
    return Int64(bitPattern: key ^ (1 << 63))
}

/// The bytes a string's key was made of: a prefix of the string.
func zonePrefix(_ key: Int64) -> [UInt8] {
    let word = UInt64(bitPattern: key) ^ (1 << 63)
    var bytes: [UInt8] = []
    for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word &>> UInt64(56 - 8 * index))) }
    while bytes.last == 0 { bytes.removeLast() }
    return bytes
}

/// The zone maps of `rows` of a flat vector, cut where the extent's rows reach multiples of 1,024.
func zoneMaps(of vector: Vector, rows: Range<Int>) -> [ZoneMap] {
    var maps: [ZoneMap] = []
    var row = rows.lowerBound
    while row < rows.upperBound {
        let end = min(rows.upperBound, (row / unitRowCount + 1) * unitRowCount)
        maps.append(zoneMap(of: vector, rows: row..<end))
        row = end
    }
    return maps
}

/// The zone map of `rows` of a flat vector.
func zoneMap(of vector: Vector, rows: Range<Int>) -> ZoneMap {
    var map = ZoneMap()
    map.rowCount = rows.count
    if vector.validity != nil {
        for row in rows where vector.isNull(row) { map.nullCount += 1 }
    }
    let hasNulls = map.nullCount > 0
    func fold<Element>(_ type: Element.Type, _ key: (Element) -> Int64) {
        let values = vector.entries(as: type)
        var low = Int64.max
        var high = Int64.min
        if hasNulls {
            for row in rows where !vector.isNull(row) {
                let next = key(values[row])
                low = min(low, next)
                high = max(high, next)
            }
        } else {
            for row in rows {
                let next = key(values[row])
                low = min(low, next)
                high = max(high, next)
            }
        }
        map.minimum = low
        map.maximum = high
    }
    switch vector.physical {
    case .bool: fold(UInt8.self) { Int64($0) }
    case .int64: fold(Int64.self) { $0 }
    case .int128: fold(Int128.self) { zoneKey($0) }
    case .float64: fold(Double.self) { zoneKey($0) }
    case .string: fold(StringView.self) { zoneKey($0) }
    }
    return map
}
