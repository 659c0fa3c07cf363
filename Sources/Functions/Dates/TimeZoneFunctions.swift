import SQLTypes
import Vectors

/// CONVERT_TIMEZONE and TIMEZONE, which `AT TIME ZONE` is written with.
///
/// CONVERT_TIMEZONE takes TIMESTAMPs from one zone's clock to another's; its source is UTC unless
/// given. TIMEZONE('z', TIMESTAMP) reads the clock of zone z and gives a TIMESTAMPTZ;
/// TIMEZONE('z', TIMESTAMPTZ) shows z's clock as a TIMESTAMP; of a TIMETZ it is the same time with
/// z's offset. The zone may be an INTERVAL east of UTC. An unknown zone is 22023.
enum TimeZoneFunctions {
    static let all: [ScalarFunction] = [
        .strict("convert_timezone", [anyText, .timestamp], .timestamp, canFail: true) {
            (call) throws(SQLError) in
            try convert(call, to: 0, time: 1) { zone, _, time in zone.local(fromUTC: time) }
        },
        .strict("convert_timezone", [anyText, anyText, .timestamp], .timestamp, canFail: true) {
            (call) throws(SQLError) in
            try convert(call, from: 0, to: 1, time: 2) { target, source, time in
                target.local(fromUTC: source?.utc(fromLocal: time) ?? time)
            }
        },
        .strict("timezone", [anyText, .timestamp], .timestampTZ, canFail: true) {
            (call) throws(SQLError) in
            try convert(call, to: 0, time: 1) { zone, _, time in zone.utc(fromLocal: time) }
        },
        .strict("timezone", [anyText, .timestampTZ], .timestamp, canFail: true) {
            (call) throws(SQLError) in
            try convert(call, to: 0, time: 1) { zone, _, time in zone.local(fromUTC: time) }
        },
        // The offset is the one at the moment that comes third, for which the binder cares.
        .strict("timezone at", [anyText, .timeTZ, .timestampTZ], .timeTZ, canFail: true) {
            (call) throws(SQLError) in
            var zones = ZoneColumn(call.texts(0))
            let (times, moments) = (call.integers(1), call.integers(2))
            return try call.makeIntegers { (row) throws(SQLError) in
                let offset = try zones.zone(row).offset(atUTC: moments[row]).seconds
                return try shown(times[row], offset: offset)
            }
        },
        .strict("timezone", [.interval, .timestamp], .timestampTZ, canFail: true) {
            (call) throws(SQLError) in
            try displace(call) { (time, offset) throws(SQLError) in
                try checkedTimestamp(time &- offset &* Calendar.microsecondsPerSecond)
            }
        },
        .strict("timezone", [.interval, .timestampTZ], .timestamp, canFail: true) {
            (call) throws(SQLError) in
            try displace(call) { (time, offset) throws(SQLError) in
                try checkedTimestamp(time &+ offset &* Calendar.microsecondsPerSecond)
            }
        },
        .strict("timezone", [.interval, .timeTZ], .timeTZ, canFail: true) {
            (call) throws(SQLError) in try displace(call, shown)
        },
    ]
}

/// A TIMETZ on a clock `offset` seconds east of UTC.
private func shown(_ time: Int64, offset: Int64) throws(SQLError) -> Int64 {
    guard abs(offset) <= 16 * 3600 else {
        throw SQLError(.invalidParameterValue, "time zone displacement out of range")
    }
    let local = ZonedTime(packed: time).utc &+ offset &* Calendar.microsecondsPerSecond
    let day = Calendar.microsecondsPerDay
    let time = local &- Calendar.floorDivide(local, day) &* day
    return ZonedTime(microseconds: time, offset: Int(offset)).packed
}

/// Changes the times of the second argument by the seconds east of UTC in the first.
///
/// - Source: PostgreSQL `timestamp_izone`, where an interval of a day or more is 22023.
private func displace(
    _ call: Call,
    _ change: (_ time: Int64, _ offset: Int64) throws(SQLError) -> Int64
) throws(SQLError) -> Vector {
    let intervals = call.column(0, as: Int128.self)
    let times = call.integers(1)
    return try call.makeIntegers { (row) throws(SQLError) in
        let parts = IntervalParts(packed: intervals[row])
        guard parts.months == 0, abs(parts.microseconds) < Calendar.microsecondsPerDay else {
            let text = formatDatum(.int128(intervals[row]), type: .interval)
            throw SQLError(
                .invalidParameterValue,
                "interval time zone \"\(text)\" must not include months or days"
            )
        }
        return try change(times[row], parts.microseconds / Calendar.microsecondsPerSecond)
    }
}

private func convert(
    _ call: Call,
    from source: Int? = nil,
    to target: Int,
    time: Int,
    _ change: (TimeZone, TimeZone?, Int64) -> Int64
) throws(SQLError) -> Vector {
    let times = call.integers(time)
    var targets = ZoneColumn(call.texts(target))
    var sources = source.map { ZoneColumn(call.texts($0)) }
    return try call.makeIntegers { (row) throws(SQLError) in
        let zone = try targets.zone(row)
        let from = try sources?.zone(row)
        return try checkedTimestamp(change(zone, from, times[row]))
    }
}

/// Zones by row; a name is looked up when it differs from the row before.
private struct ZoneColumn {
    private let names: Column<StringView>
    private var present: TimeZone?
    private var view = StringView.empty

    init(_ names: Column<StringView>) { self.names = names }

    mutating func zone(_ row: Int) throws(SQLError) -> TimeZone {
        let next = names[row]
        if let present, next.head == view.head, next.tail == view.tail { return present }
        view = next
        let zone = try TimeZone.named(next.string)
        present = zone
        return zone
    }
}
