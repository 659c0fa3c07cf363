package import SQLTypes

/// The longest statement in bytes.
///
/// - Source: Redshift's limit of 16 MB.
package let statementBytesMax = 16 * 1_024 * 1_024

/// Parses one statement, with or without a semicolon behind it.
///
/// Text without a statement gives `.empty`. Every error carries its position as a UTF-8 offset.
/// Quoted names are folded to lower case like others unless they keep their capitals, as they do
/// under `enable_case_sensitive_identifier` and in texts of our own making.
///
/// - Throws: 42601 for what is no SQL, 0A000 for what Redshift knows and Slicehouse lacks,
///   42704 for an unknown type, 22023 for a type's size, 54000 for text over 16 MB, 54001 for
///   text that nests or chains too deep, 22021 for text with a zero byte.
package func parseStatement(
    _ text: String,
    keepsQuotedCase: Bool = false
) throws(SQLError) -> Statement {
    let bytes = Array(text.utf8)
    try checkSize(0..<bytes.count)
    try checkForZero(bytes)
    var parser = try Parser(bytes, keepsQuotedCase: keepsQuotedCase)
    while try parser.accept(.semicolon) {}
    if parser.isAtEnd { return .empty }
    let statement = try parser.statement()
    guard try parser.accept(.semicolon) || parser.isAtEnd else { throw parser.syntaxError() }
    while try parser.accept(.semicolon) {}
    guard parser.isAtEnd else {
        throw SQLError(
            .syntaxError,
            "cannot parse several statements as one",
            position: parser.token.start
        )
    }
    return statement
}

/// Parses a script of statements with semicolons between them.
///
/// Empty statements leave no trace. Each comes with the bytes it covers in the text, without
/// its semicolon; positions count from the first byte of the whole text.
///
/// - Throws: what ``parseStatement(_:)`` throws, for the first statement that fails.
package func parseStatements(
    _ text: String
) throws(SQLError) -> [(statement: Statement, bytes: Range<Int>)] {
    let bytes = Array(text.utf8)
    try checkForZero(bytes)
    var parser = try Parser(bytes)
    var statements: [(statement: Statement, bytes: Range<Int>)] = []
    while true {
        while try parser.accept(.semicolon) {}
        if parser.isAtEnd { return statements }
        let start = parser.token.start
        let statement = try parser.statement()
        guard parser.at(.semicolon) || parser.isAtEnd else { throw parser.syntaxError() }
        try checkSize(start..<parser.previousEnd)
        statements.append((statement, start..<parser.previousEnd))
    }
}

/// Parses an expression alone, such as a column's default kept in the catalog.
///
/// - Throws: what ``parseStatement(_:)`` throws.
package func parseExpression(
    _ text: String,
    keepsQuotedCase: Bool = false
) throws(SQLError) -> ExpressionSyntax {
    let bytes = Array(text.utf8)
    try checkSize(0..<bytes.count)
    var parser = try Parser(bytes, keepsQuotedCase: keepsQuotedCase)
    let expression = try parser.expression()
    guard parser.isAtEnd else { throw parser.syntaxError() }
    return expression
}

private func checkSize(_ bytes: Range<Int>) throws(SQLError) {
    guard bytes.count <= statementBytesMax else {
        throw SQLError(
            .programLimitExceeded,
            "statement is too large: \(bytes.count) bytes, and the limit is "
                + "\(statementBytesMax)",
            position: bytes.lowerBound
        )
    }
}

private func checkForZero(_ bytes: [UInt8]) throws(SQLError) {
    guard let position = bytes.firstIndex(of: 0) else { return }
    throw SQLError(
        .characterNotInRepertoire,
        "invalid byte sequence for encoding \"UTF8\": 0x00",
        position: position
    )
}
