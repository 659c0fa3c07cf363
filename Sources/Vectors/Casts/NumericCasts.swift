import CKernels
import SQLTypes

// Between integers, decimals and floats.

func castNumeric(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    isExplicit: Bool,
    count: Int
) throws(SQLError) -> Vector {
    if to.isFloat { return try castToFloat(vector, from: from, to: to, count: count) }
    if from.isFloat { return try castFloatToExact(vector, to: to, count: count) }
    let (s1, s2) = (from.scale, to.scale)
    if s2 >= s1 {
        let limits = exactLimits(to)
        if s2 == s1, vector.physical == .int64,
            limits.lowerBound <= Int128(vector.impliedBounds.lowerBound),
            limits.upperBound >= Int128(vector.impliedBounds.upperBound)
        {
            return vector
        }
        return try rescale(vector, by: DataType.powerOfTen128(s2 - s1), to: to, count: count)
    }
    let rounds = !isExplicit || to.isInteger
    let divisor = DataType.powerOfTen128(s1 - s2)
    return try reduce(vector, by: divisor, rounds: rounds, to: to, count: count)
}

/// Multiplies by a power of ten and checks the limits of `to`.
private func rescale(
    _ vector: Vector,
    by factor: Int128,
    to: DataType,
    count: Int
) throws(SQLError) -> Vector {
    let isSmall = factor <= Int128(Int64.max)
    let constant = Vector.constant(
        isSmall ? .int64(Int64(factor)) : .int128(factor),
        physical: isSmall ? .int64 : .int128,
        count: count
    )
    let shape = ExactShape(.multiply, unscaled, unscaled, unscaled, limits: exactLimits(to), to)
    return try exactArithmetic(
        .multiply,
        vector,
        constant,
        shape: shape,
        validity: CombinedValidity(vector, constant),
        count: count
    )
}

private let unscaled = DataType.decimal(precision: 38, scale: 0)

extension ExactShape {
    /// A shape whose limits and error are those of another type than its result's scale.
    init(
        _ op: ArithmeticOperator,
        _ left: DataType,
        _ right: DataType,
        _ result: DataType,
        limits: ClosedRange<Int128>,
        _ type: DataType
    ) {
        let plain = ExactShape(op, left, right, result)
        self.init(
            op: op,
            leftFactor: plain.leftFactor,
            rightFactor: plain.rightFactor,
            reduction: plain.reduction,
            excess: plain.excess,
            resultType: type,
            limits: limits
        )
    }

    private init(
        op: ArithmeticOperator,
        leftFactor: Int128,
        rightFactor: Int128,
        reduction: Int128,
        excess: Int128,
        resultType: DataType,
        limits: ClosedRange<Int128>
    ) {
        self.op = op
        self.leftFactor = leftFactor
        self.rightFactor = rightFactor
        self.reduction = reduction
        self.excess = excess
        self.resultType = resultType
        self.limits = limits
    }
}

/// Drops digits: divides by a power of ten, rounding half away from zero or truncating.
private func reduce(
    _ vector: Vector,
    by divisor: Int128,
    rounds: Bool,
    to: DataType,
    count: Int
) throws(SQLError) -> Vector {
    let limits = exactLimits(to)
    let half = rounds ? divisor / 2 : 0
    let validity = vector.rowValidity
    if vector.physical == .int64, divisor <= Int128(Int64.max / 4) {
        let source = vector.flattened()
        let buffer = Buffer(byteCount: max(1, count) * 8)
        let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
        let (step, half) = (Int64(divisor), Int64(half))
        withExtendedLifetime(source) {
            let values = source.entries(as: Int64.self)
            for row in 0..<count {
                let (quotient, remainder) = values[row].quotientAndRemainder(dividingBy: step)
                let isAway = rounds && remainder.magnitude >= half.magnitude
                target[row] = quotient &+ (isAway ? (remainder < 0 ? -1 : 1) : 0)
            }
        }
        let bounds = flatBounds(target, count: count, validity: validity)
        if let bounds,
            Int128(bounds.lowerBound) < limits.lowerBound
                || Int128(bounds.upperBound) > limits.upperBound
        {
            throw outOfRange(to)
        }
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            bounds: bounds,
            owners: [buffer]
        )
    }
    let builder = VectorBuilder(physical: to.physical, capacity: count)
    for row in 0..<count {
        if vector.isNull(row) {
            builder.appendNull()
            continue
        }
        let (quotient, remainder) = vector.int128Value(row).quotientAndRemainder(
            dividingBy: divisor
        )
        let isAway = rounds && remainder.magnitude >= half.magnitude
        let value = quotient + (isAway ? (remainder < 0 ? -1 : 1) : 0)
        if !limits.contains(value) { throw outOfRange(to) }
        builder.append(.int128(value))
    }
    return builder.finish()
}

private func castToFloat(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    count: Int
) throws(SQLError) -> Vector {
    let wide = asDoubles(vector, from)
    if to != .real { return wide }
    let buffer = Buffer(byteCount: max(1, count) * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Double.self)
    for row in 0..<count { target[row] = Double(Float(wide.doubleValue(row))) }
    let validity = wide.rowValidity
    for row in 0..<count where !target[row].isFinite || target[row] == 0 {
        let value = wide.doubleValue(row)
        let isLost = target[row] == 0 ? value != 0 : value.isFinite
        if isLost && !wide.isNull(row) { throw outOfRange(.real) }
    }
    return Vector(
        physical: .float64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: validity,
        owners: [buffer]
    )
}

/// Floats to integers round half to even, as rint does; to decimals half away from zero on
/// their fifteen digits, as PostgreSQL's numeric does.
private func castFloatToExact(
    _ vector: Vector,
    to: DataType,
    count: Int
) throws(SQLError) -> Vector {
    let limits = exactLimits(to)
    let builder = VectorBuilder(physical: to.physical, capacity: count)
    let parser = ValueParser()
    let power = Double(DataType.powerOfTen128(to.scale))
    for row in 0..<count {
        if vector.isNull(row) {
            builder.appendNull()
            continue
        }
        let value = vector.doubleValue(row)
        if !value.isFinite { throw outOfRange(to) }
        if to.isInteger {
            guard let whole = Int64(exactly: value.rounded(.toNearestOrEven)),
                limits.contains(Int128(whole))
            else { throw outOfRange(to) }
            builder.appendInt64(whole)
            continue
        }
        let scaled = value * power
        let fraction = abs(scaled - scaled.rounded(.towardZero))
        var exact: Int128?
        if abs(scaled) < 1e15 && abs(fraction - 0.5) > 1e-3 {
            exact = Int128(scaled.rounded())
        } else {
            // Near a tie or beyond a double's precision the decimal digits decide.
            var text: [UInt8] = []
            appendDouble(value, to: &text)
            exact = text.withUnsafeBufferPointer {
                parser.parseDecimal($0, scale: to.scale, truncates: false).value
            }
        }
        guard let exact, limits.contains(exact) else { throw outOfRange(to) }
        builder.append(.int128(exact))
    }
    return builder.finish()
}
