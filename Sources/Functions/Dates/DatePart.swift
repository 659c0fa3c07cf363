import SQLTypes
import Vectors

/// A part of a date or time, as DATEADD, DATEDIFF, DATE_PART, EXTRACT and DATE_TRUNC name it.
///
/// - Source: Redshift's table of dateparts. A single `m` is a minute.
enum DatePart: Sendable {
    case millennium, century, decade, epoch, year, quarter, month, week, dayOfWeek, dayOfYear
    case day, hour, minute, second, millisecond, microsecond
    case timeZone, timeZoneHour, timeZoneMinute

    /// The part of that name in any case; nil for none.
    init?(name: String) {
        switch name.lowercased() {
        case "millennium", "millennia", "millenniums", "mil", "mils": self = .millennium
        case "century", "centuries", "c", "cent", "cents": self = .century
        case "decade", "decades", "dec", "decs": self = .decade
        case "epoch": self = .epoch
        case "year", "years", "y", "yr", "yrs": self = .year
        case "quarter", "quarters", "qtr", "qtrs": self = .quarter
        case "month", "months", "mon", "mons": self = .month
        case "week", "weeks", "w": self = .week
        case "dayofweek", "dow", "dw", "weekday": self = .dayOfWeek
        case "dayofyear", "doy", "dy", "yearday": self = .dayOfYear
        case "day", "days", "d": self = .day
        case "hour", "hours", "h", "hr", "hrs": self = .hour
        case "minute", "minutes", "m", "min", "mins": self = .minute
        case "second", "seconds", "s", "sec", "secs": self = .second
        case "millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds",
            "millisec", "millisecs":
            self = .millisecond
        case "microsecond", "microseconds", "microsec", "microsecs", "usec",
            "usecs", "usecond", "useconds", "us":
            self = .microsecond
        case "timezone": self = .timeZone
        case "timezone_hour": self = .timeZoneHour
        case "timezone_minute": self = .timeZoneMinute
        default: return nil
        }
    }

    /// The part that argument 0 of a call names for all its rows; nil where every row is NULL.
    ///
    /// - Throws: 22023 where there is no such part; 0A000 where rows name different parts.
    static func named(in call: Call) throws(SQLError) -> DatePart? {
        let names = call.texts(0)
        var name: String?
        for row in 0..<call.count where call.isValid(row) {
            let text = names[row].string
            if let name, name != text {
                throw SQLError.unsupported("a date part that differs between rows")
            }
            name = text
            if call.vectors[0].isConstant { break }
        }
        guard let name else { return nil }
        guard let part = DatePart(name: name) else {
            throw SQLError(
                .invalidParameterValue,
                "timestamp units \"\(name)\" not recognized"
            )
        }
        return part
    }

    /// Microseconds of a part that always has the same length; nil for months and longer.
    var microseconds: Int64? {
        switch self {
        case .week: 7 * Calendar.microsecondsPerDay
        case .day, .dayOfWeek, .dayOfYear: Calendar.microsecondsPerDay
        case .hour: Calendar.microsecondsPerHour
        case .minute: Calendar.microsecondsPerMinute
        case .second: Calendar.microsecondsPerSecond
        case .millisecond: 1000
        case .microsecond: 1
        default: nil
        }
    }

    /// Whether it is shorter than a day.
    var isShort: Bool { microseconds.map { $0 < Calendar.microsecondsPerDay } ?? false }

    /// Years of a part that is a number of years; nil for others.
    var years: Int64? {
        switch self {
        case .year: 1
        case .decade: 10
        case .century: 100
        case .millennium: 1000
        default: nil
        }
    }
}

/// Microseconds from 1970-01-01 to 2000-01-01.
let microsecondsFrom1970 = Calendar.daysFrom1970 * Calendar.microsecondsPerDay

/// The weekday of a day, 0 for Sunday.
@inline(__always)
func weekday(_ day: Int64) -> Int64 { Calendar.weekday(day) }

/// The Monday that begins the week of a day.
@inline(__always)
func monday(_ day: Int64) -> Int64 { day - (weekday(day) + 6) % 7 }

/// The ISO week of a day and the year it belongs to.
func isoWeek(_ day: Int64) -> (year: Int, week: Int) {
    // The week belongs to the year of its Thursday.
    let thursday = monday(day) + 3
    let year = Calendar.civilFromDays(thursday).year
    let first = Calendar.daysFromCivil(year: year, month: 1, day: 1)
    return (year, Int((thursday - first) / 7) + 1)
}

/// The day of the year, from 1.
func dayOfYear(_ day: Int64, year: Int) -> Int {
    Int(day - Calendar.daysFromCivil(year: year, month: 1, day: 1)) + 1
}

/// Checks that a timestamp lies in the years a TIMESTAMP may have: else 22008.
@inline(__always)
func checkedTimestamp(_ value: Int64, _ overflow: Bool = false) throws(SQLError) -> Int64 {
    if overflow || !Calendar.microsecondRange.contains(value) {
        throw SQLError(.datetimeFieldOverflow, "timestamp out of range")
    }
    return value
}

/// As ``checkedTimestamp(_:_:)``, of a day and a time of it; a day may be far past the end.
@inline(__always)
func checkedTimestamp(day: Int64, time: Int64) throws(SQLError) -> Int64 {
    guard Calendar.dayRange.contains(day) else { return try checkedTimestamp(0, true) }
    return try checkedTimestamp(day * Calendar.microsecondsPerDay + time)
}
