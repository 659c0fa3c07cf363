import Catalogs
import Execution
import Plans
import Planning
import SQLSyntax
import Storage
import Vectors

extension StatementRun {
    /// SELECT, INSERT, UPDATE, DELETE and MERGE: bind, plan, run on the slices, deliver.
    func query(_ statement: Statement) throws(SQLError) {
        if statement.isReadOnlyQuery { return try select(statement) }
        let name = try changedTable(of: statement)
        let target = try targetTable(
            name,
            in: session.currentView,
            verb: changeVerb(of: statement)
        ).id
        // The tag is the acknowledgement: it goes out once the change is committed.
        let done = try session.inTransaction(
            locking: [target],
            as: .shareRowExclusive,
            appendsOnly: statement.isInsert,
            cancellation: cancellation
        ) { (transaction) throws(SQLError) in
            try requireSame(name, target, in: transaction)
            let bound = try bind(statement, snapshot: transaction.view)
            return tag(of: bound.target, outcome: try runChange(bound, in: transaction))
        }
        try sink.finish(tag: done)
    }

    /// A SELECT: reads one snapshot, takes no lock, and streams its rows.
    private func select(_ statement: Statement) throws(SQLError) {
        try session.inTransaction(cancellation: cancellation) { (transaction) throws(SQLError) in
            let snapshot = transaction.view
            let bound = try bind(statement, snapshot: snapshot)
            // What SET_CONFIG changes is for the statements that follow.
            let style = bindingContext(snapshot).style
            let columns = shownColumns(bound.resultColumns)
            try apply(bound.settingChanges)
            let planned = try plan(bound, snapshot: snapshot)
            try sink.begin(columns: columns)
            var rowCount = 0
            let queryID = makeQueryID()
            let outcome = try warehouse.slices.run(
                planned.executable,
                context: executionContext(planned.executable, transaction: transaction)
            ) { (chunk) throws(SQLError) in
                guard chunk.count > 0 else { return }
                rowCount += chunk.count
                try sink.rows(RowBatch(chunk, columns: columns, style: style))
            }
            noteQuery(queryID, outcome: outcome, executable: planned.executable)
            try sink.finish(tag: "SELECT \(rowCount)")
        }
    }

    /// The columns of a query's result, in upper case if `describe_field_name_in_uppercase` is on.
    private func shownColumns(_ columns: [ResultColumn]) -> [ResultColumn] {
        guard session.settings.isOn("describe_field_name_in_uppercase") else { return columns }
        return columns.map { ResultColumn(name: $0.name.uppercased(), type: $0.type) }
    }

    /// Changes the settings that a query's SET_CONFIG names.
    private func apply(_ changes: [SettingChange]) throws(SQLError) {
        for change in changes {
            try session.settings.set(
                change.name,
                to: change.value,
                isLocal: change.isLocal,
                isInBlock: session.transactionStatus == .inBlock,
                position: nil
            )
        }
    }

    /// Binds a statement that reads or changes rows.
    func bind(_ statement: Statement, snapshot: StoreSnapshot) throws(SQLError) -> BoundQuery {
        let context = bindingContext(snapshot)
        switch statement {
        case .query(let query): return try bindQuery(query, context: context)
        case .insert(let syntax): return try bindInsert(syntax, context: context)
        case .update(let syntax): return try bindUpdate(syntax, context: context)
        case .delete(let syntax): return try bindDelete(syntax, context: context)
        case .merge(let syntax): return try bindMerge(syntax, context: context)
        default: throw SQLError.invariant("only statements over rows are bound")
        }
    }

    /// Plans a bound query against the statistics of a snapshot.
    func plan(_ bound: BoundQuery, snapshot: StoreSnapshot) throws(SQLError) -> PlannedQuery {
        let planned = try planQuery(
            bound,
            catalog: SessionCatalog(snapshot: snapshot),
            sampler: StoredRowSampler(snapshot: snapshot),
            settings: plannerSettings
        )
        session.recording?.note(planned, now: warehouse.clock.now())
        return planned
    }

    /// Runs a change and applies what the slices wrote to the transaction.
    func runChange(
        _ bound: BoundQuery,
        in transaction: StoreTransaction
    ) throws(SQLError) -> RunOutcome {
        let planned = try plan(bound, snapshot: transaction.view)
        let queryID = makeQueryID()
        let outcome: RunOutcome
        do throws(SQLError) {
            outcome = try warehouse.slices.run(
                planned.executable,
                context: executionContext(planned.executable, transaction: transaction)
            ) { (_) throws(SQLError) in }
        } catch {
            identities.keepUsed(afterFailure: true)
            throw error
        }
        noteQuery(queryID, outcome: outcome, executable: planned.executable)
        try apply(outcome, to: transaction)
        if let table = bound.target.growingTable {
            try settleDistribution(of: table.id, in: transaction)
        }
        return outcome
    }

    /// Hands written extents and deleted rows to the transaction, deletions first.
    ///
    /// - Throws: XX000 with Redshift's words where a row was to be deleted twice: UPDATE and MERGE
    ///   found several matches for it.
    func apply(_ outcome: RunOutcome, to transaction: StoreTransaction) throws(SQLError) {
        guard outcome.repeatedDeletionCount == 0 else {
            throw SQLError(.internalError, "Found multiple matches to update the same tuple.")
        }
        let check: StopCheck = cancellation.check
        for (table, rows) in outcome.deleted {
            try transaction.deleteOnNodes(rows, from: table, check: check)
        }
        for (table, extents) in outcome.inserted {
            try transaction.appendOnNodes(extents, to: table, check: check)
        }
        identities.keepUsed(afterFailure: false)
        for (table, position) in identities.nextPositions {
            try transaction.advanceIdentity(of: table, to: position)
        }
    }

    /// What the slices need beside the plan: the snapshot, system relations' rows, cancellation.
    func executionContext(
        _ executable: ExecutablePlan,
        transaction: StoreTransaction
    ) throws(SQLError) -> ExecutionContext {
        session.noteReads(executable.scannedTables)
        let context = SystemRelationContext(
            warehouse: warehouse,
            session: session,
            snapshot: transaction.view
        )
        func sources(_ plan: ExecutablePlan) throws(SQLError) -> [any ProvidedSource] {
            var sources: [any ProvidedSource] = []
            for table in plan.providedTables {
                sources.append(try SystemRelationSource(table: table, context: context))
            }
            return sources
        }
        var toSubqueries: [[any ProvidedSource]] = []
        for subquery in executable.scalarSubqueries {
            toSubqueries.append(try sources(subquery))
        }
        return ExecutionContext(
            snapshot: transaction.view,
            transaction: transaction,
            provided: try sources(executable),
            providedToSubqueries: toSubqueries,
            cancellation: cancellation
        )
    }

    /// Remembers a finished query for the system views.
    func noteQuery(_ queryID: Int, outcome: RunOutcome, executable: ExecutablePlan) {
        session.lastQuery.queryID = queryID
        session.recording?.note(outcome.record)
        warehouse.scanHistory.note(queryID, record: outcome.record, tables: executable.tables)
    }

    /// The name of the table a change will lock.
    private func changedTable(of statement: Statement) throws(SQLError) -> ObjectNameSyntax {
        switch statement {
        case .insert(let syntax): return syntax.table
        case .update(let syntax): return syntax.table
        case .delete(let syntax): return syntax.table
        case .merge(let syntax): return syntax.table
        default: throw SQLError.invariant("only changes lock a table")
        }
    }

    /// What a change does, for a message that it cannot be done to a view.
    private func changeVerb(of statement: Statement) -> String {
        switch statement {
        case .insert: "insert into"
        case .delete: "delete from"
        default: "update"
        }
    }

    /// Makes sure that a name still means the table that was locked.
    ///
    /// - Throws: 42P01 where it is gone; 40001 where another has its name now.
    func requireSame(
        _ name: ObjectNameSyntax,
        _ locked: TableID,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        guard try targetTable(name, in: transaction.view).id != locked else { return }
        throw SQLError(
            .serializationFailure,
            "table \"\(name.description)\" was replaced by another session",
            hint: "Run the statement again."
        )
    }

    private func tag(of target: BoundQuery.Target, outcome: RunOutcome) -> String {
        switch target {
        case .result: "SELECT 0"
        case .insert: "INSERT 0 \(outcome.insertedRowCount)"
        case .delete: "DELETE \(outcome.deletedRowCount)"
        case .update: "UPDATE \(outcome.deletedRowCount)"
        case .merge(_, .deleted):
            "MERGE \(outcome.insertedRowCount + outcome.deletedRowCount)"
        case .merge: "MERGE \(outcome.insertedRowCount)"
        }
    }
}

extension Statement {
    /// Whether it is a query that stores nothing.
    fileprivate var isReadOnlyQuery: Bool {
        if case .query = self { true } else { false }
    }
}

extension BoundQuery.Target {
    /// The table whose distribution may change because it grew.
    fileprivate var growingTable: TableDefinition? {
        switch self {
        case .insert(let table), .update(let table), .merge(let table, _): table
        case .result, .delete: nil
        }
    }
}

extension Session {
    /// What a statement would read now: the block's view, or the latest commit.
    var currentView: StoreSnapshot {
        transaction?.view ?? warehouse.store.snapshot(with: temporaryTables)
    }
}

extension Statement {
    /// Whether it is an INSERT.
    fileprivate var isInsert: Bool {
        if case .insert = self { true } else { false }
    }
}
