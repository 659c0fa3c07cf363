package import SQLTypes

// Intervals as text: parsed from quantities with units, printed as PostgreSQL prints them.

extension ValueParser {
    /// Parses an interval such as `1 year 2 mons`, `3 days 04:05:06`, `1.5 hours` or `5`.
    ///
    /// A number without unit counts `defaultUnit`, and days where a clock's time or, with
    /// `beginsWithDays`, anything follows. `30:15` are hours and minutes, but minutes and seconds
    /// where `isMinuteToSecond`. Nil for what is no interval.
    package func parseInterval(
        _ text: String,
        defaultUnit: String = "second",
        beginsWithDays: Bool = false,
        isMinuteToSecond: Bool = false
    ) -> IntervalParts? {
        var months = 0.0
        var microseconds = 0.0
        var exactMonths: Int64 = 0
        var exactMicroseconds: Int64 = 0
        var isAgo = false
        let tokens = intervalTokens(text)
        if tokens.isEmpty { return nil }
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            index += 1
            if token == "ago" {
                isAgo = true
                continue
            }
            if token == "@" { continue }
            if token.contains(":") {
                guard let time = clockTime(token, isMinuteToSecond) else { return nil }
                exactMicroseconds &+= time
                continue
            }
            if let pair = yearMonth(token) {
                exactMonths += pair
                continue
            }
            guard let quantity = Double(token), quantity.isFinite else { return nil }
            var unit = defaultUnit
            if index < tokens.count, intervalUnit(tokens[index]) != nil {
                unit = tokens[index]
                index += 1
            } else if index < tokens.count, beginsWithDays || tokens[index].contains(":") {
                unit = "day"
            }
            guard let (isMonths, size) = intervalUnit(unit) else { return nil }
            if let whole = Int64(token) {
                let (product, overflow) = whole.multipliedReportingOverflow(by: size)
                if overflow { return nil }
                if isMonths { exactMonths &+= product } else { exactMicroseconds &+= product }
            } else if isMonths {
                months += quantity * Double(size)
            } else {
                microseconds += quantity * Double(size)
            }
        }
        let whole = months.rounded(.towardZero)
        microseconds += (months - whole) * 30 * Double(Calendar.microsecondsPerDay)
        guard let extraMonths = Int64(exactly: whole),
            let extra = Int64(exactly: microseconds.rounded())
        else { return nil }
        let sign: Int64 = isAgo ? -1 : 1
        let parts = IntervalParts(
            months: sign &* (exactMonths &+ extraMonths),
            microseconds: sign &* (exactMicroseconds &+ extra)
        )
        return parts.isInRange ? parts : nil
    }

    /// Splits at blanks and between a number and a letter.
    private func intervalTokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var current = ""
        for character in text.lowercased() {
            if character == " " || character == "\t" || character == "," {
                if !current.isEmpty { tokens.append(current) }
                current = ""
                continue
            }
            if let last = current.last, last.isLetter != character.isLetter {
                tokens.append(current)
                current = ""
            }
            current.append(character)
        }
        if !current.isEmpty { tokens.append(current) }
        return tokens
    }

    /// `1-2` as months: years and months.
    private func yearMonth(_ token: String) -> Int64? {
        let body = token.hasPrefix("-") || token.hasPrefix("+") ? token.dropFirst() : token[...]
        let parts = body.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let years = Int64(parts[0]), let months = Int64(parts[1]),
            years < 1_000_000, months < 12
        else { return nil }
        return (token.hasPrefix("-") ? -1 : 1) * (years * 12 + months)
    }

    /// `[-]h:mm[:ss[.ffffff]]` or `[-]mm:ss.ffffff` as microseconds.
    private func clockTime(_ token: String, _ isMinuteToSecond: Bool) -> Int64? {
        let isNegative = token.hasPrefix("-")
        let body = isNegative || token.hasPrefix("+") ? token.dropFirst() : token[...]
        var parts = body.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, isMinuteToSecond || parts[1].contains(".") {
            parts.insert("0", at: 0)
        }
        guard parts.count <= 3, let hours = Int64(parts[0]), hours < 10_000_000,
            let minutes = Int64(parts[1]), minutes < 60
        else { return nil }
        var total = hours * Calendar.microsecondsPerHour + minutes * Calendar.microsecondsPerMinute
        if parts.count == 3 {
            guard let seconds = Double(parts[2]), seconds >= 0, seconds < 61 else { return nil }
            total += Int64((seconds * 1e6).rounded())
        }
        return isNegative ? -total : total
    }
}

/// What a unit of an interval counts: whether months, and how many months or microseconds.
///
/// Units are Redshift's date parts for intervals, with plurals and abbreviations.
func intervalUnit(_ name: String) -> (isMonths: Bool, size: Int64)? {
    switch name.lowercased() {
    case "millennium", "millennia", "mil", "mils", "millenniums": (true, 12_000)
    case "century", "centuries", "c", "cent", "cents": (true, 1200)
    case "decade", "decades", "dec", "decs": (true, 120)
    case "year", "years", "y", "yr", "yrs": (true, 12)
    case "quarter", "quarters", "qtr", "qtrs": (true, 3)
    case "month", "months", "mon", "mons": (true, 1)
    case "week", "weeks", "w": (false, 7 * Calendar.microsecondsPerDay)
    case "day", "days", "d": (false, Calendar.microsecondsPerDay)
    case "hour", "hours", "h", "hr", "hrs": (false, Calendar.microsecondsPerHour)
    case "minute", "minutes", "m", "min", "mins": (false, Calendar.microsecondsPerMinute)
    case "second", "seconds", "s", "sec", "secs": (false, Calendar.microsecondsPerSecond)
    case "millisecond", "milliseconds", "ms", "msec", "msecs": (false, 1000)
    case "microsecond", "microseconds", "us", "usec", "usecs": (false, 1)
    default: nil
    }
}

/// Appends an interval: `1 year 2 mons 3 days 04:05:06.5`; `00:00:00` where it is nothing.
///
/// A positive part behind a negative one has its sign, as PostgreSQL prints it.
func appendInterval(_ interval: IntervalParts, to text: inout [UInt8]) {
    let start = text.count
    var isNegative = false
    func append(_ value: Int64, _ unit: String) {
        if value == 0 { return }
        if text.count > start { text.append(blank) }
        if isNegative && value > 0 { text.append(plus) }
        isNegative = value < 0
        appendInteger(value, to: &text)
        text.append(blank)
        text.append(contentsOf: unit.utf8)
        if value != 1 { text.append(UInt8(ascii: "s")) }
    }
    append(interval.months / 12, "year")
    append(interval.months % 12, "mon")
    append(interval.microseconds / Calendar.microsecondsPerDay, "day")
    let rest = interval.microseconds % Calendar.microsecondsPerDay
    if rest != 0 || text.count == start {
        if text.count > start { text.append(blank) }
        if rest < 0 || isNegative { text.append(rest < 0 ? minus : plus) }
        appendTime(Int64(rest.magnitude), to: &text)
    }
}
