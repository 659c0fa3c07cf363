package import Functions
package import SQLTypes
package import Vectors

/// A bound scalar expression: every name resolved, every type settled, every cast explicit.
///
/// In logical and physical trees `column` holds a ``ColumnID``; in an ``ExecutablePlan`` it holds
/// the position in the step's input chunk. The rewrite between the two is the planner's last act.
package indirect enum Expression: Hashable, Sendable {
    case column(Int, DataType)
    case constant(Datum, DataType)
    /// Both sides have the same type (decimals the same scale).
    case compare(Comparison, Expression, Expression)
    /// Two or more.
    case and([Expression])
    case or([Expression])
    case not(Expression)
    case isNull(Expression)
    case isNotNull(Expression)
    case arithmetic(ArithmeticOperator, Expression, Expression, DataType)
    case negate(Expression, DataType)
    /// From the operand's type to this one; assignments round and check lengths.
    case cast(Expression, DataType, isExplicit: Bool)
    /// Searched CASE; arms have the result's type; NULL without `otherwise`.
    case searchedCase([CaseBranch], otherwise: Expression?, DataType)
    case coalesce([Expression], DataType)
    /// `operand IN (constants)`; constants have the operand's type and may hold NULL.
    case inList(Expression, [Datum])
    /// `operand LIKE pattern` with a constant pattern.
    case like(Expression, LikeSpecification)
    case call(ScalarFunction, [Expression], DataType)
    /// The value of an uncorrelated scalar subquery, filled in by the leader before it runs.
    case scalarSubquery(Int, DataType)

    /// The type of the value.
    package var type: DataType {
        switch self {
        case .column(_, let type), .constant(_, let type), .arithmetic(_, _, _, let type),
            .negate(_, let type), .cast(_, let type, _), .searchedCase(_, _, let type),
            .coalesce(_, let type), .call(_, _, let type), .scalarSubquery(_, let type):
            type
        case .compare, .and, .or, .not, .isNull, .isNotNull, .inList, .like: .boolean
        }
    }
}

/// One WHEN … THEN … of a searched CASE.
package struct CaseBranch: Hashable, Sendable {
    package var condition: Expression
    package var result: Expression

    /// Makes an arm.
    package init(condition: Expression, result: Expression) {
        self.condition = condition
        self.result = result
    }
}

/// A constant LIKE pattern; compiled to a `LikePattern` once per segment run.
package struct LikeSpecification: Hashable, Sendable {
    package var pattern: [UInt8]
    /// The escape byte; nil for none.
    package var escape: UInt8?
    package var isCaseInsensitive: Bool

    /// Makes a specification.
    package init(pattern: [UInt8], escape: UInt8?, isCaseInsensitive: Bool) {
        self.pattern = pattern
        self.escape = escape
        self.isCaseInsensitive = isCaseInsensitive
    }
}

extension Expression {
    /// The operands, in order.
    package var children: [Expression] {
        switch self {
        case .column, .constant, .scalarSubquery: []
        case .compare(_, let left, let right), .arithmetic(_, let left, let right, _):
            [left, right]
        case .and(let terms), .or(let terms), .coalesce(let terms, _), .call(_, let terms, _):
            terms
        case .not(let operand), .isNull(let operand), .isNotNull(let operand),
            .negate(let operand, _), .cast(let operand, _, _), .inList(let operand, _),
            .like(let operand, _):
            [operand]
        case .searchedCase(let branches, let otherwise, _):
            branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        }
    }

    /// The expression with each operand replaced by what `transform` makes of it.
    package func mapChildren(_ transform: (Expression) -> Expression) -> Expression {
        switch self {
        case .column, .constant, .scalarSubquery: self
        case .compare(let op, let left, let right):
            .compare(op, transform(left), transform(right))
        case .arithmetic(let op, let left, let right, let type):
            .arithmetic(op, transform(left), transform(right), type)
        case .and(let terms): .and(terms.map(transform))
        case .or(let terms): .or(terms.map(transform))
        case .coalesce(let terms, let type): .coalesce(terms.map(transform), type)
        case .call(let function, let arguments, let type):
            .call(function, arguments.map(transform), type)
        case .not(let operand): .not(transform(operand))
        case .isNull(let operand): .isNull(transform(operand))
        case .isNotNull(let operand): .isNotNull(transform(operand))
        case .negate(let operand, let type): .negate(transform(operand), type)
        case .cast(let operand, let type, let isExplicit):
            .cast(transform(operand), type, isExplicit: isExplicit)
        case .inList(let operand, let values): .inList(transform(operand), values)
        case .like(let operand, let specification): .like(transform(operand), specification)
        case .searchedCase(let branches, let otherwise, let type):
            .searchedCase(
                branches.map {
                    CaseBranch(condition: transform($0.condition), result: transform($0.result))
                },
                otherwise: otherwise.map(transform),
                type
            )
        }
    }

    /// The expression with every node rewritten from the leaves up.
    package func rewritten(_ transform: (Expression) -> Expression) -> Expression {
        transform(mapChildren { $0.rewritten(transform) })
    }

    /// The columns it reads.
    package var columns: Set<Int> {
        var found: Set<Int> = []
        collectColumns(into: &found)
        return found
    }

    private func collectColumns(into found: inout Set<Int>) {
        if case .column(let id, _) = self { found.insert(id) }
        for child in children { child.collectColumns(into: &found) }
    }

    /// Whether evaluating it can raise an error for some row: such expressions are not moved
    /// below joins or filters and not evaluated for rows that do not reach them.
    package var canFail: Bool {
        let own =
            switch self {
            case .arithmetic, .negate: true
            case .cast(let operand, let type, _): !isSafeCast(from: operand.type, to: type)
            case .call(let function, _, _): function.canFail
            default: false
            }
        return own || children.contains { $0.canFail }
    }

    /// The terms of a conjunction; itself where it is none.
    package var conjuncts: [Expression] {
        if case .and(let terms) = self { terms.flatMap(\.conjuncts) } else { [self] }
    }

    /// The conjunction of terms; nil for none.
    package static func conjunction(_ terms: [Expression]) -> Expression? {
        switch terms.count {
        case 0: nil
        case 1: terms[0]
        default: .and(terms)
        }
    }
}

/// Whether no value of `from` can fail to become `to`.
private func isSafeCast(from: DataType, to: DataType) -> Bool {
    if from == to { return true }
    switch (from, to) {
    case (.smallint, .integer), (.smallint, .bigint), (.integer, .bigint): return true
    case (_, .doublePrecision) where from.isNumeric: return true
    case (.char, .varchar), (.varchar, .varchar), (.date, .timestamp), (.unknown, .varchar):
        return true
    case (.smallint, .decimal(let precision, let scale)): return precision - scale >= 5
    case (.integer, .decimal(let precision, let scale)): return precision - scale >= 10
    case (.bigint, .decimal(let precision, let scale)): return precision - scale >= 19
    case (.decimal(let p1, let s1), .decimal(let p2, let s2)): return s2 >= s1 && p2 - s2 >= p1 - s1
    default: return false
    }
}
