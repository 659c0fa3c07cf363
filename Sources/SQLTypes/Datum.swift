/// One constant value in physical form; its logical type stands beside it.
///
/// Never used per row: literals, bounds, statistics and settings only.
public enum Datum: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Integers, dates, times and decimals of up to 19 digits, unscaled.
    case int64(Int64)
    /// Decimals of more digits, unscaled, and intervals.
    case int128(Int128)
    case float64(Double)
    /// UTF-8 bytes. CHAR values carry no padding.
    case string([UInt8])

    /// Text as a datum.
    public static func text(_ text: String) -> Datum { .string(Array(text.utf8)) }

    /// Whether it is NULL.
    public var isNull: Bool { self == .null }

    /// The unscaled integer of an exact value; nil for anything else.
    public var exact: Int128? {
        switch self {
        case .int64(let value): Int128(value)
        case .int128(let value): value
        default: nil
        }
    }

    /// The text of a string; nil for anything else.
    ///
    /// Invalid UTF-8 is repaired.
    public var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

/// An interval's parts, packed into the Int128 of ``DataType/interval``.
///
/// The packed form is the length in microseconds, a month counted as 30 days, times 2^32, plus the
/// months. So packed values order by length, as PostgreSQL orders intervals, and the sum of packed
/// values is the packed sum.
public struct IntervalParts: Hashable, Sendable {
    /// Whole months, years included.
    public var months: Int64
    /// Microseconds, days and hours included.
    public var microseconds: Int64

    /// Makes an interval of its parts.
    public init(months: Int64, microseconds: Int64) {
        self.months = months
        self.microseconds = microseconds
    }

    /// Takes the parts out of the packed form.
    public init(packed: Int128) {
        months = Int64(Int32(truncatingIfNeeded: packed))
        let length = (packed - Int128(months)) >> 32
        microseconds = Int64(truncatingIfNeeded: length - Int128(months) * Self.monthLength)
    }

    /// The length above, the months below; they have 32 bits.
    public var packed: Int128 { length << 32 + Int128(months) }

    /// Microseconds, a month counted as 30 days.
    public var length: Int128 { Int128(months) * Self.monthLength + Int128(microseconds) }

    /// Whether the months fit in the packed form.
    public var isInRange: Bool { Int32(exactly: months) != nil }

    private static let monthLength: Int128 = 30 * 86_400_000_000
}

/// A column of a result or of a plan node's output.
public struct ResultColumn: Hashable, Sendable {
    /// The name a client sees.
    public var name: String
    /// The type.
    public var type: DataType

    /// Makes a column.
    public init(name: String, type: DataType) {
        self.name = name
        self.type = type
    }
}
