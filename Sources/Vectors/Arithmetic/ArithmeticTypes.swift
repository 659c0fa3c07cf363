package import SQLTypes

/// A binary arithmetic operator.
package enum ArithmeticOperator: UInt8, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, modulo

    /// The operator as SQL writes it.
    package var symbol: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .modulo: "%"
        }
    }
}

/// The type of `left op right`; nil where Redshift has no such operator.
///
/// - Source: Redshift's "Numeric types", computations with numeric values.
package func arithmeticResultType(
    _ op: ArithmeticOperator,
    _ left: DataType,
    _ right: DataType
) -> DataType? {
    if left.isNumeric && right.isNumeric { return numericResultType(op, left, right) }
    return dateTimeResultType(op, left, right)
}

private func numericResultType(
    _ op: ArithmeticOperator,
    _ left: DataType,
    _ right: DataType
) -> DataType? {
    if left.isFloat || right.isFloat {
        if op == .modulo { return nil }
        return left == .real && right == .real ? .real : .doublePrecision
    }
    if left.isInteger && right.isInteger {
        return integerRank(left) >= integerRank(right) ? left : right
    }
    guard let (p1, s1) = decimalShape(left), let (p2, s2) = decimalShape(right) else { return nil }
    switch op {
    case .add, .subtract:
        let scale = max(s1, s2)
        return cappedDecimal(precision: max(p1 - s1, p2 - s2) + 1 + scale, scale: scale)
    case .multiply: return cappedDecimal(precision: p1 + p2 + 1, scale: s1 + s2)
    case .divide:
        let scale = max(4, s1 + p2 - s2 + 1)
        return cappedDecimal(precision: p1 - s1 + s2 + scale, scale: scale)
    case .modulo:
        let scale = max(s1, s2)
        return cappedDecimal(precision: max(p1 - s1, p2 - s2) + scale, scale: scale)
    }
}

private func integerRank(_ type: DataType) -> Int {
    switch type {
    case .smallint: 0
    case .integer: 1
    default: 2
    }
}

/// Precision and scale of an exact type; integers count as the decimals they convert to.
package func decimalShape(_ type: DataType) -> (precision: Int, scale: Int)? {
    switch type {
    case .smallint: (5, 0)
    case .integer: (10, 0)
    case .bigint: (19, 0)
    case .decimal(let precision, let scale): (precision, scale)
    default: nil
    }
}

/// Redshift's cap: a precision over 38 becomes 38 and costs scale, down to 4 at least; a scale
/// that is smaller anyway stays.
package func cappedDecimal(precision: Int, scale: Int) -> DataType {
    if precision <= DataType.decimalMaxPrecision {
        return .decimal(precision: precision, scale: scale)
    }
    let capped = min(scale, max(DataType.decimalMaxPrecision + scale - precision, 4))
    return .decimal(precision: DataType.decimalMaxPrecision, scale: capped)
}

private func dateTimeResultType(
    _ op: ArithmeticOperator,
    _ left: DataType,
    _ right: DataType
) -> DataType? {
    switch (left, op, right) {
    case (.date, .add, let other) where other.isInteger: .date
    case (.date, .subtract, let other) where other.isInteger: .date
    case (let other, .add, .date) where other.isInteger: .date
    case (.date, .subtract, .date): .integer
    case (.date, .add, .interval), (.date, .subtract, .interval), (.interval, .add, .date):
        .timestamp
    case (.date, .add, .time), (.time, .add, .date): .timestamp
    case (.timestamp, .add, .interval), (.timestamp, .subtract, .interval): .timestamp
    case (.interval, .add, .timestamp): .timestamp
    case (.timestampTZ, .add, .interval), (.timestampTZ, .subtract, .interval): .timestampTZ
    case (.interval, .add, .timestampTZ): .timestampTZ
    case (.time, .add, .interval), (.time, .subtract, .interval), (.interval, .add, .time): .time
    case (.timeTZ, .add, .interval), (.timeTZ, .subtract, .interval): .timeTZ
    case (.interval, .add, .timeTZ): .timeTZ
    case (.date, .add, .timeTZ), (.timeTZ, .add, .date): .timestampTZ
    case (.time, .subtract, .time): .interval
    case (.timestamp, .subtract, .timestamp), (.timestampTZ, .subtract, .timestampTZ): .interval
    case (.timestamp, .subtract, .timestampTZ), (.timestampTZ, .subtract, .timestamp): .interval
    case (.timestamp, .subtract, .date), (.date, .subtract, .timestamp): .interval
    case (.timestampTZ, .subtract, .date), (.date, .subtract, .timestampTZ): .interval
    case (.interval, .add, .interval), (.interval, .subtract, .interval): .interval
    case (.interval, .multiply, let other) where other.isNumeric: .interval
    case (.interval, .divide, let other) where other.isNumeric: .interval
    case (let other, .multiply, .interval) where other.isNumeric: .interval
    default: nil
    }
}
