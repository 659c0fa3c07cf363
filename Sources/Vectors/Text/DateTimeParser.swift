import SQLTypes

// Dates, times and timestamps as people write them: ISO first, then month names, slashes, two
// digit years, AM and PM, zone offsets. After PostgreSQL's DecodeDateTime.

extension ValueParser {
    /// Parses a date to days since 2000-01-01.
    package func parseDate(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        let (start, end) = trimmedRange(bytes)
        if end - start == 10, let date = isoDate(bytes, start) { return validDay(date) }
        var scanner = DateTimeScanner(bytes, dateOrder)
        if !scanner.scan() { return .invalid }
        return scanner.parts.day()
    }

    /// Parses a time of day to microseconds since midnight.
    package func parseTime(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        var scanner = DateTimeScanner(bytes, dateOrder)
        scanner.expectsTimeOnly = true
        if !scanner.scan() || !scanner.parts.hasTime { return .invalid }
        return scanner.parts.time()
    }

    /// Parses a time of day with an offset from UTC to the packed form of ``ZonedTime``.
    ///
    /// Unless written the offset is that of the parser's zone at that time of its day.
    ///
    /// The name of a zone with summer time needs a date before the time.
    package func parseTimeTZ(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        var scanner = DateTimeScanner(bytes, dateOrder)
        scanner.expectsTimeOnly = true
        if !scanner.scan() {
            scanner = DateTimeScanner(bytes, dateOrder)
            if !scanner.scan() { return .invalid }
        }
        guard scanner.parts.hasTime else { return .invalid }
        return scanner.parts.zonedTime(zone: zone, today: today)
    }

    /// A time of day on the clock of the parser's zone, packed with its offset.
    package func zoned(_ time: Int64) -> Int64 {
        guard let zone else { return ZonedTime(microseconds: time, offset: 0).packed }
        return ZonedTime(microseconds: time, offset: zone.offset(at: time, onDay: today)).packed
    }

    /// Parses a timestamp to microseconds since 2000-01-01; an offset from UTC is dropped.
    package func parseTimestamp(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        parseMoment(bytes, hasZone: false)
    }

    /// Parses a timestamp to microseconds since 2000-01-01 UTC; without an offset or the name of
    /// a zone it is on the clock of the parser's zone.
    package func parseTimestampTZ(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        parseMoment(bytes, hasZone: true)
    }

    private func parseMoment(
        _ bytes: UnsafeBufferPointer<UInt8>,
        hasZone: Bool
    ) -> ParseResult<Int64> {
        let (start, end) = trimmedRange(bytes)
        if end - start == 19, !hasZone || zone == nil, let value = isoTimestamp(bytes, start) {
            return value
        }
        var scanner = DateTimeScanner(bytes, dateOrder)
        if !scanner.scan() { return .invalid }
        if hasZone, !scanner.parts.hasOffset { scanner.parts.zone = zone }
        return scanner.parts.moment(usesOffset: hasZone)
    }

    /// `YYYY-MM-DD`, ten bytes; nil for any other form.
    private func isoDate(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> CivilDate? {
        guard bytes[start + 4] == minus, bytes[start + 7] == minus,
            let century = twoDigits(bytes, start), let year = twoDigits(bytes, start + 2),
            let month = twoDigits(bytes, start + 5), let day = twoDigits(bytes, start + 8),
            century + year > 0
        else { return nil }
        return CivilDate(year: century * 100 + year, month: month, day: day)
    }

    /// `YYYY-MM-DD HH:MM:SS`, nineteen bytes; nil for any other form.
    private func isoTimestamp(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int
    ) -> ParseResult<Int64>? {
        guard let date = isoDate(bytes, start),
            bytes[start + 10] == blank || bytes[start + 10] == UInt8(ascii: "T"),
            bytes[start + 13] == colon, bytes[start + 16] == colon,
            let hour = twoDigits(bytes, start + 11), let minute = twoDigits(bytes, start + 14),
            let second = twoDigits(bytes, start + 17)
        else { return nil }
        guard case .value(let day) = validDay(date), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let seconds = Int64(hour * 3600 + minute * 60 + second)
        return .value(
            day * Calendar.microsecondsPerDay + seconds * Calendar.microsecondsPerSecond
        )
    }
}

@inline(__always)
private func twoDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
    let (tens, ones) = (bytes[index] &- zero, bytes[index + 1] &- zero)
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
}

/// Reads the fields of a date and time text from left to right.
private struct DateTimeScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let order: ValueParser.DateOrder
    var expectsTimeOnly = false
    var parts = DateTimeParts()
    private var index: Int
    private let end: Int
    /// Numbers that stand alone beside a month's name: day and year.
    private var loose: [(value: Int, length: Int)] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ order: ValueParser.DateOrder) {
        self.bytes = bytes
        self.order = order
        (index, end) = trimmedRange(bytes)
    }

    /// Whether every byte made sense.
    mutating func scan() -> Bool {
        if index == end { return false }
        while index < end {
            let byte = bytes[index]
            if isSpace(byte) || byte == UInt8(ascii: ",") {
                index += 1
            } else if byte &- zero <= 9 {
                if !scanNumber() { return false }
            } else if isLetter(byte) {
                if !scanWord() { return false }
            } else if byte == plus && isZonePlace || byte == minus && isMinusOfZone {
                if !scanOffset() { return false }
            } else {
                return false
            }
        }
        return settleLooseNumbers()
    }

    /// Whether a zone may stand here: behind a time, or behind a whole date.
    private var isZonePlace: Bool {
        parts.hasTime || hasDate || parts.month != nil && loose.count == 2
    }

    /// Whether a minus sign begins an offset: right behind a date it would go on with that.
    private var isMinusOfZone: Bool {
        parts.hasTime || isZonePlace && index > 0 && isSpace(bytes[index - 1])
    }

    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private mutating func digits() -> (value: Int, length: Int) {
        var value = 0
        let start = index
        while index < end, bytes[index] &- zero <= 9 {
            if index - start < 18 { value = value * 10 + Int(bytes[index] &- zero) }
            index += 1
        }
        return (value, index - start)
    }

    private mutating func scanNumber() -> Bool {
        let (value, length) = digits()
        let next = index < end ? bytes[index] : 0
        if next == colon { return !parts.hasTime && scanTime(hour: value) }
        let isSeparator = next == minus || next == UInt8(ascii: "/") || next == point
        if next == minus, parts.month != nil, parts.year == nil, loose.isEmpty, !hasDate {
            // `Jan-08-1999`: the month's name came first.
            loose.append((value, length))
            index += 1
            return true
        }
        if isSeparator && parts.year == nil && !expectsTimeOnly && !hasDate {
            return scanSeparatedDate(value, length, separator: next)
        }
        if hasDate || expectsTimeOnly {
            if !parts.hasTime && length == 6 { return packedTime(value) }
            if !parts.hasTime && length == 4 { return packedTime(value * 100) }
            if !parts.hasTime && length <= 2 && index < end { return hourBeforeMeridiem(value) }
        }
        switch length {
        case 8 where loose.isEmpty && parts.month == nil:
            (parts.year, parts.month) = (value / 10_000, value / 100 % 100)
            parts.dayOfMonth = value % 100
        case 14 where loose.isEmpty && parts.month == nil:
            let date = value / 1_000_000
            (parts.year, parts.month) = (date / 10_000, date / 100 % 100)
            parts.dayOfMonth = date % 100
            return packedTime(value % 1_000_000)
        case 6 where loose.isEmpty && parts.month == nil:
            (parts.year, parts.month) = (fullYear(value / 10_000, 2), value / 100 % 100)
            parts.dayOfMonth = value % 100
        default: loose.append((value, length))
        }
        return loose.count <= 3
    }

    private var hasDate: Bool {
        parts.dayOfMonth != nil && parts.month != nil || parts.dayOfYear != nil
            || parts.julianDay != nil
    }

    private mutating func hourBeforeMeridiem(_ value: Int) -> Bool {
        parts.hasTime = true
        parts.hour = value
        return true
    }

    private mutating func packedTime(_ value: Int) -> Bool {
        parts.hasTime = true
        (parts.hour, parts.minute, parts.second) = (value / 10_000, value / 100 % 100, value % 100)
        return scanFraction()
    }

    private mutating func scanTime(hour: Int) -> Bool {
        parts.hasTime = true
        parts.hour = hour
        index += 1
        let (minute, length) = digits()
        if length == 0 || length > 2 { return false }
        parts.minute = minute
        if index < end && bytes[index] == colon {
            index += 1
            let (second, length) = digits()
            if length == 0 || length > 2 { return false }
            parts.second = second
            return scanFraction()
        }
        return true
    }

    private mutating func scanFraction() -> Bool {
        guard index < end, bytes[index] == point else { return true }
        index += 1
        var value: Int64 = 0
        var length = 0
        var roundsUp = false
        while index < end, bytes[index] &- zero <= 9 {
            let digit = bytes[index] &- zero
            if length < 6 { value = value * 10 + Int64(digit) }
            if length == 6 { roundsUp = digit >= 5 }
            length += 1
            index += 1
        }
        for _ in min(length, 6)..<6 { value *= 10 }
        parts.microsecond = value + (roundsUp ? 1 : 0)
        return true
    }

    private mutating func scanOffset() -> Bool {
        guard !parts.hasOffset else { return false }
        let isNegative = bytes[index] == minus
        index += 1
        let (value, length) = digits()
        var seconds: Int
        switch length {
        case 1, 2: seconds = value * 3600
        case 3, 4: seconds = value / 100 * 3600 + value % 100 * 60
        default: return false
        }
        if index < end && bytes[index] == colon {
            index += 1
            let (minutes, length) = digits()
            if length != 2 || minutes > 59 { return false }
            seconds += minutes * 60
        }
        if seconds > 16 * 3600 { return false }
        parts.hasOffset = true
        parts.offset = isNegative ? -seconds : seconds
        return true
    }

    private mutating func scanSeparatedDate(
        _ first: Int,
        _ firstLength: Int,
        separator: UInt8
    ) -> Bool {
        index += 1
        if index < end && isLetter(bytes[index]) {
            guard let month = monthNumber(word()), index < end, bytes[index] == separator else {
                return false
            }
            index += 1
            let (last, length) = digits()
            if length == 0 { return false }
            parts.month = month
            if isYearFirst(firstLength, length) {
                (parts.year, parts.dayOfMonth) = (fullYear(first, firstLength), last)
            } else {
                (parts.dayOfMonth, parts.year) = (first, fullYear(last, length))
            }
            return true
        }
        let (second, secondLength) = digits()
        if separator == point && firstLength == 4 && secondLength == 3 {
            (parts.year, parts.dayOfYear) = (first, second)
            return true
        }
        guard secondLength > 0, index < end, bytes[index] == separator else { return false }
        index += 1
        let (third, thirdLength) = digits()
        if thirdLength == 0 { return false }
        if firstLength >= 3 || order == .yearMonthDay {
            (parts.year, parts.month) = (fullYear(first, firstLength), second)
            parts.dayOfMonth = third
        } else if order == .monthDayYear {
            (parts.month, parts.dayOfMonth) = (first, second)
            parts.year = fullYear(third, thirdLength)
        } else {
            (parts.dayOfMonth, parts.month) = (first, second)
            parts.year = fullYear(third, thirdLength)
        }
        return true
    }

    /// Whether of two numbers beside a month's name the first is the year.
    private func isYearFirst(_ firstLength: Int, _ secondLength: Int) -> Bool {
        firstLength >= 3 || order == .yearMonthDay && secondLength <= 2
    }

    private mutating func word() -> String {
        let start = index
        while index < end, isLetter(bytes[index]) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
    }

    private mutating func scanWord() -> Bool {
        let start = index
        let word = word()
        if index < end && bytes[index] == point { index += 1 }
        if let month = monthNumber(word) {
            if parts.month != nil { return false }
            parts.month = month
            if index < end && bytes[index] == minus { index += 1 }
            return true
        }
        switch word {
        case "t": return hasDate
        case "z", "utc", "gmt", "zulu":
            guard !parts.hasOffset else { return false }
            parts.hasOffset = true
            return true
        case "am", "pm":
            parts.isAfternoon = word == "pm"
            return parts.hasTime
        case "bc":
            parts.isBeforeChrist = true
            return true
        case "ad": return true
        case "epoch":
            parts.epoch = -Calendar.daysFrom1970 * Calendar.microsecondsPerDay
            return true
        case "st", "nd", "rd", "th": return !loose.isEmpty
        case "j" where index < end && bytes[index] &- zero <= 9:
            let (day, length) = digits()
            parts.julianDay = Int64(day) - julianDayOf2000
            return length <= 8 && !hasCivilDate
        default:
            return weekdays.contains(String(word.prefix(3))) || scanZone(from: start)
        }
    }

    private var hasCivilDate: Bool { parts.year != nil || parts.month != nil }

    /// Reads the name of a zone, as `America/New_York` or `PST8PDT`.
    private mutating func scanZone(from start: Int) -> Bool {
        guard isZonePlace, !parts.hasOffset else { return false }
        var hasSlash = false
        while index < end {
            let byte = bytes[index]
            hasSlash = hasSlash || byte == UInt8(ascii: "/")
            let isSign = byte == plus || byte == minus
            guard
                isLetter(byte) || byte &- zero <= 9 || byte == UInt8(ascii: "/")
                    || byte == UInt8(ascii: "_") || isSign && hasSlash
            else { break }
            index += 1
        }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let zone = try? TimeZone.named(name) else { return false }
        (parts.zone, parts.hasOffset) = (zone, true)
        return true
    }

    /// Gives the numbers beside a month's name their meaning: day first unless it is long.
    private mutating func settleLooseNumbers() -> Bool {
        if loose.isEmpty { return true }
        guard parts.month != nil, parts.dayOfMonth == nil, loose.count == 2 else { return false }
        let (first, second) = (loose[0], loose[1])
        if isYearFirst(first.length, second.length) {
            (parts.year, parts.dayOfMonth) = (fullYear(first.value, first.length), second.value)
        } else {
            (parts.dayOfMonth, parts.year) = (first.value, fullYear(second.value, second.length))
        }
        return true
    }
}

/// A year of two digits is within 1970 to 2069.
func fullYear(_ year: Int, _ digits: Int) -> Int {
    if digits > 2 { return year }
    return year >= 70 ? 1900 + year : 2000 + year
}

/// The Julian day of 2000-01-01.
private let julianDayOf2000: Int64 = 2_451_545

private let weekdays: Set<String> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
private let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]

/// The number of a month by its name or the first three letters; nil if there is none.
func monthNumber(_ name: String) -> Int? {
    if name == "sept" { return 9 }
    guard name.utf8.count >= 3 else { return nil }
    for (index, month) in months.enumerated() where month == name || month.prefix(3) == name {
        return index + 1
    }
    return nil
}
