import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// CAST, `::`, CONVERT and TRY_CAST.
    func bindCast(
        _ syntax: CastSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operand = try bindOperand(syntax.value, scope)
        guard syntax.isTry else { return try explicitCast(operand, to: syntax.type, at: position) }
        if operand.type != .unknown, operand.type != syntax.type,
            castKind(from: operand.type, to: syntax.type) == nil
        {
            return try explicitCast(operand, to: syntax.type, at: position)
        }
        guard case .constant = operand.expression else {
            if operand.type == syntax.type { return operand.expression }
            let function = TryCast.function(
                from: operand.type,
                to: syntax.type,
                style: context.style
            )
            return .call(function, [operand.expression], syntax.type)
        }
        let result = try? explicitCast(operand, to: syntax.type, at: position)
        if case .constant? = result { return result ?? .constant(.null, syntax.type) }
        return .constant(.null, syntax.type)
    }

    /// A cast that the user wrote: strings are cut to the type's length, decimals to its scale.
    ///
    /// - Errors: 42846 where no cast exists, those of ``literal(_:as:at:)`` for a literal.
    func explicitCast(
        _ operand: Operand,
        to type: DataType,
        at position: Int
    ) throws(SQLError) -> Expression {
        let from = operand.type
        if case .constant(let datum, .unknown) = operand.expression {
            switch type {
            case .varchar, .char, .varbyte:
                let value = settled(operand.expression)
                return folded(.cast(value, type, isExplicit: true))
            default: return try literal(datum, as: type, at: operand.position)
            }
        }
        if from == type { return operand.expression }
        guard castKind(from: from, to: type) != nil else {
            throw SQLError(
                .cannotCoerce,
                "cannot cast type \(from.baseName) to \(type.baseName)",
                position: position
            )
        }
        return folded(.cast(operand.expression, type, isExplicit: true))
    }

    /// A value for a column of a table: 42804 where its type is no type of such values.
    ///
    /// Decimals are rounded, strings that are too long fail with 22001 when they are stored.
    func assigned(
        _ operand: Operand,
        to type: DataType,
        column: String
    ) throws(SQLError) -> Expression {
        let from = operand.type
        if from == type { return operand.expression }
        if case .constant(let datum, .unknown) = operand.expression {
            return try literal(datum, as: type, at: operand.position)
        }
        switch castKind(from: from, to: type) {
        case .implicit?, .assignment?: break
        case .explicit?, nil:
            throw SQLError(
                .datatypeMismatch,
                "column \"\(column)\" is of type \(type.baseName) but expression is of type "
                    + "\(from.baseName)",
                hint: "You will need to rewrite or cast the expression.",
                position: operand.position
            )
        }
        return folded(.cast(operand.expression, type, isExplicit: false))
    }
}
