import SQLTypes

/// INSERT, UPDATE and DELETE.
extension Parser {
    /// `INSERT INTO table [(columns)] {DEFAULT VALUES | VALUES … | query}`.
    mutating func insert() throws(SQLError) -> Statement {
        try expect(.insert)
        try expect(.into)
        let table = try objectName()
        var columns: [NameSyntax] = []
        if at(.leftParenthesis) {
            let next = try peek()
            switch next.keyword {
            case .select, .with: break
            case .values where try lexer.token(from: next.end).kind == .leftParenthesis: break
            case .none where next.kind == .leftParenthesis: break
            default: columns = try parenthesisedNames()
            }
        }
        let source: InsertSyntax.Source
        if try accept(.default) {
            try expect(.values)
            source = .defaultValues
        } else if try accept(.values) {
            var rows = [try assignedRow()]
            while try accept(.comma) { rows.append(try assignedRow()) }
            source = .values(rows)
        } else {
            guard atQueryWord || at(.leftParenthesis) else { throw syntaxError() }
            source = .query(try query())
        }
        if atWord("returning") {
            throw SQLError.unsupported("RETURNING", position: token.start)
        }
        if at(.on) { throw SQLError.unsupported("ON CONFLICT", position: token.start) }
        return .insert(InsertSyntax(table: table, columns: columns, source: source))
    }

    mutating func assignedRow() throws(SQLError) -> [AssignedValueSyntax] {
        try expect(.leftParenthesis)
        var row = [try assignedValue()]
        while try accept(.comma) { row.append(try assignedValue()) }
        try expect(.rightParenthesis)
        return row
    }

    private mutating func assignedValue() throws(SQLError) -> AssignedValueSyntax {
        guard at(.default) else { return .expression(try expression()) }
        let position = token.start
        try advance()
        return .defaultValue(position: position)
    }

    /// `UPDATE table [[AS] alias] SET … [FROM …] [WHERE …]`.
    mutating func update(with: WithSyntax?) throws(SQLError) -> Statement {
        try expect(.update)
        let table = try objectName()
        let alias = try targetAlias()
        let assignments = try assignments()
        let from = try accept(.from) ? try tableReferences() : []
        let condition = try accept(.where) ? try expression() : nil
        return .update(
            UpdateSyntax(
                with: with,
                table: table,
                alias: alias,
                assignments: assignments,
                from: from,
                whereCondition: condition
            )
        )
    }

    /// `SET column = value, …`.
    mutating func assignments() throws(SQLError) -> [UpdateSyntax.Assignment] {
        try expect(.set)
        var assignments: [UpdateSyntax.Assignment] = []
        repeat {
            let column = try name()
            if at(.dot) {
                // Redshift refuses the table's name here, as PostgreSQL does.
                throw syntaxError()
            }
            try expect(.equal)
            assignments.append(
                UpdateSyntax.Assignment(column: column, value: try assignedValue())
            )
        } while try accept(.comma)
        return assignments
    }

    /// `DELETE [FROM] table [[AS] alias] [USING …] [WHERE …]`.
    mutating func delete(with: WithSyntax?) throws(SQLError) -> Statement {
        try expect(.delete)
        _ = try accept(.from)
        let table = try objectName()
        let alias = try targetAlias()
        let using = try accept(.using) ? try tableReferences() : []
        let condition = try accept(.where) ? try expression() : nil
        return .delete(
            DeleteSyntax(
                with: with,
                table: table,
                alias: alias,
                using: using,
                whereCondition: condition
            )
        )
    }

    /// `[AS] alias` of a table that is changed.
    mutating func targetAlias() throws(SQLError) -> NameSyntax? {
        if try accept(.as) { return try name() }
        return atName && !at(.set) ? try name() : nil
    }
}
