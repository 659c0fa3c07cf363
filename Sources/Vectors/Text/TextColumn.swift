package import SQLTypes

/// A column of texts in one run of bytes: row r is `bytes[offsets[r]..<offsets[r + 1]]`.
package struct TextColumn: Sendable {
    /// The texts one after the other; nothing for NULL rows.
    package var bytes: [UInt8] = []
    /// Where each row starts, and where the last one ends: one entry more than rows.
    package var offsets: [Int] = [0]
    /// Which rows are NULL.
    package var isNull: [Bool] = []

    /// Makes an empty column.
    package init() {}

    /// Rows.
    package var count: Int { isNull.count }

    /// The text of a row; empty for NULL.
    package func text(_ row: Int) -> String {
        String(decoding: bytes[offsets[row]..<offsets[row + 1]], as: UTF8.self)
    }

    fileprivate mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        offsets.append(0)
        isNull.removeAll(keepingCapacity: true)
    }
}

/// Writes the rows of a vector as psql shows them, replacing what `into` held.
///
/// CHAR is padded to its length, booleans are `t` and `f`, decimals show their scale, floats the
/// shortest digits that read back, dates and times ISO, unless the style says otherwise.
package func formatText(
    _ vector: Vector,
    type: DataType,
    style: ValueStyle = .standard,
    into column: inout TextColumn
) {
    column.clear()
    column.offsets.reserveCapacity(vector.count + 1)
    column.isNull.reserveCapacity(vector.count)
    for row in 0..<vector.count {
        let isNull = vector.isNull(row)
        if !isNull { appendText(vector, row, type, style, to: &column.bytes) }
        column.isNull.append(isNull)
        column.offsets.append(column.bytes.count)
    }
}

/// One value as psql shows it; the empty string for NULL.
package func formatDatum(
    _ datum: Datum,
    type: DataType,
    style: ValueStyle = .standard
) -> String {
    if datum.isNull { return "" }
    var text: [UInt8] = []
    let physical: PhysicalType =
        switch datum {
        case .null, .string: .string
        case .bool: .bool
        case .int64: .int64
        case .int128: .int128
        case .float64: .float64
        }
    appendText(.constant(datum, physical: physical, count: 1), 0, type, style, to: &text)
    return String(decoding: text, as: UTF8.self)
}

/// Appends the text of one row that is not NULL.
func appendText(
    _ vector: Vector,
    _ row: Int,
    _ type: DataType,
    _ style: ValueStyle,
    to text: inout [UInt8]
) {
    switch vector.physical {
    case .bool: text.append(UInt8(ascii: vector.boolValue(row) != 0 ? "t" : "f"))
    case .string:
        let view = vector.stringView(row)
        view.withBytes { text.append(contentsOf: $0) }
        if case .char(let length) = type, view.count < length {
            text.append(contentsOf: repeatElement(blank, count: length - view.count))
        }
    case .float64:
        let value = vector.doubleValue(row)
        if type == .real {
            appendFloat(Float(value), style, to: &text)
        } else {
            appendDouble(value, style, to: &text)
        }
    case .int64: appendExact(vector.int64Value(row), type, style, to: &text)
    case .int128:
        let value = vector.int128Value(row)
        if type == .interval {
            appendInterval(IntervalParts(packed: value), to: &text)
        } else {
            appendDecimal(value, scale: type.scale, to: &text)
        }
    }
}

private func appendExact(
    _ value: Int64,
    _ type: DataType,
    _ style: ValueStyle,
    to text: inout [UInt8]
) {
    switch type {
    case .date: appendDate(value, style, to: &text)
    case .time: appendTime(value, to: &text)
    case .timeTZ: appendZonedTime(ZonedTime(packed: value), to: &text)
    case .timestamp: appendTimestamp(value, hasZone: false, style, to: &text)
    case .timestampTZ: appendTimestamp(value, hasZone: true, style, to: &text)
    case .interval: appendInterval(IntervalParts(packed: Int128(value)), to: &text)
    case .decimal(_, let scale) where scale > 0:
        appendDecimal(Int128(value), scale: scale, to: &text)
    default: appendInteger(value, to: &text)
    }
}
