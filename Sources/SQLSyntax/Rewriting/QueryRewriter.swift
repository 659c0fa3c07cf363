/// Rewrites the names of a query: tables, columns, stars and NATURAL, wherever they stand.
///
/// Every rule is asked once per node, from the outside in, subqueries included; a rule that
/// does not know a node gives it back as it is. Heights are kept: they guard the parser's stack,
/// and what replaces a name has been parsed.
package struct QueryRewriter {
    /// What a table becomes.
    package var table: (ObjectNameSyntax, TableAliasSyntax?) -> TableReferenceSyntax
    /// What a column's name becomes.
    package var column: (ObjectNameSyntax) -> ObjectNameSyntax
    /// What takes the place of a column's name, before the names in it are rewritten; nil for none.
    package var replacement: (ObjectNameSyntax) -> ExpressionSyntax?
    /// What the text of a string at a place becomes, or of a literal like `DATE '…'`.
    package var literal: (_ text: String, _ position: Int) -> String
    /// What an item of a select list becomes, before the names in it are rewritten.
    package var item: (SelectItemSyntax) -> [SelectItemSyntax]
    /// What joins two references, before the names in it are rewritten.
    package var condition: (JoinSyntax) -> JoinSyntax.Condition
    /// Hears of each WITH.
    package var with: (WithSyntax) -> Void

    /// Makes a rewriter that changes nothing.
    package init() {
        table = { .table($0, alias: $1) }
        column = { $0 }
        replacement = { _ in nil }
        literal = { text, _ in text }
        item = { [$0] }
        condition = { $0.condition }
        with = { _ in }
    }

    /// The query with all names rewritten.
    package func rewrite(_ query: Query) -> Query {
        var result = query
        if let clause = query.with {
            with(clause)
            result.with?.expressions = clause.expressions.map { expression in
                var copy = expression
                copy.query = rewrite(expression.query)
                return copy
            }
        }
        result.body = rewrite(query.body)
        result.orderBy = rewrite(query.orderBy)
        result.limit = query.limit.map { rewrite($0) }
        result.offset = query.offset.map { rewrite($0) }
        return result
    }

    private func rewrite(_ body: QueryBody) -> QueryBody {
        switch body {
        case .select(let select): return .select(rewrite(select))
        case .setOperation(let operation):
            var copy = operation
            copy.left = rewrite(operation.left)
            copy.right = rewrite(operation.right)
            return .setOperation(copy)
        case .values(let rows, let position):
            return .values(rows.map { $0.map { rewrite($0) } }, position: position)
        case .query(let query): return .query(rewrite(query))
        }
    }

    private func rewrite(_ select: SelectSyntax) -> SelectSyntax {
        var result = select
        result.top = select.top.map { rewrite($0) }
        result.items = select.items.flatMap { item($0) }.map { item in
            guard case .expression(let expression, let alias) = item else { return item }
            return .expression(rewrite(expression), alias: alias)
        }
        result.from = select.from.map { rewrite($0) }
        result.whereCondition = select.whereCondition.map { rewrite($0) }
        result.groupBy = select.groupBy.map { rewrite($0) }
        result.having = select.having.map { rewrite($0) }
        result.qualify = select.qualify.map { rewrite($0) }
        return result
    }

    private func rewrite(_ reference: TableReferenceSyntax) -> TableReferenceSyntax {
        switch reference {
        case .table(let name, let alias): return table(name, alias)
        case .subquery(let query, let alias, let position):
            return .subquery(rewrite(query), alias: alias, position: position)
        case .function(let call, let alias): return .function(rewrite(call), alias: alias)
        case .pivot(let pivot):
            var copy = pivot
            copy.input = rewrite(pivot.input)
            copy.aggregate = rewrite(pivot.aggregate)
            copy.values = pivot.values.map { rewrite($0) }
            return .pivot(copy)
        case .unpivot(let unpivot):
            var copy = unpivot
            copy.input = rewrite(unpivot.input)
            return .unpivot(copy)
        case .join(let join):
            var copy = join
            copy.condition = condition(join)
            if case .on(let expression) = copy.condition {
                copy.condition = .on(rewrite(expression))
            }
            copy.left = rewrite(join.left)
            copy.right = rewrite(join.right)
            return .join(copy)
        }
    }

    /// A value of PIVOT, which keeps the name that its text gives it.
    private func rewrite(_ value: PivotSyntax.Value) -> PivotSyntax.Value {
        var copy = value
        copy.expression = rewrite(value.expression)
        guard copy.expression != value.expression, value.alias == nil else { return copy }
        switch value.expression.kind {
        case .string(let text), .typedLiteral(_, let text):
            copy.alias = NameSyntax(text.lowercased(), position: value.expression.position)
        default: break
        }
        return copy
    }

    private func rewrite(_ element: GroupingElementSyntax) -> GroupingElementSyntax {
        switch element {
        case .expression(let expression): return .expression(rewrite(expression))
        case .set(let list): return .set(rewrite(list))
        case .rollup(let lists, let position):
            return .rollup(lists.map { rewrite($0) }, position: position)
        case .cube(let lists, let position):
            return .cube(lists.map { rewrite($0) }, position: position)
        case .groupingSets(let elements, let position):
            return .groupingSets(elements.map { rewrite($0) }, position: position)
        }
    }

    private func rewrite(_ list: [ExpressionSyntax]) -> [ExpressionSyntax] {
        list.map { rewrite($0) }
    }

    private func rewrite(_ items: [OrderItemSyntax]) -> [OrderItemSyntax] {
        items.map { item in
            var copy = item
            copy.expression = rewrite(item.expression)
            return copy
        }
    }
}

// MARK: - Expressions

extension QueryRewriter {
    /// The expression with all names rewritten.
    package func rewrite(_ expression: ExpressionSyntax) -> ExpressionSyntax {
        var result = expression
        switch expression.kind {
        case .string(let text): result.kind = .string(literal(text, expression.position))
        case .typedLiteral(let type, let text):
            result.kind = .typedLiteral(type, literal(text, expression.position))
        case .column(let name):
            guard var inner = replacement(name) else {
                result.kind = .column(column(name))
                break
            }
            // A literal under a name is read as each place asks for.
            switch inner.kind {
            case .string, .column: inner.position = expression.position
            default: break
            }
            result.kind = rewrite(inner).kind
        default: result.kind = rewrite(expression.kind)
        }
        return result
    }

    private func rewrite(_ kind: ExpressionSyntax.Kind) -> ExpressionSyntax.Kind {
        switch kind {
        case .null, .boolean, .integer, .decimal, .float, .string, .typedLiteral, .interval,
            .parameter, .column:
            return kind
        case .outerColumn(let name): return .outerColumn(column(name))
        case .unary(let unary, let operand): return .unary(unary, rewrite(operand))
        case .binary(let binary, let left, let right):
            return .binary(binary, rewrite(left), rewrite(right))
        case .and(let operands): return .and(rewrite(operands))
        case .or(let operands): return .or(rewrite(operands))
        case .not(let operand): return .not(rewrite(operand))
        case .isNull(let value, let isNegated):
            return .isNull(rewrite(value), isNegated: isNegated)
        case .isTruth(let value, let truth, let isNegated):
            return .isTruth(rewrite(value), truth, isNegated: isNegated)
        case .between(let value, let low, let high, let isNegated):
            return .between(
                rewrite(value),
                low: rewrite(low),
                high: rewrite(high),
                isNegated: isNegated
            )
        case .inList(let value, let list, let isNegated):
            return .inList(rewrite(value), rewrite(list), isNegated: isNegated)
        case .inSubquery(let value, let query, let isNegated):
            return .inSubquery(rewrite(value), rewrite(query), isNegated: isNegated)
        case .quantified(let value, let binary, let quantifier, let query):
            return .quantified(rewrite(value), binary, quantifier, rewrite(query))
        case .exists(let query): return .exists(rewrite(query))
        case .scalarSubquery(let query): return .scalarSubquery(rewrite(query))
        case .like(let like): return .like(rewrite(like))
        case .caseWhen(let syntax): return .caseWhen(rewrite(syntax))
        case .cast(var cast):
            cast.value = rewrite(cast.value)
            return .cast(cast)
        case .call(let call): return .call(rewrite(call))
        case .extract(let part, let value): return .extract(part: part, from: rewrite(value))
        case .row(let fields): return .row(rewrite(fields))
        case .atTimeZone(let value, let zone):
            return .atTimeZone(rewrite(value), zone: rewrite(zone))
        }
    }

    private func rewrite(_ like: LikeSyntax) -> LikeSyntax {
        var copy = like
        copy.value = rewrite(like.value)
        copy.pattern = rewrite(like.pattern)
        copy.escape = like.escape.map { rewrite($0) }
        return copy
    }

    private func rewrite(_ syntax: CaseSyntax) -> CaseSyntax {
        var copy = syntax
        copy.operand = syntax.operand.map { rewrite($0) }
        copy.branches = syntax.branches.map {
            CaseSyntax.Branch(when: rewrite($0.when), then: rewrite($0.then))
        }
        copy.otherwise = syntax.otherwise.map { rewrite($0) }
        return copy
    }

    private func rewrite(_ call: FunctionCallSyntax) -> FunctionCallSyntax {
        var copy = call
        copy.arguments = rewrite(call.arguments)
        copy.orderBy = rewrite(call.orderBy)
        copy.withinGroup = rewrite(call.withinGroup)
        copy.window?.partitionBy = rewrite(call.window?.partitionBy ?? [])
        copy.window?.orderBy = rewrite(call.window?.orderBy ?? [])
        return copy
    }
}
