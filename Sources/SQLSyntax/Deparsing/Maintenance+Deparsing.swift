extension AnalyzeSyntax {
    /// The statement as SQL text that parses to the same tree.
    var deparsed: String {
        var text = isCompression ? "ANALYZE COMPRESSION" : "ANALYZE"
        if let table { text += " \(SQLText.nonKeyword(table))\(SQLText.columnList(columns))" }
        if isPredicateColumns { text += " PREDICATE COLUMNS" }
        if let sampleRowCount { text += " COMPROWS \(sampleRowCount)" }
        return text
    }
}

extension VacuumSyntax {
    /// The statement as SQL text that parses to the same tree.
    var deparsed: String {
        var text = "VACUUM \(mode.rawValue)"
        if let table { text += " \(SQLText.nonKeyword(table))" }
        if let thresholdPercent { text += " TO \(thresholdPercent) PERCENT" }
        if isBoosted { text += " BOOST" }
        return text
    }
}

extension CommentSyntax {
    /// The statement as SQL text that parses to the same tree.
    var deparsed: String {
        var object = name.deparsed
        // A constraint's name is kept as the last part of its table's.
        if kind == "constraint", let constraint = name.parts.last, name.parts.count > 1 {
            let table = ObjectNameSyntax(Array(name.parts.dropLast()))
            object = "\(constraint.deparsed) ON \(table.deparsed)"
        }
        return "COMMENT ON \(kind.uppercased()) \(object) IS "
            + (text.map(SQLText.quoted) ?? "NULL")
    }
}

extension SQLText {
    /// A table's name behind words that may be names themselves: `VACUUM boost`.
    fileprivate static func nonKeyword(_ name: ObjectNameSyntax) -> String {
        let rest = name.parts.dropFirst().map { ".\($0.deparsed)" }.joined()
        return (name.parts.first.map { nonKeyword($0.text) } ?? "") + rest
    }
}
