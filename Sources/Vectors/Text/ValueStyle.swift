package import SQLTypes

/// How a session reads and writes dates, times and numbers, as its settings say.
///
/// Stored values never depend on it: a TIMESTAMPTZ is a moment in UTC.
package struct ValueStyle: Hashable, Sendable {
    /// The forms of dates that DateStyle names.
    package enum DateFormat: Hashable, Sendable {
        /// `2020-07-01 00:00:00-04`.
        case iso
        /// `07/01/2020 00:00:00 EDT`.
        case sql
        /// `Wed Jul 01 00:00:00 2020 EDT`; a DATE is `07-01-2020`.
        case postgres
        /// `01.07.2020 00:00:00 EDT`.
        case german
    }

    /// `timezone`: the clock that TIMESTAMPTZ is read and shown by; nil for UTC.
    package var zone: TimeZone?
    /// `DateStyle`, its first half.
    package var dateFormat = DateFormat.iso
    /// `DateStyle`, its second half.
    package var dateOrder = ValueParser.DateOrder.monthDayYear
    /// `extra_float_digits`: how many more than 15 digits a DOUBLE PRECISION is rounded to, or
    /// than 6 a REAL; nil for the fewest that read back the same.
    package var extraFloatDigits: Int?
    /// `enable_numeric_rounding`: CAST to a DECIMAL of a smaller scale rounds; it cuts otherwise.
    package var roundsDecimals = false
    /// The day on the zone's clock, since 2000-01-01, whose offset a TIMETZ without one takes.
    package var today: Int64 = 0

    /// What holds while nothing is set.
    package static let standard = ValueStyle()

    /// Makes the standard style.
    package init() {}

    /// As much of the style as a cast between two types depends on: ``standard`` for most.
    package func relevant(from: DataType, to: DataType, isExplicit: Bool) -> ValueStyle {
        var style = ValueStyle.standard
        switch (from, to) {
        case (.timestampTZ, .timestamp), (.timestampTZ, .date), (.timestampTZ, .time),
            (.timestampTZ, .timeTZ), (.date, .timestampTZ), (.timestamp, .timestampTZ):
            style.zone = zone
        case (.time, .timeTZ): copyZone(into: &style, withDay: true)
        case (.decimal(_, let old), .decimal(_, let new)) where isExplicit && new < old:
            style.roundsDecimals = roundsDecimals
        case (_, let text) where text.isString: copyWriting(of: from, into: &style)
        case (let text, _) where text.isString: copyReading(of: to, into: &style)
        default: break
        }
        return style
    }

    private func copyZone(into style: inout ValueStyle, withDay: Bool) {
        style.zone = zone
        if withDay && zone != nil { style.today = today }
    }

    private func copyWriting(of type: DataType, into style: inout ValueStyle) {
        switch type {
        case .real, .doublePrecision: style.extraFloatDigits = extraFloatDigits
        case .date, .timestamp, .timestampTZ:
            style.dateFormat = dateFormat
            // The other forms have one order.
            if dateFormat == .sql || dateFormat == .postgres { style.dateOrder = dateOrder }
            if type == .timestampTZ { style.zone = zone }
        default: break
        }
    }

    private func copyReading(of type: DataType, into style: inout ValueStyle) {
        switch type {
        case .date, .timestamp: style.dateOrder = dateOrder
        case .timestampTZ, .timeTZ:
            style.dateOrder = dateOrder
            copyZone(into: &style, withDay: type == .timeTZ)
        default: break
        }
    }
}
