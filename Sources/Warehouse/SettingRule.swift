import SQLTypes
import Vectors

/// Which values a setting takes, and how it shows them.
///
/// - Source: PostgreSQL 8.0 `guc.c`, which Redshift's settings come from: a refused value is 22023
///   with these words.
enum SettingRule: Sendable {
    /// Any text.
    case text
    /// `on` and `off` with their synonyms and unique beginnings.
    case boolean
    /// A whole number in a range; one beyond its upper end becomes that end where it is `clamped`.
    case integer(ClosedRange<Int>, clamped: Bool = false)
    /// A number in a range.
    case real(ClosedRange<Double>)
    /// One of these words, in any case.
    case word([String])
    /// A time zone that exists.
    case timeZone
    /// A name of UTF-8: the only encoding of text there is.
    case utf8
    /// One of ISO, SQL, POSTGRES and GERMAN, one of MDY, DMY and YMD, or both.
    case dateStyle
    /// Shown and never changed.
    case fixed

    /// The text to keep for `text`; `like` is the setting's default, whose style Booleans keep,
    /// `now` its value so far, of which a date style keeps the half that `text` does not name.
    ///
    /// - Throws: 22023 for a value the setting does not take; 55P02 where it takes none; 0A000 for
    ///   an encoding that exists elsewhere.
    func checked(
        _ text: String,
        of name: String,
        like: String,
        now: String
    ) throws(SQLError) -> String {
        switch self {
        case .text: return text
        case .boolean:
            guard let isOn = Self.truth(of: text) else {
                throw refused("parameter \"\(name)\" requires a Boolean value")
            }
            return like == "true" || like == "false" ? String(isOn) : isOn ? "on" : "off"
        case .integer(let range, let isClamped):
            guard let value = Int(text) else { throw invalid(text, of: name) }
            if isClamped && value > range.upperBound { return String(range.upperBound) }
            guard range.contains(value) else {
                throw outside(text, "\(range.lowerBound) .. \(range.upperBound)", of: name)
            }
            return String(value)
        case .real(let range):
            guard let value = Double(text), value.isFinite else { throw invalid(text, of: name) }
            guard range.contains(value) else {
                throw outside(text, "\(range.lowerBound) .. \(range.upperBound)", of: name)
            }
            return text
        case .word(let words):
            guard let word = words.first(where: { $0.lowercased() == text.lowercased() }) else {
                throw invalid(
                    text,
                    of: name,
                    hint: "Available values: \(words.joined(separator: ", "))."
                )
            }
            return word
        case .timeZone:
            if text.lowercased() == "local" { return like }
            let zone: String
            if text.lowercased().hasPrefix("interval") {
                guard let offset = Self.zone(ofInterval: text) else {
                    throw invalid(text, of: name)
                }
                zone = offset
            } else {
                zone = Self.zone(ofHours: text) ?? text
            }
            _ = try TimeZone.named(zone)
            return zone
        case .utf8:
            let plain = text.lowercased().filter { $0 != "-" && $0 != "_" }
            if ["utf8", "unicode"].contains(plain) { return "UTF8" }
            throw SQLError.unsupported("client_encoding \(text)")
        case .dateStyle:
            guard let old = DateStyle(setting: now) ?? DateStyle(setting: like) else {
                throw SQLError.invariant("\(name) has no style")
            }
            return try old.changed(by: text, setting: name).setting
        case .fixed:
            throw SQLError(
                .cantChangeRuntimeParameter,
                "parameter \"\(name)\" cannot be changed"
            )
        }
    }

    /// The zone that a number of hours east of UTC means, as PostgreSQL spells it: `<-05>+05`; nil
    /// for what is no such number.
    private static func zone(ofHours text: String) -> String? {
        guard let hours = Double(text), abs(hours) <= 24 else { return nil }
        let minutes = Int((abs(hours) * 60).rounded())
        return zone(ofSeconds: hours < 0 ? -60 * minutes : 60 * minutes)
    }

    /// The zone that `INTERVAL '-08:00' [HOUR [TO MINUTE]]` means; nil where it is no interval of
    /// less than a day.
    ///
    /// - Source: PostgreSQL `check_timezone`.
    private static func zone(ofInterval text: String) -> String? {
        let pieces = text.split(separator: "'", omittingEmptySubsequences: false)
        guard pieces.count == 3 else { return nil }
        let words = pieces.map { $0.lowercased().filter { $0 != " " } }
        guard words[0] == "interval", ["", "hour", "hourtominute"].contains(words[2]),
            let parts = ValueParser().parseInterval(
                String(pieces[1]),
                defaultUnit: words[2] == "" ? "second" : words[2] == "hour" ? "hour" : "minute"
            ),
            parts.months == 0, abs(parts.microseconds) < Calendar.microsecondsPerDay
        else { return nil }
        return zone(ofSeconds: Int(parts.microseconds / Calendar.microsecondsPerSecond))
    }

    private static func zone(ofSeconds seconds: Int) -> String {
        var fields = [abs(seconds) / 3600, abs(seconds) / 60 % 60, abs(seconds) % 60]
        while fields.count > 1, fields.last == 0 { fields.removeLast() }
        let time = fields.map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
        return seconds < 0 ? "<-\(time)>+\(time)" : "<+\(time)>-\(time)"
    }

    /// What a word means as a Boolean; nil for none.
    static func truth(of text: String) -> Bool? {
        let word = text.lowercased()
        if word.isEmpty { return nil }
        if word == "1" { return true }
        if word == "0" { return false }
        // `o` alone could be either.
        if word == "o" { return nil }
        if ["true", "yes", "on"].contains(where: { $0.hasPrefix(word) }) { return true }
        if ["false", "no", "off"].contains(where: { $0.hasPrefix(word) }) { return false }
        return nil
    }
}

private func refused(_ message: String, hint: String? = nil) -> SQLError {
    SQLError(.invalidParameterValue, message, hint: hint)
}

private func invalid(_ text: String, of name: String, hint: String? = nil) -> SQLError {
    refused("invalid value for parameter \"\(name)\": \"\(text)\"", hint: hint)
}

private func outside(_ text: String, _ range: String, of name: String) -> SQLError {
    refused("\(text) is outside the valid range for parameter \"\(name)\" (\(range))")
}
