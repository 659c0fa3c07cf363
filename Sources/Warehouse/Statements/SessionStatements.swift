import Catalogs
import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// SET and RESET SESSION AUTHORIZATION: there is one user, who may become himself.
    func setSessionAuthorization(_ user: NameSyntax?) throws(SQLError) {
        if let user { try requireUser(user) }
        try sink.finish(tag: user == nil ? "RESET" : "SET")
    }

    /// CANCEL process: stops what another session runs, or this one, which then runs nothing else.
    ///
    /// - Errors: 22023 where there is no such session.
    func cancel(_ id: Int64) throws(SQLError) {
        guard warehouse.sessions.cancel(id, terminates: false) else {
            throw SQLError(
                .invalidParameterValue,
                "process \(id) is not a session of this warehouse"
            )
        }
        try sink.finish(tag: "CANCEL")
    }

    /// SET TRANSACTION and SET SESSION CHARACTERISTICS.
    ///
    /// Of a session's characteristics the level is for the transactions that begin from now on.
    func setTransaction(
        _ modes: TransactionModesSyntax,
        isSession: Bool
    ) throws(SQLError) {
        if isSession, modes.isReadOnly == true {
            throw SQLError.unsupported("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        }
        if !isSession {
            try session.set(modes)
        } else if let level = modes.isolationLevel {
            try session.settings.set(
                "default_transaction_isolation",
                to: level == "snapshot" ? level : "serializable",
                isLocal: false,
                isInBlock: session.transactionStatus == .inBlock,
                position: nil
            )
        }
        try sink.finish(tag: "SET")
    }

    /// COMMENT ON TABLE, VIEW and COLUMN; other objects keep no comment.
    func comment(_ syntax: CommentSyntax) throws(SQLError) {
        guard ["table", "view", "column"].contains(syntax.kind) else {
            throw SQLError.unsupported(
                "COMMENT ON \(syntax.kind.uppercased())",
                position: syntax.name.position
            )
        }
        let isColumn = syntax.kind == "column"
        let name = isColumn ? ObjectNameSyntax(Array(syntax.name.parts.dropLast())) : syntax.name
        let locked = try targetRelation(name, in: session.currentView).id
        try session.inTransaction(locking: [locked], cancellation: cancellation) {
            (transaction) throws(SQLError) in
            var table = try targetRelation(name, in: transaction.view)
            if isColumn, let column = syntax.name.parts.last {
                table.columns[try bindColumnIndex(column, of: table)].comment = syntax.text
            } else {
                guard (table.view != nil) == (syntax.kind == "view") else {
                    throw SQLError(
                        .wrongObjectType,
                        "\"\(table.name)\" is not a \(syntax.kind)",
                        position: name.position
                    )
                }
                table.comment = syntax.text
            }
            try transaction.replaceDefinition(table)
        }
        try sink.finish(tag: "COMMENT")
    }
}
