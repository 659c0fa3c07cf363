/// A time of day with its distance from UTC, packed into the Int64 of ``DataType/timeTZ``.
///
/// ```
///   | microseconds of UTC since midnight, 47 bits, signed | 65,536 + seconds west of UTC, 17 bits |
/// ```
/// So packed values order as PostgreSQL orders TIMETZ: by the moment, then by the zone, the
/// easternmost first; they are equal only where both are.
public struct ZonedTime: Hashable, Sendable {
    /// Microseconds since midnight on the zone's clock.
    public var microseconds: Int64
    /// Seconds east of UTC, within 16 hours of it.
    public var offset: Int

    /// Makes a time of its parts.
    public init(microseconds: Int64, offset: Int) {
        self.microseconds = microseconds
        self.offset = offset
    }

    /// Takes the parts out of the packed form.
    public init(packed: Int64) {
        offset = 65_536 - Int(packed & 0x1_FFFF)
        microseconds = (packed >> 17) &+ Int64(offset) &* 1_000_000
    }

    /// The moment above, the zone below.
    public var packed: Int64 { utc << 17 | Int64(65_536 - offset) }

    /// Microseconds since midnight UTC; of another day where it is negative or past 24 hours.
    public var utc: Int64 { microseconds &- Int64(offset) &* 1_000_000 }
}
