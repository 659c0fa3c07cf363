import SQLTypes

// Dates and times as psql prints them, in each of PostgreSQL's date styles.

private let digitPairs: [UInt8] = (0..<100).flatMap {
    [zero + UInt8($0 / 10), zero + UInt8($0 % 10)]
}
private let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]
private let weekdayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

/// Appends a date; years before 1 AD carry ` BC`.
///
/// - Source: PostgreSQL `EncodeDateOnly`.
func appendDate(_ days: Int64, _ style: ValueStyle = .standard, to text: inout [UInt8]) {
    let date = Calendar.civilFromDays(days)
    appendCivil(date, style, to: &text)
    appendEra(date, to: &text)
}

/// A timestamp's date is written as a date, but for the style POSTGRES.
private func appendCivil(_ date: CivilDate, _ style: ValueStyle, to text: inout [UInt8]) {
    let separator: UInt8
    switch style.dateFormat {
    case .iso:
        appendYear(date, to: &text)
        text.append(minus)
        appendPair(date.month, to: &text)
        text.append(minus)
        appendPair(date.day, to: &text)
        return
    case .sql: separator = UInt8(ascii: "/")
    case .postgres: separator = minus
    case .german: separator = point
    }
    let isDayFirst = style.dateFormat == .german || style.dateOrder == .dayMonthYear
    appendPair(isDayFirst ? date.day : date.month, to: &text)
    text.append(separator)
    appendPair(isDayFirst ? date.month : date.day, to: &text)
    text.append(separator)
    appendYear(date, to: &text)
}

private func appendYear(_ date: CivilDate, to text: inout [UInt8]) {
    let year = date.year > 0 ? date.year : 1 - date.year
    if year < 10_000 {
        appendPair(year / 100, to: &text)
        appendPair(year % 100, to: &text)
    } else {
        appendDigits(UInt64(year), to: &text)
    }
}

private func appendEra(_ date: CivilDate, to text: inout [UInt8]) {
    if date.year <= 0 { text.append(contentsOf: " BC".utf8) }
}

@inline(__always)
private func appendPair(_ value: Int, to text: inout [UInt8]) {
    text.append(digitPairs[2 * value])
    text.append(digitPairs[2 * value + 1])
}

/// Appends a time of day, with up to six digits of a second's fraction.
func appendTime(_ microseconds: Int64, to text: inout [UInt8]) {
    let seconds = Int(microseconds / Calendar.microsecondsPerSecond)
    let fraction = microseconds % Calendar.microsecondsPerSecond
    appendDigits(UInt64(seconds / 3600), width: 2, to: &text)
    text.append(colon)
    appendPair(seconds / 60 % 60, to: &text)
    text.append(colon)
    appendPair(seconds % 60, to: &text)
    if fraction != 0 {
        text.append(point)
        appendDigits(UInt64(fraction), width: 6, to: &text)
        while text.last == zero { text.removeLast() }
    }
}

/// Appends a time of day and its distance from UTC: `04:05:06+00`, `04:05:06-03:30`.
func appendZonedTime(_ time: ZonedTime, to text: inout [UInt8]) {
    appendTime(time.microseconds, to: &text)
    appendOffset(time.offset, to: &text)
}

/// Appends seconds east of UTC: `+00`, `-03:30`, `-04:56:02`.
private func appendOffset(_ offset: Int, to text: inout [UInt8]) {
    let seconds = abs(offset)
    text.append(offset < 0 ? minus : plus)
    appendPair(seconds / 3600, to: &text)
    guard seconds % 3600 != 0 else { return }
    text.append(colon)
    appendPair(seconds / 60 % 60, to: &text)
    guard seconds % 60 != 0 else { return }
    text.append(colon)
    appendPair(seconds % 60, to: &text)
}

/// Appends a timestamp; one that has a zone on the session's clock, with its offset from UTC, or
/// in styles other than ISO with the zone's abbreviation.
///
/// - Source: PostgreSQL `EncodeDateTime`.
func appendTimestamp(
    _ microseconds: Int64,
    hasZone: Bool,
    _ style: ValueStyle = .standard,
    to text: inout [UInt8]
) {
    let offset = hasZone ? style.zone?.offset(atUTC: microseconds) : nil
    let (day, time) = Calendar.split(
        microseconds &+ (offset?.seconds ?? 0) &* Calendar.microsecondsPerSecond
    )
    let date = Calendar.civilFromDays(day)
    if style.dateFormat == .postgres {
        appendNamed(date, weekday: Int(Calendar.weekday(day)), style, to: &text)
        text.append(blank)
        appendTime(time, to: &text)
        text.append(blank)
        appendYear(date, to: &text)
    } else {
        appendCivil(date, style, to: &text)
        text.append(blank)
        appendTime(time, to: &text)
    }
    if hasZone {
        if style.dateFormat == .iso {
            appendOffset(Int(offset?.seconds ?? 0), to: &text)
        } else {
            text.append(blank)
            (offset ?? .utc).abbreviation.withBytes { text.append(contentsOf: $0) }
        }
    }
    appendEra(date, to: &text)
}

/// `Wed Jul 01`, or `Wed 01 Jul`.
private func appendNamed(
    _ date: CivilDate,
    weekday: Int,
    _ style: ValueStyle,
    to text: inout [UInt8]
) {
    text.append(contentsOf: weekdayNames[weekday].utf8)
    text.append(blank)
    if style.dateOrder == .dayMonthYear {
        appendPair(date.day, to: &text)
        text.append(blank)
        text.append(contentsOf: monthNames[date.month - 1].utf8)
    } else {
        text.append(contentsOf: monthNames[date.month - 1].utf8)
        text.append(blank)
        appendPair(date.day, to: &text)
    }
}
