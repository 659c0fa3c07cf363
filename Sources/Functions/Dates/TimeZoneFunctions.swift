import SQLTypes
import Vectors

/// CONVERT_TIMEZONE and TIMEZONE, which `AT TIME ZONE` is written with.
///
/// CONVERT_TIMEZONE takes TIMESTAMPs from one zone's clock to another's; its source is UTC unless
/// given. TIMEZONE('z', TIMESTAMP) reads the clock of zone z and gives a TIMESTAMPTZ;
/// TIMEZONE('z', TIMESTAMPTZ) shows z's clock as a TIMESTAMP. An unknown zone is 22023.
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
    ]
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
