import Catalogs
import Execution
import Functions
import Planning
import Storage
import Synchronization
import Vectors

/// A SQL session: its transaction, its settings, its temporary tables.
///
/// Statements run on the caller's thread, one at a time; ``cancel()`` may come from any thread.
public final class Session: @unchecked Sendable {
    // Everything mutable but `cancellation` is touched only by the one thread that executes.

    /// The warehouse it belongs to.
    let warehouse: Warehouse
    /// The number that PG_BACKEND_PID() returns.
    let id: Int
    /// SET and its kin.
    var settings = SessionSettings()
    /// What SET SEED began; nil until it did.
    var randomSeeds: RandomSequence?
    /// What the open block has changed and sees; nil where none is open or it has read nothing.
    var transaction: StoreTransaction?
    /// The open transaction's part in the order of SERIALIZABLE ones; nil for others.
    var serializable: SerializableTransaction?
    /// Where the block stands.
    public internal(set) var transactionStatus = TransactionStatus.idle
    /// When the block began, microseconds since 2000-01-01.
    var transactionTime: Int64 = 0
    /// When the current statement began.
    var statementTime: Int64 = 0
    /// Temporary tables, alive as long as the session.
    let temporaryTables = TemporaryTables()
    /// The schema they live in.
    let temporarySchema: String
    /// What PREPARE made, by name.
    var preparedStatements: [String: PreparedStatement] = [:]
    /// Numbers and counts that PG_LAST_QUERY_ID() and its kin return.
    var lastQuery = LastQuery()
    /// What is noted of the current statement; nil between statements.
    var recording: StatementRecording?
    /// The number of the block's first statement; 0 outside of blocks.
    var transactionNumber = 0
    private let current = Mutex<Cancellation?>(nil)
    /// Whether another session has ended this one.
    private let isTerminated = Atomic<Bool>(false)

    init(warehouse: Warehouse, id: Int) {
        self.warehouse = warehouse
        self.id = id
        temporarySchema = "pg_temp_\(id)"
    }

    deinit {
        warehouse.sessions.remove(id)
        endTransaction(commits: false)
        temporaryTables.removeAll()
    }

    /// The database's name.
    public var databaseName: String { "dev" }
    /// The user's name.
    public var userName: String { "awsuser" }

    /// Runs exactly one statement; its rows, notices and tag go to `sink`.
    ///
    /// Outside a block the statement commits by itself; a failed one leaves nothing behind. In a
    /// block a failed statement fails the block: until ROLLBACK only 25P02 is answered. Once the
    /// session has been terminated every statement is answered with 57P01.
    public func execute(_ text: String, into sink: any ResultSink) throws(SQLError) {
        if isTerminated.load(ordering: .acquiring) {
            transactionStatus = .failed
            endTransaction(commits: false)
            throw SQLError(
                .adminShutdown,
                "terminating connection due to administrator command"
            )
        }
        let sink = NoticeFilter.filtered(sink, settings.value(of: "client_min_messages") ?? "")
        let cancellation = Cancellation(timeoutMilliseconds: settings.statementTimeout)
        current.withLock { $0 = cancellation }
        defer { current.withLock { $0 = nil } }
        statementTime = warehouse.clock.now()
        let recording = StatementRecording(text: text, session: self)
        self.recording = recording
        do throws(SQLError) {
            // Parsing, binding and planning ask it; what runs on the slices has its own.
            try Interruption(cancellation.check).bind { () throws(SQLError) in
                let statement = try parseStatement(
                    text,
                    keepsQuotedCase: settings.keepsQuotedCase
                )
                recording.classify(statement)
                try run(statement, text: text, cancellation: cancellation, into: sink)
            }
        } catch {
            if transactionStatus == .inBlock {
                // Nothing of the block can be kept, so others need not wait for its ROLLBACK.
                transactionStatus = .failed
                endTransaction(commits: false)
            }
            record(recording, error, into: sink)
            throw error
        }
        record(recording, nil, into: sink)
    }

    /// Hands a statement that has ended to the record; what could not be parsed is none.
    private func record(
        _ recording: StatementRecording,
        _ error: SQLError?,
        into sink: any ResultSink
    ) {
        self.recording = nil
        guard recording.isStatement else { return }
        recording.end(
            error,
            number: warehouse.makeQueryID(),
            transaction: transactionNumber,
            now: warehouse.clock.now()
        )
        if transactionStatus == .idle {
            transactionNumber = 0
        } else if transactionNumber == 0 {
            transactionNumber = recording.entry.number
        }
        if let error = warehouse.merging.takeFailure() {
            sink.notice(Warehouse.notMerged(error))
        }
        if let error = warehouse.queryLog.add(recording) {
            sink.notice(Warehouse.notRecorded(error))
        }
    }

    /// Stops the statement that runs now with 57014; nothing happens where none does.
    ///
    /// It may come from any thread. The session goes on; a block the statement was in has failed.
    public func cancel() { current.withLock { $0?.cancel() } }

    /// Stops the statement that runs now, and answers every later one with 57P01.
    func terminate() {
        isTerminated.store(true, ordering: .releasing)
        cancel()
    }

    private func run(
        _ statement: Statement,
        text: String,
        cancellation: Cancellation,
        into sink: any ResultSink
    ) throws(SQLError) {
        if transactionStatus == .failed, !statement.endsBlock {
            throw SQLError(
                .inFailedSQLTransaction,
                "current transaction is aborted, commands ignored until end of transaction block"
            )
        }
        try run(
            statement,
            in: StatementRun(session: self, text: text, cancellation: cancellation, sink: sink)
        )
    }

    /// Runs a parsed statement: the one that was sent, or the one that EXECUTE names.
    func run(_ statement: Statement, in run: StatementRun) throws(SQLError) {
        try run.requireRight(toRun: statement)
        let sink = run.sink
        switch statement {
        case .empty: try sink.finish(tag: "")
        case .begin(let modes): try begin(modes, into: sink)
        case .commit: try finishBlock(commits: true, into: sink)
        case .rollback: try finishBlock(commits: false, into: sink)
        case .query(let query) where query.into != nil: try run.selectInto(query)
        case .query, .insert, .update, .delete, .merge: try run.query(statement)
        case .createTableAs(let syntax): try run.createTableAs(syntax)
        case .copy(let syntax): try run.copy(syntax)
        case .explain(let inner, let isVerbose, let isAnalyze):
            try run.explain(inner, isVerbose: isVerbose, isAnalyze: isAnalyze)
        case .createTable(let syntax): try run.createTable(syntax)
        case .alterTable(let syntax): try run.alterTable(syntax)
        case .dropTable(let syntax): try run.dropTables(syntax)
        case .createSchema(let name, let ifNotExists):
            try run.createSchema(name, ifNotExists: ifNotExists)
        case .dropSchema(let syntax): try run.dropSchemas(syntax)
        case .truncate(let name): try run.truncate(name)
        case .set(let syntax): try run.set(syntax)
        case .reset(let name): try run.reset(name)
        case .show(let name): try run.show(name)
        case .showObjects(let syntax): try run.showObjects(syntax)
        case .setSessionAuthorization(let user): try run.setSessionAuthorization(user)
        case .setTransaction(let modes, let isSession):
            try run.setTransaction(modes, isSession: isSession)
        case .analyze(let syntax): try run.analyze(syntax)
        case .vacuum(let syntax): try run.vacuum(syntax)
        case .checkWarehouse: try run.checkWarehouse()
        case .lock(let names): try run.lock(names)
        case .comment(let syntax): try run.comment(syntax)
        case .createView(let syntax): try run.createView(syntax)
        case .dropView(let syntax): try run.dropViews(syntax)
        case .prepare(let name, let types, let inner, let count):
            try run.prepare(name, types: types, inner, parameterCount: count)
        case .execute(let name, let arguments): try run.execute(name, arguments)
        case .deallocate(let name): try run.deallocate(name)
        case .cancel(let id): try run.cancel(id)
        }
    }
}

/// What the functions PG_LAST_QUERY_ID(), PG_LAST_COPY_ID() and PG_LAST_COPY_COUNT() tell.
struct LastQuery {
    var queryID = -1
    var copyID = -1
    var copyRowCount = 0
}

extension Statement {
    /// Whether it may run in a failed block.
    fileprivate var endsBlock: Bool {
        switch self {
        case .commit, .rollback, .empty: true
        default: false
        }
    }
}
