import Catalogs
import SQLSyntax
import SQLTypes

extension Binder {
    /// The table of that name, by the search path where no schema is given.
    ///
    /// - Errors: 42P01 unknown table, 3F000 unknown schema, 0A000 another database.
    func resolveTable(_ name: ObjectNameSyntax) throws(SQLError) -> TableDefinition {
        try requireOwnDatabase(name)
        if let schema = name.qualifier {
            if let table = context.catalog.table(schema: schema, name: name.name) { return table }
            if schema == "pg_temp", let temporary = context.temporarySchema,
                let table = context.catalog.table(schema: temporary, name: name.name)
            {
                return table
            }
            guard context.catalog.hasSchema(schema) || schema == context.temporarySchema else {
                throw SQLError(
                    .invalidSchemaName,
                    "schema \"\(schema)\" does not exist",
                    hint: nearestName(to: schema, among: context.catalog.schemaNames).map {
                        "Perhaps you meant the schema \"\($0)\"."
                    },
                    position: name.position
                )
            }
            throw undefinedTable(name, schemas: [schema])
        }
        for schema in tableSchemas {
            if let table = context.catalog.table(schema: schema, name: name.name) { return table }
        }
        throw undefinedTable(name, schemas: tableSchemas)
    }

    /// The stored table of that name, for what a view cannot stand for.
    ///
    /// - Errors: as ``resolveTable(_:)``; 42809 a view.
    func resolveStoredTable(_ name: ObjectNameSyntax) throws(SQLError) -> TableDefinition {
        let table = try resolveTable(name)
        guard table.view == nil else {
            throw SQLError(
                .wrongObjectType,
                "\"\(table.name)\" is not a table",
                position: name.position
            )
        }
        return table
    }

    /// Schemas in which a name without one is looked up, in order.
    ///
    /// A view names the schemas of all its tables but the system's.
    var tableSchemas: [String] {
        guard openViews.isEmpty else { return ["pg_catalog"] }
        var schemas: [String] = []
        if let temporary = context.temporarySchema { schemas.append(temporary) }
        if !context.searchPath.contains("pg_catalog") { schemas.append("pg_catalog") }
        return schemas + context.searchPath.map { $0 == "$user" ? context.userName : $0 }
    }

    /// The schema in which a table without one is created: the first of the path that exists.
    ///
    /// - Errors: 3F000 if there is none.
    func creationSchema(at position: Int) throws(SQLError) -> String {
        for schema in context.searchPath {
            let name = schema == "$user" ? context.userName : schema
            if name != "pg_catalog", context.catalog.hasSchema(name) { return name }
        }
        throw SQLError(
            .invalidSchemaName,
            "no schema has been selected to create in",
            position: position
        )
    }

    /// 0A000 where a three-part name is not of this database.
    func requireOwnDatabase(_ name: ObjectNameSyntax) throws(SQLError) {
        guard let database = name.database, database != context.databaseName else { return }
        throw SQLError(
            .featureNotSupported,
            "cross-database references are not supported: \"\(name.description)\"",
            position: name.position
        )
    }

    private func undefinedTable(_ name: ObjectNameSyntax, schemas: [String]) -> SQLError {
        var candidates: [String] = []
        for schema in schemas {
            candidates += context.catalog.tables(inSchema: schema).map(\.name)
        }
        return SQLError(
            .undefinedTable,
            "relation \"\(name.description)\" does not exist",
            hint: nearestName(to: name.name, among: candidates).map {
                "Perhaps you meant the relation \"\($0)\"."
            },
            position: name.position
        )
    }
}
