internal import Warehouse

/// How much an error says; the variable `VERBOSITY`.
enum Verbosity: String, CaseIterable {
    case terse, `default`, verbose, sqlstate
}

/// Writes an error as psql does: message, the line with a caret, DETAIL and HINT.
///
///     ERROR:  relation "x" does not exist
///     LINE 1: select * from x;
///                           ^
///
/// - Source: libpq's `pqBuildErrorMessage3` and `reportErrorPosition` (`fe-protocol3.c`).
enum ErrorReport {
    /// The screen columns a quoted line may take before it is cut.
    static let displayColumns = 60
    /// How near to the end of a cut line the caret may stand.
    static let rightColumns = 10
    /// Bytes around the error that are looked at; enough for any cut.
    private static let windowBytes = 512

    /// The error's lines, each ended by a newline; `statement` is what its position counts in.
    static func text(_ error: SQLError, statement: [UInt8], verbosity: Verbosity) -> String {
        var text = "ERROR:  "
        if verbosity == .sqlstate { return text + error.state.code + "\n" }
        if verbosity == .verbose { text += error.state.code + ": " }
        text += error.message
        let position = error.position.flatMap { (0...statement.count).contains($0) ? $0 : nil }
        if verbosity == .terse {
            if let position {
                let before = String(decoding: statement[..<position], as: UTF8.self)
                text += " at character \(before.unicodeScalars.count + 1)"
            }
            return text + "\n"
        }
        text += "\n"
        if let position { text += markedLine(of: statement, at: position) }
        if let detail = error.detail { text += "DETAIL:  \(detail)\n" }
        if let hint = error.hint { text += "HINT:  \(hint)\n" }
        return text
    }

    /// `LINE n: …` and the caret under the character at byte `position`.
    static func markedLine(of statement: [UInt8], at position: Int) -> String {
        var number = 1
        var lineStart = 0
        for offset in 0..<position {
            let byte = statement[offset]
            guard byte == 0x0A || byte == 0x0D else { continue }
            let isSecondOfPair = byte == 0x0A && offset > 0 && statement[offset - 1] == 0x0D
            if !isSecondOfPair { number += 1 }
            lineStart = offset + 1
        }
        let lineEnd =
            statement[position...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? statement.count
        // A line of megabytes is cut before it is measured.
        var start = max(lineStart, position - windowBytes)
        while start > lineStart, statement[start] & 0xC0 == 0x80 { start += 1 }
        let end = min(lineEnd, position + windowBytes)
        let before = characters(statement[start..<position])
        let after = characters(statement[position..<end])
        return marked(number, before, after)
    }

    /// The characters of a text with the columns they take; a tab or control character takes one.
    private static func characters(
        _ bytes: ArraySlice<UInt8>
    ) -> [(text: Unicode.Scalar, width: Int)] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
            (scalar == "\t" ? " " : scalar, max(1, DisplayText.width(of: scalar)))
        }
    }

    private static func marked(
        _ number: Int,
        _ before: [(text: Unicode.Scalar, width: Int)],
        _ after: [(text: Unicode.Scalar, width: Int)]
    ) -> String {
        let line = before + after
        var columns = [0]
        for character in line { columns.append(columns[columns.count - 1] + character.width) }
        let caret = before.count
        var first = 0
        var last = line.count
        var isCutLeft = false
        var isCutRight = false
        if columns[last] - columns[first] > displayColumns {
            if displayColumns >= columns[caret] + rightColumns {
                while columns[last] > displayColumns { last -= 1 }
                isCutRight = true
            } else {
                while columns[caret] + rightColumns < columns[last] {
                    last -= 1
                    isCutRight = true
                }
                while columns[last] - columns[first] > displayColumns {
                    first += 1
                    isCutLeft = true
                }
            }
        }
        let label = "LINE \(number): " + (isCutLeft ? "..." : "")
        var shown = String.UnicodeScalarView()
        for character in line[first..<last] { shown.append(character.text) }
        let indent = label.utf8.count + columns[caret] - columns[first]
        return label + String(shown) + (isCutRight ? "..." : "") + "\n"
            + String(repeating: " ", count: indent) + "^\n"
    }
}
