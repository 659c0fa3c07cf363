/// A sink that gets no messages below `client_min_messages`.
///
/// - Source: PostgreSQL `should_output_to_client`: INFO is always sent.
final class NoticeFilter: ResultSink {
    private let sink: any ResultSink
    private let passes: Set<SQLNotice.Severity>

    private init(_ sink: any ResultSink, passes: Set<SQLNotice.Severity>) {
        self.sink = sink
        self.passes = passes
    }

    /// A sink for a session with that setting: `sink` itself where all messages pass.
    static func filtered(_ sink: any ResultSink, _ level: String) -> any ResultSink {
        switch level {
        case "warning": NoticeFilter(sink, passes: [.info, .warning])
        case "error", "fatal": NoticeFilter(sink, passes: [.info])
        default: sink
        }
    }

    func begin(columns: [ResultColumn]) throws(SQLError) { try sink.begin(columns: columns) }
    func rows(_ batch: RowBatch) throws(SQLError) { try sink.rows(batch) }
    func finish(tag: String) throws(SQLError) { try sink.finish(tag: tag) }
    func notice(_ notice: SQLNotice) {
        if passes.contains(notice.severity) { sink.notice(notice) }
    }
}
