import Plans
import SQLTypes
import Vectors

// A column that is cast to the type of a constant cannot be tested by the storage. Where every
// value of the narrow type is `factor` times smaller than in the wide one, the constant is
// brought to the column's type instead:
//
//     CAST(l_shipdate AS TIMESTAMP) <= '1998-09-02 00:00'   →   l_shipdate <= '1998-09-02'
//     CAST(l_quantity AS DECIMAL(18,4)) < 24.5000           →   l_quantity < 24.50

/// `left op value` without the cast around `left`; nil if it must stay.
func comparisonWithoutCast(
    _ op: Comparison,
    _ left: Expression,
    _ value: Datum,
    _ type: DataType
) -> Expression? {
    guard case .cast(let operand, let wide, _) = left else { return nil }
    if isWideningString(from: operand.type, to: wide) {
        return simplified(.compare(op, operand, .constant(value, operand.type)))
    }
    guard let factor = castFactor(from: operand.type, to: wide), let exact = value.exact else {
        return nil
    }
    var narrow = exact / factor
    if narrow * factor > exact { narrow -= 1 }
    let isWhole = narrow * factor == exact
    let newOp: Comparison
    switch op {
    case .equal, .notEqual:
        guard isWhole else { return nil }
        newOp = op
    case .less: newOp = isWhole ? .less : .lessOrEqual
    case .greaterOrEqual: newOp = isWhole ? .greaterOrEqual : .greater
    case .lessOrEqual, .greater: newOp = op
    }
    guard fits(narrow, operand.type) else { return nil }
    let datum = Datum.int128(narrow).inPhysicalForm(of: operand.type)
    return simplified(.compare(newOp, operand, .constant(datum, operand.type)))
}

/// `CAST(operand AS type) IN values` without the cast; nil if it must stay.
func listWithoutCast(_ operand: Expression, _ type: DataType, _ values: [Datum]) -> Expression? {
    if isWideningString(from: operand.type, to: type) { return .inList(operand, values) }
    guard let factor = castFactor(from: operand.type, to: type) else { return nil }
    var narrowed: [Datum] = []
    for value in values {
        if value.isNull {
            narrowed.append(.null)
            continue
        }
        guard let exact = value.exact else { return nil }
        // A value between two of the narrow type, or beyond its ends, equals none of them.
        guard exact % factor == 0, fits(exact / factor, operand.type) else { continue }
        narrowed.append(Datum.int128(exact / factor).inPhysicalForm(of: operand.type))
    }
    return narrowed.isEmpty ? nil : .inList(operand, narrowed)
}

/// Whether the cast leaves every string as it is: CHAR values carry no padding.
func isWideningString(from: DataType, to: DataType) -> Bool {
    switch (from, to) {
    case (.varchar(let narrow), .varchar(let wide)), (.char(let narrow), .varchar(let wide)),
        (.char(let narrow), .char(let wide)):
        narrow <= wide
    default: false
    }
}

/// By what a lossless cast multiplies the stored integer; nil for other casts.
private func castFactor(from: DataType, to: DataType) -> Int128? {
    switch (from, to) {
    case (.smallint, .integer), (.smallint, .bigint), (.integer, .bigint): return 1
    case (.smallint, .decimal(let precision, let scale)),
        (.integer, .decimal(let precision, let scale)),
        (.bigint, .decimal(let precision, let scale)):
        let digits = from == .smallint ? 5 : from == .integer ? 10 : 19
        return precision - scale >= digits ? DataType.powerOfTen128(scale) : nil
    case (.decimal(let precision, let scale), .decimal(let wide, let wideScale)):
        guard wideScale >= scale, wide - wideScale >= precision - scale else { return nil }
        return DataType.powerOfTen128(wideScale - scale)
    case (.date, .timestamp): return 86_400_000_000
    default: return nil
    }
}

private func fits(_ value: Int128, _ type: DataType) -> Bool {
    if let limits = type.integerLimits {
        return value >= Int128(limits.lowerBound) && value <= Int128(limits.upperBound)
    }
    if type == .date { return Int32(exactly: value) != nil }
    return true
}
