import SQLTypes
import Vectors

/// Says in Redshift's words what is wrong with a field that could not be converted.
///
/// Called for bad fields alone, so it looks at the bytes again at leisure.
func failure(
    of bytes: UnsafeBufferPointer<UInt8>,
    for column: LoadColumn,
    options: CopyOptions
) -> FieldFailure {
    switch column.type {
    case .smallint, .integer, .bigint, .decimal:
        return numberFailure(bytes, column.type)
    case .real, .doublePrecision:
        if ValueParser().parseDouble(bytes).isWellWritten { return overflow(bytes, column.type) }
        return FieldFailure(
            code: 1208,
            reason: "Invalid digit, Value '\(character(bytes, 0))', Pos 0, "
                + "Type: \(column.type.digitTypeName)"
        )
    case .boolean: return FieldFailure(code: 1210, reason: "Unknown boolean format")
    case .date:
        if case .standard = options.dateStyle, bytes.count < 10 {
            return FieldFailure(
                code: 1205,
                reason: "Invalid Date Format - length must be 10 or more"
            )
        }
        return FieldFailure(
            code: 1205,
            reason: "Invalid date format or value [\(pattern(options.dateStyle, "YYYY-MM-DD"))]"
        )
    case .time, .timestamp, .timestampTZ:
        let standard =
            column.type == .timestampTZ
            ? "YYYY-MM-DD HH24:MI:SSOF"
            : column.type == .time ? "HH24:MI:SS" : "YYYY-MM-DD HH24:MI:SS"
        return FieldFailure(
            code: 1206,
            reason: "Invalid timestamp format or value [\(pattern(options.timeStyle, standard))]"
        )
    case .varbyte where bytes.contains(where: { hexadecimalDigit($0) == nil }),
        .varbyte where !bytes.count.isMultiple(of: 2):
        return FieldFailure(code: 1207, reason: "Invalid hexadecimal digits for VARBYTE")
    case .timeTZ:
        return FieldFailure(
            code: 1206,
            reason: "Invalid time format or value [\(pattern(options.timeStyle, "HH24:MI:SSOF"))]"
        )
    default: return textFailure(bytes, column.type)
    }
}

/// A field that is NULL where the column may not be.
let missingData = FieldFailure(code: 1213, reason: "Missing data for not-null field")

private func pattern(_ style: CopyOptions.TimeStyle, _ standard: String) -> String {
    switch style {
    case .standard: standard
    case .automatic: "auto"
    case .pattern(let pattern): pattern
    case .epochSeconds: "epochsecs"
    case .epochMilliseconds: "epochmillisecs"
    }
}

private func character(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> String {
    guard position < bytes.count else { return "" }
    return excerpt(UnsafeBufferPointer(rebasing: bytes[position..<position + 1]))
}

/// The first byte that is no digit where one must be, else the value is too large.
private func numberFailure(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ type: DataType
) -> FieldFailure {
    let isWellWritten =
        switch type {
        case .decimal(_, let scale):
            ValueParser().parseDecimal(bytes, scale: scale, truncates: true).isWellWritten
        default: ValueParser().parseInt64(bytes).isWellWritten
        }
    if isWellWritten { return overflow(bytes, type) }
    var hasPoint = !type.isDecimal
    var start = 0
    var end = bytes.count
    while start < end && bytes[start] == 32 { start += 1 }
    while end > start && bytes[end - 1] == 32 { end -= 1 }
    var bad = start
    while bad < end {
        let byte = bytes[bad]
        let isSign = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        let isPoint = byte == UInt8(ascii: ".") && !hasPoint
        guard byte &- 48 < 10 || isPoint || isSign && bad == start else { break }
        hasPoint = hasPoint || isPoint
        bad += 1
    }
    // Where nothing but a sign, a point or blanks stands, the field's first byte is to blame.
    if bad == end { bad = 0 }
    return FieldFailure(
        code: 1207,
        reason: "Invalid digit, Value '\(character(bytes, bad))', Pos \(bad), "
            + "Type: \(type.digitTypeName)",
        position: bad
    )
}

extension ParseResult {
    fileprivate var isWellWritten: Bool {
        if case .invalid = self { false } else { true }
    }
}

/// A number that is well written but does not fit.
private func overflow(_ bytes: UnsafeBufferPointer<UInt8>, _ type: DataType) -> FieldFailure {
    let last = max(0, bytes.count - 1)
    return FieldFailure(
        code: 1204,
        reason: "Overflow, Value '\(character(bytes, last))', Pos \(last), "
            + "Type: \(type.digitTypeName)",
        position: last
    )
}

private func textFailure(_ bytes: UnsafeBufferPointer<UInt8>, _ type: DataType) -> FieldFailure {
    if case .char = type, let index = bytes.firstIndex(where: { $0 >= 0x80 }) {
        var end = index + 1
        while end < bytes.count && bytes[end] & 0xC0 == 0x80 { end += 1 }
        return FieldFailure(
            code: 1220,
            reason: "Multibyte character not supported for CHAR (Hint: try using VARCHAR). "
                + "Invalid char: \(hexadecimal(bytes, index..<end))",
            position: index
        )
    }
    if let bad = invalidUTF8(bytes) {
        return FieldFailure(
            code: 1220,
            reason: "String contains invalid or unsupported UTF8 codepoints. "
                + "Bad UTF8 hex sequence: "
                + "\(hexadecimal(bytes, bad.offset..<bad.offset + bad.length)) "
                + "(error \(bad.number))",
            position: bad.offset
        )
    }
    if let index = bytes.firstIndex(of: 0) {
        return FieldFailure(
            code: 1218,
            reason: "Invalid null byte - field longer than 1 byte",
            position: index
        )
    }
    if case .char = type {
        return FieldFailure(code: 1204, reason: "Char length exceeds DDL length")
    }
    return FieldFailure(code: 1204, reason: "String length exceeds DDL length")
}

private func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    bytes[range].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}
