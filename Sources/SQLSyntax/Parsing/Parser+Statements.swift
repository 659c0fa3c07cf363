import SQLTypes

/// Statements by their first words; each family is parsed in a file of its own.
extension Parser {
    /// A statement, without its semicolon.
    mutating func statement() throws(SQLError) -> Statement {
        heightReached = 0
        switch token.keyword {
        case .select, .values: return .query(try query())
        case .with: return try withStatement()
        case .insert: return try insert()
        case .update: return try update(with: nil)
        case .delete: return try delete(with: nil)
        case .merge: return try merge()
        case .copy: return try copy()
        case .create: return try create()
        case .alter: return try alter()
        case .drop: return try drop()
        case .truncate:
            try advance()
            _ = try accept(.table)
            return .truncate(try objectName())
        case .explain: return try explain()
        case .begin, .start, .commit, .end, .rollback, .abort: return try transaction()
        case .set: return try set()
        case .reset: return try reset()
        case .show: return try show()
        case .analyze, .analyse: return try analyze()
        case .vacuum: return try vacuum()
        case .check:
            try advance()
            guard try acceptWord("warehouse") else { throw syntaxError() }
            return .checkWarehouse
        case .lock:
            try advance()
            _ = try accept(.table)
            return .lock(try objectNames())
        case .comment: return try comment()
        case .prepare: return try prepare()
        case .execute: return try execute()
        case .deallocate: return try deallocate()
        case .cancel: return try cancel()
        case .none where at(.leftParenthesis): return .query(try query())
        default: throw unsupportedStatement()
        }
    }

    // `WITH … SELECT`, `WITH … UPDATE`, `WITH … DELETE`.
    private mutating func withStatement() throws(SQLError) -> Statement {
        let position = token.start
        let with = try with()
        switch token.keyword {
        case .update: return try update(with: with)
        case .delete: return try delete(with: with)
        case .insert, .merge:
            let word = lexer.text(of: token).uppercased()
            throw SQLError.unsupported("WITH before \(word)", position: position)
        default:
            var query = try query(after: with)
            query.position = position
            return .query(query)
        }
    }

    private mutating func explain() throws(SQLError) -> Statement {
        try expect(.explain)
        // ANALYZE may also be the statement that is explained, which Redshift refuses.
        let isAnalyze = try accept(.analyze)
        let isVerbose = try accept(.verbose)
        switch token.keyword {
        case .explain, .begin, .commit, .rollback, .set, .show: throw syntaxError()
        default: break
        }
        let statement = try statement()
        return .explain(statement, isVerbose: isVerbose, isAnalyze: isAnalyze)
    }

    // `PREPARE name [(types)] AS statement`.
    private mutating func prepare() throws(SQLError) -> Statement {
        try expect(.prepare)
        let name = try name()
        var types: [DataType] = []
        if try accept(.leftParenthesis) {
            repeat { types.append(try dataType()) } while try accept(.comma)
            try expect(.rightParenthesis)
        }
        try expect(.as)
        switch token.keyword {
        case .select, .values, .with, .insert, .update, .delete: break
        case .none where at(.leftParenthesis): break
        default: throw syntaxError()
        }
        highestParameter = 0
        let inner = try statement()
        return .prepare(name, types: types, inner, parameterCount: highestParameter)
    }

    private mutating func execute() throws(SQLError) -> Statement {
        try expect(.execute)
        let name = try name()
        var arguments: [ExpressionSyntax] = []
        if try accept(.leftParenthesis) {
            arguments = try expressions()
            try expect(.rightParenthesis)
        }
        return .execute(name, arguments: arguments)
    }

    private mutating func deallocate() throws(SQLError) -> Statement {
        try expect(.deallocate)
        _ = try accept(.prepare)
        return .deallocate(try accept(.all) ? nil : try name())
    }

    private mutating func cancel() throws(SQLError) -> Statement {
        try expect(.cancel)
        let id = try integer()
        if atString { _ = try string() }
        return .cancel(id)
    }
}

// MARK: - What Redshift knows and Slicehouse lacks

extension Parser {
    /// First words of statements that Redshift or PostgreSQL knows, by themselves.
    private static let unsupportedWords: Set<String> = [
        "attach", "call", "checkpoint", "close", "cluster", "declare", "desc",
        "detach", "do", "fetch", "grant", "listen", "load", "move", "notify",
        "reassign", "reboot_cluster", "refresh", "reindex", "release", "revoke", "savepoint",
        "security", "unlisten", "unload", "use",
    ]

    /// Kinds of objects that Redshift or PostgreSQL creates, alters and drops.
    private static let unsupportedObjects: Set<String> = [
        "aggregate", "cast", "collation", "conversion", "database", "datashare", "default",
        "domain", "event", "extension", "external", "foreign", "function", "group", "identity",
        "index", "integration", "language", "library", "masking", "materialized", "model",
        "operator", "owned", "policy", "procedure", "publication", "rls", "role", "routine",
        "rule", "schema", "sequence", "server", "statistics", "subscription", "system", "table",
        "tablespace", "text", "trigger", "type", "unique", "unlogged", "user", "view",
    ]

    /// 0A000 for a statement that Redshift knows, 42601 for any other.
    private func unsupportedStatement() -> SQLError {
        guard let first = word, Self.unsupportedWords.contains(first) else {
            return syntaxError()
        }
        let position = token.start
        return SQLError.unsupported(first.uppercased(), position: position)
    }

    /// 0A000 for CREATE, ALTER, DROP or SHOW of what stands at the cursor, 42601 if it is no
    /// kind of object.
    mutating func unsupportedObject(
        of verb: String,
        _ position: Int
    ) throws(SQLError) -> SQLError {
        guard let object = word, Self.unsupportedObjects.contains(object) else {
            return syntaxError()
        }
        var feature = "\(verb) \(object.uppercased())"
        let isTwoWords: Set = [
            "default", "event", "external", "identity", "masking", "materialized", "rls",
        ]
        if isTwoWords.contains(object) {
            try advance()
            if let second = word { feature += " \(second.uppercased())" }
        }
        return SQLError.unsupported(feature, position: position)
    }
}
