extension Query {
    /// The query as SQL text that parses to the same tree.
    package var deparsed: String {
        var text = with.map { "\($0.deparsed) " } ?? ""
        text += body.deparsed
        if !orderBy.isEmpty { text += " ORDER BY \(SQLText.list(orderBy))" }
        if let limit { text += " LIMIT \(limit.deparsed)" }
        if let offset { text += " OFFSET \(offset.deparsed)" }
        return text
    }
}

extension OrderItemSyntax {
    /// The item as SQL text.
    package var deparsed: String {
        let nulls = nullsFirst.map { $0 ? " NULLS FIRST" : " NULLS LAST" } ?? ""
        return expression.deparsed + (isAscending ? "" : " DESC") + nulls
    }
}

extension WithSyntax {
    /// The clause as SQL text.
    var deparsed: String {
        let list = expressions.map { expression in
            let columns =
                expression.columns.isEmpty ? "" : " (\(SQLText.list(expression.columns)))"
            return "\(expression.name.deparsed)\(columns) AS (\(expression.query.deparsed))"
        }
        return "WITH \(isRecursive ? "RECURSIVE " : "")\(list.joined(separator: ", "))"
    }
}

extension QueryBody {
    fileprivate var deparsed: String {
        switch self {
        case .select(let select): select.deparsed
        case .setOperation(let operation):
            "\(operation.leftText) \(operation.kind.rawValue)"
                + "\(operation.isAll ? " ALL" : "") \(operation.right.asOperand)"
        case .values(let rows, _):
            "VALUES " + rows.map { "(\(SQLText.list($0)))" }.joined(separator: ", ")
        case .query(let query): "(\(query.deparsed))"
        }
    }

    // Set operations below one another stand in parentheses.
    fileprivate var asOperand: String {
        if case .setOperation = self { "(\(deparsed))" } else { deparsed }
    }
}

extension SetOperationSyntax {
    // Chains may be longer than brackets may nest, and the same operation goes from the left.
    fileprivate var leftText: String {
        if case .setOperation(let inner) = left, inner.kind == kind { return left.deparsed }
        return left.asOperand
    }
}

extension SelectSyntax {
    fileprivate var deparsed: String {
        var text = "SELECT "
        if let top { text += "TOP (\(top.deparsed)) " }
        if isDistinct { text += "DISTINCT " }
        text += items.map(\.deparsed).joined(separator: ", ")
        if !excluded.isEmpty { text += " EXCLUDE (\(SQLText.list(excluded)))" }
        if let into { text += " INTO \(into.isTemporary ? "TEMP " : "")\(into.name.deparsed)" }
        if !from.isEmpty { text += " FROM \(from.map(\.deparsed).joined(separator: ", "))" }
        if let whereCondition { text += " WHERE \(whereCondition.deparsed)" }
        if groupsByAll { text += " GROUP BY ALL" }
        if !groupBy.isEmpty {
            text += " GROUP BY \(groupBy.map(\.deparsed).joined(separator: ", "))"
        }
        if let having { text += " HAVING \(having.deparsed)" }
        if let qualify { text += " QUALIFY \(qualify.deparsed)" }
        return text
    }
}

extension SelectItemSyntax {
    fileprivate var deparsed: String {
        switch self {
        case .star: "*"
        case .qualifiedStar(let name): "\(name.deparsed).*"
        case .expression(let expression, let alias):
            expression.deparsed + (alias.map { " AS \($0.deparsed)" } ?? "")
        }
    }
}

extension TableReferenceSyntax {
    /// The reference as SQL text.
    var deparsed: String {
        switch self {
        case .table(let name, let alias): name.deparsed + Self.deparsed(alias)
        case .subquery(let query, let alias, _): "(\(query.deparsed))" + Self.deparsed(alias)
        case .function(let call, let alias): call.deparsed + Self.deparsed(alias)
        case .join(let join): join.deparsed
        case .pivot(let pivot): pivot.deparsed + Self.deparsed(pivot.alias)
        case .unpivot(let unpivot): unpivot.deparsed + Self.deparsed(unpivot.alias)
        }
    }

    private static func deparsed(_ alias: TableAliasSyntax?) -> String {
        guard let alias else { return "" }
        let columns = alias.columns.isEmpty ? "" : " (\(SQLText.list(alias.columns)))"
        return " AS \(alias.name.deparsed)\(columns)"
    }
}

extension JoinSyntax {
    fileprivate var deparsed: String {
        let isNatural = condition == .natural
        var text = "\(left.deparsed) \(isNatural ? "NATURAL " : "")\(kind.rawValue) JOIN "
        if case .join = right { text += "(\(right.deparsed))" } else { text += right.deparsed }
        switch condition {
        case .on(let expression): text += " ON \(expression.deparsed)"
        case .using(let names): text += " USING (\(SQLText.list(names)))"
        case .natural, .none: break
        }
        return text
    }
}

extension GroupingElementSyntax {
    fileprivate var deparsed: String {
        switch self {
        case .expression(let expression): Self.element(expression)
        // One expression in brackets alone would be no set.
        case .set(let list): "\(list.count == 1 ? "ROW" : "")(\(SQLText.list(list)))"
        case .rollup(let lists, _): "ROLLUP (\(Self.deparsed(lists)))"
        case .cube(let lists, _): "CUBE (\(Self.deparsed(lists)))"
        case .groupingSets(let elements, _):
            "GROUPING SETS (\(elements.map(\.deparsed).joined(separator: ", ")))"
        }
    }

    private static func deparsed(_ lists: [[ExpressionSyntax]]) -> String {
        let texts = lists.map { list in
            list.count == 1 ? element(list[0]) : "(\(SQLText.list(list)))"
        }
        return texts.joined(separator: ", ")
    }

    // A row's fields would be elements of their own.
    private static func element(_ expression: ExpressionSyntax) -> String {
        guard case .row = expression.kind else { return expression.deparsed }
        return "ROW(\(expression.deparsed))"
    }
}
