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
                builder.appendDouble(one == other ? one : one + (other - one) * part)
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

    private func between(_ one: Int128, _ other: Int128, _ rest: Int128) throws(SQLError) -> Int128
    {
        let (base, tooGreat) = one.multipliedReportingOverflow(by: factor)
        var overflows = tooGreat
        var value = base
        if rest != 0 {
            let (distance, tooFar) = other.subtractingReportingOverflow(one)
            let (wide, tooWide) = distance.multipliedReportingOverflow(by: factor)
            let divisor = greatestCommonDivisor(rest, share.denominator)
            let (parts, tooMany) = wide.multipliedReportingOverflow(by: 2 * rest / divisor)
            let denominator = 2 * share.denominator / divisor
            let half = denominator / 2
            let (rounded, tooNear) = parts.addingReportingOverflow(parts < 0 ? -half : half)
            let (sum, tooLarge) = base.addingReportingOverflow(rounded / denominator)
            value = sum
            overflows = overflows || tooFar || tooWide || tooMany || tooNear || tooLarge
        }
        let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)
        if overflows || value >= limit || value <= -limit { throw ExactSums.overflow }
        return value
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
