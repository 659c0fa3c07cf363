package import SQLTypes

/// An expression as written: no name is looked up and no type is known.
///
/// Parentheses leave no trace. Chains of AND and OR are one node with a list; other operators
/// nest to the left. No tree is higher than ``heightMax``, so functions may recurse over it.
package struct ExpressionSyntax: Hashable, Sendable {
    /// What it is.
    package var kind: Kind
    /// UTF-8 offset where an error about this node points: the operator's for operators, `::`,
    /// LIKE, IN, BETWEEN and IS; the first byte for everything else.
    package var position: Int
    /// The number of nodes on the longest way down, subqueries included.
    package var height: Int32

    /// The highest tree the parser makes; higher is 54001.
    package static let heightMax: Int32 = 500

    /// Makes an expression; `height` matters only to the parser.
    package init(_ kind: Kind, position: Int = 0, height: Int32 = 1) {
        self.kind = kind
        self.position = position
        self.height = height
    }

    /// The kinds of expressions.
    ///
    /// Literals and names lie inline; everything else is boxed.
    package enum Kind: Hashable, Sendable {
        case null
        case boolean(Bool)
        /// Digits, with a minus sign if one stood directly before them; any length.
        case integer(String)
        /// Digits with a point, perhaps with a minus sign, as written.
        case decimal(String)
        /// Digits with an exponent, perhaps with a minus sign, as written.
        case float(String)
        /// A string literal of no type yet, escapes resolved.
        case string(String)
        /// `DATE '…'`, `TIMESTAMP '…'`, `varchar 'x'`: a literal with its type before it.
        indirect case typedLiteral(DataType, String)
        /// `INTERVAL '90' DAY`, `INTERVAL '3 months'`.
        indirect case interval(String, IntervalFields?)
        /// `c`, `t.c`, `s.t.c`, `d.s.t.c`.
        indirect case column(ObjectNameSyntax)
        /// `t.c(+)`: a column of the side of an outer join that may be missing.
        indirect case outerColumn(ObjectNameSyntax)
        /// `$n`, from 1.
        case parameter(Int)
        indirect case unary(UnaryOperator, ExpressionSyntax)
        /// `left operator right`.
        indirect case binary(BinaryOperator, ExpressionSyntax, ExpressionSyntax)
        /// Two operands or more.
        indirect case and([ExpressionSyntax])
        /// Two operands or more.
        indirect case or([ExpressionSyntax])
        indirect case not(ExpressionSyntax)
        /// `e IS NULL`, `e ISNULL`; with NOT, `e IS NOT NULL`, `e NOTNULL`.
        indirect case isNull(ExpressionSyntax, isNegated: Bool)
        indirect case isTruth(ExpressionSyntax, Truth, isNegated: Bool)
        indirect case between(
            ExpressionSyntax,
            low: ExpressionSyntax,
            high: ExpressionSyntax,
            isNegated: Bool
        )
        indirect case inList(ExpressionSyntax, [ExpressionSyntax], isNegated: Bool)
        /// The left side may be a row.
        indirect case inSubquery(ExpressionSyntax, Query, isNegated: Bool)
        /// `e operator ANY (query)` (also SOME) and `e operator ALL (query)`; the left side may
        /// be a row.
        indirect case quantified(ExpressionSyntax, BinaryOperator, Quantifier, Query)
        indirect case exists(Query)
        indirect case scalarSubquery(Query)
        indirect case like(LikeSyntax)
        indirect case caseWhen(CaseSyntax)
        indirect case cast(CastSyntax)
        indirect case call(FunctionCallSyntax)
        /// `EXTRACT(part FROM e)`; the part is a name or a string, folded to lower case.
        indirect case extract(part: NameSyntax, from: ExpressionSyntax)
        /// `(a, b)` or `ROW(a, b)`.
        indirect case row([ExpressionSyntax])
        /// `e AT TIME ZONE zone`.
        indirect case atTimeZone(ExpressionSyntax, zone: ExpressionSyntax)
    }

    /// What `IS TRUE` and its kin test for.
    package enum Truth: String, Hashable, Sendable {
        case isTrue = "TRUE"
        case isFalse = "FALSE"
        case isUnknown = "UNKNOWN"
    }

    /// ANY (or SOME), and ALL.
    package enum Quantifier: String, Hashable, Sendable {
        case any = "ANY"
        case all = "ALL"
    }
}

/// A prefix operator; the raw value is its spelling.
package enum UnaryOperator: String, Hashable, Sendable {
    case minus = "-"
    case plus = "+"
    case squareRoot = "|/"
    case cubeRoot = "||/"
    case absolute = "@"
    case bitNot = "~"
}

/// An operator between two operands; the raw value is its spelling in messages.
package enum BinaryOperator: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case concatenate = "||"
    case bitAnd = "&"
    case bitOr = "|"
    case bitXor = "#"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    /// POSIX match, case sensitive.
    case matches = "~"
    case matchesNot = "!~"
    /// POSIX match without case, which Redshift has on its leader only.
    case matchesIgnoringCase = "~*"
    case matchesNotIgnoringCase = "!~*"

    /// Whether it is `= <> < <= > >=`.
    package var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    /// Whether `a op b op c` is `(a op b) op c`; `=` goes from the right, `<` and `>` do not
    /// chain.
    var associatesLeft: Bool { self != .equal && self != .less && self != .greater }
}

/// The fields after an interval literal: `DAY`, `YEAR TO MONTH`, `SECOND(3)`.
package struct IntervalFields: Hashable, Sendable {
    /// The greater field, or the only one: `year`, `month`, `day`, `hour`, `minute`, `second`.
    package var from: String
    /// The smaller field after TO.
    package var to: String?

    /// Makes fields.
    package init(from: String, to: String? = nil) {
        self.from = from
        self.to = to
    }
}

/// `value [NOT] LIKE pattern [ESCAPE escape]`, ILIKE and SIMILAR TO.
package struct LikeSyntax: Hashable, Sendable {
    /// The three ways of matching; the raw value is the spelling.
    package enum Kind: String, Hashable, Sendable {
        case like = "LIKE"
        case ilike = "ILIKE"
        case similarTo = "SIMILAR TO"
    }
    package var kind: Kind
    package var value: ExpressionSyntax
    package var pattern: ExpressionSyntax
    /// Nil for the default, a backslash.
    package var escape: ExpressionSyntax?
    package var isNegated: Bool
}

/// `CASE [operand] WHEN … THEN … [ELSE …] END`.
package struct CaseSyntax: Hashable, Sendable {
    /// One WHEN with its THEN.
    package struct Branch: Hashable, Sendable {
        /// A condition, or with an operand the value compared with it.
        package var when: ExpressionSyntax
        package var then: ExpressionSyntax

        /// Makes a branch.
        package init(when: ExpressionSyntax, then: ExpressionSyntax) {
            self.when = when
            self.then = then
        }
    }
    /// The compared value of a simple CASE; nil for a searched one.
    package var operand: ExpressionSyntax?
    package var branches: [Branch]
    package var otherwise: ExpressionSyntax?

    /// Makes a CASE.
    package init(
        operand: ExpressionSyntax? = nil,
        branches: [Branch],
        otherwise: ExpressionSyntax? = nil
    ) {
        self.operand = operand
        self.branches = branches
        self.otherwise = otherwise
    }
}

/// `CAST(e AS t)`, `e::t`, `CONVERT(t, e)`, `TRY_CAST(e AS t)`.
package struct CastSyntax: Hashable, Sendable {
    package var value: ExpressionSyntax
    package var type: DataType
    /// Where the type's name stands.
    package var typePosition: Int
    /// Whether a value that cannot be converted becomes NULL.
    package var isTry: Bool
}

/// A function call, with everything that may stand around it.
///
/// `CURRENT_DATE`, `SYSDATE`, `USER` and their kin are calls without arguments.
/// `SUBSTRING(a FROM b FOR c)` is `substring(a, b, c)`; `POSITION(a IN b)` is `position(a, b)`;
/// `TRIM(LEADING x FROM y)` is `ltrim(y, x)`, likewise `rtrim` and `btrim`, as in PostgreSQL.
package struct FunctionCallSyntax: Hashable, Sendable {
    package var name: ObjectNameSyntax
    package var arguments: [ExpressionSyntax]
    /// Whether the argument is `*`.
    package var isStar = false
    package var isDistinct = false
    /// Whether APPROXIMATE stands before it.
    package var isApproximate = false
    /// `f(x ORDER BY …)`.
    package var orderBy: [OrderItemSyntax] = []
    /// `WITHIN GROUP (ORDER BY …)`.
    package var withinGroup: [OrderItemSyntax] = []
    /// IGNORE NULLS or RESPECT NULLS, inside or behind the parentheses.
    package var nullTreatment: NullTreatment?
    /// `OVER (…)`.
    package var window: WindowSyntax?

    /// Makes a plain call.
    package init(name: ObjectNameSyntax, arguments: [ExpressionSyntax]) {
        self.name = name
        self.arguments = arguments
    }

    /// What a window function does with NULLs.
    package enum NullTreatment: String, Hashable, Sendable {
        case ignore = "IGNORE"
        case respect = "RESPECT"
    }
}

/// `OVER ([PARTITION BY …] [ORDER BY …] [ROWS …])`.
package struct WindowSyntax: Hashable, Sendable {
    package var partitionBy: [ExpressionSyntax]
    package var orderBy: [OrderItemSyntax]
    package var frame: WindowFrameSyntax?
    /// Where OVER stands.
    package var position: Int
}

/// `ROWS start` or `ROWS BETWEEN start AND end`.
package struct WindowFrameSyntax: Hashable, Sendable {
    /// One end of a frame.
    package enum Bound: Hashable, Sendable {
        case unboundedPreceding
        case preceding(ExpressionSyntax)
        case currentRow
        case following(ExpressionSyntax)
        case unboundedFollowing
    }
    package var start: Bound
    /// The current row where BETWEEN was not written.
    package var end: Bound
    /// Where ROWS stands.
    package var position: Int
}
