import Plans
import SQLTypes
import Vectors

/// A bound expression and where errors about it point.
struct Operand {
    var expression: Expression
    var position: Int

    init(_ expression: Expression, _ position: Int) {
        self.expression = expression
        self.position = position
    }

    var type: DataType { expression.type }
}

extension Binder {
    // MARK: Giving a type

    /// The expression with an untyped literal made VARCHAR of its length.
    func settled(_ expression: Expression) -> Expression {
        guard case .constant(let datum, .unknown) = expression else { return expression }
        return .constant(datum, Self.literalType(of: datum))
    }

    /// The VARCHAR that just holds a literal.
    static func literalType(of datum: Datum) -> DataType {
        guard case .string(let bytes) = datum else { return .varchar(1) }
        return .varchar(min(DataType.varcharMaxLength, max(1, bytes.count)))
    }

    /// The expression implicitly converted; a literal is parsed, with its place in errors.
    ///
    /// - Errors: 22P02, 22007, 22008, 22003 for a literal that is no value of the type.
    func coerce(
        _ expression: Expression,
        to type: DataType,
        at position: Int
    ) throws(SQLError) -> Expression {
        let from = expression.type
        if from == type { return expression }
        if case .constant(let datum, .unknown) = expression {
            return try literal(datum, as: type, at: position)
        }
        if type == .unknown { return expression }
        // Comparing and storing look at bytes alone, so a wider limit needs no work.
        if case .varchar(let old) = from, case .varchar(let new) = type, old <= new {
            if case .constant(let datum, _) = expression { return .constant(datum, type) }
        }
        return folded(.cast(expression, type, isExplicit: false))
    }

    /// A literal without a type, parsed as one of `type`.
    func literal(
        _ datum: Datum,
        as type: DataType,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard case .string(let bytes) = datum, let text = datum.text else {
            return .constant(.null, type)
        }
        let reading = literalReading(at: position)
        switch type {
        case .unknown: return .constant(datum, .unknown)
        case .varchar(let length):
            guard bytes.count > length else { return .constant(datum, type) }
            return folded(.cast(settled(.constant(datum, .unknown)), type, isExplicit: false))
        case .char, .varbyte:
            return folded(.cast(settled(.constant(datum, .unknown)), type, isExplicit: false))
        case .date, .timestamp, .timestampTZ, .time, .timeTZ:
            if let special = specialTime(text, as: type, reading) {
                nameRecord?.note(literal: text, read: special, as: type, at: position)
                return .constant(special, type)
            }
        default: break
        }
        let value: Datum
        do {
            value = Self.normalized(
                try parseDatum(text, type: type, style: reading.style),
                type
            )
        } catch {
            throw error.located(at: position)
        }
        if type == .interval { try requireSimpleInterval(value, at: position) }
        nameRecord?.note(literal: text, read: value, as: type, at: position)
        return .constant(value, type)
    }

    // MARK: A type for several

    /// The type that CASE, COALESCE, VALUES, UNION and their kin give their arms.
    ///
    /// - Errors: 42804 `CASE types integer and date cannot be matched`.
    func commonType(
        _ operands: [Operand],
        construct: String
    ) throws(SQLError) -> DataType {
        var common: DataType?
        var literalLength = 1
        // Integer constants come last: next to a decimal that has room for them they change
        // nothing, so that `CASE … ELSE 0 END` keeps its precision.
        for countsIntegerConstants in [false, true] {
            for operand in operands {
                let type = operand.type
                if type == .unknown {
                    if case .constant(.string(let bytes), _) = operand.expression {
                        literalLength = max(literalLength, bytes.count)
                    }
                    continue
                }
                let constant = integerConstant(operand.expression)
                guard (constant != nil) == countsIntegerConstants else { continue }
                guard let known = common else {
                    common = type
                    continue
                }
                if let constant, hasRoom(known, for: constant) { continue }
                guard let next = unified(known, type) else {
                    throw SQLError(
                        .datatypeMismatch,
                        "\(construct) types \(known.baseName) and \(type.baseName) cannot be "
                            + "matched",
                        position: operand.position
                    )
                }
                common = next
            }
        }
        literalLength = min(literalLength, DataType.varcharMaxLength)
        switch common {
        case nil: return .varchar(literalLength)
        case .varchar(let length)?: return .varchar(max(length, literalLength))
        case .char(let length)? where literalLength > length: return .varchar(literalLength)
        case let type?: return type
        }
    }

    private func integerConstant(_ expression: Expression) -> Int128? {
        guard case .constant(let datum, let type) = expression, type.isInteger else { return nil }
        return datum.exact
    }

    private func hasRoom(_ type: DataType, for value: Int128) -> Bool {
        guard case .decimal(let precision, let scale) = type else { return false }
        return value.magnitude < DataType.powerOfTen128(precision - scale).magnitude
    }

    /// The type that holds values of both; nil if there is none.
    ///
    /// Decimals that differ take the greater scale and enough digits before it, up to 19 in all
    /// as in Redshift's set operations, or up to 38 where one side has over 19 already.
    func unified(_ left: DataType, _ right: DataType) -> DataType? {
        if left == right { return left }
        switch (left, right) {
        case (.unknown, _): return right
        case (_, .unknown): return left
        case (.char(let a), .char(let b)): return .char(max(a, b))
        case (.char(let a), .varchar(let b)), (.varchar(let a), .char(let b)),
            (.varchar(let a), .varchar(let b)):
            return .varchar(max(a, b))
        case (.varbyte(let a), .varbyte(let b)): return .varbyte(max(a, b))
        case (.time, .timeTZ), (.timeTZ, .time): return .timeTZ
        case (.date, .timestamp), (.timestamp, .date): return .timestamp
        case (.date, .timestampTZ), (.timestampTZ, .date), (.timestamp, .timestampTZ),
            (.timestampTZ, .timestamp):
            return .timestampTZ
        default: break
        }
        guard left.isNumeric, right.isNumeric else { return nil }
        if left.isFloat || right.isFloat { return .doublePrecision }
        guard let (p1, s1) = decimalShape(left), let (p2, s2) = decimalShape(right) else {
            return nil
        }
        if left.isInteger, right.isInteger { return p1 >= p2 ? left : right }
        let scale = max(s1, s2)
        let precision = max(p1 - s1, p2 - s2) + scale
        let cap =
            max(p1, p2) > DataType.decimalMaxPrecision64
            ? DataType.decimalMaxPrecision : DataType.decimalMaxPrecision64
        return .decimal(precision: min(precision, cap), scale: scale)
    }

    /// Operands converted to their common type.
    func unify(
        _ operands: [Operand],
        construct: String
    ) throws(SQLError) -> (expressions: [Expression], type: DataType) {
        let type = try commonType(operands, construct: construct)
        var expressions: [Expression] = []
        expressions.reserveCapacity(operands.count)
        for operand in operands {
            expressions.append(
                try coerce(operand.expression, to: type, at: operand.position)
            )
        }
        return (expressions, type)
    }

    // MARK: Conditions

    /// Binds what must be BOOLEAN: 42804 `argument of WHERE must be type boolean, not type …`.
    func requireBoolean(
        _ operand: Operand,
        of construct: String
    ) throws(SQLError) -> Expression {
        switch operand.type {
        case .boolean: return operand.expression
        case .unknown: return try coerce(operand.expression, to: .boolean, at: operand.position)
        default:
            throw SQLError(
                .datatypeMismatch,
                "argument of \(construct) must be type boolean, not type "
                    + "\(operand.type.baseName)",
                position: operand.position
            )
        }
    }
}

/// The quotient rounded down; the divisor is positive.
func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    Calendar.floorDivide(value, divisor)
}
