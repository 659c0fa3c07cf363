/// A pattern for dates and times as COPY's DATEFORMAT and TIMEFORMAT take it.
///
/// Knows YYYY YY MM MON MONTH DD HH HH24 HH12 MI SS MS US AM PM OF TZ, DAY and DY, and
/// `epochsecs` and `epochmillisecs` as whole patterns. Other characters stand for themselves.
package struct DateTimeFormat: Sendable {
    private enum Field: Sendable {
        case year(digits: Int), month, monthName, day, hour, minute, second, millisecond
        case microsecond, meridiem, offset, weekday, literal(UInt8)
    }

    private var fields: [Field] = []
    private var epochUnit: Int64?

    /// Compiles a pattern; nil where it holds no field at all.
    package init?(_ pattern: String) {
        let lowered = Array(pattern.lowercased().utf8)
        switch String(decoding: lowered, as: UTF8.self) {
        case "epochsecs":
            epochUnit = Calendar.microsecondsPerSecond
            return
        case "epochmillisecs":
            epochUnit = 1000
            return
        default: break
        }
        let names: [(String, Field)] = [
            ("yyyy", .year(digits: 4)), ("yy", .year(digits: 2)), ("month", .monthName),
            ("mon", .monthName), ("mm", .month), ("mi", .minute), ("ms", .millisecond),
            ("day", .weekday), ("dd", .day), ("dy", .weekday), ("hh24", .hour), ("hh12", .hour),
            ("hh", .hour), ("ss", .second), ("us", .microsecond), ("am", .meridiem),
            ("pm", .meridiem), ("of", .offset), ("tz", .offset),
        ]
        var index = 0
        var hasField = false
        while index < lowered.count {
            let rest = lowered[index...]
            if let (name, field) = names.first(where: { rest.starts(with: $0.0.utf8) }) {
                fields.append(field)
                index += name.utf8.count
                hasField = true
            } else {
                fields.append(.literal(lowered[index]))
                index += 1
            }
        }
        if !hasField { return nil }
    }

    /// Parses a timestamp to microseconds since 2000-01-01; what the pattern lacks is zero.
    package func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        usesOffset: Bool = false
    ) -> ParseResult<Int64> {
        parts(bytes)?.moment(usesOffset: usesOffset) ?? .invalid
    }

    /// Parses a date to days since 2000-01-01.
    package func parseDate(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        parts(bytes)?.day() ?? .invalid
    }

    /// Parses a time of day to microseconds since midnight.
    package func parseTime(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        parts(bytes)?.time() ?? .invalid
    }

    private func parts(_ bytes: UnsafeBufferPointer<UInt8>) -> DateTimeParts? {
        if let epochUnit {
            guard case .value(let number) = ValueParser().parseInt64(bytes) else { return nil }
            let (value, overflow) = number.multipliedReportingOverflow(by: epochUnit)
            if overflow { return nil }
            var parts = DateTimeParts()
            parts.epoch = value &- Calendar.daysFrom1970 * Calendar.microsecondsPerDay
            return parts
        }
        var reader = FieldReader(bytes)
        reader.fractionFollows = fields.contains {
            switch $0 {
            case .millisecond, .microsecond: true
            default: false
            }
        }
        for field in fields {
            guard reader.hasMore || isOptional(field) else { return nil }
            if !reader.read(field) { return nil }
        }
        if reader.parts.month == nil { reader.parts.month = 1 }
        if reader.parts.dayOfMonth == nil { reader.parts.dayOfMonth = 1 }
        return reader.hasMore ? nil : reader.parts
    }

    private func isOptional(_ field: Field) -> Bool {
        switch field {
        case .offset, .meridiem, .microsecond, .millisecond: true
        case .literal(let byte): byte == blank
        default: false
        }
    }

    private struct FieldReader {
        let bytes: UnsafeBufferPointer<UInt8>
        var index: Int
        let end: Int
        var parts = DateTimeParts()

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
            (index, end) = trimmedRange(bytes)
        }

        var hasMore: Bool { index < end }

        mutating func number(_ most: Int) -> (value: Int, length: Int)? {
            let start = index
            var value = 0
            while index < end, index - start < most, bytes[index] &- zero <= 9 {
                value = value * 10 + Int(bytes[index] &- zero)
                index += 1
            }
            return index == start ? nil : (value, index - start)
        }

        mutating func word() -> String {
            let start = index
            while index < end, (bytes[index] | 0x20) &- 0x61 < 26 { index += 1 }
            return String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
        }

        mutating func fraction(_ digits: Int) {
            guard let (value, length) = number(digits) else { return }
            var scaled = Int64(value)
            for _ in length..<6 { scaled *= 10 }
            parts.microsecond = scaled
        }

        mutating func read(_ field: Field) -> Bool {
            switch field {
            case .year(let digits):
                guard let (value, length) = number(digits) else { return false }
                parts.year = fullYear(value, length)
            case .month:
                guard let (value, _) = number(2) else { return false }
                parts.month = value
            case .monthName:
                guard let month = monthNumber(word()) else { return false }
                parts.month = month
            case .day:
                guard let (value, _) = number(2) else { return false }
                parts.dayOfMonth = value
            case .hour:
                guard let (value, _) = number(2) else { return false }
                (parts.hour, parts.hasTime) = (value, true)
            case .minute:
                guard let (value, _) = number(2) else { return false }
                parts.minute = value
            case .second:
                guard let (value, _) = number(2) else { return false }
                parts.second = value
                if index < end && bytes[index] == point && !fractionFollows {
                    readDotFraction()
                }
            case .millisecond: fraction(3)
            case .microsecond: fraction(6)
            case .meridiem:
                let text = word()
                if !text.isEmpty { parts.isAfternoon = text == "pm" }
            case .offset: return readOffset()
            case .weekday: return !word().isEmpty
            case .literal(let byte):
                if index >= end { return true }
                let isPunctuation = (byte | 0x20) &- 0x61 >= 26 && byte &- zero > 9
                if bytes[index] | 0x20 != byte | 0x20 && !isPunctuation { return false }
                if isPunctuation && bytes[index] &- zero <= 9 { return false }
                index += 1
            }
            return true
        }

        /// Fractions are read by SS itself only where the pattern does not name them.
        var fractionFollows = false

        mutating func readDotFraction() {
            index += 1
            fraction(6)
            while index < end, bytes[index] &- zero <= 9 { index += 1 }
        }

        mutating func readOffset() -> Bool {
            while index < end && bytes[index] == blank { index += 1 }
            guard index < end else { return true }
            if bytes[index] != plus && bytes[index] != minus {
                let zone = word()
                return zone == "z" || zone == "utc" || zone == "gmt"
            }
            let sign = bytes[index] == minus ? -1 : 1
            index += 1
            guard let (hours, _) = number(2) else { return false }
            if index < end && bytes[index] == colon { index += 1 }
            let minutes = number(2)?.value ?? 0
            parts.offset = sign * (hours * 3600 + minutes * 60)
            return true
        }
    }
}
