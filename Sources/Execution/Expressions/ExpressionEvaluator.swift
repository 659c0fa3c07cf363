import Functions
package import Plans
package import SQLTypes
package import Vectors

/// A compiled expression: evaluates chunk after chunk, on one thread.
///
/// Compiled once per segment run: constants are folded and made vectors, patterns and sets are
/// prepared. An error exists only for rows that reach the failing part: guarded arms of CASE,
/// COALESCE, AND and OR see only rows that come to them, where they can fail at all.
package struct ExpressionEvaluator {
    private let root: ExpressionNode

    /// Compiles an expression whose columns are positions in the chunks to come.
    package init(_ expression: Expression) {
        root = compile(expression)
    }

    /// The value for each row of the chunk, `chunk.count` rows in any form.
    ///
    /// - Throws: what the functions, casts and arithmetic of the expression throw.
    package func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        try root.evaluate(chunk)
    }

    /// The rows for which a condition is true and not NULL, a bit each.
    ///
    /// - Throws: as ``evaluate(_:)``.
    package func trueBits(_ chunk: Chunk) throws(SQLError) -> [UInt64] {
        try root.trueBits(chunk)
    }

    /// Whether it can raise an error for some row.
    var canFail: Bool { root.canFail }
}

/// The value of an expression without columns, for callers that fold constants.
///
/// - Throws: what its functions, casts and arithmetic throw.
package func evaluateConstant(_ expression: Expression) throws(SQLError) -> Datum {
    try compile(expression).evaluate(Chunk(count: 1, columns: [])).datum(0)
}

/// A node of a compiled expression.
class ExpressionNode {
    /// Whether it can raise an error for some row.
    let canFail: Bool
    /// The columns it reads, ascending.
    let columns: [Int]

    init(canFail: Bool, columns: [Int]) {
        self.canFail = canFail
        self.columns = columns
    }

    /// One node's columns and failures from its operands'.
    init(_ operands: [ExpressionNode], canFail: Bool = false) {
        self.canFail = canFail || operands.contains { $0.canFail }
        columns = Set(operands.flatMap(\.columns)).sorted()
    }

    /// The value for each row.
    func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        throw SQLError.invariant("an expression node lacks its evaluation")
    }

    /// The rows for which a condition is true and not NULL.
    func trueBits(_ chunk: Chunk) throws(SQLError) -> [UInt64] {
        try evaluate(chunk).trueBits()
    }

    /// The value for the rows at `positions` only.
    func evaluate(
        _ chunk: Chunk,
        at positions: UnsafePointer<UInt16>,
        count: Int
    ) throws(SQLError) -> Vector {
        if count == chunk.count { return try evaluate(chunk) }
        return try evaluate(chunk.gather(positions, count: count, only: columns))
    }
}

extension Chunk {
    /// The rows at `positions`; of the columns not in `needed` only constants stand there.
    func gather(_ positions: UnsafePointer<UInt16>, count: Int, only needed: [Int]) -> Chunk {
        var made: [Vector] = []
        made.reserveCapacity(columns.count)
        var next = 0
        for (index, column) in columns.enumerated() {
            if next < needed.count && needed[next] == index {
                made.append(column.gather(positions, count: count))
                next += 1
            } else {
                made.append(.nulls(physical: column.physical, count: count))
            }
        }
        return Chunk(count: count, columns: made)
    }
}

/// Compiles an expression, folding what is constant and evaluating per dictionary entry what
/// reads one column only.
func compile(_ expression: Expression) -> ExpressionNode {
    if expression.isFoldable, expression.columns.isEmpty {
        // A constant part that fails is left alone: it fails only for rows that reach it.
        if let folded = try? compileNode(expression).evaluate(Chunk(count: 1, columns: [])) {
            return ConstantNode(folded, type: expression.type)
        }
    }
    let node = compileNode(expression)
    if expression.isPerEntry, let column = node.columns.first, !node.canFail {
        return DictionaryNode(node, column: column)
    }
    return node
}

extension Expression {
    /// Whether its value depends on its columns alone: nothing in it is volatile or comes from
    /// another query.
    package var isRepeatable: Bool {
        if case .call(let function, _, _) = self, function.volatility == .volatile { return false }
        if case .scalarSubquery = self { return false }
        return children.allSatisfy { $0.isRepeatable }
    }

    /// Whether it is worth a try to fold it: something to do, and nothing volatile.
    fileprivate var isFoldable: Bool {
        switch self {
        case .column: false
        default: isRepeatable
        }
    }

    /// Whether it computes more than a comparison from one column: then dictionaries pay.
    fileprivate var isPerEntry: Bool {
        switch self {
        case .call, .cast, .searchedCase, .coalesce, .inList, .and, .or:
            isRepeatable && columns.count == 1
        case .compare(_, let left, let right):
            columns.count == 1 && isRepeatable && (left.isPerEntry || right.isPerEntry)
        default: false
        }
    }
}

private func compileNode(_ expression: Expression) -> ExpressionNode {
    switch expression {
    case .column(let position, _): return ColumnNode(position)
    case .constant(let datum, let type): return ConstantNode(datum, type: type)
    case .compare(let op, let left, let right):
        return CompareNode(op, compile(left), compile(right))
    case .and(let terms): return LogicNode(terms.map(compile), isAnd: true)
    case .or(let terms): return LogicNode(terms.map(compile), isAnd: false)
    case .not(let operand): return NotNode(compile(operand))
    case .isNull(let operand): return NullTestNode(compile(operand), isNull: true)
    case .isNotNull(let operand): return NullTestNode(compile(operand), isNull: false)
    case .arithmetic(let op, let left, let right, let type):
        return ArithmeticNode(
            op,
            compile(left),
            compile(right),
            types: (left.type, right.type, type)
        )
    case .negate(let operand, let type): return NegateNode(compile(operand), type: type)
    case .cast(let operand, let type, let isExplicit):
        return CastNode(
            compile(operand),
            from: operand.type,
            to: type,
            isExplicit: isExplicit,
            canFail: Expression.cast(.column(0, operand.type), type, isExplicit: isExplicit).canFail
        )
    case .searchedCase(let branches, let otherwise, let type):
        return CaseNode(
            conditions: branches.map { compile($0.condition) },
            results: branches.map { compile($0.result) },
            otherwise: compile(otherwise ?? .constant(.null, type)),
            physical: type.physical
        )
    case .coalesce(let terms, let type):
        return CoalesceNode(terms.map(compile), physical: type.physical)
    case .inList(let operand, let values):
        return InListNode(
            compile(operand),
            set: ValueSet(values, physical: operand.type.physical)
        )
    case .like(let operand, let specification):
        return LikeNode(compile(operand), specification)
    case .call(let function, let arguments, _):
        return CallNode(function, arguments.map(compile), types: arguments.map(\.type))
    case .scalarSubquery: return UnfilledNode(canFail: true, columns: [])
    }
}

/// A scalar subquery that the leader has not replaced.
private final class UnfilledNode: ExpressionNode {
    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        throw SQLError.invariant("a scalar subquery reached a slice without its value")
    }
}
