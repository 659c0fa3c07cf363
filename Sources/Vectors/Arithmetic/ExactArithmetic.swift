import CKernels
import SQLTypes

// Integers and decimals. Bounds of the operands decide the loop once per chunk: wrapping 64-bit
// where the interval of the result fits, else Int128 with checks.

/// What an exact operation does to unscaled integers.
///
/// `add`, `subtract`, `modulo`: each side times its factor, then the operation, then divided by
/// `reduction`. `multiply`: the product divided by `reduction`. `divide`: the left side times
/// `leftFactor`, divided by the right side times `rightFactor`. Divisions truncate. A factor past
/// 10^38 is split: `excess` multiplies `leftFactor` of a division and `reduction` of a product.
struct ExactShape {
    let op: ArithmeticOperator
    let leftFactor: Int128
    let rightFactor: Int128
    let reduction: Int128
    let excess: Int128
    let resultType: DataType
    /// What the result type admits.
    let limits: ClosedRange<Int128>

    init(_ op: ArithmeticOperator, _ left: DataType, _ right: DataType, _ result: DataType) {
        self.op = op
        resultType = result
        limits = exactLimits(result)
        let (s1, s2, rs) = (left.scale, right.scale, result.scale)
        switch op {
        case .add, .subtract, .modulo:
            let scale = max(s1, s2)
            leftFactor = DataType.powerOfTen128(scale - s1)
            rightFactor = DataType.powerOfTen128(scale - s2)
            reduction = scale > rs ? DataType.powerOfTen128(scale - rs) : 1
            excess = 1
        case .multiply:
            let shift = s1 + s2 - rs
            leftFactor = 1
            rightFactor = 1
            reduction = shift > 0 ? DataType.powerOfTen128(min(38, shift)) : 1
            excess = DataType.powerOfTen128(max(0, shift - 38))
        case .divide:
            let shift = rs - s1 + s2
            leftFactor = shift > 0 ? DataType.powerOfTen128(min(38, shift)) : 1
            rightFactor = shift < 0 ? DataType.powerOfTen128(min(38, -shift)) : 1
            reduction = 1
            excess = DataType.powerOfTen128(max(0, shift - 38))
        }
    }
}

/// The unscaled integers an exact type admits.
func exactLimits(_ type: DataType) -> ClosedRange<Int128> {
    if let limits = type.integerLimits {
        return Int128(limits.lowerBound)...Int128(limits.upperBound)
    }
    if case .decimal(let precision, _) = type {
        let power = DataType.powerOfTen128(min(38, precision))
        return -(power - 1)...power - 1
    }
    return Int128.min...Int128.max
}

func exactArithmetic(
    _ op: ArithmeticOperator,
    _ left: Vector,
    _ right: Vector,
    shape: ExactShape,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    if left.physical == .int64 && right.physical == .int64 {
        // Declared bounds first; where they do not prove enough, those of the values.
        var bounds = resultBounds(shape, left.impliedBounds, right.impliedBounds)
        if bounds.map({ !fits($0, shape.limits) }) ?? true,
            let first = tightBounds(left), let second = tightBounds(right)
        {
            bounds = resultBounds(shape, first, second)
        }
        if let bounds, let narrow = narrowed(bounds.result), bounds.fits64 {
            return try narrowArithmetic(
                left,
                right,
                shape: shape,
                bounds: narrow,
                validity: validity,
                count: count
            )
        }
    }
    return try wideArithmetic(left, right, shape: shape, validity: validity, count: count)
}

private func tightBounds(_ vector: Vector) -> ClosedRange<Int64>? {
    vector.bounds == nil || vector.bounds == Int64.min...Int64.max
        ? (vector.form == .flat
            ? flatBounds(
                vector.entries(as: Int64.self),
                count: vector.count,
                validity: vector.validity
            )
            : vector.knownBounds())
        : vector.bounds
}

/// The interval of a result, and whether every intermediate fits 64 bits.
private struct ResultBounds {
    let result: ClosedRange<Int128>
    let fits64: Bool
}

private func fits(_ bounds: ResultBounds, _ limits: ClosedRange<Int128>) -> Bool {
    bounds.fits64 && bounds.result.lowerBound >= limits.lowerBound
        && bounds.result.upperBound <= limits.upperBound
}

func narrowed(_ range: ClosedRange<Int128>) -> ClosedRange<Int64>? {
    guard let low = Int64(exactly: range.lowerBound), let high = Int64(exactly: range.upperBound)
    else { return nil }
    return low...high
}

/// Interval arithmetic; nil where even Int128 overflows.
private func resultBounds(
    _ shape: ExactShape,
    _ left: ClosedRange<Int64>,
    _ right: ClosedRange<Int64>
) -> ResultBounds? {
    guard let a = scaled(left, shape.leftFactor), let b = scaled(right, shape.rightFactor) else {
        return nil
    }
    let result: ClosedRange<Int128>
    switch shape.op {
    case .add:
        result = a.lowerBound + b.lowerBound...a.upperBound + b.upperBound
    case .subtract:
        result = a.lowerBound - b.upperBound...a.upperBound - b.lowerBound
    case .multiply:
        // 64 by 64 bits always fits 128.
        let products = [
            a.lowerBound * b.lowerBound, a.lowerBound * b.upperBound,
            a.upperBound * b.lowerBound, a.upperBound * b.upperBound,
        ]
        result = (products.min() ?? 0)...(products.max() ?? 0)
    case .divide:
        // Integers are no smaller than one, so a quotient is no greater than its dividend.
        let largest = max(magnitude(a.lowerBound), magnitude(a.upperBound))
        var quotient = largest
        if b.lowerBound > 0 { quotient = largest / b.lowerBound }
        if b.upperBound < 0 { quotient = largest / -b.upperBound }
        result = (a.lowerBound >= 0 && b.lowerBound >= 0 ? 0 : -quotient)...quotient
    case .modulo:
        let divisor = max(magnitude(b.lowerBound), magnitude(b.upperBound))
        let largest = min(
            max(magnitude(a.lowerBound), magnitude(a.upperBound)),
            max(0, divisor - 1)
        )
        result = (a.lowerBound >= 0 ? 0 : -largest)...(a.upperBound <= 0 ? 0 : largest)
    }
    // Zero fits whatever its factor, so the factors are looked at on their own.
    let largest = max(shape.leftFactor, shape.rightFactor)
    let fits64 =
        narrowed(a) != nil && narrowed(b) != nil && narrowed(result) != nil && shape.excess == 1
        && largest <= Int128(Int64.max)
    if shape.reduction > 1 {
        let reduced = result.lowerBound / shape.reduction...result.upperBound / shape.reduction
        return ResultBounds(
            result: reduced,
            fits64: fits64 && shape.reduction <= Int128(Int64.max)
        )
    }
    return ResultBounds(result: result, fits64: fits64)
}

private func magnitude(_ value: Int128) -> Int128 { value < 0 ? -value : value }

/// A range times a factor; nil where adding two such ranges might overflow.
private func scaled(_ range: ClosedRange<Int64>, _ factor: Int128) -> ClosedRange<Int128>? {
    let (low, overflow) = Int128(range.lowerBound).multipliedReportingOverflow(by: factor)
    let (high, overflow2) = Int128(range.upperBound).multipliedReportingOverflow(by: factor)
    if overflow || overflow2 || low < Int128.min / 4 || high > Int128.max / 4 { return nil }
    return low...high
}

// MARK: 64 bits

private func narrowArithmetic(
    _ left: Vector,
    _ right: Vector,
    shape: ExactShape,
    bounds: ClosedRange<Int64>,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    if shape.op == .divide || shape.op == .modulo {
        return try narrowDivision(
            left,
            right,
            shape: shape,
            bounds: bounds,
            validity: validity,
            count: count
        )
    }
    let (low, high) = (
        Int64(shape.limits.lowerBound.clamped64), Int64(shape.limits.upperBound.clamped64)
    )
    let isProved = bounds.lowerBound >= low && bounds.upperBound <= high
    let known =
        max(bounds.lowerBound, low)...max(max(bounds.lowerBound, low), min(bounds.upperBound, high))
    if isProved && shape.reduction == 1,
        let moved = movedBase(
            left,
            right,
            shape: shape,
            bounds: bounds,
            validity: validity,
            count: count
        )
    {
        return moved
    }
    let buffer = Buffer(byteCount: count * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
    if shape.op == .multiply {
        multiply(left, right, count: count, into: target)
    } else {
        let first = scaledColumn(left, by: Int64(shape.leftFactor), count: count)
        let second = scaledColumn(right, by: Int64(shape.rightFactor), count: count)
        withExtendedLifetime((first, second)) {
            addOrSubtract(shape.op, first, second, count: count, into: target)
        }
    }
    if shape.reduction > 1 {
        let divisor = Int64(shape.reduction)
        for row in 0..<count { target[row] /= divisor }
    }
    if !isProved {
        var outside: UInt8 = 0
        for row in 0..<count { outside |= sk_bit(target[row] < low) | sk_bit(target[row] > high) }
        if outside != 0,
            firstFailure(count, validity, { target[$0] < low || target[$0] > high }) != nil
        {
            throw outOfRange(shape.resultType)
        }
    }
    return Vector(
        physical: .int64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: validity.words(count: count),
        bounds: known,
        owners: [buffer]
    )
}

/// A narrow column plus, minus or from a constant: only the base moves, offsets stay or flip.
private func movedBase(
    _ left: Vector,
    _ right: Vector,
    shape: ExactShape,
    bounds: ClosedRange<Int64>,
    validity: CombinedValidity,
    count: Int
) -> Vector? {
    guard shape.leftFactor == 1, shape.rightFactor == 1 else { return nil }
    let column = left.isConstant ? right : left
    let constant = (left.isConstant ? left : right).int64Value(0)
    guard left.isConstant != right.isConstant else { return nil }
    let greatest: Int64
    switch column.form {
    case .narrow8: greatest = 0xFF
    case .narrow16: greatest = 0xFFFF
    case .narrow32: greatest = 0xFFFF_FFFF
    default: return nil
    }
    if shape.op == .add || (shape.op == .subtract && right.isConstant) {
        let (base, overflow) =
            shape.op == .add
            ? column.base.addingReportingOverflow(constant)
            : column.base.subtractingReportingOverflow(constant)
        if overflow { return nil }
        return Vector(
            physical: .int64,
            form: column.form,
            count: count,
            data: column.data,
            base: base,
            validity: column.validity,
            bounds: bounds,
            owners: column.owners
        )
    }
    guard shape.op == .subtract, column.form != .narrow32 else { return nil }
    // c - (base + offset) = (c - base - greatest) + (greatest - offset)
    let (part, overflow) = constant.subtractingReportingOverflow(column.base)
    let (base, overflow2) = part.subtractingReportingOverflow(greatest)
    if overflow || overflow2 { return nil }
    let buffer = Buffer(byteCount: count * column.form.stride(of: .int64))
    if column.form == .narrow8 {
        flip(column.entries(as: UInt8.self), count, into: buffer)
    } else {
        flip(column.entries(as: UInt16.self), count, into: buffer)
    }
    return Vector(
        physical: .int64,
        form: column.form,
        count: count,
        data: buffer.pointer,
        base: base,
        validity: column.validity,
        bounds: bounds,
        owners: [buffer]
    )
}

private func flip<Offset: FixedWidthInteger & UnsignedInteger>(
    _ offsets: UnsafePointer<Offset>,
    _ count: Int,
    into buffer: Buffer
) {
    let target = buffer.pointer.assumingMemoryBound(to: Offset.self)
    for row in 0..<count { target[row] = ~offsets[row] }
}

private func scaledColumn(_ vector: Vector, by factor: Int64, count: Int) -> Vector {
    let source = vector.isConstant ? vector : vector.flattened()
    if factor == 1 { return source }
    if vector.isConstant {
        return .constant(.int64(vector.int64Value(0) &* factor), physical: .int64, count: count)
    }
    let buffer = Buffer(byteCount: max(1, count) * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
    withExtendedLifetime(source) {
        sk_multiply_i64_constant(source.entries(as: Int64.self), factor, count, target)
    }
    return Vector(
        physical: .int64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        owners: [buffer]
    )
}

private func addOrSubtract(
    _ op: ArithmeticOperator,
    _ left: Vector,
    _ right: Vector,
    count: Int,
    into target: UnsafeMutablePointer<Int64>
) {
    let (first, second) = (left.entries(as: Int64.self), right.entries(as: Int64.self))
    switch (left.isConstant, right.isConstant) {
    case (true, true):
        target.update(
            repeating: op == .add ? first[0] &+ second[0] : first[0] &- second[0],
            count: count
        )
    case (false, true):
        let constant = op == .add ? second[0] : 0 &- second[0]
        sk_add_i64_constant(first, constant, count, target)
    case (true, false):
        if op == .add {
            sk_add_i64_constant(second, first[0], count, target)
        } else {
            let constant = first[0]
            for row in 0..<count { target[row] = constant &- second[row] }
        }
    case (false, false):
        if op == .add {
            sk_add_i64(first, second, count, target)
        } else {
            sk_subtract_i64(first, second, count, target)
        }
    }
}

private func multiply(
    _ left: Vector,
    _ right: Vector,
    count: Int,
    into target: UnsafeMutablePointer<Int64>
) {
    if width(left) < width(right) {
        return multiply(right, left, count: count, into: target)
    }
    let (a, b) = (left.base, right.base)
    let n = count
    switch (left.form, right.form) {
    case (_, .constant):
        if left.isConstant {
            target.update(repeating: left.int64Value(0) &* right.int64Value(0), count: count)
            return
        }
        let flat = left.flattened()
        withExtendedLifetime(flat) {
            sk_multiply_i64_constant(flat.entries(as: Int64.self), right.int64Value(0), n, target)
        }
    case (.flat, .narrow8):
        sk_product_i64_u8(
            left.entries(as: Int64.self),
            a,
            right.entries(as: UInt8.self),
            b,
            n,
            target
        )
    case (.flat, .narrow16):
        sk_product_i64_u16(
            left.entries(as: Int64.self),
            a,
            right.entries(as: UInt16.self),
            b,
            n,
            target
        )
    case (.flat, .narrow32):
        sk_product_i64_u32(
            left.entries(as: Int64.self),
            a,
            right.entries(as: UInt32.self),
            b,
            n,
            target
        )
    case (.narrow32, .narrow8):
        sk_product_u32_u8(
            left.entries(as: UInt32.self),
            a,
            right.entries(as: UInt8.self),
            b,
            n,
            target
        )
    case (.narrow32, .narrow16):
        sk_product_u32_u16(
            left.entries(as: UInt32.self),
            a,
            right.entries(as: UInt16.self),
            b,
            n,
            target
        )
    case (.narrow32, .narrow32):
        sk_product_u32_u32(
            left.entries(as: UInt32.self),
            a,
            right.entries(as: UInt32.self),
            b,
            n,
            target
        )
    case (.narrow16, .narrow8):
        sk_product_u16_u8(
            left.entries(as: UInt16.self),
            a,
            right.entries(as: UInt8.self),
            b,
            n,
            target
        )
    case (.narrow16, .narrow16):
        sk_product_u16_u16(
            left.entries(as: UInt16.self),
            a,
            right.entries(as: UInt16.self),
            b,
            n,
            target
        )
    case (.narrow8, .narrow8):
        sk_product_u8_u8(
            left.entries(as: UInt8.self),
            a,
            right.entries(as: UInt8.self),
            b,
            n,
            target
        )
    default:
        let (first, second) = (left.flattened(), right.flattened())
        withExtendedLifetime((first, second)) {
            sk_multiply_i64(
                first.entries(as: Int64.self),
                second.entries(as: Int64.self),
                n,
                target
            )
        }
    }
}

/// Orders forms so that products need half the kernels: flat, then narrow, then constant.
private func width(_ vector: Vector) -> Int {
    switch vector.form {
    case .dictionary8, .dictionary16, .dictionary32: 5
    case .flat: 4
    case .narrow32: 3
    case .narrow16: 2
    case .narrow8: 1
    case .constant: 0
    }
}

private func narrowDivision(
    _ left: Vector,
    _ right: Vector,
    shape: ExactShape,
    bounds: ClosedRange<Int64>,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    let first = scaledColumn(left, by: Int64(shape.leftFactor), count: count)
    let second = scaledColumn(right, by: Int64(shape.rightFactor), count: count)
    defer { withExtendedLifetime((first, second)) {} }
    let (a, b) = (first.entries(as: Int64.self), second.entries(as: Int64.self))
    let own = first.isConstant ? 0 : 1
    let other = second.isConstant ? 0 : 1
    let buffer = Buffer(byteCount: count * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
    var zeros: UInt8 = 0
    let divisor = b[0]
    if other == 0 && divisor != 0 && divisor != -1 {
        if shape.op == .divide {
            for row in 0..<count { target[row] = a[row &* own] / divisor }
        } else {
            for row in 0..<count { target[row] = a[row &* own] % divisor }
        }
    } else {
        for row in 0..<count {
            var divisor = b[row &* other]
            let isZero = divisor == 0
            zeros |= sk_bit(isZero)
            if isZero { divisor = 1 }
            // A quotient of -1 could overflow only where the bounds did not exclude it.
            target[row] =
                divisor == -1
                ? (shape.op == .divide ? 0 &- a[row &* own] : 0)
                : shape.op == .divide ? a[row &* own] / divisor : a[row &* own] % divisor
        }
    }
    if zeros != 0 && firstFailure(count, validity, { b[$0 * other] == 0 }) != nil {
        throw divisionByZero()
    }
    if shape.reduction > 1 {
        let reduction = Int64(shape.reduction)
        for row in 0..<count { target[row] /= reduction }
    }
    let limits = (shape.limits.lowerBound.clamped64, shape.limits.upperBound.clamped64)
    if bounds.lowerBound < limits.0 || bounds.upperBound > limits.1 {
        let fails = { (row: Int) in target[row] < limits.0 || target[row] > limits.1 }
        if firstFailure(count, validity, fails) != nil { throw outOfRange(shape.resultType) }
    }
    return Vector(
        physical: .int64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: validity.words(count: count),
        bounds: bounds,
        owners: [buffer]
    )
}

extension Int128 {
    /// The value, or the nearest that 64 bits hold.
    var clamped64: Int64 {
        Int64(exactly: self) ?? (self < 0 ? .min : .max)
    }
}
