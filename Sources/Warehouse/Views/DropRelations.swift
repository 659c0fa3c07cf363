import Catalogs
import SQLSyntax
import Storage

extension StatementRun {
    /// DROP TABLE: all or none of the names.
    func dropTables(_ syntax: DropSyntax) throws(SQLError) {
        try dropRelations(syntax, areViews: false)
        try sink.finish(tag: "DROP TABLE")
    }

    /// DROP VIEW: all or none of the names.
    func dropViews(_ syntax: DropSyntax) throws(SQLError) {
        try dropRelations(syntax, areViews: true)
        try sink.finish(tag: "DROP VIEW")
    }

    private func dropRelations(_ syntax: DropSyntax, areViews: Bool) throws(SQLError) {
        // Locks come before the snapshot, so that it sees what their holders committed.
        let view = session.currentView
        var locks: [TableID] = []
        for name in syntax.names {
            if let table = try? targetRelation(name, in: view) { locks.append(table.id) }
        }
        try session.inTransaction(locking: locks.sorted(), cancellation: cancellation) {
            (transaction) throws(SQLError) in
            var targets: [TableDefinition] = []
            for name in syntax.names {
                guard let table = try dropTarget(name, syntax, areViews, transaction.view)
                else { continue }
                try warehouse.locks.lock(table.id, for: session.id, cancellation: cancellation)
                if !targets.contains(where: { $0.id == table.id }) { targets.append(table) }
            }
            try drop(
                targets,
                cascades: syntax.cascades,
                in: transaction,
                at: syntax.names.first?.position
            )
        }
    }

    /// The table or view to drop; nil where IF EXISTS skips a name that means nothing.
    private func dropTarget(
        _ name: ObjectNameSyntax,
        _ syntax: DropSyntax,
        _ isView: Bool,
        _ view: StoreSnapshot
    ) throws(SQLError) -> TableDefinition? {
        let kind = isView ? "View" : "Table"
        do throws(SQLError) {
            let table = try targetRelation(name, in: view)
            guard (table.view != nil) == isView else {
                throw SQLError(
                    .wrongObjectType,
                    "\"\(table.name)\" is not a \(kind.lowercased())",
                    hint: "Use DROP \(isView ? "TABLE" : "VIEW") to remove a "
                        + "\(isView ? "table" : "view").",
                    position: name.position
                )
            }
            return table
        } catch  where error.state == .undefinedTable && syntax.ifExists {
            sink.notice(
                SQLNotice(
                    .info,
                    "\(kind) \"\(name.description)\" does not exist and will be skipped"
                )
            )
            return nil
        } catch  where error.state == .undefinedTable {
            throw SQLError(
                .undefinedTable,
                "\(kind) \"\(name.description)\" does not exist",
                hint: error.hint,
                position: name.position
            )
        }
    }

    /// Drops tables and views, and with CASCADE the views that read them.
    ///
    /// - Throws: 2BP01 naming the first of those views where CASCADE was not written.
    func drop(
        _ targets: [TableDefinition],
        cascades: Bool,
        in transaction: StoreTransaction,
        at position: Int?
    ) throws(SQLError) {
        let ids = Set(targets.map(\.id))
        let dependents = transaction.view.allViews(reading: ids)
        if let first = dependents.first, !cascades {
            let dependencies = Set(first.view?.dependencies ?? [])
            guard let target = targets.first(where: { dependencies.contains($0.id) }) else {
                throw SQLError.invariant("view \(first.name) depends on nothing that is dropped")
            }
            throw SQLError(
                .dependentObjectsStillExist,
                "cannot drop \(target.kindName) \(target.name) because other objects depend on it",
                detail: "view \(first.name) depends on \(target.kindName) \(target.name)",
                hint: "Use DROP ... CASCADE to drop the dependent objects too.",
                position: position
            )
        }
        for view in dependents {
            sink.notice(SQLNotice(.notice, "drop cascades to view \(view.name)"))
        }
        for table in dependents + targets { try transaction.dropTable(table.id) }
    }
}
