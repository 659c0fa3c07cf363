package import SQLTypes

/// An aggregate function.
///
/// Every one ignores NULL arguments but `countAll`, `singleValue`, `firstRow` and `groupValue`.
package enum AggregateFunction: String, Hashable, Sendable, CaseIterable {
    /// COUNT(*): BIGINT.
    case countAll = "count(*)"
    /// COUNT(e): BIGINT.
    case count
    /// SUM: BIGINT of integers, DECIMAL(38,s) of decimals, DOUBLE of floats.
    case sum
    /// AVG: BIGINT of integers (truncated), DECIMAL(38,s) of decimals, DOUBLE of floats.
    case average = "avg"
    case minimum = "min"
    case maximum = "max"
    case anyValue = "any_value"
    /// Sample and population variance and deviation, as DOUBLE.
    case varianceSample = "var_samp"
    case variancePopulation = "var_pop"
    case deviationSample = "stddev_samp"
    case deviationPopulation = "stddev_pop"
    /// Truth values, as BOOLEAN.
    case boolAnd = "bool_and"
    case boolOr = "bool_or"
    /// Bits of integers, as the argument's type; of truth values the same as BOOL_AND, BOOL_OR.
    case bitAnd = "bit_and"
    case bitOr = "bit_or"
    /// HLL and APPROXIMATE COUNT(DISTINCT e): an estimate, as BIGINT.
    case approximateCount = "hll"
    /// PERCENTILE_CONT(0.5) under another name.
    case median
    /// A value interpolated between two rows of the group in order.
    case percentileContinuous = "percentile_cont"
    /// APPROXIMATE PERCENTILE_DISC: a value of the group; exact here.
    case percentileDiscrete = "percentile_disc"
    /// The texts of a group in a row, as VARCHAR(65535); NULLs and empty texts are skipped.
    case listAggregate = "listagg"
    /// Not a SQL aggregate: the value of a subquery that must have at most one row.
    case singleValue = "single_value"
    /// Not a SQL aggregate: the value, NULL or not, of the row that came first.
    ///
    /// All such calls of a grouping speak of the same row.
    case firstRow = "first_row"
    /// Not a SQL aggregate: `firstRow` of a column that has one value in each group, NULL included;
    /// planned and shown as a group column.
    case groupValue = "group_value"

    /// The function of that SQL name, lower case; nil if there is none.
    package init?(sqlName: String) {
        switch sqlName {
        case "stddev": self = .deviationSample
        case "variance": self = .varianceSample
        case "count(*)", "single_value", "first_row", "group_value": return nil
        default: self.init(rawValue: sqlName)
        }
    }

    /// Whether it is 0, not NULL, over no rows.
    package var isCount: Bool {
        switch self {
        case .countAll, .count, .approximateCount: true
        default: false
        }
    }

    /// Whether it needs all rows of a group at once, in order: such a one has no partial states.
    package var collectsRows: Bool {
        switch self {
        case .median, .percentileContinuous, .percentileDiscrete, .listAggregate: true
        default: false
        }
    }

    /// Whether its value is that of one row of the group, the same for all such calls.
    package var readsFirstRow: Bool { self == .firstRow || self == .groupValue }

    /// Whether repeated arguments change nothing.
    package var ignoresRepetition: Bool {
        switch self {
        case .minimum, .maximum, .anyValue, .boolAnd, .boolOr, .bitAnd, .bitOr,
            .approximateCount, .groupValue:
            true
        default: false
        }
    }

    /// The result's type for an argument type; nil if the function does not take it.
    ///
    /// - Source: Redshift's types of aggregates; MIN and MAX of BOOLEAN are refused.
    package func resultType(of argument: DataType?) -> DataType? {
        switch self {
        case .countAll, .count, .approximateCount: return .bigint
        case .sum, .average:
            switch argument {
            case .smallint?, .integer?, .bigint?: return .bigint
            case .decimal(_, let scale)?: return .decimal(precision: 38, scale: scale)
            case .real?, .doublePrecision?: return .doublePrecision
            case .interval?: return .interval
            default: return nil
            }
        case .minimum, .maximum:
            return argument == .boolean ? nil : argument
        case .anyValue, .singleValue, .firstRow, .groupValue, .percentileDiscrete: return argument
        case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
            return argument?.isNumeric == true ? .doublePrecision : nil
        case .boolAnd, .boolOr:
            return argument == .boolean ? .boolean : nil
        case .bitAnd, .bitOr:
            return argument == .boolean || argument?.isInteger == true ? argument : nil
        case .median, .percentileContinuous:
            return interpolatedType(of: argument, shareDigits: 1)
        case .listAggregate: return .varchar(DataType.varcharMaxLength)
        }
    }

    /// The type of a value between two values, of which a share with so many digits after the
    /// point is taken: exact numbers gain those digits, so that the value is exact.
    ///
    /// - Source: Redshift's formula for PERCENTILE_CONT under its rules for the product of
    ///   decimals; its manual prints one decimal for the MEDIAN of integers.
    package func interpolatedType(of argument: DataType?, shareDigits: Int) -> DataType? {
        switch argument {
        case .smallint?, .integer?, .bigint?, .decimal?:
            let scale = (argument?.scale ?? 0) + shareDigits
            return .decimal(precision: 38, scale: min(scale, DataType.decimalMaxPrecision))
        case .real?, .doublePrecision?: return .doublePrecision
        case .date?, .timestamp?: return .timestamp
        case .timestampTZ?: return .timestampTZ
        default: return nil
        }
    }

    /// The types of the columns a partial aggregate hands to the final one.
    ///
    /// `sum` hands on its sum; `average` sum and count; the variance family count, mean and sum
    /// of squared differences, or, of numbers of 64 bits, count, sum and sum of squares, exactly,
    /// the last in two parts; HLL its sketch as bytes; the rest one column of the result's type.
    package func stateTypes(argument: DataType?) -> [DataType] {
        let result = resultType(of: argument) ?? .bigint
        switch self {
        case .average: return [sumType(of: argument), .bigint]
        case .sum: return [sumType(of: argument)]
        case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
            let wide = DataType.decimal(precision: 38, scale: 0)
            return Self.hasExactMoments(of: argument)
                ? [.bigint, wide, wide, .bigint] : [.bigint, .doublePrecision, .doublePrecision]
        case .approximateCount: return [.varchar(DataType.varcharMaxLength)]
        default: return [result]
        }
    }

    /// Whether the variance of values of a type is computed exactly: integers, and decimals of up
    /// to 19 digits.
    package static func hasExactMoments(of type: DataType?) -> Bool {
        guard let type else { return false }
        return type.physical == .int64 && (type.isInteger || type.isDecimal)
    }

    /// The type sums are kept in: integers as DECIMAL(38,0), so that BIGINT overflow is noticed
    /// only where the final sum exceeds it.
    private func sumType(of argument: DataType?) -> DataType {
        switch argument {
        case .smallint?, .integer?, .bigint?: .decimal(precision: 38, scale: 0)
        case .decimal(_, let scale)?: .decimal(precision: 38, scale: scale)
        case .interval?: .interval
        default: .doublePrecision
        }
    }
}

/// A constant that an aggregate takes beside its argument.
package enum AggregateOption: Hashable, Sendable {
    case none
    /// What LISTAGG puts between two texts.
    case delimiter([UInt8])
    /// The share of a percentile, 0 to 1, as an integer of so many digits after the point.
    case share(Int64, digits: Int)
    /// The call tells which arms of a set operation a row of its result came from.
    case arm(of: SetOperationKind)
}

/// The set operations that are groupings of both arms' rows.
package enum SetOperationKind: Hashable, Sendable {
    case intersect
    case except
}

extension AggregateFunction {
    /// Whether it divides by one less than there are values.
    package var isOfSample: Bool { self == .varianceSample || self == .deviationSample }

    /// Whether it is the square root of a variance.
    package var isDeviation: Bool { self == .deviationSample || self == .deviationPopulation }
}
