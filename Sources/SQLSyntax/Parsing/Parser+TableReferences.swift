import SQLTypes

/// FROM: tables, subqueries, functions and joins.
extension Parser {
    /// `reference, reference, …`.
    mutating func tableReferences() throws(SQLError) -> [TableReferenceSyntax] {
        var references = [try tableReference()]
        while try accept(.comma) { references.append(try tableReference()) }
        return references
    }

    /// A table, subquery or function, and the joins behind it.
    mutating func tableReference() throws(SQLError) -> TableReferenceSyntax {
        try enter()
        let heightOutside = heightReached
        heightReached = 0
        var left = try pivoted(tablePrimary())
        while let start = try joinStart() { left = try join(left, start) }
        heightReached = max(heightReached, heightOutside)
        leave()
        return left
    }

    private struct JoinStart {
        var kind: JoinSyntax.Kind
        var isNatural: Bool
        var position: Int
    }

    // Steps over `[NATURAL] [INNER | LEFT | … [OUTER]] JOIN`; nil where no join stands.
    private mutating func joinStart() throws(SQLError) -> JoinStart? {
        var start = JoinStart(kind: .inner, isNatural: false, position: token.start)
        start.isNatural = try accept(.natural)
        switch token.keyword {
        case .join: break
        case .inner: try advance()
        case .cross where !start.isNatural:
            try advance()
            start.kind = .cross
        case .left, .right, .full:
            start.kind = at(.left) ? .left : at(.right) ? .right : .full
            try advance()
            _ = try accept(.outer)
        default:
            if start.isNatural { throw syntaxError() }
            return nil
        }
        try expect(.join)
        return start
    }

    private mutating func join(
        _ left: TableReferenceSyntax,
        _ start: JoinStart
    ) throws(SQLError) -> TableReferenceSyntax {
        try raiseHeight(at: start.position)
        var right = try pivoted(tablePrimary())
        let needsCondition = !start.isNatural && start.kind != .cross
        if needsCondition, !at(.on), !at(.using) {
            // `a JOIN b JOIN c ON … ON …`: the inner join comes first.
            try enter()
            while !at(.on), !at(.using), let inner = try joinStart() {
                right = try join(right, inner)
            }
            leave()
        }
        let condition: JoinSyntax.Condition
        if start.isNatural {
            condition = .natural
        } else if start.kind == .cross {
            condition = .none
        } else if try accept(.using) {
            condition = .using(try parenthesisedNames())
        } else {
            try expect(.on)
            condition = .on(try expression())
        }
        let join = JoinSyntax(
            kind: start.kind,
            left: left,
            right: right,
            condition: condition,
            position: start.position
        )
        return .join(join)
    }

    private mutating func tablePrimary() throws(SQLError) -> TableReferenceSyntax {
        let position = token.start
        if at(.leftParenthesis) { return try parenthesisedReference() }
        if at(.lateral), try peek().kind == .leftParenthesis {
            throw SQLError.unsupported("LATERAL", position: position)
        }
        let name = try objectName()
        if at(.leftParenthesis) {
            let function = try call(name)
            return .function(function, alias: try tableAlias())
        }
        // `table *` is an old way to write the table.
        _ = try accept(.star)
        return .table(name, alias: try tableAlias())
    }

    // `(query)` or `(joined tables)`, told apart as expressions in brackets are.
    private mutating func parenthesisedReference() throws(SQLError) -> TableReferenceSyntax {
        let position = token.start
        try expect(.leftParenthesis)
        if atQueryWord {
            let query = try query()
            try expect(.rightParenthesis)
            return .subquery(query, alias: try tableAlias(), position: position)
        }
        let inner = try tableReference()
        if case .subquery(let first, nil, _) = inner, !at(.rightParenthesis), !at(.comma) {
            let query = try continued(first)
            try expect(.rightParenthesis)
            return .subquery(query, alias: try tableAlias(), position: position)
        }
        try expect(.rightParenthesis)
        if case .subquery(let query, nil, _) = inner {
            return .subquery(query, alias: try tableAlias(), position: position)
        }
        if try tableAlias() != nil {
            throw SQLError.unsupported("an alias for a join in parentheses", position: position)
        }
        return inner
    }

    /// `[AS] name [(columns)]`.
    mutating func tableAlias() throws(SQLError) -> TableAliasSyntax? {
        let name: NameSyntax
        if try accept(.as) {
            name = try self.name()
        } else if atName, !at(.set), try !atFetchFirst() {
            name = try self.name()
        } else {
            return nil
        }
        return TableAliasSyntax(name: name, columns: try optionalNames())
    }
}
