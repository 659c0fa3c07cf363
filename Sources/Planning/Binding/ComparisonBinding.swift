import Plans
import SQLTypes
import Vectors

extension Binder {
    /// `left op right` with both sides brought to types that compare.
    ///
    /// Integers of different sizes, strings of different limits and decimals of one scale compare
    /// as they are; everything else is cast. Constants are converted rather than columns, so that
    /// zone maps stay usable.
    ///
    /// - Errors: 42883 `operator does not exist: integer = date`.
    func comparison(
        _ op: Comparison,
        _ left: Operand,
        _ right: Operand,
        at position: Int
    ) throws(SQLError) -> Expression {
        if let day = dayComparison(op, left.expression, right.expression) { return day }
        let (first, second) = try aligned(left, right, symbol: op.symbol, at: position)
        return folded(.compare(op, first, second))
    }

    /// Both sides in comparable types.
    func aligned(
        _ left: Operand,
        _ right: Operand,
        symbol: String,
        at position: Int
    ) throws(SQLError) -> (Expression, Expression) {
        let (l, r) = (left.type, right.type)
        switch (l, r) {
        case (.unknown, .unknown):
            return (settled(left.expression), settled(right.expression))
        case (.unknown, _):
            let literal = Operand(try adapted(left, to: r), left.position)
            return try aligned(literal, right, symbol: symbol, at: position)
        case (_, .unknown):
            let literal = Operand(try adapted(right, to: l), right.position)
            return try aligned(left, literal, symbol: symbol, at: position)
        default: break
        }
        if l == .interval, r == .interval {
            return (
                try call("interval length", [left], at: position),
                try call("interval length", [right], at: position)
            )
        }
        if l == r || (l.isString && r.isString) || (l.isInteger && r.isInteger)
            || (l.isFloat && r.isFloat) || (l.isBytes && r.isBytes)
        {
            return (left.expression, right.expression)
        }
        if l.isNumeric, r.isNumeric { return try alignedNumbers(left, right) }
        // Redshift compares a number with a string as strings, a decimal as decimals.
        if l.isDecimal, r.isString { return (left.expression, try decimal(right, like: l)) }
        if r.isDecimal, l.isString { return (try decimal(left, like: r), right.expression) }
        if l.isNumeric || l.isDateTime, r.isString { return (try text(left), right.expression) }
        if r.isNumeric || r.isDateTime, l.isString { return (left.expression, try text(right)) }
        guard let common = unified(l, r) else {
            throw undefinedOperator(symbol, l, r, at: position)
        }
        return (
            try coerce(left.expression, to: common, at: left.position),
            try coerce(right.expression, to: common, at: right.position)
        )
    }

    /// 42883 for an operator without a meaning for these types.
    func undefinedOperator(
        _ symbol: String,
        _ left: DataType?,
        _ right: DataType,
        at position: Int
    ) -> SQLError {
        let operands = [left.map(Self.operandName), symbol, Self.operandName(right)]
        return SQLError(
            .undefinedFunction,
            "operator does not exist: " + operands.compactMap { $0 }.joined(separator: " "),
            hint: "No operator matches the given name and argument type(s). You may need to add "
                + "explicit type casts.",
            position: position
        )
    }

    private static func operandName(_ type: DataType) -> String {
        type == .unknown ? "\"unknown\"" : type.baseName
    }

    // MARK: Literals

    /// A literal as a value comparable with `type`.
    func adapted(_ operand: Operand, to type: DataType) throws(SQLError) -> Expression {
        switch type {
        case .char, .varchar:
            if case .constant(let datum, _) = operand.expression, let text = datum.text {
                nameRecord?.note(literal: text, read: datum, as: type, at: operand.position)
            }
            return settled(operand.expression)
        case .decimal(_, let scale):
            guard case .constant(let datum, _) = operand.expression, let text = datum.text
            else { return try coerce(operand.expression, to: type, at: operand.position) }
            // A literal keeps its own digits: 0.055 is not 0.06 because the column has two.
            if let exact = exactLiteral(trimmed(text)), exact.type.scale > scale { return exact }
            return try coerce(
                operand.expression,
                to: .decimal(precision: DataType.decimalMaxPrecision, scale: scale),
                at: operand.position
            )
        default: return try coerce(operand.expression, to: type, at: operand.position)
        }
    }

    private func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private func text(_ operand: Operand) throws(SQLError) -> Expression {
        try coerce(operand.expression, to: .varchar(64), at: operand.position)
    }

    private func decimal(_ operand: Operand, like type: DataType) throws(SQLError) -> Expression {
        try coerce(
            operand.expression,
            to: .decimal(precision: DataType.decimalMaxPrecision, scale: type.scale),
            at: operand.position
        )
    }

    // MARK: Numbers

    private func alignedNumbers(
        _ left: Operand,
        _ right: Operand
    ) throws(SQLError) -> (Expression, Expression) {
        let (l, r) = (left.type, right.type)
        if l.isFloat || r.isFloat {
            return (
                try coerce(left.expression, to: .doublePrecision, at: left.position),
                try coerce(right.expression, to: .doublePrecision, at: right.position)
            )
        }
        if l.scale == r.scale, l.isDecimal, r.isDecimal {
            return (left.expression, right.expression)
        }
        if let constant = rescaled(right.expression, like: l) { return (left.expression, constant) }
        if let constant = rescaled(left.expression, like: r) { return (constant, right.expression) }
        let (p1, s1) = decimalShape(l) ?? (19, 0)
        let (p2, s2) = decimalShape(r) ?? (19, 0)
        let scale = max(s1, s2)
        return (
            try scaled(left, precision: p1 - s1 + scale, scale: scale),
            try scaled(right, precision: p2 - s2 + scale, scale: scale)
        )
    }

    private func scaled(
        _ operand: Operand,
        precision: Int,
        scale: Int
    ) throws(SQLError) -> Expression {
        if operand.type.isDecimal, operand.type.scale == scale { return operand.expression }
        let type = DataType.decimal(
            precision: min(precision, DataType.decimalMaxPrecision),
            scale: scale
        )
        return try coerce(operand.expression, to: type, at: operand.position)
    }

    /// An exact constant with the scale of `type`; nil if that would lose digits.
    private func rescaled(_ expression: Expression, like type: DataType) -> Expression? {
        guard case .constant(let datum, let from) = expression, from.isInteger || from.isDecimal
        else { return nil }
        let isColumnInteger = type.isInteger
        guard !datum.isNull else { return .constant(.null, type) }
        guard var value = datum.exact else { return nil }
        var scale = from.scale
        while scale > type.scale, value % 10 == 0 {
            value /= 10
            scale -= 1
        }
        guard scale <= type.scale else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(
            by: DataType.powerOfTen128(type.scale - scale)
        )
        let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)
        guard !overflow, product < limit, product > -limit else { return nil }
        if isColumnInteger {
            return Int64(exactly: product).map { .constant(.int64($0), .bigint) }
        }
        let digits = String(product.magnitude).count
        let precision = max(digits, type.scale + 1)
        guard precision <= DataType.decimalMaxPrecision else { return nil }
        let target = DataType.decimal(precision: precision, scale: type.scale)
        return .constant(Self.normalized(.int128(product), target), target)
    }

    // MARK: Dates against timestamps

    /// A DATE compared with a constant TIMESTAMP as a comparison of days; nil if it is not one.
    ///
    /// `d <= timestamp '1998-09-02 00:00'` needs no cast of the column: between two midnights
    /// `<` and `<=`, and `>` and `>=`, turn into a comparison with the day that has begun.
    private func dayComparison(
        _ op: Comparison,
        _ left: Expression,
        _ right: Expression
    ) -> Expression? {
        if case .constant = left {
            if case .constant = right { return nil }
            return dayComparison(op.mirrored, right, left)
        }
        guard left.type == .date, case .constant(.int64(let time), .timestamp) = right else {
            return nil
        }
        let length: Int64 = 86_400_000_000
        let day = floorDivide(time, length)
        let constant = Expression.constant(.int64(day), .date)
        if day * length == time { return .compare(op, left, constant) }
        switch op {
        case .less, .lessOrEqual: return .compare(.lessOrEqual, left, constant)
        case .greater, .greaterOrEqual: return .compare(.greater, left, constant)
        case .equal, .notEqual: return nil
        }
    }
}

extension Comparison {
    /// The operator as SQL writes it.
    var symbol: String {
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
