import Functions
import Plans
import SQLTypes
import Vectors

/// Replaces what can be computed now by its value, and tidies Boolean expressions.
///
/// An expression whose evaluation fails stays as it is: the error belongs to the rows that reach
/// it. NULL rules are SQL's: `NOT (a < b)` becomes `a >= b`, which is NULL for the same rows.
func simplified(_ expression: Expression) -> Expression {
    switch expression {
    // A long chain is flattened once, not once for each of its levels.
    case .and: simplifiedConjunction(expression.flatConjuncts.map(simplified))
    case .or: simplifiedDisjunction(expression.disjuncts.map(simplified))
    default: simplifiedNode(expression.mapChildren(simplified))
    }
}

/// One node whose operands are simplified already.
private func simplifiedNode(_ expression: Expression) -> Expression {
    switch expression {
    case .column, .constant, .scalarSubquery: return expression
    case .and(let terms): return simplifiedConjunction(terms)
    case .or(let terms): return simplifiedDisjunction(terms)
    case .not(let operand): return negation(of: operand) ?? expression
    case .coalesce(let terms, let type):
        guard let first = terms.first, case .constant(let value, _) = first else {
            return expression
        }
        if !value.isNull { return .constant(value, type) }
        return terms.count == 1
            ? .constant(.null, type) : simplifiedNode(.coalesce(Array(terms.dropFirst()), type))
    case .searchedCase(let branches, let otherwise, let type):
        return simplifiedCase(branches, otherwise: otherwise, type: type)
    case .compare(let op, .constant(let value, let type), let right)
    where !right.isConstant:
        return simplifiedNode(.compare(op.commuted, right, .constant(value, type)))
    case .compare(let op, let left, .constant(let value, let type)) where !left.isConstant:
        if value.isNull { return .constant(.null, .boolean) }
        return comparisonWithoutCast(op, left, value, type) ?? expression
    case .inList(.cast(let operand, let type, _), let values):
        return listWithoutCast(operand, type, values) ?? expression
    case .like(.cast(let operand, .varchar(let limit), _), let pattern)
    where isWideningString(from: operand.type, to: .varchar(limit)):
        return .like(operand, pattern)
    case .cast(let operand, let type, _) where operand.type == type: return operand
    default:
        guard expression.children.allSatisfy(\.isConstant),
            let value = try? constantValue(of: expression)
        else { return expression }
        return .constant(value, expression.type)
    }
}

private func simplifiedConjunction(_ terms: [Expression]) -> Expression {
    var kept: [Expression] = []
    var seen: Set<Expression> = []
    for term in terms.flatMap(\.flatConjuncts) {
        if case .constant(.bool(true), _) = term { continue }
        if case .constant(.bool(false), _) = term { return term }
        if seen.insert(term).inserted { kept.append(term) }
    }
    return Expression.conjunction(kept) ?? .constant(.bool(true), .boolean)
}

private func simplifiedDisjunction(_ terms: [Expression]) -> Expression {
    var kept: [Expression] = []
    var seen: Set<Expression> = []
    for term in terms.flatMap(\.disjuncts) {
        if case .constant(.bool(false), _) = term { continue }
        if case .constant(.bool(true), _) = term { return term }
        if seen.insert(term).inserted { kept.append(term) }
    }
    switch kept.count {
    case 0: return .constant(.bool(false), .boolean)
    case 1: return kept[0]
    default: return factored(kept)
    }
}

/// `NOT operand` without the NOT, where that says the same of NULLs; nil if it must stay.
private func negation(of operand: Expression) -> Expression? {
    switch operand {
    case .constant(.null, let type): .constant(.null, type)
    case .constant(.bool(let value), let type): .constant(.bool(!value), type)
    case .not(let inner): inner
    case .compare(let op, let left, let right): .compare(op.negated, left, right)
    case .isNull(let inner): .isNotNull(inner)
    case .isNotNull(let inner): .isNull(inner)
    case .and(let terms): simplifiedDisjunction(terms.map { negation(of: $0) ?? .not($0) })
    case .or(let terms): simplifiedConjunction(terms.map { negation(of: $0) ?? .not($0) })
    default: nil
    }
}

private func simplifiedCase(
    _ branches: [CaseBranch],
    otherwise: Expression?,
    type: DataType
) -> Expression {
    var kept: [CaseBranch] = []
    for branch in branches {
        guard case .constant(let value, _) = branch.condition else {
            kept.append(branch)
            continue
        }
        guard value == .bool(true) else { continue }
        if kept.isEmpty { return branch.result }
        return .searchedCase(kept, otherwise: branch.result, type)
    }
    if kept.isEmpty { return otherwise ?? .constant(.null, type) }
    return .searchedCase(kept, otherwise: otherwise, type)
}

/// The value of an expression whose operands are constants; nil for what may not be folded.
///
/// - Throws: what evaluating it would throw.
private func constantValue(of expression: Expression) throws(SQLError) -> Datum? {
    let operands = expression.children
    var vectors: [Vector] = []
    for case .constant(let value, let type) in operands {
        vectors.append(.constant(value, physical: type.physical, count: 1))
    }
    let result: Vector
    switch expression {
    case .compare(let op, _, _): result = compare(op, vectors[0], vectors[1], count: 1)
    case .arithmetic(let op, let left, let right, let type):
        result = try arithmetic(
            op,
            vectors[0],
            vectors[1],
            leftType: left.type,
            rightType: right.type,
            resultType: type,
            count: 1
        )
    case .negate(_, let type): result = try negate(vectors[0], type: type, count: 1)
    case .cast(let operand, let type, let isExplicit):
        if case .constant(.null, _) = operand { return .null }
        result = try cast(
            vectors[0],
            from: operand.type,
            to: type,
            isExplicit: isExplicit,
            count: 1
        )
    case .isNull: return .bool(vectors[0].isNull(0))
    case .isNotNull: return .bool(!vectors[0].isNull(0))
    case .call(let function, let arguments, _):
        guard function.volatility == .immutable else { return nil }
        if function.nullRule == .strict, vectors.contains(where: { $0.isNull(0) }) { return .null }
        result = try function.kernel(vectors, arguments.map(\.type), 1)
    default: return nil
    }
    return result.datum(0).inPhysicalForm(of: expression.type)
}

extension Datum {
    /// The value in the width that stored values of the type have.
    func inPhysicalForm(of type: DataType) -> Datum {
        switch (type.physical, self) {
        case (.int64, .int128(let value)): Int64(exactly: value).map { .int64($0) } ?? self
        case (.int128, .int64(let value)): .int128(Int128(value))
        case (.float64, .int64(let value)): .float64(Double(value))
        default: self
        }
    }
}

extension Expression {
    /// Whether it is a constant.
    var isConstant: Bool { if case .constant = self { true } else { false } }

    /// Whether it is the constant TRUE.
    var isTrue: Bool { self == .constant(.bool(true), .boolean) }

    /// Whether it may be evaluated elsewhere, for more rows or fewer: it cannot fail and does not
    /// differ from call to call.
    var isMovable: Bool { !canFail && !isVolatile }

    /// Whether it may give another value each time.
    var isVolatile: Bool {
        if case .call(let function, _, _) = self, function.volatility == .volatile { return true }
        return children.contains(where: \.isVolatile)
    }

    /// The terms of a conjunction, however deep; itself where it is none.
    var flatConjuncts: [Expression] {
        var terms: [Expression] = []
        collectConjuncts(into: &terms)
        return terms
    }

    private func collectConjuncts(into found: inout [Expression]) {
        guard case .and(let terms) = self else { return found.append(self) }
        for term in terms { term.collectConjuncts(into: &found) }
    }

    /// The terms of a disjunction, however deep; itself where it is none.
    var disjuncts: [Expression] {
        var terms: [Expression] = []
        collectDisjuncts(into: &terms)
        return terms
    }

    private func collectDisjuncts(into found: inout [Expression]) {
        guard case .or(let terms) = self else { return found.append(self) }
        for term in terms { term.collectDisjuncts(into: &found) }
    }

    /// The expression with columns replaced by what they stand for.
    func substituted(_ values: [ColumnID: Expression]) -> Expression {
        if values.isEmpty { return self }
        if case .column(let id, _) = self { return values[id] ?? self }
        return mapChildren { $0.substituted(values) }
    }
}

extension Comparison {
    /// The comparison with its sides exchanged.
    var commuted: Comparison {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        default: self
        }
    }

    /// The comparison that is true where this one is false.
    var negated: Comparison {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }
}
