import SQLTypes
import Vectors

/// TO_CHAR of dates, times and numbers, TO_DATE, TO_TIMESTAMP and TO_NUMBER.
///
/// TO_DATE is DATE and TO_TIMESTAMP is TIMESTAMPTZ, both lenient unless a third argument is true.
/// TO_NUMBER is a DECIMAL with the places of its pattern where that is a constant.
enum FormattingFunctions {
    static let all: [ScalarFunction] =
        ([.timestamp, .timestampTZ] as [DataType]).map { type in
            .strict("to_char", [type, anyText], .varchar(256)) { (call) throws(SQLError) in
                try formatTimes(call, zone: "UTC")
            }
        } + [
            .strict("to_char", [.time, anyText], .varchar(256), canFail: true) {
                (call) throws(SQLError) in
                try formatTimesOfDay(call, isZoned: false)
            },
            .strict("to_char", [.timeTZ, anyText], .varchar(256), canFail: true) {
                (call) throws(SQLError) in
                try formatTimesOfDay(call, isZoned: true)
            },
            .strict("to_char", [.bigint, anyText], .varchar(256), canFail: true, formatExact),
            .strict("to_char", [anyDecimal, anyText], .varchar(256), canFail: true, formatExact),
            .strict("to_char", [.doublePrecision, anyText], .varchar(256), canFail: true) {
                (call) throws(SQLError) in
                try formatFloats(call)
            },
            .strict("to_date", [anyText, anyText], .date, canFail: true) {
                (call) throws(SQLError) in
                let times = try readTimes(call)
                let values = times.entries(as: Int64.self)
                return call.makeIntegers { Calendar.split(values[$0]).day }
            },
            .strict("to_date", [anyText, anyText, .boolean], .date, canFail: true) {
                (call) throws(SQLError) in
                let times = try readTimes(call)
                let values = times.entries(as: Int64.self)
                return call.makeIntegers { Calendar.split(values[$0]).day }
            },
            .strict(
                "to_timestamp",
                [anyText, anyText],
                .timestampTZ,
                canFail: true,
                readTimes
            ),
            .strict(
                "to_timestamp",
                [anyText, anyText, .boolean],
                .timestampTZ,
                canFail: true,
                readTimes
            ),
            toNumberOverload(precision: 38, scale: 8),
        ]

    /// TO_CHAR of TIMESTAMPTZ on the clock of a zone.
    static func formatMoments(_ call: Call, zone: TimeZone) throws(SQLError) -> Vector {
        let times = call.integers(0)
        var patterns = PatternColumn(call.texts(1)) { DateFormat($0) }
        return try call.makeTexts { (writer, row) in
            let offset = zone.offset(atUTC: times[row])
            patterns.pattern(row).append(
                times[row] &+ offset.seconds &* Calendar.microsecondsPerSecond,
                zone: offset.abbreviation.string,
                offset: Int(offset.seconds),
                to: &writer.scratch
            )
            writer.copyScratch(to: row)
        }
    }

    /// TO_NUMBER for a constant pattern; nil where it has no digit or more than 38.
    static func toNumber(format: String) -> ScalarFunction? {
        let pattern = NumberFormat(format)
        let precision = pattern.integerDigits + pattern.fractionDigits
        guard (1...38).contains(precision) else { return nil }
        return byShape[precision * 64 + pattern.fractionDigits]
    }

    private static let byShape: [Int: ScalarFunction] = Dictionary(
        uniqueKeysWithValues: (1...38).flatMap { precision in
            (0...precision).map { scale in
                (precision * 64 + scale, toNumberOverload(precision: precision, scale: scale))
            }
        }
    )
}

/// Patterns by row; one is compiled when it differs from the row before.
private struct PatternColumn<Pattern> {
    private let texts: Column<StringView>
    private let compile: (String) -> Pattern
    private var view = StringView.empty
    private var present: Pattern?

    init(_ texts: Column<StringView>, compile: @escaping (String) -> Pattern) {
        self.texts = texts
        self.compile = compile
    }

    mutating func pattern(_ row: Int) -> Pattern {
        let next = texts[row]
        if let present, next.head == view.head, next.tail == view.tail { return present }
        view = next
        let pattern = compile(next.string)
        present = pattern
        return pattern
    }
}

private func formatTimes(_ call: Call, zone: String) throws(SQLError) -> Vector {
    let times = call.integers(0)
    var patterns = PatternColumn(call.texts(1)) { DateFormat($0) }
    return try call.makeTexts { (writer, row) in
        patterns.pattern(row).append(times[row], zone: zone, to: &writer.scratch)
        writer.copyScratch(to: row)
    }
}

/// TIME and TIMETZ have no date: a field of one is 22007.
private func formatTimesOfDay(_ call: Call, isZoned: Bool) throws(SQLError) -> Vector {
    let times = call.integers(0)
    var patterns = PatternColumn(call.texts(1)) { DateFormat($0) }
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let pattern = patterns.pattern(row)
        guard !pattern.hasDate else {
            throw SQLError(
                .invalidDatetimeFormat,
                "invalid format specification for a time of day: it has no date"
            )
        }
        let time =
            isZoned
            ? ZonedTime(packed: times[row]) : ZonedTime(microseconds: times[row], offset: 0)
        pattern.append(
            time.microseconds,
            zone: isZoned ? zoneOffsetText(time.offset) : "",
            offset: time.offset,
            to: &writer.scratch
        )
        writer.copyScratch(to: row)
    }
}

@Sendable
private func readTimes(_ call: Call) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    let strict = call.argumentCount > 2 ? call.column(2, as: UInt8.self) : nil
    var patterns = PatternColumn(call.texts(1)) { DateFormat($0) }
    return try call.makeIntegers { (row) throws(SQLError) in
        let pattern = patterns.pattern(row)
        let isStrict = strict.map { $0[row] != 0 } ?? false
        let bytes = texts[row].bytes
        let result = bytes.withUnsafeBufferPointer { text in
            Result { () throws(SQLError) in try pattern.read(text, isStrict: isStrict) }
        }
        return try result.get()
    }
}

@Sendable
private func formatExact(_ call: Call) throws(SQLError) -> Vector {
    let scale = call.types[0].scale
    let isWide = call.vectors[0].physical == .int128
    let wide = call.column(0, as: Int128.self)
    let narrow = call.integers(0)
    var patterns = PatternColumn(call.texts(1)) { NumberFormat($0) }
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let pattern = patterns.pattern(row)
        let value = isWide ? wide[row] : Int128(narrow[row])
        if pattern.hasExponent || pattern.isRoman {
            let number = Double(value) / Double(DataType.powerOfTen128(scale))
            appendSpecial(number, pattern, to: &writer.scratch)
        } else {
            let places = pattern.fractionDigits + pattern.shiftDigits
            var magnitude = value.magnitude
            if places >= scale {
                let power = DataType.powerOfTen128(min(38, places - scale)).magnitude
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: power)
                if overflow { throw outOfRange(anyDecimal) }
                magnitude = product
            } else {
                let power = DataType.powerOfTen128(scale - places).magnitude
                magnitude = (magnitude + power / 2) / power
            }
            pattern.append(
                magnitude,
                isNegative: value < 0 && magnitude != 0,
                to: &writer.scratch
            )
        }
        writer.copyScratch(to: row)
    }
}

private func formatFloats(_ call: Call) throws(SQLError) -> Vector {
    let values = call.floats(0)
    var patterns = PatternColumn(call.texts(1)) { NumberFormat($0) }
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let pattern = patterns.pattern(row)
        let value = values[row]
        if pattern.hasExponent || pattern.isRoman {
            appendSpecial(value, pattern, to: &writer.scratch)
        } else {
            let places = pattern.fractionDigits + pattern.shiftDigits
            let scaled = roundedDecimal(abs(value), places: places)
            let fits = scaled < 1e38
            guard fits || pattern.integerDigits + pattern.fractionDigits < 38 else {
                throw SQLError(
                    .numericValueOutOfRange,
                    "value out of range for TO_CHAR: \(value)"
                )
            }
            // What has no place in the pattern, infinity too, shows as number signs.
            pattern.append(
                fits ? UInt128(scaled) : DataType.powerOfTen128(38).magnitude,
                isNegative: value < 0,
                to: &writer.scratch
            )
        }
        writer.copyScratch(to: row)
    }
}

/// `value` · 10^`places` as a whole number: the one nearest to what the double is exactly, the
/// even one between two, as C's printf rounds.
///
/// 5.55 is less than it looks, so that with one place it is 5.5.
private func roundedDecimal(_ value: Double, places: Int) -> Double {
    // Greater powers of ten are no doubles.
    let power = Double(DataType.powerOfTen128(min(22, places)))
    let product = value * power
    var rounded = product.rounded(.toNearestOrEven)
    if abs(product - product.rounded(.down)) == 0.5 {
        // The product has been rounded itself: what it lost decides.
        let lost = (-product).addingProduct(value, power)
        if lost > 0 { rounded = product.rounded(.up) }
        if lost < 0 { rounded = product.rounded(.down) }
    }
    for _ in 0..<max(0, places - 22) { rounded *= 10 }
    return rounded
}

/// EEEE and RN, which replace the rest of their pattern.
private func appendSpecial(_ value: Double, _ pattern: NumberFormat, to bytes: inout [UInt8]) {
    if pattern.isRoman {
        let text = romanNumeral(value.rounded())
        let padding = pattern.isUnfilled ? 0 : max(0, 15 - text.utf8.count)
        bytes.append(contentsOf: repeatElement(32, count: padding))
        bytes.append(contentsOf: text.utf8)
        return
    }
    guard value.isFinite else {
        // A blank for the sign, then as many signs as the number could take.
        var signs = [UInt8](
            repeating: UInt8(ascii: "#"),
            count: pattern.integerDigits + pattern.fractionDigits + 6
        )
        signs[0] = 32
        signs[pattern.integerDigits + 1] = UInt8(ascii: ".")
        bytes.append(contentsOf: signs)
        return
    }
    var exponent = 0
    var mantissa = abs(value)
    if mantissa > 0 {
        while mantissa >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa < 1 {
            mantissa *= 10
            exponent -= 1
        }
    }
    let places = min(18, pattern.fractionDigits)
    let power = DataType.powerOfTen64(places)
    var digits = (mantissa * Double(power)).rounded(.toNearestOrAwayFromZero)
    if digits >= Double(power) * 10 {
        digits /= 10
        exponent += 1
    }
    if value < 0 {
        bytes.append(UInt8(ascii: "-"))
    } else if !pattern.isUnfilled {
        bytes.append(32)
    }
    let text = String(Int64(digits))
    bytes.append(contentsOf: text.utf8.prefix(1))
    if places > 0 {
        bytes.append(UInt8(ascii: "."))
        let fraction = text.utf8.dropFirst()
        bytes.append(contentsOf: fraction)
        bytes.append(contentsOf: repeatElement(48, count: max(0, places - fraction.count)))
    }
    let magnitude = String(abs(exponent))
    bytes.append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
    bytes.append(contentsOf: ((magnitude.utf8.count < 2 ? "0" : "") + magnitude).utf8)
}

private func romanNumeral(_ value: Double) -> String {
    guard value >= 1, value < 4000 else { return String(repeating: "#", count: 15) }
    let table: [(Int, String)] = [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
        (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    var rest = Int(value)
    var text = ""
    for (number, letters) in table {
        while rest >= number {
            text += letters
            rest -= number
        }
    }
    return text
}

private func toNumberOverload(precision: Int, scale: Int) -> ScalarFunction {
    .strict(
        "to_number",
        [anyText, anyText],
        .decimal(precision: precision, scale: scale),
        canFail: true
    ) { (call) throws(SQLError) in
        let texts = call.texts(0)
        var patterns = PatternColumn(call.texts(1)) { NumberFormat($0) }
        let limit = DataType.powerOfTen128(precision)
        return try call.makeWideIntegers { (row) throws(SQLError) in
            let pattern = patterns.pattern(row)
            let bytes = texts[row].bytes
            let result = bytes.withUnsafeBufferPointer { text in
                Result { () throws(SQLError) in try pattern.read(text) }
            }
            var value = try result.get()
            for _ in scale..<max(scale, pattern.fractionDigits) { value /= 10 }
            for _ in min(scale, pattern.fractionDigits)..<scale {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                if overflow { throw outOfRange(anyDecimal) }
                value = product
            }
            if value.magnitude >= limit.magnitude { throw outOfRange(anyDecimal) }
            return value
        }
    }
}
