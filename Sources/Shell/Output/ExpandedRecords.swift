internal import Warehouse

/// Records one below the other, a line for each column, as `\x` prints them.
///
/// - Source: psql's `print_aligned_vertical` (`print.c`).
struct ExpandedRecords {
    let columns: [TableColumn]
    let headers: [[DisplayLine]]
    let cells: CellReader
    let options: PrintOptions
    let output: TextOutput
    let lines: TableLines

    /// Prints all records, then the footers; without rows only the footer, or the row count.
    func print(_ batches: [RowBatch], footers: [String]?, targetColumns: Int) {
        guard batches.contains(where: { $0.rowCount > 0 }) else {
            let standard = options.hasFooter ? [ResultTable.rowCountFooter(0)] : []
            if !options.tuplesOnly {
                for footer in footers ?? standard { output.write(footer + "\n") }
            }
            output.write("\n")
            return
        }
        let nameWidth = headers.joined().map(\.width).max() ?? 0
        let isMultilineName = headers.contains { $0.count > 1 }
        let (fullWidth, isMultiline) = measure(batches)
        let dataWidth = wrapWidth(
            fullWidth,
            nameWidth: nameWidth,
            isMultilineName: isMultilineName,
            isMultiline: isMultiline,
            target: targetColumns,
            recordCount: batches.reduce(0) { $0 + $1.rowCount }
        )
        let layout = Layout(
            nameWidth: nameWidth,
            dataWidth: dataWidth,
            isMultilineName: isMultilineName,
            isMultiline: isMultiline || dataWidth < fullWidth
        )
        if !options.tuplesOnly, let title = options.title { output.write(title + "\n") }
        var record = 0
        for batch in batches {
            for row in 0..<batch.rowCount where !output.isCut {
                record += 1
                if !options.tuplesOnly {
                    printRule(layout, record: record, record == 1 ? .top : .middle)
                } else if record > 1 || options.border >= 2 {
                    printRule(layout, record: nil, record == 1 ? .top : .middle)
                }
                for column in columns.indices {
                    let value = DisplayText.lines(
                        of: cells.cell(batch, row: row, column: column)
                    )
                    printField(headers[column], value, layout)
                }
            }
        }
        if options.border >= 2 { printRule(layout, record: nil, .bottom) }
        if !options.tuplesOnly, let footers, !footers.isEmpty {
            if options.border < 2 { output.write("\n") }
            for footer in footers { output.write(footer + "\n") }
        }
        output.write("\n")
    }

    private struct Layout {
        var nameWidth: Int
        var dataWidth: Int
        var isMultilineName: Bool
        var isMultiline: Bool
    }

    private func measure(_ batches: [RowBatch]) -> (width: Int, isMultiline: Bool) {
        var width = 0
        var isMultiline = false
        for batch in batches {
            for column in batch.columns.indices {
                for row in 0..<batch.rowCount {
                    let cell = cells.cell(batch, row: row, column: column)
                    guard !DisplayText.isPlain(cell) else {
                        width = max(width, cell.count)
                        continue
                    }
                    let lines = DisplayText.lines(of: cell)
                    isMultiline = isMultiline || lines.count > 1
                    for line in lines { width = max(width, line.width) }
                }
            }
        }
        return (width, isMultiline)
    }

    /// The width of the values: in the wrapped format narrower than the widest where the line
    /// would get longer than `target`, and never too narrow for the lines above records.
    private func wrapWidth(
        _ width: Int,
        nameWidth: Int,
        isMultilineName: Bool,
        isMultiline: Bool,
        target: Int,
        recordCount: Int
    ) -> Int {
        guard options.format == .wrapped else { return width }
        let digits = String(recordCount).utf8.count
        let ruleWidth: Int
        var frame: Int
        switch options.border {
        case 0: (ruleWidth, frame) = (digits + 9, 1 + (isMultilineName ? 1 : 0))
        case 1: (ruleWidth, frame) = (digits + 12, 3)
        default: (ruleWidth, frame) = (digits + 15, 7)
        }
        if isMultiline, options.border < 2 { frame += 1 }
        func fitted() -> Int {
            let wanted = max(nameWidth + frame + width, ruleWidth)
            guard target > 0, target < wanted else { return wanted - nameWidth - frame }
            let least = max(nameWidth + frame + 3, ruleWidth)
            return max(target, least) - nameWidth - frame
        }
        let result = fitted()
        guard result < width, !isMultiline, options.border < 2 else { return result }
        // Wrapping needs a column for its marks.
        frame += 1
        return fitted()
    }

    /// The line above a record, or the last one of a table.
    private func printRule(_ layout: Layout, record: Int?, _ place: TableLines.Place) {
        let rule = lines.rule(place)
        let dash = options.border > 0 ? rule.dash : " "
        if options.border >= 2 { output.write(rule.left + rule.dash) }
        if options.border == 1 { output.write(rule.dash) }
        var length = 0
        if let record {
            let name = options.border == 0 ? "* Record \(record)" : "[ RECORD \(record) ]"
            output.write(name)
            length = name.utf8.count
        }
        if options.border < 2 { length += 1 }
        output.write(String(repeating: dash, count: max(0, layout.nameWidth - length)))
        length -= layout.nameWidth
        let joints = options.border > 0 ? [rule.dash, rule.middle, rule.dash] : [" "]
        for joint in joints {
            if length <= 0 { output.write(joint) }
            length -= 1
        }
        output.write(String(repeating: dash, count: max(0, layout.dataWidth - max(0, length))))
        if options.border >= 2 { output.write(rule.dash + rule.right) }
        output.write("\n")
    }

    /// One column of a record: its name's lines beside its value's.
    private func printField(_ name: [DisplayLine], _ value: [DisplayLine], _ layout: Layout) {
        var nameLine = 0
        var line = 0
        var byte = 0
        while nameLine < name.count || line < value.count {
            if options.border >= 2 { output.write(lines.left) }
            printName(name, &nameLine, layout)
            if options.border > 0 {
                output.write(
                    byte > 0
                        ? lines.betweenWrap : line == 0 ? lines.between : lines.betweenNewline
                )
            }
            guard line < value.count else {
                // The name is longer than the value.
                if options.border >= 2 { output.write(count: layout.dataWidth + 2) }
                output.write(options.border >= 2 ? lines.right + "\n" : "\n")
                continue
            }
            printValue(value, &line, &byte, layout)
            if options.border >= 2 { output.write(lines.right) }
            output.write("\n")
        }
    }

    private func printName(_ name: [DisplayLine], _ nameLine: inout Int, _ layout: Layout) {
        let hasMark = options.border > 0 || layout.isMultilineName
        guard nameLine < name.count else {
            let mark = options.border == 0 && layout.isMultilineName ? 1 : options.border
            output.write(count: layout.nameWidth + mark)
            return
        }
        if options.border >= 2 { output.write(" ") }
        output.write(name[nameLine].bytes)
        output.write(count: layout.nameWidth - name[nameLine].width)
        nameLine += 1
        guard hasMark else { return }
        output.write(nameLine < name.count ? lines.newlineRight : " ")
    }

    private func printValue(
        _ value: [DisplayLine],
        _ line: inout Int,
        _ byte: inout Int,
        _ layout: Layout
    ) {
        output.write(byte > 0 ? lines.wrapLeft : " ")
        let text = value[line]
        let part = DisplayText.prefix(of: text, from: byte, fitting: layout.dataWidth)
        output.write(text.bytes[byte..<part.end])
        let space = layout.dataWidth - part.width
        byte = part.end
        if byte < text.bytes.count {
            if options.border >= 2 || layout.isMultiline {
                output.write(count: space)
                output.write(lines.wrapRight)
            }
            return
        }
        line += 1
        byte = 0
        if line < value.count {
            if options.border >= 2 || layout.isMultiline {
                output.write(count: space)
                output.write(lines.newlineRight)
            }
        } else if options.border >= 2 {
            output.write(count: space)
            output.write(" ")
        }
    }
}
