import SQLTypes
import Vectors

/// A DATEFORMAT or TIMEFORMAT pattern: `MM/DD/YYYY HH:MI:SS AM`.
///
/// `HH` is of 24 hours unless the pattern has AM or PM. Seconds may have a fraction. What is no
/// field must stand in the text as it is; letters among it are refused when COPY is read, but for
/// an ISO date's T and Z and those in quotes.
struct TimePattern: Sendable {
    private enum Field: Sendable {
        case year4, year2, month, monthName, day, dayOfYear, hour, minute, second
        case millisecond, microsecond, meridian, offset
        case literal(UInt8)
    }
    private let fields: [Field]
    /// The first letter outside of quotes that is neither part of a field nor ISO 8601's T or Z;
    /// nil for none.
    let strangeLetter: Character?

    private static let names: [(String, Field)] = [
        ("YYYY", .year4), ("YY", .year2), ("MONTH", .monthName), ("MON", .monthName),
        ("MM", .month), ("MI", .minute), ("MS", .millisecond), ("DDD", .dayOfYear), ("DD", .day),
        ("HH24", .hour), ("HH12", .hour), ("HH", .hour), ("SSOF", .second), ("SS", .second),
        ("US", .microsecond), ("AM", .meridian), ("PM", .meridian), ("OF", .offset),
    ]

    /// Whether the pattern reads anything at all.
    var hasFields: Bool {
        fields.contains { field in
            if case .literal = field { false } else { true }
        }
    }

    /// Compiles a pattern.
    init(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        let upper = bytes.map { $0 &- 97 < 26 ? $0 - 32 : $0 }
        var fields: [Field] = []
        var strangeLetter: Character?
        var isQuoted = false
        var at = 0
        while at < bytes.count {
            if let (name, field) = Self.names.first(where: { upper[at...].starts(with: $0.0.utf8) })
            {
                fields.append(field)
                if name == "SSOF" { fields.append(.offset) }
                at += name.utf8.count
            } else {
                // An ISO date's T may stand in quotes.
                if bytes[at] == UInt8(ascii: "\"") {
                    isQuoted.toggle()
                } else {
                    fields.append(.literal(bytes[at]))
                    let isStrange =
                        upper[at] &- 65 < 26 && !isQuoted && upper[at] != UInt8(ascii: "T")
                        && upper[at] != UInt8(ascii: "Z")
                    if isStrange && strangeLetter == nil {
                        strangeLetter = Character(UnicodeScalar(bytes[at]))
                    }
                }
                at += 1
            }
        }
        self.fields = fields
        self.strangeLetter = strangeLetter
    }

    /// Microseconds since 2000-01-01 that a text tells, in UTC where it tells an offset; nil where
    /// it does not match.
    func microseconds(
        _ text: UnsafeBufferPointer<UInt8>
    ) -> (value: Int64, hasOffset: Bool)? {
        var reader = PatternReader(text: text)
        for field in fields {
            let isRead =
                switch field {
                case .year4: reader.number(4, into: \.year)
                case .year2: reader.shortYear()
                case .month: reader.number(2, into: \.month)
                case .monthName: reader.monthName()
                case .day: reader.number(2, into: \.day)
                case .dayOfYear: reader.number(3, into: \.dayOfYear)
                case .hour: reader.number(2, into: \.hour)
                case .minute: reader.number(2, into: \.minute)
                case .second: reader.seconds()
                case .millisecond: reader.fraction(3)
                case .microsecond: reader.fraction(6)
                case .meridian: reader.meridian()
                case .offset: reader.offset()
                case .literal(let byte): reader.literal(byte)
                }
            if !isRead { return nil }
        }
        return reader.result().map { ($0, reader.hasOffset) }
    }
}

private struct PatternReader {
    let text: UnsafeBufferPointer<UInt8>
    private var at = 0
    var year = 2000
    var month = 1
    var day = 1
    var dayOfYear = 0
    var hour = 0
    var minute = 0
    private var second = 0
    private var microsecond = 0
    private var isAfternoon: Bool?
    private var offsetMinutes = 0
    private(set) var hasOffset = false

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    private var next: UInt8 { at < text.count ? text[at] : 0 }

    private mutating func digits(_ width: Int) -> (value: Int, count: Int)? {
        var value = 0
        var count = 0
        while count < width, next &- 48 < 10 {
            value = value * 10 + Int(next - 48)
            at += 1
            count += 1
        }
        return count == 0 ? nil : (value, count)
    }

    mutating func number(_ width: Int, into path: WritableKeyPath<PatternReader, Int>) -> Bool {
        guard let digits = digits(width) else { return false }
        self[keyPath: path] = digits.value
        return true
    }

    mutating func shortYear() -> Bool {
        guard let digits = digits(2) else { return false }
        year = digits.value + (digits.value < 70 ? 2000 : 1900)
        return true
    }

    mutating func monthName() -> Bool {
        let names = [
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ]
        let letters = text.dropFirst(at).prefix(3).map { $0 &- 97 < 26 ? $0 - 32 : $0 }
        guard let index = names.firstIndex(where: { Array($0.utf8) == letters }) else {
            return false
        }
        month = index + 1
        while (next | 32) &- 97 < 26 { at += 1 }
        return true
    }

    mutating func seconds() -> Bool {
        guard let digits = digits(2) else { return false }
        second = digits.value
        if next == UInt8(ascii: "."), at + 1 < text.count, text[at + 1] &- 48 < 10 {
            at += 1
            return fraction(6)
        }
        return true
    }

    mutating func fraction(_ width: Int) -> Bool {
        guard let digits = digits(width) else { return false }
        microsecond = digits.value
        for _ in digits.count..<6 { microsecond *= 10 }
        while next &- 48 < 10 { at += 1 }
        return true
    }

    mutating func meridian() -> Bool {
        let letter = next | 32
        guard letter == UInt8(ascii: "a") || letter == UInt8(ascii: "p"), at + 1 < text.count,
            text[at + 1] | 32 == UInt8(ascii: "m")
        else { return false }
        isAfternoon = letter == UInt8(ascii: "p")
        at += 2
        return true
    }

    mutating func offset() -> Bool {
        if next | 32 == UInt8(ascii: "z") {
            at += 1
            hasOffset = true
            return true
        }
        guard next == UInt8(ascii: "+") || next == UInt8(ascii: "-") else { return true }
        let sign = next == UInt8(ascii: "-") ? -1 : 1
        at += 1
        guard let hours = digits(2) else { return false }
        if next == UInt8(ascii: ":") { at += 1 }
        hasOffset = true
        offsetMinutes = sign * (hours.value * 60 + (digits(2)?.value ?? 0))
        return true
    }

    mutating func literal(_ byte: UInt8) -> Bool {
        guard next == byte, at < text.count else { return false }
        at += 1
        return true
    }

    mutating func result() -> Int64? {
        while next == 32 { at += 1 }
        guard at == text.count else { return nil }
        if let isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        guard year > 0, (1...12).contains(month), day >= 1,
            day <= Calendar.daysInMonth(year: year, month: month), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var days = Calendar.daysFromCivil(year: year, month: month, day: day)
        if dayOfYear > 0 {
            guard dayOfYear <= (Calendar.isLeap(year) ? 366 : 365) else { return nil }
            days = Calendar.daysFromCivil(year: year, month: 1, day: 1) + Int64(dayOfYear - 1)
        }
        let seconds = Int64(hour * 3600 + (minute - offsetMinutes) * 60 + second)
        return days * Calendar.microsecondsPerDay + seconds * Calendar.microsecondsPerSecond
            + Int64(microsecond)
    }
}
