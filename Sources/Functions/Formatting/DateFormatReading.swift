import SQLTypes
import Vectors

extension DateFormat {
    /// The timestamp that a text tells by the pattern, in microseconds since 2000.
    ///
    /// Not strict, a day past the month's end counts on: `20010631` is July 1. Missing fields are
    /// the first of their kind. Separators of the pattern match any one separator.
    ///
    /// - Throws: 22007 where the text has something else than a field wants, 22008 where a field
    ///   is out of range.
    func read(
        _ text: UnsafeBufferPointer<UInt8>,
        isStrict: Bool
    ) throws(SQLError) -> Int64 {
        var reader = FieldReader(text: text)
        for (index, token) in tokens.enumerated() {
            switch token {
            case .literal(let literal): reader.skip(literal)
            case .field(let field, _, let fill, _):
                // A number directly before another field takes its full width and no more.
                let isLast = index + 1 == tokens.count
                var isBeforeDigits = false
                if !isLast, case .field = tokens[index + 1] { isBeforeDigits = true }
                try reader.read(field, limitsWidth: isBeforeDigits || !fill ? true : !isLast)
            }
        }
        return try reader.timestamp(isStrict: isStrict)
    }
}

private struct FieldReader {
    let text: UnsafeBufferPointer<UInt8>
    private var at = 0
    private var year = 1
    private var month = 1
    private var day = 1
    private var dayOfYear: Int?
    private var julianDay: Int?
    private var century: Int?
    private var isoYear: Int?
    /// Days after the ISO week's Monday.
    private var isoDay = 0
    private var week: Int?
    private var hour = 0
    private var isTwelveHour = false
    private var minute = 0
    private var second = 0
    private var microsecond = 0
    private var secondOfDay: Int?
    private var isAfternoon: Bool?
    private var isBeforeChrist = false

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    private var wholeText: String { String(decoding: text, as: UTF8.self) }

    /// Skips as many bytes as the literal has; blanks in the text before it are skipped too.
    mutating func skip(_ literal: [UInt8]) {
        for byte in literal where at < text.count {
            if byte == 32 {
                while at < text.count && text[at] == 32 { at += 1 }
            } else if !isAlphanumeric(text[at]) || text[at] == byte {
                at += 1
            }
        }
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 48 < 10 || (byte | 32) &- 97 < 26 || byte >= 0x80
    }

    private mutating func number(_ width: Int, _ limitsWidth: Bool = true) throws(SQLError) -> Int {
        while at < text.count && text[at] == 32 { at += 1 }
        var value = 0
        var digits = 0
        while at < text.count, text[at] &- 48 < 10, digits < (limitsWidth ? width : 9) {
            value = value * 10 + Int(text[at] - 48)
            at += 1
            digits += 1
        }
        if digits == 0 {
            throw SQLError(
                .invalidDatetimeFormat,
                "invalid value for date/time pattern: \"\(wholeText)\""
            )
        }
        return value
    }

    private mutating func name(_ names: [String], prefix: Int?) throws(SQLError) -> Int {
        while at < text.count && text[at] == 32 { at += 1 }
        for (index, name) in names.enumerated() {
            let wanted = Array((prefix.map { String(name.prefix($0)) } ?? name).utf8)
            guard at + wanted.count <= text.count else { continue }
            if zip(text[at...], wanted).allSatisfy({ upperLetter($0) == upperLetter($1) }) {
                at += wanted.count
                return index
            }
        }
        throw SQLError(
            .invalidDatetimeFormat,
            "invalid value for date/time pattern: \"\(wholeText)\""
        )
    }

    mutating func read(_ field: DateFormat.Field, limitsWidth: Bool) throws(SQLError) {
        switch field {
        case .year(let digits):
            let value = try number(digits, limitsWidth || digits < 4)
            year = digits == 2 ? value + (value < 70 ? 2000 : 1900) : value
            if digits == 3 { year = value < 100 ? value + 2000 : value + 1000 }
            if digits == 1 { year = value + 2000 }
        case .yearWithComma:
            let thousands = try number(3)
            skip([UInt8(ascii: ",")])
            year = thousands * 1000 + (try number(3))
        case .isoYear(let digits): isoYear = try number(digits)
        case .century: century = try number(2)
        case .quarter: _ = try number(1)
        case .month: month = try number(2)
        case .monthName:
            // Longest first would not matter: no month's name begins another's.
            month = try name(CalendarNames.months, prefix: nil) + 1
        case .monthAbbreviation: month = try name(CalendarNames.months, prefix: 3) + 1
        case .monthRoman:
            let reversed = Array(CalendarNames.romanMonths.enumerated().reversed())
                .sorted { $0.element.count > $1.element.count }
            let index = try name(reversed.map(\.element), prefix: nil)
            month = reversed[index].offset + 1
        case .weekOfMonth: day = (try number(1) - 1) * 7 + 1
        case .weekOfYear: dayOfYear = (try number(2) - 1) * 7 + 1
        case .isoWeek: week = try number(2)
        case .dayOfYear: dayOfYear = try number(3)
        case .isoDayOfYear:
            let number = try number(3)
            (week, isoDay) = ((number + 6) / 7, (number + 6) % 7)
        case .isoDayOfWeek: isoDay = try number(1) - 1
        case .dayOfMonth: day = try number(2)
        case .dayOfWeek: _ = try number(1)
        case .dayName: _ = try name(CalendarNames.days, prefix: nil)
        case .dayAbbreviation: _ = try name(CalendarNames.days, prefix: 3)
        case .julianDay: julianDay = try number(9)
        default: try readTime(field, limitsWidth: limitsWidth)
        }
    }

    private mutating func readTime(
        _ field: DateFormat.Field,
        limitsWidth: Bool
    ) throws(SQLError) {
        switch field {
        case .hour24: hour = try number(2)
        case .hour12:
            hour = try number(2)
            isTwelveHour = true
        case .minute: minute = try number(2)
        case .second: second = try number(2)
        case .millisecond: microsecond = try fraction(3)
        case .microsecond: microsecond = try fraction(6)
        case .secondOfDay: secondOfDay = try number(5)
        case .meridian(let dots):
            isAfternoon =
                try name(dots ? ["A.M.", "P.M."] : ["AM", "PM"], prefix: nil) == 1
        case .era(let dots):
            isBeforeChrist =
                try name(dots ? ["A.D.", "B.C."] : ["AD", "BC"], prefix: nil) == 1
        case .zoneName, .zoneOffset:
            throw SQLError.unsupported("a time zone in the format of TO_DATE and TO_TIMESTAMP")
        default: break
        }
    }

    /// `5` as milliseconds is half a second: digits count from the point.
    private mutating func fraction(_ width: Int) throws(SQLError) -> Int {
        let start = at
        var value = try number(width)
        for _ in (at - start)..<6 where at - start <= 6 { value *= 10 }
        return value
    }

    func timestamp(isStrict: Bool) throws(SQLError) -> Int64 {
        var fullYear = century.map { ($0 - 1) * 100 + year % 100 } ?? year
        if isBeforeChrist { fullYear = 1 - fullYear }
        var hours = hour
        if let isAfternoon {
            if hour < 1 || hour > 12 { throw outOfRange }
            hours = hour % 12 + (isAfternoon ? 12 : 0)
        } else if isTwelveHour && hour > 23 {
            throw outOfRange
        }
        guard (1...12).contains(month), day >= 1, day <= 31, fullYear < 300_000 else {
            throw outOfRange
        }
        // Otherwise what is too much counts on, as in 24:38:15 and June 31.
        if isStrict,
            hours > 23 || minute > 59 || second > 59
                || day > Calendar.daysInMonth(year: fullYear, month: month)
        {
            throw outOfRange
        }
        var days = Calendar.daysFromCivil(year: fullYear, month: month, day: 1) + Int64(day - 1)
        if let dayOfYear {
            if dayOfYear < 1 || dayOfYear > 366 { throw outOfRange }
            days =
                Calendar.daysFromCivil(year: fullYear, month: 1, day: 1) + Int64(dayOfYear - 1)
        }
        if let week, let isoYear {
            let fourth = Calendar.daysFromCivil(year: isoYear, month: 1, day: 4)
            days = monday(fourth) + Int64(week - 1) * 7 + Int64(isoDay)
        }
        if let julianDay {
            // The last day of a timestamp's range is number 109,203,527.
            if julianDay > 200_000_000 { throw outOfRange }
            days = Int64(julianDay) - julianDayOf2000
        }
        var seconds = Int64(hours * 3600 + minute * 60 + second)
        if let secondOfDay { seconds = Int64(secondOfDay) }
        return try checkedTimestamp(
            days * Calendar.microsecondsPerDay + seconds * Calendar.microsecondsPerSecond
                + Int64(microsecond)
        )
    }

    private var outOfRange: SQLError {
        SQLError(
            .datetimeFieldOverflow,
            "date/time field date value out of range: \(wholeText)"
        )
    }
}
