import Execution
import Plans
import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// EXPLAIN: the plan as text, one line a row; with ANALYZE, which is ours, the query runs.
    func explain(
        _ statement: Statement,
        isVerbose: Bool,
        isAnalyze: Bool
    ) throws(SQLError) {
        if case .execute(let name, let arguments) = statement {
            let (inner, run) = try resolved(name, arguments)
            return try run.explain(inner, isVerbose: isVerbose, isAnalyze: isAnalyze)
        }
        if isAnalyze { return try explainRun(of: statement) }
        let lines = try session.inTransaction(cancellation: cancellation) {
            (transaction) throws(SQLError) in
            let snapshot = transaction.view
            let bound =
                switch statement {
                case .createTableAs(let syntax):
                    try bindQuery(syntax.query, context: bindingContext(snapshot))
                case .query(let query) where query.into != nil:
                    try bindQuery(query.withoutInto, context: bindingContext(snapshot))
                case .query, .insert, .update, .delete, .merge:
                    try bind(statement, snapshot: snapshot)
                default: throw SQLError.unsupported("EXPLAIN of this statement")
                }
            let planned = try plan(bound, snapshot: snapshot)
            return try explainText(
                planned,
                settings: plannerSettings,
                verbose: isVerbose,
                forecaster: StoredScanForecaster(snapshot: snapshot)
            )
        }
        try deliver(lines)
    }

    private func deliver(_ lines: [String]) throws(SQLError) {
        try sink.begin(columns: [ResultColumn(name: "QUERY PLAN", type: .varchar(65_535))])
        try sink.rows(RowBatch(lines: lines))
        try sink.finish(tag: "EXPLAIN")
    }

    /// EXPLAIN ANALYZE: runs a query, drops its rows and tells what each part did.
    ///
    /// - Throws: 0A000 for statements that change rows: they would be changed.
    private func explainRun(of statement: Statement) throws(SQLError) {
        guard case .query(let query) = statement, query.into == nil else {
            throw SQLError.unsupported("EXPLAIN ANALYZE of a statement that stores rows")
        }
        let lines = try session.inTransaction(cancellation: cancellation) {
            (transaction) throws(SQLError) in
            let bound = try bind(statement, snapshot: transaction.view)
            guard bound.settingChanges.isEmpty else {
                throw SQLError.unsupported("EXPLAIN ANALYZE of SET_CONFIG")
            }
            let planned = try plan(bound, snapshot: transaction.view)
            let queryID = makeQueryID()
            let outcome = try warehouse.slices.run(
                planned.executable,
                context: executionContext(planned.executable, transaction: transaction)
            ) { (_) throws(SQLError) in }
            noteQuery(queryID, outcome: outcome, executable: planned.executable)
            let start = session.recording?.entry.planningTime ?? 0
            return RunReport(planned, outcome.record, planningMicroseconds: start).lines
        }
        try deliver(lines)
    }
}
