package import SQLTypes

/// Where a conversion between two types happens by itself.
package enum CastKind: Int, Hashable, Sendable, Comparable {
    /// Anywhere in an expression.
    case implicit
    /// When a value is stored into a column.
    case assignment
    /// Only where CAST is written.
    case explicit

    /// Freer kinds come first.
    package static func < (left: CastKind, right: CastKind) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Where `from` converts to `to`; nil where never (42846).
///
/// - Source: Redshift's "Type compatibility and conversion"; PostgreSQL's pg_cast for what is
///   implicit.
package func castKind(from: DataType, to: DataType) -> CastKind? {
    if from == to || from == .unknown { return .implicit }
    switch (from, to) {
    case (_, .unknown): return from.isString ? .implicit : nil
    case (let a, let b) where a.isNumeric && b.isNumeric: return numericCastKind(a, b)
    case (let a, let b) where a.isString && b.isString: return .implicit
    case (.boolean, let b) where b.isInteger: return .explicit
    case (let a, .boolean) where a.isInteger: return .assignment
    case (.boolean, _): return nil
    case (let a, .boolean): return a.isString ? .explicit : nil
    case (.date, .timestamp), (.date, .timestampTZ), (.timestamp, .timestampTZ): return .implicit
    case (.timestamp, .date), (.timestampTZ, .date), (.timestampTZ, .timestamp):
        return .assignment
    case (.timestamp, .time): return .assignment
    // Redshift's table of conversions leaves it out, as PostgreSQL's does not.
    case (.timestampTZ, .time): return .explicit
    case (.time, .timeTZ): return .implicit
    case (.timeTZ, .time), (.timestampTZ, .timeTZ): return .assignment
    case (.varbyte, .varbyte): return .implicit
    case (.varbyte, let other), (let other, .varbyte): return other.isString ? .assignment : nil
    case (.time, .interval): return .implicit
    case (.interval, .time): return .assignment
    case (let a, let b) where a.isString && (b.isNumeric || b.isDateTime || b == .interval):
        return .explicit
    case (let a, let b) where b.isString && (a.isNumeric || a.isDateTime || a == .interval):
        return .assignment
    default: return nil
    }
}

private func numericCastKind(_ from: DataType, _ to: DataType) -> CastKind {
    func rank(_ type: DataType) -> Int {
        switch type {
        case .smallint: 0
        case .integer: 1
        case .bigint: 2
        case .decimal: 3
        case .real: 4
        default: 5
        }
    }
    return rank(from) <= rank(to) ? .implicit : .assignment
}
