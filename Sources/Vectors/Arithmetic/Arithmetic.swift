import CKernels
package import SQLTypes

/// Computes `left op right` row by row; NULL where either side is.
///
/// Exact results are int64 where bounds prove that they fit, else int128, and carry bounds.
///
/// - Throws: 22003 for overflow of the result type, 22012 for division by zero, 22008 for a date
///   or time out of range; only for rows where neither side is NULL.
package func arithmetic(
    _ op: ArithmeticOperator,
    _ left: Vector,
    _ right: Vector,
    leftType: DataType,
    rightType: DataType,
    resultType: DataType,
    count: Int
) throws(SQLError) -> Vector {
    let validity = CombinedValidity(left, right)
    if count == 0 { return Vector.of([], physical: resultType.physical) }
    if case .none = validity { return .nulls(physical: resultType.physical, count: count) }
    if left.isConstant && right.isConstant && count > 1 {
        let one = try arithmetic(
            op,
            left.repeated(count: 1),
            right.repeated(count: 1),
            leftType: leftType,
            rightType: rightType,
            resultType: resultType,
            count: 1
        )
        return .constant(one.datum(0), physical: one.physical, count: count)
    }
    if !leftType.isNumeric || !rightType.isNumeric {
        return try dateTimeArithmetic(
            op,
            DateTimeOperands(left, leftType, right, rightType),
            resultType: resultType,
            validity: validity,
            count: count
        )
    }
    if resultType.isFloat {
        return try floatArithmetic(
            op,
            asDoubles(left, leftType),
            asDoubles(right, rightType),
            resultType: resultType,
            validity: validity,
            count: count
        )
    }
    return try exactArithmetic(
        op,
        left,
        right,
        shape: ExactShape(op, leftType, rightType, resultType),
        validity: validity,
        count: count
    )
}

/// The negative of a number or an interval; NULL stays NULL.
///
/// - Throws: 22003 where the result does not fit its type.
package func negate(_ vector: Vector, type: DataType, count: Int) throws(SQLError) -> Vector {
    if type == .interval {
        return try negateIntervals(vector, count: count)
    }
    let zero: Vector =
        type.isFloat
        ? .constant(.float64(-0.0), physical: .float64, count: count)
        : .constant(.int64(0), physical: .int64, count: count)
    // A decimal's zero needs no digits of its own: the result keeps the operand's shape.
    return try arithmetic(
        .subtract,
        zero,
        vector.repeated(count: count),
        leftType: type,
        rightType: type,
        resultType: type,
        count: count
    )
}

/// Calls `fail` for the first row that `fails` and is not NULL; the slow path to a message.
func firstFailure(
    _ count: Int,
    _ validity: CombinedValidity,
    _ fails: (Int) -> Bool
) -> Int? {
    let words = validity.words(count: count)
    for row in 0..<count {
        if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
        if fails(row) { return row }
    }
    return nil
}

/// The error for a result that its exact type cannot hold.
///
/// - Source: Redshift's compute nodes: "Value out of range for 4 bytes".
func outOfRange(_ type: DataType) -> SQLError {
    switch type {
    case .smallint: SQLError(.numericValueOutOfRange, "Value out of range for 2 bytes")
    case .integer: SQLError(.numericValueOutOfRange, "Value out of range for 4 bytes")
    case .bigint: SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
    case .real, .doublePrecision:
        SQLError(.numericValueOutOfRange, "value out of range: overflow")
    case .date: SQLError(.datetimeFieldOverflow, "date out of range")
    case .timestamp, .timestampTZ: SQLError(.datetimeFieldOverflow, "timestamp out of range")
    case .interval: SQLError(.datetimeFieldOverflow, "interval out of range")
    default: SQLError(.numericValueOutOfRange, "Numeric data overflow (result precision)")
    }
}

/// The error for a divisor of zero.
func divisionByZero() -> SQLError { SQLError(.divisionByZero, "division by zero") }

// MARK: Floats

/// The values of a numeric column as doubles, decimals divided by their scale.
package func asDoubles(_ vector: Vector, _ type: DataType) -> Vector {
    if vector.physical == .float64 { return vector.isConstant ? vector : vector.flattened() }
    let wide = vector.widened(to: .float64)
    if type.scale == 0 || wide.isNullConstant { return wide }
    let divisor = Double(DataType.powerOfTen128(type.scale))
    let rows = wide.isConstant ? 1 : wide.count
    let buffer = Buffer(byteCount: max(1, rows) * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Double.self)
    withExtendedLifetime(wide) {
        let values = wide.entries(as: Double.self)
        for row in 0..<rows { target[row] = values[row] / divisor }
    }
    return Vector(
        physical: .float64,
        form: wide.form,
        count: wide.count,
        data: buffer.pointer,
        validity: wide.validity,
        owners: [buffer]
    )
}

private func floatArithmetic(
    _ op: ArithmeticOperator,
    _ left: Vector,
    _ right: Vector,
    resultType: DataType,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    let buffer = Buffer(byteCount: count * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Double.self)
    let (first, second) = (left.entries(as: Double.self), right.entries(as: Double.self))
    let own = left.isConstant ? 0 : 1
    let other = right.isConstant ? 0 : 1
    defer { withExtendedLifetime((left, right)) {} }
    if op == .divide || op == .modulo {
        var zeros: UInt8 = 0
        for row in 0..<count { zeros |= sk_bit(second[row &* other] == 0) }
        if zeros != 0 && firstFailure(count, validity, { second[$0 * other] == 0 }) != nil {
            throw divisionByZero()
        }
    }
    switch op {
    case .add: for row in 0..<count { target[row] = first[row &* own] + second[row &* other] }
    case .subtract: for row in 0..<count { target[row] = first[row &* own] - second[row &* other] }
    case .multiply: for row in 0..<count { target[row] = first[row &* own] * second[row &* other] }
    case .divide: for row in 0..<count { target[row] = first[row &* own] / second[row &* other] }
    case .modulo:
        for row in 0..<count {
            target[row] = first[row &* own].truncatingRemainder(dividingBy: second[row &* other])
        }
    }
    if resultType == .real {
        for row in 0..<count { target[row] = Double(Float(target[row])) }
    }
    var infinite: UInt8 = 0
    for row in 0..<count { infinite |= sk_bit(!target[row].isFinite) }
    // An infinity is an error only where the operands were finite.
    if infinite != 0,
        firstFailure(
            count,
            validity,
            {
                !target[$0].isFinite && first[$0 * own].isFinite && second[$0 * other].isFinite
            }
        ) != nil
    {
        throw outOfRange(resultType)
    }
    return Vector(
        physical: .float64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: validity.words(count: count),
        owners: [buffer]
    )
}
