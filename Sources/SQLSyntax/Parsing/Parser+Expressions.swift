import SQLTypes

/// How tightly operators bind, from loose to tight.
///
/// - Source: PostgreSQL 8.0 `gram.y`, which Redshift kept: `=` goes from the right and binds
///   looser than `<` and `>`, and all of them looser than LIKE, BETWEEN and IN. There `<=`, `>=`
///   and `<>` are ordinary operators; here they stand just below those and below IS, which
///   differs only where the other reading cannot be typed: `a <= b || c`, `a || b IS NULL`.
private enum Precedence: Int {
    case equal = 1
    case less
    case like
    case between
    case inList
    case comparison
    case isTest
    case operators
    case sum
    case product
    case power
    case timeZone
    case none

    /// Whether a second operator of the same level may follow without brackets.
    var associates: Bool {
        switch self {
        case .less, .like, .between, .inList: false
        default: true
        }
    }
}

/// Operators and what binds them; single values are in `Parser+Primaries.swift`.
extension Parser {
    /// Any expression.
    mutating func expression() throws(SQLError) -> ExpressionSyntax {
        let first = try conjunction()
        guard at(.or) else { return first }
        let position = token.start
        var operands = [first]
        while try accept(.or) { operands.append(try conjunction()) }
        return try node(.or(operands), position, above: Self.height(of: operands))
    }

    /// `expression, expression, …`.
    mutating func expressions() throws(SQLError) -> [ExpressionSyntax] {
        var list = [try expression()]
        while try accept(.comma) { list.append(try expression()) }
        return list
    }

    /// The height of the highest of `expressions`.
    static func height(of expressions: [ExpressionSyntax]) -> Int32 {
        var height: Int32 = 0
        for expression in expressions { height = max(height, expression.height) }
        return height
    }

    private mutating func conjunction() throws(SQLError) -> ExpressionSyntax {
        let first = try negation()
        guard at(.and) else { return first }
        let position = token.start
        var operands = [first]
        while try accept(.and) { operands.append(try negation()) }
        return try node(.and(operands), position, above: Self.height(of: operands))
    }

    private mutating func negation() throws(SQLError) -> ExpressionSyntax {
        guard at(.not) else { return try operators(from: .equal) }
        let position = token.start
        try advance()
        try enter()
        let operand = try negation()
        leave()
        return try node(.not(operand), position, above: operand.height)
    }

    /// Operands and operators that bind at least as tightly as `minimum`.
    private mutating func operators(
        from minimum: Precedence
    ) throws(SQLError) -> ExpressionSyntax {
        try enter()
        var left = try prefixed()
        var last = Precedence.none
        while let precedence = try precedenceAtCursor(), precedence.rawValue >= minimum.rawValue {
            if precedence == last, !precedence.associates { throw syntaxError() }
            left = try infix(precedence, left)
            last = precedence
        }
        leave()
        return left
    }

    /// An operand that binds more tightly than `precedence`.
    private mutating func operand(
        above precedence: Precedence
    ) throws(SQLError) -> ExpressionSyntax {
        try operators(from: Precedence(rawValue: precedence.rawValue + 1) ?? .none)
    }

    /// An expression that stops before IN, as POSITION needs it.
    mutating func expressionBeforeIn() throws(SQLError) -> ExpressionSyntax {
        try operand(above: .inList)
    }

    /// What continues an expression at the cursor; nil if nothing does.
    private mutating func precedenceAtCursor() throws(SQLError) -> Precedence? {
        switch token.kind {
        case .word:
            switch token.keyword {
            case .like, .ilike, .similar: return .like
            case .between: return .between
            case .in: return .inList
            case .is, .isnull, .notnull: return .isTest
            case .at: return try peek().keyword == .time ? .timeZone : nil
            case .not:
                switch try peek().keyword {
                case .like, .ilike, .similar: return .like
                case .between: return .between
                case .in: return .inList
                default: return nil
                }
            case .overlaps:
                throw SQLError.unsupported("OVERLAPS", position: token.start)
            default: return nil
            }
        case .equal: return .equal
        case .less, .greater: return .less
        case .lessOrEqual, .greaterOrEqual, .notEqual: return .comparison
        case .plus, .minusSign: return .sum
        case .star, .slash, .percentSign: return .product
        case .caret: return .power
        default: return binaryOperator == nil ? nil : .operators
        }
    }

    private var binaryOperator: BinaryOperator? {
        switch token.kind {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .plus: .add
        case .minusSign: .subtract
        case .star: .multiply
        case .slash: .divide
        case .percentSign: .modulo
        case .caret: .power
        case .concatenate: .concatenate
        case .ampersand: .bitAnd
        case .pipe: .bitOr
        case .hash: .bitXor
        case .shiftLeft: .shiftLeft
        case .shiftRight: .shiftRight
        case .tilde: .matches
        case .notTilde: .matchesNot
        case .tildeStar: .matchesIgnoringCase
        case .notTildeStar: .matchesNotIgnoringCase
        default: nil
        }
    }

    private mutating func infix(
        _ precedence: Precedence,
        _ left: ExpressionSyntax
    ) throws(SQLError) -> ExpressionSyntax {
        let position = token.start
        switch precedence {
        case .isTest: return try isTest(left, position)
        case .timeZone:
            try advance()
            try advance()
            try expect(.zone)
            let zone = try operand(above: .timeZone)
            return try node(
                .atTimeZone(left, zone: zone),
                position,
                above: max(left.height, zone.height)
            )
        case .like, .between, .inList:
            let isNegated = try accept(.not)
            switch precedence {
            case .like: return try like(left, position, isNegated)
            case .between: return try between(left, position, isNegated)
            default: return try inList(left, position, isNegated)
            }
        default: return try binary(precedence, left, position)
        }
    }

    private mutating func binary(
        _ precedence: Precedence,
        _ left: ExpressionSyntax,
        _ position: Int
    ) throws(SQLError) -> ExpressionSyntax {
        guard let binaryOperator else { throw syntaxError() }
        try advance()
        if at(.any) || at(.some) || at(.all) {
            return try quantified(left, binaryOperator, position)
        }
        let right =
            precedence == .equal
            ? try operators(from: .equal) : try operand(above: precedence)
        return try node(
            .binary(binaryOperator, left, right),
            position,
            above: max(left.height, right.height)
        )
    }

    private mutating func quantified(
        _ left: ExpressionSyntax,
        _ binaryOperator: BinaryOperator,
        _ position: Int
    ) throws(SQLError) -> ExpressionSyntax {
        let quantifier: ExpressionSyntax.Quantifier = at(.all) ? .all : .any
        try advance()
        guard at(.leftParenthesis) else { throw syntaxError() }
        let start = token.start
        switch try parenthesised() {
        case .query(let query, let height):
            return try node(
                .quantified(left, binaryOperator, quantifier, query),
                position,
                above: max(left.height, height)
            )
        case .expressions:
            throw SQLError.unsupported("\(quantifier.rawValue) over an array", position: start)
        }
    }

    // `IS [NOT] NULL | TRUE | FALSE | UNKNOWN`, ISNULL, NOTNULL.
    private mutating func isTest(
        _ value: ExpressionSyntax,
        _ position: Int
    ) throws(SQLError) -> ExpressionSyntax {
        if try accept(.isnull) {
            return try node(.isNull(value, isNegated: false), position, above: value.height)
        }
        if try accept(.notnull) {
            return try node(.isNull(value, isNegated: true), position, above: value.height)
        }
        try expect(.is)
        let isNegated = try accept(.not)
        let kind: ExpressionSyntax.Kind
        switch token.keyword {
        case .null: kind = .isNull(value, isNegated: isNegated)
        case .true: kind = .isTruth(value, .isTrue, isNegated: isNegated)
        case .false: kind = .isTruth(value, .isFalse, isNegated: isNegated)
        case .unknown: kind = .isTruth(value, .isUnknown, isNegated: isNegated)
        case .distinct: throw SQLError.unsupported("IS DISTINCT FROM", position: token.start)
        default: throw syntaxError()
        }
        try advance()
        return try node(kind, position, above: value.height)
    }

    private mutating func like(
        _ value: ExpressionSyntax,
        _ position: Int,
        _ isNegated: Bool
    ) throws(SQLError) -> ExpressionSyntax {
        let kind: LikeSyntax.Kind
        if try accept(.similar) {
            try expect(.to)
            kind = .similarTo
        } else {
            kind = at(.ilike) ? .ilike : .like
            try advance()
        }
        let pattern = try operand(above: .like)
        let escape = try accept(.escape) ? try operand(above: .like) : nil
        let syntax = LikeSyntax(
            kind: kind,
            value: value,
            pattern: pattern,
            escape: escape,
            isNegated: isNegated
        )
        return try node(
            .like(syntax),
            position,
            above: max(value.height, pattern.height, escape?.height ?? 0)
        )
    }

    private mutating func between(
        _ value: ExpressionSyntax,
        _ position: Int,
        _ isNegated: Bool
    ) throws(SQLError) -> ExpressionSyntax {
        try expect(.between)
        let isSymmetric = atWord("symmetric")
        if isSymmetric { throw SQLError.unsupported("BETWEEN SYMMETRIC", position: token.start) }
        let low = try operand(above: .between)
        try expect(.and)
        let high = try operand(above: .between)
        return try node(
            .between(value, low: low, high: high, isNegated: isNegated),
            position,
            above: max(value.height, low.height, high.height)
        )
    }

    private mutating func inList(
        _ value: ExpressionSyntax,
        _ position: Int,
        _ isNegated: Bool
    ) throws(SQLError) -> ExpressionSyntax {
        try expect(.in)
        guard at(.leftParenthesis) else { throw syntaxError() }
        switch try parenthesised() {
        case .query(let query, let height):
            return try node(
                .inSubquery(value, query, isNegated: isNegated),
                position,
                above: max(value.height, height)
            )
        case .expressions(let list):
            return try node(
                .inList(value, list, isNegated: isNegated),
                position,
                above: max(value.height, Self.height(of: list))
            )
        }
    }

    // Signs bind tighter than every operator but `::`; the other prefix operators looser than
    // a sum.
    private mutating func prefixed() throws(SQLError) -> ExpressionSyntax {
        let position = token.start
        let unary: UnaryOperator
        switch token.kind {
        case .minusSign: unary = .minus
        case .plus: unary = .plus
        case .tilde: unary = .bitNot
        case .atSign: unary = .absolute
        case .squareRoot: unary = .squareRoot
        case .cubeRoot: unary = .cubeRoot
        case .word where token.keyword == .not: return try negation()
        default: return try castable()
        }
        try advance()
        guard unary == .minus || unary == .plus else {
            let operand = try operators(from: .sum)
            return try node(.unary(unary, operand), position, above: operand.height)
        }
        try enter()
        let operand = try prefixed()
        leave()
        if unary == .minus, let negated = Self.negated(operand.kind) {
            return ExpressionSyntax(negated, position: position)
        }
        return try node(.unary(unary, operand), position, above: operand.height)
    }

    // A sign before digits is part of the number, so that the least BIGINT can be written.
    private static func negated(_ kind: ExpressionSyntax.Kind) -> ExpressionSyntax.Kind? {
        switch kind {
        case .integer(let digits) where !digits.hasPrefix("-"): .integer("-" + digits)
        case .decimal(let digits) where !digits.hasPrefix("-"): .decimal("-" + digits)
        case .float(let digits) where !digits.hasPrefix("-"): .float("-" + digits)
        default: nil
        }
    }

    // A value and the casts behind it.
    private mutating func castable() throws(SQLError) -> ExpressionSyntax {
        var value = try primary()
        while true {
            switch token.kind {
            case .doubleColon:
                let position = token.start
                try advance()
                let typePosition = token.start
                let type = try dataType()
                let cast = CastSyntax(
                    value: value,
                    type: type,
                    typePosition: typePosition,
                    isTry: false
                )
                value = try node(.cast(cast), position, above: value.height)
            case .leftBracket, .dot:
                throw SQLError.unsupported("navigation into a SUPER value", position: token.start)
            default: return value
            }
        }
    }
}
