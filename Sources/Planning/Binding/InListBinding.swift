import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// `value IN (list)`: one set of constants, and an OR for whatever is no constant.
    ///
    /// Linear in the list: a hundred thousand literals are converted one by one to the type of
    /// the value and never compared with each other.
    func bindInList(
        _ value: ExpressionSyntax,
        _ list: [ExpressionSyntax],
        isNegated: Bool,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        if case .row(let items) = value.kind {
            return try bindRowIn(items, list, isNegated: isNegated, scope, at: position)
        }
        var operand = try bindOperand(value, scope)
        let items = try bindOperands(list, scope)
        operand.expression = settledAgainst(operand, items)
        var constants: [Datum] = []
        constants.reserveCapacity(items.count)
        var others: [Expression] = []
        for item in items {
            try countExpression()
            if let datum = try memberDatum(item, of: operand.type) {
                constants.append(datum)
            } else {
                others.append(try comparison(.equal, operand, item, at: position))
            }
        }
        if constants.count == 1, let only = constants.first {
            others.insert(
                .compare(.equal, operand.expression, .constant(only, operand.type)),
                at: 0
            )
        } else if !constants.isEmpty {
            others.insert(.inList(operand.expression, constants), at: 0)
        }
        let member = others.count == 1 ? others[0] : Expression.or(others)
        return isNegated ? .not(member) : member
    }

    /// An untyped value takes the type of the first typed item.
    private func settledAgainst(_ operand: Operand, _ items: [Operand]) -> Expression {
        guard operand.type == .unknown else { return operand.expression }
        guard items.allSatisfy({ $0.type.isString }) else { return operand.expression }
        return settled(operand.expression)
    }

    /// A constant of the list as a value of the type, if it converts without loss; else nil.
    private func memberDatum(_ item: Operand, of type: DataType) throws(SQLError) -> Datum? {
        guard case .constant(let datum, let from) = item.expression, type != .unknown else {
            return nil
        }
        if datum.isNull { return .null }
        // Intervals of different months and days can be equal: each is compared by itself.
        if type == .interval { return nil }
        if from == type || (from.isString && from != .unknown && type.isString)
            || (from.isInteger && type.isInteger)
        {
            return datum
        }
        if from == .unknown {
            guard case .constant(let value, let adaptedType) = try adapted(item, to: type) else {
                return nil
            }
            return adaptedType.scale == type.scale
                && (adaptedType.isDecimal == type.isDecimal)
                ? Self.normalized(value, type) : nil
        }
        guard type.isNumeric, from.isNumeric else { return nil }
        let probe = Operand(.column(0, type), item.position)
        let (left, right) = try aligned(probe, item, symbol: "=", at: item.position)
        guard case .column = left, case .constant(let value, _) = right else { return nil }
        return Self.normalized(value, type)
    }

    /// `(a, b) IN ((1, 2), (3, 4))` as an OR of ANDs.
    private func bindRowIn(
        _ items: [ExpressionSyntax],
        _ list: [ExpressionSyntax],
        isNegated: Bool,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operands = try bindOperands(items, scope)
        var alternatives: [Expression] = []
        for syntax in list {
            guard case .row(let values) = syntax.kind, values.count == operands.count else {
                throw SQLError(
                    .syntaxError,
                    "unequal number of entries in row expressions",
                    position: syntax.position
                )
            }
            var terms: [Expression] = []
            for (operand, value) in zip(operands, values) {
                let other = try bindOperand(value, scope)
                terms.append(try comparison(.equal, operand, other, at: position))
            }
            alternatives.append(Expression.conjunction(terms) ?? .constant(.null, .boolean))
        }
        let member = alternatives.count == 1 ? alternatives[0] : Expression.or(alternatives)
        return isNegated ? .not(member) : member
    }
}
