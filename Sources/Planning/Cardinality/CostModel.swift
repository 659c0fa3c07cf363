import SQLTypes
import Plans

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Redshift's cost figures: PostgreSQL 8.0's formulas with page costs of nothing, a network
/// cost on joins, and a penalty on sorts.
///
/// - Source: recomputed from published plans; see `Documentation.docc`.
enum CostModel {
    /// For each row that a node handles.
    static let tuple = 0.01
    /// For each operator evaluated on a row.
    static let `operator` = 0.0025
    /// For each row of a window, besides its keys; fitted to two published plans.
    static let windowTuple = 0.0075
    /// Added to the start of every sort.
    static let sortPenalty = 1_000_000_000_000.0

    /// Operators evaluated for each row; Boolean connectives and null tests are free.
    static func operatorCount(_ expressions: [Expression]) -> Double {
        expressions.reduce(0) { $0 + operatorCount($1) }
    }

    private static func operatorCount(_ expression: Expression) -> Double {
        let own: Double =
            switch expression {
            case .compare, .arithmetic, .negate, .like, .call: 1
            case .inList(_, let values): Double(values.count)
            case .cast(let operand, let type, _): operand.type.isString && type.isString ? 0 : 1
            default: 0
            }
        return own + operatorCount(expression.children)
    }

    /// Bytes of rows on the network: widths are rounded up to four and eight are added.
    static func bytes(_ node: PhysicalNode) -> Double {
        node.rows * ((node.width / 4).rounded(.up) * 4 + 8)
    }

    /// The cost of a Sort node over a node.
    static func sorted(_ input: PhysicalNode) -> (startup: Double, total: Double) {
        let startup = sortPenalty + input.totalCost + sort(rows: input.rows)
        return (startup, startup + input.rows * `operator`)
    }

    /// The cost of sorting rows, without the penalty.
    static func sort(rows: Double) -> Double {
        rows > 1 ? 2 * `operator` * rows * log2(rows) : 0
    }
}
