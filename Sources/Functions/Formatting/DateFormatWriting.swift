import SQLTypes
import Vectors

extension DateFormat {
    /// Appends a timestamp's text: `zone` is what TZ prints; `offset` what
    /// OF does, in seconds east of UTC.
    func append(_ timestamp: Int64, zone: String, offset: Int = 0, to bytes: inout [UInt8]) {
        let (day, time) = Calendar.split(timestamp)
        let moment = Moment(
            day: day,
            time: time,
            date: Calendar.civilFromDays(day),
            zone: zone,
            offset: offset
        )
        for token in tokens {
            switch token {
            case .literal(let text): bytes.append(contentsOf: text)
            case .field(let field, let letters, let fill, let ordinal):
                var text = moment.text(of: field, letters, fill: fill)
                if let ordinal {
                    let suffix = ordinalSuffix(text)
                    text += ordinal == .upper ? suffix.uppercased() : suffix
                }
                bytes.append(contentsOf: text.utf8)
            }
        }
    }
}

/// Seconds east of UTC as `+02` or `-03:30`.
func zoneOffsetText(_ seconds: Int) -> String {
    let (hours, minutes) = (abs(seconds) / 3600, abs(seconds) / 60 % 60)
    let text = (seconds < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + String(hours)
    return minutes == 0 ? text : text + (minutes < 10 ? ":0" : ":") + String(minutes)
}

/// `st`, `nd`, `rd` or `th`.
func ordinalSuffix(_ number: String) -> String {
    let digits = Array(number.utf8).suffix(2)
    if digits.count == 2, digits.first == UInt8(ascii: "1") { return "th" }
    switch digits.last {
    case UInt8(ascii: "1")?: return "st"
    case UInt8(ascii: "2")?: return "nd"
    case UInt8(ascii: "3")?: return "rd"
    default: return "th"
    }
}

private struct Moment {
    let day: Int64
    let time: Int64
    let date: CivilDate
    let zone: String
    let offset: Int

    private func number(_ value: Int, _ width: Int, _ fill: Bool) -> String {
        let digits = String(abs(value))
        let zeros = fill ? String(repeating: "0", count: max(0, width - digits.count)) : ""
        return (value < 0 ? "-" : "") + zeros + digits
    }

    private func name(
        _ text: String,
        _ letters: DateFormat.LetterCase,
        width: Int = 0
    ) -> String {
        let written =
            switch letters {
            case .upper: text.uppercased()
            case .capitalized: text
            case .lower: text.lowercased()
            }
        return written + String(repeating: " ", count: max(0, width - written.count))
    }

    /// The year as written: 1 BC is 1.
    private var year: Int { written(date.year) }
    private func written(_ year: Int) -> Int { year > 0 ? year : 1 - year }
    private var hour: Int { Int(time / Calendar.microsecondsPerHour) }
    private var fraction: Int { Int(time % Calendar.microsecondsPerSecond) }

    private func lastDigits(_ year: Int, _ digits: Int, _ fill: Bool) -> String {
        if digits >= 4 { return number(year, 4, fill) }
        return number(year % [1, 10, 100, 1000][digits], digits, fill)
    }

    func text(of field: DateFormat.Field, _ letters: DateFormat.LetterCase, fill: Bool) -> String {
        switch field {
        case .year(let digits): return lastDigits(year, digits, fill)
        case .yearWithComma: return "\(year / 1000)," + number(year % 1000, 3, true)
        case .isoYear(let digits): return lastDigits(written(isoWeek(day).year), digits, fill)
        case .century: return number((year + 99) / 100, 2, fill)
        case .quarter: return "\((date.month + 2) / 3)"
        case .month: return number(date.month, 2, fill)
        case .monthName:
            return name(CalendarNames.months[date.month - 1], letters, width: fill ? 9 : 0)
        case .monthAbbreviation:
            return name(String(CalendarNames.months[date.month - 1].prefix(3)), letters)
        case .monthRoman:
            return name(CalendarNames.romanMonths[date.month - 1], letters, width: fill ? 4 : 0)
        case .weekOfMonth: return "\((date.day - 1) / 7 + 1)"
        case .weekOfYear:
            return number((dayOfYear(day, year: date.year) - 1) / 7 + 1, 2, fill)
        case .isoWeek: return number(isoWeek(day).week, 2, fill)
        case .dayOfYear: return number(dayOfYear(day, year: date.year), 3, fill)
        case .dayOfMonth: return number(date.day, 2, fill)
        case .dayOfWeek: return "\(weekday(day) + 1)"
        case .isoDayOfWeek: return "\((weekday(day) + 6) % 7 + 1)"
        case .isoDayOfYear:
            return number((isoWeek(day).week - 1) * 7 + Int(weekday(day) + 6) % 7 + 1, 3, fill)
        case .dayName:
            return name(CalendarNames.days[Int(weekday(day))], letters, width: fill ? 9 : 0)
        case .dayAbbreviation:
            return name(String(CalendarNames.days[Int(weekday(day))].prefix(3)), letters)
        case .julianDay: return "\(day + julianDayOf2000)"
        default: return timeText(of: field, letters, fill: fill)
        }
    }

    private func timeText(
        of field: DateFormat.Field,
        _ letters: DateFormat.LetterCase,
        fill: Bool
    ) -> String {
        switch field {
        case .hour24: return number(hour, 2, fill)
        case .hour12: return number((hour + 11) % 12 + 1, 2, fill)
        case .minute: return number(Int(time / Calendar.microsecondsPerMinute % 60), 2, fill)
        case .second: return number(Int(time / Calendar.microsecondsPerSecond % 60), 2, fill)
        case .millisecond: return number(fraction / 1000, 3, fill)
        case .microsecond: return number(fraction, 6, fill)
        case .secondOfDay: return "\(time / Calendar.microsecondsPerSecond)"
        case .meridian(let dots):
            let text = hour < 12 ? (dots ? "A.M." : "AM") : (dots ? "P.M." : "PM")
            return letters == .upper ? text : text.lowercased()
        case .era(let dots):
            let text = date.year > 0 ? (dots ? "A.D." : "AD") : (dots ? "B.C." : "BC")
            return letters == .upper ? text : text.lowercased()
        case .zoneName: return letters == .upper ? zone : zone.lowercased()
        case .zoneOffset: return zoneOffsetText(offset)
        default: return ""
        }
    }
}

/// The Julian day number of 2000-01-01.
let julianDayOf2000: Int64 = 2_451_545
