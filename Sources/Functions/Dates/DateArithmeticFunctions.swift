import SQLTypes
import Vectors

/// DATEADD, DATEDIFF, ADD_MONTHS and MONTHS_BETWEEN.
///
/// - DATEADD: a DATE or TIMESTAMP gives a TIMESTAMP, a TIME a TIME that wraps at
///   midnight, a TIMETZ likewise. Months
///   keep the day or clip it to the month's end; years keep month and day, so that a year after
///   February 29 is March 1.
/// - DATEDIFF: BIGINT, the boundaries of the part crossed; weeks begin on Monday.
/// - ADD_MONTHS: as DATEADD, but the last day of a month stays the last day.
/// - MONTHS_BETWEEN: whole where the days are alike or both the last, else a fraction of 31.
enum DateArithmeticFunctions {
    static let all: [ScalarFunction] =
        (["dateadd", "date_add"].flatMap { name -> [ScalarFunction] in
            [
                .strict(name, [anyText, .bigint, .timestamp], .timestamp, canFail: true, addPart),
                .strict(
                    name,
                    [anyText, .bigint, .timestampTZ],
                    .timestampTZ,
                    canFail: true,
                    addPart
                ),
                .strict(name, [anyText, .bigint, .time], .time, canFail: true, addPartToTime),
                .strict(
                    name,
                    [anyText, .bigint, .timeTZ],
                    .timeTZ,
                    canFail: true,
                    addPartToZonedTime
                ),
            ]
        })
        + (["datediff", "date_diff"].flatMap { name -> [ScalarFunction] in
            ([.timestamp, .timestampTZ, .time] as [DataType]).map { type in
                .strict(name, [anyText, type, type], .bigint, canFail: true, difference)
            } + [
                .strict(
                    name,
                    [anyText, .timeTZ, .timeTZ],
                    .bigint,
                    canFail: true,
                    differenceOfZonedTimes
                )
            ]
        }) + [
            .strict("add_months", [.timestamp, .bigint], .timestamp, canFail: true, addMonths),
            .strict("months_between", [.timestamp, .timestamp], .doublePrecision, monthsBetween),
        ]
}

@Sendable
private func addPart(_ call: Call) throws(SQLError) -> Vector {
    let (counts, times) = (call.integers(1), call.integers(2))
    guard let part = try DatePart.named(in: call) else { return call.makeIntegers { _ in 0 } }
    if let unit = part.microseconds {
        return try call.makeIntegers { (row) throws(SQLError) in
            let (delta, o1) = counts[row].multipliedReportingOverflow(by: unit)
            let (sum, o2) = times[row].addingReportingOverflow(delta)
            return try checkedTimestamp(sum, o1 || o2)
        }
    }
    if let years = part.years {
        return try call.makeIntegers { (row) throws(SQLError) in
            let (day, time) = Calendar.split(times[row])
            let (delta, overflow) = counts[row].multipliedReportingOverflow(by: years)
            if overflow || delta.magnitude > 300_000 { return try checkedTimestamp(0, true) }
            let date = Calendar.civilFromDays(day)
            // A February 29 that the year lacks is counted on to March 1.
            let moved = Calendar.daysFromCivil(
                year: date.year + Int(delta),
                month: date.month,
                day: date.day
            )
            return try checkedTimestamp(day: moved, time: time)
        }
    }
    guard part == .month || part == .quarter else {
        throw SQLError(.invalidParameterValue, "date part \(part) is not supported by DATEADD")
    }
    let months: Int64 = part == .quarter ? 3 : 1
    return try call.makeIntegers { (row) throws(SQLError) in
        try shift(times[row], months: counts[row], times: months, keepsMonthEnd: false)
    }
}

private func shift(
    _ timestamp: Int64,
    months: Int64,
    times factor: Int64,
    keepsMonthEnd: Bool
) throws(SQLError) -> Int64 {
    let (delta, overflow) = months.multipliedReportingOverflow(by: factor)
    if overflow || delta.magnitude > 4_000_000 { return try checkedTimestamp(0, true) }
    let (day, time) = Calendar.split(timestamp)
    var moved = Calendar.addMonths(day, delta)
    if keepsMonthEnd && day == lastDay(day) { moved = lastDay(moved) }
    return try checkedTimestamp(day: moved, time: time)
}

/// The last day of a day's month.
func lastDay(_ day: Int64) -> Int64 {
    let date = Calendar.civilFromDays(day)
    return day + Int64(Calendar.daysInMonth(year: date.year, month: date.month) - date.day)
}

@Sendable
private func addPartToTime(_ call: Call) throws(SQLError) -> Vector {
    let (counts, times) = (call.integers(1), call.integers(2))
    guard let part = try DatePart.named(in: call) else { return call.makeIntegers { _ in 0 } }
    guard let unit = part.microseconds, unit <= Calendar.microsecondsPerHour else {
        throw SQLError(.invalidParameterValue, "date part \(part) is not supported for TIME")
    }
    return call.makeIntegers { row in
        let perDay = Calendar.microsecondsPerDay
        // Whole days make no difference to the time, so the count is reduced before it can
        // overflow.
        let delta = counts[row] % (perDay / unit) * unit
        let sum = (times[row] + delta) % perDay
        return sum < 0 ? sum + perDay : sum
    }
}

@Sendable
private func difference(_ call: Call) throws(SQLError) -> Vector {
    let (starts, ends) = (call.integers(1), call.integers(2))
    guard let part = try DatePart.named(in: call) else { return call.makeIntegers { _ in 0 } }
    if part == .week {
        return call.makeIntegers { row in
            let start = monday(Calendar.split(starts[row]).day)
            return (monday(Calendar.split(ends[row]).day) - start) / 7
        }
    }
    if let unit = part.microseconds {
        return try call.makeIntegers { (row) throws(SQLError) in
            let end = Calendar.floorDivide(ends[row], unit)
            let start = Calendar.floorDivide(starts[row], unit)
            let (count, overflow) = end.subtractingReportingOverflow(start)
            if overflow {
                throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
            }
            return count
        }
    }
    guard let ordinal = monthOrdinal(part) else {
        throw SQLError(.invalidParameterValue, "date part \(part) is not supported by DATEDIFF")
    }
    return call.makeIntegers { row in
        let end = ordinal(Calendar.civilFromDays(Calendar.split(ends[row]).day))
        return end - ordinal(Calendar.civilFromDays(Calendar.split(starts[row]).day))
    }
}

/// A number that grows by one at each boundary of a part of months or years.
private func monthOrdinal(_ part: DatePart) -> ((CivilDate) -> Int64)? {
    switch part {
    case .month: { Int64($0.year) * 12 + Int64($0.month) }
    case .quarter: { Int64($0.year) * 4 + Int64(($0.month - 1) / 3) }
    case .year: { Int64($0.year) }
    case .decade: { Calendar.floorDivide(Int64($0.year), 10) }
    case .century: { Calendar.floorDivide(Int64($0.year) + 99, 100) }
    case .millennium: { Calendar.floorDivide(Int64($0.year) + 999, 1000) }
    default: nil
    }
}

/// DATEADD on the zone's clock; the zone stays.
@Sendable
private func addPartToZonedTime(_ call: Call) throws(SQLError) -> Vector {
    let zoned = call.integers(2)
    let local = call.makeIntegers { ZonedTime(packed: zoned[$0]).microseconds }
    let moved = try addPartToTime(
        Call([call.vectors[0], call.vectors[1], local], call.types, call.count)
    )
    let times = moved.entries(as: Int64.self)
    return call.makeIntegers { row in
        ZonedTime(microseconds: times[row], offset: ZonedTime(packed: zoned[row]).offset).packed
    }
}

/// DATEDIFF of the two moments in UTC.
@Sendable
private func differenceOfZonedTimes(_ call: Call) throws(SQLError) -> Vector {
    let moments = [1, 2].map { index -> Vector in
        let zoned = call.integers(index)
        return call.makeIntegers { ZonedTime(packed: zoned[$0]).utc }
    }
    return try difference(Call([call.vectors[0]] + moments, call.types, call.count))
}

@Sendable
private func addMonths(_ call: Call) throws(SQLError) -> Vector {
    let (times, counts) = (call.integers(0), call.integers(1))
    return try call.makeIntegers { (row) throws(SQLError) in
        try shift(times[row], months: counts[row], times: 1, keepsMonthEnd: true)
    }
}

@Sendable
private func monthsBetween(_ call: Call) throws(SQLError) -> Vector {
    let (laters, earliers) = (call.integers(0), call.integers(1))
    return call.makeFloats { row in
        let (laterDay, laterTime) = Calendar.split(laters[row])
        let (earlierDay, earlierTime) = Calendar.split(earliers[row])
        let (later, earlier) = (
            Calendar.civilFromDays(laterDay), Calendar.civilFromDays(earlierDay)
        )
        let months = Double((later.year - earlier.year) * 12 + later.month - earlier.month)
        let areBothLast = laterDay == lastDay(laterDay) && earlierDay == lastDay(earlierDay)
        if later.day == earlier.day || areBothLast { return months }
        let perDay = Double(Calendar.microsecondsPerDay)
        let days = Double(later.day - earlier.day) + Double(laterTime - earlierTime) / perDay
        return months + days / 31
    }
}
