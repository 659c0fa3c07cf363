import SQLTypes
import Vectors

/// MEDIAN and PERCENTILE_CONT: between the rows around place `share · (n − 1)`, in proportion.
///
/// Exact numbers and times are interpolated exactly and rounded half away from zero.
/// - Errors: 22003 where the interpolation does not fit 38 digits.
struct ContinuousPercentile: OrderedFunction {
    private let share: (numerator: Int128, denominator: Int128)
    /// What a unit of the argument is in units of the result.
    private let factor: Int128
    private let result: DataType

    init(
        share: (Int128, Int128),
        from argument: DataType,
        result: DataType
    ) {
        self.share = share
        self.result = result
        factor =
            argument == .date
            ? 86_400_000_000 : DataType.powerOfTen128(max(0, result.scale - argument.scale))
    }

    func results(_ column: Vector, _ groups: OrderedGroups) throws(SQLError) -> Vector {
        let builder = VectorBuilder(physical: result.physical, capacity: groups.range.count)
        for group in groups.range {
            let values = groups.values(of: group, column)
            if values.isEmpty {
                builder.appendNull()
                continue
            }
            let scaled = share.numerator * Int128(values.count - 1)
            let row = values.lowerBound + Int(scaled / share.denominator)
            let rest = scaled % share.denominator
            let next = rest == 0 ? row : row + 1
            if result.physical == .float64 {
                let (one, other) = (column.doubleValue(row), column.doubleValue(next))
                let part = Double(rest) / Double(share.denominator)
                builder.appendDouble(between(one, other, part))
                continue
            }
            let value = try between(column.int128Value(row), column.int128Value(next), rest)
            if result.physical == .int64 {
                builder.appendInt64(Int64(truncatingIfNeeded: value))
            } else {
                builder.appendInt128(value)
            }
        }
        return builder.finish()
    }

    private func between(_ one: Double, _ other: Double, _ part: Double) -> Double {
        if one == other { return one }
        let distance = other - one
        guard distance.isInfinite, one.isFinite, other.isFinite else {
            return one + distance * part
        }
        return one * (1 - part) + other * part
    }

    private func between(_ one: Int128, _ other: Int128, _ rest: Int128) throws(SQLError) -> Int128
    {
        // The way from one end of the range to the other has more digits than what lies between.
        var value = one.multipliedFullWidth(by: factor)
        if rest != 0 {
            let step = try step(of: distance(one, other), rest)
            let isBack = other < one
            let (low, carries) =
                isBack
                ? value.low.subtractingReportingOverflow(step.low)
                : value.low.addingReportingOverflow(step.low)
            let high = Int128(truncatingIfNeeded: step.high) &+ (carries ? 1 : 0)
            value = (isBack ? value.high &- high : value.high &+ high, low)
        }
        let narrow = Int128(truncatingIfNeeded: value.low)
        let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)
        guard value.high == narrow >> 127, narrow < limit, narrow > -limit else {
            throw ExactSums.overflow
        }
        return narrow
    }

    /// How far two values are apart, which 128 bits without a sign always hold.
    private func distance(_ one: Int128, _ other: Int128) -> UInt128 {
        UInt128(truncatingIfNeeded: other < one ? one &- other : other &- one)
    }

    /// `distance · factor · rest / share.denominator`, rounded half up; the product has 256 bits.
    private func step(
        of distance: UInt128,
        _ rest: Int128
    ) throws(SQLError) -> (high: UInt128, low: UInt128) {
        let divisor = greatestCommonDivisor(rest, share.denominator)
        let (scale, isScaleTooGreat) = factor.multipliedReportingOverflow(by: rest / divisor)
        guard !isScaleTooGreat else { throw ExactSums.overflow }
        let denominator = UInt128(share.denominator / divisor)
        var product = distance.multipliedFullWidth(by: UInt128(scale))
        let (low, carries) = product.low.addingReportingOverflow(denominator / 2)
        product = (high: product.high + (carries ? 1 : 0), low: low)
        let (high, remainder) = product.high.quotientAndRemainder(dividingBy: denominator)
        return (high, denominator.dividingFullWidth((remainder, product.low)).quotient)
    }

    private func greatestCommonDivisor(_ one: Int128, _ other: Int128) -> Int128 {
        var (greater, less) = (max(one, other), min(one, other))
        while less != 0 { (greater, less) = (less, greater % less) }
        return greater
    }
}

/// PERCENTILE_DISC: the first row with at least `share` of the rows up to it.
struct DiscretePercentile: OrderedFunction {
    private let share: (numerator: Int128, denominator: Int128)
    private let result: PhysicalType

    init(share: (Int128, Int128), result: PhysicalType) {
        self.share = share
        self.result = result
    }

    func results(_ column: Vector, _ groups: OrderedGroups) throws(SQLError) -> Vector {
        let builder = VectorBuilder(physical: result, capacity: groups.range.count)
        for group in groups.range {
            let values = groups.values(of: group, column)
            if values.isEmpty {
                builder.appendNull()
                continue
            }
            let scaled = share.numerator * Int128(values.count) + share.denominator - 1
            let rank = max(1, Int(scaled / share.denominator))
            builder.append(column, row: values.lowerBound + rank - 1)
        }
        return builder.finish()
    }
}
