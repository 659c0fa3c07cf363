import SQLTypes

/// ALTER TABLE.
extension Parser {
    /// `ALTER TABLE name action, …`; ALTER of anything else is 0A000.
    mutating func alter() throws(SQLError) -> Statement {
        let position = token.start
        try expect(.alter)
        guard at(.table) else { throw try unsupportedObject(of: "ALTER", position) }
        try advance()
        let name = try objectName()
        let start = token.start
        if atWord("append") { throw SQLError.unsupported("ALTER TABLE APPEND", position: position) }
        var actions: [AlterTableSyntax.Action] = []
        repeat { actions.append(try alteration()) } while try accept(.comma)
        return .alterTable(AlterTableSyntax(name: name, actions: actions, position: start))
    }

    private mutating func alteration() throws(SQLError) -> AlterTableSyntax.Action {
        let position = token.start
        if try acceptWord("rename") { return try renaming() }
        if try acceptWord("owner") {
            try expect(.to)
            return .owner(try label())
        }
        if try acceptWord("add") { return try addition() }
        if try accept(.drop) { return try removal() }
        if at(.row), try peek().kind == .word {
            throw SQLError.unsupported("ALTER TABLE ROW LEVEL SECURITY", position: position)
        }
        try expect(.alter)
        switch token.keyword {
        case .distkey:
            try advance()
            let style = DistributionStyleSyntax(kind: .key, position: position)
            return .alterDistribution(style, key: try name())
        case .diststyle:
            try advance()
            let style = try distributionStyle()
            guard style.kind == .key else { return .alterDistribution(style, key: nil) }
            try expect(.distkey)
            return .alterDistribution(style, key: try name())
        case .encode:
            try advance()
            try expect(.auto)
            return .encodeAutomatically
        case .sortkey, .compound, .interleaved: return try sortKeyAlteration()
        default:
            _ = try accept(.column)
            return try columnAlteration()
        }
    }

    private mutating func renaming() throws(SQLError) -> AlterTableSyntax.Action {
        if try accept(.to) { return .rename(try newName()) }
        _ = try accept(.column)
        let column = try name()
        try expect(.to)
        return .renameColumn(column, to: try name())
    }

    // The name a table gets; `#` stays part of it.
    private mutating func newName() throws(SQLError) -> NameSyntax {
        let full = try objectName()
        guard full.parts.count == 1, let name = full.parts.first else {
            throw SQLError(
                .syntaxError,
                "a table is renamed within its schema",
                position: full.position
            )
        }
        return name
    }

    private mutating func addition() throws(SQLError) -> AlterTableSyntax.Action {
        switch token.keyword {
        case .constraint, .unique, .primary, .foreign, .check:
            return .addConstraint(try tableConstraint())
        default:
            _ = try accept(.column)
            return .addColumn(try columnDefinition())
        }
    }

    private mutating func removal() throws(SQLError) -> AlterTableSyntax.Action {
        if try accept(.constraint) {
            let name = try name()
            _ = try acceptCascade()
            return .dropConstraint(name)
        }
        _ = try accept(.column)
        return .dropColumn(try name(), cascades: try acceptCascade())
    }

    private mutating func acceptCascade() throws(SQLError) -> Bool {
        if try accept(.cascade) { return true }
        _ = try accept(.restrict)
        return false
    }

    private mutating func sortKeyAlteration() throws(SQLError) -> AlterTableSyntax.Action {
        let next = try peek()
        if at(.sortkey), lexer.text(of: next).lowercased() == "none" {
            try advance()
            try advance()
            return .alterSortKey(nil)
        }
        return .alterSortKey(try sortKey())
    }

    private mutating func columnAlteration() throws(SQLError) -> AlterTableSyntax.Action {
        let column = try name()
        if try accept(.encode) { return .alterEncoding(column, try label()) }
        try expect(.type)
        let position = token.start
        return .alterType(column, try dataType(), position: position)
    }
}
