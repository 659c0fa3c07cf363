/// A query with its WITH, ORDER BY, LIMIT and OFFSET.
package struct Query: Hashable, Sendable {
    package var with: WithSyntax?
    package var body: QueryBody
    package var orderBy: [OrderItemSyntax] = []
    /// Nil for none, and for LIMIT ALL.
    package var limit: ExpressionSyntax?
    package var offset: ExpressionSyntax?
    /// Where the query's first word stands.
    package var position: Int

    /// Makes a query of a body alone.
    package init(body: QueryBody, position: Int) {
        self.body = body
        self.position = position
    }
}

extension Query {
    /// Removes INTO from the query's first SELECT, where alone it may stand, and gives it back.
    package mutating func takeInto() -> SelectIntoSyntax? { body.takeInto() }

    /// The table that SELECT INTO makes; nil for a query that only reads.
    package var into: SelectIntoSyntax? {
        var copy = self
        return copy.takeInto()
    }

    /// The query as it reads, without INTO.
    package var withoutInto: Query {
        var copy = self
        _ = copy.takeInto()
        return copy
    }
}

extension QueryBody {
    fileprivate mutating func takeInto() -> SelectIntoSyntax? {
        switch self {
        case .select(var select):
            guard let into = select.into else { return nil }
            select.into = nil
            self = .select(select)
            return into
        case .setOperation(var operation):
            let into = operation.left.takeInto()
            self = .setOperation(operation)
            return into
        case .query, .values: return nil
        }
    }
}

/// What yields a query's rows.
package indirect enum QueryBody: Hashable, Sendable {
    case select(SelectSyntax)
    case setOperation(SetOperationSyntax)
    /// Rows of equal length are not promised.
    case values([[ExpressionSyntax]], position: Int)
    /// A query in parentheses, which may have a WITH, ORDER BY and LIMIT of its own.
    case query(Query)
}

/// `left UNION [ALL] right` and its kin; INTERSECT binds tighter, the rest goes from the left.
package struct SetOperationSyntax: Hashable, Sendable {
    /// The three operations, MINUS being EXCEPT; the raw value is the spelling.
    package enum Kind: String, Hashable, Sendable {
        case union = "UNION"
        case intersect = "INTERSECT"
        case except = "EXCEPT"
    }
    package var kind: Kind
    package var isAll: Bool
    package var left: QueryBody
    package var right: QueryBody
    /// Where the operator stands.
    package var position: Int
}

/// `WITH [RECURSIVE] …`.
package struct WithSyntax: Hashable, Sendable {
    package var isRecursive: Bool
    package var expressions: [CommonTableExpressionSyntax]
}

/// `name [(columns)] AS (query)`.
package struct CommonTableExpressionSyntax: Hashable, Sendable {
    package var name: NameSyntax
    package var columns: [NameSyntax]
    package var query: Query
}

/// One SELECT, from its list to QUALIFY.
package struct SelectSyntax: Hashable, Sendable {
    /// `TOP n`.
    package var top: ExpressionSyntax?
    package var isDistinct = false
    package var items: [SelectItemSyntax] = []
    /// `EXCLUDE (…)` behind the list.
    package var excluded: [NameSyntax] = []
    package var into: SelectIntoSyntax?
    /// The references between commas; empty without FROM.
    package var from: [TableReferenceSyntax] = []
    package var whereCondition: ExpressionSyntax?
    package var groupBy: [GroupingElementSyntax] = []
    /// Whether GROUP BY ALL was written.
    package var groupsByAll = false
    package var having: ExpressionSyntax?
    package var qualify: ExpressionSyntax?
    /// Where QUALIFY stands; nil without it.
    package var qualifyPosition: Int?
    /// Where SELECT stands.
    package var position: Int

    /// Makes an empty SELECT.
    package init(position: Int) { self.position = position }
}

/// An item of a select list.
package enum SelectItemSyntax: Hashable, Sendable {
    case star(position: Int)
    /// `t.*` or `s.t.*`: the name before the star.
    case qualifiedStar(ObjectNameSyntax)
    case expression(ExpressionSyntax, alias: NameSyntax?)
}

/// `INTO [TEMP] [TABLE] name`.
package struct SelectIntoSyntax: Hashable, Sendable {
    package var name: ObjectNameSyntax
    package var isTemporary: Bool
}

/// Something that can stand in FROM.
package indirect enum TableReferenceSyntax: Hashable, Sendable {
    case table(ObjectNameSyntax, alias: TableAliasSyntax?)
    case subquery(Query, alias: TableAliasSyntax?, position: Int)
    /// A function that yields rows, such as `generate_series(1, 10)`.
    case function(ExpressionSyntax, alias: TableAliasSyntax?)
    case join(JoinSyntax)
    case pivot(PivotSyntax)
    case unpivot(UnpivotSyntax)
}

/// `[AS] name [(columns)]`.
package struct TableAliasSyntax: Hashable, Sendable {
    package var name: NameSyntax
    package var columns: [NameSyntax]

    /// Makes an alias, with new names for the first columns.
    package init(name: NameSyntax, columns: [NameSyntax] = []) {
        self.name = name
        self.columns = columns
    }
}

/// Two table references joined.
package struct JoinSyntax: Hashable, Sendable {
    /// The kinds of joins; the raw value is the spelling.
    package enum Kind: String, Hashable, Sendable {
        case inner = "INNER"
        case left = "LEFT"
        case right = "RIGHT"
        case full = "FULL"
        case cross = "CROSS"
    }
    /// How rows find each other.
    package enum Condition: Hashable, Sendable {
        case on(ExpressionSyntax)
        case using([NameSyntax])
        case natural
        /// CROSS JOIN only.
        case none
    }
    package var kind: Kind
    package var left: TableReferenceSyntax
    package var right: TableReferenceSyntax
    package var condition: Condition
    /// Where the join's first word stands.
    package var position: Int
}

/// One element of GROUP BY.
package indirect enum GroupingElementSyntax: Hashable, Sendable {
    case expression(ExpressionSyntax)
    /// `()` or `(a, b)` inside GROUPING SETS.
    case set([ExpressionSyntax])
    /// Each element of ROLLUP is a list, mostly of one expression.
    case rollup([[ExpressionSyntax]], position: Int)
    case cube([[ExpressionSyntax]], position: Int)
    case groupingSets([GroupingElementSyntax], position: Int)
}

/// `expression [ASC | DESC] [NULLS FIRST | NULLS LAST]`.
package struct OrderItemSyntax: Hashable, Sendable {
    package var expression: ExpressionSyntax
    package var isAscending: Bool
    /// Nil where not written: NULLs last ascending, first descending.
    package var nullsFirst: Bool?
}
