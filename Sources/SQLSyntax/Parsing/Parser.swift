import SQLTypes

/// A recursive-descent parser over one text: the cursor, its tests, and names.
///
/// Each family of statements is an extension in a file of its own. The parser looks no name up
/// and knows no function; it keeps one token, and asks the lexer again where it must look ahead.
///
/// Hostile text cannot overflow the stack: what nests counts ``depth``, what chains counts the
/// tree's height (see ``node(_:_:above:)``), and both end in 54001.
struct Parser {
    /// How deep brackets, subqueries, CASE and prefix operators may nest.
    static let depthMax = 256

    let lexer: Lexer
    /// The token at the cursor.
    private(set) var token: Token
    /// Where the token before the cursor ended.
    private(set) var previousEnd = 0
    /// Tokens so far: a statement may have millions.
    private var tokenCount = 0
    /// The token behind the cursor, if somebody looked.
    private var ahead: Token?
    /// How deep the parser stands in brackets, subqueries and prefix operators.
    private(set) var depth = 0
    /// The greatest `n` of a `$n` so far.
    var highestParameter = 0
    /// The height of the highest tree made since the innermost query or table reference began.
    var heightReached: Int32 = 0

    /// Puts the cursor on the first token at or behind `offset`.
    init(
        _ bytes: [UInt8],
        from offset: Int = 0,
        keepsQuotedCase: Bool = false
    ) throws(SQLError) {
        lexer = Lexer(bytes, keepsQuotedCase: keepsQuotedCase)
        token = try lexer.token(from: offset)
    }

    /// Whether the text is used up.
    var isAtEnd: Bool { token.kind == .endOfText }
}

// MARK: - The cursor

extension Parser {
    /// Moves to the next token.
    mutating func advance() throws(SQLError) {
        previousEnd = token.end
        tokenCount &+= 1
        if tokenCount & 4095 == 0 { try Interruption.check() }
        if let ahead {
            token = ahead
            self.ahead = nil
        } else {
            token = try lexer.token(from: token.end)
        }
    }

    /// The token behind the cursor.
    mutating func peek() throws(SQLError) -> Token {
        if let ahead { return ahead }
        let next = try lexer.token(from: token.end)
        ahead = next
        return next
    }

    /// Whether the cursor stands on the bare word `keyword`.
    func at(_ keyword: Keyword) -> Bool { token.keyword == keyword }

    /// Whether the cursor stands on a token of `kind`.
    func at(_ kind: TokenKind) -> Bool { token.kind == kind }

    /// Whether the cursor stands on the bare word `text`, which is in lower case.
    func atWord(_ text: String) -> Bool { word == text }

    /// The bare word at the cursor, in lower case.
    var word: String? {
        guard token.kind == .word else { return nil }
        return lexer.text(of: token).lowercased()
    }

    /// Steps over `keyword` if it is there.
    mutating func accept(_ keyword: Keyword) throws(SQLError) -> Bool {
        guard token.keyword == keyword else { return false }
        try advance()
        return true
    }

    /// Steps over a token of `kind` if it is there.
    mutating func accept(_ kind: TokenKind) throws(SQLError) -> Bool {
        guard token.kind == kind else { return false }
        try advance()
        return true
    }

    /// Steps over the bare word `text`, which is no keyword, if it is there.
    mutating func acceptWord(_ text: String) throws(SQLError) -> Bool {
        guard atWord(text) else { return false }
        try advance()
        return true
    }

    /// Steps over `first second` if both are there.
    mutating func accept(_ first: Keyword, _ second: Keyword) throws(SQLError) -> Bool {
        guard token.keyword == first, try peek().keyword == second else { return false }
        try advance()
        try advance()
        return true
    }

    /// Steps over `keyword`, or throws 42601.
    mutating func expect(_ keyword: Keyword) throws(SQLError) {
        guard token.keyword == keyword else { throw syntaxError() }
        try advance()
    }

    /// Steps over a token of `kind`, or throws 42601.
    mutating func expect(_ kind: TokenKind) throws(SQLError) {
        guard token.kind == kind else { throw syntaxError() }
        try advance()
    }

    /// 42601 at the cursor, in PostgreSQL's words.
    func syntaxError() -> SQLError { syntaxError(at: token) }

    /// 42601 at `token`, in PostgreSQL's words.
    func syntaxError(at token: Token) -> SQLError {
        let message =
            token.kind == .endOfText
            ? "syntax error at end of input"
            : "syntax error at or near \"\(lexer.text(of: token))\""
        return SQLError(.syntaxError, message, position: token.start)
    }
}

// MARK: - Limits

extension Parser {
    /// Counts a level of nesting; the caller ends it with ``leave()``.
    ///
    /// - Throws: 54001 where the text nests deeper than the stack allows for.
    mutating func enter() throws(SQLError) {
        guard depth < Self.depthMax else {
            throw SQLError(
                .statementTooComplex,
                "statement too complex: it nests more than \(Self.depthMax) levels deep",
                position: token.start
            )
        }
        depth += 1
    }

    /// Ends a level of nesting.
    mutating func leave() { depth -= 1 }

    /// Makes a node over children the highest of which has height `below`.
    ///
    /// - Throws: 54001 where a chain of operators has become too long to recurse over.
    mutating func node(
        _ kind: ExpressionSyntax.Kind,
        _ position: Int,
        above below: Int32
    ) throws(SQLError) -> ExpressionSyntax {
        guard below < ExpressionSyntax.heightMax else { throw tooHigh(at: position) }
        heightReached = max(heightReached, below + 1)
        return ExpressionSyntax(kind, position: position, height: below + 1)
    }

    /// Counts one more level above everything made since the innermost query or table reference
    /// began.
    mutating func raiseHeight(at position: Int) throws(SQLError) {
        guard heightReached < ExpressionSyntax.heightMax else { throw tooHigh(at: position) }
        heightReached += 1
    }

    private func tooHigh(at position: Int) -> SQLError {
        SQLError(
            .statementTooComplex,
            "statement too complex: a chain of operators is longer than "
                + "\(ExpressionSyntax.heightMax)",
            position: position
        )
    }
}

// MARK: - Names and literals

extension Parser {
    /// Whether the cursor stands on a quoted name or a word that is not reserved.
    var atName: Bool {
        switch token.kind {
        case .quotedName: true
        case .word: !token.keyword.isReserved
        default: false
        }
    }

    /// A quoted name or a word that is not reserved.
    mutating func name() throws(SQLError) -> NameSyntax {
        guard atName else { throw syntaxError() }
        return try label()
    }

    /// A quoted name or any word, as stands behind AS and behind a dot.
    mutating func label() throws(SQLError) -> NameSyntax {
        guard token.kind == .word || token.kind == .quotedName else { throw syntaxError() }
        let name = try lexer.name(of: token)
        try advance()
        return name
    }

    /// `name`, `schema.name`, `database.schema.name`; any of them with `#` before the last part.
    mutating func objectName() throws(SQLError) -> ObjectNameSyntax {
        var parts = [try temporaryName(allowsReserved: false)]
        while try accept(.dot) {
            parts.append(try temporaryName(allowsReserved: true))
        }
        let name = ObjectNameSyntax(parts)
        guard parts.count <= 3 else { throw tooManyDots(name) }
        return name
    }

    /// 42601 for a name of too many parts.
    func tooManyDots(_ name: ObjectNameSyntax) -> SQLError {
        SQLError(
            .syntaxError,
            "improper qualified name (too many dotted names): \(name.description)",
            position: name.position
        )
    }

    private mutating func temporaryName(allowsReserved: Bool) throws(SQLError) -> NameSyntax {
        guard at(.hash) else { return try allowsReserved ? label() : name() }
        let hash = token
        let next = try peek()
        guard next.kind == .word, next.start == hash.end else { throw syntaxError() }
        try advance()
        var name = try label()
        name.text = "#" + name.text
        name.position = hash.start
        return name
    }

    /// `name, name, …`.
    mutating func names() throws(SQLError) -> [NameSyntax] {
        var names = [try name()]
        while try accept(.comma) { names.append(try name()) }
        return names
    }

    /// `(name, name, …)`.
    mutating func parenthesisedNames() throws(SQLError) -> [NameSyntax] {
        try expect(.leftParenthesis)
        let names = try names()
        try expect(.rightParenthesis)
        return names
    }

    /// `(name, …)`, or nothing where no parenthesis opens.
    mutating func optionalNames() throws(SQLError) -> [NameSyntax] {
        at(.leftParenthesis) ? try parenthesisedNames() : []
    }

    /// `name, name, …` of tables or schemas.
    mutating func objectNames() throws(SQLError) -> [ObjectNameSyntax] {
        var names = [try objectName()]
        while try accept(.comma) { names.append(try objectName()) }
        return names
    }

    /// Whether the cursor stands on a string literal.
    var atString: Bool { token.kind == .string || token.kind == .dollarString }

    /// A string literal, with its backslashes where they have a meaning of their own.
    mutating func string(keepsEscapes: Bool = false) throws(SQLError) -> StringSyntax {
        guard atString else { throw syntaxError() }
        let string = StringSyntax(
            try lexer.string(of: token, keepsEscapes: keepsEscapes),
            position: token.start
        )
        try advance()
        return string
    }

    /// Digits, perhaps with a sign before them.
    ///
    /// - Throws: 22003 for more than a BIGINT holds.
    mutating func integer() throws(SQLError) -> Int64 {
        let start = token.start
        let isNegative = try accept(.minusSign)
        if !isNegative { _ = try accept(.plus) }
        guard at(.integer) else { throw syntaxError() }
        let digits = lexer.text(of: token)
        guard let value = Int64(isNegative ? "-" + digits : digits) else {
            throw SQLError(
                .numericValueOutOfRange,
                "value \"\(digits)\" is out of range for type bigint",
                position: start
            )
        }
        try advance()
        return value
    }
}
