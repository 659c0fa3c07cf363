import SQLTypes

/// One SELECT, from its list to QUALIFY; FROM is in `Parser+TableReferences.swift`.
extension Parser {
    /// `SELECT …` up to what belongs to the query around it.
    mutating func select() throws(SQLError) -> SelectSyntax {
        var select = SelectSyntax(position: token.start)
        try expect(.select)
        try selectModifiers(&select)
        try selectItems(&select)
        if at(.into) { select.into = try selectInto() }
        if try accept(.from) { select.from = try tableReferences() }
        if try accept(.where) { select.whereCondition = try expression() }
        if at(.start) || at(.connect) {
            throw SQLError.unsupported("CONNECT BY", position: token.start)
        }
        if try accept(.group) {
            try expect(.by)
            try grouping(&select)
        }
        if try accept(.having) { select.having = try expression() }
        if at(.qualify) {
            select.qualifyPosition = token.start
            try advance()
            select.qualify = try expression()
        }
        return select
    }

    // `TOP n`, `ALL`, `DISTINCT`, the first in front of or behind the others.
    private mutating func selectModifiers(_ select: inout SelectSyntax) throws(SQLError) {
        if at(.top) { select.top = try top() }
        if try accept(.distinct) {
            select.isDistinct = true
            if at(.on) { throw SQLError.unsupported("DISTINCT ON", position: token.start) }
        } else {
            _ = try accept(.all)
        }
        if at(.top), select.top == nil { select.top = try top() }
    }

    private mutating func top() throws(SQLError) -> ExpressionSyntax {
        try expect(.top)
        guard at(.integer) || at(.parameter) || at(.leftParenthesis) else { throw syntaxError() }
        return try primary()
    }

    private mutating func selectItems(_ select: inout SelectSyntax) throws(SQLError) {
        repeat {
            if at(.star) {
                select.items.append(.star(position: token.start))
                try advance()
            } else if try isQualifiedStar() {
                var parts = [try name()]
                while try accept(.dot), !at(.star) { parts.append(try label()) }
                try expect(.star)
                select.items.append(.qualifiedStar(ObjectNameSyntax(parts)))
            } else {
                let expression = try expression()
                select.items.append(.expression(expression, alias: try columnAlias()))
            }
        } while try accept(.comma)
        try excludedColumns(&select)
    }

    // Whether `name.*` or `name.name.*` stands at the cursor.
    private mutating func isQualifiedStar() throws(SQLError) -> Bool {
        guard atName else { return false }
        var dot = try peek()
        while dot.kind == .dot {
            let part = try lexer.token(from: dot.end)
            if part.kind == .star { return true }
            guard part.kind == .word || part.kind == .quotedName else { return false }
            dot = try lexer.token(from: part.end)
        }
        return false
    }

    private mutating func columnAlias() throws(SQLError) -> NameSyntax? {
        if try accept(.as) { return try label() }
        guard atName, try !isExclude(), try !atFetchFirst() else { return nil }
        return try name()
    }

    // `EXCLUDE column` or `EXCLUDE (columns)`, which is not a column's alias.
    private mutating func isExclude() throws(SQLError) -> Bool {
        guard at(.exclude) else { return false }
        let next = try peek()
        if next.kind == .leftParenthesis || next.kind == .quotedName { return true }
        return next.kind == .word && !next.keyword.isReserved
    }

    private mutating func excludedColumns(_ select: inout SelectSyntax) throws(SQLError) {
        guard try isExclude() else { return }
        try advance()
        select.excluded = at(.leftParenthesis) ? try parenthesisedNames() : [try name()]
    }

    private mutating func selectInto() throws(SQLError) -> SelectIntoSyntax {
        try expect(.into)
        var isTemporary = try acceptTemporary()
        _ = try accept(.table)
        let name = try objectName()
        if name.name.hasPrefix("#") { isTemporary = true }
        return SelectIntoSyntax(name: name, isTemporary: isTemporary)
    }

    /// Steps over `[LOCAL] TEMPORARY` or `[LOCAL] TEMP`.
    mutating func acceptTemporary() throws(SQLError) -> Bool {
        if at(.local) {
            let next = try peek().keyword
            if next == .temp || next == .temporary { try advance() }
        }
        if try accept(.temporary) { return true }
        guard at(.temp) else { return false }
        // A table may be named temp.
        let next = try peek()
        guard next.kind == .word || next.kind == .quotedName || next.kind == .hash else {
            return false
        }
        try advance()
        return true
    }
}

// MARK: - GROUP BY

extension Parser {
    private mutating func grouping(_ select: inout SelectSyntax) throws(SQLError) {
        if try accept(.all) {
            select.groupsByAll = true
            return
        }
        repeat {
            let element = try groupingElement()
            // Brackets around several columns group by each of them.
            if case .expression(let row) = element, case .row(let fields) = row.kind {
                select.groupBy += fields.map { .expression($0) }
            } else {
                select.groupBy.append(element)
            }
        } while try accept(.comma)
    }

    private mutating func groupingElement() throws(SQLError) -> GroupingElementSyntax {
        let position = token.start
        switch token.keyword {
        case .rollup where try peek().kind == .leftParenthesis:
            try advance()
            return .rollup(try groupingLists(), position: position)
        case .cube where try peek().kind == .leftParenthesis:
            try advance()
            return .cube(try groupingLists(), position: position)
        case .grouping where try peek().keyword == .sets:
            try advance()
            try advance()
            try expect(.leftParenthesis)
            try enter()
            var elements: [GroupingElementSyntax] = []
            repeat { elements.append(try groupingSet()) } while try accept(.comma)
            leave()
            try expect(.rightParenthesis)
            return .groupingSets(elements, position: position)
        case .none where at(.leftParenthesis):
            guard try peek().kind == .rightParenthesis else { break }
            try advance()
            try advance()
            return .set([])
        default: break
        }
        return .expression(try expression())
    }

    // Inside GROUPING SETS brackets make one set.
    private mutating func groupingSet() throws(SQLError) -> GroupingElementSyntax {
        let element = try groupingElement()
        guard case .expression(let row) = element, case .row(let fields) = row.kind else {
            return element
        }
        return .set(fields)
    }

    // `(a, (b, c), …)`: each element is a list.
    private mutating func groupingLists() throws(SQLError) -> [[ExpressionSyntax]] {
        try expect(.leftParenthesis)
        var lists: [[ExpressionSyntax]] = []
        for element in try expressions() {
            if case .row(let fields) = element.kind {
                lists.append(fields)
            } else {
                lists.append([element])
            }
        }
        try expect(.rightParenthesis)
        return lists
    }
}
