internal import Warehouse

extension MetaCommand {
    /// What the warehouse holds.
    static var informationCommands: [MetaCommand] {
        [
            MetaCommand(
                "d",
                "d+",
                "dS",
                "dS+",
                arguments: "[PATTERN]",
                summary: "describe tables, or list them"
            ) { shell, arguments in
                guard let pattern = arguments.nextWithoutSemicolon() else {
                    return shell.listRelations(matching: nil, kinds: Shell.RelationKind.allCases)
                }
                return shell.describeRelations(matching: pattern)
            },
            MetaCommand(
                "dt",
                "dt+",
                "dtS",
                "dtS+",
                arguments: "[PATTERN]",
                summary: "list tables"
            ) { shell, arguments in
                shell.listRelations(matching: arguments.nextWithoutSemicolon(), kinds: [.table])
            },
            MetaCommand(
                "dv",
                "dv+",
                "dvS",
                "dvS+",
                arguments: "[PATTERN]",
                summary: "list views"
            ) { shell, arguments in
                shell.listRelations(matching: arguments.nextWithoutSemicolon(), kinds: [.view])
            },
            MetaCommand(
                "dn",
                "dn+",
                "dnS",
                "dnS+",
                arguments: "[PATTERN]",
                summary: "list schemas"
            ) { shell, arguments in
                shell.listSchemas(matching: arguments.nextWithoutSemicolon())
            },
            MetaCommand("l", "l+", "list", "list+", summary: "list databases") { shell, _ in
                shell.listDatabases()
            },
            MetaCommand("conninfo", summary: "show database and user") { shell, _ in
                let runner = shell.runner
                shell.standardOutput.write(
                    "You are connected to database \"\(runner.databaseName)\" "
                        + "as user \"\(runner.userName)\".\n"
                )
                return .done
            },
        ]
    }
}

extension Shell {
    /// Kinds of relations, as `\d` tells them apart.
    enum RelationKind: String, CaseIterable { case table, view }

    /// A relation's name and kind.
    struct Relation {
        var schema: String
        var name: String
        var kind: RelationKind
    }

    /// Schemas that only a pattern brings out.
    private static let systemSchemas: Set<String> = [
        "pg_catalog", "information_schema", "pg_internal", "pg_toast",
    ]

    /// The rows of a query of the shell's own; nil after its error was reported.
    func query(_ text: String) -> [[String?]]? {
        if variables["ECHO_HIDDEN"] != "off" {
            standardOutput.write(
                "********* QUERY **********\n\(text)\n**************************\n\n"
            )
        }
        let sink = CollectingSink()
        if let error = execute(text, into: sink) {
            printEngineMessage(
                ErrorReport.text(error, statement: Array(text.utf8), verbosity: verbosity)
            )
            return nil
        }
        return sink.rows
    }

    /// Prints a table that the shell made itself.
    func printTable(title: String, columns: [TableColumn], rows: [[String?]], footers: [String]?) {
        var options = printing
        options.title = title
        options.nullText = []
        let output = queryOutput
        output.copy = log
        let writer = ResultTable.writer(columns: columns, options: options, output: output)
        if !rows.isEmpty { writer.rows(RowBatch(rows: rows, columnCount: columns.count)) }
        writer.end(footers: footers)
        output.flush()
        output.copy = nil
    }

    /// The relations that match a pattern, by schema and name; nil after an error.
    ///
    /// Without a schema in the pattern, those that a bare name would find.
    func relations(matching pattern: NamePattern?) -> [Relation]? {
        guard
            let rows = query(
                "SELECT table_schema, table_name, table_type FROM svv_tables "
                    + "ORDER BY table_schema, table_name"
            )
        else { return nil }
        let path = pattern?.hasSchema == true ? nil : searchPath
        return rows.compactMap { row in
            guard row.count == 3, let schema = row[0], let name = row[1] else { return nil }
            if let path, !path.contains(schema), !schema.hasPrefix("pg_temp") { return nil }
            if pattern == nil, Self.systemSchemas.contains(schema) { return nil }
            guard pattern?.matches(schema: schema) ?? true else { return nil }
            guard pattern?.matches(name: name) ?? true else { return nil }
            let isView = row[2]?.hasSuffix("VIEW") ?? false
            return Relation(schema: schema, name: name, kind: isView ? .view : .table)
        }
    }

    fileprivate func listRelations(
        matching text: String?,
        kinds: [RelationKind]
    ) -> CommandOutcome {
        guard let found = relations(matching: text.map { NamePattern($0) }) else { return .failed }
        let rows = found.filter { kinds.contains($0.kind) }.map {
            [$0.schema, $0.name, $0.kind.rawValue, runner.userName]
        }
        guard !rows.isEmpty else {
            guard !isQuiet else { return .done }
            let missing = text.map { " named \"\($0)\"." }
            report(.error, "Did not find any relation" + (missing ?? "s."))
            return .done
        }
        printTable(
            title: "List of relations",
            columns: ["Schema", "Name", "Type", "Owner"].map { TableColumn($0) },
            rows: rows,
            footers: nil
        )
        return .done
    }

    fileprivate func listSchemas(matching text: String?) -> CommandOutcome {
        let pattern = text.map { NamePattern($0) }
        guard let rows = query("SELECT nspname FROM pg_namespace ORDER BY nspname") else {
            return .failed
        }
        let names = rows.compactMap { $0.first ?? nil }.filter { name in
            if let pattern { return pattern.matches(name: name) }
            return !Self.systemSchemas.contains(name) && !name.hasPrefix("pg_")
        }
        printTable(
            title: "List of schemas",
            columns: [TableColumn("Name"), TableColumn("Owner")],
            rows: names.map { [$0, runner.userName] },
            footers: nil
        )
        return .done
    }

    fileprivate func listDatabases() -> CommandOutcome {
        printTable(
            title: "List of databases",
            columns: ["Name", "Owner", "Encoding"].map { TableColumn($0) },
            rows: [[runner.databaseName, runner.userName, "UTF8"]],
            footers: nil
        )
        return .done
    }

    /// The schemas that a bare name is looked up in; nil when that cannot be told.
    private var searchPath: Set<String>? {
        let sink = CollectingSink()
        guard execute("SHOW search_path", into: sink) == nil,
            let path = sink.rows.first?.first ?? nil
        else { return nil }
        var names: Set<String> = ["pg_catalog", runner.userName]
        for part in path.split(separator: ",") {
            let name = part.trimmingQuotesAndBlanks
            names.insert(name == "$user" ? runner.userName : name)
        }
        return names
    }
}

extension Substring {
    /// A name in a list without the blanks and quotes around it.
    fileprivate var trimmingQuotesAndBlanks: String {
        var text = self
        let isEdge = { (character: Character) in character == " " || character == "\"" }
        while let first = text.first, isEdge(first) { text.removeFirst() }
        while let last = text.last, isEdge(last) { text.removeLast() }
        return String(text)
    }
}
