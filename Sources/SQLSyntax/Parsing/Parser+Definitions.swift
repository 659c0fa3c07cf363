import SQLTypes

/// CREATE and DROP; the inside of CREATE TABLE is in `Parser+TableDefinitions.swift`.
extension Parser {
    /// `CREATE …`.
    mutating func create() throws(SQLError) -> Statement {
        let position = token.start
        try expect(.create)
        let isReplacing = try accept(.or, .replace)
        let isTemporary = try acceptTemporary()
        if at(.view) {
            return try createView(isReplacing: isReplacing, isTemporary: isTemporary)
        }
        if isReplacing { throw try unsupportedObject(of: "CREATE", position) }
        switch token.keyword {
        case .table: return try createTable(isTemporary: isTemporary)
        case .schema where !isTemporary: return try createSchema()
        default: throw try unsupportedObject(of: "CREATE", position)
        }
    }

    /// Steps over `IF NOT EXISTS`.
    mutating func acceptIfNotExists() throws(SQLError) -> Bool {
        guard at(.if), try peek().keyword == .not else { return false }
        try advance()
        try advance()
        try expect(.exists)
        return true
    }

    // `CREATE [TEMP] VIEW name [(columns)] AS query [WITH NO SCHEMA BINDING]`.
    private mutating func createView(
        isReplacing: Bool,
        isTemporary: Bool
    ) throws(SQLError) -> Statement {
        try expect(.view)
        let name = try objectName()
        let columns = try optionalNames()
        try expect(.as)
        let start = token.start
        let query = try query()
        let bytes = lexer.bytes[start..<previousEnd]
        var view = CreateViewSyntax(
            name: name,
            isReplacing: isReplacing,
            isTemporary: isTemporary || name.name.hasPrefix("#"),
            columns: columns,
            query: query,
            queryText: String(decoding: bytes, as: UTF8.self),
            isLateBinding: false
        )
        if try accept(.with) {
            try expect(.no)
            try expect(.schema)
            try expect(.binding)
            view.isLateBinding = true
        }
        return .createView(view)
    }

    // `CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION user] [QUOTA …]`: one user owns all,
    // and nothing is rationed, so the last two are read and dropped.
    private mutating func createSchema() throws(SQLError) -> Statement {
        try expect(.schema)
        let ifNotExists = try acceptIfNotExists()
        var name: NameSyntax?
        if !at(.authorization) { name = try self.name() }
        if try accept(.authorization) {
            let user = try label()
            if name == nil { name = user }
        }
        if try acceptWord("quota"), try !acceptWord("unlimited") {
            _ = try integer()
            guard atWord("mb") || atWord("gb") || atWord("tb") else { throw syntaxError() }
            try advance()
        }
        guard let name else { throw syntaxError() }
        return .createSchema(name, ifNotExists: ifNotExists)
    }

    /// `DROP {TABLE | VIEW | SCHEMA} [IF EXISTS] name, … [CASCADE | RESTRICT]`.
    mutating func drop() throws(SQLError) -> Statement {
        let position = token.start
        try expect(.drop)
        let kind = token.keyword
        guard kind == .table || kind == .view || kind == .schema else {
            throw try unsupportedObject(of: "DROP", position)
        }
        try advance()
        var ifExists = false
        if at(.if), try peek().keyword == .exists {
            try advance()
            try advance()
            ifExists = true
        }
        let names = try objectNames()
        let cascades = try accept(.cascade)
        if !cascades { _ = try accept(.restrict) }
        let syntax = DropSyntax(names: names, ifExists: ifExists, cascades: cascades)
        switch kind {
        case .table: return .dropTable(syntax)
        case .view: return .dropView(syntax)
        default: return .dropSchema(syntax)
        }
    }
}
