import SQLTypes
import Vectors

/// What became of one field.
enum FieldOutcome {
    case stored
    case null
    case bad
}

/// Digits with an optional sign, at most 18 of them; nil for anything else.
@inline(__always)
func plainInteger(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    var index = 0
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    if count &- index > 18 || count == index { return nil }
    var value: Int64 = 0
    while index < count {
        let digit = bytes[index] &- 48
        if digit > 9 { return nil }
        value = value &* 10 &+ Int64(digit)
        index &+= 1
    }
    return isNegative ? 0 &- value : value
}

/// Digits with at most one point as an integer with `scale` digits after it; nil for anything
/// that is not plain or has more digits after the point.
@inline(__always)
func plainDecimal(
    _ bytes: UnsafePointer<UInt8>,
    _ count: Int,
    scale: Int,
    powers: UnsafePointer<Int64>
) -> Int64? {
    var index = 0
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    let start = index
    var value: Int64 = 0
    if count &- index > 18 { return nil }
    while index < count {
        let digit = bytes[index] &- 48
        if digit > 9 { break }
        value = value &* 10 &+ Int64(digit)
        index &+= 1
    }
    var fraction = 0
    var digits = index &- start
    if index < count {
        if bytes[index] != UInt8(ascii: ".") { return nil }
        index &+= 1
        fraction = count &- index
        while index < count {
            let digit = bytes[index] &- 48
            if digit > 9 { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        digits &+= fraction
    }
    let missing = scale &- fraction
    if digits == 0 || missing < 0 || digits &+ missing > 18 { return nil }
    value = value &* powers[missing]
    return isNegative ? 0 &- value : value
}

/// Days since 2000-01-01 of `YYYY-MM-DD`; nil for anything else.
@inline(__always)
func plainDate(_ bytes: UnsafePointer<UInt8>) -> Int64? {
    let raw = UnsafeRawPointer(bytes)
    let year = raw.loadUnaligned(as: UInt32.self)
    let rest = raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    let last = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    // Dashes at 4 and 7 become zeros, so that all other bytes can be tested as digits at once.
    guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
    let yearDigits = year &- 0x3030_3030
    let restDigits = (rest & 0x00FF_FF00) &- 0x0030_3000
    let dayDigits = last &- 0x3030
    let isDigits =
        (yearDigits | yearDigits &+ 0x7676_7676 | restDigits | (restDigits &+ 0x0076_7600))
        & 0x8080_8080 == 0
        && (dayDigits | dayDigits &+ 0x7676) & 0x8080 == 0
    guard isDigits else { return nil }
    let y =
        Int(yearDigits & 255) * 1000 + Int(yearDigits >> 8 & 255) * 100
        + Int(yearDigits >> 16 & 255) * 10 + Int(yearDigits >> 24)
    let month = Int(restDigits >> 8 & 255) * 10 + Int(restDigits >> 16 & 255)
    let day = Int(dayDigits & 255) * 10 + Int(dayDigits >> 8)
    guard y > 0, month &- 1 < 12, month > 0, day > 0,
        day <= 28 || day <= Calendar.daysInMonth(year: y, month: month)
    else { return nil }
    return Calendar.daysFromCivil(year: y, month: month, day: day)
}

/// Microseconds of `HH:MI:SS` and a fraction of up to six digits; nil for anything else.
@inline(__always)
func plainTime(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
    guard count >= 8, bytes[2] == UInt8(ascii: ":"), bytes[5] == UInt8(ascii: ":") else {
        return nil
    }
    var parts: (Int64, Int64, Int64) = (0, 0, 0)
    for (offset, isLast) in [(0, 0), (3, 1), (6, 2)] as [(Int, Int)] {
        let (tens, ones) = (bytes[offset] &- 48, bytes[offset + 1] &- 48)
        guard tens <= 9, ones <= 9 else { return nil }
        let value = Int64(tens) * 10 + Int64(ones)
        switch isLast {
        case 0: parts.0 = value
        case 1: parts.1 = value
        default: parts.2 = value
        }
    }
    guard parts.0 < 24, parts.1 < 60, parts.2 < 60 else { return nil }
    var microseconds = ((parts.0 * 60 + parts.1) * 60 + parts.2) * 1_000_000
    if count > 8 {
        guard bytes[8] == UInt8(ascii: "."), count > 9 else { return nil }
        var unit: Int64 = 100_000
        for index in 9..<count {
            let digit = bytes[index] &- 48
            if digit > 9 { return nil }
            microseconds += Int64(digit) * unit
            unit /= 10
        }
    }
    return microseconds
}

/// Whether all bytes are ASCII and none is NUL; up to 7 bytes behind them are readable.
@inline(__always)
func isPlainText(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let raw = UnsafeRawPointer(bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var found: UInt64 = 0
    var offset = 0
    while offset &+ 8 <= count {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        found |= (word &- ones) | word
        offset &+= 8
    }
    if offset < count {
        // Bytes behind the text are made ones, which are neither NUL nor past ASCII.
        let mask = UInt64.max << UInt64(8 &* (count &- offset))
        let word =
            raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & ~mask | ones & mask
        found |= (word &- ones) | word
    }
    return found & highs == 0
}

/// A view of at most 12 bytes, of which 12 are readable.
@inline(__always)
func inlineView(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> StringView {
    let raw = UnsafeRawPointer(bytes)
    var first = raw.loadUnaligned(as: UInt64.self)
    var last = UInt64(raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    if count < 8 {
        first &= (1 << UInt64(8 &* count)) &- 1
        last = 0
    } else {
        last &= (1 << UInt64(8 &* (count &- 8))) &- 1
    }
    return StringView(
        head: UInt64(count) | first << 32,
        tail: first >> 32 | last << 32
    )
}

/// What is wrong with bytes that should be UTF-8.
struct InvalidUTF8 {
    /// The offset of the first byte of the bad sequence.
    var offset: Int
    /// How many bytes the sequence has.
    var length: Int
    /// Redshift's number: 1 too long, 2 incomplete, 3 bad first byte, 4 bad trailing byte,
    /// 5 surrogate, 6 above the maximum, 7 overlong.
    var number: Int
}

/// The first bad sequence; nil where the bytes are UTF-8.
func invalidUTF8(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> InvalidUTF8? {
    var offset = start
    while offset < bytes.count {
        let first = bytes[offset]
        if first < 0x80 {
            offset += 1
            continue
        }
        let length: Int
        switch first {
        case 0xC0...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF7: length = 4
        case 0xF8...0xFD: return InvalidUTF8(offset: offset, length: 1, number: 1)
        default: return InvalidUTF8(offset: offset, length: 1, number: 3)
        }
        var code = UInt32(first) & (0x7F >> UInt32(length))
        for index in 1..<length {
            guard offset + index < bytes.count else {
                return InvalidUTF8(offset: offset, length: index, number: 2)
            }
            let byte = bytes[offset + index]
            if byte & 0xC0 != 0x80 {
                return InvalidUTF8(offset: offset, length: index, number: 4)
            }
            code = code << 6 | UInt32(byte & 0x3F)
        }
        if code < [0, 0, 0x80, 0x800, 0x10000][length] {
            return InvalidUTF8(offset: offset, length: length, number: 7)
        }
        if code & 0xFFFF_F800 == 0xD800 {
            return InvalidUTF8(offset: offset, length: length, number: 5)
        }
        if code > 0x10FFFF { return InvalidUTF8(offset: offset, length: length, number: 6) }
        offset += length
    }
    return nil
}
