import Catalogs
import Execution
import Plans
import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// CREATE TABLE: an existing name is 42P07, or an INFO under IF NOT EXISTS.
    func createTable(_ syntax: CreateTableSyntax) throws(SQLError) {
        try session.inTransaction(cancellation: cancellation) { (transaction) throws(SQLError) in
            var definition = try bindTableDefinition(
                syntax,
                context: bindingContext(transaction.view)
            )
            guard try prepareCreation(&definition, syntax.name, syntax.ifNotExists, transaction)
            else { return }
            _ = try transaction.createTable(definition)
        }
        try sink.finish(tag: "CREATE TABLE")
    }

    /// CREATE TABLE AS: creates the table and fills it on the slices.
    func createTableAs(_ syntax: CreateTableAsSyntax) throws(SQLError) {
        let rowCount = try session.inTransaction(cancellation: cancellation) {
            (transaction) throws(SQLError) -> Int? in
            let bound = try bindCreateTableAs(syntax, context: bindingContext(transaction.view))
            return try fill(bound, syntax.name, ifNotExists: syntax.ifNotExists, transaction)
        }
        try sink.finish(tag: rowCount.map { "SELECT \($0)" } ?? "CREATE TABLE AS")
    }

    /// SELECT INTO: CREATE TABLE AS without attributes.
    func selectInto(_ query: Query) throws(SQLError) {
        let rowCount = try session.inTransaction(cancellation: cancellation) {
            (transaction) throws(SQLError) -> Int in
            let context = bindingContext(transaction.view)
            guard let into = query.into, let bound = try bindSelectInto(query, context: context)
            else { throw SQLError.invariant("a query without INTO makes no table") }
            return try fill(bound, into.name, ifNotExists: false, transaction) ?? 0
        }
        try sink.finish(tag: "SELECT \(rowCount)")
    }

    /// Creates a table and stores the rows of its query; nil where the table is there already.
    private func fill(
        _ bound: (query: BoundQuery, table: TableDefinition),
        _ name: ObjectNameSyntax,
        ifNotExists: Bool,
        _ transaction: StoreTransaction
    ) throws(SQLError) -> Int? {
        var definition = bound.table
        guard try prepareCreation(&definition, name, ifNotExists, transaction) else { return nil }
        let created = try transaction.createTable(definition)
        var query = bound.query
        query.target = .insert(created)
        return try runChange(query, in: transaction).insertedRowCount
    }

    /// Checks a new table's name and schema; false where IF NOT EXISTS makes it a no-op.
    func prepareCreation(
        _ definition: inout TableDefinition,
        _ name: ObjectNameSyntax,
        _ ifNotExists: Bool,
        _ transaction: StoreTransaction
    ) throws(SQLError) -> Bool {
        definition.createdAt = session.statementTime
        if definition.isTemporary { definition.schema = session.temporarySchema }
        let catalog = SessionCatalog(snapshot: transaction.view)
        guard catalog.hasSchema(definition.schema) || definition.isTemporary else {
            throw SQLError(
                .invalidSchemaName,
                "schema \"\(definition.schema)\" does not exist",
                position: name.position
            )
        }
        guard definition.schema != SystemRelations.schema else {
            throw SQLError(
                .insufficientPrivilege,
                "permission denied to create \"\(name.description)\"",
                detail: "System catalog modifications are currently disallowed.",
                position: name.position
            )
        }
        guard catalog.table(schema: definition.schema, name: definition.name) == nil else {
            guard ifNotExists else {
                throw SQLError(
                    .duplicateTable,
                    "Relation \"\(definition.name)\" already exists",
                    position: name.position
                )
            }
            sink.notice(
                SQLNotice(
                    .info,
                    "Relation \"\(definition.name)\" already exists and will be skipped"
                )
            )
            return false
        }
        return true
    }

    /// CREATE SCHEMA.
    func createSchema(_ name: NameSyntax, ifNotExists: Bool) throws(SQLError) {
        try session.inTransaction(cancellation: cancellation) { (transaction) throws(SQLError) in
            guard !SessionCatalog(snapshot: transaction.view).hasSchema(name.text) else {
                guard ifNotExists else {
                    throw SQLError(
                        .duplicateSchema,
                        "Schema \"\(name.text)\" already exists",
                        position: name.position
                    )
                }
                return sink.notice(
                    SQLNotice(
                        .info,
                        "Schema \"\(name.text)\" already exists and will be skipped"
                    )
                )
            }
            guard !name.text.hasPrefix("pg_") else {
                throw SQLError(
                    .reservedName,
                    "unacceptable schema name \"\(name.text)\"",
                    detail: "The prefix \"pg_\" is reserved for system schemas.",
                    position: name.position
                )
            }
            try transaction.createSchema(name.text)
        }
        try sink.finish(tag: "CREATE SCHEMA")
    }

    /// DROP SCHEMA: one with tables needs CASCADE.
    func dropSchemas(_ syntax: DropSyntax) throws(SQLError) {
        let locks = syntax.names.flatMap { session.currentView.tables(inSchema: $0.name) }
        try session.inTransaction(
            locking: locks.map(\.id).sorted(),
            cancellation: cancellation
        ) { (transaction) throws(SQLError) in
            for name in syntax.names {
                let view = transaction.view
                guard view.hasSchema(name.name) else {
                    guard syntax.ifExists else {
                        throw SQLError(
                            .invalidSchemaName,
                            "schema \"\(name.name)\" does not exist",
                            position: name.position
                        )
                    }
                    continue
                }
                let tables = view.tables(inSchema: name.name)
                if let first = tables.first, !syntax.cascades {
                    throw SQLError(
                        .dependentObjectsStillExist,
                        "cannot drop schema \(name.name) because other objects depend on it",
                        detail: "\(first.kindName) \(first.schema).\(first.name) depends on "
                            + "schema \(name.name)",
                        hint: "Use DROP ... CASCADE to drop the dependent objects too.",
                        position: name.position
                    )
                }
                try drop(tables, cascades: true, in: transaction, at: name.position)
                try transaction.dropSchema(name.name)
            }
        }
        try sink.finish(tag: "DROP SCHEMA")
    }

    /// TRUNCATE: empties the table and commits what the block did so far.
    ///
    /// Redshift does this because the blocks are dropped at once; the block goes on afterwards
    /// as a new transaction.
    func truncate(_ name: ObjectNameSyntax) throws(SQLError) {
        let table = try targetTable(name, in: session.currentView)
        try session.inTransaction(locking: [table.id], cancellation: cancellation) {
            (transaction) throws(SQLError) in
            try requireSame(name, table.id, in: transaction)
            try transaction.truncate(table.id)
            let current = try targetTable(name, in: transaction.view)
            if current.isAutoDistribution { try restoreAutomaticStart(current, in: transaction) }
        }
        if session.transactionStatus == .inBlock { try session.commitTransaction() }
        try sink.finish(tag: "TRUNCATE TABLE")
    }
}
