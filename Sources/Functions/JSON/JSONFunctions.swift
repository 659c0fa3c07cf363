import SQLTypes
import Vectors

/// JSON_EXTRACT_PATH_TEXT, JSON_EXTRACT_ARRAY_ELEMENT_TEXT, JSON_ARRAY_LENGTH, IS_VALID_JSON,
/// IS_VALID_JSON_ARRAY and CAN_JSON_PARSE: JSON in VARCHAR columns.
///
/// A path is one to five keys, case-sensitive; where it leads nowhere the result is an empty text.
/// Elements count from 0; past the end is NULL. Strings come without quotes and escapes, other
/// values as they are written, JSON's null as NULL. Text that is no JSON object (no array, for the
/// functions of arrays) is an error, or NULL where the last argument, null_if_invalid, is true.
/// IS_VALID_JSON is true of objects only, IS_VALID_JSON_ARRAY of arrays only, CAN_JSON_PARSE of any
/// JSON value.
///
/// - Errors: 22P02 for invalid JSON, 22023 for a negative position.
/// - Source: Redshift's manual of the JSON functions; its table of IS_VALID_JSON's examples.
package enum JSONFunctions {
    static let all: [ScalarFunction] =
        (1...5).flatMap { count in
            withFlag(
                "json_extract_path_text",
                [anyText] + [DataType](repeating: anyText, count: count),
                { _ in anyText }
            ) { (call) throws(SQLError) in try extractPath(call, missingIsNull: false) }
                + withFlag(
                    pathOrNull,
                    [anyText] + [DataType](repeating: anyText, count: count),
                    { _ in anyText }
                ) { (call) throws(SQLError) in try extractPath(call, missingIsNull: true) }
        }
        + withFlag(
            "json_extract_array_element_text",
            [anyText, .integer],
            { _ in anyText },
            extractElement
        )
        + withFlag("json_array_length", [anyText], { _ in .integer }, arrayLength) + [
            test("is_valid_json") { $0.isObject() },
            test("can_json_parse") { $0.isValue() },
            test("is_valid_json_array") { $0.isArray() },
        ]

    /// JSON_EXTRACT_PATH_TEXT with NULL for a path that leads nowhere, as newer builds of Redshift
    /// are reported to have it.
    package static let pathOrNull = "json_extract_path_or_null"

    /// A function that tells whether a text is JSON of some form.
    private static func test(
        _ name: String,
        _ isOfForm: @escaping @Sendable (inout JSONScanner) -> Bool
    ) -> ScalarFunction {
        .strict(name, [anyText], .boolean) { (call) in
            let texts = call.texts(0)
            var scanner = JSONScanner()
            return call.makeBooleans { row in
                texts[row].withBytes { bytes in
                    scanner.begin(bytes)
                    return isOfForm(&scanner)
                }
            }
        }
    }

    private static func withFlag(
        _ name: String,
        _ parameters: [DataType],
        _ resultType: @escaping @Sendable ([DataType]) -> DataType,
        _ kernel: @escaping CallKernel
    ) -> [ScalarFunction] {
        [parameters, parameters + [.boolean]].map {
            .strict(name, $0, resultType, canFail: true, kernel)
        }
    }
}

/// What a call does with text that is no JSON of the wanted kind.
private struct InvalidRule {
    private let flags: Column<UInt8>?

    /// The rule of a call whose flag, if it has one, is its last argument.
    init(_ call: Call) {
        let last = call.argumentCount - 1
        flags = call.types[last] == .boolean ? call.column(last, as: UInt8.self) : nil
    }

    /// - Throws: 22P02 unless the row's flag asks for NULL.
    func apply(_ row: Int, _ text: StringView, kind: String) throws(SQLError) {
        if let flags, flags[row] != 0 { return }
        throw SQLError(
            .invalidTextRepresentation,
            "JSON parsing error",
            detail: "invalid json \(kind) \(text.string.prefix(200))"
        )
    }
}

/// Texts by row, of which some are NULL although no argument is.
private func makeTexts(
    _ call: Call,
    _ body: (inout TextWriter, Int) throws(SQLError) -> Bool
) throws(SQLError) -> Vector {
    var writer = TextWriter(count: call.count)
    var validity = ResultValidity(call)
    try call.forEachRow { (row) throws(SQLError) in
        if try !body(&writer, row) { validity.setNull(row) }
    }
    return try writer.finish(validity: validity.words, sharing: call.vectors)
}

/// Puts a value's text into a row; false for JSON's null.
private func write(
    _ place: JSONScanner.Place,
    of bytes: UnsafeBufferPointer<UInt8>,
    _ scanner: JSONScanner,
    to writer: inout TextWriter,
    row: Int
) -> Bool {
    switch place.kind {
    case .null: return false
    case .escapedString:
        scanner.appendText(of: place, to: &writer.scratch)
        writer.copyScratch(to: row)
    default: writer.share(part(bytes, place.range), to: row)
    }
    return true
}

private func extractPath(_ call: Call, missingIsNull: Bool) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    let rule = InvalidRule(call)
    var paths = PathColumn(call)
    var scanner = JSONScanner()
    return try makeTexts(call) { (writer, row) throws(SQLError) in
        let text = texts[row]
        let path = paths.path(row)
        let found = text.withBytes { bytes -> Bool? in
            scanner.begin(bytes)
            guard let found = scanner.member(path: path) else { return nil }
            guard let place = found else { return !missingIsNull }
            return write(place, of: bytes, scanner, to: &writer, row: row)
        }
        if let found { return found }
        try rule.apply(row, text, kind: "object")
        return false
    }
}

/// The keys of a call by row; made anew when one differs from the row before.
private struct PathColumn {
    private let columns: [Column<StringView>]
    private var views: [StringView]
    private var present: [[UInt8]]

    init(_ call: Call) {
        let count = call.types.count { $0 != .boolean } - 1
        columns = (1...count).map { call.texts($0) }
        views = [StringView](repeating: .empty, count: count)
        present = [[UInt8]](repeating: [], count: count)
    }

    mutating func path(_ row: Int) -> [[UInt8]] {
        for (index, column) in columns.enumerated() {
            let view = column[row]
            if view.head == views[index].head && view.tail == views[index].tail { continue }
            views[index] = view
            present[index] = view.bytes
        }
        return present
    }
}

@Sendable
private func extractElement(_ call: Call) throws(SQLError) -> Vector {
    let (texts, positions) = (call.texts(0), call.integers(1))
    let rule = InvalidRule(call)
    var scanner = JSONScanner()
    return try makeTexts(call) { (writer, row) throws(SQLError) in
        let (text, position) = (texts[row], positions[row])
        if position < 0 {
            throw SQLError(.invalidParameterValue, "invalid json array position: \(position)")
        }
        let found = text.withBytes { bytes -> Bool? in
            scanner.begin(bytes)
            guard let found = scanner.element(position) else { return nil }
            guard let place = found.place else { return false }
            return write(place, of: bytes, scanner, to: &writer, row: row)
        }
        if let found { return found }
        try rule.apply(row, text, kind: "array")
        return false
    }
}

@Sendable
private func arrayLength(_ call: Call) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    let rule = InvalidRule(call)
    var validity = ResultValidity(call)
    var scanner = JSONScanner()
    let lengths = try call.makeIntegers { (row) throws(SQLError) -> Int64 in
        let found = texts[row].withBytes { bytes in
            scanner.begin(bytes)
            return scanner.element(-1)
        }
        if let found { return found.count }
        try rule.apply(row, texts[row], kind: "array")
        validity.setNull(row)
        return 0
    }
    return validity.applied(to: lengths)
}
