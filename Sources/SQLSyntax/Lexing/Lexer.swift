import SQLTypes

/// Cuts a statement's text into tokens, one at a time and from any offset.
///
/// It keeps no state but the text: the parser goes back by asking again from an earlier offset,
/// and no list of tokens is ever in memory.
///
/// - Source: Redshift's lexical rules: nested comments, backslash sequences in ordinary strings,
///   `$` in names.
struct Lexer {
    /// The text, as UTF-8.
    let bytes: [UInt8]
    /// Whether quoted names keep their capitals: `enable_case_sensitive_identifier`.
    let keepsQuotedCase: Bool
    private let keywords = KeywordTable.shared

    /// Takes the text as UTF-8.
    init(_ bytes: [UInt8], keepsQuotedCase: Bool = false) {
        self.bytes = bytes
        self.keepsQuotedCase = keepsQuotedCase
    }

    /// The first token at or behind `offset`.
    ///
    /// - Throws: 42601 for a comment, string or quoted name that does not end.
    func token(from offset: Int) throws(SQLError) -> Token {
        let start = try skipBlanks(from: offset)
        guard start < bytes.count else {
            return Token(kind: .endOfText, keyword: .none, start: bytes.count, end: bytes.count)
        }
        let byte = bytes[start]
        switch ByteClass(of: byte) {
        case .letter: return try word(from: start)
        case .digit: return number(from: start)
        case .quote:
            return symbol(.string, start, try endOfString(from: start, opening: start))
        case .doubleQuote: return try quotedName(from: start)
        case .other: return try symbolToken(byte, at: start)
        }
    }

    /// The byte at `offset`, or 0 behind the end.
    private func byte(at offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    private func symbol(_ kind: TokenKind, _ start: Int, _ end: Int) -> Token {
        Token(kind: kind, keyword: .none, start: start, end: end)
    }
}

// MARK: - Blanks and comments

extension Lexer {
    private func skipBlanks(from offset: Int) throws(SQLError) -> Int {
        var offset = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: offset += 1
            case UInt8(ascii: "-") where byte(at: offset + 1) == UInt8(ascii: "-"):
                offset += 2
                while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
            case UInt8(ascii: "/") where byte(at: offset + 1) == UInt8(ascii: "*"):
                offset = try endOfComment(from: offset)
            default: return offset
            }
        }
        return offset
    }

    private func endOfComment(from start: Int) throws(SQLError) -> Int {
        var depth = 1
        var offset = start + 2
        while offset + 1 < bytes.count {
            let pair = (bytes[offset], bytes[offset + 1])
            if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
                depth -= 1
                offset += 2
                if depth == 0 { return offset }
            } else if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
                depth += 1
                offset += 2
            } else {
                offset += 1
            }
        }
        throw unterminated("/* comment", from: start)
    }

    private func unterminated(_ what: String, from start: Int) -> SQLError {
        // A screenful of the rest is enough to find the place.
        let end = min(bytes.count, start + 64)
        let near = String(decoding: bytes[start..<end], as: UTF8.self)
        return SQLError(
            .syntaxError,
            "unterminated \(what) at or near \"\(near)\"",
            position: start
        )
    }
}

// MARK: - Words, names, strings

extension Lexer {
    private func word(from start: Int) throws(SQLError) -> Token {
        let first = bytes[start] | 0x20
        if first == UInt8(ascii: "e"), byte(at: start + 1) == UInt8(ascii: "'") {
            return symbol(.string, start, try endOfString(from: start + 1, opening: start))
        }
        let end = endOfWord(from: start)
        let keyword = bytes.withUnsafeBufferPointer {
            keywords.keyword(spelled: UnsafeBufferPointer(rebasing: $0[start..<end]))
        }
        return Token(kind: .word, keyword: keyword, start: start, end: end)
    }

    private func endOfWord(from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var end = start + 1
            while end < bytes.count {
                let kind = ByteClass(of: bytes[end])
                guard kind == .letter || kind == .digit || bytes[end] == UInt8(ascii: "$") else {
                    break
                }
                end += 1
            }
            return end
        }
    }

    // Offset behind the closing quote of the string whose opening quote stands at `quote`.
    // Strings on two lines with nothing but blanks between are one, as SQL has it.
    private func endOfString(from quote: Int, opening: Int) throws(SQLError) -> Int {
        var offset = quote + 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\\") {
                offset += 2
            } else if byte != UInt8(ascii: "'") {
                offset += 1
            } else if self.byte(at: offset + 1) == UInt8(ascii: "'") {
                offset += 2
            } else if let next = Self.continuedString(in: bytes, after: offset + 1) {
                offset = next + 1
            } else {
                return offset + 1
            }
        }
        throw unterminated("quoted string", from: opening)
    }

    /// The opening quote of a string that continues the one that ended before `offset`.
    static func continuedString(in bytes: [UInt8], after offset: Int) -> Int? {
        var offset = offset
        var sawNewline = false
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x0A, 0x0D: sawNewline = true
            case 0x20, 0x09, 0x0B, 0x0C: break
            case UInt8(ascii: "'"): return sawNewline ? offset : nil
            default: return nil
            }
            offset += 1
        }
        return nil
    }

    private func quotedName(from start: Int) throws(SQLError) -> Token {
        var offset = start + 1
        while offset < bytes.count {
            if bytes[offset] != UInt8(ascii: "\"") {
                offset += 1
            } else if byte(at: offset + 1) == UInt8(ascii: "\"") {
                offset += 2
            } else {
                return symbol(.quotedName, start, offset + 1)
            }
        }
        throw unterminated("quoted identifier", from: start)
    }

    // `$1`, `$$…$$`, `$tag$…$tag$`.
    private func dollarToken(at start: Int) throws(SQLError) -> Token {
        var end = start + 1
        if ByteClass(of: byte(at: end)) == .digit {
            while ByteClass(of: byte(at: end)) == .digit { end += 1 }
            return symbol(.parameter, start, end)
        }
        if ByteClass(of: byte(at: end)) == .letter {
            while ByteClass(of: byte(at: end)) == .letter
                || ByteClass(of: byte(at: end)) == .digit
            {
                end += 1
            }
        }
        guard byte(at: end) == UInt8(ascii: "$") else { return symbol(.other, start, start + 1) }
        let tag = bytes[start...end]
        var offset = end + 1
        while offset + tag.count <= bytes.count {
            if bytes[offset] == UInt8(ascii: "$"),
                bytes[offset..<offset + tag.count].elementsEqual(tag)
            {
                return symbol(.dollarString, start, offset + tag.count)
            }
            offset += 1
        }
        throw unterminated("dollar-quoted string", from: start)
    }
}

// MARK: - Numbers and symbols

extension Lexer {
    private func endOfDigits(from start: Int) -> Int {
        var end = start
        while ByteClass(of: byte(at: end)) == .digit { end += 1 }
        return end
    }

    // `start` is at a digit, or at a point with a digit behind it.
    private func number(from start: Int) -> Token {
        var kind = TokenKind.integer
        var end = endOfDigits(from: start)
        if byte(at: end) == UInt8(ascii: ".") {
            kind = .decimal
            end = endOfDigits(from: end + 1)
        }
        if byte(at: end) | 0x20 == UInt8(ascii: "e") {
            var exponent = end + 1
            let sign = byte(at: exponent)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { exponent += 1 }
            let exponentEnd = endOfDigits(from: exponent)
            if exponentEnd > exponent {
                kind = .floating
                end = exponentEnd
            }
        }
        return symbol(kind, start, end)
    }

    private func symbolToken(_ first: UInt8, at start: Int) throws(SQLError) -> Token {
        let second = byte(at: start + 1)
        let third = byte(at: start + 2)
        func token(_ kind: TokenKind, _ length: Int) -> Token {
            symbol(kind, start, start + length)
        }
        switch first {
        case UInt8(ascii: "("): return token(.leftParenthesis, 1)
        case UInt8(ascii: ")"): return token(.rightParenthesis, 1)
        case UInt8(ascii: "["): return token(.leftBracket, 1)
        case UInt8(ascii: "]"): return token(.rightBracket, 1)
        case UInt8(ascii: ","): return token(.comma, 1)
        case UInt8(ascii: ";"): return token(.semicolon, 1)
        case UInt8(ascii: "+"): return token(.plus, 1)
        case UInt8(ascii: "-"): return token(.minusSign, 1)
        case UInt8(ascii: "*"): return token(.star, 1)
        case UInt8(ascii: "/"): return token(.slash, 1)
        case UInt8(ascii: "%"): return token(.percentSign, 1)
        case UInt8(ascii: "^"): return token(.caret, 1)
        case UInt8(ascii: "="): return token(.equal, 1)
        case UInt8(ascii: "&"): return token(.ampersand, 1)
        case UInt8(ascii: "#"): return token(.hash, 1)
        case UInt8(ascii: "@"): return token(.atSign, 1)
        case UInt8(ascii: "$"): return try dollarToken(at: start)
        case UInt8(ascii: "."):
            let startsNumber = ByteClass(of: second) == .digit
            return startsNumber ? number(from: start) : token(.dot, 1)
        case UInt8(ascii: ":"):
            return second == UInt8(ascii: ":") ? token(.doubleColon, 2) : token(.colon, 1)
        case UInt8(ascii: "<"):
            switch second {
            case UInt8(ascii: "="): return token(.lessOrEqual, 2)
            case UInt8(ascii: ">"): return token(.notEqual, 2)
            case UInt8(ascii: "<"): return token(.shiftLeft, 2)
            default: return token(.less, 1)
            }
        case UInt8(ascii: ">"):
            switch second {
            case UInt8(ascii: "="): return token(.greaterOrEqual, 2)
            case UInt8(ascii: ">"): return token(.shiftRight, 2)
            default: return token(.greater, 1)
            }
        case UInt8(ascii: "|"):
            if second == UInt8(ascii: "/") { return token(.squareRoot, 2) }
            guard second == UInt8(ascii: "|") else { return token(.pipe, 1) }
            return third == UInt8(ascii: "/") ? token(.cubeRoot, 3) : token(.concatenate, 2)
        case UInt8(ascii: "~"):
            return second == UInt8(ascii: "*") ? token(.tildeStar, 2) : token(.tilde, 1)
        case UInt8(ascii: "!"):
            if second == UInt8(ascii: "=") { return token(.notEqual, 2) }
            guard second == UInt8(ascii: "~") else { return token(.other, 1) }
            return third == UInt8(ascii: "*") ? token(.notTildeStar, 3) : token(.notTilde, 2)
        default: return token(.other, 1)
        }
    }
}

/// What a byte can begin.
private enum ByteClass: UInt8 {
    case other
    /// ASCII letters, the underscore, and every byte of a longer UTF-8 sequence.
    case letter
    case digit
    case quote
    case doubleQuote

    // Comparisons instead of a table: a global table would be checked for its first use per byte.
    @inline(__always)
    init(of byte: UInt8) {
        if (byte | 0x20) &- UInt8(ascii: "a") < 26 {
            self = .letter
        } else if byte &- UInt8(ascii: "0") < 10 {
            self = .digit
        } else if byte == UInt8(ascii: "_") || byte >= 0x80 {
            self = .letter
        } else if byte == UInt8(ascii: "'") {
            self = .quote
        } else {
            self = byte == UInt8(ascii: "\"") ? .doubleQuote : .other
        }
    }
}
