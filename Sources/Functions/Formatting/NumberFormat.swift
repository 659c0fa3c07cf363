import SQLTypes

/// A compiled pattern of TO_CHAR for numbers and of TO_NUMBER: `FM999,990.00`.
///
/// - Source: PostgreSQL's template patterns for numeric formatting.
struct NumberFormat: Sendable {
    enum Token: Sendable {
        case digit(isZero: Bool)
        case point
        case group
        case sign
        case minus
        case plus
        case plusMinus
        case currency
        case exponent
        case ordinal(isUpper: Bool)
        case roman
        case literal([UInt8])
    }

    private(set) var tokens: [Token] = []
    /// Digit places before and after the point.
    private(set) var integerDigits = 0
    private(set) var fractionDigits = 0
    /// V: the number is multiplied by 10 to this power.
    private(set) var shiftDigits = 0
    private(set) var isUnfilled = false
    private(set) var hasBrackets = false
    private(set) var hasExponent = false
    private(set) var isRoman = false
    private var hasSign = false
    /// Whether S stands before the digits: then the sign stands right before the first of them.
    private var hasLeadingSign = false
    /// The first place, from the left, that always shows a digit.
    private var firstZero: Int?

    /// Compiles a pattern.
    init(_ pattern: String) {
        let bytes = Array(pattern.utf8)
        var at = 0
        var isPastPoint = false
        var isShifting = false
        var literal: [UInt8] = []
        func has(_ text: String) -> Bool {
            let wanted = Array(text.utf8)
            guard at + wanted.count <= bytes.count else { return false }
            return zip(bytes[at...], wanted).allSatisfy { upperLetter($0) == $1 }
        }
        while at < bytes.count {
            var token: Token?
            var length = 1
            if has("EEEE") {
                (token, length, hasExponent) = (.exponent, 4, true)
            } else if has("FM") {
                (length, isUnfilled) = (2, true)
                at += length
                continue
            } else if has("MI") {
                (token, length, hasSign) = (.minus, 2, true)
            } else if has("PL") {
                (token, length) = (.plus, 2)
            } else if has("SG") {
                (token, length, hasSign) = (.plusMinus, 2, true)
            } else if has("PR") {
                (length, hasBrackets) = (2, true)
                at += length
                continue
            } else if has("RN") {
                (token, length, isRoman) = (.roman, 2, true)
            } else if has("TH") {
                (token, length) = (.ordinal(isUpper: bytes[at] == UInt8(ascii: "T")), 2)
            } else {
                switch upperLetter(bytes[at]) {
                case UInt8(ascii: "9"), UInt8(ascii: "0"):
                    let isZero = bytes[at] == UInt8(ascii: "0")
                    token = .digit(isZero: isZero)
                    if isPastPoint { fractionDigits += 1 } else { integerDigits += 1 }
                    if isShifting { shiftDigits += 1 }
                    if isZero && !isPastPoint && firstZero == nil { firstZero = integerDigits - 1 }
                case UInt8(ascii: "."), UInt8(ascii: "D"):
                    if !isPastPoint { token = .point }
                    isPastPoint = true
                case UInt8(ascii: ","), UInt8(ascii: "G"): token = .group
                case UInt8(ascii: "S"):
                    (token, hasSign) = (.sign, true)
                    if integerDigits + fractionDigits == 0 { hasLeadingSign = true }
                case UInt8(ascii: "L"), UInt8(ascii: "$"): token = .currency
                case UInt8(ascii: "V"):
                    isShifting = true
                    at += 1
                    continue
                case UInt8(ascii: "\""):
                    at += 1
                    while at < bytes.count && bytes[at] != UInt8(ascii: "\"") {
                        literal.append(bytes[at])
                        at += 1
                    }
                    at += 1
                    continue
                default: literal.append(bytes[at])
                }
            }
            at += length
            guard let token else { continue }
            if !literal.isEmpty { tokens.append(.literal(literal)) }
            literal = []
            tokens.append(token)
        }
        if !literal.isEmpty { tokens.append(.literal(literal)) }
    }

    /// Appends the text of `magnitude` / 10^`fractionDigits`, already rounded to the pattern.
    func append(_ magnitude: UInt128, isNegative: Bool, to bytes: inout [UInt8]) {
        var digits = Array(String(magnitude).utf8)
        let shown = fractionDigits
        if digits.count <= shown {
            digits = [UInt8](repeating: 48, count: shown + 1 - digits.count) + digits
        }
        let integer = Array(digits[0..<(digits.count - shown)])
        let fraction = Array(digits[(digits.count - shown)...])
        let isZeroInteger = integer == [48]
        let fits = isZeroInteger || integer.count <= integerDigits
        // A zero integer part shows no digit where there are places after the point.
        let isBare = isUnfilled && magnitude == 0 && !isForcedZero(fractionPlace: 0)
        let showsZero = integerDigits > 0 && (shown == 0 || isBare)
        let present = isZeroInteger && !showsZero ? [] : integer
        write(integer: present, fraction: fraction, isNegative: isNegative, fits: fits, to: &bytes)
    }

    private func write(
        integer: [UInt8],
        fraction: [UInt8],
        isNegative: Bool,
        fits: Bool,
        to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        let overflow = UInt8(ascii: "#")
        var place = 0
        var fractionPlace = 0
        var isPastPoint = false
        let firstDigit = fits ? min(integerDigits - integer.count, firstZero ?? integerDigits) : 0
        // The sign stands right before the first digit, or before the point where there is none.
        var signPending = !hasBrackets && (!hasSign || hasLeadingSign)
        var bracketPending = hasBrackets
        var lastFraction = fraction.count
        if isUnfilled && fits {
            while lastFraction > 0 && fraction[lastFraction - 1] == 48
                && !isForcedZero(fractionPlace: lastFraction - 1)
            {
                lastFraction -= 1
            }
        }
        func writeSign(_ bytes: inout [UInt8]) {
            if signPending {
                if isNegative {
                    bytes.append(UInt8(ascii: "-"))
                } else if hasLeadingSign {
                    bytes.append(UInt8(ascii: "+"))
                } else if !isUnfilled {
                    bytes.append(32)
                }
                signPending = false
            }
            if bracketPending {
                if isNegative {
                    bytes.append(UInt8(ascii: "<"))
                } else if !isUnfilled {
                    bytes.append(32)
                }
                bracketPending = false
            }
        }
        for token in tokens {
            switch token {
            case .digit where isPastPoint:
                if fractionPlace < lastFraction {
                    bytes.append(fits ? fraction[fractionPlace] : overflow)
                }
                fractionPlace += 1
            case .digit:
                if place < firstDigit {
                    if !isUnfilled { bytes.append(32) }
                } else {
                    writeSign(&bytes)
                    let index = place - (integerDigits - integer.count)
                    bytes.append(!fits ? overflow : index < 0 ? 48 : integer[index])
                }
                place += 1
            case .point:
                writeSign(&bytes)
                isPastPoint = true
                bytes.append(UInt8(ascii: "."))
            case .group:
                if place > firstDigit {
                    bytes.append(UInt8(ascii: ","))
                } else if !isUnfilled {
                    bytes.append(32)
                }
            case .sign where hasLeadingSign: break
            case .sign, .plusMinus:
                bytes.append(UInt8(ascii: isNegative ? "-" : "+"))
            case .minus:
                if isNegative {
                    bytes.append(UInt8(ascii: "-"))
                } else if !isUnfilled {
                    bytes.append(32)
                }
            case .plus:
                if !isNegative {
                    bytes.append(UInt8(ascii: "+"))
                } else if !isUnfilled {
                    bytes.append(32)
                }
            case .currency: bytes.append(UInt8(ascii: "$"))
            case .ordinal(let isUpper):
                if !isNegative && fractionDigits == 0 {
                    let suffix = ordinalSuffix(String(decoding: integer, as: UTF8.self))
                    bytes.append(contentsOf: (isUpper ? suffix.uppercased() : suffix).utf8)
                }
            case .literal(let text): bytes.append(contentsOf: text)
            case .exponent, .roman: break
            }
        }
        if hasBrackets && (isNegative || !isUnfilled) {
            bytes.append(isNegative ? UInt8(ascii: ">") : 32)
        }
        if bytes.count == start && isUnfilled && integerDigits > 0 { bytes.append(48) }
    }

    private func isForcedZero(fractionPlace: Int) -> Bool {
        var place = -1
        var isPastPoint = false
        var lastZero = -1
        for token in tokens {
            if case .point = token { isPastPoint = true }
            if case .digit(let isZero) = token, isPastPoint {
                place += 1
                if isZero { lastZero = place }
            }
        }
        return fractionPlace <= lastZero
    }

    /// The unscaled number with `fractionDigits` after the point that a text shows.
    ///
    /// - Throws: 22P02 where the text has no digit or more than the pattern has places.
    func read(_ text: UnsafeBufferPointer<UInt8>) throws(SQLError) -> Int128 {
        var value: Int128 = 0
        var isNegative = false
        var isPastPoint = false
        var (before, after) = (0, 0)
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isPastPoint && after == fractionDigits { continue }
                if isPastPoint { after += 1 } else { before += 1 }
                if before + after > 38 { throw invalid(text) }
                value = value * 10 + Int128(byte - 48)
            case UInt8(ascii: "."): isPastPoint = true
            case UInt8(ascii: "-"), UInt8(ascii: "<"): isNegative = true
            default: break
            }
        }
        if before + after == 0 { throw invalid(text) }
        let (scaled, overflow) = value.multipliedReportingOverflow(
            by: DataType.powerOfTen128(fractionDigits - after)
        )
        if overflow { throw outOfRange(anyDecimal) }
        return isNegative ? -scaled : scaled
    }

    private func invalid(_ text: UnsafeBufferPointer<UInt8>) -> SQLError {
        SQLError(
            .invalidTextRepresentation,
            "invalid input syntax for type numeric: \"\(String(decoding: text, as: UTF8.self))\""
        )
    }
}
