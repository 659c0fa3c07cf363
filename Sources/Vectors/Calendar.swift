// The proleptic Gregorian calendar, as days and microseconds from 2000-01-01.

/// A day by year, month and day; year 0 is 1 BC.
package struct CivilDate: Hashable, Sendable {
    /// The year; 0 is 1 BC.
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int

    /// Makes a date of its parts, which are not checked.
    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }
}

/// Days, months and microseconds.
package enum Calendar {
    /// Microseconds in a second.
    package static let microsecondsPerSecond: Int64 = 1_000_000
    /// Microseconds in a minute.
    package static let microsecondsPerMinute: Int64 = 60_000_000
    /// Microseconds in an hour.
    package static let microsecondsPerHour: Int64 = 3_600_000_000
    /// Microseconds in a day of 24 hours.
    package static let microsecondsPerDay: Int64 = 86_400_000_000
    /// Days from 1970-01-01 to 2000-01-01.
    package static let daysFrom1970: Int64 = 10_957
    /// The days a DATE may be: 4713-01-01 BC to 294276-12-31.
    package static let dayRange: ClosedRange<Int64> =
        daysFromCivil(
            year: -4712,
            month: 1,
            day: 1
        )...daysFromCivil(
            year: 294_276,
            month: 12,
            day: 31
        )
    /// The microseconds a TIMESTAMP may be.
    package static let microsecondRange: ClosedRange<Int64> =
        dayRange.lowerBound * microsecondsPerDay...dayRange.upperBound * microsecondsPerDay
        + microsecondsPerDay - 1

    /// Days from 2000-01-01 to a date.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    @inlinable
    package static func daysFromCivil(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 730_425)
    }

    /// The date that lies `days` days after 2000-01-01.
    @inlinable
    package static func civilFromDays(_ days: Int64) -> CivilDate {
        // Wrapping: entries of NULL rows may hold anything and must not trap.
        let shifted = Int(days) &+ 730_425
        let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return CivilDate(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    /// The weekday of a day, 0 for Sunday.
    @inlinable
    package static func weekday(_ day: Int64) -> Int64 {
        // 2000-01-01 was a Saturday.
        let shifted = (day + 6) % 7
        return shifted < 0 ? shifted + 7 : shifted
    }

    /// Days in a month of a year.
    @inlinable
    package static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: isLeap(year) ? 29 : 28
        default: 31
        }
    }

    /// Whether February has 29 days.
    @inlinable
    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The day `months` months after `days`, clipped to the end of its month.
    package static func addMonths(_ days: Int64, _ months: Int64) -> Int64 {
        let date = civilFromDays(days)
        let total = Int64(date.year) * 12 + Int64(date.month - 1) + months
        let year = Int(floorDivide(total, 12))
        let month = Int(total - Int64(year) * 12) + 1
        let day = min(date.day, daysInMonth(year: year, month: month))
        return daysFromCivil(year: year, month: month, day: day)
    }

    /// The quotient rounded down; `divisor` is positive.
    @inlinable
    package static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient &- 1 : quotient
    }

    /// The day a timestamp falls on and its microseconds since midnight.
    @inlinable
    package static func split(_ timestamp: Int64) -> (day: Int64, microseconds: Int64) {
        let day = floorDivide(timestamp, microsecondsPerDay)
        return (day, timestamp &- day &* microsecondsPerDay)
    }
}

/// Days from 2000-01-01 to a date.
package func daysFromCivil(_ date: CivilDate) -> Int64 {
    Calendar.daysFromCivil(year: date.year, month: date.month, day: date.day)
}

/// The date that lies `days` days after 2000-01-01.
package func civilFromDays(_ days: Int64) -> CivilDate { Calendar.civilFromDays(days) }

/// The day `months` months after `days`, clipped to the end of its month.
package func addMonths(_ days: Int64, _ months: Int64) -> Int64 {
    Calendar.addMonths(days, months)
}
