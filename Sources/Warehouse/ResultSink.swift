public import SQLTypes

/// What receives one statement's outcome, in order: columns, batches of rows, a tag.
///
/// A statement without rows calls ``finish(tag:)`` alone. Notices may come at any point. The
/// calls are made on the thread that called ``Session/execute(_:into:)``; a sink that is slow
/// slows the statement, never grows a buffer.
public protocol ResultSink: AnyObject {
    /// Rows will follow, with these columns.
    func begin(columns: [ResultColumn]) throws(SQLError)
    /// The next rows; a batch is never empty.
    func rows(_ batch: RowBatch) throws(SQLError)
    /// The statement has ended well; `tag` is the command tag, such as `INSERT 0 3`.
    func finish(tag: String) throws(SQLError)
    /// A message of less than error level.
    func notice(_ notice: SQLNotice)
}

/// Some rows of a result as text, column by column, as psql would print them.
///
/// Booleans are `t` and `f`, floats round-trip, CHAR values carry their padding.
public struct RowBatch: Sendable {
    /// One column's values: their bytes one behind the other, and where each begins.
    public struct Column: Sendable {
        /// The UTF-8 text of all values.
        public var bytes: [UInt8] = []
        /// Row r is `bytes[offsets[r] ..< offsets[r + 1]]`; one entry more than rows.
        public var offsets: [Int] = [0]
        /// Whether row r is NULL; its text is then empty.
        public var isNull: [Bool] = []

        /// Makes an empty column.
        public init() {}

        /// Adds a value; nil is NULL.
        public mutating func append(_ text: String?) {
            if let text { bytes.append(contentsOf: text.utf8) }
            offsets.append(bytes.count)
            isNull.append(text == nil)
        }
    }
    /// The columns, each of ``rowCount`` values.
    public var columns: [Column]
    /// How many rows.
    public var rowCount: Int

    /// Makes a batch of columns that have `rowCount` values each.
    public init(columns: [Column], rowCount: Int) {
        self.columns = columns
        self.rowCount = rowCount
    }

    /// One value as text; nil is NULL.
    public func text(row: Int, column: Int) -> String? {
        let values = columns[column]
        guard !values.isNull[row] else { return nil }
        return String(
            decoding: values.bytes[values.offsets[row]..<values.offsets[row + 1]],
            as: UTF8.self
        )
    }
}
