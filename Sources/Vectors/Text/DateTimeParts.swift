import SQLTypes

/// The day number of a date whose month and day are checked.
func validDay(_ date: CivilDate) -> ParseResult<Int64> {
    if date.month < 1 || date.month > 12 || date.day < 1 { return .outOfRange }
    if date.day > Calendar.daysInMonth(year: date.year, month: date.month) { return .outOfRange }
    let days = daysFromCivil(date)
    return Calendar.dayRange.contains(days) ? .value(days) : .outOfRange
}

/// What a date and time text said, before it is checked.
struct DateTimeParts {
    var year: Int?
    var month: Int?
    var dayOfMonth: Int?
    var isBeforeChrist = false
    var hasTime = false
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond: Int64 = 0
    /// False for AM, true for PM.
    var isAfternoon: Bool?
    /// Seconds east of UTC.
    var offset = 0
    /// A zone by its name.
    var zone: TimeZone?
    /// Whether the text has an offset or a zone.
    var hasOffset = false
    /// The day of the year, of a date that has no month.
    var dayOfYear: Int?
    /// Days since 2000-01-01 of a Julian day.
    var julianDay: Int64?
    /// Microseconds since 2000-01-01 from a number of seconds since 1970.
    var epoch: Int64?

    /// Days since 2000-01-01.
    func day() -> ParseResult<Int64> {
        if let epoch { return .value(Calendar.split(epoch).day) }
        if let julianDay {
            return Calendar.dayRange.contains(julianDay) ? .value(julianDay) : .outOfRange
        }
        if let year, let dayOfYear { return day(dayOfYear, of: year) }
        guard let year, let month, let dayOfMonth else { return .invalid }
        if year == 0 { return .outOfRange }
        return validDay(
            CivilDate(year: isBeforeChrist ? 1 - year : year, month: month, day: dayOfMonth)
        )
    }

    private func day(_ dayOfYear: Int, of year: Int) -> ParseResult<Int64> {
        let count = Calendar.isLeap(year) ? 366 : 365
        if year == 0 || dayOfYear < 1 || dayOfYear > count { return .outOfRange }
        guard case .value(let first) = validDay(CivilDate(year: year, month: 1, day: 1)) else {
            return .outOfRange
        }
        return .value(first + Int64(dayOfYear - 1))
    }

    /// Microseconds since midnight.
    func time() -> ParseResult<Int64> {
        var hour = hour
        if let isAfternoon {
            if hour < 1 || hour > 12 { return .outOfRange }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        if hour > 24 || minute > 59 || second > 60 { return .outOfRange }
        let seconds = Int64(hour * 3600 + minute * 60 + second)
        let total = seconds * Calendar.microsecondsPerSecond + microsecond
        return total > Calendar.microsecondsPerDay ? .outOfRange : .value(total)
    }

    /// A time of day with its offset, packed; one without is on the clock of `sessionZone`.
    func zonedTime(zone sessionZone: TimeZone?, today: Int64) -> ParseResult<Int64> {
        guard case .value(let time) = time() else { return .outOfRange }
        guard let zone = hasOffset ? zone : sessionZone else {
            return .value(ZonedTime(microseconds: time, offset: offset).packed)
        }
        func zoneOffset(onDay day: Int64) -> Int { zone.offset(at: time, onDay: day) }
        if case .value(let day) = day() {
            return .value(ZonedTime(microseconds: time, offset: zoneOffset(onDay: day)).packed)
        }
        if !hasOffset {
            return .value(ZonedTime(microseconds: time, offset: zoneOffset(onDay: today)).packed)
        }
        // January and July of 2000 agree where the clock never changes.
        guard zoneOffset(onDay: 0) == zoneOffset(onDay: 182) else { return .invalid }
        return .value(ZonedTime(microseconds: time, offset: zoneOffset(onDay: 0)).packed)
    }

    /// Microseconds since 2000-01-01.
    func moment(usesOffset: Bool) -> ParseResult<Int64> {
        if let epoch { return .value(epoch) }
        switch (day(), time()) {
        case (.value(let day), .value(let time)):
            var value = day * Calendar.microsecondsPerDay + time
            if usesOffset {
                // At the end of time this wraps, far out of the range that is checked below.
                value &-= Int64(offset) * Calendar.microsecondsPerSecond
                if let zone { value = zone.utc(fromLocal: value) }
            }
            return Calendar.microsecondRange.contains(value) ? .value(value) : .outOfRange
        case (.invalid, _), (_, .invalid): return .invalid
        default: return .outOfRange
        }
    }
}
