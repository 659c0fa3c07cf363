package import Warehouse

/// What the shell needs of a session: the one small interface between the two.
///
/// A local session is one; a connection to a server can be another.
package protocol StatementRunner: AnyObject, Sendable {
    /// Runs one statement on the calling thread and hands its outcome to `sink`.
    func execute(_ statement: String, into sink: any ResultSink) throws(SQLError)
    /// Stops the statement that runs, from any thread; it then fails with 57014.
    func cancel()
    /// Where the transaction stands.
    var transactionStatus: TransactionStatus { get }
    /// The database's name, for the prompt and `\conninfo`.
    var databaseName: String { get }
    /// The user's name, for the prompt and `\conninfo`.
    var userName: String { get }
}

extension Session: StatementRunner {}

/// Keeps a result in memory, for the shell's own queries.
final class CollectingSink: ResultSink {
    private(set) var columns: [ResultColumn] = []
    /// The rows, each of as many values as there are columns; nil is NULL.
    private(set) var rows: [[String?]] = []

    func begin(columns: [ResultColumn]) throws(SQLError) { self.columns = columns }

    func rows(_ batch: RowBatch) throws(SQLError) {
        for row in 0..<batch.rowCount {
            rows.append(batch.columns.indices.map { batch.text(row: row, column: $0) })
        }
    }

    func finish(tag: String) throws(SQLError) {}

    func notice(_ notice: SQLNotice) {}
}
