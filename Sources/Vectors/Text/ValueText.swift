import SQLTypes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Values as psql prints them; floats by the shortest digits that read back the same.

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

/// Appends a double: with as many digits as the style says, else in the fewest that read back
/// the same, as PostgreSQL 12 prints it.
func appendDouble(_ value: Double, _ style: ValueStyle = .standard, to text: inout [UInt8]) {
    if appendSpecial(value, to: &text) { return }
    if let extra = style.extraFloatDigits {
        return appendRounded(value, digits: max(1, 15 + extra), to: &text)
    }
    appendShortest(value.description, exponentAt: 15, to: &text)
}

/// Appends a REAL likewise.
func appendFloat(_ value: Float, _ style: ValueStyle = .standard, to text: inout [UInt8]) {
    if appendSpecial(Double(value), to: &text) { return }
    if let extra = style.extraFloatDigits {
        return appendRounded(Double(value), digits: max(1, 6 + extra), to: &text)
    }
    appendShortest(value.description, exponentAt: 6, to: &text)
}

/// Appends a number as C's `%.*g` does.
private func appendRounded(_ value: Double, digits: Int, to text: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        let count = withVaList([Int32(digits), value]) {
            vsnprintf(buffer.baseAddress, buffer.count, "%.*g", $0)
        }
        text.append(contentsOf: buffer[..<Int(count)].lazy.map { UInt8(bitPattern: $0) })
    }
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
