import Functions
import Plans
import SQLTypes
import Vectors

extension Binder {
    /// A node over constants as a constant, if it has a value; itself otherwise.
    ///
    /// What fails stays as it is: an error exists only for a row that reaches it. The session's
    /// settings have been applied to the result, see ``styled(_:)``.
    func folded(_ expression: Expression) -> Expression {
        evaluated(hasStandardStyle ? expression : styled(expression))
    }

    private func evaluated(_ expression: Expression) -> Expression {
        switch expression {
        case .cast(.constant(let datum, let from), let to, let isExplicit):
            if datum.isNull { return .constant(.null, to) }
            return foldedCast(datum, from, to, isExplicit: isExplicit) ?? expression
        case .arithmetic(let op, .constant(let left, let leftType), let other, let type):
            guard case .constant(let right, let rightType) = other else { return expression }
            if left.isNull || right.isNull { return .constant(.null, type) }
            let result = try? arithmetic(
                op,
                vector(left, leftType),
                vector(right, rightType),
                leftType: leftType,
                rightType: rightType,
                resultType: type,
                count: 1
            )
            return constant(result, type) ?? expression
        case .arithmetic(_, _, .constant(.null, _), let type):
            return .constant(.null, type)
        case .negate(.constant(let datum, let from), let type):
            if datum.isNull { return .constant(.null, type) }
            return constant(
                try? negate(vector(datum, from), type: type, count: 1),
                type
            ) ?? expression
        case .compare(let op, .constant(let left, let leftType), let other):
            guard case .constant(let right, let rightType) = other else { return expression }
            if left.isNull || right.isNull { return .constant(.null, .boolean) }
            let result = compare(op, vector(left, leftType), vector(right, rightType), count: 1)
            return .constant(result.datum(0), .boolean)
        case .coalesce(let terms, let type): return foldedCoalesce(terms, type)
        case .not(.constant(.bool(let value), _)):
            return .constant(.bool(!value), .boolean)
        case .call(let function, let arguments, let type):
            return foldedCall(function, arguments, type) ?? expression
        default: return expression
        }
    }

    /// A value in the physical form of its type.
    static func normalized(_ datum: Datum, _ type: DataType) -> Datum {
        switch (type.physical, datum) {
        case (.int128, .int64(let value)): .int128(Int128(value))
        case (.int64, .int128(let value)): Int64(exactly: value).map { .int64($0) } ?? datum
        case (.float64, .int64(let value)): .float64(Double(value))
        default: datum
        }
    }

    /// COALESCE without constant NULLs, and without what stands behind another constant.
    private func foldedCoalesce(_ terms: [Expression], _ type: DataType) -> Expression {
        var kept: [Expression] = []
        for term in terms {
            if case .constant(let datum, _) = term {
                if datum.isNull { continue }
                kept.append(term)
                break
            }
            kept.append(term)
        }
        switch kept.count {
        case 0: return .constant(.null, type)
        case 1: return kept[0]
        default: return .coalesce(kept, type)
        }
    }

    private func foldedCast(
        _ datum: Datum,
        _ from: DataType,
        _ to: DataType,
        isExplicit: Bool
    ) -> Expression? {
        // Integers and their decimals are most of the literals of a long VALUES list.
        if from.isInteger, to.isInteger, case .int64(let value) = datum {
            return to.integerLimits?.contains(value) == true ? .constant(datum, to) : nil
        }
        if case .string(let bytes) = datum, from.isString {
            switch to {
            case .varchar(let length) where bytes.count <= length && !from.isChar:
                return .constant(datum, to)
            default: break
            }
        }
        let result = try? cast(
            vector(datum, from),
            from: from,
            to: to,
            isExplicit: isExplicit,
            count: 1
        )
        return constant(result, to)
    }

    private func foldedCall(
        _ function: ScalarFunction,
        _ arguments: [Expression],
        _ type: DataType
    ) -> Expression? {
        guard function.volatility == .immutable, !arguments.isEmpty else { return nil }
        var vectors: [Vector] = []
        var types: [DataType] = []
        for argument in arguments {
            guard case .constant(let datum, let type) = argument else { return nil }
            vectors.append(vector(datum, type))
            types.append(type)
            if datum.isNull, function.nullRule == .strict { continue }
        }
        if function.nullRule == .strict, vectors.contains(where: { $0.isNull(0) }) {
            return .constant(.null, type)
        }
        return constant(try? function.kernel(vectors, types, 1), type)
    }

    private func vector(_ datum: Datum, _ type: DataType) -> Vector {
        .constant(datum, physical: type.physical, count: 1)
    }

    private func constant(_ vector: Vector?, _ type: DataType) -> Expression? {
        guard let vector else { return nil }
        return .constant(Self.normalized(vector.datum(0), type), type)
    }
}

extension DataType {
    /// Whether it is CHAR.
    var isChar: Bool { if case .char = self { true } else { false } }
}
