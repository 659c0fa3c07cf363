import Plans
import SQLTypes
import Vectors

/// The disjunction of terms with what all arms share taken out:
/// `(a AND x) OR (a AND y)` becomes `a AND (x OR y)`, and equalities of one expression a list.
func factored(_ terms: [Expression]) -> Expression {
    let arms = terms.map(\.conjuncts)
    let shared = arms[0].filter { term in arms.dropFirst().allSatisfy { $0.contains(term) } }
    guard !shared.isEmpty else { return listOfEqualities(terms) ?? .or(terms) }
    let rests = arms.map { arm in arm.filter { !shared.contains($0) } }
    // An arm that is nothing but the shared part makes the rest of the others irrelevant.
    if rests.contains(where: \.isEmpty) { return Expression.conjunction(shared) ?? .or(terms) }
    let remaining = rests.compactMap(Expression.conjunction)
    return .and(shared + (listOfEqualities(remaining) ?? .or(remaining)).conjuncts)
}

/// `x = 1 OR x IN (2, 3)` as `x IN (1, 2, 3)`; nil for anything else.
private func listOfEqualities(_ terms: [Expression]) -> Expression? {
    var subject: Expression?
    var values: [Datum] = []
    for term in terms {
        let operand: Expression
        switch term {
        case .compare(.equal, let left, .constant(let value, _)):
            operand = left
            values.append(value)
        case .inList(let left, let list):
            operand = left
            values += list
        default: return nil
        }
        if subject != nil, subject != operand { return nil }
        subject = operand
    }
    return subject.map { .inList($0, values) }
}

/// What a disjunction implies for one relation alone: each arm must say something of it.
///
/// From `(p_size < 5 AND l_quantity < 11) OR (p_size < 10 AND l_quantity < 20)` follows
/// `p_size < 5 OR p_size < 10` for part. Nil where an arm says nothing.
func impliedPredicate(of expression: Expression, on columns: Set<ColumnID>) -> Expression? {
    guard case .or(let arms) = expression else { return nil }
    var implied: [Expression] = []
    for arm in arms {
        let own = arm.conjuncts.filter { term in
            let read = term.columns
            return !read.isEmpty && read.isSubset(of: columns) && term.isMovable
        }
        guard let term = Expression.conjunction(own) else { return nil }
        implied.append(term)
    }
    return simplified(.or(implied))
}
