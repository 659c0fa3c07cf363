import SQLTypes

// Exact arithmetic in 128 bits, for what bounds do not prove to fit 64: each row is checked.

func wideArithmetic(
    _ left: Vector,
    _ right: Vector,
    shape: ExactShape,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    let first = left.widened(to: .int128)
    let second = right.widened(to: .int128)
    defer { withExtendedLifetime((first, second)) {} }
    let (a, b) = (first.entries(as: Int128.self), second.entries(as: Int128.self))
    let own = first.isConstant ? 0 : 1
    let other = second.isConstant ? 0 : 1
    let buffer = Buffer(byteCount: count * 16)
    let target = buffer.pointer.assumingMemoryBound(to: Int128.self)
    var low = Int128.max
    var high = Int128.min
    let words = validity.words(count: count)
    for row in 0..<count {
        target[row] = 0
        if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
        let value = try wideResult(shape, a[row * own], b[row * other])
        target[row] = value
        low = min(low, value)
        high = max(high, value)
    }
    if low > high { (low, high) = (0, 0) }
    if low < shape.limits.lowerBound || high > shape.limits.upperBound {
        throw outOfRange(shape.resultType)
    }
    if let bounds = narrowed(low...high) {
        // What fits 64 bits goes on in 64 bits; the entries are packed in place.
        let packed = buffer.pointer.assumingMemoryBound(to: Int64.self)
        for row in 0..<count { packed[row] = Int64(truncatingIfNeeded: target[row]) }
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: words,
            bounds: bounds,
            owners: [buffer]
        )
    }
    return Vector(
        physical: .int128,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: words,
        owners: [buffer]
    )
}

private func wideResult(
    _ shape: ExactShape,
    _ left: Int128,
    _ right: Int128
) throws(SQLError) -> Int128 {
    let (a, overflow) = left.multipliedReportingOverflow(by: shape.leftFactor)
    let (b, overflow2) = right.multipliedReportingOverflow(by: shape.rightFactor)
    if (overflow || overflow2) && shape.op != .divide { throw outOfRange(shape.resultType) }
    let result: Int128
    let failed: Bool
    switch shape.op {
    case .add: (result, failed) = a.addingReportingOverflow(b)
    case .subtract: (result, failed) = a.subtractingReportingOverflow(b)
    case .multiply:
        if shape.reduction > 1 {
            return try reducedProduct(a, b, shape)
        }
        (result, failed) = a.multipliedReportingOverflow(by: b)
    case .divide: return try wideQuotient(shape, left, right)
    case .modulo:
        if b == 0 { throw divisionByZero() }
        (result, failed) = b == -1 ? (0, false) : (a % b, false)
    }
    if failed { throw outOfRange(shape.resultType) }
    return shape.reduction > 1 ? result / shape.reduction : result
}

/// A quotient whose dividend, once scaled, may have up to 256 bits, truncated.
private func wideQuotient(
    _ shape: ExactShape,
    _ left: Int128,
    _ right: Int128
) throws(SQLError) -> Int128 {
    if right == 0 { throw divisionByZero() }
    let (divisor, isHuge) = right.multipliedReportingOverflow(by: shape.rightFactor)
    // A divisor is scaled only where the dividend is not.
    if isHuge { return 0 }
    let (dividend, isWide) = left.multipliedReportingOverflow(by: shape.leftFactor)
    if !isWide && shape.excess == 1 {
        let (quotient, failed) = dividend.dividedReportingOverflow(by: divisor)
        if failed { throw outOfRange(shape.resultType) }
        return quotient
    }
    var (high, low) = left.magnitude.multipliedFullWidth(by: shape.leftFactor.magnitude)
    if shape.excess > 1 {
        let excess = shape.excess.magnitude
        let carried = low.multipliedFullWidth(by: excess)
        let (product, overflow) = high.multipliedReportingOverflow(by: excess)
        let (sum, overflow2) = product.addingReportingOverflow(carried.high)
        if overflow || overflow2 { throw outOfRange(shape.resultType) }
        (high, low) = (sum, carried.low)
    }
    if high >= divisor.magnitude { throw outOfRange(shape.resultType) }
    let quotient = divisor.magnitude.dividingFullWidth((high, low)).quotient
    guard let value = Int128(exactly: quotient) else { throw outOfRange(shape.resultType) }
    return (left < 0) != (right < 0) ? -value : value
}

/// A product of up to 256 bits divided by a power of ten, truncated.
private func reducedProduct(
    _ left: Int128,
    _ right: Int128,
    _ shape: ExactShape
) throws(SQLError) -> Int128 {
    var (high, low) = left.magnitude.multipliedFullWidth(by: right.magnitude)
    if shape.excess > 1 {
        let excess = shape.excess.magnitude
        let (quotient, remainder) = high.quotientAndRemainder(dividingBy: excess)
        low = excess.dividingFullWidth((remainder, low)).quotient
        high = quotient
    }
    let divisor = shape.reduction.magnitude
    if high >= divisor { throw outOfRange(shape.resultType) }
    let quotient = divisor.dividingFullWidth((high, low)).quotient
    guard let value = Int128(exactly: quotient) else { throw outOfRange(shape.resultType) }
    return (left < 0) != (right < 0) ? -value : value
}
