package import SQLTypes

/// The list of scalar functions, and how a call finds its overload.
///
/// Adding a function means adding an overload to its family's `all`; adding a family means adding
/// a file and a line to ``all`` here. Checklist for an overload: result type as the manual says;
/// NULL rule; `canFail` where some value is an error; SQLSTATE and words of that error; a test
/// with NULL, an empty text or zero, and the first value past each limit.
package enum ScalarFunctions {
    /// What a name and argument types lead to.
    package enum Resolution: Sendable {
        /// The overload, the types its arguments are to be cast to, and the result's type.
        case found(function: ScalarFunction, argumentTypes: [DataType], resultType: DataType)
        /// No function has the name.
        case noSuchFunction
        /// Functions of the name exist, none for these arguments.
        case wrongArguments
    }

    /// Every overload but those that take any number or any type of arguments.
    static let all: [ScalarFunction] =
        CaseFunctions.all + LengthFunctions.all + SubstringFunctions.all + SearchFunctions.all
        + TrimFunctions.all + ReplaceFunctions.all + RoundingFunctions.all + RealFunctions.all
        + RadixFunctions.all + DateArithmeticFunctions.all
        + DatePartFunctions.all + CalendarFunctions.all + TimeZoneFunctions.all
        + FormattingFunctions.all + HashFunctions.all + RegularExpressionFunctions.all
        + RegularExpressionReplacing.all + JSONFunctions.all + DateComparisonFunctions.all
        + AgeFunction.all
        + BitFunctions.all + FarmFingerprint.all + MurmurHashFunctions.all + SoundexFunctions.all
        + ByteFunctions.all + RandomFunction.all + [SliceNumberFunction.function]
        + BackendFunctions.all

    private static let byName = Dictionary(grouping: all, by: \.name)

    /// Finds the overload for a call.
    ///
    /// Arguments are cast implicitly along SMALLINT → INTEGER → BIGINT → DECIMAL → DOUBLE,
    /// CHAR → VARCHAR, DATE → TIMESTAMP → TIMESTAMPTZ, numbers and dates → VARCHAR; untyped
    /// literals become whatever a parameter is. The overload that costs least wins, the first of
    /// equals.
    ///
    /// Operators are found under their own names: `||`, `^`, `|/`, `||/` and `@`.
    ///
    /// - Parameters:
    ///   - name: the SQL name, lower case.
    ///   - argumentTypes: the arguments' types; `.unknown` for literals not yet typed.
    ///   - constants: the values of constant arguments, where they settle the result's type: the
    ///     digits of ROUND, the part of EXTRACT, the length of a literal. May be left out.
    /// - Returns: the overload and the types, or why there is none.
    package static func resolve(
        name: String,
        argumentTypes: [DataType],
        constants: [Datum?] = []
    ) -> Resolution {
        if let special = ConditionalFunctions.resolve(name: name, argumentTypes: argumentTypes) {
            return special
        }
        guard let overloads = byName[name] else { return .noSuchFunction }
        var best: (function: ScalarFunction, cost: Int)?
        for function in overloads where function.parameters.count == argumentTypes.count {
            var total = 0
            for (argument, parameter) in zip(argumentTypes, function.parameters) {
                guard let cost = conversionCost(from: argument, to: parameter) else {
                    total = .max
                    break
                }
                total += cost
            }
            if total < (best?.cost ?? .max) { best = (function, total) }
        }
        guard var function = best?.function else { return .wrongArguments }
        function = specialized(function, constants: constants)
        let targets = argumentTypes.indices.map { index in
            target(
                of: argumentTypes[index],
                for: function.parameters[index],
                constant: index < constants.count ? constants[index] : nil
            )
        }
        return .found(
            function: function,
            argumentTypes: targets,
            resultType: function.resultType(targets)
        )
    }

    /// All names but those of operators.
    package static let names: [String] = byName.keys
        .filter { $0.utf8.first.map { $0 >= UInt8(ascii: "a") } ?? false && $0 != "||" }
        .sorted()

    /// Whether any function has the name.
    package static func exists(name: String) -> Bool {
        byName[name] != nil || ["nullif", "greatest", "least", "nvl2"].contains(name)
    }

    /// The error of a call that finds no overload: 42883.
    package static func undefined(
        name: String,
        argumentTypes: [DataType],
        position: Int? = nil
    ) -> SQLError {
        let types = argumentTypes.map(\.baseName).joined(separator: ", ")
        return SQLError(
            .undefinedFunction,
            "function \(name)(\(types)) does not exist",
            hint: "No function matches the given name and argument types. "
                + "You may need to add explicit type casts.",
            position: position
        )
    }
}

/// The overload for known constants, where they decide the result's type.
private func specialized(_ function: ScalarFunction, constants: [Datum?]) -> ScalarFunction {
    if ["regexp_count", "regexp_instr", "regexp_substr", "~", "~*"].contains(function.name) {
        return RegularExpressionFunctions.specialized(function, constants: constants)
    }
    guard constants.count == 2 else { return function }
    switch function.name {
    case "round", "trunc":
        guard function.parameters[0].isDecimal, let digits = constants[1]?.exact,
            (0...Int128(DataType.decimalMaxPrecision)).contains(digits)
        else { return function }
        return function.name == "round"
            ? RoundingFunctions.roundToScale[Int(digits)]
            : RoundingFunctions.truncateToScale[Int(digits)]
    case "extract":
        guard let text = constants[0]?.text, DatePart(name: text) == .epoch else {
            return function
        }
        return DatePartFunctions.extractEpoch[function.parameters[1]] ?? function
    case "to_number":
        guard let text = constants[1]?.text else { return function }
        return FormattingFunctions.toNumber(format: text) ?? function
    default: return function
    }
}

/// What an implicit cast costs; nil where there is none.
private func conversionCost(from: DataType, to: DataType) -> Int? {
    switch (from, to) {
    case (.unknown, .varchar), (.unknown, .char): return 0
    case (.unknown, .doublePrecision): return 1
    case (.unknown, _): return 2
    case (.char, .char), (.varchar, .varchar), (.decimal, .decimal): return 0
    case (.varchar, .char), (.char, .varchar): return 1
    case (.date, .timestamp), (.timestamp, .timestampTZ): return 1
    case (.date, .timestampTZ): return 2
    // Narrowing, as Redshift does it where nothing better is there.
    case (.timestamp, .date), (.timestampTZ, .timestamp): return 40
    case (.timestampTZ, .date): return 41
    case (.decimal, .bigint), (.real, .bigint), (.doublePrecision, .bigint): return 30
    case (.varbyte, .varbyte): return 0
    case (.time, .timeTZ): return 1
    case (.timeTZ, .time): return 40
    case (_, .varchar) where from != .boolean && from != .interval && !from.isBytes: return 20
    default: break
    }
    if from == to { return 0 }
    guard let low = numericRank(from), let high = numericRank(to), low < high else { return nil }
    // REAL loses digits of exact numbers, so DOUBLE is tried first.
    return to == .real ? 10 : high - low
}

private func numericRank(_ type: DataType) -> Int? {
    switch type {
    case .smallint: 0
    case .integer: 1
    case .bigint: 2
    case .decimal: 3
    case .real: 4
    case .doublePrecision: 5
    default: nil
    }
}

/// The type an argument is cast to for a parameter: the parameter with the argument's size.
private func target(of argument: DataType, for parameter: DataType, constant: Datum?) -> DataType {
    switch (parameter, argument) {
    case (.varchar, .varchar): return argument
    case (.varchar, .char(let length)): return .varchar(length)
    case (.varchar, .unknown):
        guard let text = constant, case .string(let bytes) = text else { return parameter }
        return .varchar(min(DataType.varcharMaxLength, max(1, bytes.count)))
    case (.varchar, _): return .varchar(64)
    case (.decimal, .decimal): return argument
    case (.decimal, .smallint), (.decimal, .integer), (.decimal, .bigint):
        let (precision, scale) = digits(argument)
        return .decimal(precision: precision, scale: scale)
    case (.varbyte, .varbyte): return argument
    case (.varbyte, .unknown):
        guard let text = constant, case .string(let bytes) = text else { return parameter }
        return .varbyte(min(DataType.varbyteMaxLength, max(1, bytes.count)))
    default: return parameter
    }
}
