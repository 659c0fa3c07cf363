import SQLTypes

extension AlterTableSyntax {
    /// The statement as SQL text that parses to the same tree.
    var deparsed: String {
        "ALTER TABLE \(name.deparsed) \(actions.map(\.deparsed).joined(separator: ", "))"
    }
}

extension AlterTableSyntax.Action {
    fileprivate var deparsed: String {
        switch self {
        case .rename(let name): "RENAME TO \(name.deparsed)"
        case .renameColumn(let column, let name):
            "RENAME COLUMN \(column.deparsed) TO \(name.deparsed)"
        case .addColumn(let column): "ADD COLUMN \(column.deparsed)"
        case .dropColumn(let column, let cascades):
            "DROP COLUMN \(column.deparsed)\(cascades ? " CASCADE" : "")"
        case .alterType(let column, let type, _): "ALTER COLUMN \(column.deparsed) TYPE \(type)"
        case .alterEncoding(let column, let encoding):
            "ALTER COLUMN \(column.deparsed) ENCODE \(SQLText.label(encoding))"
        case .encodeAutomatically: "ALTER ENCODE AUTO"
        case .alterDistribution(let style, let key):
            "ALTER DISTSTYLE \(style.kind.rawValue)"
                + (key.map { " DISTKEY \($0.deparsed)" } ?? "")
        case .alterSortKey(let key): "ALTER \(key?.deparsed ?? "SORTKEY NONE")"
        case .owner(let user): "OWNER TO \(SQLText.label(user))"
        case .addConstraint(let constraint): "ADD \(constraint.deparsed)"
        case .dropConstraint(let name): "DROP CONSTRAINT \(name.deparsed)"
        }
    }
}
