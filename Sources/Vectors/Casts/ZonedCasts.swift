import SQLTypes

/// Casts between types with and without a zone, in a session whose clock is not UTC.
struct ZonedCast {
    let zone: TimeZone
    /// The day on the zone's clock whose offset a TIME takes that becomes a TIMETZ.
    let today: Int64
    let count: Int

    /// The cast column; nil for types whose casts do not depend on the zone.
    ///
    /// - Throws: 22008 where a moment leaves the range of timestamps.
    /// - Source: PostgreSQL `timestamptz_timestamp`, `timestamp2timestamptz`, `time_timetz`.
    func cast(_ vector: Vector, from: DataType, to: DataType) throws(SQLError) -> Vector? {
        switch (from, to) {
        case (.timestampTZ, .timestamp):
            return try checked(
                mapIntegers(vector, count: count) { zone.local(fromUTC: $0) },
                .timestamp
            )
        case (.timestampTZ, .date), (.timestampTZ, .time):
            let local = mapIntegers(vector, count: count) { zone.local(fromUTC: $0) }
            return try castDateTime(local, from: .timestamp, to: to, count: count)
        case (.timestampTZ, .timeTZ):
            return mapIntegers(vector, count: count) { moment in
                let offset = zone.offset(atUTC: moment).seconds
                let local = moment &+ offset &* Calendar.microsecondsPerSecond
                let time = Calendar.split(local).microseconds
                return ZonedTime(microseconds: time, offset: Int(offset)).packed
            }
        case (.date, .timestampTZ):
            let midnight = try castDateTime(vector, from: .date, to: .timestamp, count: count)
            return try cast(midnight, from: .timestamp, to: .timestampTZ)
        case (.timestamp, .timestampTZ):
            return try checked(
                mapIntegers(vector, count: count) { zone.utc(fromLocal: $0) },
                .timestampTZ
            )
        case (.time, .timeTZ):
            return mapIntegers(vector, count: count) { time in
                ZonedTime(microseconds: time, offset: zone.offset(at: time, onDay: today)).packed
            }
        default: return nil
        }
    }

    private func checked(_ moments: Vector, _ type: DataType) throws(SQLError) -> Vector {
        let values = moments.entries(as: Int64.self)
        for row in 0..<count where !Calendar.microsecondRange.contains(values[row]) {
            if !moments.isNull(row) { throw outOfRange(type) }
        }
        return moments
    }
}
