import SQLTypes
import Vectors

/// A compiled pattern of TO_CHAR, TO_DATE and TO_TIMESTAMP: `DD Mon YYYY HH24:MI:SS`.
///
/// - Source: PostgreSQL's template patterns for date/time formatting.
struct DateFormat: Sendable {
    /// A field of the pattern.
    enum Field: Sendable {
        case year(digits: Int), yearWithComma, isoYear(digits: Int), century, quarter
        case month, monthName, monthAbbreviation, monthRoman
        case weekOfMonth, weekOfYear, isoWeek
        case dayOfYear, isoDayOfYear, dayOfMonth, dayOfWeek, isoDayOfWeek, dayName
        case dayAbbreviation, julianDay
        case hour24, hour12, minute, second, millisecond, microsecond, secondOfDay
        case meridian(dots: Bool), era(dots: Bool), zoneName, zoneOffset
    }
    /// How letters of a name are written.
    enum LetterCase: Sendable {
        case upper, capitalized, lower
    }
    /// A field with its modifiers, or text that stands for itself.
    enum Token: Sendable {
        case field(Field, LetterCase, fill: Bool, ordinal: LetterCase?)
        case literal([UInt8])
    }

    let tokens: [Token]

    /// Whether some field is of a date, not of a time of day.
    var hasDate: Bool {
        tokens.contains { token in
            guard case .field(let field, _, _, _) = token else { return false }
            return switch field {
            case .hour24, .hour12, .minute, .second, .millisecond, .microsecond, .secondOfDay,
                .meridian, .zoneName, .zoneOffset:
                false
            default: true
            }
        }
    }

    private static let fields: [(String, Field)] = [
        ("Y,YYY", .yearWithComma), ("YYYY", .year(digits: 4)), ("YYY", .year(digits: 3)),
        ("YY", .year(digits: 2)), ("Y", .year(digits: 1)), ("IYYY", .isoYear(digits: 4)),
        ("IYY", .isoYear(digits: 3)), ("IY", .isoYear(digits: 2)), ("IW", .isoWeek),
        ("IDDD", .isoDayOfYear), ("ID", .isoDayOfWeek), ("I", .isoYear(digits: 1)),
        ("CC", .century), ("Q", .quarter), ("MONTH", .monthName),
        ("MON", .monthAbbreviation), ("MM", .month), ("MI", .minute), ("MS", .millisecond),
        ("RM", .monthRoman), ("WW", .weekOfYear), ("W", .weekOfMonth), ("DDD", .dayOfYear),
        ("DD", .dayOfMonth), ("DAY", .dayName), ("DY", .dayAbbreviation), ("D", .dayOfWeek),
        ("J", .julianDay), ("HH24", .hour24), ("HH12", .hour12), ("HH", .hour12),
        ("SSSSS", .secondOfDay), ("SSSS", .secondOfDay), ("SS", .second), ("US", .microsecond),
        ("A.M.", .meridian(dots: true)), ("P.M.", .meridian(dots: true)),
        ("AM", .meridian(dots: false)), ("PM", .meridian(dots: false)),
        ("A.D.", .era(dots: true)), ("B.C.", .era(dots: true)), ("AD", .era(dots: false)),
        ("BC", .era(dots: false)), ("TZ", .zoneName), ("OF", .zoneOffset),
    ]

    /// Compiles a pattern; what is no field stands for itself.
    init(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        var tokens: [Token] = []
        var literal: [UInt8] = []
        var at = 0
        func startsWith(_ text: String, at offset: Int) -> Bool {
            let wanted = Array(text.utf8)
            guard offset + wanted.count <= bytes.count else { return false }
            return zip(bytes[offset...], wanted).allSatisfy { upperLetter($0) == $1 }
        }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\"") {
                at += 1
                while at < bytes.count && bytes[at] != UInt8(ascii: "\"") {
                    if bytes[at] == UInt8(ascii: "\\") && at + 1 < bytes.count { at += 1 }
                    literal.append(bytes[at])
                    at += 1
                }
                at += 1
                continue
            }
            var start = at
            var fill = true
            if startsWith("FM", at: start) {
                fill = false
                start += 2
            }
            let match = Self.fields.first { startsWith($0.0, at: start) }
            guard let (name, field) = match else {
                if fill { literal.append(bytes[at]) }
                at = fill ? at + 1 : start
                continue
            }
            if !literal.isEmpty { tokens.append(.literal(literal)) }
            literal = []
            let letters = Array(bytes[start..<start + name.utf8.count])
            at = start + name.utf8.count
            var ordinal: LetterCase?
            if startsWith("TH", at: at) {
                ordinal = bytes[at] == UInt8(ascii: "T") ? .upper : .lower
                at += 2
            }
            tokens.append(
                .field(field, Self.letterCase(letters), fill: fill, ordinal: ordinal)
            )
        }
        if !literal.isEmpty { tokens.append(.literal(literal)) }
        self.tokens = tokens
    }

    private static func letterCase(_ letters: [UInt8]) -> LetterCase {
        guard let first = letters.first, first &- 65 < 26 else { return .lower }
        guard letters.count > 1, letters[1] &- 97 < 26 else { return .upper }
        return .capitalized
    }
}

/// An ASCII letter in upper case; other bytes as they are.
@inline(__always)
func upperLetter(_ byte: UInt8) -> UInt8 { byte &- 97 < 26 ? byte - 32 : byte }

/// The English names that patterns write and read.
enum CalendarNames {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let romanMonths = [
        "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
    ]
}
