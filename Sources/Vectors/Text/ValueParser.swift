import SQLTypes

/// What parsing one field gave.
package enum ParseResult<Value: Sendable>: Sendable {
    /// The field's value.
    case value(Value)
    /// The text is not of the type's form.
    case invalid
    /// The text is of the type's form, but its value does not fit.
    case outOfRange

    /// The value, if there is one.
    package var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

/// Turns the text of one field into a typed value; blanks around it do not count.
///
/// Never throws and never allocates for plain values, so that loads can call it per field. What
/// a failure means (an error, a rejected row) is the caller's business.
package struct ValueParser: Sendable {
    /// Which of three numbers is the day where the text does not tell.
    package enum DateOrder: Hashable, Sendable {
        case monthDayYear, dayMonthYear, yearMonthDay
    }

    /// The order of ambiguous dates; Redshift's DateStyle is `ISO, MDY`.
    package var dateOrder: DateOrder

    /// The clock of what has a zone in its type and none in its text; nil for UTC.
    package var zone: TimeZone?
    /// The day on that clock whose offset a TIMETZ without one takes.
    var today: Int64 = 0

    /// Makes a parser with Redshift's default DateStyle.
    package init(dateOrder: DateOrder = .monthDayYear) { self.dateOrder = dateOrder }

    /// Makes a parser for a session's settings.
    package init(style: ValueStyle) {
        dateOrder = style.dateOrder
        zone = style.zone
        today = style.today
    }

    /// Parses an integer: an optional sign and digits.
    package func parseInt64(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Int64> {
        var (index, end) = trimmedRange(bytes)
        var isNegative = false
        if index < end, bytes[index] == minus || bytes[index] == plus {
            isNegative = bytes[index] == minus
            index += 1
        }
        if index == end { return .invalid }
        if end - index <= 18 {
            var value: Int64 = 0
            while index < end {
                let digit = bytes[index] &- zero
                if digit > 9 { return .invalid }
                value = value &* 10 &+ Int64(digit)
                index += 1
            }
            return .value(isNegative ? 0 &- value : value)
        }
        var value: Int64 = 0
        var isTooLarge = false
        while index < end {
            let digit = bytes[index] &- zero
            if digit > 9 { return .invalid }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) =
                isNegative
                ? product.subtractingReportingOverflow(Int64(digit))
                : product.addingReportingOverflow(Int64(digit))
            isTooLarge = isTooLarge || overflow || overflow2
            value = sum
            index += 1
        }
        return isTooLarge ? .outOfRange : .value(value)
    }

    /// Parses a number into an unscaled integer of `scale` digits after the point.
    ///
    /// Accepts an exponent. Digits past the scale are cut off where `truncates` (COPY), else
    /// rounded half away from zero (INSERT).
    package func parseDecimal(
        _ bytes: UnsafeBufferPointer<UInt8>,
        scale: Int,
        truncates: Bool
    ) -> ParseResult<Int128> {
        var (index, end) = trimmedRange(bytes)
        var isNegative = false
        if index < end, bytes[index] == minus || bytes[index] == plus {
            isNegative = bytes[index] == minus
            index += 1
        }
        if end - index <= 18, let value = shortDecimal(bytes, index, end, scale: scale) {
            return .value(Int128(isNegative ? -value : value))
        }
        let digitsStart = index
        var digitCount = 0
        var pointAt: Int?
        while index < end {
            let byte = bytes[index]
            if byte &- zero <= 9 {
                digitCount += 1
            } else if byte == point && pointAt == nil {
                pointAt = digitCount
            } else {
                break
            }
            index += 1
        }
        if digitCount == 0 { return .invalid }
        let digitsEnd = index
        guard let exponent = parseExponent(bytes, &index, end), index == end else {
            return .invalid
        }
        // Digits before this one count; the one at it decides the rounding.
        let kept = (pointAt ?? digitCount) + exponent + scale
        var value: Int128 = 0
        var position = 0
        var roundsUp = false
        for at in digitsStart..<digitsEnd where bytes[at] != point {
            let digit = bytes[at] &- zero
            if position < kept {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflow2) = product.addingReportingOverflow(Int128(digit))
                if overflow || overflow2 { return .outOfRange }
                value = sum
            } else if position == kept {
                roundsUp = digit >= 5
            }
            position += 1
        }
        if position < kept && value != 0 {
            for _ in position..<kept {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { return .outOfRange }
                value = product
            }
        }
        if roundsUp && !truncates { value += 1 }
        if value >= DataType.powerOfTen128(38) { return .outOfRange }
        return .value(isNegative ? -value : value)
    }

    /// Plain digits with at most one point and no more than `scale` digits after it.
    private func shortDecimal(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ end: Int,
        scale: Int
    ) -> Int64? {
        var value: Int64 = 0
        var index = start
        var pointAt = -1
        while index < end {
            let digit = bytes[index] &- zero
            if digit <= 9 {
                value = value &* 10 &+ Int64(digit)
            } else if bytes[index] == point && pointAt < 0 {
                pointAt = index
            } else {
                return nil
            }
            index += 1
        }
        let digits = end - start - (pointAt < 0 ? 0 : 1)
        let fraction = pointAt < 0 ? 0 : end - pointAt - 1
        if digits == 0 || fraction > scale || digits + scale - fraction > 18 { return nil }
        for _ in fraction..<scale { value = value &* 10 }
        return value
    }

    private func parseExponent(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: inout Int,
        _ end: Int
    ) -> Int? {
        guard index < end, bytes[index] | 0x20 == UInt8(ascii: "e") else { return 0 }
        index += 1
        var isNegative = false
        if index < end, bytes[index] == minus || bytes[index] == plus {
            isNegative = bytes[index] == minus
            index += 1
        }
        if index == end { return nil }
        var value = 0
        while index < end {
            let digit = bytes[index] &- zero
            if digit > 9 { return nil }
            value = min(value * 10 + Int(digit), 100_000)
            index += 1
        }
        return isNegative ? -value : value
    }

    /// Parses a number to the nearest double; `NaN`, `Infinity` and `-Infinity` are numbers.
    package func parseDouble(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Double> {
        let (start, end) = trimmedRange(bytes)
        if let value = shortDouble(bytes, start, end) { return .value(value) }
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        switch text.lowercased() {
        case "nan": return .value(.nan)
        case "infinity", "inf", "+infinity", "+inf": return .value(.infinity)
        case "-infinity", "-inf": return .value(-.infinity)
        default: break
        }
        // Only decimal notation: Swift's own parser would take hexadecimal floats.
        let isDecimal = bytes[start..<end].allSatisfy {
            $0 &- zero <= 9 || $0 == point || $0 == minus || $0 == plus || $0 | 0x20 == 0x65
        }
        guard isDecimal, let value = Double(text) else { return .invalid }
        if value == 0 {
            // A number too small for a Double is no zero.
            let digits = bytes[start..<end].prefix { $0 | 0x20 != 0x65 }
            let hasUnderflow = digits.contains { $0 &- zero <= 9 && $0 != zero }
            return hasUnderflow ? .outOfRange : .value(value)
        }
        return value.isFinite ? .value(value) : .outOfRange
    }

    /// Up to 15 digits and no exponent: exact by one division of two exact doubles.
    private func shortDouble(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ end: Int
    ) -> Double? {
        var index = start
        var isNegative = false
        if index < end, bytes[index] == minus {
            isNegative = true
            index += 1
        }
        let digitsStart = index
        var value: Int64 = 0
        var pointAt = -1
        if end - index > 16 { return nil }
        while index < end {
            let digit = bytes[index] &- zero
            if digit <= 9 {
                value = value &* 10 &+ Int64(digit)
            } else if bytes[index] == point && pointAt < 0 {
                pointAt = index
            } else {
                return nil
            }
            index += 1
        }
        let digits = end - digitsStart - (pointAt < 0 ? 0 : 1)
        if digits == 0 || digits > 15 { return nil }
        let fraction = pointAt < 0 ? 0 : end - pointAt - 1
        let number = Double(value) / Double(DataType.powerOfTen64(fraction))
        return isNegative ? -number : number
    }

    /// Parses a truth value: t, true, y, yes, 1 and f, false, n, no, 0, in any case.
    package func parseBool(_ bytes: UnsafeBufferPointer<UInt8>) -> ParseResult<Bool> {
        let (start, end) = trimmedRange(bytes)
        let length = end - start
        if length == 0 || length > 5 { return .invalid }
        var word: UInt64 = 0
        for index in start..<end {
            let byte = bytes[index]
            word = word << 8 | UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        switch word {
        case 0x74, 0x7472_7565, 0x79, 0x79_6573, 0x31, 0x6F6E: return .value(true)
        case 0x66, 0x66_616C_7365, 0x6E, 0x6E6F, 0x30, 0x6F_6666: return .value(false)
        default: return .invalid
        }
    }
}

let zero = UInt8(ascii: "0")
let minus = UInt8(ascii: "-")
let plus = UInt8(ascii: "+")
let point = UInt8(ascii: ".")
let colon = UInt8(ascii: ":")

/// The part of the bytes without blanks, tabs and line ends around it.
@inline(__always)
func trimmedRange(_ bytes: UnsafeBufferPointer<UInt8>) -> (start: Int, end: Int) {
    var start = 0
    var end = bytes.count
    while start < end && isSpace(bytes[start]) { start += 1 }
    while end > start && isSpace(bytes[end - 1]) { end -= 1 }
    return (start, end)
}

@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == blank || (byte >= 9 && byte <= 13) }
