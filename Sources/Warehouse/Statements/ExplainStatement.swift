import Planning
import SQLSyntax
import Storage

extension StatementRun {
    /// EXPLAIN: the plan as text, one line a row; nothing runs.
    func explain(
        _ statement: Statement,
        isVerbose: Bool,
        isAnalyze: Bool
    ) throws(SQLError) {
        guard !isAnalyze else { throw SQLError.unsupported("EXPLAIN ANALYZE") }
        if case .execute(let name, let arguments) = statement {
            let (inner, run) = try resolved(name, arguments)
            return try run.explain(inner, isVerbose: isVerbose, isAnalyze: isAnalyze)
        }
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
            return explainText(planned, settings: plannerSettings, verbose: isVerbose)
        }
        try sink.begin(columns: [ResultColumn(name: "QUERY PLAN", type: .varchar(65_535))])
        try sink.rows(RowBatch(lines: lines))
        try sink.finish(tag: "EXPLAIN")
    }
}
