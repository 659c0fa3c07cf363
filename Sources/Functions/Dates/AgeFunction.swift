import SQLTypes
import Vectors

/// AGE(later, earlier): INTERVAL, in years, months, days and time as a calendar counts them.
///
/// A month that is borrowed has the days of the earlier timestamp's month, so that from January 31
/// to March 1 is a month and a day. Months and the rest have the sign of the difference.
///
/// - Source: PostgreSQL `timestamp_age`.
enum AgeFunction {
    static let all: [ScalarFunction] = ([.timestamp, .timestampTZ] as [DataType]).map { type in
        .strict("age", [type, type], .interval) { (call) in
            let (laters, earliers) = (call.integers(0), call.integers(1))
            return call.makeWideIntegers { age(laters[$0], earliers[$0]).packed }
        }
    }
}

private func age(_ first: Int64, _ second: Int64) -> IntervalParts {
    let isNegative = first < second
    let later = Calendar.split(isNegative ? second : first)
    let earlier = Calendar.split(isNegative ? first : second)
    let end = Calendar.civilFromDays(later.day)
    let start = Calendar.civilFromDays(earlier.day)
    var time = later.microseconds - earlier.microseconds
    var days = Int64(end.day - start.day)
    var months = Int64(end.year - start.year) * 12 + Int64(end.month - start.month)
    if time < 0 {
        time += Calendar.microsecondsPerDay
        days -= 1
    }
    if days < 0 {
        days += Int64(Calendar.daysInMonth(year: start.year, month: start.month))
        months -= 1
    }
    let microseconds = days * Calendar.microsecondsPerDay + time
    return isNegative
        ? IntervalParts(months: -months, microseconds: -microseconds)
        : IntervalParts(months: months, microseconds: microseconds)
}
