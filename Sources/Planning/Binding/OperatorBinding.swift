import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    // MARK: Unary operators

    func bindUnary(
        _ op: UnaryOperator,
        _ syntax: ExpressionSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operand = try bindOperand(syntax, scope)
        switch op {
        case .minus, .plus:
            let value = try numericOperand(operand, op.rawValue, at: position)
            return op == .plus ? value : folded(.negate(value, value.type))
        case .squareRoot, .cubeRoot, .absolute, .bitNot:
            return try call(op.rawValue, [operand], at: position)
        }
    }

    private func numericOperand(
        _ operand: Operand,
        _ symbol: String,
        at position: Int
    ) throws(SQLError) -> Expression {
        switch operand.type {
        case .unknown:
            return try coerce(operand.expression, to: .doublePrecision, at: operand.position)
        case .interval: return operand.expression
        case let type where type.isNumeric: return operand.expression
        default: throw undefinedOperator(symbol, nil, operand.type, at: position)
        }
    }

    // MARK: Binary operators

    func bindBinary(
        _ op: BinaryOperator,
        _ leftSyntax: ExpressionSyntax,
        _ rightSyntax: ExpressionSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        if op.isComparison, leftSyntax.isRow {
            return try bindRows(op, leftSyntax, rightSyntax, scope, at: position)
        }
        let left = try bindOperand(leftSyntax, scope)
        let right = try bindOperand(rightSyntax, scope)
        if let comparisonOperator = op.comparison {
            return try comparison(comparisonOperator, left, right, at: position)
        }
        if let arithmeticOperator = op.arithmetic {
            return try arithmeticExpression(arithmeticOperator, left, right, at: position)
        }
        switch op {
        case .concatenate:
            return try call("||", [try textOperand(left), try textOperand(right)], at: position)
        case .matches, .matchesNot, .matchesIgnoringCase, .matchesNotIgnoringCase:
            let ignoresCase = op == .matchesIgnoringCase || op == .matchesNotIgnoringCase
            let match = try operatorCall(ignoresCase ? "~*" : "~", left, right, at: position)
            return op == .matches || op == .matchesIgnoringCase ? match : folded(.not(match))
        default: return try operatorCall(op.rawValue, left, right, at: position)
        }
    }

    private func textOperand(_ operand: Operand) throws(SQLError) -> Operand {
        guard operand.type == .boolean else { return operand }
        throw SQLError(
            .cannotCoerce,
            "cannot cast type boolean to character varying",
            position: operand.position
        )
    }

    private func operatorCall(
        _ symbol: String,
        _ left: Operand,
        _ right: Operand,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard let expression = try resolvedCall(symbol, [left, right]) else {
            throw undefinedOperator(symbol, left.type, right.type, at: position)
        }
        return expression
    }

    // MARK: Arithmetic

    /// `left op right` of numbers, dates and intervals.
    ///
    /// - Errors: 42883 where there is no such operator, 42725 for two untyped literals.
    func arithmeticExpression(
        _ op: ArithmeticOperator,
        _ left: Operand,
        _ right: Operand,
        at position: Int
    ) throws(SQLError) -> Expression {
        var left = left
        var right = right
        switch (left.type, right.type) {
        case (.unknown, .unknown):
            guard left.expression == right.expression, case .constant(.null, _) = left.expression
            else {
                throw SQLError(
                    .ambiguousFunction,
                    "operator is not unique: \"unknown\" \(op.symbol) \"unknown\"",
                    hint: "Could not choose a best candidate operator. You may need to add "
                        + "explicit type casts.",
                    position: position
                )
            }
            return .constant(.null, .integer)
        case (.unknown, let other):
            left.expression = try arithmeticLiteral(left, op, beside: other, isLeft: true)
        case (let other, .unknown):
            right.expression = try arithmeticLiteral(right, op, beside: other, isLeft: false)
        default: break
        }
        guard let type = arithmeticResultType(op, left.type, right.type) else {
            throw undefinedOperator(op.symbol, left.type, right.type, at: position)
        }
        if type == .doublePrecision {
            left.expression = try coerce(left.expression, to: type, at: left.position)
            right.expression = try coerce(right.expression, to: type, at: right.position)
        }
        return folded(.arithmetic(op, left.expression, right.expression, type))
    }

    /// A literal beside an operand: a number beside numbers; a date beside a date it is
    /// subtracted from, an interval beside one it is added to.
    private func arithmeticLiteral(
        _ operand: Operand,
        _ op: ArithmeticOperator,
        beside other: DataType,
        isLeft: Bool
    ) throws(SQLError) -> Expression {
        switch other {
        case .date, .timestamp, .timestampTZ, .time, .timeTZ:
            let type: DataType = op == .subtract ? other : .interval
            return try coerce(operand.expression, to: type, at: operand.position)
        case .interval:
            let type: DataType =
                op == .multiply || op == .divide
                ? .doublePrecision : (isLeft ? .timestamp : .interval)
            return try coerce(operand.expression, to: type, at: operand.position)
        case .decimal: return try adapted(operand, to: other)
        default: return try coerce(operand.expression, to: other, at: operand.position)
        }
    }

    // MARK: LIKE

    func bindLike(
        _ like: LikeSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        var value = try bindOperand(like.value, scope)
        let pattern = try bindOperand(like.pattern, scope)
        value.expression = settled(value.expression)
        if !value.type.isString {
            guard value.type.isNumeric || value.type.isDateTime else {
                throw undefinedOperator(
                    like.kind == .ilike ? "~~*" : "~~",
                    value.type,
                    pattern.type,
                    at: position
                )
            }
            value.expression = try coerce(value.expression, to: .varchar(64), at: value.position)
        }
        let escape = try bindEscape(like.escape, scope)
        let match: Expression
        if like.kind == .similarTo {
            let escapeText = Operand(
                .constant(.string(escape.map { [$0] } ?? []), .unknown),
                position
            )
            match = try call("similar to", [value, pattern, escapeText], at: position)
        } else if case .constant(let datum, let type) = pattern.expression,
            type.isString || type == .unknown
        {
            guard case .string(let bytes) = datum else { return .constant(.null, .boolean) }
            try requireWhole(bytes, escape: escape, at: pattern.position)
            match = .like(
                value.expression,
                LikeSpecification(
                    pattern: bytes,
                    escape: escape,
                    isCaseInsensitive: like.kind == .ilike
                )
            )
        } else {
            guard pattern.type.isString else {
                throw undefinedOperator("~~", value.type, pattern.type, at: position)
            }
            let escapeText = escape.map { [$0] } ?? []
            match = try call(
                like.kind == .ilike ? "ilike" : "like",
                [
                    value, pattern,
                    Operand(.constant(.string(escapeText), .unknown), position),
                ],
                at: position
            )
        }
        return like.isNegated ? .not(match) : match
    }

    /// 22025 for a pattern that ends in its escape.
    private func requireWhole(
        _ pattern: [UInt8],
        escape: UInt8?,
        at position: Int?
    ) throws(SQLError) {
        let outcome = pattern.withUnsafeBufferPointer { bytes in
            Result { () throws(SQLError) in
                try LikePattern.requireWhole(bytes, escape: escape)
            }
        }
        guard case .failure(var error) = outcome else { return }
        error.position = position
        throw error
    }

    /// The escape byte of LIKE: a backslash unless written; nil for an empty string.
    private func bindEscape(
        _ syntax: ExpressionSyntax?,
        _ scope: Scope
    ) throws(SQLError) -> UInt8? {
        guard let syntax else { return UInt8(ascii: "\\") }
        guard case .constant(.string(let bytes), _) = try bindExpression(syntax, scope) else {
            throw SQLError.unsupported("an ESCAPE that is no constant", position: syntax.position)
        }
        guard bytes.count <= 1 else {
            throw SQLError(
                .invalidEscapeSequence,
                "invalid escape string",
                hint: "Escape string must be empty or one character.",
                position: syntax.position
            )
        }
        return bytes.first
    }
}

extension BinaryOperator {
    /// The comparison that it is; nil for others.
    var comparison: Comparison? {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    /// The arithmetic that it is; nil for others.
    var arithmetic: ArithmeticOperator? {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .modulo: .modulo
        default: nil
        }
    }
}
