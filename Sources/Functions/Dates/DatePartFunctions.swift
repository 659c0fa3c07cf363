import SQLTypes
import Vectors

/// DATE_PART, EXTRACT, DATE_PART_YEAR and DATE_TRUNC.
///
/// The part comes first, as text: `EXTRACT(year FROM x)` is `extract('year', x)`. DATE_PART gives
/// DOUBLE PRECISION with the fraction of a second; EXTRACT gives INTEGER of TIMESTAMP, DATE and
/// TIME and DOUBLE PRECISION of TIMESTAMPTZ, whole seconds, and BIGINT for a constant `epoch`.
/// Milliseconds and microseconds are those of the fraction alone.
enum DatePartFunctions {
    static let all: [ScalarFunction] =
        (["date_part", "pgdate_part"].flatMap { name -> [ScalarFunction] in
            ([.timestamp, .date, .timestampTZ, .time, .timeTZ, .interval] as [DataType]).map {
                type in
                .strict(name, [anyText, type], .doublePrecision, canFail: true) {
                    (call) throws(SQLError) in
                    guard let part = try DatePart.named(in: call) else {
                        return call.makeFloats { _ in 0 }
                    }
                    return try partsAsFloats(call, part, type)
                }
            }
        })
        + ([.timestamp, .date, .time, .interval] as [DataType]).map { type in
            extract(type, resultType: .integer)
        }
        + ([.timestampTZ, .timeTZ] as [DataType]).map { type in
            .strict("extract", [anyText, type], .doublePrecision, canFail: true) {
                (call) throws(SQLError) in
                guard let part = try DatePart.named(in: call) else {
                    return call.makeFloats { _ in 0 }
                }
                let whole = try parts(call, part, type)
                return asDoubles(whole, .bigint)
            }
        } + [
            // What intervals are compared by: a month is as long as 30 days.
            .strict("interval length", [.interval], .decimal(precision: 38, scale: 0)) { (call) in
                let values = call.column(0, as: Int128.self)
                return call.makeWideIntegers { IntervalParts(packed: values[$0]).length }
            },
            .strict("date_part_year", [.date], .integer) { (call) in
                let days = call.integers(0)
                return call.makeIntegers { shownYear(days[$0]) }
            },
        ]
        + ([.timestamp, .timestampTZ] as [DataType]).map { type in
            .strict("date_trunc", [anyText, type], type, canFail: true, truncate)
        }

    /// EXTRACT of a constant `epoch` by the argument's type: seconds pass 32 bits in 2038.
    static let extractEpoch: [DataType: ScalarFunction] = Dictionary(
        uniqueKeysWithValues: ([.timestamp, .date, .interval] as [DataType]).map { type in
            (type, extract(type, resultType: .bigint))
        }
    )

    private static func extract(_ type: DataType, resultType: DataType) -> ScalarFunction {
        .strict("extract", [anyText, type], resultType, canFail: true) { (call) throws(SQLError) in
            guard let part = try DatePart.named(in: call) else {
                return call.makeIntegers { _ in 0 }
            }
            return try parts(call, part, type)
        }
    }
}

/// Whole parts of argument 1.
private func parts(_ call: Call, _ part: DatePart, _ type: DataType) throws(SQLError) -> Vector {
    switch type {
    case .interval:
        let values = call.column(1, as: Int128.self)
        return try call.makeIntegers { (row) throws(SQLError) in
            try value(of: part, in: IntervalParts(packed: values[row]))
        }
    case .date:
        let days = call.integers(1)
        if let longPart = partOfDates(call, part, { days[$0] }) { return longPart }
        return try call.makeIntegers { (row) throws(SQLError) in
            try timePart(part, 0, days[row] * Calendar.microsecondsPerDay)
        }
    case .timeTZ:
        let times = call.integers(1)
        return try call.makeIntegers { (row) throws(SQLError) in
            try value(of: part, in: ZonedTime(packed: times[row]))
        }
    case .time:
        let times = call.integers(1)
        switch part {
        case .hour, .minute, .second, .millisecond, .microsecond: break
        case .epoch:
            return call.makeIntegers { times[$0] / Calendar.microsecondsPerSecond }
        default: throw unsupported(part, type)
        }
        return try call.makeIntegers { (row) throws(SQLError) in
            try timePart(part, times[row], times[row])
        }
    default:
        let times = call.integers(1)
        if type == .timestampTZ {
            switch part {
            case .timeZone, .timeZoneHour, .timeZoneMinute: return call.makeIntegers { _ in 0 }
            default: break
            }
        }
        let longPart = partOfDates(call, part) { Calendar.split(times[$0]).day }
        if let longPart { return longPart }
        return try call.makeIntegers { (row) throws(SQLError) in
            let time = Calendar.split(times[row]).microseconds
            return try timePart(part, time, times[row])
        }
    }
}

/// Parts of a day and longer; nil where the part is shorter.
@inline(__always)
private func partOfDates(
    _ call: Call,
    _ part: DatePart,
    _ day: (Int) -> Int64
) -> Vector? {
    switch part {
    case .year: return call.makeIntegers { shownYear(day($0)) }
    case .month: return call.makeIntegers { Int64(Calendar.civilFromDays(day($0)).month) }
    case .day: return call.makeIntegers { Int64(Calendar.civilFromDays(day($0)).day) }
    case .quarter:
        return call.makeIntegers { Int64((Calendar.civilFromDays(day($0)).month + 2) / 3) }
    case .week: return call.makeIntegers { Int64(isoWeek(day($0)).week) }
    case .dayOfWeek: return call.makeIntegers { weekday(day($0)) }
    case .dayOfYear:
        return call.makeIntegers {
            Int64(dayOfYear(day($0), year: Calendar.civilFromDays(day($0)).year))
        }
    case .decade:
        // The manual counts the years 1 to 9 as decade 1.
        return call.makeIntegers {
            Calendar.floorDivide(Int64(Calendar.civilFromDays(day($0)).year), 10) + 1
        }
    case .century:
        return call.makeIntegers { groupOfYears(day($0), 100) }
    case .millennium:
        return call.makeIntegers { groupOfYears(day($0), 1000) }
    default: return nil
    }
}

/// The year as people count: there is none between -1, which is 1 BC, and 1.
@inline(__always)
private func shownYear(_ day: Int64) -> Int64 {
    let year = Int64(Calendar.civilFromDays(day).year)
    return year > 0 ? year : year - 1
}

/// The century or millennium of a day; those before Christ are negative, and there is no zeroth.
@inline(__always)
private func groupOfYears(_ day: Int64, _ size: Int64) -> Int64 {
    let year = shownYear(day)
    return year > 0 ? (year + size - 1) / size : (year - size + 1) / size
}

/// A part shorter than a day: `time` since midnight, `timestamp` for the epoch.
@inline(__always)
private func timePart(
    _ part: DatePart,
    _ time: Int64,
    _ timestamp: Int64
) throws(SQLError) -> Int64 {
    switch part {
    case .hour: return time / Calendar.microsecondsPerHour
    case .minute: return time / Calendar.microsecondsPerMinute % 60
    case .second: return time / Calendar.microsecondsPerSecond % 60
    case .millisecond: return time % Calendar.microsecondsPerSecond / 1000
    case .microsecond: return time % Calendar.microsecondsPerSecond
    case .epoch:
        return Calendar.floorDivide(timestamp, Calendar.microsecondsPerSecond)
            + Calendar.daysFrom1970 * 86_400
    default: throw unsupported(part, .timestamp)
    }
}

private func value(of part: DatePart, in time: ZonedTime) throws(SQLError) -> Int64 {
    switch part {
    case .hour, .minute, .second, .millisecond, .microsecond:
        return try timePart(part, time.microseconds, time.microseconds)
    case .epoch: return Calendar.floorDivide(time.utc, Calendar.microsecondsPerSecond)
    case .timeZone: return Int64(time.offset)
    case .timeZoneHour: return Int64(time.offset / 3600)
    case .timeZoneMinute: return Int64(time.offset / 60 % 60)
    default: throw unsupported(part, .timeTZ)
    }
}

private func value(of part: DatePart, in interval: IntervalParts) throws(SQLError) -> Int64 {
    let time = interval.microseconds
    switch part {
    case .epoch: return interval.months * 2_592_000 + time / Calendar.microsecondsPerSecond
    case .millennium: return interval.months / 12_000
    case .century: return interval.months / 1200
    case .decade: return interval.months / 120
    case .year: return interval.months / 12
    case .quarter: return interval.months % 12 / 3 + 1
    case .month: return interval.months % 12
    case .day: return time / Calendar.microsecondsPerDay
    case .hour: return time % Calendar.microsecondsPerDay / Calendar.microsecondsPerHour
    case .minute: return time % Calendar.microsecondsPerHour / Calendar.microsecondsPerMinute
    case .second: return time % Calendar.microsecondsPerMinute / Calendar.microsecondsPerSecond
    case .millisecond: return time % Calendar.microsecondsPerSecond / 1000
    case .microsecond: return time % Calendar.microsecondsPerSecond
    default: throw unsupported(part, .interval)
    }
}

/// DATE_PART: as `parts`, with the fraction of seconds and epochs.
private func partsAsFloats(
    _ call: Call,
    _ part: DatePart,
    _ type: DataType
) throws(SQLError) -> Vector {
    guard part == .second || part == .epoch, type != .date, type != .interval else {
        return asDoubles(try parts(call, part, type), .bigint)
    }
    let times = call.integers(1)
    let perSecond = Double(Calendar.microsecondsPerSecond)
    if type == .timeTZ {
        return call.makeFloats { row in
            let time = ZonedTime(packed: times[row])
            return part == .epoch
                ? Double(time.utc) / perSecond
                : Double(time.microseconds % Calendar.microsecondsPerMinute) / perSecond
        }
    }
    if part == .second {
        return call.makeFloats { row in
            let time = Calendar.split(times[row]).microseconds
            return Double(time % Calendar.microsecondsPerMinute) / perSecond
        }
    }
    let offset = type == .time ? 0 : microsecondsFrom1970
    return call.makeFloats { row in
        let (sum, overflow) = times[row].addingReportingOverflow(offset)
        return (overflow ? Double(times[row]) + Double(offset) : Double(sum)) / perSecond
    }
}

private func unsupported(_ part: DatePart, _ type: DataType) -> SQLError {
    SQLError(
        .featureNotSupported,
        "\(type.description) units \"\(part)\" not supported"
    )
}

@Sendable
private func truncate(_ call: Call) throws(SQLError) -> Vector {
    let times = call.integers(1)
    guard let part = try DatePart.named(in: call) else { return call.makeIntegers { _ in 0 } }
    switch part {
    case .week:
        return call.makeIntegers { row in
            monday(Calendar.split(times[row]).day) * Calendar.microsecondsPerDay
        }
    case .day, .hour, .minute, .second, .millisecond, .microsecond:
        let unit = part.microseconds ?? 1
        return call.makeIntegers { Calendar.floorDivide(times[$0], unit) * unit }
    case .month, .quarter, .year, .decade, .century, .millennium:
        return call.makeIntegers { row in
            let date = Calendar.civilFromDays(Calendar.split(times[row]).day)
            var (year, month) = (Int64(date.year), 1)
            switch part {
            case .month: month = date.month
            case .quarter: month = (date.month - 1) / 3 * 3 + 1
            case .decade: year = Calendar.floorDivide(year, 10) * 10
            case .century: year = Calendar.floorDivide(year - 1, 100) * 100 + 1
            case .millennium: year = Calendar.floorDivide(year - 1, 1000) * 1000 + 1
            default: break
            }
            return Calendar.daysFromCivil(year: Int(year), month: month, day: 1)
                * Calendar.microsecondsPerDay
        }
    default:
        throw unsupported(part, call.types[1])
    }
}
