import Catalogs
import Execution
import Loading
import Plans
import Planning
import SQLSyntax
import Storage
import Vectors

extension StatementRun {
    /// COPY: files are parsed on the slices, placed by the table's distribution, and stored.
    ///
    /// Nothing of a failed COPY is visible but its rows in STL_LOAD_ERRORS.
    func copy(_ syntax: CopySyntax) throws(SQLError) {
        let words = syntax.options.map { option -> (String, [String], Int) in
            let arguments =
                switch option.value {
                case .string(let text)?: [text]
                case .integer(let number)?: [String(number)]
                case .word(let word)?: [word]
                case nil: [String]()
                }
            return (option.name, arguments, option.position)
        }
        var options = try CopyOptions.parse(words)
        options.style = bindingContext(session.currentView).style
        let target = try targetTable(syntax.table, in: session.currentView)
        let files = try resolveSource(
            syntax.source.text,
            options: options,
            position: syntax.source.position
        )
        for file in files { try file.checkSize() }
        let queryID = makeQueryID()
        var loaded: (rows: Int, rejected: Int, recorded: Int) = (0, 0, 0)
        try session.inTransaction(
            locking: [target.id],
            as: .shareRowExclusive,
            appendsOnly: true,
            cancellation: cancellation
        ) { (transaction) throws(SQLError) in
            try requireSame(syntax.table, target.id, in: transaction)
            let found = try targetTable(syntax.table, in: transaction.view)
            let table =
                options.isDryRun
                ? found
                : try chooseDistribution(
                    of: found,
                    incomingByteCount: estimatedByteCount(of: files, options: options),
                    in: transaction
                )
            let ranges = try splitFiles(files, options: options, check: cancellation.check)
            let load = try bindLoad(syntax, into: table, options: options, in: transaction)
            let source = LoadSource(
                ranges: ranges,
                columns: load.columns,
                options: options,
                cancellation: cancellation
            )
            let planned = try plan(load.query, snapshot: transaction.view)
            var executable = planned.executable
            executable.parseOnAllSlices(unless: table.distribution == .all)
            let context = ExecutionContext(
                snapshot: transaction.view,
                transaction: transaction,
                provided: [source],
                cancellation: cancellation
            )
            let outcome: RunOutcome
            do throws(SQLError) {
                outcome = try warehouse.slices.run(executable, context: context) {
                    (_) throws(SQLError) in
                }
            } catch {
                record(source.errors, table: table, queryID: queryID)
                try blame(files, for: error)
                throw source.failure(of: error, table: table.name)
            }
            session.recording?.note(outcome.record)
            let errors = source.errors
            record(errors, table: table, queryID: queryID)
            try source.requireVerified()
            if !options.isDryRun {
                try apply(outcome, to: transaction)
                try settleDistribution(of: table.id, in: transaction)
            }
            loaded = (outcome.insertedRowCount, source.refusedCount, errors.count)
        }
        session.lastQuery.copyID = queryID
        session.lastQuery.copyRowCount = loaded.rows
        announce(loaded, table: target.name, options: options)
        try sink.finish(tag: "COPY")
    }

    /// Throws instead of an error of parsing that a file is not what its manifest demands.
    ///
    /// A wrong byte may make a row bad, or a compressed file unreadable, long before the file's
    /// hash is known; the cause is what the user needs to hear.
    private func blame(_ files: [InputFile], for error: SQLError) throws(SQLError) {
        guard error.state != .dataCorrupted, !cancellation.isCancelled else { return }
        for file in files { try file.verify(check: cancellation.check) }
    }

    /// The INFO lines that scripts look for.
    private func announce(
        _ loaded: (rows: Int, rejected: Int, recorded: Int),
        table: String,
        options: CopyOptions
    ) {
        let done = "Load into table '\(table)' completed, "
        let rows = options.isDryRun ? 0 : loaded.rows
        sink.notice(SQLNotice(.info, done + "\(rows) record(s) loaded successfully."))
        if loaded.rejected > 0 {
            sink.notice(
                SQLNotice(
                    .info,
                    done + "\(loaded.rejected) record(s) could not be loaded.  "
                        + "Check 'stl_load_errors' system table for details."
                )
            )
        }
        if loaded.recorded < loaded.rejected {
            sink.notice(
                SQLNotice(
                    .info,
                    "Only the first \(loaded.recorded) of them are in 'stl_load_errors'."
                )
            )
        }
    }

    /// About how many bytes of text the files hold; compressed ones count four times.
    private func estimatedByteCount(of files: [InputFile], options: CopyOptions) -> Int {
        let bytes = files.reduce(0) { $0 + $1.byteCount }
        return options.compression == .none ? bytes : bytes * 4
    }

    /// The load as an INSERT from a relation whose columns are the fields of the files.
    private func bindLoad(
        _ syntax: CopySyntax,
        into table: TableDefinition,
        options: CopyOptions,
        in transaction: StoreTransaction
    ) throws(SQLError) -> (query: BoundQuery, columns: [LoadColumn]) {
        let indexes = try loadedColumns(syntax, table: table, options: options)
        let fields = indexes.map { index in
            ColumnDefinition(name: table.columns[index].name, type: table.columns[index].type)
        }
        let relation = TableDefinition(
            id: loadRelationID,
            schema: SystemRelations.schema,
            name: "files",
            columns: fields
        )
        let output = fields.enumerated().map { index, field in
            PlanColumn(id: index, name: field.name, type: field.type, qualifier: "files")
        }
        let context = bindingContext(transaction.view)
        var items: [NamedExpression] = []
        for (index, column) in table.columns.enumerated() {
            let value: Expression
            if let field = indexes.firstIndex(of: index) {
                value = .column(field, column.type)
            } else {
                value = try fillIn(column, at: index, of: table, context: context)
            }
            let id = fields.count + index
            items.append(
                NamedExpression(
                    column: PlanColumn(id: id, name: column.name, type: column.type),
                    expression: value
                )
            )
        }
        let scan = LogicalScan(
            table: relation,
            alias: "files",
            columnIndexes: Array(fields.indices),
            output: output
        )
        let query = BoundQuery(
            plan: .project(.scan(scan), items),
            target: .insert(table),
            scalarSubqueries: [],
            resultColumns: []
        )
        let columns = indexes.map { index in
            LoadColumn(
                name: table.columns[index].name,
                type: table.columns[index].type,
                isNotNull: table.columns[index].isNotNull
            )
        }
        return (query, columns)
    }

    /// The columns that fields go to: the list, or all but IDENTITY columns without EXPLICIT_IDS.
    private func loadedColumns(
        _ syntax: CopySyntax,
        table: TableDefinition,
        options: CopyOptions
    ) throws(SQLError) -> [ColumnIndex] {
        func isGenerated(_ index: ColumnIndex) -> Bool {
            if case .identity(_, _, let acceptsValues)? = table.columns[index].defaultValue {
                return !acceptsValues && !options.hasExplicitIDs
            }
            return false
        }
        guard !syntax.columns.isEmpty else {
            return table.columns.indices.filter { !isGenerated($0) }
        }
        var indexes: [ColumnIndex] = []
        for name in syntax.columns {
            guard let index = table.columnIndex(named: name.text) else {
                throw SQLError(
                    .undefinedColumn,
                    "column \"\(name.text)\" of relation \"\(table.name)\" does not exist",
                    position: name.position
                )
            }
            guard !indexes.contains(index) else {
                throw SQLError(
                    .duplicateColumn,
                    "column \"\(name.text)\" specified more than once",
                    position: name.position
                )
            }
            guard !isGenerated(index) else {
                throw SQLError(
                    .featureNotSupported,
                    "cannot set an identity column to a value",
                    hint: "Add EXPLICIT_IDS to load it from the files.",
                    position: name.position
                )
            }
            indexes.append(index)
        }
        return indexes
    }

    /// What a column gets that the files do not give: its default, or NULL.
    private func fillIn(
        _ column: ColumnDefinition,
        at index: ColumnIndex,
        of table: TableDefinition,
        context: BindingContext
    ) throws(SQLError) -> Expression {
        switch column.defaultValue {
        case .expression(let text)?:
            return try bindDefault(text, type: column.type, context: context)
        case .identity?:
            guard let function = try context.identityValues(table, index, .bySlice).get() else {
                return .constant(.null, column.type)
            }
            let value = Expression.call(function, [], .bigint)
            return column.type == .bigint
                ? value : .cast(value, column.type, isExplicit: false)
        case nil: return .constant(.null, column.type)
        }
    }

    /// Keeps refused rows in the history, whether or not the COPY succeeds.
    ///
    /// A history that cannot be written is worth a warning: what becomes of the load, and the
    /// error that stopped it, matter more.
    private func record(
        _ errors: [RefusedRows.Row],
        table: TableDefinition,
        queryID: Int
    ) {
        guard !errors.isEmpty else { return }
        let rows = errors.map { entry in
            var row = LoadErrorRow()
            row.slice = entry.slice
            row.table = table.id
            row.startTime = session.statementTime
            row.session = session.id
            row.query = queryID
            row.fileName = entry.error.file
            row.lineNumber = Int64(entry.error.line)
            row.columnName = entry.error.column
            row.type = entry.error.type
            row.columnLength = entry.error.length
            row.position = entry.error.position
            row.rawLine = entry.error.rawLine
            row.rawFieldValue = entry.error.rawField
            row.errorCode = entry.error.code
            row.errorReason = entry.error.reason
            row.startOffset = Int64(entry.error.startOffset)
            return row
        }
        do throws(SQLError) {
            try warehouse.store.history.recordLoadErrors(rows)
        } catch {
            sink.notice(SQLNotice(.warning, "load errors were not kept: \(error.message)"))
        }
    }
}

/// The number of the relation that stands for the files of a load in its plan.
private let loadRelationID = 1

extension ExecutablePlan {
    /// Lets every slice parse its share of the files instead of slice 0 alone.
    fileprivate mutating func parseOnAllSlices(unless isOnOneSlice: Bool) {
        guard !isOnOneSlice else { return }
        for stream in streams.indices {
            for segment in streams[stream].segments.indices {
                if case .provided = streams[stream].segments[segment].source {
                    streams[stream].segments[segment].slices = .all
                }
            }
        }
    }
}
