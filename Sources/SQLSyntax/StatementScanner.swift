/// Cuts a script into statements and backslash commands, and puts variables in.
///
/// A state machine over UTF-8 bytes. A script is fed to it piece by piece, a piece being a line
/// or a whole text, and ``scan(into:variables:)`` is called until it answers that the piece is
/// used up. It knows what hides a semicolon: literals, quoted names, dollar quotes, comments and
/// parentheses; it knows nothing else of SQL.
///
///     feed("select 1; select 'a")   scan → semicolon, statement "select 1;"
///                                   scan → endOfText, open: .singleQuote
///     feed("b' \\g")                scan → backslash, statement "select 'a\nb' "
///
/// - Source: psql's `psqlscan.l`. Backslashes escape inside ordinary literals, as in Redshift.
public struct StatementScanner: Sendable {
    /// Why a scan stopped.
    public enum Stop: Sendable {
        /// A statement is complete; it ends with its semicolon.
        case semicolon
        /// A backslash command follows; the backslash has been read.
        case backslash
        /// The piece is used up; the statement may go on in the next.
        case endOfText
    }

    /// What is open, so that a prompt can show what the scanner waits for.
    public enum Open: Sendable {
        /// Nothing but the statement itself.
        case nothing
        case singleQuote
        case doubleQuote
        case dollarQuote
        case comment
        case parenthesis
    }

    /// A variable that stands in the text, and how its value is to be written.
    public struct Variable: Hashable, Sendable {
        /// How the value is put in.
        public enum Form: Sendable {
            /// `:name`: as it is; it is scanned in turn.
            case plain
            /// `:'name'`: as a literal.
            case literal
            /// `:"name"`: as a quoted name.
            case identifier
            /// `:{?name}`: TRUE when it is set, else FALSE.
            case test
        }
        /// The variable's name.
        public let name: String
        /// How the value is put in.
        public let form: Form
    }

    /// Looks a variable up; nil leaves the text as it stands.
    public typealias Lookup = (_ name: String) -> String?

    private enum State { case initial, singleQuote, doubleQuote, dollarQuote, blockComment }

    /// Text being read: a piece of the script, or the value of a variable within it.
    private struct Source {
        let bytes: [UInt8]
        var offset = 0
        var variable: String?
    }

    private var sources: [Source] = []
    private var state = State.initial
    private var dollarTag: [UInt8] = []
    private var commentDepth = 0
    private var parenthesisDepth = 0
    /// Whether blanks and line comments before a statement's first word are left out.
    private let dropsLeadingSpace: Bool

    /// Makes a scanner at the start of a statement.
    public init(dropsLeadingSpace: Bool = true) {
        self.dropsLeadingSpace = dropsLeadingSpace
    }

    /// What is open where the scan stopped.
    public var open: Open {
        switch state {
        case .singleQuote: .singleQuote
        case .doubleQuote: .doubleQuote
        case .dollarQuote: .dollarQuote
        case .blockComment: .comment
        case .initial: parenthesisDepth > 0 ? .parenthesis : .nothing
        }
    }

    /// Gives the next piece of the script to scan.
    public mutating func feed(_ text: [UInt8]) {
        sources = [Source(bytes: text)]
    }

    /// Forgets an unfinished statement and what is left of the piece.
    public mutating func reset() {
        sources = []
        startStatement()
    }

    /// Forgets an unfinished statement; the rest of the piece is still to be scanned.
    public mutating func startStatement() {
        state = .initial
        commentDepth = 0
        parenthesisDepth = 0
    }

    /// Takes what is left of the piece, for a reader of backslash commands.
    public mutating func takeRest() -> [UInt8] {
        var rest: [UInt8] = []
        while let source = sources.popLast() { rest += source.bytes[source.offset...] }
        return rest
    }

    /// Reads on, appending to `statement`, to the next end of a statement or of the piece.
    public mutating func scan(into statement: inout [UInt8], variables: Lookup) -> Stop {
        while let source = sources.last {
            guard source.offset < source.bytes.count else {
                sources.removeLast()
                continue
            }
            let stop: Stop? =
                switch state {
                case .initial: scanPlain(source, &statement, variables)
                case .singleQuote: scanQuoted(source, by: ascii("'"), &statement)
                case .doubleQuote: scanQuoted(source, by: ascii("\""), &statement)
                case .dollarQuote: scanDollarQuoted(source, &statement)
                case .blockComment: scanComment(source, &statement)
                }
            if let stop { return stop }
        }
        return .endOfText
    }
}

// MARK: - What each state reads

extension StatementScanner {
    /// Reads outside of quotes and comments, to where the state or the source changes.
    private mutating func scanPlain(
        _ source: Source,
        _ statement: inout [UInt8],
        _ variables: Lookup
    ) -> Stop? {
        let bytes = source.bytes
        var offset = source.offset
        defer { setOffset(offset, of: source) }
        while offset < bytes.count {
            let byte = bytes[offset]
            let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
            switch byte {
            case ascii(" "), ascii("\t"), ascii("\n"), ascii("\r"), 0x0B, 0x0C:
                if !(dropsLeadingSpace && statement.isEmpty) { statement.append(byte) }
                offset += 1
            case ascii("-") where next == ascii("-"):
                let end = bytes[offset...].firstIndex(of: ascii("\n")) ?? bytes.count
                if !(dropsLeadingSpace && statement.isEmpty) { statement += bytes[offset..<end] }
                offset = end
            case ascii("/") where next == ascii("*"):
                statement += [byte, next]
                offset += 2
                commentDepth = 1
                state = .blockComment
                return nil
            case ascii("'"), ascii("\""):
                statement.append(byte)
                offset += 1
                state = byte == ascii("'") ? .singleQuote : .doubleQuote
                return nil
            case ascii("$"):
                if let tagEnd = dollarTagEnd(bytes, from: offset) {
                    dollarTag = Array(bytes[offset..<tagEnd])
                    statement += dollarTag
                    offset = tagEnd
                    state = .dollarQuote
                    return nil
                }
                statement.append(byte)
                offset += 1
            case ascii("("), ascii(")"):
                parenthesisDepth += byte == ascii("(") ? 1 : -1
                parenthesisDepth = max(0, parenthesisDepth)
                statement.append(byte)
                offset += 1
            case ascii(";"):
                offset += 1
                statement.append(byte)
                if parenthesisDepth == 0 { return .semicolon }
            case ascii("\\"):
                offset += 1
                // psql joins the statements on both sides of `\;` into one request; here each
                // is a request anyway.
                guard next == ascii(";") || next == ascii(":") else { return .backslash }
                statement.append(next)
                offset += 1
                if next == ascii(";"), parenthesisDepth == 0 { return .semicolon }
            case ascii(":"):
                if next == ascii(":") || next == ascii("=") {
                    statement += [byte, next]
                    offset += 2
                    continue
                }
                guard let (variable, end) = Self.variable(in: bytes, at: offset) else {
                    statement.append(byte)
                    offset += 1
                    continue
                }
                guard let value = value(of: variable, variables) else {
                    statement += bytes[offset..<end]
                    offset = end
                    continue
                }
                offset = end
                guard variable.form == .plain else {
                    statement += value
                    continue
                }
                // The value may itself end statements, so it becomes the text to read.
                setOffset(offset, of: source)
                sources.append(Source(bytes: value, variable: variable.name))
                return nil
            case _ where Self.isNameByte(byte):
                // A whole word, so that a dollar sign within a name opens no quote.
                var end = offset + 1
                while end < bytes.count, Self.isNameByte(bytes[end]) || bytes[end] == ascii("$") {
                    end += 1
                }
                statement += bytes[offset..<end]
                offset = end
            default:
                statement.append(byte)
                offset += 1
            }
        }
        return nil
    }

    /// Reads to the end of a literal or a quoted name; a doubled quote reopens it at once.
    private mutating func scanQuoted(
        _ source: Source,
        by quote: UInt8,
        _ statement: inout [UInt8]
    ) -> Stop? {
        let bytes = source.bytes
        var offset = source.offset
        let escapes = quote == ascii("'")
        while offset < bytes.count {
            if bytes[offset] == quote {
                offset += 1
                state = .initial
                break
            }
            offset += escapes && bytes[offset] == ascii("\\") ? 2 : 1
        }
        offset = min(offset, bytes.count)
        statement += bytes[source.offset..<offset]
        setOffset(offset, of: source)
        return nil
    }

    private mutating func scanDollarQuoted(
        _ source: Source,
        _ statement: inout [UInt8]
    ) -> Stop? {
        let bytes = source.bytes
        var offset = source.offset
        while offset < bytes.count {
            if bytes[offset] == ascii("$"), bytes[offset...].starts(with: dollarTag) {
                offset += dollarTag.count
                state = .initial
                break
            }
            offset += 1
        }
        statement += bytes[source.offset..<offset]
        setOffset(offset, of: source)
        return nil
    }

    /// Reads to the end of a block comment; comments nest.
    private mutating func scanComment(_ source: Source, _ statement: inout [UInt8]) -> Stop? {
        let bytes = source.bytes
        var offset = source.offset
        while offset < bytes.count, commentDepth > 0 {
            let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
            switch (bytes[offset], next) {
            case (ascii("*"), ascii("/")):
                commentDepth -= 1
                offset += 2
            case (ascii("/"), ascii("*")):
                commentDepth += 1
                offset += 2
            default:
                offset += 1
            }
        }
        if commentDepth == 0 { state = .initial }
        statement += bytes[source.offset..<offset]
        setOffset(offset, of: source)
        return nil
    }

    /// Moves the source that was read; a variable's value may lie above it by now.
    private mutating func setOffset(_ offset: Int, of source: Source) {
        let index = sources.lastIndex { $0.variable == source.variable } ?? sources.count - 1
        sources[index].offset = offset
    }

    /// The end of a dollar quote's opening tag at `start`, nil when it is none.
    private func dollarTagEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var end = start + 1
        while end < bytes.count, Self.isNameByte(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == ascii("$") else { return nil }
        if end > start + 1, (ascii("0")...ascii("9")).contains(bytes[start + 1]) { return nil }
        return end + 1
    }
}

// MARK: - Variables

extension StatementScanner {
    /// The variable that stands at `start`, where a colon is, and the offset behind it.
    ///
    /// Nil when the colon begins no variable.
    public static func variable(
        in bytes: [UInt8],
        at start: Int
    ) -> (variable: Variable, end: Int)? {
        guard start + 1 < bytes.count else { return nil }
        var nameStart = start + 1
        var form = Variable.Form.plain
        var closing: UInt8?
        switch bytes[start + 1] {
        case ascii("'"):
            (form, closing) = (.literal, ascii("'"))
        case ascii("\""):
            (form, closing) = (.identifier, ascii("\""))
        case ascii("{"):
            guard start + 2 < bytes.count, bytes[start + 2] == ascii("?") else { return nil }
            (form, closing) = (.test, ascii("}"))
            nameStart += 1
        default: break
        }
        if closing != nil { nameStart += 1 }
        var end = nameStart
        while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
        guard end > nameStart else { return nil }
        let name = String(decoding: bytes[nameStart..<end], as: UTF8.self)
        if let closing {
            guard end < bytes.count, bytes[end] == closing else { return nil }
            end += 1
        }
        return (Variable(name: name, form: form), end)
    }

    /// The text that a variable with `value` leaves in a statement or a command.
    public static func text(of value: String?, as form: Variable.Form) -> String? {
        if form == .test { return value == nil ? "FALSE" : "TRUE" }
        guard let value else { return nil }
        switch form {
        case .plain, .test: return value
        case .literal: return "'\(doubling(value, ["'", "\\"]))'"
        case .identifier: return "\"\(doubling(value, ["\""]))\""
        }
    }

    private func value(of variable: Variable, _ variables: Lookup) -> [UInt8]? {
        // A variable inside its own value would never end.
        guard variable.form != .plain || !sources.contains(where: { $0.variable == variable.name })
        else { return nil }
        return Self.text(of: variables(variable.name), as: variable.form).map { Array($0.utf8) }
    }

    private static func doubling(_ text: String, _ doubled: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if doubled.contains(scalar) { result.append(scalar) }
            result.append(scalar)
        }
        return String(result)
    }

    /// Whether a byte may stand in a variable's name; all of a non-ASCII letter may.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case ascii("a")...ascii("z"), ascii("A")...ascii("Z"), ascii("0")...ascii("9"): true
        case ascii("_"), 0x80...0xFF: true
        default: false
        }
    }
}

// MARK: - First words

extension StatementScanner {
    /// The first words of a statement in capitals, comments passed over; at most `limit`.
    ///
    /// A statement of nothing but blanks, comments and semicolons has none. Anything that is no word, such
    /// as a parenthesis, counts as a word of one character.
    public static func firstWords(of statement: [UInt8], limit: Int = 1) -> [String] {
        var words: [String] = []
        var offset = 0
        while offset < statement.count, words.count < limit {
            let byte = statement[offset]
            let next = offset + 1 < statement.count ? statement[offset + 1] : 0
            if byte == ascii(" ") || byte == ascii(";") || (0x09...0x0D).contains(byte) {
                offset += 1
            } else if byte == ascii("-"), next == ascii("-") {
                offset = statement[offset...].firstIndex(of: ascii("\n")) ?? statement.count
            } else if byte == ascii("/"), next == ascii("*") {
                offset = endOfComment(statement, from: offset)
            } else {
                let start = offset
                offset += 1
                if isNameByte(byte) {
                    while offset < statement.count, isNameByte(statement[offset]) { offset += 1 }
                }
                words.append(
                    String(decoding: statement[start..<offset], as: UTF8.self).uppercased()
                )
            }
        }
        return words
    }

    private static func endOfComment(_ statement: [UInt8], from start: Int) -> Int {
        var depth = 0
        var offset = start
        repeat {
            let next = offset + 1 < statement.count ? statement[offset + 1] : 0
            switch (statement[offset], next) {
            case (ascii("/"), ascii("*")):
                depth += 1
                offset += 2
            case (ascii("*"), ascii("/")):
                depth -= 1
                offset += 2
            default: offset += 1
            }
        } while depth > 0 && offset < statement.count
        return min(offset, statement.count)
    }
}

/// The byte of an ASCII character.
@inline(__always)
private func ascii(_ character: Unicode.Scalar) -> UInt8 {
    UInt8(truncatingIfNeeded: character.value)
}
