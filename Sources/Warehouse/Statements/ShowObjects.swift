import Catalogs
import Planning
import SQLSyntax
import Storage
import Vectors

/// Rows of text that SHOW makes up, and the columns they have.
private struct ShownRows {
    var columns: [String]
    var rows: [[String?]] = []
    /// The column that LIKE looks at.
    var filtered = 0
}

extension StatementRun {
    /// SHOW TABLE, VIEW, DATABASES, SCHEMAS, TABLES and COLUMNS.
    ///
    /// - Source: Redshift's pages on these commands, for the columns.
    func showObjects(_ syntax: ShowObjectsSyntax) throws(SQLError) {
        let view = session.currentView
        let catalog = SessionCatalog(snapshot: view)
        switch syntax.kind {
        case .table(let name):
            let table = try targetTable(name, in: view)
            try deliver(
                ShownRows(columns: ["Show Table DDL statement"], rows: [[table.creationText]]),
                syntax
            )
        case .view(let name):
            let table = try targetRelation(name, in: view)
            guard let definition = table.view else {
                throw SQLError(
                    .wrongObjectType,
                    "\"\(table.name)\" is not a view",
                    position: name.position
                )
            }
            let text = definition.creationText(of: table)
            try deliver(
                ShownRows(columns: ["Show View DDL statement"], rows: [[text]]),
                syntax
            )
        case .databases:
            let row = [session.databaseName, "100", "local", nil, nil, "Snapshot Isolation"]
            try deliver(ShownRows(columns: databaseColumns, rows: [row]), syntax)
        case .schemas(let database):
            try requireDatabase(database)
            let rows = catalog.schemaNames.map { schema -> [String?] in
                [session.databaseName, schema, "100", "local", nil, nil, nil]
            }
            try deliver(ShownRows(columns: schemaColumns, rows: rows, filtered: 1), syntax)
        case .tables(let schema):
            try deliver(try tables(of: schema, in: catalog), syntax)
        case .columns(let name):
            try deliver(try columns(of: name, in: view), syntax)
        }
    }

    private func tables(
        of name: ObjectNameSyntax,
        in catalog: SessionCatalog
    ) throws(SQLError) -> ShownRows {
        if name.parts.count > 1 { try requireDatabase(name.parts[name.parts.count - 2]) }
        guard catalog.hasSchema(name.name) else {
            throw SQLError(
                .invalidSchemaName,
                "schema \"\(name.name)\" does not exist",
                hint: nearestName(to: name.name, among: catalog.schemaNames).map {
                    "Perhaps you meant the schema \"\($0)\"."
                },
                position: name.position
            )
        }
        let rows = catalog.tables(inSchema: name.name).map { table -> [String?] in
            let isView = table.view != nil || table.schema == SystemRelations.schema
            return [
                session.databaseName, table.schema, table.name, isView ? "VIEW" : "TABLE", nil,
                table.comment,
            ]
        }
        return ShownRows(columns: tableColumns, rows: rows, filtered: 2)
    }

    private func columns(
        of name: ObjectNameSyntax,
        in view: StoreSnapshot
    ) throws(SQLError) -> ShownRows {
        if name.parts.count > 2 { try requireDatabase(name.parts[0]) }
        let table = try targetRelation(name, in: view)
        let columns = try bindViewColumns(of: table, context: bindingContext(view))
        let rows = columns.enumerated().map { index, column -> [String?] in
            let figures = column.type.catalogFigures
            return [
                session.databaseName, table.schema, table.name, column.name, String(index + 1),
                column.defaultText, column.isNotNull ? "NO" : "YES", column.type.baseName,
                figures.length.map { String($0) }, figures.precision.map { String($0) },
                figures.scale.map { String($0) }, column.comment,
            ]
        }
        return ShownRows(columns: columnColumns, rows: rows, filtered: 3)
    }

    private func requireDatabase(_ name: NameSyntax) throws(SQLError) {
        guard name.text != session.databaseName else { return }
        throw SQLError(
            .invalidCatalogName,
            "database \"\(name.text)\" does not exist",
            position: name.position
        )
    }

    private func deliver(_ shown: ShownRows, _ syntax: ShowObjectsSyntax) throws(SQLError) {
        var rows = shown.rows
        if let pattern = syntax.pattern {
            let like = LikePattern(bytes: Array(pattern.utf8))
            rows = rows.filter { row in
                Array((row[shown.filtered] ?? "").utf8).withUnsafeBufferPointer { like.matches($0) }
            }
        }
        if let limit = syntax.limit { rows = Array(rows.prefix(Int(clamping: max(0, limit)))) }
        try sink.begin(
            columns: shown.columns.map { ResultColumn(name: $0, type: .varchar(65_535)) }
        )
        if !rows.isEmpty {
            var columns = [RowBatch.Column](
                repeating: RowBatch.Column(),
                count: shown.columns.count
            )
            for row in rows {
                for (index, value) in row.enumerated() { columns[index].append(value) }
            }
            try sink.rows(RowBatch(columns: columns, rowCount: rows.count))
        }
        try sink.finish(tag: "SHOW")
    }
}

private let databaseColumns = [
    "database_name", "database_owner", "database_type", "database_acl", "parameters",
    "database_isolation_level",
]
private let schemaColumns = [
    "database_name", "schema_name", "schema_owner", "schema_type", "schema_acl",
    "source_database", "schema_option",
]
private let tableColumns = [
    "database_name", "schema_name", "table_name", "table_type", "table_acl", "remarks",
]
private let columnColumns = [
    "database_name", "schema_name", "table_name", "column_name", "ordinal_position",
    "column_default", "is_nullable", "data_type", "character_maximum_length",
    "numeric_precision", "numeric_scale", "remarks",
]
