import SQLTypes

/// Queries: WITH, set operations, ORDER BY, LIMIT; one SELECT is in `Parser+Select.swift`.
extension Parser {
    /// A query, from its WITH to its OFFSET.
    mutating func query() throws(SQLError) -> Query {
        guard at(.with) else { return try query(after: nil) }
        try enter()
        let query = try query(after: with())
        leave()
        return query
    }

    /// The rest of a query whose WITH is read.
    mutating func query(after with: WithSyntax?) throws(SQLError) -> Query {
        try enter()
        let heightOutside = heightReached
        heightReached = 0
        let position = token.start
        var query = Query(body: try setOperations(), position: position)
        query.with = with
        try finish(&query)
        heightReached = max(heightReached, heightOutside)
        leave()
        // A query that is nothing but brackets around another is the other.
        if with == nil, query.isBare, case .query(let inner) = query.body { return inner }
        return query
    }

    /// The rest of a query whose first part, in brackets of its own, is read.
    mutating func continued(_ first: Query) throws(SQLError) -> Query {
        try enter()
        let body = try setOperations(from: Self.body(of: first))
        var query = Query(body: body, position: first.position)
        try finish(&query)
        leave()
        return query
    }

    /// `WITH [RECURSIVE] name [(columns)] AS (query), …`.
    mutating func with() throws(SQLError) -> WithSyntax {
        try expect(.with)
        let isRecursive = try accept(.recursive)
        var expressions: [CommonTableExpressionSyntax] = []
        repeat {
            let name = try name()
            let columns = try optionalNames()
            try expect(.as)
            try expect(.leftParenthesis)
            let query = try query()
            try expect(.rightParenthesis)
            expressions.append(
                CommonTableExpressionSyntax(name: name, columns: columns, query: query)
            )
        } while try accept(.comma)
        return WithSyntax(isRecursive: isRecursive, expressions: expressions)
    }

    private static func body(of query: Query) -> QueryBody {
        query.with == nil && query.isBare ? query.body : .query(query)
    }

    // UNION, EXCEPT and MINUS from the left; INTERSECT binds tighter.
    private mutating func setOperations(
        from first: QueryBody? = nil
    ) throws(SQLError) -> QueryBody {
        var left = try intersections(from: first)
        while at(.union) || at(.except) || at(.minus) {
            let position = token.start
            let kind: SetOperationSyntax.Kind = at(.union) ? .union : .except
            try advance()
            let isAll = try setQuantifier()
            let right = try intersections()
            left = try combined(kind, isAll, left, right, position)
        }
        return left
    }

    private mutating func intersections(
        from first: QueryBody? = nil
    ) throws(SQLError) -> QueryBody {
        var left: QueryBody
        if let first {
            left = first
        } else {
            left = try queryPrimary()
        }
        while at(.intersect) {
            let position = token.start
            try advance()
            let isAll = try setQuantifier()
            left = try combined(.intersect, isAll, left, try queryPrimary(), position)
        }
        return left
    }

    private mutating func setQuantifier() throws(SQLError) -> Bool {
        if try accept(.all) { return true }
        _ = try accept(.distinct)
        return false
    }

    private mutating func combined(
        _ kind: SetOperationSyntax.Kind,
        _ isAll: Bool,
        _ left: QueryBody,
        _ right: QueryBody,
        _ position: Int
    ) throws(SQLError) -> QueryBody {
        try raiseHeight(at: position)
        let operation = SetOperationSyntax(
            kind: kind,
            isAll: isAll,
            left: left,
            right: right,
            position: position
        )
        return .setOperation(operation)
    }

    private mutating func queryPrimary() throws(SQLError) -> QueryBody {
        switch token.keyword {
        case .select: return .select(try select())
        case .values:
            let position = token.start
            try advance()
            var rows = [try valuesRow()]
            while try accept(.comma) { rows.append(try valuesRow()) }
            return .values(rows, position: position)
        default:
            try expect(.leftParenthesis)
            let query = try query()
            try expect(.rightParenthesis)
            return Self.body(of: query)
        }
    }

    private mutating func valuesRow() throws(SQLError) -> [ExpressionSyntax] {
        try expect(.leftParenthesis)
        let row = try expressions()
        try expect(.rightParenthesis)
        return row
    }

    // ORDER BY, LIMIT and OFFSET, the last two in either order.
    private mutating func finish(_ query: inout Query) throws(SQLError) {
        query.orderBy = try optionalOrderBy()
        var sawLimit = false
        while true {
            if at(.limit), !sawLimit {
                try advance()
                sawLimit = true
                if try !accept(.all) { query.limit = try expression() }
            } else if at(.offset), query.offset == nil {
                try advance()
                query.offset = try expression()
                if try !accept(.rows) { _ = try accept(.row) }
            } else {
                break
            }
        }
        if try atFetchFirst() {
            throw SQLError.unsupported("FETCH FIRST", position: token.start)
        }
        if at(.for) { throw SQLError.unsupported("FOR UPDATE", position: token.start) }
        if let limit = query.limit ?? query.offset { try refuseSetOperation(behind: limit) }
    }

    // LIMIT and OFFSET belong to the whole of a set operation, as Redshift says of an arm.
    private func refuseSetOperation(behind limit: ExpressionSyntax) throws(SQLError) {
        guard at(.union) || at(.intersect) || at(.except) || at(.minus) else { return }
        throw SQLError(
            .syntaxError,
            "LIMIT may not be used within input to set operations.",
            position: limit.position
        )
    }

    /// Whether FETCH FIRST stands at the cursor, and not an alias named fetch.
    mutating func atFetchFirst() throws(SQLError) -> Bool {
        guard at(.fetch) else { return false }
        let next = try peek().keyword
        return next == .first || next == .next
    }

    /// `ORDER BY item, …`; empty where none stands.
    mutating func optionalOrderBy() throws(SQLError) -> [OrderItemSyntax] {
        guard try accept(.order) else { return [] }
        try expect(.by)
        var items: [OrderItemSyntax] = []
        repeat {
            let expression = try expression()
            let isAscending = try !accept(.desc)
            if isAscending { _ = try accept(.asc) }
            var nullsFirst: Bool?
            if try accept(.nulls) {
                nullsFirst = at(.first)
                if at(.last) { try advance() } else { try expect(.first) }
            }
            items.append(
                OrderItemSyntax(
                    expression: expression,
                    isAscending: isAscending,
                    nullsFirst: nullsFirst
                )
            )
        } while try accept(.comma)
        return items
    }
}

extension Query {
    /// Whether it has no ORDER BY, LIMIT or OFFSET.
    fileprivate var isBare: Bool { orderBy.isEmpty && limit == nil && offset == nil }
}
