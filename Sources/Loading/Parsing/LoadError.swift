package import SQLTypes

/// A column that fields of the input go to, in the order of the fields.
package struct LoadColumn: Hashable, Sendable {
    package var name: String
    package var type: DataType
    package var isNotNull: Bool

    /// Makes a column.
    package init(name: String, type: DataType, isNotNull: Bool) {
        self.name = name
        self.type = type
        self.isNotNull = isNotNull
    }
}

/// Why a row was not loaded: what STL_LOAD_ERRORS shows of it.
///
/// - Source: Redshift's load error reference.
package struct LoadError: Hashable, Sendable {
    /// The file's path.
    package var file: String
    /// The row's first line, from 1.
    package var line: Int
    /// The byte offset of the row in the (inflated) file's range.
    package var startOffset: Int
    /// The column's name; empty where the row as a whole is bad.
    package var column: String
    /// The column's type as `int4`, `varchar`, `numeric`; empty without a column.
    package var type: String
    /// The column's length as `10`, `18,2`; `0` for types without.
    package var length: String
    /// Where in the field it went wrong, from 0.
    package var position: Int
    /// The row's text, at most 1,024 bytes.
    package var rawLine: String
    /// The field's text, at most 1,024 bytes.
    package var rawField: String
    /// Redshift's error code.
    package var code: Int
    /// Redshift's words, at most 100 bytes.
    package var reason: String
}

/// What is wrong with a field or row.
struct FieldFailure {
    var code: Int
    var reason: String
    var position = 0
}

extension DataType {
    /// The type's name and length in STL_LOAD_ERRORS.
    var loadErrorName: (type: String, length: String) {
        switch self {
        case .smallint: ("int2", "0")
        case .integer: ("int4", "0")
        case .bigint: ("int8", "0")
        case .decimal(let precision, let scale): ("numeric", "\(precision),\(scale)")
        case .real: ("float4", "0")
        case .doublePrecision: ("float8", "0")
        case .boolean: ("bool", "0")
        case .char(let length): ("char", "\(length)")
        case .varchar(let length): ("varchar", "\(length)")
        case .date: ("date", "0")
        case .time: ("time", "0")
        case .timestamp: ("timestamp", "0")
        case .timestampTZ: ("timestamptz", "0")
        case .interval: ("interval", "0")
        case .timeTZ: ("timetz", "0")
        case .varbyte(let length): ("varbyte", "\(length)")
        case .unknown: ("unknown", "0")
        }
    }

    /// The name in `Invalid digit, Value 'x', Pos 0, Type: Integer`.
    var digitTypeName: String {
        switch self {
        case .smallint: "Short"
        case .integer: "Integer"
        case .bigint: "Long"
        case .decimal: "Decimal"
        case .real: "Float"
        default: "Double"
        }
    }
}

/// The first `limit` bytes as text; what is no UTF-8 shows as `.`.
func excerpt(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int = 1024) -> String {
    let end = bytes.count <= limit ? bytes.count : wholeCharacters(bytes, limit: limit)
    var text = ""
    for scalar in String(decoding: bytes[0..<end], as: UTF8.self).unicodeScalars {
        text.unicodeScalars.append(scalar == "\u{FFFD}" || scalar.value == 0 ? "." : scalar)
    }
    return text
}

/// How many of the first `limit` bytes make whole characters.
func wholeCharacters(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> Int {
    if bytes.count <= limit { return bytes.count }
    var end = limit
    while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return end
}
