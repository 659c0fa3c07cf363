import SQLTypes
import Vectors

/// What the dates and times of a view's or a default's text were read as, by their places, and
/// how to write them so that every session reads the same.
///
/// A literal may be read as several types, as in `'01/02/2003' BETWEEN a_date AND a_timestamp`.
///
/// - Source: PostgreSQL, which keeps the values themselves, also those of `'now'` and `'today'`.
struct LiteralRecord {
    private struct Reading: Equatable {
        var type: DataType
        var value: Datum
    }

    /// The session's time zone; nil for UTC.
    private let zone: TimeZone?
    private var readings: [Int: [Reading]] = [:]
    /// The places of what another session would read otherwise.
    private var unstable: Set<Int> = []

    /// Makes a record for literals that a session with this time zone reads.
    init(zone: TimeZone?) { self.zone = zone }

    /// Takes down that a literal was read as a value of a type.
    ///
    /// Of texts only those count that are read as dates besides.
    mutating func note(_ text: String, read value: Datum, as type: DataType, at position: Int) {
        guard type.isDateTime || type.isString else { return }
        let reading = Reading(type: type, value: value)
        guard readings[position]?.contains(reading) != true else { return }
        readings[position, default: []].append(reading)
        if type.isDateTime, !Self.isRead(text, as: reading) { unstable.insert(position) }
    }

    /// The literal in a form that every session reads as this one did; as written where that is
    /// so already, or where its readings have no form in common.
    func fixed(_ text: String, at position: Int) -> String {
        guard unstable.contains(position), let readings = readings[position] else { return text }
        var forms = readings.map { formatDatum($0.value, type: $0.type) }
        guard readings.count > 1 else { return forms[0] }
        // Midnight here, with its offset, is this day for a DATE as well.
        var style = ValueStyle()
        style.zone = zone
        forms += readings.map { formatDatum($0.value, type: $0.type, style: style) }
        return forms.first { form in readings.allSatisfy { Self.isRead(form, as: $0) } } ?? text
    }

    /// Whether all sessions read a text so.
    private static func isRead(_ text: String, as reading: Reading) -> Bool {
        styles.allSatisfy { style in
            (try? parseDatum(text, type: reading.type, style: style)) == reading.value
        }
    }

    /// Styles that differ in all that the reading of a date depends on.
    private static let styles: [ValueStyle] = {
        let orders: [ValueParser.DateOrder] = [.monthDayYear, .dayMonthYear, .yearMonthDay]
        return ["UTC", "<+01>-01"].flatMap { name in
            orders.map { order in
                var style = ValueStyle()
                style.dateOrder = order
                style.zone = try? TimeZone.named(name)
                return style
            }
        }
    }()
}
