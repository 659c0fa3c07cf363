import Catalogs
import Execution
import SQLSyntax
import Storage

extension StatementRun {
    /// VACUUM: sorts rows, reclaims the room of deleted ones, merges small extents.
    ///
    /// Rows are written anew while others read and write; the table is locked only to put the new
    /// extents in place. Where rows that had been moved were deleted meanwhile it is done again,
    /// the table locked from the start, as with BOOST.
    ///
    /// - Source: Redshift's documentation: FULL and 95 per cent where nothing is said; one VACUUM
    ///   at a time; refused in a block. Departures: SORT ONLY reclaims the room of deleted rows
    ///   where it moves rows; what is done is visible at once, not in pieces.
    func vacuum(_ syntax: VacuumSyntax) throws(SQLError) {
        guard session.transactionStatus == .idle else {
            throw SQLError(
                .activeSQLTransaction,
                "VACUUM cannot run inside a transaction block"
            )
        }
        try requireSense(syntax)
        var tables: [TableDefinition]
        if let name = syntax.table {
            tables = [try targetTable(name, in: session.currentView)]
            noteFullInsteadOfReindex(syntax, tables[0])
        } else {
            let view = session.currentView
            tables = view.schemaNames.filter {
                !$0.hasPrefix("pg_") || $0 == session.temporarySchema
            }
            .flatMap { view.tables(inSchema: $0) }.filter { $0.view == nil }
            tables.sort { $0.id < $1.id }
        }
        guard warehouse.vacuums.begin() else {
            throw SQLError(
                .objectInUse,
                "VACUUM is running",
                hint: "Run the statement again once the other VACUUM has ended."
            )
        }
        defer { warehouse.vacuums.end() }
        let transaction = makeQueryID()
        for table in tables {
            defer { warehouse.locks.unlockAll(of: session.id) }
            let isDone = try vacuum(table, syntax, transaction)
            if !isDone, let name = syntax.table {
                throw SQLError(
                    .undefinedTable,
                    "relation \"\(name.description)\" does not exist",
                    position: name.position
                )
            }
        }
        try sink.finish(tag: "VACUUM")
    }

    /// Refuses combinations that mean nothing.
    ///
    /// - Throws: 42601.
    private func requireSense(_ syntax: VacuumSyntax) throws(SQLError) {
        if syntax.mode == .reindex && syntax.table == nil {
            throw SQLError(.syntaxError, "VACUUM REINDEX requires a table name")
        }
        if syntax.mode == .reindex || syntax.mode == .recluster, syntax.thresholdPercent != nil {
            throw SQLError(
                .syntaxError,
                "VACUUM \(syntax.mode.rawValue) does not accept TO threshold PERCENT"
            )
        }
    }

    private func noteFullInsteadOfReindex(_ syntax: VacuumSyntax, _ table: TableDefinition) {
        guard syntax.mode == .reindex, !table.sortKey.isInterleaved else { return }
        sink.notice(
            SQLNotice(
                .info,
                "table \"\(table.name)\" has no interleaved sort key; VACUUM REINDEX does what "
                    + "VACUUM FULL does"
            )
        )
    }

    /// Vacuums one table; false where it is gone.
    ///
    /// It may be locked afterwards.
    private func vacuum(
        _ table: TableDefinition,
        _ syntax: VacuumSyntax,
        _ transaction: Int
    ) throws(SQLError) -> Bool {
        if syntax.isBoosted { try lock(table) }
        guard let version = session.currentView.tableVersion(table.id) else { return false }
        let threshold = Int(syntax.thresholdPercent ?? 95)
        warehouse.vacuums.add(
            VacuumEntry(
                transaction: transaction,
                table: table.id,
                tableName: table.name,
                work: syntax.mode.work,
                thresholdPercent: threshold,
                startTime: warehouse.clock.now(),
                before: try VacuumFigures(version)
            )
        )
        var outcome = VacuumEntry.Outcome.failed
        defer {
            let time = warehouse.clock.now()
            warehouse.vacuums.update {
                $0.outcome = outcome
                $0.endTime = time
            }
        }
        // The second time the table is locked, so that nobody else can have changed it.
        for attempt in 0..<2 {
            guard let version = session.currentView.tableVersion(table.id) else { return false }
            let runs = try version.vacuumRuns(
                syntax.mode.work,
                thresholdPercent: threshold,
                memoryByteCountMax: warehouse.slices.rewritingByteCountMax
            )
            warehouse.vacuums.update { $0.note(runs) }
            if runs.isEmpty {
                outcome = .skipped
                return true
            }
            let rewritten = try warehouse.slices.rewrite(
                runs,
                of: version,
                in: warehouse.store,
                cancellation: cancellation
            )
            if attempt == 0 && !syntax.isBoosted { try lock(table) }
            try cancellation.check()
            let isReplaced = try warehouse.store.replace(
                rewritten,
                of: version,
                temporary: session.temporaryTables
            )
            guard isReplaced else { continue }
            if let version = session.currentView.tableVersion(table.id) {
                let figures = try VacuumFigures(version)
                warehouse.vacuums.update { $0.after = figures }
            }
            outcome = .finished
            return true
        }
        throw SQLError.invariant("table \(table.id) was changed while VACUUM had it locked")
    }

    private func lock(_ table: TableDefinition) throws(SQLError) {
        try warehouse.locks.lock(table.id, for: session.id, cancellation: cancellation)
    }
}

extension VacuumEntry {
    /// Takes in what is about to be done.
    fileprivate mutating func note(_ runs: [ExtentRun]) {
        runCount = runs.count
        sortedRunCount = runs.count { $0.merges || $0.becomesSorted }
        sorts = sortedRunCount > 0
        extentCountMost = runs.map(\.places.count).max() ?? 0
    }
}

extension VacuumSyntax.Mode {
    /// What the storage is asked for.
    fileprivate var work: VacuumWork {
        switch self {
        case .full: .full
        case .sortOnly: .sortOnly
        case .deleteOnly: .deleteOnly
        case .reindex: .reindex
        case .recluster: .recluster
        }
    }
}
