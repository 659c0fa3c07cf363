/// One token: what it is and which bytes of the text it covers.
///
/// Values (a string without its escapes, a folded name) are made only when the parser asks.
struct Token {
    var kind: TokenKind
    /// The keyword that a bare word spells; `.none` for other words and other tokens.
    var keyword: Keyword
    /// UTF-8 offset of the first byte.
    var start: Int
    /// UTF-8 offset behind the last byte.
    var end: Int
}

/// The kinds of tokens; operators are listed by spelling.
enum TokenKind: UInt8 {
    case endOfText
    /// A bare word: a name or a keyword.
    case word
    /// A name in double quotes.
    case quotedName
    /// `'…'` or `E'…'`.
    case string
    /// `$$…$$` or `$tag$…$tag$`.
    case dollarString
    /// Digits.
    case integer
    /// Digits with a point.
    case decimal
    /// Digits with an exponent.
    case floating
    /// `$n`.
    case parameter
    case leftParenthesis
    case rightParenthesis
    case leftBracket
    case rightBracket
    case comma
    case semicolon
    case dot
    case colon
    case doubleColon
    case plus
    case minusSign
    case star
    case slash
    case percentSign
    case caret
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
    case concatenate
    case ampersand
    case pipe
    case hash
    case atSign
    case tilde
    case tildeStar
    case notTilde
    case notTildeStar
    case shiftLeft
    case shiftRight
    case squareRoot
    case cubeRoot
    /// A byte that begins no token.
    case other
}
