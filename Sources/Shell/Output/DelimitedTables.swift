internal import Warehouse

/// Fields with a separator between them, records likewise; rows are written as they come.
///
/// - Source: psql's `print_unaligned_text`: separators stand between records, and the last one
///   ends with a newline whatever the separator is, but for a zero byte.
final class UnalignedTable: TableWriter {
    private let cells: CellReader
    private let options: PrintOptions
    private let output: TextOutput
    private var needsSeparator = false
    private var rowCount = 0

    init(columns: [TableColumn], options: PrintOptions, output: TextOutput) {
        cells = CellReader(columns: columns, options: options)
        self.options = options
        self.output = output
        guard !options.tuplesOnly else { return }
        if let title = options.title {
            output.write(title)
            output.write(options.recordSeparator)
        }
        for (index, column) in columns.enumerated() {
            if index > 0 { output.write(options.fieldSeparator) }
            output.write(column.name)
        }
        needsSeparator = true
    }

    func rows(_ batch: RowBatch) {
        rowCount += batch.rowCount
        for row in 0..<batch.rowCount {
            if needsSeparator { output.write(options.recordSeparator) }
            needsSeparator = true
            for column in batch.columns.indices {
                if column > 0 { output.write(options.fieldSeparator) }
                output.write(cells.cell(batch, row: row, column: column))
            }
        }
    }

    func end(footers: [String]?) {
        if !options.tuplesOnly {
            let standard = options.hasFooter ? [ResultTable.rowCountFooter(rowCount)] : []
            for footer in footers ?? standard {
                if needsSeparator { output.write(options.recordSeparator) }
                output.write(footer)
                needsSeparator = true
            }
        }
        abandon()
    }

    func abandon() {
        guard needsSeparator else { return }
        output.write(byte: options.recordSeparator == [0] ? 0 : UInt8(ascii: "\n"))
    }
}

/// Unaligned and expanded: a line of name and value for each column, a blank line between records.
final class VerticalUnaligned: TableWriter {
    private let cells: CellReader
    private let options: PrintOptions
    private let output: TextOutput
    private var needsSeparator = false

    init(columns: [TableColumn], options: PrintOptions, output: TextOutput) {
        cells = CellReader(columns: columns, options: options)
        self.options = options
        self.output = output
        if !options.tuplesOnly, let title = options.title {
            output.write(title)
            needsSeparator = true
        }
    }

    func rows(_ batch: RowBatch) {
        for row in 0..<batch.rowCount {
            if needsSeparator {
                output.write(options.recordSeparator)
                output.write(options.recordSeparator)
            }
            needsSeparator = true
            for column in batch.columns.indices {
                if column > 0 { output.write(options.recordSeparator) }
                output.write(cells.columns[column].name)
                output.write(options.fieldSeparator)
                output.write(cells.cell(batch, row: row, column: column))
            }
        }
    }

    func end(footers: [String]?) {
        if !options.tuplesOnly, let footers, !footers.isEmpty {
            output.write(options.recordSeparator)
            for footer in footers {
                output.write(options.recordSeparator)
                output.write(footer)
            }
        }
        abandon()
    }

    func abandon() {
        guard needsSeparator else { return }
        output.write(byte: options.recordSeparator == [0] ? 0 : UInt8(ascii: "\n"))
    }
}

/// Comma-separated values with a header line, as RFC 4180 and psql have them; streaming.
final class CSVTable: TableWriter {
    private let cells: CellReader
    private let separator: UInt8
    private let output: TextOutput

    init(columns: [TableColumn], options: PrintOptions, output: TextOutput) {
        cells = CellReader(columns: columns, options: options)
        separator = options.csvSeparator
        self.output = output
        guard !options.tuplesOnly else { return }
        for (index, column) in columns.enumerated() {
            if index > 0 { output.write(byte: separator) }
            writeCSVField(column.name[...], separator: separator, to: output)
        }
        output.write(byte: UInt8(ascii: "\n"))
    }

    func rows(_ batch: RowBatch) {
        for row in 0..<batch.rowCount {
            for column in batch.columns.indices {
                if column > 0 { output.write(byte: separator) }
                let cell = cells.cell(batch, row: row, column: column)
                writeCSVField(cell, separator: separator, to: output)
            }
            output.write(byte: UInt8(ascii: "\n"))
        }
    }

    func end(footers: [String]?) {}
}

/// CSV and expanded: one line of name and value for each column of each record.
final class VerticalCSV: TableWriter {
    private let cells: CellReader
    private let separator: UInt8
    private let output: TextOutput

    init(columns: [TableColumn], options: PrintOptions, output: TextOutput) {
        cells = CellReader(columns: columns, options: options)
        separator = options.csvSeparator
        self.output = output
    }

    func rows(_ batch: RowBatch) {
        for row in 0..<batch.rowCount {
            for column in batch.columns.indices {
                let name = cells.columns[column].name[...]
                writeCSVField(name, separator: separator, to: output)
                output.write(byte: separator)
                let cell = cells.cell(batch, row: row, column: column)
                writeCSVField(cell, separator: separator, to: output)
                output.write(byte: UInt8(ascii: "\n"))
            }
        }
    }

    func end(footers: [String]?) {}
}

/// Writes one field, in quotes where a reader would else misread it.
private func writeCSVField(_ field: ArraySlice<UInt8>, separator: UInt8, to output: TextOutput) {
    let quote = UInt8(ascii: "\"")
    var needsQuotes = separator == UInt8(ascii: "\\") || separator == UInt8(ascii: ".")
    for byte in field where byte == separator || byte == quote || byte == 0x0A || byte == 0x0D {
        needsQuotes = true
        break
    }
    // The end-of-data mark of COPY.
    if field.count == 2, field.elementsEqual("\\.".utf8) { needsQuotes = true }
    guard needsQuotes else {
        output.write(field)
        return
    }
    output.write(byte: quote)
    var rest = field
    while let index = rest.firstIndex(of: quote) {
        output.write(rest[...index])
        output.write(byte: quote)
        rest = rest[(index + 1)...]
    }
    output.write(rest)
    output.write(byte: quote)
}
