import Plans
import SQLSyntax
import SQLTypes

/// One item of a select list, bound against the columns of FROM.
struct OutputItem {
    var name: String
    var expression: Expression
    var position: Int
}

/// One key of ORDER BY, bound like an item of the select list.
struct OrderKey {
    var expression: Expression
    var isAscending: Bool
    var nullsFirst: Bool?
    var position: Int
}

extension Binder {
    /// Binds one SELECT with the ORDER BY and LIMIT of its query.
    func bindSelect(
        _ select: SelectSyntax,
        orderBy: [OrderItemSyntax],
        limit: ExpressionSyntax?,
        offset: ExpressionSyntax?,
        in environment: Environment,
        keepsUnknown: Bool
    ) throws(SQLError) -> LogicalPlan {
        try requireSupported(select, limit: limit)
        let select = withSeriesInFrom(select)
        return try bindSelect(
            select,
            over: bindFrom(select.from, in: environment),
            orderBy: orderBy,
            limit: limit,
            offset: offset,
            in: environment,
            keepsUnknown: keepsUnknown
        )
    }

    /// Binds one SELECT over a FROM that is bound already.
    func bindSelect(
        _ select: SelectSyntax,
        over from: BoundFrom,
        orderBy: [OrderItemSyntax] = [],
        limit: ExpressionSyntax? = nil,
        offset: ExpressionSyntax? = nil,
        in environment: Environment,
        keepsUnknown: Bool = false
    ) throws(SQLError) -> LogicalPlan {
        let scope = Scope(from, environment: environment)
        scope.hasJoinSyntax = select.from.contains { if case .join = $0 { true } else { false } }
        var plan = try filtered(from.plan, by: select.whereCondition, scope)

        var outputs = try bindSelectList(select, scope)
        let groups = try bindGrouping(select, outputs, scope)
        scope.clause = .having
        var having: Expression?
        if let condition = select.having {
            let bound = try bindCondition(condition, scope)
            try requireNoWindow(in: bound, clause: .having, scope, at: condition.position)
            having = bound
        }
        scope.clause = .qualify
        var qualify: Expression?
        if let condition = select.qualify { qualify = try bindCondition(condition, scope) }
        var keys = try bindOrder(orderBy, outputs, scope)

        plan = try attach(scope.takePendingJoins(belowAggregate: true), to: plan)
        if groups.isWritten || !scope.aggregates.isEmpty || having != nil {
            let grouping = GroupRewriting(groups, scope: scope, binder: self)
            plan = grouping.aggregated(plan)
            for index in outputs.indices {
                outputs[index].expression = try grouping.rewrite(
                    outputs[index].expression,
                    at: outputs[index].position
                )
            }
            for index in keys.indices {
                keys[index].expression = try grouping.rewrite(
                    keys[index].expression,
                    at: keys[index].position
                )
            }
            for index in scope.windows.indices {
                scope.windows[index] = try grouping.rewrite(scope.windows[index])
            }
            if let condition = qualify {
                qualify = try grouping.rewrite(condition, at: select.qualify?.position ?? 0)
            }
            for index in scope.pendingJoins.indices {
                scope.pendingJoins[index] = try grouping.rewrite(scope.pendingJoins[index])
            }
            plan = try attach(takeJoinsBelowWindows(scope), to: plan)
            if let condition = having {
                plan = .filter(plan, try grouping.rewrite(condition, at: select.position))
            }
        } else {
            plan = try attach(takeJoinsBelowWindows(scope), to: plan)
        }
        if !scope.windows.isEmpty { environment.outer?.callsWindows = true }
        plan = withWindows(scope.windows, over: plan)
        plan = try attach(scope.takePendingJoins(), to: plan)
        if let qualify { plan = .filter(plan, qualify) }
        return try finish(
            plan,
            outputs,
            keys,
            isDistinct: select.isDistinct,
            count: limit ?? select.top,
            offset: offset,
            keepsUnknown: keepsUnknown
        )
    }

    private func requireSupported(
        _ select: SelectSyntax,
        limit: ExpressionSyntax?
    ) throws(SQLError) {
        if let into = select.into {
            throw SQLError(
                .syntaxError,
                "SELECT INTO is not allowed here",
                position: into.name.position
            )
        }
        try requireAliasBeforeQualify(select)
        if let top = select.top, limit != nil {
            throw SQLError(
                .syntaxError,
                "TOP and LIMIT cannot stand in the same query",
                position: top.position
            )
        }
    }

    /// Projects, then makes distinct, sorts and limits; sort keys outside the list are dropped
    /// at the end.
    private func finish(
        _ input: LogicalPlan,
        _ outputs: [OutputItem],
        _ keys: [OrderKey],
        isDistinct: Bool,
        count: ExpressionSyntax?,
        offset: ExpressionSyntax?,
        keepsUnknown: Bool
    ) throws(SQLError) -> LogicalPlan {
        let sources = Dictionary(input.columns.map { ($0.id, $0) }) { first, _ in first }
        var items: [NamedExpression] = []
        items.reserveCapacity(outputs.count)
        for output in outputs {
            let value = keepsUnknown ? output.expression : settled(output.expression)
            let item = named(output.name, value, sources)
            if value.type == .unknown { literalPositions[item.column.id] = [output.position] }
            items.append(item)
        }
        var order: [SortItem] = []
        for key in keys {
            if case .constant = key.expression { continue }
            var column = items.first { $0.expression == key.expression }?.column
            if column == nil {
                guard !isDistinct else {
                    throw SQLError(
                        .invalidColumnReference,
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                        position: key.position
                    )
                }
                let hidden = named("order_key", key.expression, sources)
                items.append(hidden)
                column = hidden.column
            }
            guard let column else { continue }
            order.append(
                SortItem(
                    expression: .column(column.id, column.type),
                    isAscending: key.isAscending,
                    nullsFirst: key.nullsFirst
                )
            )
        }
        var plan = LogicalPlan.project(input, items)
        if isDistinct { plan = .distinct(plan) }
        if !order.isEmpty { plan = .sort(plan, order) }
        plan = try limited(plan, count: count, offset: offset)
        guard items.count > outputs.count else { return plan }
        let kept = items.prefix(outputs.count).map { item in
            NamedExpression(
                column: makeColumn(
                    item.column.name,
                    item.column.type,
                    qualifier: item.column.qualifier,
                    origin: item.column.origin
                ),
                expression: .column(item.column.id, item.column.type)
            )
        }
        return .project(plan, kept)
    }

    /// A computed column; where it is a plain copy it keeps its source's table and origin.
    func named(
        _ name: String,
        _ expression: Expression,
        _ sources: [ColumnID: PlanColumn]
    ) -> NamedExpression {
        var source: PlanColumn?
        if case .column(let id, _) = expression { source = sources[id] }
        return NamedExpression(
            column: makeColumn(
                name,
                expression.type,
                qualifier: source?.qualifier,
                origin: source?.origin
            ),
            expression: expression
        )
    }

    /// Pending joins that read no window function's value, which are then no longer pending.
    private func takeJoinsBelowWindows(_ scope: Scope) -> [Scope.PendingJoin] {
        func isAbove(_ join: Scope.PendingJoin) -> Bool {
            [join.condition, join.kind.mark?.test].compactMap(\.self)
                .contains { firstWindow(in: $0, scope) != nil }
        }
        let below = scope.pendingJoins.filter { !isAbove($0) }
        scope.pendingJoins.removeAll { !isAbove($0) }
        return below
    }
}

// MARK: - The select list

extension Binder {
    private func bindSelectList(
        _ select: SelectSyntax,
        _ scope: Scope
    ) throws(SQLError) -> [OutputItem] {
        scope.clause = .select
        // Errors about grouping point at the list, not at WHERE.
        scope.positions = [:]
        var outputs: [OutputItem] = []
        var inlinedNodeCount = 0
        for item in select.items {
            switch item {
            case .star(let position):
                guard !select.from.isEmpty else {
                    throw SQLError(
                        .syntaxError,
                        "SELECT * with no tables specified is not valid",
                        position: position
                    )
                }
                nameRecord?.note(star: scope.visible, of: scope, at: position)
                outputs += scope.visible.map {
                    OutputItem(name: $0.name, expression: $0.expression, position: position)
                }
            case .qualifiedStar(let name):
                outputs += try starColumns(of: name, scope)
            case .expression(let syntax, let alias):
                let expression = try bindExpression(syntax, scope)
                inlinedNodeCount += scope.aliases.isEmpty ? 0 : nodeCount(expression)
                guard inlinedNodeCount < Self.inlinedNodeCountMax else {
                    throw SQLError(
                        .statementTooComplex,
                        "column aliases of the select list refer to each other too often",
                        position: syntax.position
                    )
                }
                let name = alias?.text ?? syntax.defaultColumnName
                outputs.append(
                    OutputItem(name: name, expression: expression, position: syntax.position)
                )
                if let alias {
                    let isTaken = scope.aliases[alias.text] != nil
                    scope.aliases[alias.text] = .some(isTaken ? nil : expression)
                    scope.aliasSyntax[alias.text] = syntax
                }
            }
        }
        guard !select.excluded.isEmpty else { return outputs }
        for name in select.excluded where !outputs.contains(where: { $0.name == name.text }) {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.text)\" does not exist",
                position: name.position
            )
        }
        let excluded = Set(select.excluded.map(\.text))
        return outputs.filter { !excluded.contains($0.name) }
    }

    /// Lateral aliases are written out where they are used; the list grows to no more nodes.
    private static let inlinedNodeCountMax = 1_000_000

    private func nodeCount(_ expression: Expression) -> Int {
        var count = 1
        for child in expression.children where count < Self.inlinedNodeCountMax {
            count += nodeCount(child)
        }
        return count
    }

    private func starColumns(
        of name: ObjectNameSyntax,
        _ scope: Scope
    ) throws(SQLError) -> [OutputItem] {
        guard let relation = scope.relation(named: name.name, schema: name.qualifier) else {
            throw SQLError(
                .undefinedTable,
                "relation \"\(name.description)\" does not exist",
                hint: nearestName(to: name.name, among: scope.relations.map(\.alias)).map {
                    "Perhaps you meant the relation \"\($0)\"."
                },
                position: name.position
            )
        }
        let columns = relation.columns.map {
            Scope.VisibleColumn(name: $0.name, expression: .column($0.id, $0.type))
        }
        nameRecord?.note(star: columns, of: scope, at: name.position)
        return relation.columns.map {
            OutputItem(
                name: $0.name,
                expression: .column($0.id, $0.type),
                position: name.position
            )
        }
    }

    // MARK: ORDER BY

    private func bindOrder(
        _ items: [OrderItemSyntax],
        _ outputs: [OutputItem],
        _ scope: Scope
    ) throws(SQLError) -> [OrderKey] {
        scope.clause = .orderBy
        var keys: [OrderKey] = []
        for item in items {
            keys.append(
                OrderKey(
                    expression: settled(try bindOrderKey(item.expression, outputs, scope)),
                    isAscending: item.isAscending,
                    nullsFirst: item.nullsFirst,
                    position: item.expression.position
                )
            )
        }
        return keys
    }

    private func bindOrderKey(
        _ syntax: ExpressionSyntax,
        _ outputs: [OutputItem],
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        switch syntax.kind {
        case .integer(let digits):
            return outputs[
                try ordinal(digits, of: outputs.count, clause: .orderBy, at: syntax.position)
            ].expression
        case .column(let name) where name.parts.count == 1:
            // The name of an output column wins over a column of FROM.
            let found = outputs.filter { $0.name == name.name }
            guard let first = found.first else { return try bindExpression(syntax, scope) }
            guard found.allSatisfy({ $0.expression == first.expression }) else {
                throw SQLError(
                    .ambiguousColumn,
                    "ORDER BY \"\(name.name)\" is ambiguous",
                    position: syntax.position
                )
            }
            return first.expression
        case .null, .boolean, .decimal, .float, .string:
            throw SQLError(
                .syntaxError,
                "non-integer constant in ORDER BY",
                position: syntax.position
            )
        default: return try bindExpression(syntax, scope)
        }
    }
}
