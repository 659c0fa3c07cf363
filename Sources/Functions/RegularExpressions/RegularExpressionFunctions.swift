import SQLTypes
import Vectors

/// REGEXP_COUNT, REGEXP_INSTR, REGEXP_SUBSTR, `~`, `~*` and SIMILAR TO.
///
/// Patterns are POSIX extended regular expressions, of the leftmost matches the longest; parameter
/// `p` makes them PCRE. Parameters: `c` and `i` for case, `p`, and `e` in REGEXP_INSTR and
/// REGEXP_SUBSTR for the first group instead of the match. Positions count characters from 1; a
/// position below 1 is 1, one past the end finds nothing: 0, or an empty text. An occurrence below
/// 1 gives 0, or NULL.
///
/// - Errors: 2201B for what is no regular expression, 22023 for other parameters, 54001 where
///   PCRE backtracks too much.
/// - Source: Redshift's manual of the REGEXP functions; PostgreSQL 15 for empty matches.
enum RegularExpressionFunctions {
    static let all: [ScalarFunction] =
        overloads(
            "regexp_count",
            [anyText, anyText],
            optional: [.integer, anyText],
            { _ in .integer },
            count
        )
        + overloads(
            "regexp_instr",
            [anyText, anyText],
            optional: [.integer, .integer, .integer, anyText],
            { _ in .integer },
            position
        )
        + overloads(
            "regexp_substr",
            [anyText, anyText],
            optional: [.integer, .integer, anyText],
            { $0[0] },
            substring
        )
        + overloads("~", [anyText, anyText], optional: [], { _ in .boolean }) {
            (call) throws(SQLError) in try matches(call, parameters: "")
        }
        + overloads("~*", [anyText, anyText], optional: [], { _ in .boolean }) {
            (call) throws(SQLError) in try matches(call, parameters: "i")
        }
        + overloads(
            "similar to",
            [anyText, anyText],
            optional: [anyText],
            { _ in .boolean },
            similar
        )

    /// A twin of an overload that cannot fail, by name and number of arguments: for constant
    /// POSIX patterns and parameters, so that it may run once per dictionary entry.
    private static let unfailing: [String: ScalarFunction] = Dictionary(
        uniqueKeysWithValues: all.map { function in
            (
                "\(function.name) \(function.parameters.count)",
                ScalarFunction(
                    function.name,
                    parameters: function.parameters,
                    resultType: function.resultType,
                    kernel: function.kernel
                )
            )
        }
    )

    /// The overload for known constants: one that cannot fail where nothing in them is wrong.
    ///
    /// What then remains is a POSIX search of a very long text that all ways through the pattern
    /// lead astray, and such a text fails wherever it is looked at.
    static func specialized(_ function: ScalarFunction, constants: [Datum?]) -> ScalarFunction {
        guard function.name != "similar to", constants.count > 1,
            case .string(let pattern)? = constants[1]
        else { return function }
        let last = constants.count - 1
        var ignoresCase = function.name == "~*"
        if last > 1, function.parameters[last] == anyText {
            guard case .string(let letters)? = constants[last],
                letters.allSatisfy({ $0 == UInt8(ascii: "i") || $0 == UInt8(ascii: "c") })
            else { return function }
            ignoresCase = letters.last == UInt8(ascii: "i")
        }
        if function.name == "regexp_instr", last >= 4 {
            guard let option = constants[4]?.exact, option == 0 || option == 1 else {
                return function
            }
        }
        let source = RegularExpression.Source(
            pattern: pattern,
            dialect: .posix,
            ignoresCase: ignoresCase
        )
        guard (try? RegularExpression.compiled(source)) != nil else { return function }
        return unfailing["\(function.name) \(function.parameters.count)"] ?? function
    }

    /// One overload for each number of optional arguments that may be left out.
    static func overloads(
        _ name: String,
        _ required: [DataType],
        optional: [DataType],
        _ resultType: @escaping @Sendable ([DataType]) -> DataType,
        _ kernel: @escaping CallKernel
    ) -> [ScalarFunction] {
        (0...optional.count).map { count in
            .strict(name, required + optional[..<count], resultType, canFail: true, kernel)
        }
    }

    /// The byte that a search begins at; nil where the position is past the end.
    static func start(_ position: Int64?, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let position, position > 1 else { return 0 }
        guard position <= bytes.count + 1 else { return nil }
        let offset = skip(Int(position) - 1, from: 0, in: bytes)
        let isPastEnd = offset == bytes.count && position > characterCount(bytes) + 1
        return isPastEnd ? nil : offset
    }
}

extension Call {
    /// Argument `index` as integers; nil where the call has fewer arguments.
    func optionalIntegers(_ index: Int) -> Column<Int64>? {
        index < argumentCount ? integers(index) : nil
    }

    /// Argument `index` as text; nil where the call has fewer arguments.
    func optionalTexts(_ index: Int) -> Column<StringView>? {
        index < argumentCount ? texts(index) : nil
    }
}

private func count(_ call: Call) throws(SQLError) -> Vector {
    let (texts, positions) = (call.texts(0), call.optionalIntegers(2))
    var patterns = SearchColumn(call.texts(1), parameters: call.optionalTexts(3), allowed: "cip")
    return try call.makeIntegers { (row) throws(SQLError) in
        let search = try patterns.search(row, length: texts[row].count).search
        return try texts[row].withBytes { (bytes) throws(SQLError) in
            guard let start = RegularExpressionFunctions.start(positions?[row], in: bytes) else {
                return 0
            }
            var found: Int64 = 0
            try search.forEachMatch(in: bytes, from: start, aim: .extent) { _ in
                found += 1
                return true
            }
            return found
        }
    }
}

/// The range of the match of that occurrence, or of its first group; nil for none.
private func occurrence(
    _ number: Int64,
    of found: (search: PatternSearch, parameters: SearchColumn.Parameters),
    in bytes: UnsafeBufferPointer<UInt8>,
    from start: Int
) throws(SQLError) -> Range<Int>? {
    let wantsGroup = found.parameters.wantsGroup && found.search.expression.groupCount > 0
    var left = number
    var range: Range<Int>?
    try found.search.forEachMatch(in: bytes, from: start, aim: wantsGroup ? .groups : .extent) {
        offsets in
        left -= 1
        if left > 0 { return true }
        let first = wantsGroup ? 2 : 0
        if offsets[first] >= 0 { range = offsets[first]..<offsets[first + 1] }
        return false
    }
    return range
}

/// The first character of the match, or with option 1 the one behind it.
private func position(_ call: Call) throws(SQLError) -> Vector {
    let (texts, positions) = (call.texts(0), call.optionalIntegers(2))
    let (occurrences, options) = (call.optionalIntegers(3), call.optionalIntegers(4))
    var patterns = SearchColumn(call.texts(1), parameters: call.optionalTexts(5), allowed: "ceip")
    return try call.makeIntegers { (row) throws(SQLError) in
        let found = try patterns.search(row, length: texts[row].count)
        let option = options?[row] ?? 0
        guard option == 0 || option == 1 else {
            throw SQLError(.invalidParameterValue, "invalid option of REGEXP_INSTR: \(option)")
        }
        let number = occurrences?[row] ?? 1
        return try texts[row].withBytes { (bytes) throws(SQLError) in
            guard number > 0,
                let start = RegularExpressionFunctions.start(positions?[row], in: bytes),
                let range = try occurrence(number, of: found, in: bytes, from: start)
            else { return 0 }
            let offset = option == 0 ? range.lowerBound : range.upperBound
            return Int64(characterCount(part(bytes, 0..<offset)) + 1)
        }
    }
}

private func substring(_ call: Call) throws(SQLError) -> Vector {
    let (texts, positions) = (call.texts(0), call.optionalIntegers(2))
    let occurrences = call.optionalIntegers(3)
    var patterns = SearchColumn(call.texts(1), parameters: call.optionalTexts(4), allowed: "ceip")
    var writer = TextWriter(count: call.count)
    var validity = ResultValidity(call)
    try call.forEachRow { (row) throws(SQLError) in
        let found = try patterns.search(row, length: texts[row].count)
        let number = occurrences?[row] ?? 1
        if number < 1 {
            validity.setNull(row)
            return
        }
        try texts[row].withBytes { (bytes) throws(SQLError) in
            guard let start = RegularExpressionFunctions.start(positions?[row], in: bytes),
                let range = try occurrence(number, of: found, in: bytes, from: start)
            else { return }
            writer.share(part(bytes, range), to: row)
        }
    }
    return try writer.finish(validity: validity.words, sharing: call.vectors)
}

private func matches(_ call: Call, parameters: String) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    let letters = Vector.constant(.text(parameters), physical: .string, count: 1)
    let column = Call([letters], [anyText], 1).texts(0)
    var patterns = SearchColumn(call.texts(1), parameters: column, allowed: "i")
    defer { withExtendedLifetime(letters) {} }
    return try call.makeBooleans { (row) throws(SQLError) in
        let search = try patterns.search(row, length: texts[row].count).search
        return try texts[row].withBytes { (bytes) throws(SQLError) in
            try search.match(in: bytes, from: 0, aim: .presence) != nil
        }
    }
}

/// `text SIMILAR TO pattern [ESCAPE escape]`: the escape is a backslash unless given.
private func similar(_ call: Call) throws(SQLError) -> Vector {
    let (texts, escapes) = (call.texts(0), call.optionalTexts(2))
    let patterns = call.texts(1)
    var present: (pattern: StringView, search: PatternSearch)?
    return try call.makeBooleans { (row) throws(SQLError) in
        let pattern = patterns[row]
        let search: PatternSearch
        if let known = present, known.pattern.head == pattern.head,
            known.pattern.tail == pattern.tail
        {
            search = known.search
        } else {
            let escape = try escapes.map { (column) throws(SQLError) in
                try escapeByte(column[row])
            }
            let source = RegularExpression.Source(
                pattern: pattern.bytes,
                dialect: .similar(escape: escape ?? UInt8(ascii: "\\")),
                ignoresCase: false
            )
            search = try PatternSearch(try RegularExpression.compiled(source))
            present = (pattern, search)
        }
        if row & 255 == 255 { try Interruption.check() }
        return try texts[row].withBytes { (bytes) throws(SQLError) in
            try search.match(in: bytes, from: 0, aim: .presence) != nil
        }
    }
}

/// An ESCAPE of one byte; nil for the empty text, which escapes nothing.
///
/// - Throws: 22025 for a longer one.
func escapeByte(_ text: StringView) throws(SQLError) -> UInt8? {
    if text.count > 1 {
        throw SQLError(
            .invalidEscapeSequence,
            "invalid escape string",
            hint: "Escape string must be empty or one character."
        )
    }
    return text.bytes.first
}
