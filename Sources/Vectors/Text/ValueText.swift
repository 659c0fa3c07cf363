import SQLTypes

// Values as psql prints them; floats by the shortest digits that read back the same.

private let digitPairs: [UInt8] = (0..<100).flatMap {
    [zero + UInt8($0 / 10), zero + UInt8($0 % 10)]
}

/// Appends an integer in decimal.
func appendInteger(_ value: Int64, to text: inout [UInt8]) {
    if value < 0 { text.append(minus) }
    appendDigits(value.magnitude, to: &text)
}

/// Appends digits without a sign, at least `width` of them.
func appendDigits(_ value: UInt64, width: Int = 1, to text: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
        var index = 40
        var rest = value
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            index &-= 1
            digits[index] = zero &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest != 0 || index > 40 &- width
        text.append(contentsOf: digits[index..<40])
    }
}

/// Appends an unscaled integer with `scale` digits after the point.
func appendDecimal(_ value: Int128, scale: Int, to text: inout [UInt8]) {
    if value < 0 { text.append(minus) }
    let magnitude = value.magnitude
    if magnitude <= UInt128(UInt64.max) && scale <= 18 {
        let small = UInt64(truncatingIfNeeded: magnitude)
        if scale == 0 { return appendDigits(small, to: &text) }
        let (whole, part) = small.quotientAndRemainder(
            dividingBy: DataType.powerOfTen64(scale).magnitude
        )
        appendDigits(whole, to: &text)
        text.append(point)
        appendDigits(part, width: scale, to: &text)
        return
    }
    var digits: [UInt8] = []
    var rest = magnitude
    while rest != 0 || digits.count <= scale {
        digits.append(zero + UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
    }
    if scale > 0 { digits.insert(point, at: scale) }
    text.append(contentsOf: digits.reversed())
}

/// Appends a double in the fewest digits that read back the same, as PostgreSQL 12 prints it.
func appendDouble(_ value: Double, to text: inout [UInt8]) {
    if appendSpecial(value, to: &text) { return }
    appendShortest(value.description, exponentAt: 15, to: &text)
}

/// Appends a REAL likewise.
func appendFloat(_ value: Float, to text: inout [UInt8]) {
    if appendSpecial(Double(value), to: &text) { return }
    appendShortest(value.description, exponentAt: 6, to: &text)
}

private func appendSpecial(_ value: Double, to text: inout [UInt8]) -> Bool {
    if value.isNaN {
        text.append(contentsOf: "NaN".utf8)
    } else if value.isInfinite {
        text.append(contentsOf: (value < 0 ? "-Infinity" : "Infinity").utf8)
    } else if value == 0 {
        text.append(contentsOf: (value.sign == .minus ? "-0" : "0").utf8)
    } else {
        return false
    }
    return true
}

/// Rewrites Swift's shortest digits: exponents from 1e15 (1e6 for REAL) and below 1e-4.
private func appendShortest(_ description: String, exponentAt: Int, to text: inout [UInt8]) {
    var digits: [UInt8] = []
    var pointAt: Int?
    var exponent = 0
    var isNegative = false
    var rest = description.utf8[...]
    if rest.first == minus {
        isNegative = true
        rest = rest.dropFirst()
    }
    while let byte = rest.first {
        rest = rest.dropFirst()
        if byte == point {
            pointAt = digits.count
        } else if byte == UInt8(ascii: "e") {
            exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
            break
        } else {
            digits.append(byte)
        }
    }
    // The value is 0.d1d2d3… times ten to the power of `magnitude`.
    var magnitude = (pointAt ?? digits.count) + exponent
    let leading = digits.prefix { $0 == zero }.count
    digits.removeFirst(leading)
    magnitude -= leading
    while digits.last == zero { digits.removeLast() }
    if isNegative { text.append(minus) }
    let scientific = magnitude - 1
    if scientific < -4 || scientific >= exponentAt {
        text.append(digits[0])
        if digits.count > 1 {
            text.append(point)
            text.append(contentsOf: digits[1...])
        }
        text.append(UInt8(ascii: "e"))
        text.append(scientific < 0 ? minus : plus)
        appendDigits(UInt64(scientific.magnitude), width: 2, to: &text)
    } else if magnitude <= 0 {
        text.append(contentsOf: [zero, point])
        for _ in magnitude..<0 { text.append(zero) }
        text.append(contentsOf: digits)
    } else if magnitude >= digits.count {
        text.append(contentsOf: digits)
        for _ in digits.count..<magnitude { text.append(zero) }
    } else {
        text.append(contentsOf: digits[..<magnitude])
        text.append(point)
        text.append(contentsOf: digits[magnitude...])
    }
}

/// Appends a date in ISO form; years before 1 AD carry ` BC`.
func appendDate(_ days: Int64, to text: inout [UInt8]) {
    let date = Calendar.civilFromDays(days)
    appendCivil(date, to: &text)
    if date.year <= 0 { text.append(contentsOf: " BC".utf8) }
}

private func appendCivil(_ date: CivilDate, to text: inout [UInt8]) {
    let year = date.year > 0 ? date.year : 1 - date.year
    if year < 10_000 {
        appendPair(year / 100, to: &text)
        appendPair(year % 100, to: &text)
    } else {
        appendDigits(UInt64(year), to: &text)
    }
    text.append(minus)
    appendPair(date.month, to: &text)
    text.append(minus)
    appendPair(date.day, to: &text)
}

@inline(__always)
private func appendPair(_ value: Int, to text: inout [UInt8]) {
    text.append(digitPairs[2 * value])
    text.append(digitPairs[2 * value + 1])
}

/// Appends a time of day, with up to six digits of a second's fraction.
func appendTime(_ microseconds: Int64, to text: inout [UInt8]) {
    let seconds = Int(microseconds / Calendar.microsecondsPerSecond)
    let fraction = microseconds % Calendar.microsecondsPerSecond
    appendDigits(UInt64(seconds / 3600), width: 2, to: &text)
    text.append(colon)
    appendPair(seconds / 60 % 60, to: &text)
    text.append(colon)
    appendPair(seconds % 60, to: &text)
    if fraction != 0 {
        text.append(point)
        appendDigits(UInt64(fraction), width: 6, to: &text)
        while text.last == zero { text.removeLast() }
    }
}

/// Appends a time of day and its distance from UTC: `04:05:06+00`, `04:05:06-03:30`.
func appendZonedTime(_ time: ZonedTime, to text: inout [UInt8]) {
    appendTime(time.microseconds, to: &text)
    let seconds = abs(time.offset)
    text.append(time.offset < 0 ? minus : plus)
    appendPair(seconds / 3600, to: &text)
    guard seconds % 3600 != 0 else { return }
    text.append(colon)
    appendPair(seconds / 60 % 60, to: &text)
    guard seconds % 60 != 0 else { return }
    text.append(colon)
    appendPair(seconds % 60, to: &text)
}

/// Appends a timestamp in ISO form, with `+00` where it has a zone.
func appendTimestamp(_ microseconds: Int64, hasZone: Bool, to text: inout [UInt8]) {
    let (day, time) = Calendar.split(microseconds)
    let date = Calendar.civilFromDays(day)
    appendCivil(date, to: &text)
    text.append(blank)
    appendTime(time, to: &text)
    if hasZone { text.append(contentsOf: "+00".utf8) }
    if date.year <= 0 { text.append(contentsOf: " BC".utf8) }
}
