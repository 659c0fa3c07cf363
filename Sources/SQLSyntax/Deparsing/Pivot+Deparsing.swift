extension PivotSyntax {
    /// The input and PIVOT without its alias.
    var deparsed: String {
        let list = values.map { value in
            value.expression.deparsed + (value.alias.map { " AS \($0.deparsed)" } ?? "")
        }
        let name = aggregateAlias.map { " AS \($0.deparsed)" } ?? ""
        return "\(input.deparsed) PIVOT (\(aggregate.deparsed)\(name) FOR \(column.deparsed) "
            + "IN (\(list.joined(separator: ", "))))"
    }
}

extension UnpivotSyntax {
    /// The input and UNPIVOT without its alias.
    var deparsed: String {
        let list = columns.map { column in
            column.name.deparsed + (column.alias.map { " AS \(SQLText.quoted($0.text))" } ?? "")
        }
        return "\(input.deparsed) UNPIVOT \(includesNulls ? "INCLUDE NULLS " : "")"
            + "(\(value.deparsed) FOR \(name.deparsed) IN (\(list.joined(separator: ", "))))"
    }
}
