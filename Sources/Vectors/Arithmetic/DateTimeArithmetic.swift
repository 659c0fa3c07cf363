package import SQLTypes

// Dates, times, timestamps and intervals. Rows are few compared with scans, so one plain loop
// over decoded values serves all operators but date plus and minus days, which are integers.

/// Two operands with their types.
struct DateTimeOperands {
    let left: Vector
    let leftType: DataType
    let right: Vector
    let rightType: DataType

    init(_ left: Vector, _ leftType: DataType, _ right: Vector, _ rightType: DataType) {
        self.left = left
        self.leftType = leftType
        self.right = right
        self.rightType = rightType
    }
}

func dateTimeArithmetic(
    _ op: ArithmeticOperator,
    _ operands: DateTimeOperands,
    resultType: DataType,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    let (left, right) = (operands.left, operands.right)
    switch (operands.leftType, op, operands.rightType) {
    case (.date, _, let days) where days.isInteger && (op == .add || op == .subtract):
        return try addDays(op, left, right, validity: validity, count: count)
    case (let days, .add, .date) where days.isInteger:
        return try addDays(op, left, right, validity: validity, count: count)
    case (.date, .subtract, .date):
        let shape = ExactShape(.subtract, .integer, .integer, .integer)
        return try exactArithmetic(
            .subtract,
            left,
            right,
            shape: shape,
            validity: validity,
            count: count
        )
    case (.interval, .multiply, let factor) where factor.isNumeric:
        return try scaleIntervals(
            left,
            asDoubles(right, factor),
            validity,
            count,
            isDivision: false
        )
    case (let factor, .multiply, .interval) where factor.isNumeric:
        return try scaleIntervals(
            right,
            asDoubles(left, factor),
            validity,
            count,
            isDivision: false
        )
    case (.interval, .divide, let factor) where factor.isNumeric:
        return try scaleIntervals(left, asDoubles(right, factor), validity, count, isDivision: true)
    case (.interval, .add, let other) where other != .interval:
        let swapped = DateTimeOperands(right, other, left, .interval)
        return try addIntervals(.add, swapped, resultType, validity, count)
    case (_, .add, .interval), (_, .subtract, .interval):
        return try addIntervals(op, operands, resultType, validity, count)
    case (.timeTZ, .add, .date):
        let swapped = DateTimeOperands(right, .date, left, .timeTZ)
        return try addMoments(.add, swapped, resultType, validity, count)
    case (.date, .add, .time), (.time, .add, .date), (.date, .add, .timeTZ), (_, .subtract, _):
        return try addMoments(op, operands, resultType, validity, count)
    default:
        throw SQLError.invariant(
            "no operator \(operands.leftType) \(op.symbol) \(operands.rightType)"
        )
    }
}

private func addDays(
    _ op: ArithmeticOperator,
    _ left: Vector,
    _ right: Vector,
    validity: CombinedValidity,
    count: Int
) throws(SQLError) -> Vector {
    let shape = ExactShape(op, .bigint, .bigint, .bigint)
    let result: Vector
    do {
        result = try exactArithmetic(
            op,
            left,
            right,
            shape: shape,
            validity: validity,
            count: count
        )
    } catch {
        throw outOfRange(.date)
    }
    if let bounds = result.bounds, contains(Calendar.dayRange, bounds) { return result }
    let fails = { (row: Int) in !Calendar.dayRange.contains(result.int64Value(row)) }
    if firstFailure(count, validity, fails) != nil { throw outOfRange(.date) }
    return result
}

private func contains(_ outer: ClosedRange<Int64>, _ inner: ClosedRange<Int64>) -> Bool {
    outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound
}

/// A moment's value in microseconds: dates count from midnight, times with a zone in UTC.
private func microseconds(_ value: Int64, _ type: DataType) -> Int64 {
    switch type {
    case .date: value &* Calendar.microsecondsPerDay
    case .timeTZ: ZonedTime(packed: value).utc
    default: value
    }
}

/// Date plus time, and differences of two moments.
private func addMoments(
    _ op: ArithmeticOperator,
    _ operands: DateTimeOperands,
    _ resultType: DataType,
    _ validity: CombinedValidity,
    _ count: Int
) throws(SQLError) -> Vector {
    let builder = VectorBuilder(physical: resultType.physical, capacity: count)
    let words = validity.words(count: count)
    for row in 0..<count {
        if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 {
            builder.appendNull()
            continue
        }
        let first = microseconds(operands.left.int64Value(row), operands.leftType)
        let second = microseconds(operands.right.int64Value(row), operands.rightType)
        let (value, overflow) =
            op == .add
            ? first.addingReportingOverflow(second) : first.subtractingReportingOverflow(second)
        if overflow { throw outOfRange(resultType) }
        if resultType == .interval {
            builder.appendInt128(IntervalParts(months: 0, microseconds: value).packed)
        } else {
            builder.appendInt64(value)
        }
    }
    return builder.finish()
}

/// A moment plus or minus an interval: months first, clipped to the month's end, then time.
private func addIntervals(
    _ op: ArithmeticOperator,
    _ operands: DateTimeOperands,
    _ resultType: DataType,
    _ validity: CombinedValidity,
    _ count: Int
) throws(SQLError) -> Vector {
    let builder = VectorBuilder(physical: resultType.physical, capacity: count)
    let words = validity.words(count: count)
    for row in 0..<count {
        if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 {
            builder.appendNull()
            continue
        }
        var interval = IntervalParts(packed: operands.right.int128Value(row))
        if op == .subtract {
            if interval.months == .min || interval.microseconds == .min {
                throw outOfRange(.interval)
            }
            interval = IntervalParts(
                months: -interval.months,
                microseconds: -interval.microseconds
            )
        }
        if operands.leftType == .interval {
            let own = IntervalParts(packed: operands.left.int128Value(row))
            let (months, overflow) = own.months.addingReportingOverflow(interval.months)
            let (rest, overflow2) = own.microseconds.addingReportingOverflow(interval.microseconds)
            let sum = IntervalParts(months: months, microseconds: rest)
            if overflow || overflow2 || !sum.isInRange { throw outOfRange(.interval) }
            builder.appendInt128(sum.packed)
            continue
        }
        if resultType == .timeTZ {
            var time = ZonedTime(packed: operands.left.int64Value(row))
            let sum = time.microseconds &+ interval.microseconds % Calendar.microsecondsPerDay
            time.microseconds = Calendar.split(sum).microseconds
            builder.appendInt64(time.packed)
            continue
        }
        let start = microseconds(operands.left.int64Value(row), operands.leftType)
        if resultType == .time {
            let sum = start &+ interval.microseconds % Calendar.microsecondsPerDay
            builder.appendInt64(Calendar.split(sum).microseconds)
        } else {
            builder.appendInt64(try addInterval(start, interval, resultType))
        }
    }
    return builder.finish()
}

/// A timestamp plus an interval.
///
/// - Throws: 22008 where the result leaves the range of timestamps.
package func addInterval(
    _ timestamp: Int64,
    _ interval: IntervalParts,
    _ type: DataType = .timestamp
) throws(SQLError) -> Int64 {
    var value = timestamp
    if interval.months != 0 {
        if interval.months.magnitude > 12 * 600_000 { throw outOfRange(type) }
        let (day, rest) = Calendar.split(value)
        let moved = Calendar.addMonths(day, interval.months)
        if !Calendar.dayRange.contains(moved) { throw outOfRange(type) }
        value = moved * Calendar.microsecondsPerDay + rest
    }
    let (sum, overflow) = value.addingReportingOverflow(interval.microseconds)
    if overflow || !Calendar.microsecondRange.contains(sum) { throw outOfRange(type) }
    return sum
}

private func scaleIntervals(
    _ intervals: Vector,
    _ factors: Vector,
    _ validity: CombinedValidity,
    _ count: Int,
    isDivision: Bool
) throws(SQLError) -> Vector {
    let builder = VectorBuilder(physical: .int128, capacity: count)
    let words = validity.words(count: count)
    for row in 0..<count {
        if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 {
            builder.appendNull()
            continue
        }
        let parts = IntervalParts(packed: intervals.int128Value(row))
        let factor = factors.doubleValue(row)
        if isDivision && factor == 0 { throw divisionByZero() }
        let scaled =
            isDivision
            ? try fraction(Double(parts.months) / factor, Double(parts.microseconds) / factor)
            : try fraction(Double(parts.months) * factor, Double(parts.microseconds) * factor)
        builder.appendInt128(scaled.packed)
    }
    return builder.finish()
}

/// An interval of fractions; one of a month counts as that of 30 days, as in PostgreSQL.
private func fraction(_ months: Double, _ microseconds: Double) throws(SQLError) -> IntervalParts {
    let whole = months.rounded(.towardZero)
    let spill = (months - whole) * 30 * Double(Calendar.microsecondsPerDay)
    guard let wholeMonths = Int32(exactly: whole),
        let rest = Int64(exactly: (microseconds + spill).rounded())
    else { throw outOfRange(.interval) }
    return IntervalParts(months: Int64(wholeMonths), microseconds: rest)
}

/// The packed average of intervals, of their packed sum and their number.
///
/// - Throws: 22008 where it is out of range.
package func averageInterval(packedSum: Int128, count: Int64) throws(SQLError) -> Int128 {
    let sum = IntervalParts(packed: packedSum)
    let months = Double(sum.months) / Double(count)
    return try fraction(months, Double(sum.microseconds) / Double(count)).packed
}

func negateIntervals(_ vector: Vector, count: Int) throws(SQLError) -> Vector {
    let zero = Vector.constant(.int128(0), physical: .int128, count: count)
    let operands = DateTimeOperands(zero, .interval, vector.repeated(count: count), .interval)
    return try addIntervals(
        .subtract,
        operands,
        .interval,
        CombinedValidity(zero, operands.right),
        count
    )
}
