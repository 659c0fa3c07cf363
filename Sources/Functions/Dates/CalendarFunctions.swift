import SQLTypes
import Vectors

/// LAST_DAY, NEXT_DAY and TRUNC of a timestamp: DATE.
enum CalendarFunctions {
    static let all: [ScalarFunction] = [
        .strict("last_day", [.timestamp], .date) { (call) in
            let times = call.integers(0)
            return call.makeIntegers { lastDay(Calendar.split(times[$0]).day) }
        },
        .strict("trunc", [.timestamp], .date) { (call) in
            let times = call.integers(0)
            return call.makeIntegers { Calendar.split(times[$0]).day }
        },
        .strict("next_day", [.timestamp, anyText], .date, canFail: true, nextDay),
    ]
}

private let weekdays = [
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
]

/// The first such weekday strictly after the date; as many letters of a name are enough as no
/// other begins with.
///
/// - Source: Redshift's table of names, with M, W and F but neither S nor T.
@Sendable
private func nextDay(_ call: Call) throws(SQLError) -> Vector {
    let (times, names) = (call.integers(0), call.texts(1))
    return try call.makeIntegers { (row) throws(SQLError) in
        let name = names[row].string.lowercased()
        let found = weekdays.indices.filter { weekdays[$0].hasPrefix(name) }
        guard let index = found.first, found.count == 1 else {
            throw SQLError(.invalidParameterValue, "invalid day of the week: \(names[row].string)")
        }
        let day = Calendar.split(times[row]).day
        let ahead = (Int64(index) - weekday(day) + 7) % 7
        let next = day + (ahead == 0 ? 7 : ahead)
        guard Calendar.dayRange.contains(next) else {
            throw SQLError(.datetimeFieldOverflow, "date out of range")
        }
        return next
    }
}
