import Functions
import Plans
import SQLTypes
import Vectors

// Nodes that evaluate their operands for all rows and combine them with one kernel.

/// A column of the chunk.
final class ColumnNode: ExpressionNode {
    private let position: Int

    init(_ position: Int) {
        self.position = position
        super.init(canFail: false, columns: [position])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector { chunk.columns[position] }
}

/// A constant, kept as a vector.
final class ConstantNode: ExpressionNode {
    private var vector: Vector

    /// Keeps a value; a DECIMAL of many digits as int64 where it fits, so that it does not widen
    /// what it meets.
    init(_ datum: Datum, type: DataType) {
        var physical = type.physical
        var datum = datum
        if type.isDecimal && physical == .int128 {
            if datum.isNull { physical = .int64 }
            if let narrow = datum.exact.flatMap({ Int64(exactly: $0) }) {
                datum = .int64(narrow)
                physical = .int64
            }
        }
        vector = .constant(datum, physical: physical, count: 1)
        super.init(canFail: false, columns: [])
    }

    /// Keeps the first row of a folded expression.
    convenience init(_ vector: Vector, type: DataType) { self.init(vector.datum(0), type: type) }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        if vector.count != chunk.count { vector = vector.repeated(count: chunk.count) }
        return vector
    }
}

/// A comparison.
final class CompareNode: ExpressionNode {
    private let op: Comparison
    private let left: ExpressionNode
    private let right: ExpressionNode

    init(_ op: Comparison, _ left: ExpressionNode, _ right: ExpressionNode) {
        self.op = op
        self.left = left
        self.right = right
        super.init([left, right])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        compare(op, try left.evaluate(chunk), try right.evaluate(chunk), count: chunk.count)
    }

    override func trueBits(_ chunk: Chunk) throws(SQLError) -> [UInt64] {
        compareBits(op, try left.evaluate(chunk), try right.evaluate(chunk), count: chunk.count)
    }
}

/// NOT.
final class NotNode: ExpressionNode {
    private let operand: ExpressionNode

    init(_ operand: ExpressionNode) {
        self.operand = operand
        super.init([operand])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        logicalNot(try operand.evaluate(chunk))
    }
}

/// IS NULL and IS NOT NULL.
final class NullTestNode: ExpressionNode {
    private let operand: ExpressionNode
    private let isNull: Bool

    init(_ operand: ExpressionNode, isNull: Bool) {
        self.operand = operand
        self.isNull = isNull
        super.init([operand])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        let value = try operand.evaluate(chunk)
        return isNull
            ? isNullVector(value, count: chunk.count) : isNotNullVector(value, count: chunk.count)
    }
}

/// Arithmetic of two operands.
final class ArithmeticNode: ExpressionNode {
    private let op: ArithmeticOperator
    private let left: ExpressionNode
    private let right: ExpressionNode
    private let types: (left: DataType, right: DataType, result: DataType)

    init(
        _ op: ArithmeticOperator,
        _ left: ExpressionNode,
        _ right: ExpressionNode,
        types: (left: DataType, right: DataType, result: DataType)
    ) {
        self.op = op
        self.left = left
        self.right = right
        self.types = types
        super.init(canFail: true, columns: Set(left.columns + right.columns).sorted())
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        try arithmetic(
            op,
            try left.evaluate(chunk),
            try right.evaluate(chunk),
            leftType: types.left,
            rightType: types.right,
            resultType: types.result,
            count: chunk.count
        )
    }
}

/// A sign change.
final class NegateNode: ExpressionNode {
    private let operand: ExpressionNode
    private let type: DataType

    init(_ operand: ExpressionNode, type: DataType) {
        self.operand = operand
        self.type = type
        super.init(canFail: true, columns: operand.columns)
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        try negate(try operand.evaluate(chunk), type: type, count: chunk.count)
    }
}

/// A cast.
final class CastNode: ExpressionNode {
    private let operand: ExpressionNode
    private let from: DataType
    private let to: DataType
    private let isExplicit: Bool

    init(
        _ operand: ExpressionNode,
        from: DataType,
        to: DataType,
        isExplicit: Bool,
        canFail: Bool
    ) {
        self.operand = operand
        self.from = from
        self.to = to
        self.isExplicit = isExplicit
        super.init(canFail: canFail || operand.canFail, columns: operand.columns)
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        let value = try operand.evaluate(chunk)
        return try cast(value, from: from, to: to, isExplicit: isExplicit, count: chunk.count)
    }
}

/// IN over constants.
final class InListNode: ExpressionNode {
    private let operand: ExpressionNode
    private let set: ValueSet

    init(_ operand: ExpressionNode, set: ValueSet) {
        self.operand = operand
        self.set = set
        super.init([operand])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        isIn(try operand.evaluate(chunk), set: set, count: chunk.count)
    }
}

/// LIKE with a constant pattern.
final class LikeNode: ExpressionNode {
    private let operand: ExpressionNode
    private let pattern: LikePattern

    init(_ operand: ExpressionNode, _ specification: LikeSpecification) {
        self.operand = operand
        pattern = LikePattern(specification)
        super.init([operand])
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        matchLike(try operand.evaluate(chunk), pattern: pattern, count: chunk.count)
    }
}

/// A call of a scalar function.
final class CallNode: ExpressionNode {
    private let function: ScalarFunction
    private let arguments: [ExpressionNode]
    private let types: [DataType]

    init(_ function: ScalarFunction, _ arguments: [ExpressionNode], types: [DataType]) {
        self.function = function
        self.arguments = arguments
        self.types = types
        super.init(
            canFail: function.canFail || arguments.contains { $0.canFail },
            columns: Set(arguments.flatMap(\.columns)).sorted()
        )
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        var values: [Vector] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(chunk)) }
        if function.nullRule == .strict && values.contains(where: { $0.isNullConstant }) {
            let physical = function.resultType(types).physical
            return .nulls(physical: physical, count: chunk.count)
        }
        let result = try function.kernel(values, types, chunk.count)
        if function.nullRule == .own { return result }
        return result.withNulls(of: values)
    }
}

extension Vector {
    /// The vector with NULLs also where any of `others` is NULL; none is a NULL constant.
    fileprivate func withNulls(of others: [Vector]) -> Vector {
        var words: [UInt64]?
        for other in others where !other.isConstant {
            guard let validity = other.validity else { continue }
            if var merged = words {
                for word in merged.indices { merged[word] &= validity[word] }
                words = merged
            } else {
                words = validity
            }
        }
        guard var words, !isNullConstant else { return self }
        let source = isConstant ? flattened() : self
        if let own = source.validity {
            for word in words.indices { words[word] &= own[word] }
        }
        return Vector(
            physical: source.physical,
            form: source.form,
            count: source.count,
            data: source.data,
            base: source.base,
            dictionary: source.dictionary,
            validity: words,
            bounds: source.bounds,
            owners: source.owners
        )
    }
}
