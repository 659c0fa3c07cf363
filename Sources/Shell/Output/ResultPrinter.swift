internal import Warehouse

/// Prints one statement's outcome: its rows in the chosen format, else its command tag.
///
/// Rows are printed once they fill `heldByteCountMax` or the statement has ended well, so that a
/// small result whose statement fails late prints nothing, as in psql, which holds all of it.
final class ResultPrinter: ResultSink {
    private let output: TextOutput
    private let options: PrintOptions
    private let printsTag: Bool
    private let note: (SQLNotice) -> Void
    private var columns: [TableColumn]?
    private var table: (any TableWriter)?
    /// Rows that are not printed yet.
    private var held: [RowBatch] = []
    private var heldByteCount = 0
    private static let heldByteCountMax = 1 << 20
    /// How many rows came.
    private(set) var rowCount = 0
    /// The command tag, once the statement has ended well.
    private(set) var tag: String?

    /// Prints to `output`; notices go to `note`.
    init(
        output: TextOutput,
        options: PrintOptions,
        printsTag: Bool,
        note: @escaping (SQLNotice) -> Void
    ) {
        self.output = output
        self.options = options
        self.printsTag = printsTag
        self.note = note
    }

    func begin(columns: [ResultColumn]) throws(SQLError) {
        self.columns = columns.map { TableColumn($0) }
    }

    func rows(_ batch: RowBatch) throws(SQLError) {
        rowCount += batch.rowCount
        held.append(batch)
        heldByteCount += batch.columns.reduce(0) { $0 + $1.bytes.count + 8 * batch.rowCount }
        guard heldByteCount > Self.heldByteCountMax else { return }
        printHeld()
        // Nobody reads any more: the statement need not go on.
        if output.failure != nil {
            throw SQLError(.queryCanceled, "canceling statement: the output cannot be written")
        }
        if output.isCut {
            throw SQLError(.queryCanceled, "canceling statement due to user request")
        }
    }

    func finish(tag: String) throws(SQLError) {
        self.tag = tag
        printHeld()
        table?.end(footers: nil)
        if printsTag, table == nil, !tag.isEmpty { output.write(tag + "\n") }
        output.flush()
    }

    func notice(_ notice: SQLNotice) { note(notice) }

    /// Ends what was printed of a statement that failed.
    func abandon() { table?.abandon() }

    private func printHeld() {
        guard let columns else { return }
        let table =
            table ?? ResultTable.writer(columns: columns, options: options, output: output)
        self.table = table
        for batch in held { table.rows(batch) }
        held = []
        heldByteCount = 0
    }

    /// The rows a statement returned or changed, for the variable ROW_COUNT.
    var affectedRowCount: Int {
        if table != nil { return rowCount }
        return tag?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
}

extension RowBatch {
    /// A batch of rows that the shell made itself.
    init(rows: [[String?]], columnCount: Int) {
        var columns = Array(repeating: Column(), count: columnCount)
        for row in rows {
            for (index, value) in row.enumerated() { columns[index].append(value) }
        }
        self.init(columns: columns, rowCount: rows.count)
    }
}
