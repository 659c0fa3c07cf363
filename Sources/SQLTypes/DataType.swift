/// A SQL data type with its modifiers.
///
/// - Source: Redshift's types; sizes of CHAR and VARCHAR count bytes.
public enum DataType: Hashable, Sendable {
    case smallint
    case integer
    case bigint
    /// Up to 38 digits; up to 19 are kept in 64 bits, so DECIMAL(19,0) stops at Int64.max.
    case decimal(precision: Int, scale: Int)
    case real
    case doublePrecision
    case boolean
    /// Blank-padded, single-byte characters; the length counts bytes.
    case char(Int)
    /// The length counts bytes.
    case varchar(Int)
    /// Days since 2000-01-01.
    case date
    /// Microseconds since midnight.
    case time
    /// A time of day and its distance from UTC, as ``ZonedTime`` packs them.
    case timeTZ
    /// Microseconds since 2000-01-01 00:00:00.
    case timestamp
    /// Microseconds since 2000-01-01 00:00:00 UTC.
    case timestampTZ
    /// Months and microseconds as ``IntervalParts`` packs them; days are 24 hours.
    case interval
    /// Bytes, the length counts them; kept as lower-case hexadecimal text.
    ///
    /// That text orders as the bytes do, and unlike the bytes it never ends in blanks, which
    /// comparisons of strings skip.
    case varbyte(Int)
    /// A string literal or NULL whose type the context has not yet settled.
    case unknown

    /// The type's default and greatest sizes.
    public static let varcharDefaultLength = 256
    /// The longest VARCHAR.
    public static let varcharMaxLength = 65_535
    /// The longest CHAR.
    public static let charMaxLength = 4_096
    /// The length of a VARBYTE without one.
    public static let varbyteDefaultLength = 64_000
    /// The longest VARBYTE.
    public static let varbyteMaxLength = 1_024_000
    /// The most digits of a DECIMAL.
    public static let decimalMaxPrecision = 38
    /// The most digits of a DECIMAL that is kept in 64 bits.
    public static let decimalMaxPrecision64 = 19
}

extension DataType {
    /// How values of the type lie in vectors, before bounds allow a narrower form.
    public var physical: PhysicalType {
        switch self {
        case .smallint, .integer, .bigint, .date, .time, .timeTZ, .timestamp, .timestampTZ: .int64
        case .decimal(let precision, _): precision <= Self.decimalMaxPrecision64 ? .int64 : .int128
        case .real, .doublePrecision: .float64
        case .boolean: .bool
        case .char, .varchar, .varbyte, .unknown: .string
        case .interval: .int128
        }
    }

    /// Whether arithmetic on it is on numbers.
    public var isNumeric: Bool {
        switch self {
        case .smallint, .integer, .bigint, .decimal, .real, .doublePrecision: true
        default: false
        }
    }

    /// Whether it is SMALLINT, INTEGER or BIGINT.
    public var isInteger: Bool {
        switch self {
        case .smallint, .integer, .bigint: true
        default: false
        }
    }

    /// Whether it is REAL or DOUBLE PRECISION.
    public var isFloat: Bool { self == .real || self == .doublePrecision }

    /// Whether it is DECIMAL.
    public var isDecimal: Bool {
        if case .decimal = self { true } else { false }
    }

    /// Whether it is CHAR, VARCHAR or a literal not yet typed.
    public var isString: Bool {
        switch self {
        case .char, .varchar, .unknown: true
        default: false
        }
    }

    /// Whether it is VARBYTE.
    public var isBytes: Bool {
        if case .varbyte = self { true } else { false }
    }

    /// Whether it is a DATE, TIME or TIMESTAMP of any kind.
    public var isDateTime: Bool {
        switch self {
        case .date, .time, .timeTZ, .timestamp, .timestampTZ: true
        default: false
        }
    }

    /// Digits after the point; 0 for what has none.
    public var scale: Int {
        if case .decimal(_, let scale) = self { scale } else { 0 }
    }

    /// The bytes a value takes on average in a row of the plan's width figures.
    ///
    /// - Source: Redshift's EXPLAIN widths; strings are taken as a quarter of their limit
    ///   until statistics know better.
    public var planWidth: Int {
        switch self {
        case .smallint: 2
        case .integer, .date, .real: 4
        case .bigint, .time, .timeTZ, .timestamp, .timestampTZ, .doublePrecision: 8
        case .decimal(let precision, _): precision <= Self.decimalMaxPrecision64 ? 8 : 16
        case .boolean: 1
        case .char(let length): length
        case .varchar(let length): 4 + min(32, max(1, length / 4))
        case .varbyte(let length): 4 + min(64, max(2, length / 2))
        case .interval: 16
        case .unknown: 4
        }
    }

    /// The least and greatest value of an exact 64-bit type, as its stored integer.
    ///
    /// Nil for what is not kept in 64 bits or has no limit of its own.
    public var integerLimits: ClosedRange<Int64>? {
        switch self {
        case .smallint: Int64(Int16.min)...Int64(Int16.max)
        case .integer: Int64(Int32.min)...Int64(Int32.max)
        case .bigint: Int64.min...Int64.max
        case .decimal(let precision, _) where precision < Self.decimalMaxPrecision64:
            -(Self.powerOfTen64(precision) - 1)...(Self.powerOfTen64(precision) - 1)
        case .decimal(let precision, _) where precision == Self.decimalMaxPrecision64:
            Int64.min...Int64.max
        default: nil
        }
    }

    /// 10 to the power of `exponent`, which is 0 to 18.
    public static func powerOfTen64(_ exponent: Int) -> Int64 {
        var value: Int64 = 1
        for _ in 0..<exponent { value *= 10 }
        return value
    }

    /// 10 to the power of `exponent`, which is 0 to 38.
    public static func powerOfTen128(_ exponent: Int) -> Int128 {
        var value: Int128 = 1
        for _ in 0..<exponent { value *= 10 }
        return value
    }
}

extension DataType: CustomStringConvertible {
    /// The name as `format_type` and error messages print it: `character varying(5)`.
    public var description: String {
        switch self {
        case .smallint: "smallint"
        case .integer: "integer"
        case .bigint: "bigint"
        case .decimal(let precision, let scale): "numeric(\(precision),\(scale))"
        case .real: "real"
        case .doublePrecision: "double precision"
        case .boolean: "boolean"
        case .char(let length): "character(\(length))"
        case .varchar(let length): "character varying(\(length))"
        case .date: "date"
        case .time: "time without time zone"
        case .timeTZ: "time with time zone"
        case .timestamp: "timestamp without time zone"
        case .timestampTZ: "timestamp with time zone"
        case .interval: "interval"
        case .varbyte(let length): "binary varying(\(length))"
        case .unknown: "unknown"
        }
    }

    /// The name without modifiers, as function signatures in messages print it.
    public var baseName: String {
        switch self {
        case .decimal: "numeric"
        case .char: "character"
        case .varchar: "character varying"
        case .varbyte: "binary varying"
        default: description
        }
    }
}

/// How a vector holds values of a type.
public enum PhysicalType: UInt8, Hashable, Sendable {
    /// One byte, 0 or 1.
    case bool
    /// Integers, dates, times and decimals of up to 19 digits, unscaled.
    case int64
    /// Decimals of more digits, and intervals.
    case int128
    /// REAL and DOUBLE PRECISION.
    case float64
    /// 16-byte views of UTF-8 text.
    case string

    /// Bytes of one value in a flat vector.
    public var stride: Int {
        switch self {
        case .bool: 1
        case .int64, .float64: 8
        case .int128, .string: 16
        }
    }
}
