import SQLTypes

/// What stood between parentheses: a query, or expressions.
enum ParenthesisedSyntax {
    /// The query and its height.
    case query(Query, height: Int32)
    /// One expression or more.
    case expressions([ExpressionSyntax])
}

/// Single values: literals, columns, brackets, CASE, CAST. Calls are in `Parser+Calls.swift`.
extension Parser {
    /// A value without operators.
    mutating func primary() throws(SQLError) -> ExpressionSyntax {
        switch token.kind {
        case .leftParenthesis: try bracketed()
        case .quotedName: try columnOrCall()
        case .word: try wordPrimary()
        default: try literal()
        }
    }

    // Functions on the way from one bracket to the next are kept small: their frames, not the
    // statement's length, decide how deep a statement may nest.
    private mutating func literal() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        let kind: ExpressionSyntax.Kind
        switch token.kind {
        case .integer: kind = .integer(lexer.text(of: token))
        case .decimal: kind = .decimal(lexer.text(of: token))
        case .floating: kind = .float(lexer.text(of: token))
        case .string, .dollarString: kind = .string(try lexer.string(of: token))
        case .parameter:
            guard let number = Int(lexer.text(of: token).dropFirst()), number > 0 else {
                throw SQLError(
                    .undefinedParameter,
                    "there is no parameter \(lexer.text(of: token))",
                    position: start
                )
            }
            kind = .parameter(number)
            highestParameter = max(highestParameter, number)
        default: throw syntaxError()
        }
        try advance()
        return ExpressionSyntax(kind, position: start)
    }

    private mutating func wordPrimary() throws(SQLError) -> ExpressionSyntax {
        switch token.keyword {
        case .null: return try constant(.null)
        case .true: return try constant(.boolean(true))
        case .false: return try constant(.boolean(false))
        case .case: return try caseWhen()
        case .cast: return try castCall(isTry: false)
        case .interval: return try interval()
        case .exists where try peek().kind == .leftParenthesis: return try exists()
        case .try_cast where try peek().kind == .leftParenthesis:
            return try castCall(isTry: true)
        case .convert where try peek().kind == .leftParenthesis: return try convertCall()
        case .row where try peek().kind == .leftParenthesis: return try row()
        case .none: break
        default:
            if let special = try specialCall() { return special }
        }
        if try isTypedLiteral() { return try typedLiteral() }
        return try columnOrCall()
    }

    private mutating func row() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        guard case .expressions(let fields) = try parenthesised() else { throw syntaxError() }
        return try node(.row(fields), start, above: Self.height(of: fields))
    }

    private mutating func constant(
        _ kind: ExpressionSyntax.Kind
    ) throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        return ExpressionSyntax(kind, position: start)
    }

    // A name, and a call where a parenthesis follows.
    private mutating func columnOrCall() throws(SQLError) -> ExpressionSyntax {
        let isCallableWord = token.keyword.isFunctionName
        if !atName {
            guard isCallableWord, try peek().kind == .leftParenthesis else { throw syntaxError() }
        }
        var parts = [try label()]
        while at(.dot) {
            // A star behind the dot belongs to the select list and to COUNT.
            if try peek().kind == .star { break }
            try advance()
            parts.append(try label())
        }
        let name = ObjectNameSyntax(parts)
        if try atOuterJoinMarker() {
            for _ in 0..<3 { try advance() }
            return ExpressionSyntax(.outerColumn(name), position: name.position)
        }
        if at(.leftParenthesis) { return try call(name) }
        guard parts.count <= 4 else { throw tooManyDots(name) }
        return ExpressionSyntax(.column(name), position: name.position)
    }

}

// MARK: - Brackets

extension Parser {
    /// Whether the cursor stands on a word that begins a query.
    var atQueryWord: Bool { at(.select) || at(.with) || at(.values) }

    /// Whether the cursor stands on something that continues a query behind a bracket.
    private var atQueryContinuation: Bool {
        switch token.keyword {
        case .union, .intersect, .except, .minus, .order, .limit, .offset: true
        default: false
        }
    }

    /// `(query)` or `(expression, …)`, whichever stands at the cursor.
    ///
    /// `((select 1) + 1)` and `((select 1) union (select 2))` differ only behind the inner
    /// bracket, so an inner subquery becomes the first part of a query when one goes on there.
    mutating func parenthesised() throws(SQLError) -> ParenthesisedSyntax {
        try expect(.leftParenthesis)
        if atQueryWord {
            let (query, height) = try subquery()
            try expect(.rightParenthesis)
            return .query(query, height: height)
        }
        let startsWithBracket = at(.leftParenthesis)
        return try parenthesised(from: expression(), startsWithBracket: startsWithBracket)
    }

    private mutating func parenthesised(
        from first: ExpressionSyntax,
        startsWithBracket: Bool
    ) throws(SQLError) -> ParenthesisedSyntax {
        if startsWithBracket, case .scalarSubquery(let inner) = first.kind {
            if atQueryContinuation {
                let (query, height) = try subquery(continuing: inner, first.height)
                try expect(.rightParenthesis)
                return .query(query, height: height)
            }
            if at(.rightParenthesis) {
                try advance()
                return .query(inner, height: first.height - 1)
            }
        }
        var list = [first]
        while try accept(.comma) { list.append(try expression()) }
        try expect(.rightParenthesis)
        return .expressions(list)
    }

    private mutating func bracketed() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try expect(.leftParenthesis)
        if atQueryWord { return try bracketedQuery(start) }
        let startsWithBracket = at(.leftParenthesis)
        let first = try expression()
        if at(.rightParenthesis) {
            try advance()
            return first
        }
        return try bracketed(from: first, start, startsWithBracket: startsWithBracket)
    }

    private mutating func bracketedQuery(_ start: Int) throws(SQLError) -> ExpressionSyntax {
        let (query, height) = try subquery()
        try expect(.rightParenthesis)
        return try node(.scalarSubquery(query), start, above: height)
    }

    // The rest of a row, or of a query whose first part had brackets of its own.
    private mutating func bracketed(
        from first: ExpressionSyntax,
        _ start: Int,
        startsWithBracket: Bool
    ) throws(SQLError) -> ExpressionSyntax {
        switch try parenthesised(from: first, startsWithBracket: startsWithBracket) {
        case .query(let query, let height):
            return try node(.scalarSubquery(query), start, above: height)
        case .expressions(let list):
            return try node(.row(list), start, above: Self.height(of: list))
        }
    }

    /// A query inside an expression, with its height.
    private mutating func subquery(
        continuing first: Query? = nil,
        _ firstHeight: Int32 = 0
    ) throws(SQLError) -> (Query, Int32) {
        let outerHeight = heightReached
        heightReached = firstHeight
        let query: Query
        if let first {
            query = try continued(first)
        } else {
            query = try self.query()
        }
        let height = heightReached
        heightReached = max(outerHeight, height)
        return (query, height)
    }

    private mutating func exists() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        guard case .query(let query, let height) = try parenthesised() else {
            throw syntaxError()
        }
        return try node(.exists(query), start, above: height)
    }
}

// MARK: - CASE, casts, typed literals

extension Parser {
    private mutating func caseWhen() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try expect(.case)
        var height: Int32 = 0
        var operand: ExpressionSyntax?
        if !at(.when) {
            let value = try expression()
            height = value.height
            operand = value
        }
        var branches: [CaseSyntax.Branch] = []
        repeat {
            try expect(.when)
            let when = try expression()
            try expect(.then)
            let then = try expression()
            height = max(height, when.height, then.height)
            branches.append(CaseSyntax.Branch(when: when, then: then))
        } while at(.when)
        var otherwise: ExpressionSyntax?
        if try accept(.else) {
            let value = try expression()
            height = max(height, value.height)
            otherwise = value
        }
        try expect(.end)
        let syntax = CaseSyntax(operand: operand, branches: branches, otherwise: otherwise)
        return try node(.caseWhen(syntax), start, above: height)
    }

    // `CAST(e AS type)`, `TRY_CAST(e AS type)`.
    private mutating func castCall(isTry: Bool) throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        try expect(.leftParenthesis)
        let value = try expression()
        try expect(.as)
        let typePosition = token.start
        let type = try dataType()
        try expect(.rightParenthesis)
        let cast = CastSyntax(value: value, type: type, typePosition: typePosition, isTry: isTry)
        return try node(.cast(cast), start, above: value.height)
    }

    // `CONVERT(type, e)`.
    private mutating func convertCall() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        try expect(.leftParenthesis)
        let typePosition = token.start
        let type = try dataType()
        try expect(.comma)
        let value = try expression()
        try expect(.rightParenthesis)
        let cast = CastSyntax(value: value, type: type, typePosition: typePosition, isTry: false)
        return try node(.cast(cast), start, above: value.height)
    }

    // Whether a type's name followed by a string stands at the cursor.
    private mutating func isTypedLiteral() throws(SQLError) -> Bool {
        let next = try peek()
        switch token.keyword {
        case .timestamp, .time:
            return next.kind == .string || next.keyword == .with || next.keyword == .without
        case .double:
            guard next.keyword == .precision else { return false }
            return try lexer.token(from: next.end).kind == .string
        default: return next.kind == .string && !token.keyword.isReserved
        }
    }

    private mutating func typedLiteral() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        let type = try dataType()
        let text = try string()
        return ExpressionSyntax(.typedLiteral(type, text.text), position: start)
    }

    // `INTERVAL 'text' [field [TO field]]`.
    private mutating func interval() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        let text = try string()
        let fields = try intervalFields()
        return ExpressionSyntax(.interval(text.text, fields), position: start)
    }

    /// `DAY`, `YEAR TO MONTH`, `DAY TO SECOND(3)`; nil where none stands.
    mutating func intervalFields() throws(SQLError) -> IntervalFields? {
        guard let from = try intervalField() else { return nil }
        guard try accept(.to) else { return IntervalFields(from: from) }
        guard let to = try intervalField() else { throw syntaxError() }
        return IntervalFields(from: from, to: to)
    }

    private mutating func intervalField() throws(SQLError) -> String? {
        guard let field = word else { return nil }
        switch field {
        case "year", "month", "day", "hour", "minute", "second": try advance()
        default: return nil
        }
        if at(.leftParenthesis) {
            try advance()
            _ = try integer()
            try expect(.rightParenthesis)
        }
        return field
    }
}
