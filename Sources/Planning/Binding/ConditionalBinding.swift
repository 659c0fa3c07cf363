import Plans
import SQLSyntax
import SQLTypes
import Vectors

// CASE and the functions that are CASE in other words: they evaluate an arm only for the rows
// that reach it, so they are bound to conditional expressions and not to function calls.

extension Binder {
    func bindCase(
        _ syntax: CaseSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        var conditions: [Expression] = []
        let operand = try syntax.operand.map { value throws(SQLError) in
            try bindOperand(value, scope)
        }
        for branch in syntax.branches {
            let when = try bindOperand(branch.when, scope)
            if let operand {
                conditions.append(try comparison(.equal, operand, when, at: when.position))
            } else {
                conditions.append(try requireBoolean(when, of: "CASE/WHEN"))
            }
        }
        var results = try bindOperands(syntax.branches.map(\.then), scope)
        if let otherwise = syntax.otherwise { results.append(try bindOperand(otherwise, scope)) }
        return try searchedCase(
            conditions,
            results,
            hasElse: syntax.otherwise != nil,
            construct: "CASE"
        )
    }

    /// CASE of bound parts; the last result is ELSE where there is one.
    private func searchedCase(
        _ conditions: [Expression],
        _ results: [Operand],
        hasElse: Bool,
        construct: String
    ) throws(SQLError) -> Expression {
        let (values, type) = try unify(results, construct: construct)
        let branches = zip(conditions, values).map {
            CaseBranch(condition: $0, result: $1)
        }
        return .searchedCase(branches, otherwise: hasElse ? values.last : nil, type)
    }

    /// COALESCE, NVL, NVL2, NULLIF, DECODE, GREATEST and LEAST; nil for any other name.
    func bindConditional(
        _ name: String,
        _ arguments: [ExpressionSyntax],
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression? {
        switch name {
        case "coalesce", "nvl":
            let operands = try bindOperands(arguments, scope)
            guard !operands.isEmpty else { return nil }
            let (values, type) = try unify(operands, construct: "COALESCE")
            return folded(.coalesce(values, type))
        case "nvl2" where arguments.count == 3:
            let operands = try bindOperands(arguments, scope)
            return try searchedCase(
                [.isNotNull(settled(operands[0].expression))],
                Array(operands.dropFirst()),
                hasElse: true,
                construct: "NVL2"
            )
        case "nullif" where arguments.count == 2:
            let operands = try bindOperands(arguments, scope)
            let isEqual = try comparison(.equal, operands[0], operands[1], at: position)
            // A literal is what the comparison takes it for.
            let value =
                operands[0].type == .unknown && operands[1].type != .unknown
                ? try adapted(operands[0], to: operands[1].type)
                : settled(operands[0].expression)
            return .searchedCase(
                [CaseBranch(condition: isEqual, result: .constant(.null, value.type))],
                otherwise: value,
                value.type
            )
        case "decode" where arguments.count >= 3:
            return try bindDecode(try bindOperands(arguments, scope), at: position)
        case "greatest", "least":
            guard arguments.count > 1 else { return nil }
            let operands = try bindOperands(arguments, scope)
            let (values, _) = try unify(operands, construct: name.uppercased())
            let unified = zip(values, operands).map { Operand($0, $1.position) }
            return try call(name, unified, at: position)
        default: return nil
        }
    }

    /// DECODE(e, s1, r1, …): CASE in which NULL matches NULL.
    private func bindDecode(
        _ operands: [Operand],
        at position: Int
    ) throws(SQLError) -> Expression {
        let subject = operands[0]
        var conditions: [Expression] = []
        var results: [Operand] = []
        var index = 1
        while index + 1 < operands.count {
            conditions.append(try decodeMatch(subject, operands[index], at: position))
            results.append(operands[index + 1])
            index += 2
        }
        let hasElse = index < operands.count
        if hasElse { results.append(operands[index]) }
        return try searchedCase(conditions, results, hasElse: hasElse, construct: "DECODE")
    }

    private func decodeMatch(
        _ subject: Operand,
        _ search: Operand,
        at position: Int
    ) throws(SQLError) -> Expression {
        let value = settled(subject.expression)
        if case .constant(.null, _) = search.expression { return .isNull(value) }
        let isEqual = try comparison(.equal, subject, search, at: position)
        if case .constant = search.expression { return isEqual }
        return .or([isEqual, .and([.isNull(value), .isNull(settled(search.expression))])])
    }
}
