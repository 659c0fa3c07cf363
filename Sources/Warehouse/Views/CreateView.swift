import Catalogs
import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// CREATE VIEW, CREATE OR REPLACE VIEW.
    ///
    /// What was stored is bound once more before the statement ends: it must give the same
    /// columns, and a view that has come to read itself is 42P17.
    func createView(_ syntax: CreateViewSyntax) throws(SQLError) {
        try session.inTransaction(cancellation: cancellation) { (transaction) throws(SQLError) in
            let context = bindingContext(transaction.view)
            var definition = try bindCreateView(syntax, context: context)
            if definition.isTemporary, !syntax.isTemporary {
                sink.notice(
                    SQLNotice(.notice, "view \"\(definition.name)\" will be a temporary view")
                )
            }
            let old = context.catalog.table(schema: definition.schema, name: definition.name)
            if syntax.isReplacing, let old, old.schema != SystemRelations.schema {
                definition = try replacement(of: old, by: definition, at: syntax.name.position)
                try transaction.replaceDefinition(definition)
            } else {
                guard try prepareCreation(&definition, syntax.name, false, transaction)
                else { return }
                definition = try transaction.createTable(definition)
            }
            if !syntax.isLateBinding { try requireReadable(definition, in: transaction) }
        }
        try sink.finish(tag: "CREATE VIEW")
    }

    /// The definition of a view that replaces another: its columns stay, others may follow.
    ///
    /// - Throws: 42809 where the old one is a table; 42P16 where a column would change.
    /// - Source: PostgreSQL, which accepts more columns behind the old ones.
    private func replacement(
        of old: TableDefinition,
        by new: TableDefinition,
        at position: Int
    ) throws(SQLError) -> TableDefinition {
        guard let oldView = old.view, let newView = new.view else {
            throw SQLError(
                .wrongObjectType,
                "\"\(old.name)\" is not a view",
                position: position
            )
        }
        var result = new
        result.id = old.id
        result.createdAt = old.createdAt
        result.comment = old.comment
        guard !oldView.isLateBinding, !newView.isLateBinding else { return result }
        guard new.columns.count >= old.columns.count else {
            throw SQLError(.invalidTableDefinition, "cannot drop columns from view")
        }
        for (index, column) in old.columns.enumerated() {
            let changed = new.columns[index]
            guard column.name == changed.name else {
                throw SQLError(
                    .invalidTableDefinition,
                    "cannot change name of view column \"\(column.name)\" to \"\(changed.name)\""
                )
            }
            guard column.type == changed.type else {
                throw SQLError(
                    .invalidTableDefinition,
                    "cannot change data type of view column \"\(column.name)\" from "
                        + "\(column.type) to \(changed.type)"
                )
            }
            result.columns[index].comment = column.comment
        }
        return result
    }

    /// Binds a view as its next reader will.
    private func requireReadable(
        _ view: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        let columns = try bindViewColumns(of: view, context: bindingContext(transaction.view))
        guard columns.map(\.name) == view.columns.map(\.name),
            columns.map(\.type) == view.columns.map(\.type)
        else { throw SQLError.invariant("view \(view.name) reads back with other columns") }
    }
}
