internal import Warehouse

/// A table with columns padded to equal width, or expanded records, exactly as psql prints them.
///
/// Widths are known only at the end, so all rows are kept: their text as the engine delivered
/// it, nothing more. Widths are taken from each batch as it comes.
///
/// - Source: psql's `print_aligned_text` (`print.c`).
final class AlignedTable: TableWriter {
    private let options: PrintOptions
    private let output: TextOutput
    private let lines: TableLines
    private let cells: CellReader
    private let headers: [[DisplayLine]]
    private var batches: [RowBatch] = []
    private var rowCount = 0
    /// The widest line of each column, headers included.
    private var widths: [Int]
    /// The sum of each column's cell widths, for the average that wrapping goes by.
    private var widthSums: [Int]
    /// Whether a column has cells of more than one line or of other than plain ASCII.
    private var isPlainColumn: [Bool]

    init(columns: [TableColumn], options: PrintOptions, output: TextOutput) {
        self.options = options
        self.output = output
        lines = TableLines.of(options.lineStyle)
        cells = CellReader(columns: columns, options: options)
        headers = columns.map { DisplayText.lines(of: $0.name[...]) }
        widths = headers.map { $0.map(\.width).max() ?? 0 }
        widthSums = Array(repeating: 0, count: columns.count)
        isPlainColumn = Array(repeating: true, count: columns.count)
    }

    func rows(_ batch: RowBatch) {
        batches.append(batch)
        rowCount += batch.rowCount
        for column in batch.columns.indices {
            for row in 0..<batch.rowCount {
                let cell = cells.cell(batch, row: row, column: column)
                var width = cell.count
                if !DisplayText.isPlain(cell) {
                    isPlainColumn[column] = false
                    width = DisplayText.lines(of: cell).map(\.width).max() ?? 0
                }
                widths[column] = max(widths[column], width)
                widthSums[column] += width
            }
        }
    }

    func end(footers: [String]?) {
        let target = targetColumns
        if options.expanded == .on || (options.expanded == .auto && isTooWide(for: target)) {
            let records = ExpandedRecords(
                columns: cells.columns,
                headers: headers,
                cells: cells,
                options: options,
                output: output,
                lines: lines
            )
            records.print(batches, footers: footers, targetColumns: target)
            return
        }
        shrink(to: target)
        printHead()
        for batch in batches {
            for row in 0..<batch.rowCount where !output.isCut { printRow(batch, row) }
        }
        printFoot(footers)
    }
}

// MARK: - Widths

extension AlignedTable {
    /// The columns to fit into; 0 where there is no such limit.
    private var targetColumns: Int {
        if options.columns > 0 { return options.columns }
        return output.terminalColumns
    }

    /// The columns that are no text: spaces and lines.
    private var frameWidth: Int {
        let count = widths.count
        return switch options.border {
        case 0: count
        case 1: count * 3 - (count > 0 ? 1 : 0)
        default: count * 3 + 1
        }
    }

    private var totalWidth: Int { widths.reduce(frameWidth, +) }

    private var headerWidths: [Int] { headers.map { $0.map(\.width).max() ?? 0 } }

    private func isTooWide(for target: Int) -> Bool {
        target > 0 && widths.count > 1 && target < totalWidth
    }

    /// Narrows columns for the wrapped format: each time the one whose cells suffer least.
    private func shrink(to target: Int) {
        guard options.format == .wrapped, target > 0, rowCount > 0 else { return }
        let least = headerWidths
        guard target >= least.reduce(frameWidth, +) else { return }
        let full = widths
        var total = totalWidth
        while total > target {
            var worst: Int?
            var worstRatio = 0.0
            for column in widths.indices where widths[column] > least[column] {
                let average = widthSums[column] / rowCount
                guard average > 0 else { continue }
                // Wide columns are favoured by 1 % of their width.
                let ratio =
                    Double(widths[column]) / Double(average) + Double(full[column]) * 0.01
                if ratio > worstRatio { (worst, worstRatio) = (column, ratio) }
            }
            guard let worst else { return }
            widths[worst] -= 1
            total -= 1
        }
    }
}

// MARK: - Head and foot

extension AlignedTable {
    private func printHead() {
        guard !options.tuplesOnly else { return }
        if let title = options.title {
            let width = DisplayText.lines(of: Array(title.utf8)[...]).map(\.width).max() ?? 0
            output.write(count: (totalWidth - width) / 2)
            output.write(title + "\n")
        }
        if options.border >= 2 { printRule(.top) }
        let height = headers.map(\.count).max() ?? 0
        for line in 0..<height {
            if options.border >= 2 { output.write(lines.left) }
            for column in widths.indices { printHeaderLine(line, of: column) }
            if options.border >= 2 { output.write(lines.right) }
            output.write("\n")
        }
        printRule(.middle)
    }

    private func printHeaderLine(_ line: Int, of column: Int) {
        let header = headers[column]
        if options.border > 0 { output.write(" ") }
        var isContinued = false
        if line < header.count {
            let space = widths[column] - header[line].width
            output.write(count: space / 2)
            output.write(header[line].bytes)
            output.write(count: (space + 1) / 2)
            isContinued = line + 1 < header.count
        } else {
            output.write(count: widths[column])
        }
        output.write(isContinued ? lines.newlineRight : " ")
        if options.border > 0, column + 1 < widths.count { output.write(lines.between) }
    }

    private func printRule(_ place: TableLines.Place) {
        let rule = lines.rule(place)
        if options.border == 1 { output.write(rule.dash) }
        if options.border >= 2 { output.write(rule.left + rule.dash) }
        for column in widths.indices {
            output.write(String(repeating: rule.dash, count: widths[column]))
            guard column + 1 < widths.count else { continue }
            output.write(options.border == 0 ? " " : rule.dash + rule.middle + rule.dash)
        }
        if options.border >= 2 { output.write(rule.dash + rule.right) }
        if options.border == 1 { output.write(rule.dash) }
        output.write("\n")
    }

    private func printFoot(_ footers: [String]?) {
        if options.border >= 2 { printRule(.bottom) }
        if !options.tuplesOnly {
            let standard = options.hasFooter ? [ResultTable.rowCountFooter(rowCount)] : []
            for footer in footers ?? standard { output.write(footer + "\n") }
        }
        output.write("\n")
    }
}

// MARK: - Rows

extension AlignedTable {
    private func printRow(_ batch: RowBatch, _ row: Int) {
        var needsLines = false
        for column in widths.indices where !needsLines {
            needsLines = !isPlainColumn[column]
            if options.format == .wrapped,
                cells.cell(batch, row: row, column: column).count > widths[column]
            {
                needsLines = true
            }
        }
        if needsLines { printLines(batch, row) } else { printPlain(batch, row) }
    }

    /// A row whose cells are single lines of plain ASCII: one pass, nothing allocated.
    private func printPlain(_ batch: RowBatch, _ row: Int) {
        if options.border >= 2 { output.write(lines.left) }
        let last = widths.count - 1
        for column in widths.indices {
            if options.border > 0 { output.write(byte: UInt8(ascii: " ")) }
            let cell = cells.cell(batch, row: row, column: column)
            let padding = widths[column] - cell.count
            let isClosed = options.border >= 2 || column < last
            if cells.columns[column].isRightAligned {
                output.write(count: padding)
                output.write(cell)
            } else {
                output.write(cell)
                if isClosed { output.write(count: padding) }
            }
            if isClosed { output.write(byte: UInt8(ascii: " ")) }
            if options.border > 0, column < last { output.write(lines.between) }
        }
        if options.border >= 2 { output.write(lines.right) }
        output.write(byte: UInt8(ascii: "\n"))
    }

    /// How a line of a cell follows the one before.
    private enum Continuation { case none, newline, wrap }

    /// Where the printing of one cell stands.
    private struct Cell {
        var lines: [DisplayLine]
        var line = 0
        var byte = 0
        var continuation = Continuation.none

        var isFinished: Bool { line >= lines.count }
    }

    /// A row with cells of several lines, or cells that must be wrapped.
    private func printLines(_ batch: RowBatch, _ row: Int) {
        var row = widths.indices.map { column in
            Cell(lines: DisplayText.lines(of: cells.cell(batch, row: row, column: column)))
        }
        let last = widths.count - 1
        repeat {
            if options.border >= 2 { output.write(lines.left) }
            for column in widths.indices {
                if options.border > 0 {
                    output.write(row[column].continuation == .wrap ? lines.wrapLeft : " ")
                }
                printLine(of: &row[column], column: column, isLast: column == last)
                guard options.border > 0, column < last else { continue }
                let next = row[column + 1]
                switch next.continuation {
                case .wrap: output.write(lines.betweenWrap)
                case .newline: output.write(lines.betweenNewline)
                case .none: output.write(next.isFinished ? lines.betweenBlank : lines.between)
                }
            }
            if options.border >= 2 { output.write(lines.right) }
            output.write("\n")
        } while row.contains { !$0.isFinished }
    }

    private func printLine(of cell: inout Cell, column: Int, isLast: Bool) {
        let isRightAligned = cells.columns[column].isRightAligned
        let isClosed = options.border >= 2 || !isLast
        var width = widths[column]
        if cell.isFinished {
            if isClosed { output.write(count: width) }
        } else {
            let line = cell.lines[cell.line]
            let part = DisplayText.prefix(of: line, from: cell.byte, fitting: width)
            width = min(part.width, width)
            if isRightAligned { output.write(count: widths[column] - width) }
            output.write(line.bytes[cell.byte..<part.end])
            cell.byte = part.end
            if cell.byte >= line.bytes.count {
                cell.line += 1
                cell.byte = 0
            }
        }
        cell.continuation =
            cell.isFinished ? .none : cell.byte > 0 ? .wrap : cell.line > 0 ? .newline : .none
        if !isRightAligned, isClosed || cell.continuation != .none {
            output.write(count: widths[column] - width)
        }
        switch cell.continuation {
        case .wrap: output.write(lines.wrapRight)
        case .newline: output.write(lines.newlineRight)
        case .none: if isClosed { output.write(" ") }
        }
    }
}
