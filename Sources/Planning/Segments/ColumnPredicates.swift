import Catalogs
import Plans
import SQLTypes
import Vectors

/// Splits a scan's conditions into tests that the storage makes and the rest.
///
/// Bounds of one column are joined into one range, so that zone maps see both ends.
func columnPredicates(
    _ conjuncts: [Expression],
    of scan: LogicalScan
) -> (predicates: [ColumnPredicate], rest: [Expression]) {
    let places = Dictionary(
        zip(scan.output.map(\.id), scan.columnIndexes),
        uniquingKeysWith: { first, _ in first }
    )
    var ranges: [ColumnIndex: ColumnRange] = [:]
    var order: [ColumnIndex] = []
    var others: [ColumnPredicate] = []
    var rest: [Expression] = []
    for conjunct in conjuncts {
        if case .compare(let op, .column(let id, let type), .constant(let value, _)) = conjunct,
            op != .notEqual, !value.isNull, let column = places[id]
        {
            if ranges[column] == nil { order.append(column) }
            var range = ranges[column] ?? ColumnRange()
            range.restrict(op, value.inPhysicalForm(of: type))
            ranges[column] = range
        } else if let (id, test) = columnTest(conjunct), let column = places[id] {
            others.append(ColumnPredicate(column: column, test: test))
        } else {
            rest.append(conjunct)
        }
    }
    let bounded = order.compactMap { column in
        ranges[column].map { ColumnPredicate(column: column, test: $0.test) }
    }
    return (bounded + others, rest)
}

private func columnTest(_ condition: Expression) -> (ColumnID, ColumnTest)? {
    switch condition {
    case .compare(.notEqual, .column(let id, let type), .constant(let value, _))
    where !value.isNull:
        return (id, .notEqual(value.inPhysicalForm(of: type)))
    case .inList(.column(let id, let type), let values):
        let known = values.filter { !$0.isNull }.map { $0.inPhysicalForm(of: type) }
        return known.isEmpty ? nil : (id, .oneOf(known))
    case .isNull(.column(let id, _)): return (id, .isNull)
    case .isNotNull(.column(let id, _)): return (id, .isNotNull)
    case .like(.column(let id, _), let pattern): return (id, .like(pattern))
    case .not(.like(.column(let id, _), let pattern)): return (id, .notLike(pattern))
    case .column(let id, .boolean): return (id, .oneOf([.bool(true)]))
    case .not(.column(let id, .boolean)): return (id, .oneOf([.bool(false)]))
    default: return nil
    }
}

/// Bounds gathered from several comparisons.
private struct ColumnRange {
    var low: Datum?
    var lowIncluded = true
    var high: Datum?
    var highIncluded = true

    var test: ColumnTest {
        .range(low: low, lowIncluded: lowIncluded, high: high, highIncluded: highIncluded)
    }

    mutating func restrict(_ op: Comparison, _ value: Datum) {
        if op == .equal || op == .greater || op == .greaterOrEqual {
            let isIncluded = op != .greater
            let side = low.map { ordering(value, $0) } ?? 1
            if side > 0 || (side == 0 && !isIncluded) {
                low = value
                lowIncluded = isIncluded
            }
        }
        if op == .equal || op == .less || op == .lessOrEqual {
            let isIncluded = op != .less
            let side = high.map { ordering(value, $0) } ?? -1
            if side < 0 || (side == 0 && !isIncluded) {
                high = value
                highIncluded = isIncluded
            }
        }
    }
}

/// Below, at or above zero as one constant is less than, equal to or greater than another.
///
/// Strings compare by bytes without trailing blanks; NaN is the greatest number.
private func ordering(_ one: Datum, _ other: Datum) -> Int {
    if let a = one.exact, let b = other.exact { return a < b ? -1 : a == b ? 0 : 1 }
    switch (one, other) {
    case (.float64(let a), .float64(let b)):
        if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : a.isNaN ? 1 : -1 }
        return a < b ? -1 : a == b ? 0 : 1
    case (.string(let a), .string(let b)):
        let (left, right) = (trimmed(a), trimmed(b))
        if left.elementsEqual(right) { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    case (.bool(let a), .bool(let b)): return a == b ? 0 : a ? 1 : -1
    default: return 0
    }
}

private func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
    return bytes[..<end]
}
