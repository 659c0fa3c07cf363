import SQLTypes
import Vectors

/// NULLIF, GREATEST, LEAST and NVL2, which see NULLs themselves.
///
/// - NULLIF(a, b) is a, of a's type, or NULL where they are equal.
/// - GREATEST and LEAST take any number of arguments of types that go together and skip NULLs.
/// - NVL2(e, x, y) is x where e is not NULL, else y.
enum ConditionalFunctions {
    static let nullIf = ScalarFunction(
        "nullif",
        parameters: [.unknown, .unknown],
        resultType: { $0[0] },
        nullRule: .own,
        canFail: true,
        kernel: nullIfKernel
    )

    static let greatest = ScalarFunction(
        "greatest",
        parameters: [.unknown],
        resultType: { $0[0] },
        nullRule: .own,
        kernel: { (arguments, _, count) -> Vector in
            extreme(arguments, count: count) { $0 > 0 }
        }
    )

    static let least = ScalarFunction(
        "least",
        parameters: [.unknown],
        resultType: { $0[0] },
        nullRule: .own,
        kernel: { (arguments, _, count) -> Vector in
            extreme(arguments, count: count) { $0 < 0 }
        }
    )

    static let nvl2 = ScalarFunction(
        "nvl2",
        parameters: [.unknown, .unknown, .unknown],
        resultType: { $0[1] },
        nullRule: .own,
        kernel: { (arguments, _, count) -> Vector in
            let test = arguments[0]
            return choose(arguments[1], arguments[2], count: count) { test.isNull($0) }
        }
    )

    /// The resolution of one of these functions; nil where the name is none of them.
    static func resolve(
        name: String,
        argumentTypes: [DataType]
    ) -> ScalarFunctions.Resolution? {
        switch name {
        case "nullif":
            guard argumentTypes.count == 2 else { return .wrongArguments }
            guard let common = commonType(argumentTypes) else { return .wrongArguments }
            let first = argumentTypes[0] == .unknown ? common : argumentTypes[0]
            let second = argumentTypes[1] == .unknown ? common : argumentTypes[1]
            return .found(function: nullIf, argumentTypes: [first, second], resultType: first)
        case "greatest", "least":
            guard argumentTypes.count > 1, let common = commonType(argumentTypes) else {
                return .wrongArguments
            }
            return .found(
                function: name == "greatest" ? greatest : least,
                argumentTypes: argumentTypes.map { _ in common },
                resultType: common
            )
        case "nvl2":
            guard argumentTypes.count == 3,
                let common = commonType(Array(argumentTypes.dropFirst()))
            else { return .wrongArguments }
            let test = argumentTypes[0] == .unknown ? anyText : argumentTypes[0]
            return .found(
                function: nvl2,
                argumentTypes: [test, common, common],
                resultType: common
            )
        default: return nil
        }
    }
}

/// The type that values of all the types are brought to by CASE, COALESCE and their like.
///
/// Nil where they do not go together. Literals not yet typed follow the rest; all of them
/// untyped are text.
///
/// - Source: Redshift's result types of set operations, COALESCE, CASE and DECODE.
func commonType(_ types: [DataType]) -> DataType? {
    var common: DataType?
    for type in types where type != .unknown {
        guard let present = common else {
            common = type
            continue
        }
        guard let joined = commonType(present, type) else { return nil }
        common = joined
    }
    return common ?? anyText
}

private func commonType(_ left: DataType, _ right: DataType) -> DataType? {
    if left == right { return left }
    switch (left, right) {
    case (.char(let first), .char(let second)): return .char(max(first, second))
    case (.char(let first), .varchar(let second)), (.varchar(let first), .char(let second)),
        (.varchar(let first), .varchar(let second)):
        return .varchar(max(first, second))
    case (.varbyte(let first), .varbyte(let second)): return .varbyte(max(first, second))
    case (.time, .timeTZ), (.timeTZ, .time): return .timeTZ
    case (.date, .timestamp), (.timestamp, .date): return .timestamp
    case (.date, .timestampTZ), (.timestampTZ, .date), (.timestamp, .timestampTZ),
        (.timestampTZ, .timestamp):
        return .timestampTZ
    default: break
    }
    guard left.isNumeric, right.isNumeric else { return nil }
    if left.isFloat || right.isFloat { return .doublePrecision }
    if left.isInteger && right.isInteger {
        if left == .bigint || right == .bigint { return .bigint }
        return .integer
    }
    let (p1, s1) = digits(left)
    let (p2, s2) = digits(right)
    let scale = max(s1, s2)
    // The manual caps at 19 digits; operands that have more already keep up to 38.
    let cap = max(p1, p2) > DataType.decimalMaxPrecision64 ? 38 : DataType.decimalMaxPrecision64
    return .decimal(precision: max(min(max(p1 - s1, p2 - s2) + scale, cap), scale), scale: scale)
}

/// Precision and scale of an exact type.
func digits(_ type: DataType) -> (precision: Int, scale: Int) {
    switch type {
    case .smallint: (5, 0)
    case .integer: (10, 0)
    case .bigint: (19, 0)
    case .decimal(let precision, let scale): (precision, scale)
    default: (38, 0)
    }
}

@Sendable
private func nullIfKernel(
    _ arguments: [Vector],
    _ types: [DataType],
    _ count: Int
) throws(SQLError) -> Vector {
    let common = commonType(types) ?? types[0]
    var (left, right) = (arguments[0], arguments[1])
    if types[0] != common {
        left = try cast(left, from: types[0], to: common, isExplicit: true, count: count)
    }
    if types[1] != common {
        right = try cast(right, from: types[1], to: common, isExplicit: true, count: count)
    }
    let equal = compareBits(.equal, left, right, count: count)
    let flat =
        arguments[0].isConstant
        ? arguments[0].repeated(count: count).flattened() : arguments[0].flattened()
    var validity = flat.validity ?? Vector.allValid(count)
    for index in validity.indices { validity[index] &= ~equal[index] }
    return Vector(
        physical: flat.physical,
        form: flat.form,
        count: count,
        data: flat.data,
        validity: validity,
        bounds: flat.bounds,
        owners: flat.owners
    )
}

/// Per row the argument that `isBetter` than the others, NULLs skipped.
private func extreme(
    _ arguments: [Vector],
    count: Int,
    _ isBetter: (Int) -> Bool
) -> Vector {
    var best = arguments[0]
    for other in arguments.dropFirst() {
        let (left, right) = aligned(best, other)
        best = choose(left, right, count: count) { row in
            if right.isNull(row) { return false }
            return left.isNull(row) || isBetter(compareRows(right, row, left, row))
        }
    }
    return best
}

/// Both vectors with the same physical type: exact values may come in 64 or 128 bits.
private func aligned(_ left: Vector, _ right: Vector) -> (Vector, Vector) {
    if left.physical == right.physical { return (left, right) }
    let wide: PhysicalType =
        left.physical == .float64 || right.physical == .float64
        ? .float64 : .int128
    return (
        left.physical == wide ? left : left.widened(to: wide),
        right.physical == wide ? right : right.widened(to: wide)
    )
}

/// Per row the second vector where `takesSecond`, else the first.
private func choose(
    _ first: Vector,
    _ second: Vector,
    count: Int,
    _ takesSecond: (Int) -> Bool
) -> Vector {
    let (left, right) = aligned(first, second)
    let builder = VectorBuilder(physical: left.physical, capacity: count)
    for row in 0..<count { builder.append(takesSecond(row) ? right : left, row: row) }
    return builder.finish()
}
