import Plans
import Planning
import SQLSyntax
import Storage

/// A statement of PREPARE: planned anew for each EXECUTE, with its values.
///
/// Its literals stay what they were when it was prepared, whatever the session's date style and
/// time zone are later, and so does `'now'`.
struct PreparedStatement {
    let types: [DataType]
    let statement: Statement
    /// How many values it takes.
    let parameterCount: Int
    let literalReading: LiteralReading
}

extension StatementRun {
    /// PREPARE: looks at the statement, as far as that can be done without values, and keeps it.
    ///
    /// Prepared statements belong to the session and outlive ROLLBACK.
    ///
    /// - Source: PostgreSQL; 42P05 and 26000 are its states.
    func prepare(
        _ name: NameSyntax,
        types: [DataType],
        _ statement: Statement,
        parameterCount: Int
    ) throws(SQLError) {
        guard session.preparedStatements[name.text] == nil else {
            throw SQLError(
                .duplicatePreparedStatement,
                "prepared statement \"\(name.text)\" already exists",
                position: name.position
            )
        }
        let count = max(types.count, parameterCount)
        let reading = try session.inTransaction(cancellation: cancellation) {
            (transaction) throws(SQLError) in
            var trial = self
            trial.parameters = placeholderParameters(types: types, count: count)
            do throws(SQLError) {
                _ = try trial.bind(statement, snapshot: transaction.view)
            } catch  where count == types.count || error.isAboutNames {
                throw error
            } catch {
                // What only lacks a parameter's type shows itself at EXECUTE.
            }
            return bindingContext(transaction.view).literalReading
        }
        session.preparedStatements[name.text] = PreparedStatement(
            types: types,
            statement: statement,
            parameterCount: count,
            literalReading: reading
        )
        try sink.finish(tag: "PREPARE")
    }

    /// EXECUTE: runs a prepared statement with values for its parameters.
    ///
    /// Errors of the statement have no position: its text is not the one that was sent.
    func execute(_ name: NameSyntax, _ arguments: [ExpressionSyntax]) throws(SQLError) {
        let (statement, run) = try resolved(name, arguments)
        do throws(SQLError) {
            try session.run(statement, in: run)
        } catch {
            var unplaced = error
            unplaced.position = nil
            throw unplaced
        }
    }

    /// A prepared statement, and a run that knows the values of its parameters.
    func resolved(
        _ name: NameSyntax,
        _ arguments: [ExpressionSyntax]
    ) throws(SQLError) -> (Statement, StatementRun) {
        guard let prepared = session.preparedStatements[name.text] else {
            throw missingStatement(name)
        }
        guard arguments.count == prepared.parameterCount else {
            throw SQLError(
                .syntaxError,
                "wrong number of parameters for prepared statement \"\(name.text)\"",
                detail: "Expected \(prepared.parameterCount) parameters but got "
                    + "\(arguments.count).",
                position: name.position
            )
        }
        var run = self
        run.parameters = try bindParameters(
            arguments,
            types: prepared.types,
            context: bindingContext(session.currentView)
        )
        run.preparedReading = prepared.literalReading
        return (prepared.statement, run)
    }

    /// DEALLOCATE name, DEALLOCATE ALL.
    func deallocate(_ name: NameSyntax?) throws(SQLError) {
        if let name {
            guard session.preparedStatements.removeValue(forKey: name.text) != nil else {
                throw missingStatement(name)
            }
        } else {
            session.preparedStatements = [:]
        }
        try sink.finish(tag: name == nil ? "DEALLOCATE ALL" : "DEALLOCATE")
    }

    private func missingStatement(_ name: NameSyntax) -> SQLError {
        SQLError(
            .invalidStatementName,
            "prepared statement \"\(name.text)\" does not exist",
            hint: nearestName(to: name.text, among: session.preparedStatements.keys.sorted())
                .map { "Perhaps you meant \"\($0)\"." },
            position: name.position
        )
    }
}

extension SQLError {
    /// Whether it is about a name that does not exist, which no value can mend.
    fileprivate var isAboutNames: Bool {
        [.undefinedTable, .undefinedColumn, .invalidSchemaName, .ambiguousColumn].contains(state)
    }
}
