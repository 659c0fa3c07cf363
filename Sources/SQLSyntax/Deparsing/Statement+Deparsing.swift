import SQLTypes

extension Statement {
    /// The statement as SQL text that parses to the same tree, whatever text it came from.
    ///
    /// What the tree does not keep is not there: comments, positions, whether a name that needs
    /// no quotes had them, and words without a meaning, such as BOOST or WORK.
    package var deparsed: String {
        switch self {
        case .empty: ""
        case .query(let query): query.deparsed
        case .createTable(let syntax): syntax.deparsed
        case .createTableAs(let syntax): syntax.deparsed
        case .alterTable(let syntax): syntax.deparsed
        case .dropTable(let syntax): syntax.deparsed("TABLE")
        case .createView(let syntax): syntax.deparsed
        case .dropView(let syntax): syntax.deparsed("VIEW")
        case .createSchema(let name, let ifNotExists):
            "CREATE SCHEMA \(ifNotExists ? "IF NOT EXISTS " : "")\(name.deparsed)"
        case .dropSchema(let syntax): syntax.deparsed("SCHEMA")
        case .truncate(let name): "TRUNCATE TABLE \(name.deparsed)"
        case .insert(let syntax): syntax.deparsed
        case .update(let syntax): syntax.deparsed
        case .delete(let syntax): syntax.deparsed
        case .merge(let syntax): syntax.deparsed
        case .copy(let syntax): syntax.deparsed
        case .explain(let statement, let isVerbose, let isAnalyze):
            "EXPLAIN \(isAnalyze ? "ANALYZE " : "")\(isVerbose ? "VERBOSE " : "")"
                + statement.deparsed
        case .begin, .commit, .rollback, .setTransaction: transactionText
        case .set, .reset, .show, .showObjects, .setSessionAuthorization: settingText
        case .analyze(let syntax): syntax.deparsed
        case .vacuum(let syntax): syntax.deparsed
        case .checkWarehouse: "CHECK WAREHOUSE"
        case .lock(let names): "LOCK TABLE \(SQLText.list(names))"
        case .comment(let syntax): syntax.deparsed
        case .prepare, .execute, .deallocate: preparationText
        case .cancel(let process): "CANCEL \(process)"
        }
    }

    private var transactionText: String {
        switch self {
        case .begin(let modes): "BEGIN" + modes.deparsed
        case .setTransaction(let modes, let isSession):
            (isSession ? "SET SESSION CHARACTERISTICS AS TRANSACTION" : "SET TRANSACTION")
                + modes.deparsed
        case .commit: "COMMIT"
        default: "ROLLBACK"
        }
    }

    private var settingText: String {
        switch self {
        case .set(let syntax): syntax.deparsed
        case .reset(let name): "RESET \(name.map(SQLText.setting) ?? "ALL")"
        case .show(let name): "SHOW \(name.map(SQLText.setting) ?? "ALL")"
        case .showObjects(let syntax): syntax.deparsed
        case .setSessionAuthorization(let user):
            // A user's name in a string keeps its capitals.
            "SET SESSION AUTHORIZATION \(user.map { SQLText.quoted($0.text) } ?? "DEFAULT")"
        default: ""
        }
    }

    private var preparationText: String {
        switch self {
        case .prepare(let name, let types, let statement, _):
            "PREPARE \(name.deparsed)\(types.isEmpty ? "" : " (\(SQLText.list(types)))") AS "
                + statement.deparsed
        case .execute(let name, let arguments):
            "EXECUTE \(name.deparsed)"
                + (arguments.isEmpty ? "" : " (\(SQLText.list(arguments)))")
        case .deallocate(let name): "DEALLOCATE PREPARE \(name?.deparsed ?? "ALL")"
        default: ""
        }
    }
}

extension DropSyntax {
    fileprivate func deparsed(_ object: String) -> String {
        "DROP \(object) \(ifExists ? "IF EXISTS " : "")\(SQLText.list(names))"
            + (cascades ? " CASCADE" : "")
    }
}

extension TransactionModesSyntax {
    /// The modes, each with a blank before it.
    fileprivate var deparsed: String {
        var text = isolationLevel.map { " ISOLATION LEVEL \($0.uppercased())" } ?? ""
        if let isReadOnly { text += isReadOnly ? " READ ONLY" : " READ WRITE" }
        return text
    }
}

extension SetSyntax {
    fileprivate var deparsed: String {
        let list = values.map { SQLText.quoted($0.text) }.joined(separator: ", ")
        return "SET \(isLocal ? "LOCAL " : "")\(SQLText.setting(name)) TO "
            + (values.isEmpty ? "DEFAULT" : list)
    }
}

extension ShowObjectsSyntax {
    fileprivate var deparsed: String {
        var text: String
        switch kind {
        case .table(let name): text = "SHOW TABLE \(name.deparsed)"
        case .view(let name): text = "SHOW VIEW \(name.deparsed)"
        case .databases: text = "SHOW DATABASES"
        case .schemas(let database): text = "SHOW SCHEMAS FROM DATABASE \(database.deparsed)"
        case .tables(let schema): text = "SHOW TABLES FROM SCHEMA \(schema.deparsed)"
        case .columns(let table): text = "SHOW COLUMNS FROM TABLE \(table.deparsed)"
        }
        if let pattern { text += " LIKE \(SQLText.quoted(pattern))" }
        if let limit { text += " LIMIT \(limit)" }
        return text
    }
}

extension SQLText {
    /// A setting's name: words and dots as they are, anything else in quotes.
    ///
    /// Words of the grammar stand in quotes too, since some of them begin a statement of their
    /// own: `SET TRANSACTION`, `SHOW TABLE`.
    fileprivate static func setting(_ name: NameSyntax) -> String {
        name.text.split(separator: ".", omittingEmptySubsequences: false)
            .map { SQLText.nonKeyword(String($0)) }.joined(separator: ".")
    }
}
