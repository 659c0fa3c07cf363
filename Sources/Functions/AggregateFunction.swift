package import SQLTypes

/// An aggregate function.
///
/// Every one ignores NULL arguments but `countAll`, `singleValue` and `lastRow`.
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
    case boolAnd = "bool_and"
    case boolOr = "bool_or"
    /// Not a SQL aggregate: the value of a subquery that must have at most one row.
    case singleValue = "single_value"
    /// Not a SQL aggregate: the value, NULL or not, of the row that came last.
    ///
    /// All such calls of a grouping speak of the same row.
    case lastRow = "last_row"

    /// The function of that SQL name, lower case; nil if there is none.
    package init?(sqlName: String) {
        switch sqlName {
        case "stddev": self = .deviationSample
        case "variance": self = .varianceSample
        case "count(*)", "single_value", "last_row": return nil
        default: self.init(rawValue: sqlName)
        }
    }

    /// The result's type for an argument type; nil if the function does not take it.
    ///
    /// - Source: Redshift's types of aggregates; MIN and MAX of BOOLEAN are refused.
    package func resultType(of argument: DataType?) -> DataType? {
        switch self {
        case .countAll, .count: return .bigint
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
        case .anyValue, .singleValue, .lastRow: return argument
        case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
            return argument?.isNumeric == true ? .doublePrecision : nil
        case .boolAnd, .boolOr:
            return argument == .boolean ? .boolean : nil
        }
    }

    /// The types of the columns a partial aggregate hands to the final one.
    ///
    /// `sum` hands on its sum; `average` sum and count; the variance family count, mean and sum
    /// of squared differences; the rest one column of the result's type.
    package func stateTypes(argument: DataType?) -> [DataType] {
        let result = resultType(of: argument) ?? .bigint
        switch self {
        case .average: return [sumType(of: argument), .bigint]
        case .sum: return [sumType(of: argument)]
        case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
            return [.bigint, .doublePrecision, .doublePrecision]
        default: return [result]
        }
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
