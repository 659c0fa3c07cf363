/// A POSIX time zone rule: `PST8PDT,M3.2.0,M11.1.0`, `<+03>-3`, `UTC+8`.
///
/// Offsets count west as positive. Without dates, summer time follows the United States' rule.
struct ZoneRule: Sendable {
    /// The offset outside summer time.
    let standard: ZoneOffset
    private let daylight: ZoneOffset?
    private let starts: RuleDate
    private let ends: RuleDate

    /// Reads a rule; nil where the text is none.
    init?(posix text: String) {
        var reader = RuleReader(text)
        guard let name = reader.name(), let west = reader.time(hoursMax: 24) else { return nil }
        standard = ZoneOffset(
            seconds: -west,
            isDaylight: false,
            abbreviation: zoneAbbreviation(name)
        )
        guard !reader.isAtEnd else {
            (daylight, starts, ends) = (nil, .usStart, .usEnd)
            return
        }
        guard let summerName = reader.name() else { return nil }
        var ahead = standard.seconds + 3600
        if !reader.isAtEnd, reader.next != UInt8(ascii: ",") {
            guard let west = reader.time(hoursMax: 24) else { return nil }
            ahead = -west
        }
        daylight = ZoneOffset(
            seconds: ahead,
            isDaylight: true,
            abbreviation: zoneAbbreviation(summerName)
        )
        guard !reader.isAtEnd else {
            (starts, ends) = (.usStart, .usEnd)
            return
        }
        guard let start = reader.date(), let end = reader.date(), reader.isAtEnd else { return nil }
        (starts, ends) = (start, end)
    }

    /// The offset at a moment, in seconds since 1970 UTC.
    func offset(at moment: Int64) -> ZoneOffset {
        guard let daylight else { return standard }
        let local = moment + standard.seconds
        let days = Calendar.floorDivide(local, 86_400) - Calendar.daysFrom1970
        let year = Calendar.civilFromDays(days).year
        let start = starts.seconds(year: year) - standard.seconds
        let end = ends.seconds(year: year) - daylight.seconds
        let isDaylight =
            start < end ? moment >= start && moment < end : moment >= start || moment < end
        return isDaylight ? daylight : standard
    }
}

/// The day and second at which summer time begins or ends.
private struct RuleDate: Sendable {
    enum Day: Sendable {
        /// Month, week 1 to 5 (5 is the last), weekday from Sunday.
        case weekday(month: Int, week: Int, weekday: Int)
        /// Day 1 to 365; February 29 is never counted.
        case julian(Int)
        /// Day 0 to 365.
        case ordinal(Int)
    }
    var day: Day
    var time: Int64

    static let usStart = RuleDate(day: .weekday(month: 3, week: 2, weekday: 0), time: 7200)
    static let usEnd = RuleDate(day: .weekday(month: 11, week: 1, weekday: 0), time: 7200)

    /// Seconds since 1970 in local time.
    func seconds(year: Int) -> Int64 {
        let first = Calendar.daysFromCivil(year: year, month: 1, day: 1)
        let found: Int64
        switch day {
        case .ordinal(let number): found = first + Int64(number)
        case .julian(let number):
            found = first + Int64(number - 1 + (number > 59 && Calendar.isLeap(year) ? 1 : 0))
        case .weekday(let month, let week, let wanted):
            let start = Calendar.daysFromCivil(year: year, month: month, day: 1)
            var number = Int((Int64(wanted) - Calendar.weekday(start) + 7) % 7) + 1 + (week - 1) * 7
            if number > Calendar.daysInMonth(year: year, month: month) { number -= 7 }
            found = start + Int64(number - 1)
        }
        return (found + Calendar.daysFrom1970) * 86_400 + time
    }
}

/// Reads a rule's text from left to right.
private struct RuleReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at >= bytes.count }
    var next: UInt8 { isAtEnd ? 0 : bytes[at] }

    /// Reads `ABC` or `<+03>`; nil where there is no name.
    mutating func name() -> ArraySlice<UInt8>? {
        let start = at
        if next == UInt8(ascii: "<") {
            while !isAtEnd && next != UInt8(ascii: ">") { at += 1 }
            guard !isAtEnd else { return nil }
            at += 1
            return bytes[start + 1..<at - 1]
        }
        while (next | 32) &- 97 < 26 { at += 1 }
        return at - start >= 3 ? bytes[start..<at] : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func time(hoursMax: Int) -> Int64? {
        var sign: Int64 = 1
        if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") {
            sign = next == UInt8(ascii: "-") ? -1 : 1
            at += 1
        }
        guard let hours = number(), hours <= hoursMax else { return nil }
        var seconds = Int64(hours) * 3600
        for unit in [60, 1] as [Int64] {
            guard next == UInt8(ascii: ":") else { break }
            at += 1
            guard let value = number(), value < 60 else { return nil }
            seconds += Int64(value) * unit
        }
        return sign * seconds
    }

    /// `,M3.2.0[/2]`, `,J60` or `,59`.
    mutating func date() -> RuleDate? {
        guard next == UInt8(ascii: ",") else { return nil }
        at += 1
        let day: RuleDate.Day
        if next == UInt8(ascii: "M") {
            at += 1
            guard let month = number(), (1...12).contains(month), skip("."), let week = number(),
                (1...5).contains(week), skip("."), let weekday = number(), weekday < 7
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if next == UInt8(ascii: "J") {
            at += 1
            guard let value = number(), (1...365).contains(value) else { return nil }
            day = .julian(value)
        } else {
            guard let value = number(), value < 366 else { return nil }
            day = .ordinal(value)
        }
        guard next == UInt8(ascii: "/") else { return RuleDate(day: day, time: 7200) }
        at += 1
        return time(hoursMax: 167).map { RuleDate(day: day, time: $0) }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func number() -> Int? {
        var value: Int?
        while next &- 48 < 10, (value ?? 0) < 100_000 {
            value = (value ?? 0) * 10 + Int(next - 48)
            at += 1
        }
        return value
    }
}
