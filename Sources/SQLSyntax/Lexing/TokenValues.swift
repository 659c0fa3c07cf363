import SQLTypes

/// The values of tokens: names folded and cut, strings with their escapes resolved.
extension Lexer {
    /// The longest name in bytes; what is longer is cut at a character's boundary.
    static let nameLengthMax = 127

    /// The token's bytes as written.
    func text(of token: Token) -> String {
        String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    /// A bare or quoted name, folded to lower case unless quoted names keep their capitals.
    ///
    /// - Throws: 42601 for `""`.
    func name(of token: Token) throws(SQLError) -> NameSyntax {
        guard token.kind == .quotedName else {
            let text = folded(bytes[token.start..<token.end])
            return NameSyntax(text, position: token.start)
        }
        var content = bytes[(token.start + 1)..<(token.end - 1)]
        if content.isEmpty {
            throw SQLError(
                .syntaxError,
                "zero-length delimited identifier at or near \"\"\"\"",
                position: token.start
            )
        }
        if content.contains(UInt8(ascii: "\"")) {
            var unescaped: [UInt8] = []
            var index = content.startIndex
            while index < content.endIndex {
                unescaped.append(content[index])
                index += content[index] == UInt8(ascii: "\"") ? 2 : 1
            }
            content = unescaped[...]
        }
        let text = keepsQuotedCase ? cut(content) : folded(content)
        return NameSyntax(text, isQuoted: true, position: token.start)
    }

    private func cut(_ name: ArraySlice<UInt8>) -> String {
        String(decoding: shortened(name), as: UTF8.self)
    }

    private func shortened(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard name.count > Self.nameLengthMax else { return name }
        var end = name.startIndex + Self.nameLengthMax
        while name[end] & 0xC0 == 0x80 { end -= 1 }
        return name[..<end]
    }

    // ASCII letters only: folding beyond them depends on a locale.
    private func folded(_ name: ArraySlice<UInt8>) -> String {
        let name = shortened(name)
        return String(unsafeUninitializedCapacity: name.count) { buffer in
            for (index, byte) in name.enumerated() {
                let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                buffer[index] = isUpper ? byte | 0x20 : byte
            }
            return name.count
        }
    }

    /// A string literal's text: quotes off, escapes resolved, parts on several lines joined.
    ///
    /// `\b \f \n \r \t`, `\ooo` octal and `\xhh` are resolved; before any other character a
    /// backslash is dropped. Dollar-quoted text stays as it is.
    ///
    /// With `keepsEscapes` backslashes stay, for words that give them a meaning of their own.
    ///
    /// - Throws: 22021 if escapes make bytes that are no UTF-8, or a zero byte.
    func string(of token: Token, keepsEscapes: Bool = false) throws(SQLError) -> String {
        if token.kind == .dollarString {
            let content = bytes[token.start..<token.end]
            let tag = content.dropFirst().prefix { $0 != UInt8(ascii: "$") }.count + 2
            return String(decoding: content.dropFirst(tag).dropLast(tag), as: UTF8.self)
        }
        let isEscaped = bytes[token.start] != UInt8(ascii: "'")
        let content = bytes[(token.start + (isEscaped ? 2 : 1))..<(token.end - 1)]
        let isPlain = !content.contains {
            $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\") || $0 == 0
        }
        if isPlain { return String(decoding: content, as: UTF8.self) }

        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(content.count)
        var offset = content.startIndex
        while offset < content.endIndex {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\\"), offset + 1 < content.endIndex {
                if keepsEscapes {
                    unescaped += [byte, bytes[offset + 1]]
                    offset += 2
                } else {
                    offset = appendEscape(at: offset + 1, end: content.endIndex, to: &unescaped)
                }
            } else if byte == UInt8(ascii: "'") {
                if bytes[offset + 1] == UInt8(ascii: "'") {
                    unescaped.append(byte)
                    offset += 2
                } else if let next = Self.continuedString(in: bytes, after: offset + 1) {
                    offset = next + 1
                } else {
                    offset += 1
                }
            } else {
                unescaped.append(byte)
                offset += 1
            }
        }
        guard !unescaped.contains(0), let text = String(validating: unescaped, as: UTF8.self)
        else {
            throw SQLError(
                .characterNotInRepertoire,
                "invalid byte sequence for encoding \"UTF8\" in a string literal",
                position: token.start
            )
        }
        return text
    }

    // Appends what the sequence behind a backslash stands for; the offset behind it.
    private func appendEscape(at offset: Int, end: Int, to unescaped: inout [UInt8]) -> Int {
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            return appendDigits(radix: 8, at: offset, end: min(end, offset + 3), to: &unescaped)
        case UInt8(ascii: "x") where offset + 1 < end && Self.digit(bytes[offset + 1]) < 16:
            return appendDigits(
                radix: 16,
                at: offset + 1,
                end: min(end, offset + 3),
                to: &unescaped
            )
        default: unescaped.append(byte)
        }
        return offset + 1
    }

    private func appendDigits(
        radix: Int,
        at offset: Int,
        end: Int,
        to unescaped: inout [UInt8]
    ) -> Int {
        var offset = offset
        var value = 0
        while offset < end, Self.digit(bytes[offset]) < radix {
            value = value * radix + Self.digit(bytes[offset])
            offset += 1
        }
        unescaped.append(UInt8(truncatingIfNeeded: value))
        return offset
    }

    private static func digit(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x37
        default: 99
        }
    }
}
