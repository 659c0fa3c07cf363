import Functions
import Plans
import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How the values of an aggregate are spread over its groups, so that conditions on it can be
/// estimated: `HAVING sum(quantity) > 300`, `HAVING count(*) > 1`.
///
/// The rows of a group are taken as drawn at random: their number is one and a Poisson number more,
/// their values lie evenly between the column's least and greatest.
enum GroupedValues {
    /// Sums, averages and counts of many values tend to the normal distribution. Counts have
    /// a step of one, others none.
    case normal(mean: Double, deviation: Double, step: Double)
    /// The greatest or the least of so many values between two bounds, a step apart.
    case greatest(of: Double, from: Double, to: Double, step: Double)
    case least(of: Double, from: Double, to: Double, step: Double)

    /// From one value to the next; 0 where any number may be one.
    private var step: Double {
        switch self {
        case .normal(_, _, let step), .greatest(_, _, _, let step), .least(_, _, _, let step): step
        }
    }

    /// The share of groups whose value is below a number, half of those with just that value
    /// counted.
    func share(below point: Double) -> Double {
        switch self {
        case .normal(let mean, let deviation, _):
            guard deviation > 0 else { return point < mean ? 0 : point > mean ? 1 : 0.5 }
            return 0.5 * erfc((mean - point) / (deviation * 2.0.squareRoot()))
        case .greatest(let count, let low, let high, let step):
            return pow(Self.place(of: point, low, high, step), count)
        case .least(let count, let low, let high, let step):
            return 1 - pow(1 - Self.place(of: point, low, high, step), count)
        }
    }

    /// The share of groups for which a comparison of the value with a number holds; nil where
    /// nothing is known: for equality with what has no step.
    func share(_ comparison: Comparison, _ point: Double) -> Double? {
        let half = step / 2
        switch comparison {
        case .less: return share(below: point - half)
        case .lessOrEqual: return share(below: point + half)
        case .greater: return 1 - share(below: point + half)
        case .greaterOrEqual: return 1 - share(below: point - half)
        case .equal:
            return half > 0 ? share(below: point + half) - share(below: point - half) : nil
        case .notEqual: return share(.equal, point).map { 1 - $0 }
        }
    }

    /// The share of evenly spread values below a number.
    private static func place(
        of point: Double,
        _ low: Double,
        _ high: Double,
        _ step: Double
    ) -> Double {
        guard high > low else { return point < low ? 0 : point > low ? 1 : 0.5 }
        return min(1, max(0, (point - low + step / 2) / (high - low + step)))
    }
}

extension PlanningContext {
    /// How a call's values are spread over groups of so many rows each; nil where nothing is known
    /// of its argument.
    func groupedValues(of call: AggregateCall, rowsPerGroup: Double) -> GroupedValues? {
        var count = max(1, rowsPerGroup)
        guard let argument = call.argument else {
            return call.function == .countAll ? Self.counted(count) : nil
        }
        let column = argument.uncast
        if let id = column.columnID { count *= 1 - figures(of: id).nullFraction }
        if call.isDistinct, let distinct = distinctCount(argument) { count = min(count, distinct) }
        if call.function == .count { return Self.counted(count) }
        guard let id = column.columnID, column.type.isNumeric, call.column.type.isNumeric,
            let low = figures(of: id).minimum, let high = figures(of: id).maximum
        else { return nil }
        let unit = pow(10, Double(call.column.type.fractionDigits - column.type.fractionDigits))
        let mean = (low + high) / 2 * unit
        let step = (high - low) * unit / max(1, (distinctCount(column) ?? 1e9) - 1)
        let variance = pow((high - low) * unit, 2) / 12
        switch call.function {
        case .sum:
            let all = count * variance + max(0, count - 1) * mean * mean
            return .normal(mean: count * mean, deviation: all.squareRoot(), step: 0)
        case .average:
            return .normal(
                mean: mean,
                deviation: (variance / max(1, count)).squareRoot(),
                step: 0
            )
        case .maximum:
            return .greatest(of: count, from: low * unit, to: high * unit, step: step)
        case .minimum:
            return .least(of: count, from: low * unit, to: high * unit, step: step)
        default: return nil
        }
    }

    private static func counted(_ count: Double) -> GroupedValues {
        .normal(mean: count, deviation: max(0, count - 1).squareRoot(), step: 1)
    }
}

extension Expression {
    /// What is cast to this value.
    fileprivate var uncast: Expression {
        if case .cast(let operand, _, _) = self { operand.uncast } else { self }
    }
}

extension DataType {
    /// Digits after the point by which stored integers of this type are to be divided.
    fileprivate var fractionDigits: Int {
        if case .decimal(_, let scale) = self { scale } else { 0 }
    }
}
