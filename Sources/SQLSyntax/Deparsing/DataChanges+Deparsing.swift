extension InsertSyntax {
    /// The statement as SQL text that parses to the same tree.
    package var deparsed: String {
        let head = "INSERT INTO \(table.deparsed)\(SQLText.columnList(columns))"
        switch source {
        case .defaultValues: return head + " DEFAULT VALUES"
        case .values(let rows):
            return head + " VALUES " + rows.map(SQLText.row).joined(separator: ", ")
        case .query(let query):
            let text = query.deparsed
            // Without brackets, VALUES would be the rows of INSERT itself.
            return text.hasPrefix("VALUES") ? "\(head) (\(text))" : "\(head) \(text)"
        }
    }
}

extension UpdateSyntax {
    /// The statement as SQL text that parses to the same tree.
    package var deparsed: String {
        var text = with.map { "\($0.deparsed) " } ?? ""
        text +=
            "UPDATE \(table.deparsed)\(SQLText.alias(alias)) \(SQLText.assignments(assignments))"
        if !from.isEmpty { text += " FROM \(from.map(\.deparsed).joined(separator: ", "))" }
        if let whereCondition { text += " WHERE \(whereCondition.deparsed)" }
        return text
    }
}

extension DeleteSyntax {
    /// The statement as SQL text that parses to the same tree.
    package var deparsed: String {
        var text = with.map { "\($0.deparsed) " } ?? ""
        text += "DELETE FROM \(table.deparsed)\(SQLText.alias(alias))"
        if !using.isEmpty { text += " USING \(using.map(\.deparsed).joined(separator: ", "))" }
        if let whereCondition { text += " WHERE \(whereCondition.deparsed)" }
        return text
    }
}

extension MergeSyntax {
    /// The statement as SQL text that parses to the same tree.
    package var deparsed: String {
        var text = "MERGE INTO \(table.deparsed)\(SQLText.alias(alias))"
        text += " USING \(source.deparsed)\(SQLText.alias(sourceAlias))"
        text += " ON \(condition.deparsed)"
        guard case .clauses(let matched, let insertion) = action else {
            return text + " REMOVE DUPLICATES"
        }
        switch matched {
        case .update(let list): text += " WHEN MATCHED THEN UPDATE \(SQLText.assignments(list))"
        case .delete: text += " WHEN MATCHED THEN DELETE"
        }
        text += " WHEN NOT MATCHED THEN INSERT\(SQLText.columnList(insertion.columns))"
        return text + " VALUES \(SQLText.row(insertion.values))"
    }
}

extension AssignedValueSyntax {
    /// The value as SQL text.
    fileprivate var deparsed: String {
        switch self {
        case .expression(let expression): expression.deparsed
        case .defaultValue: "DEFAULT"
        }
    }
}

extension SQLText {
    fileprivate static func alias(_ alias: NameSyntax?) -> String {
        alias.map { " AS \($0.deparsed)" } ?? ""
    }

    fileprivate static func row(_ values: [AssignedValueSyntax]) -> String {
        "(\(values.map(\.deparsed).joined(separator: ", ")))"
    }

    fileprivate static func assignments(_ assignments: [UpdateSyntax.Assignment]) -> String {
        let list = assignments.map { "\($0.column.deparsed) = \($0.value.deparsed)" }
        return "SET " + list.joined(separator: ", ")
    }
}
