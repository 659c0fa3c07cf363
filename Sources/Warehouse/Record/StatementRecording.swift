import Execution
import Planning
import SQLSyntax
import Storage

/// What is noted of one statement while it runs; used by the session's thread alone.
///
/// Texts are made of it later, when the record is written or read, so that a statement pays for
/// little more than the copy of a few references.
final class StatementRecording {
    private(set) var entry = QueryEntry()
    /// The plan that ran; nil where none did.
    private(set) var planned: PlannedQuery?
    /// What it did; nil where it failed.
    private(set) var record: RunRecord?

    init(text: String, session: Session) {
        entry.text = Self.shortened(text)
        entry.session = session.id
        entry.startTime = Int(session.statementTime)
        let label = session.settings.value(of: "query_group") ?? "unset"
        entry.label = label == "unset" ? "default" : label
    }

    /// Statements are kept up to 16 KiB: longer ones are loads of constants.
    private static func shortened(_ text: String) -> String {
        let limit = 16 << 10
        return text.utf8.count <= limit
            ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }

    /// Whether it is a statement: text that could be parsed, and more than a comment.
    private(set) var isStatement = false

    /// Says which kind of statement it is.
    func classify(_ statement: Statement) {
        if case .empty = statement { return }
        isStatement = true
        (entry.group, entry.type) = statement.recordClass
    }

    /// The number it has: that of its first query on the slices.
    func note(number: Int) { if entry.number == 0 { entry.number = number } }

    /// The plan that is about to run.
    func note(_ planned: PlannedQuery, now: Int64) {
        self.planned = planned
        record = nil
        entry.planningTime = Int(now) - entry.startTime
    }

    /// What the plan did.
    func note(_ record: RunRecord) {
        self.record = record
        entry.executionTime = record.nanoseconds / 1000
    }

    /// Ends it; `error` is nil where it succeeded.
    func end(_ error: SQLError?, number: @autoclosure () -> Int, transaction: Int, now: Int64) {
        if entry.number == 0 { entry.number = number() }
        entry.transaction = transaction == 0 ? entry.number : transaction
        entry.endTime = Int(now)
        guard let error else { return }
        entry.status = error.state == .queryCanceled ? .canceled : .failed
        entry.errorMessage = error.message
    }
}

extension Statement {
    /// Which log a statement belongs to, and SYS_QUERY_HISTORY's word for it.
    fileprivate var recordClass: (QueryEntry.Group, String) {
        switch self {
        case .query(let query): (.query, query.into == nil ? "SELECT" : "CTAS")
        case .insert: (.query, "INSERT")
        case .update: (.query, "UPDATE")
        case .delete: (.query, "DELETE")
        case .merge: (.query, "MERGE")
        case .copy: (.query, "COPY")
        case .createTableAs: (.query, "CTAS")
        case .createTable, .alterTable, .dropTable, .createView, .dropView, .createSchema,
            .dropSchema, .truncate, .comment:
            (.definition, "DDL")
        case .explain(let inner, _, true): (.query, inner.recordClass.1)
        case .explain, .begin, .commit, .rollback, .set, .reset, .show, .showObjects,
            .setSessionAuthorization, .setTransaction, .analyze, .vacuum, .lock, .prepare,
            .execute, .deallocate, .cancel, .checkWarehouse, .empty:
            (.utility, "UTILITY")
        }
    }
}
