import Plans
import SQLTypes
import Vectors

/// Defaults of PostgreSQL 8.0's `selfuncs.h`, where statistics say nothing.
private enum DefaultSelectivity {
    static let equality = 0.005
    static let range = 1.0 / 3
    static let pattern = 0.005
    /// A pattern without a fixed beginning.
    static let substring = 0.05
    static let unknown = 1.0 / 3
}

extension PlanningContext {
    /// The share of rows for which all conjuncts hold; at most 1, above 0.
    ///
    /// Ranges of one column are joined first: `a >= 1 AND a < 10` is one range, not two.
    func selectivity(of conjuncts: [Expression]) -> Double {
        var share = 1.0
        var ranges: [ColumnID: (low: Double, high: Double)] = [:]
        for conjunct in conjuncts {
            if case .compare(let op, .column(let id, _), .constant(let value, _)) = conjunct,
                op.isRange, let point = position(of: value, in: figures(of: id))
            {
                var range = ranges[id] ?? (0, 1)
                if op == .less || op == .lessOrEqual {
                    range.high = min(range.high, point)
                } else {
                    range.low = max(range.low, point)
                }
                ranges[id] = range
            } else {
                share *= selectivity(of: conjunct)
            }
        }
        for (id, range) in ranges {
            let known = figures(of: id)
            let least = 1 / max(1, known.distinctCount ?? 1000)
            share *= min(1, max(least, range.high - range.low)) * (1 - known.nullFraction)
        }
        return min(1, max(share, 1e-12))
    }

    /// The share of rows for which a predicate holds.
    func selectivity(of predicate: Expression) -> Double {
        switch predicate {
        case .constant(let value, _): return value == .bool(true) ? 1 : 0
        case .and(let terms): return selectivity(of: terms)
        case .or(let terms):
            return terms.reduce(0) { sum, term in
                let own = selectivity(of: term)
                return sum + own - sum * own
            }
        case .not(let operand): return max(0, 1 - selectivity(of: operand))
        case .isNull(let operand):
            return operand.columnID.map { figures(of: $0).nullFraction } ?? 0.005
        case .isNotNull(let operand):
            return operand.columnID.map { 1 - figures(of: $0).nullFraction } ?? 0.995
        case .inList(let operand, let values):
            return min(1, Double(values.count) * equalitySelectivity(operand))
        case .like(_, let pattern):
            let startsFixed = pattern.pattern.first.map { $0 != 0x25 && $0 != 0x5F } ?? true
            return startsFixed ? DefaultSelectivity.pattern : DefaultSelectivity.substring
        case .compare(let op, let left, let right): return comparison(op, left, right)
        case .column(let id, _): return 0.5 * (1 - figures(of: id).nullFraction)
        default: return DefaultSelectivity.unknown
        }
    }

    private func comparison(_ op: Comparison, _ left: Expression, _ right: Expression) -> Double {
        if case .constant(let value, _) = right, let id = left.columnID,
            let point = number(value), let share = figures(of: id).grouped?.share(op, point)
        {
            return min(1, max(1 / max(1, figures(of: id).tableRows ?? 1), share))
        }
        switch op {
        case .equal:
            if case .constant(let value, _) = right, let id = left.columnID,
                let point = number(value), let low = figures(of: id).minimum,
                let high = figures(of: id).maximum, point < low || point > high
            {
                return 1 / max(1, figures(of: id).tableRows ?? 1)
            }
            if right.columns.isEmpty { return equalitySelectivity(left) }
            if left.columns.isEmpty { return equalitySelectivity(right) }
            return 1 / max(distinctCount(left) ?? 200, distinctCount(right) ?? 200)
        case .notEqual: return max(0, 1 - comparison(.equal, left, right))
        default:
            guard case .constant(let value, _) = right, let id = left.columnID,
                let point = position(of: value, in: figures(of: id))
            else { return DefaultSelectivity.range }
            return op == .less || op == .lessOrEqual ? point : 1 - point
        }
    }

    private func equalitySelectivity(_ operand: Expression) -> Double {
        guard let count = distinctCount(operand) else { return DefaultSelectivity.equality }
        let nulls = operand.columnID.map { figures(of: $0).nullFraction } ?? 0
        return (1 - nulls) / count
    }

    /// Distinct values of an expression before filters; nil if unknown.
    func distinctCount(_ expression: Expression) -> Double? {
        switch expression {
        case .column(let id, _): figures[id]?.distinctCount
        case .cast(let operand, _, _), .negate(let operand, _): distinctCount(operand)
        case .constant: 1
        default: expressionCounts[expression]
        }
    }

    /// Where a value lies between a column's least and greatest, 0 to 1; nil if unknown.
    private func position(of value: Datum, in figures: ColumnFigures) -> Double? {
        guard let point = number(value), let low = figures.minimum, let high = figures.maximum
        else { return nil }
        if high <= low { return point < low ? 0 : point > low ? 1 : 0.5 }
        return min(1, max(0, (point - low) / (high - low)))
    }
}

extension Comparison {
    fileprivate var isRange: Bool { self != .equal && self != .notEqual }
}
