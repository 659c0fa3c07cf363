import SQLTypes

/// Redshift's forms of SHOW that list or describe objects.
extension Parser {
    /// `SHOW {TABLE | VIEW} name`, `SHOW DATABASES`, `SHOW SCHEMAS FROM DATABASE name`,
    /// `SHOW TABLES FROM SCHEMA name`, `SHOW COLUMNS FROM TABLE name`, the last four with
    /// `[LIKE 'pattern'] [LIMIT n]`; nil where the cursor stands on the name of a setting.
    ///
    /// - Throws: 0A000 for forms of objects that do not exist here.
    mutating func showObjects(at position: Int) throws(SQLError) -> ShowObjectsSyntax? {
        guard let word else { return nil }
        let next = try peek()
        let isFollowed = next.kind == .word || next.kind == .quotedName
        guard isFollowed || word == "databases" || next.kind == .hash else { return nil }
        switch word {
        case "table", "view":
            try advance()
            let name = try objectName()
            return ShowObjectsSyntax(kind: word == "table" ? .table(name) : .view(name))
        case "databases":
            try advance()
            return try listing(.databases)
        case "schemas":
            try advance()
            try expect(.from)
            try expectWord("database")
            return try listing(.schemas(try name()))
        case "tables":
            try advance()
            try expect(.from)
            try expect(.schema)
            return try listing(.tables(try objectName()))
        case "columns":
            try advance()
            try expect(.from)
            try expect(.table)
            return try listing(.columns(try objectName()))
        case "external", "grants", "model", "procedure", "datashares", "policies":
            throw SQLError.unsupported("SHOW \(word.uppercased())", position: position)
        default: return nil
        }
    }

    private mutating func expectWord(_ text: String) throws(SQLError) {
        guard try acceptWord(text) else { throw syntaxError() }
    }

    private mutating func listing(
        _ kind: ShowObjectsSyntax.Kind
    ) throws(SQLError) -> ShowObjectsSyntax {
        var syntax = ShowObjectsSyntax(kind: kind)
        if try accept(.like) { syntax.pattern = try string().text }
        if try accept(.limit) { syntax.limit = try integer() }
        return syntax
    }
}
