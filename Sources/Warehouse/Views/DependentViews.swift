import Catalogs
import Planning
import SQLSyntax
import Storage

// What bound views go through when a table they read is altered. Their text names tables and
// columns, so it is rewritten: the table by its new name, its columns by an alias list with the
// names that the view knows them by, as PostgreSQL prints such views.

extension StatementRun {
    /// Rewrites the views that read a table whose name or columns have changed.
    ///
    /// `new` has the columns of `old`, some under other names, one of them less, or one more.
    func followInViews(
        from old: TableDefinition,
        to new: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        for reader in transaction.view.views(reading: [old.id]) {
            let changed = try rewritten(reader, reading: old) { alias in
                reference(to: new, formerly: old, alias: alias)
            }
            try transaction.replaceDefinition(changed)
        }
    }

    /// A bound view with each reference to a table replaced by what `reference` makes of its alias.
    private func rewritten(
        _ reader: TableDefinition,
        reading table: TableDefinition,
        _ reference: @escaping (TableAliasSyntax?) -> TableReferenceSyntax
    ) throws(SQLError) -> TableDefinition {
        guard var view = reader.view,
            case .query(let query) = try parseStatement(view.query, keepsQuotedCase: true)
        else { throw SQLError.invariant("view \(reader.id) is no query") }
        var rewriter = QueryRewriter()
        rewriter.table = { name, alias in
            guard name.qualifier == table.schema, name.name == table.name else {
                return .table(name, alias: alias)
            }
            return reference(alias)
        }
        view.query = rewriter.rewrite(query).deparsed
        var changed = reader
        changed.view = view
        return changed
    }

    private func reference(
        to new: TableDefinition,
        formerly old: TableDefinition,
        alias: TableAliasSyntax?
    ) -> TableReferenceSyntax {
        let name = ObjectNameSyntax([NameSyntax(new.schema), NameSyntax(new.name)])
        var known = knownColumns(of: old, alias)
        if new.columns.count < old.columns.count {
            let kept = Set(new.columns.map(\.name))
            if let index = old.columns.firstIndex(where: { !kept.contains($0.name) }) {
                known.remove(at: index)
            }
        }
        // A column that is new must not be taken for one that the view knows by that name.
        for column in new.columns.dropFirst(known.count) {
            guard known.contains(where: { $0.text == column.name }) else { break }
            var name = column.name + "_"
            while known.contains(where: { $0.text == name }) { name += "_" }
            known.append(NameSyntax(name))
        }
        // Names that are the table's own need not be listed.
        while let last = known.last, last.text == new.columns[known.count - 1].name {
            known.removeLast()
        }
        return .table(name, alias: TableAliasSyntax(name: ownName(of: old, alias), columns: known))
    }

    /// The columns of a table by the names that a view knows them by.
    private func knownColumns(
        of table: TableDefinition,
        _ alias: TableAliasSyntax?
    ) -> [NameSyntax] {
        var known = table.columns.map { NameSyntax($0.name) }
        for (index, column) in (alias?.columns ?? []).enumerated() { known[index] = column }
        return known
    }

    /// The name a view knows a table by; `#` cannot begin an alias, and no column is written
    /// with it.
    private func ownName(of table: TableDefinition, _ alias: TableAliasSyntax?) -> NameSyntax {
        alias?.name ?? NameSyntax(String(table.name.drop { $0 == "#" }))
    }

    /// Makes way for a column that goes: drops the views that read it, or says which one does.
    ///
    /// - Throws: 2BP01 naming the first of them where CASCADE was not written.
    func releaseColumn(
        _ column: NameSyntax,
        of table: TableDefinition,
        cascades: Bool,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        let readers = try views(readingColumn: column.text, of: table, in: transaction)
        guard let first = readers.first else { return }
        guard cascades else {
            throw SQLError(
                .dependentObjectsStillExist,
                "cannot drop table \(table.name) column \(column.text) because other objects "
                    + "depend on it",
                detail: "view \(first.name) depends on table \(table.name) column \(column.text)",
                hint: "Use DROP ... CASCADE to drop the dependent objects too.",
                position: column.position
            )
        }
        for reader in readers {
            sink.notice(SQLNotice(.notice, "drop cascades to view \(reader.name)"))
        }
        try drop(readers, cascades: true, in: transaction, at: column.position)
    }

    /// Refuses to change the type of a column that a view shows or computes with.
    func requireUnread(
        _ column: NameSyntax,
        of table: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        let readers = try views(readingColumn: column.text, of: table, in: transaction)
        guard let first = readers.first else { return }
        throw SQLError(
            .featureNotSupported,
            "cannot alter type of a column used by a view or rule",
            detail: "view \(first.name) depends on table \(table.name) column \(column.text)",
            position: column.position
        )
    }

    /// The bound views whose queries name a column: those that cannot be bound without it.
    private func views(
        readingColumn column: String,
        of table: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) -> [TableDefinition] {
        guard let index = table.columnIndex(named: column) else { return [] }
        let context = bindingContext(transaction.view)
        var readers: [TableDefinition] = []
        for candidate in transaction.view.views(reading: [table.id]) {
            let hidden = try rewritten(candidate, reading: table) { alias in
                var known = knownColumns(of: table, alias)
                known[index] = NameSyntax("........dropped........", isQuoted: true)
                let name = ObjectNameSyntax([NameSyntax(table.schema), NameSyntax(table.name)])
                let own = ownName(of: table, alias)
                return .table(name, alias: TableAliasSyntax(name: own, columns: known))
            }
            do throws(SQLError) {
                _ = try bindViewColumns(of: hidden, context: context)
            } catch {
                // That it could not be asked for says nothing of the view.
                if error.state == .queryCanceled { throw error }
                readers.append(candidate)
            }
        }
        return readers
    }
}
