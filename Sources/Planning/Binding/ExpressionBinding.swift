import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// Binds an expression against what `scope` sees; string literals and NULL stay untyped.
    ///
    /// Literals and columns, which long lists are made of, are bound here; the other kinds have
    /// a function each, so that a frame of this one stays small in deep trees.
    func bindExpression(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        try countExpression()
        switch syntax.kind {
        case .null: return .constant(.null, .unknown)
        case .boolean(let value): return .constant(.bool(value), .boolean)
        case .integer(let digits): return try integerLiteral(digits, at: syntax.position)
        case .string(let text): return .constant(.text(text), .unknown)
        case .column(let name): return try bindColumn(name, scope)
        default:
            try enter(at: syntax.position)
            defer { leave() }
            return try bindNode(syntax, scope)
        }
    }

    /// Binds a condition: BOOLEAN, else 42804 naming the clause.
    func bindCondition(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let operand = Operand(try bindExpression(syntax, scope), syntax.position)
        return try requireBoolean(operand, of: scope.clause.rawValue)
    }

    /// An expression with its place.
    func bindOperand(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Operand {
        Operand(try bindExpression(syntax, scope), syntax.position)
    }

    /// Several expressions with their places.
    func bindOperands(
        _ list: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> [Operand] {
        var operands: [Operand] = []
        operands.reserveCapacity(list.count)
        for syntax in list { operands.append(try bindOperand(syntax, scope)) }
        return operands
    }

    @inline(never)
    private func bindNode(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let position = syntax.position
        switch syntax.kind {
        case .null, .boolean, .integer, .string, .column:
            return try bindExpression(syntax, scope)
        case .decimal, .float, .typedLiteral, .interval, .parameter:
            return try bindLiteral(syntax)
        case .unary(let op, let operand): return try bindUnary(op, operand, scope, at: position)
        case .binary(let op, let left, let right):
            return try bindBinary(op, left, right, scope, at: position)
        case .and(let terms):
            return .and(try bindTerms(terms, of: "AND", scope))
        case .outerColumn(let name): return try bindOuterColumn(name, scope)
        case .or(let terms):
            let accepted = scope.acceptsOuterMarkers
            scope.acceptsOuterMarkers = false
            defer { scope.acceptsOuterMarkers = accepted }
            return .or(try bindTerms(terms, of: "OR", scope))
        case .not(let operand):
            let bound = try bindOperand(operand, scope)
            return folded(.not(try requireBoolean(bound, of: "NOT")))
        case .isNull(let operand, let isNegated):
            let value = settled(try bindExpression(operand, scope))
            return isNegated ? .isNotNull(value) : .isNull(value)
        case .isTruth(let operand, let truth, let isNegated):
            let bound = try bindOperand(operand, scope)
            return truthTest(
                try requireBoolean(bound, of: "IS \(truth.rawValue)"),
                truth,
                isNegated: isNegated
            )
        case .between(let value, let low, let high, let isNegated):
            return try bindBetween(value, low, high, isNegated, scope, at: position)
        case .inList(let value, let list, let isNegated):
            let accepted = scope.acceptsOuterMarkers
            scope.acceptsOuterMarkers = false
            defer { scope.acceptsOuterMarkers = accepted }
            return try bindInList(value, list, isNegated: isNegated, scope, at: position)
        case .like(let like): return try bindLike(like, scope, at: position)
        case .caseWhen(let syntax): return try bindCase(syntax, scope, at: position)
        case .cast(let cast): return try bindCast(cast, scope, at: position)
        case .call(let call): return try bindCall(call, scope, at: position)
        case .extract(let part, let from):
            let value = try bindOperand(from, scope)
            let name = Operand(.constant(.text(part.text), .unknown), part.position)
            return try call("extract", [name, value], at: position)
        case .atTimeZone(let value, let zone):
            let operands = try bindOperands([zone, value], scope)
            return try bindTimeZone(operands[0], operands[1], at: position)
        case .row:
            throw SQLError.unsupported("a row of values in this position", position: position)
        case .inSubquery, .quantified, .exists, .scalarSubquery:
            return try bindSubqueryValue(syntax, scope)
        }
    }

    private func bindSubqueryValue(
        _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let position = syntax.position
        switch syntax.kind {
        case .scalarSubquery(let query):
            return try bindScalarSubquery(query, scope, at: position)
        case .exists(let query): return try bindExistsValue(query, scope, at: position)
        case .inSubquery(let left, let query, let isNegated):
            return try bindInValue(left, query, isNegated: isNegated, scope, at: position)
        case .quantified(let left, let op, let quantifier, let query):
            return try bindQuantified(left, op, quantifier, query, scope, at: position)
        default: throw SQLError.invariant("an expression without a subquery was taken for one")
        }
    }

    private func bindTerms(
        _ terms: [ExpressionSyntax],
        of word: String,
        _ scope: Scope
    ) throws(SQLError) -> [Expression] {
        var bound: [Expression] = []
        bound.reserveCapacity(terms.count)
        for term in terms {
            bound.append(try requireBoolean(try bindOperand(term, scope), of: word))
        }
        return bound
    }

    private func truthTest(
        _ value: Expression,
        _ truth: ExpressionSyntax.Truth,
        isNegated: Bool
    ) -> Expression {
        let never = Expression.constant(.bool(false), .boolean)
        let test: Expression =
            switch truth {
            case .isTrue: .coalesce([value, never], .boolean)
            case .isFalse: .coalesce([.not(value), never], .boolean)
            case .isUnknown: .isNull(value)
            }
        return isNegated ? .not(test) : test
    }

    private func bindBetween(
        _ value: ExpressionSyntax,
        _ low: ExpressionSyntax,
        _ high: ExpressionSyntax,
        _ isNegated: Bool,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let operands = try bindOperands([value, low, high], scope)
        let above = try comparison(
            isNegated ? .less : .greaterOrEqual,
            operands[0],
            operands[1],
            at: position
        )
        let below = try comparison(
            isNegated ? .greater : .lessOrEqual,
            operands[0],
            operands[2],
            at: position
        )
        return isNegated ? .or([above, below]) : .and([above, below])
    }
}

// MARK: - Columns

extension Binder {
    /// A column of FROM, else an alias of the select list, else a column of the outer query.
    private func bindColumn(
        _ name: ObjectNameSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        if let found = try scope.lookUp(name) {
            nameRecord?.note(column: found, of: scope, at: name.position)
            if !scope.isInsideAggregate {
                for id in found.columns where scope.positions[id] == nil {
                    scope.positions[id] = name.position
                }
            }
            return found
        }
        if name.parts.count == 1, let alias = scope.aliases[name.name] {
            guard let expression = alias else {
                throw SQLError(
                    .ambiguousColumn,
                    "column reference \"\(name.name)\" is ambiguous",
                    position: name.position
                )
            }
            nameRecord?.aliases[name.position] = scope.aliasSyntax[name.name]
            return expression
        }
        if let link = scope.environment.outer {
            if let found = try link.scope.lookUp(name) {
                link.references.formUnion(found.columns)
                nameRecord?.note(column: found, of: link.scope, at: name.position, inner: scope)
                return found
            }
            var next = link.scope.environment.outer
            while let further = next {
                if try further.scope.lookUp(name) != nil {
                    throw unsupportedCorrelation(at: name.position)
                }
                next = further.scope.environment.outer
            }
        }
        throw undefinedColumn(name, scope)
    }

    private func undefinedColumn(_ name: ObjectNameSyntax, _ scope: Scope) -> SQLError {
        if let qualifier = name.qualifier {
            let aliases = scope.relations.map(\.alias)
            return SQLError(
                .undefinedTable,
                "missing FROM-clause entry for table \"\(qualifier)\"",
                hint: nearestName(to: qualifier, among: aliases).map {
                    "Perhaps you meant to reference the table alias \"\($0)\"."
                },
                position: name.position
            )
        }
        return SQLError(
            .undefinedColumn,
            "column \"\(name.name)\" does not exist",
            hint: scope.columnHint(for: name.name)
                ?? scope.environment.outer?.scope.columnHint(for: name.name),
            position: name.position
        )
    }
}

// MARK: - Literals

extension Binder {
    private func integerLiteral(
        _ digits: String,
        at position: Int
    ) throws(SQLError) -> Expression {
        if let value = Int64(digits) {
            return .constant(.int64(value), Int32(exactly: value) == nil ? .bigint : .integer)
        }
        if let exact = exactLiteral(digits) { return exact }
        throw SQLError(
            .numericValueOutOfRange,
            "Numeric data overflow (result precision)",
            position: position
        )
    }

    /// A number with or without a point as the DECIMAL of its digits; nil if it is no such thing.
    ///
    /// More than 38 digits before the point are no such thing; after it they are cut off.
    func exactLiteral(_ text: String) -> Expression? {
        var digits: [UInt8] = []
        var isNegative = false
        var scale: Int?
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where index == 0: isNegative = true
            case UInt8(ascii: "+") where index == 0: break
            case UInt8(ascii: ".") where scale == nil: scale = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if digits.count == DataType.decimalMaxPrecision {
                    guard scale != nil else { return nil }
                    continue
                }
                // Zeros before the first digit count for nothing.
                if byte != UInt8(ascii: "0") || !digits.isEmpty || scale != nil {
                    digits.append(byte - UInt8(ascii: "0"))
                }
                if let known = scale { scale = known + 1 }
            default: return nil
            }
        }
        guard text.utf8.contains(where: { $0 >= 48 && $0 <= 57 }) else { return nil }
        let magnitude = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
        let type = DataType.decimal(precision: max(1, digits.count), scale: scale ?? 0)
        let value = isNegative ? -magnitude : magnitude
        // Nineteen digits may pass the limit of 64 bits.
        if type.physical == .int64, Int64(exactly: value) == nil {
            return .constant(.int128(value), .decimal(precision: 20, scale: scale ?? 0))
        }
        return .constant(Self.normalized(.int128(value), type), type)
    }

    private func bindLiteral(_ syntax: ExpressionSyntax) throws(SQLError) -> Expression {
        let position = syntax.position
        switch syntax.kind {
        case .decimal(let text):
            if let exact = exactLiteral(text) { return exact }
            throw SQLError(
                .numericValueOutOfRange,
                "Numeric data overflow (result precision)",
                position: position
            )
        case .float(let text):
            guard let value = Double(text), value.isFinite else {
                throw SQLError(
                    .numericValueOutOfRange,
                    "\"\(text)\" is out of range for type double precision",
                    position: position
                )
            }
            return .constant(.float64(value), .doublePrecision)
        case .typedLiteral(let type, let text):
            return try explicitCast(
                Operand(.constant(.text(text), .unknown), position),
                to: type,
                at: position
            )
        case .interval(let text, let fields):
            let parser = ValueParser()
            let unit = fields?.to ?? fields?.from ?? "second"
            let isYearToMonth = fields?.from == "year" && fields?.to == "month"
            guard
                let parts = parser.parseInterval(
                    text,
                    defaultUnit: isYearToMonth ? "year" : unit,
                    beginsWithDays: fields?.from == "day" && fields?.to != nil,
                    isMinuteToSecond: fields?.from == "minute" && fields?.to == "second"
                )
            else {
                throw SQLError(
                    .invalidDatetimeFormat,
                    "invalid input syntax for type interval: \"\(text)\"",
                    position: position
                )
            }
            try requireSimpleInterval(.int128(parts.packed), at: position)
            return .constant(.int128(parts.packed), .interval)
        case .parameter(let number):
            guard number >= 1, number <= context.parameters.count else {
                throw SQLError(
                    .undefinedParameter,
                    "there is no parameter $\(number)",
                    position: position
                )
            }
            let value = context.parameters[number - 1]
            if value.type == .unknown { parameterPositions.insert(position) }
            return value
        default: throw SQLError.invariant("an expression without a literal was taken for one")
        }
    }
}
