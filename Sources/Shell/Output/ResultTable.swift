internal import Warehouse

/// What a table writer needs to know of a column.
struct TableColumn {
    var name: [UInt8]
    var isRightAligned: Bool

    init(_ name: String, isRightAligned: Bool = false) {
        self.name = Array(name.utf8)
        self.isRightAligned = isRightAligned
    }

    init(_ column: ResultColumn) {
        self.init(column.name, isRightAligned: column.type.isNumeric)
    }
}

/// Writes one result in one format: columns, batches of rows, then the end.
protocol TableWriter: AnyObject {
    /// Takes the next rows; a format that needs no widths writes them at once.
    func rows(_ batch: RowBatch)
    /// Ends the table with its footers; nil for the row count.
    func end(footers: [String]?)
    /// Ends a table whose statement failed, so that what follows begins on a line of its own.
    func abandon()
}

extension TableWriter {
    // Formats that write whole lines have none to end.
    func abandon() {}
}

/// Chooses the writer for a format.
enum ResultTable {
    /// A writer of `columns` to `output` as `options` say.
    static func writer(
        columns: [TableColumn],
        options: PrintOptions,
        output: TextOutput
    ) -> any TableWriter {
        switch options.format {
        case .csv where options.expanded == .on:
            VerticalCSV(columns: columns, options: options, output: output)
        case .csv: CSVTable(columns: columns, options: options, output: output)
        case .unaligned where options.expanded == .on:
            VerticalUnaligned(columns: columns, options: options, output: output)
        case .unaligned: UnalignedTable(columns: columns, options: options, output: output)
        case .aligned, .wrapped: AlignedTable(columns: columns, options: options, output: output)
        }
    }

    /// The default footer.
    static func rowCountFooter(_ count: Int) -> String {
        count == 1 ? "(1 row)" : "(\(count) rows)"
    }
}

/// Reads a batch's values as they are to be printed: NULL text and digit groups in place.
struct CellReader {
    let columns: [TableColumn]
    let options: PrintOptions

    /// The text of one value.
    func cell(_ batch: RowBatch, row: Int, column: Int) -> ArraySlice<UInt8> {
        if batch.columns[column].isNull[row] { return options.nullText[...] }
        let start = batch.columns[column].offsets[row]
        let end = batch.columns[column].offsets[row + 1]
        let bytes = batch.columns[column].bytes[start..<end]
        guard options.groupsDigits, columns[column].isRightAligned else { return bytes }
        return Self.grouped(bytes)[...]
    }

    /// `1234567.5` as `1,234,567.5`; what is no plain number stays.
    static func grouped(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var digits = number
        if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            result.append(first)
            digits = digits.dropFirst()
        }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let whole = digits.prefix(while: isDigit)
        guard !whole.isEmpty else { return Array(number) }
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { result.append(UInt8(ascii: ",")) }
            result.append(digit)
        }
        return result + digits.dropFirst(whole.count)
    }
}
