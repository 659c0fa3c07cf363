import Functions
import Plans
import SQLTypes
import Vectors

/// Prints expressions as PostgreSQL 8.0's EXPLAIN does: every operator in parentheses, casts
/// spelled out, the upper bound of a BETWEEN first.
struct ExpressionPrinter {
    /// What a column is called.
    let name: (ColumnID) -> String
    /// Lists longer than this are not printed value by value.
    private static let listedValuesMax = 50

    func text(_ expression: Expression) -> String {
        switch expression {
        case .column(let id, _): name(id)
        case .constant(let value, let type): constant(value, type)
        case .compare(let op, let left, let right):
            "(\(operand(left, besides: right)) \(op.operatorText) \(operand(right, besides: left)))"
        case .and(let terms): joined(boundsTurned(terms), " AND ")
        case .or(let terms): joined(terms, " OR ")
        case .not(.like(let operand, let pattern)): like(operand, pattern, isNegated: true)
        case .not(let operand): "(NOT \(text(operand)))"
        case .isNull(let operand): "(\(text(operand)) IS NULL)"
        case .isNotNull(let operand): "(\(text(operand)) IS NOT NULL)"
        case .arithmetic(let op, let left, let right, _):
            "(\(text(left)) \(op.operatorText) \(text(right)))"
        case .negate(let operand, _): "(- \(text(operand)))"
        case .cast(let operand, let type, _): "(\(text(operand)))::\(type)"
        case .searchedCase(let branches, let otherwise, _):
            "CASE"
                + branches.map { " WHEN \(text($0.condition)) THEN \(text($0.result))" }.joined()
                + " ELSE \(otherwise.map(text) ?? "NULL") END"
        case .coalesce(let terms, _): "COALESCE(\(terms.map(text).joined(separator: ", ")))"
        case .inList(let operand, let values): list(operand, values)
        case .like(let operand, let pattern): like(operand, pattern, isNegated: false)
        case .call(let function, let arguments, let type) where function.name == StyledCast.name:
            "(\(arguments.map(text).joined()))::\(type)"
        case .call(let function, let arguments, _) where ["+", "-"].contains(function.name):
            "(\(arguments.map(text).joined(separator: " \(function.name) ")))"
        case .call(let function, let arguments, _):
            "\(quoted(function.name))(\(arguments.map(text).joined(separator: ", ")))"
        case .scalarSubquery(let number, _): "$\(number)"
        }
    }

    /// An aggregate as `sum(x)`.
    func text(_ call: AggregateCall) -> String {
        if call.function == .countAll { return "count(*)" }
        var arguments = call.argument.map(text) ?? "*"
        switch call.option {
        case .none, .arm: break
        case .delimiter(let bytes):
            if !bytes.isEmpty { arguments += ", \(literal(bytes))::text" }
        case .share(let share, let digits):
            let type = DataType.decimal(precision: 19, scale: digits)
            if call.function != .median { arguments = formatDatum(.int64(share), type: type) }
        }
        let distinct = call.isDistinct ? "DISTINCT " : ""
        let plain = "\(call.function.rawValue)(\(distinct)\(arguments))"
        if call.order.isEmpty || call.function == .median { return plain }
        let keys = call.order.map { text($0.expression) + ($0.isAscending ? "" : " DESC") }
        return "\(plain) WITHIN GROUP (ORDER BY \(keys.joined(separator: ", ")))"
    }

    /// A window function as `sum(x) OVER (?)`.
    func text(_ call: WindowCall) -> String {
        let isStar = call.function == .aggregate(.countAll)
        let arguments = isStar ? "*" : call.arguments.map(text).joined(separator: ", ")
        let distinct = call.isDistinct ? "DISTINCT " : ""
        return "\(call.function.name)(\(distinct)\(arguments)) OVER (?)"
    }

    private func joined(_ terms: [Expression], _ word: String) -> String {
        "(" + terms.map(text).joined(separator: word) + ")"
    }

    private func boundsTurned(_ terms: [Expression]) -> [Expression] {
        var result = terms
        for index in terms.indices.dropLast() {
            if case .compare(.greaterOrEqual, let low, _) = result[index],
                case .compare(.lessOrEqual, let high, _) = result[index + 1], low == high
            {
                result.swapAt(index, index + 1)
            }
        }
        return result
    }

    /// VARCHAR is compared as text, which PostgreSQL shows.
    private func operand(_ expression: Expression, besides other: Expression) -> String {
        if case .varchar = expression.type, expression.isColumn, other.isConstant {
            return "(\(text(expression)))::text"
        }
        if case .constant(.string(let bytes), _) = expression, case .char = other.type {
            return literal(bytes) + "::bpchar"
        }
        return text(expression)
    }

    private func list(_ operand: Expression, _ values: [Datum]) -> String {
        guard values.count <= Self.listedValuesMax else {
            return "(\(text(operand)) = ANY (\(values.count) values))"
        }
        let tests = values.map { value in
            text(.compare(.equal, operand, .constant(value, operand.type)))
        }
        return tests.count == 1 ? tests[0] : "(" + tests.joined(separator: " OR ") + ")"
    }

    private func like(
        _ operand: Expression,
        _ pattern: LikeSpecification,
        isNegated: Bool
    ) -> String {
        let symbol = (isNegated ? "!~~" : "~~") + (pattern.isCaseInsensitive ? "*" : "")
        let subject =
            if case .varchar = operand.type { "(\(text(operand)))::text" } else { text(operand) }
        return "(\(subject) \(symbol) \(literal(pattern.pattern))::text)"
    }

    private func constant(_ value: Datum, _ type: DataType) -> String {
        switch value {
        case .null: return "NULL::\(type.isString ? "text" : type.description)"
        case .string(let bytes):
            if case .char = type { return literal(bytes) + "::bpchar" }
            return literal(bytes) + (type.isBytes ? "::binary varying" : "::text")
        case .bool(let value): return value ? "true" : "false"
        default:
            let text = formatDatum(value, type: type)
            return type.isNumeric ? text : "'\(text)'::\(type)"
        }
    }

    private func literal(_ bytes: [UInt8]) -> String {
        "'"
            + String(decoding: bytes, as: UTF8.self).split(
                separator: "'",
                omittingEmptySubsequences: false
            ).joined(separator: "''") + "'"
    }
}

/// A name as it must be written: quoted where it is not a plain lower-case word.
func quoted(_ name: String) -> String {
    let isPlain =
        name.utf8.first.map { ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x5F } ?? false
        && name.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F
        }
    return isPlain ? name : "\"\(name)\""
}

extension Comparison {
    /// The operator in SQL.
    var operatorText: String {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}

extension ArithmeticOperator {
    /// The operator in SQL.
    var operatorText: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .modulo: "%"
        }
    }
}
