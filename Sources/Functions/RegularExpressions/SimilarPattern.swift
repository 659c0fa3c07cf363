import SQLTypes

/// A pattern of SIMILAR TO, written as PCRE2 understands it.
///
/// It must match the whole text. `%` stands for any text and `_` for any character; `| * + ? {m}
/// {m,} {m,n} ( ) [ ]` mean what they mean in POSIX; all else, `.`, `^` and `$` too, is itself. The
/// escape character makes what follows it literal.
///
/// - Source: Redshift's SIMILAR TO; PostgreSQL `similar_escape`, which translates it likewise.
enum SimilarPattern {
    /// The POSIX pattern of the same meaning, for ``PosixPattern``.
    static func posix(_ pattern: [UInt8], escape: UInt8?) throws(SQLError) -> [UInt8] {
        var made = Array("^(".utf8)
        var isInBracket = false
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            if byte == escape {
                guard index < pattern.count else {
                    throw SQLError(
                        .invalidEscapeSequence,
                        "LIKE pattern must not end with escape character"
                    )
                }
                appendLiteral(pattern[index], to: &made)
                index += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "]") where isInBracket:
                isInBracket = false
                made.append(byte)
            case UInt8(ascii: "\\") where isInBracket: made += [byte, byte]
            case _ where isInBracket: made.append(byte)
            case UInt8(ascii: "["):
                isInBracket = true
                made.append(byte)
                index = copyBracketStart(of: pattern, from: index, to: &made)
            case UInt8(ascii: "%"): made += Array(".*".utf8)
            case UInt8(ascii: "_"): made.append(UInt8(ascii: "."))
            case UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "\\"):
                made += [UInt8(ascii: "\\"), byte]
            default: made.append(byte)
            }
        }
        return made + Array(")$".utf8)
    }

    /// Copies `^` and a `]` that come first in a bracket.
    private static func copyBracketStart(
        of pattern: [UInt8],
        from start: Int,
        to made: inout [UInt8]
    ) -> Int {
        var index = start
        for byte in [UInt8(ascii: "^"), UInt8(ascii: "]")]
        where index < pattern.count && pattern[index] == byte {
            made.append(byte)
            index += 1
        }
        return index
    }

    private static func appendLiteral(_ byte: UInt8, to made: inout [UInt8]) {
        let isLetterOrDigit = (byte | 32) &- 97 < 26 || byte &- 48 < 10
        if byte < 0x80 && !isLetterOrDigit { made.append(UInt8(ascii: "\\")) }
        made.append(byte)
    }
}
