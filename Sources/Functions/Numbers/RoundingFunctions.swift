import SQLTypes
import Vectors

/// ABS, CEIL, FLOOR, ROUND, TRUNC, SIGN and MOD: results of the argument's kind.
///
/// Integers stay what they are. A DECIMAL loses its digits after the point with CEIL, FLOOR and
/// with ROUND and TRUNC of one argument; with a constant number of digits it keeps so many, with
/// one that varies its own scale. DECIMAL rounds half away from zero, floats half to even.
///
/// - Source: Redshift's examples of CEILING, FLOOR, ROUND and TRUNC on DECIMAL(8,2).
enum RoundingFunctions {
    static let all: [ScalarFunction] =
        numeric(names: ["abs", "@"], integer: absolute, decimalType: { $0 }, decimal: absolute) {
            abs($0)
        }
        + numeric(
            names: ["ceil", "ceiling"],
            integer: nil,
            decimalType: withoutScale,
            decimal: { (call) throws(SQLError) in try rescale(call, to: 0, .up) }
        ) { $0.rounded(.up) }
        + numeric(
            names: ["floor"],
            integer: nil,
            decimalType: withoutScale,
            decimal: { (call) throws(SQLError) in try rescale(call, to: 0, .down) }
        ) { $0.rounded(.down) }
        + numeric(
            names: ["round"],
            integer: nil,
            decimalType: withoutScale,
            decimal: { (call) throws(SQLError) in try rescale(call, to: 0, .halfAway) }
        ) { $0.rounded(.toNearestOrEven) }
        + numeric(
            names: ["trunc"],
            integer: nil,
            decimalType: withoutScale,
            decimal: { (call) throws(SQLError) in try rescale(call, to: 0, .towardZero) }
        ) { $0.rounded(.towardZero) }
        + withDigits("round", .halfAway)
        + withDigits("trunc", .towardZero)
        + [
            .strict("sign", [anyDecimal], .decimal(precision: 1, scale: 0)) { (call) in
                switch call.vectors[0].physical {
                case .int128:
                    let values = call.column(0, as: Int128.self)
                    return call.makeIntegers { Int64(values[$0].signum()) }
                default:
                    let values = call.integers(0)
                    return call.makeIntegers { values[$0].signum() }
                }
            },
            .strict("sign", [.doublePrecision], .doublePrecision) { (call) in
                let values = call.floats(0)
                return call.makeFloats { row in
                    let value = values[row]
                    return value > 0 ? 1 : value < 0 ? -1 : value
                }
            },
        ] + modulo

    /// ROUND and TRUNC of DECIMAL to a constant number of digits, by that number: the result's
    /// scale is part of the overload.
    static let roundToScale: [ScalarFunction] = toScale("round", .halfAway)
    /// See ``roundToScale``.
    static let truncateToScale: [ScalarFunction] = toScale("trunc", .towardZero)
}

/// Which neighbour a value between two goes to.
enum RoundingDirection {
    case up, down, halfAway, towardZero
}

@Sendable
private func withoutScale(_ type: DataType) -> DataType {
    guard case .decimal(let precision, let scale) = type else { return type }
    // One more digit than the integer part has: 9.9 rounds to 10.
    return .decimal(precision: max(1, min(38, precision - scale + (scale > 0 ? 1 : 0))), scale: 0)
}

/// Overloads for SMALLINT, INTEGER, BIGINT, DECIMAL, REAL and DOUBLE PRECISION.
///
/// Without `integer`, integers are returned as they are.
private func numeric(
    names: [String],
    integer: CallKernel?,
    decimalType: @escaping @Sendable (DataType) -> DataType,
    decimal: @escaping CallKernel,
    float: @escaping @Sendable (Double) -> Double
) -> [ScalarFunction] {
    let integers = ([.smallint, .integer, .bigint] as [DataType]).flatMap { type in
        ScalarFunction.strict(names: names, [type], type, canFail: integer != nil) {
            (call) throws(SQLError) in
            guard let integer else { return call.vectors[0] }
            return try integer(call)
        }
    }
    let floats = ([.doublePrecision, .real] as [DataType]).flatMap { type in
        ScalarFunction.strict(names: names, [type], type) { (call) in
            let values = call.floats(0)
            return call.makeFloats { float(values[$0]) }
        }
    }
    return integers
        + ScalarFunction.strict(
            names: names,
            [anyDecimal],
            { decimalType($0[0]) },
            canFail: true,
            decimal
        ) + floats
}

@Sendable
private func absolute(_ call: Call) throws(SQLError) -> Vector {
    if call.vectors[0].physical == .int128 {
        let values = call.column(0, as: Int128.self)
        return call.makeWideIntegers { values[$0] < 0 ? 0 &- values[$0] : values[$0] }
    }
    let values = call.integers(0)
    let limit = call.types[0].integerLimits?.upperBound ?? Int64.max
    return try call.makeIntegers { (row) throws(SQLError) in
        let magnitude = values[row].magnitude
        if magnitude > limit.magnitude { throw outOfRange(call.types[0]) }
        return Int64(magnitude)
    }
}

/// The overflow error of an integer or decimal type.
func outOfRange(_ type: DataType) -> SQLError {
    switch type {
    case .smallint: SQLError(.numericValueOutOfRange, "Value out of range for 2 bytes")
    case .integer: SQLError(.numericValueOutOfRange, "Value out of range for 4 bytes")
    case .bigint: SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
    default: SQLError(.numericValueOutOfRange, "Numeric data overflow (result precision)")
    }
}

// MARK: - DECIMAL

/// The value without its last `drop` digits.
@inline(__always)
private func dropDigits<Integer: FixedWidthInteger & SignedInteger>(
    _ value: Integer,
    by power: Integer,
    _ direction: RoundingDirection
) -> Integer {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: power)
    switch direction {
    case .towardZero: return quotient
    case .up: return remainder > 0 ? quotient + 1 : quotient
    case .down: return remainder < 0 ? quotient - 1 : quotient
    case .halfAway:
        // The power is even, so its half is exact.
        if remainder >= power / 2 { return quotient + 1 }
        return remainder <= -(power / 2) ? quotient - 1 : quotient
    }
}

/// The first argument with `scale` digits after the point, which are no more than it has.
private func rescale(
    _ call: Call,
    to scale: Int,
    _ direction: RoundingDirection
) throws(SQLError) -> Vector {
    let drop = call.types[0].scale - scale
    if drop <= 0 { return call.vectors[0] }
    if call.vectors[0].physical == .int128 {
        let values = call.column(0, as: Int128.self)
        let power = DataType.powerOfTen128(drop)
        return call.makeWideIntegers { dropDigits(values[$0], by: power, direction) }
    }
    let values = call.integers(0)
    if drop > 18 {
        let power = DataType.powerOfTen128(drop)
        return call.makeIntegers {
            Int64(truncatingIfNeeded: dropDigits(Int128(values[$0]), by: power, direction))
        }
    }
    let power = DataType.powerOfTen64(drop)
    return call.makeIntegers { dropDigits(values[$0], by: power, direction) }
}

/// One value rounded to `digits` after the point, at its own scale; nil on overflow.
private func round(
    _ value: Int128,
    scale: Int,
    digits: Int64,
    _ direction: RoundingDirection
) -> Int128? {
    let drop = Int64(scale) - max(-100, min(100, digits))
    if drop <= 0 { return value }
    if drop > 38 { return 0 }
    let power = DataType.powerOfTen128(Int(drop))
    let (product, overflow) = dropDigits(value, by: power, direction)
        .multipliedReportingOverflow(by: power)
    return overflow ? nil : product
}

private func withDigits(_ name: String, _ direction: RoundingDirection) -> [ScalarFunction] {
    let integers = ([.smallint, .integer, .bigint] as [DataType]).map { type in
        ScalarFunction.strict(name, [type, .bigint], type, canFail: true) {
            (call) throws(SQLError) in
            let (values, digits) = (call.integers(0), call.integers(1))
            let limits = type.integerLimits ?? Int64.min...Int64.max
            return try call.makeIntegers { (row) throws(SQLError) in
                let rounded = round(Int128(values[row]), scale: 0, digits: digits[row], direction)
                guard let value = rounded.flatMap({ Int64(exactly: $0) }), limits.contains(value)
                else { throw outOfRange(type) }
                return value
            }
        }
    }
    return integers + [
        .strict(name, [anyDecimal, .bigint], { $0[0] }, canFail: true) { (call) throws(SQLError) in
            try roundDecimals(call, direction)
        },
        .strict(name, [.doublePrecision, .bigint], .doublePrecision) { (call) in
            let (values, digits) = (call.floats(0), call.integers(1))
            return call.makeFloats { row in
                round(values[row], digits: digits[row], direction)
            }
        },
    ]
}

private func roundDecimals(
    _ call: Call,
    _ direction: RoundingDirection
) throws(SQLError) -> Vector {
    let type = call.types[0]
    let digits = call.integers(1)
    guard call.vectors[0].physical == .int128 else {
        let values = call.integers(0)
        return try call.makeIntegers { (row) throws(SQLError) in
            let rounded = round(
                Int128(values[row]),
                scale: type.scale,
                digits: digits[row],
                direction
            )
            guard let value = rounded.flatMap({ Int64(exactly: $0) }) else {
                throw outOfRange(type)
            }
            return value
        }
    }
    let values = call.column(0, as: Int128.self)
    return try call.makeWideIntegers { (row) throws(SQLError) in
        let rounded = round(values[row], scale: type.scale, digits: digits[row], direction)
        guard let value = rounded else { throw outOfRange(type) }
        return value
    }
}

private func toScale(_ name: String, _ direction: RoundingDirection) -> [ScalarFunction] {
    (0...DataType.decimalMaxPrecision).map { scale in
        .strict(
            name,
            [anyDecimal, .bigint],
            { types in
                guard case .decimal(let precision, let own) = types[0], own > scale else {
                    return types[0]
                }
                return .decimal(
                    precision: max(1, min(38, precision - own + scale + 1)),
                    scale: scale
                )
            },
            canFail: true
        ) { (call) throws(SQLError) in try rescale(call, to: scale, direction) }
    }
}

// MARK: - Floats

private func round(_ value: Double, digits: Int64, _ direction: RoundingDirection) -> Double {
    let rule: FloatingPointRoundingRule =
        direction == .towardZero ? .towardZero : .toNearestOrEven
    guard value.isFinite else { return value }
    let places = Int(max(-400, min(400, digits)))
    if places > 300 { return value }
    if places < -308 { return 0 }
    let power = powerOfTen(abs(places))
    let scaled = places >= 0 ? value * power : value / power
    guard scaled.isFinite else { return value }
    let rounded = scaled.rounded(rule)
    return places >= 0 ? rounded / power : rounded * power
}

private func powerOfTen(_ exponent: Int) -> Double {
    var value = 1.0
    for _ in 0..<exponent { value *= 10 }
    return value
}

// MARK: - MOD

/// MOD has the types of `%`.
private let modulo: [ScalarFunction] = ([.smallint, .integer, .bigint, anyDecimal] as [DataType])
    .map { type in
        .strict(
            "mod",
            [type, type],
            { arithmeticResultType(.modulo, $0[0], $0[1]) ?? $0[0] },
            canFail: true
        ) { (call) throws(SQLError) in
            try arithmetic(
                .modulo,
                call.vectors[0],
                call.vectors[1],
                leftType: call.types[0],
                rightType: call.types[1],
                resultType: arithmeticResultType(.modulo, call.types[0], call.types[1])
                    ?? call.types[0],
                count: call.count
            )
        }
    }
