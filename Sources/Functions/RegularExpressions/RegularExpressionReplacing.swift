import SQLTypes
import Vectors

/// REGEXP_REPLACE: every match becomes the replacement, nothing unless given.
///
/// In the replacement `\0` to `\9` stand for the match and its groups, `\&` for the match, `\\`
/// for a backslash; with parameter `p` also `$0` to `$9`, `$&` and `$$`. Groups that took no part
/// are empty.
///
/// - Errors: as of ``RegularExpressionFunctions``; 22001 for a result past 65,535 bytes.
enum RegularExpressionReplacing {
    static let all: [ScalarFunction] = RegularExpressionFunctions.overloads(
        "regexp_replace",
        [anyText, anyText],
        optional: [anyText, .integer, anyText],
        { _ in anyText },
        replace
    )
}

@Sendable
private func replace(_ call: Call) throws(SQLError) -> Vector {
    let (texts, replacements) = (call.texts(0), call.optionalTexts(2))
    let positions = call.optionalIntegers(3)
    var patterns = SearchColumn(call.texts(1), parameters: call.optionalTexts(4), allowed: "cip")
    var template = ReplacementTemplate()
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let text = texts[row]
        let (search, parameters) = try patterns.search(row, length: text.count)
        template.become(replacements?[row] ?? .empty, hasDollars: parameters.isPerl)
        let aim: PatternSearch.Aim = template.hasGroups ? .groups : .extent
        let groupCount = search.expression.groupCount
        try text.withBytes { (bytes) throws(SQLError) in
            var copied = 0
            if let start = RegularExpressionFunctions.start(positions?[row], in: bytes) {
                try search.forEachMatch(in: bytes, from: start, aim: aim) { offsets in
                    writer.scratch.append(contentsOf: bytes[copied..<offsets[0]])
                    template.append(offsets, groupCount: groupCount, of: bytes, to: &writer.scratch)
                    copied = offsets[1]
                    return writer.scratch.count <= DataType.varcharMaxLength
                }
            }
            writer.scratch.append(contentsOf: bytes[copied...])
        }
        writer.copyScratch(to: row)
    }
}

/// A replacement taken apart: texts and groups in turn.
private struct ReplacementTemplate {
    private enum Piece {
        case text([UInt8])
        case group(Int)
    }

    private var source: (text: StringView, hasDollars: Bool)?
    private var pieces: [Piece] = []
    /// Whether it refers to more than the match.
    private(set) var hasGroups = false

    /// Takes a replacement apart, unless it is the one of the row before.
    mutating func become(_ text: StringView, hasDollars: Bool) {
        if let source, source.text.head == text.head, source.text.tail == text.tail,
            source.hasDollars == hasDollars
        {
            return
        }
        source = (text, hasDollars)
        pieces = []
        hasGroups = false
        let bytes = text.bytes
        var literal: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let isMark = byte == UInt8(ascii: "\\") || hasDollars && byte == UInt8(ascii: "$")
            guard isMark, index + 1 < bytes.count else {
                literal.append(byte)
                index += 1
                continue
            }
            let next = bytes[index + 1]
            index += 2
            if next &- 48 < 10 || next == UInt8(ascii: "&") {
                let group = next == UInt8(ascii: "&") ? 0 : Int(next - 48)
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = []
                pieces.append(.group(group))
                hasGroups = hasGroups || group > 0
            } else {
                literal.append(byte)
                if next != byte { literal.append(next) }
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
    }

    /// Appends the replacement of a match.
    func append(
        _ offsets: UnsafePointer<Int>,
        groupCount: Int,
        of bytes: UnsafeBufferPointer<UInt8>,
        to result: inout [UInt8]
    ) {
        for piece in pieces {
            switch piece {
            case .text(let text): result.append(contentsOf: text)
            case .group(let group):
                guard group <= groupCount, offsets[2 * group] >= 0 else { continue }
                result.append(contentsOf: bytes[offsets[2 * group]..<offsets[2 * group + 1]])
            }
        }
    }
}
