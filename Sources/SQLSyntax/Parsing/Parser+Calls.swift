import SQLTypes

/// Function calls: plain ones, those with a grammar of their own, and windows.
extension Parser {
    /// A call whose name is read; the cursor stands on its parenthesis.
    mutating func call(_ name: ObjectNameSyntax) throws(SQLError) -> ExpressionSyntax {
        guard name.parts.count <= 3 else { throw tooManyDots(name) }
        var call = FunctionCallSyntax(name: name, arguments: [])
        var height: Int32 = 0
        try expect(.leftParenthesis)
        if try accept(.star) {
            call.isStar = true
        } else if !at(.rightParenthesis) {
            call.isDistinct = try accept(.distinct)
            if !call.isDistinct { _ = try accept(.all) }
            call.arguments = try expressions()
            call.orderBy = try optionalOrderBy()
            call.nullTreatment = try nullTreatment()
            height = max(Self.height(of: call.arguments), Self.height(of: call.orderBy))
        }
        try expect(.rightParenthesis)
        return try finish(call, name.position, height)
    }

    /// Whether `(+)` stands at the cursor.
    mutating func atOuterJoinMarker() throws(SQLError) -> Bool {
        guard at(.leftParenthesis) else { return false }
        let plus = try peek()
        guard plus.kind == .plus else { return false }
        return try lexer.token(from: plus.end).kind == .rightParenthesis
    }

    // What may follow a call's closing parenthesis.
    private mutating func finish(
        _ plain: FunctionCallSyntax,
        _ position: Int,
        _ argumentHeight: Int32
    ) throws(SQLError) -> ExpressionSyntax {
        var call = plain
        var height = argumentHeight
        if let treatment = try nullTreatment() { call.nullTreatment = treatment }
        if try accept(.within, .group) {
            try expect(.leftParenthesis)
            guard at(.order) else { throw syntaxError() }
            call.withinGroup = try optionalOrderBy()
            try expect(.rightParenthesis)
            height = max(height, Self.height(of: call.withinGroup))
        }
        if at(.filter), try peek().kind == .leftParenthesis {
            throw SQLError.unsupported("FILTER (WHERE ...)", position: token.start)
        }
        if at(.over) {
            let next = try peek()
            if next.kind == .leftParenthesis {
                let (window, windowHeight) = try window()
                call.window = window
                height = max(height, windowHeight)
            } else if next.kind == .quotedName || next.keyword == .none && next.kind == .word {
                throw SQLError.unsupported("a named window", position: next.start)
            }
        }
        return try node(.call(call), position, above: height)
    }

    private mutating func nullTreatment() throws(SQLError) -> FunctionCallSyntax.NullTreatment? {
        if try accept(.ignore, .nulls) { return .ignore }
        if try accept(.respect, .nulls) { return .respect }
        return nil
    }

    /// The height of the highest of the items' expressions.
    static func height(of items: [OrderItemSyntax]) -> Int32 {
        var height: Int32 = 0
        for item in items { height = max(height, item.expression.height) }
        return height
    }
}

// MARK: - Calls with a grammar of their own

extension Parser {
    /// A call that the keyword at the cursor begins; nil if it is an ordinary name.
    mutating func specialCall() throws(SQLError) -> ExpressionSyntax? {
        let isBeforeParenthesis = try peek().kind == .leftParenthesis
        switch token.keyword {
        case .current_date, .current_user, .current_user_id, .session_user, .user, .sysdate:
            return try bareCall()
        case .current_time, .current_timestamp, .localtime, .localtimestamp:
            return try bareCall()
        case .approximate: return try approximate()
        case .extract where isBeforeParenthesis: return try extract()
        case .substring where isBeforeParenthesis: return try substring()
        case .position where isBeforeParenthesis: return try positionCall()
        case .trim where isBeforeParenthesis: return try trim()
        default: return nil
        }
    }

    // `CURRENT_DATE` and its kin, perhaps with a precision or empty parentheses behind.
    private mutating func bareCall() throws(SQLError) -> ExpressionSyntax {
        let name = ObjectNameSyntax([try label()])
        var call = FunctionCallSyntax(name: name, arguments: [])
        if try accept(.leftParenthesis) {
            if !at(.rightParenthesis) { call.arguments = try expressions() }
            try expect(.rightParenthesis)
        }
        return try node(.call(call), name.position, above: Self.height(of: call.arguments))
    }

    // `APPROXIMATE COUNT(DISTINCT e)`; a column of that name otherwise.
    private mutating func approximate() throws(SQLError) -> ExpressionSyntax? {
        let next = try peek()
        guard next.kind == .word, try lexer.token(from: next.end).kind == .leftParenthesis else {
            return nil
        }
        try advance()
        var expression = try primary()
        guard case .call(var call) = expression.kind else { throw syntaxError() }
        call.isApproximate = true
        expression.kind = .call(call)
        return expression
    }

    private mutating func extract() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        try expect(.leftParenthesis)
        let part: NameSyntax
        if atString {
            let text = try string()
            part = NameSyntax(text.text.lowercased(), isQuoted: true, position: text.position)
        } else {
            part = try label()
        }
        try expect(.from)
        let value = try expression()
        try expect(.rightParenthesis)
        return try node(.extract(part: part, from: value), start, above: value.height)
    }

    // `SUBSTRING(a FROM b [FOR c])`, `SUBSTRING(a FOR c)`, `SUBSTRING(a, b[, c])`.
    private mutating func substring() throws(SQLError) -> ExpressionSyntax {
        let name = ObjectNameSyntax([try label()])
        try expect(.leftParenthesis)
        var arguments = [try expression()]
        if try accept(.from) {
            arguments.append(try expression())
            if try accept(.for) { arguments.append(try expression()) }
        } else if try accept(.for) {
            arguments.append(ExpressionSyntax(.integer("1"), position: token.start))
            arguments.append(try expression())
        } else {
            while try accept(.comma) { arguments.append(try expression()) }
        }
        try expect(.rightParenthesis)
        let call = FunctionCallSyntax(name: name, arguments: arguments)
        return try finish(call, name.position, Self.height(of: arguments))
    }

    // `POSITION(a IN b)`: the left side binds tighter than IN does.
    private mutating func positionCall() throws(SQLError) -> ExpressionSyntax {
        let name = ObjectNameSyntax([try label()])
        try expect(.leftParenthesis)
        let sought = try expressionBeforeIn()
        try expect(.in)
        let text = try expression()
        try expect(.rightParenthesis)
        let call = FunctionCallSyntax(name: name, arguments: [sought, text])
        return try finish(call, name.position, Self.height(of: call.arguments))
    }

    // `TRIM([LEADING | TRAILING | BOTH] [chars] [FROM] text)`.
    private mutating func trim() throws(SQLError) -> ExpressionSyntax {
        let start = token.start
        try advance()
        try expect(.leftParenthesis)
        var function = "btrim"
        if try accept(.leading) {
            function = "ltrim"
        } else if try accept(.trailing) {
            function = "rtrim"
        } else {
            _ = try accept(.both)
        }
        var arguments: [ExpressionSyntax]
        if try accept(.from) {
            arguments = try expressions()
        } else {
            arguments = [try expression()]
            if try accept(.from) {
                arguments.insert(try expression(), at: 0)
            } else {
                while try accept(.comma) { arguments.append(try expression()) }
            }
        }
        try expect(.rightParenthesis)
        let name = ObjectNameSyntax([NameSyntax(function, position: start)])
        let call = FunctionCallSyntax(name: name, arguments: arguments)
        return try finish(call, start, Self.height(of: arguments))
    }
}

// MARK: - Windows

extension Parser {
    // `OVER ([PARTITION BY …] [ORDER BY …] [ROWS …])` and its height.
    private mutating func window() throws(SQLError) -> (WindowSyntax, Int32) {
        let position = token.start
        try expect(.over)
        try expect(.leftParenthesis)
        var window = WindowSyntax(partitionBy: [], orderBy: [], frame: nil, position: position)
        if try accept(.partition) {
            try expect(.by)
            window.partitionBy = try expressions()
        }
        window.orderBy = try optionalOrderBy()
        if at(.range) || at(.groups) {
            throw SQLError.unsupported(
                "\(lexer.text(of: token).uppercased()) in a window frame",
                position: token.start
            )
        }
        if at(.rows) { window.frame = try frame() }
        try expect(.rightParenthesis)
        var height = max(Self.height(of: window.partitionBy), Self.height(of: window.orderBy))
        for bound in [window.frame?.start, window.frame?.end] {
            switch bound {
            case .preceding(let count), .following(let count): height = max(height, count.height)
            default: break
            }
        }
        return (window, height)
    }

    private mutating func frame() throws(SQLError) -> WindowFrameSyntax {
        let position = token.start
        try expect(.rows)
        guard try accept(.between) else {
            return WindowFrameSyntax(
                start: try frameBound(),
                end: .currentRow,
                position: position
            )
        }
        let start = try frameBound()
        try expect(.and)
        return WindowFrameSyntax(start: start, end: try frameBound(), position: position)
    }

    private mutating func frameBound() throws(SQLError) -> WindowFrameSyntax.Bound {
        if try accept(.current, .row) { return .currentRow }
        if try accept(.unbounded) {
            if try accept(.preceding) { return .unboundedPreceding }
            try expect(.following)
            return .unboundedFollowing
        }
        let count = try expression()
        if try accept(.preceding) { return .preceding(count) }
        try expect(.following)
        return .following(count)
    }
}
