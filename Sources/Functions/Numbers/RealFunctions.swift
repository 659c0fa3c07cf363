import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Powers, roots, logarithms, trigonometry and PI: DOUBLE PRECISION in and out.
///
/// Zero and negative logarithms are 2201E, impossible powers and roots 2201F, results past the
/// greatest double 22003.
enum RealFunctions {
    static let all: [ScalarFunction] =
        ScalarFunction.strict(
            names: ["power", "pow", "^"],
            [.doublePrecision, .doublePrecision],
            .doublePrecision,
            canFail: true,
            power
        )
        + checked(names: ["sqrt", "|/"]) { (value) throws(SQLError) in
            if value < 0 {
                throw SQLError(
                    .invalidPowerArgument,
                    "cannot take square root of a negative number"
                )
            }
            return value.squareRoot()
        }
        + plain(names: ["cbrt", "||/", "dcbrt"], { cbrt($0) })
        + checked(names: ["exp", "dexp"]) { (value) throws(SQLError) in
            try inRange(exp(value), from: value)
        }
        + checked(names: ["ln", "dlog1"]) { (value) throws(SQLError) in
            try checkLogarithm(value)
            return log(value)
        }
        + checked(names: ["log", "dlog10"]) { (value) throws(SQLError) in
            try checkLogarithm(value)
            return log10(value)
        }
        + plain(names: ["degrees"], { $0 * (180 / Double.pi) })
        + plain(names: ["radians"], { $0 * (Double.pi / 180) })
        + plain(names: ["sin"], { sin($0) })
        + plain(names: ["cos"], { cos($0) })
        + plain(names: ["tan"], { tan($0) })
        + plain(names: ["cot"], { 1 / tan($0) })
        + plain(names: ["atan"], { atan($0) })
        + checked(names: ["asin"]) { (value) throws(SQLError) in
            try checkUnit(value)
            return asin(value)
        }
        + checked(names: ["acos"]) { (value) throws(SQLError) in
            try checkUnit(value)
            return acos(value)
        }
        + [
            .strict("atan2", [.doublePrecision, .doublePrecision], .doublePrecision) { (call) in
                let (ys, xs) = (call.floats(0), call.floats(1))
                return call.makeFloats { atan2(ys[$0], xs[$0]) }
            },
            ScalarFunction(
                "pi",
                parameters: [],
                resultType: { _ in .doublePrecision },
                kernel: { (_, _, count) -> Vector in
                    .constant(.float64(Double.pi), physical: .float64, count: count)
                }
            ),
        ]
}

private func plain(
    names: [String],
    _ function: @escaping @Sendable (Double) -> Double
) -> [ScalarFunction] {
    ScalarFunction.strict(names: names, [.doublePrecision], .doublePrecision) { (call) in
        let values = call.floats(0)
        return call.makeFloats { function(values[$0]) }
    }
}

private func checked(
    names: [String],
    _ function: @escaping @Sendable (Double) throws(SQLError) -> Double
) -> [ScalarFunction] {
    ScalarFunction.strict(names: names, [.doublePrecision], .doublePrecision, canFail: true) {
        (call) throws(SQLError) in
        let values = call.floats(0)
        return try call.makeFloats { (row) throws(SQLError) in try function(values[row]) }
    }
}

private func power(_ call: Call) throws(SQLError) -> Vector {
    let (bases, exponents) = (call.floats(0), call.floats(1))
    return try call.makeFloats { (row) throws(SQLError) in
        let (base, exponent) = (bases[row], exponents[row])
        if base == 0 && exponent < 0 {
            throw SQLError(
                .invalidPowerArgument,
                "zero raised to a negative power is undefined"
            )
        }
        if base < 0 && exponent.rounded(.down) != exponent {
            throw SQLError(
                .invalidPowerArgument,
                "a negative number raised to a non-integer power yields a complex result"
            )
        }
        let result = pow(base, exponent)
        if result.isInfinite && base.isFinite && exponent.isFinite { throw overflow }
        return result
    }
}

private var overflow: SQLError {
    SQLError(.numericValueOutOfRange, "value out of range: overflow")
}

private func inRange(_ result: Double, from argument: Double) throws(SQLError) -> Double {
    if result.isInfinite && argument.isFinite { throw overflow }
    return result
}

private func checkLogarithm(_ value: Double) throws(SQLError) {
    if value == 0 { throw SQLError(.invalidLogarithmArgument, "cannot take logarithm of zero") }
    if value < 0 {
        throw SQLError(
            .invalidLogarithmArgument,
            "cannot take logarithm of a negative number"
        )
    }
}

private func checkUnit(_ value: Double) throws(SQLError) {
    if value < -1 || value > 1 {
        throw SQLError(.numericValueOutOfRange, "input is out of range")
    }
}
