import Catalogs
import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// ALTER TABLE: new names, columns, keys and encodings.
    ///
    /// Changes of the rows' form store them anew; readers of older snapshots keep what they see.
    func alterTable(_ syntax: AlterTableSyntax) throws(SQLError) {
        try requireCombinable(syntax)
        let target = try targetRelation(syntax.name, in: session.currentView).id
        try session.inTransaction(locking: [target], cancellation: cancellation) {
            (transaction) throws(SQLError) in
            let name = try targetRelation(syntax.name, in: transaction.view)
            guard name.id == target else { throw replacedMeanwhile(syntax.name) }
            for action in syntax.actions {
                guard let table = transaction.view.tableVersion(target)?.definition else {
                    throw SQLError.invariant("an altered table is gone")
                }
                try alter(table, action, syntax.name, in: transaction)
            }
        }
        try sink.finish(tag: "ALTER TABLE")
    }

    private func alter(
        _ table: TableDefinition,
        _ action: AlterTableSyntax.Action,
        _ name: ObjectNameSyntax,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        switch action {
        case .rename(let new): return try rename(table, to: new, in: transaction)
        case .owner(let user): return try requireUser(user)
        default: break
        }
        guard table.view == nil else {
            throw SQLError(
                .wrongObjectType,
                "\"\(table.name)\" is not a table",
                position: name.position
            )
        }
        if case .renameColumn(let column, let new) = action {
            return try renameColumn(column, to: new, of: table, in: transaction)
        }
        if case .alterType = action, session.transactionStatus == .inBlock {
            throw SQLError(
                .activeSQLTransaction,
                "ALTER TABLE ALTER COLUMN cannot run inside a transaction block"
            )
        }
        let bound = try bindAlteration(
            action,
            of: table,
            context: bindingContext(transaction.view)
        )
        switch action {
        case .dropColumn(let column, let cascades):
            try releaseColumn(column, of: table, cascades: cascades, in: transaction)
        case .alterType(let column, _, _):
            try requireUnread(column, of: table, in: transaction)
        default: break
        }
        if let values = bound.values {
            try rewriteRows(of: table, as: bound.table, values: values, in: transaction)
            try settleDistribution(of: table.id, in: transaction)
        } else {
            try transaction.replaceDefinition(bound.table)
        }
        if bound.table.columns.count != table.columns.count {
            try followInViews(from: table, to: bound.table, in: transaction)
        }
    }

    // MARK: Names

    private func rename(
        _ table: TableDefinition,
        to name: NameSyntax,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        guard transaction.view.table(schema: table.schema, name: name.text) == nil else {
            throw SQLError(
                .duplicateTable,
                "Relation \"\(name.text)\" already exists",
                position: name.position
            )
        }
        var renamed = table
        renamed.name = name.text
        try transaction.replaceDefinition(renamed)
        try followInViews(from: table, to: renamed, in: transaction)
    }

    private func renameColumn(
        _ column: NameSyntax,
        to name: NameSyntax,
        of table: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        let index = try bindColumnIndex(column, of: table)
        guard table.columnIndex(named: name.text) == nil else {
            throw SQLError(
                .duplicateColumn,
                "column \"\(name.text)\" of relation \"\(table.name)\" already exists",
                position: name.position
            )
        }
        var renamed = table
        renamed.columns[index].name = name.text
        try transaction.replaceDefinition(renamed)
        try followInViews(from: table, to: renamed, in: transaction)
    }

    /// 42704 for any user but the one there is.
    func requireUser(_ user: NameSyntax) throws(SQLError) {
        guard user.text != session.userName, user.text != "current_user" else { return }
        throw SQLError(
            .undefinedObject,
            "user \"\(user.text)\" does not exist",
            position: user.position
        )
    }

    private func replacedMeanwhile(_ name: ObjectNameSyntax) -> SQLError {
        SQLError(
            .serializationFailure,
            "table \"\(name.description)\" was replaced by another session",
            hint: "Run the statement again."
        )
    }

    /// Several actions are one statement only where Redshift takes them together.
    private func requireCombinable(_ syntax: AlterTableSyntax) throws(SQLError) {
        guard syntax.actions.count > 1 else { return }
        let areEncodings = syntax.actions.allSatisfy {
            if case .alterEncoding = $0 { true } else { false }
        }
        let areKeys = syntax.actions.allSatisfy {
            switch $0 {
            case .alterSortKey, .alterDistribution: true
            default: false
            }
        }
        guard areEncodings || areKeys && syntax.actions.count == 2 else {
            throw SQLError.unsupported(
                "ALTER TABLE with this combination of actions",
                position: syntax.position
            )
        }
    }
}
