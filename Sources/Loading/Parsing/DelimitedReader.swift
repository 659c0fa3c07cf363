package import SQLTypes
package import Vectors

/// Parses one range of a delimited or CSV file into chunks of typed vectors.
///
/// Each call of ``next()`` works in three passes over memory that is in the cache: cut up to
/// 2,048 rows into fields, convert them column by column, drop the rows that were bad. Memory is
/// bounded by the row buffer (1 MiB, more only for rows longer than that) and one chunk.
///
/// - Shape: one vector per column given, flat, of the column's physical type.
/// - Order: rows in the order of the file.
/// - Bad rows: skipped; the first failure of each is kept until ``takeErrors()``.
/// - Errors: 58P01, 58030 for the file; 22P04 where it cannot be inflated; 54000 for a row longer
///   than 8 MiB. Bad rows throw nothing.
/// - Source: Redshift's COPY parameters and load errors.
package final class DelimitedReader {
    private let range: LoadRange
    private let options: CopyOptions
    private let columns: [LoadColumn]
    private let conversions: [ColumnConversion]
    private let table: RowTable
    private let splitter: QuotedRowSplitter
    private let check: StopCheck
    private var buffer: RowBuffer
    private var hasStarted = false
    private var errors: [LoadError] = []
    /// Line ends of the range before the cursor.
    private var lineCount = 0
    private var linesBefore: Int?

    /// Rows given out so far.
    package private(set) var acceptedRowCount = 0
    /// Rows skipped because they were bad.
    package private(set) var rejectedRowCount = 0
    /// Whether the bad rows of this range alone fail the load.
    package var hasReachedErrorLimit: Bool {
        guard let limit = options.errorLimit else { return false }
        return rejectedRowCount >= limit
    }

    /// Opens a range; `columns` are those that fields go to, in the order of the fields.
    ///
    /// With a `verification` the range is number `number` of its ranges, and its end throws XX001
    /// where the bytes parsed are not what the manifest demands. `check` is asked while much is
    /// read at once.
    ///
    /// - Throws: 58P01, 58030 where the file cannot be opened.
    package init(
        range: LoadRange,
        columns: [LoadColumn],
        options: CopyOptions,
        verification: LoadVerification? = nil,
        number: Int = 0,
        check: @escaping StopCheck = {}
    ) throws(SQLError) {
        self.range = range
        self.check = check
        self.options = options
        self.columns = columns
        conversions = columns.enumerated().map { index, column in
            ColumnConversion(column: column, index: index, options: options)
        }
        table = RowTable(columnCount: columns.count)
        splitter = QuotedRowSplitter(options)
        buffer = RowBuffer(
            source: try ByteSource(
                range,
                compression: options.compression,
                proof: verification?.proof(ofRange: number) ?? .none
            )
        )
    }

    /// The next rows, at most 2,048 and at least one; nil at the end or once the error limit is
    /// reached.
    package func next() throws(SQLError) -> Chunk? {
        if !hasStarted {
            hasStarted = true
            try buffer.refill(path: range.file.path)
            if range.start == 0 { try skipHeader() }
        }
        while !hasReachedErrorLimit {
            // Chunk after chunk may hold bad rows only.
            try check()
            let errorsBefore = errors.count
            let (rows, rejected) = try cutRows()
            if rows == 0 {
                if rejected > 0 { continue }
                return nil
            }
            let chunk = convert(rows)
            orderErrors(from: errorsBefore)
            if let chunk { return chunk }
        }
        return nil
    }

    /// The bad rows since the last call, in the order of the file.
    ///
    /// - Throws: 58P01 and 58030 where their line numbers cannot be found; 57014.
    package func takeErrors() throws(SQLError) -> [LoadError] {
        guard !errors.isEmpty else { return [] }
        let first = try firstLine()
        defer { errors = [] }
        return errors.map { error in
            var counted = error
            counted.line += first
            return counted
        }
    }

    private func skipHeader() throws(SQLError) {
        var left = options.headerLineCount
        while left > 0 {
            while buffer.cursor < buffer.filled && left > 0 {
                if buffer.base[buffer.cursor] == lineFeed {
                    left -= 1
                    lineCount += 1
                }
                buffer.cursor += 1
            }
            if left == 0 || buffer.isAtEnd { return }
            try buffer.refill(path: range.file.path)
        }
    }

    // MARK: Cutting

    /// Cuts rows until the table is full or the buffer has no whole row left.
    ///
    /// - Returns: rows in the table, and how many more were rejected outright.
    private func cutRows() throws(SQLError) -> (rows: Int, rejected: Int) {
        // A buffer at least half full gives a full chunk of all but very long rows.
        if buffer.filled - buffer.cursor < buffer.filled / 2 || buffer.cursor == buffer.filled {
            try buffer.refill(path: range.file.path)
        }
        table.originals.removeAll(keepingCapacity: true)
        let rejectedBefore = rejectedRowCount
        let specials = specialBytes
        // Two kinds of quotes and escapes are one byte too many for the plain cutting.
        let cutsEveryRow = options.removesQuotes && options.hasEscapes
        var rows = 0
        while cutsEveryRow {
            var isDone = rows == chunkRowCountMax || hasReachedErrorLimit
            if !isDone { isDone = try !cutQuotedRow(&rows) }
            if isDone { return (rows, rejectedRowCount - rejectedBefore) }
        }
        while true {
            let rowsBefore = rows
            let stop = splitPlainRows(
                buffer.base,
                cursor: &buffer.cursor,
                filled: buffer.filled,
                rows: &rows,
                into: table,
                delimiter: options.delimiter,
                special1: specials.0,
                special2: specials.1
            )
            for row in rowsBefore..<rows {
                table.rowLines[row] = UInt32(truncatingIfNeeded: lineCount)
                lineCount += 1
            }
            switch stop {
            case .full: return (rows, rejectedRowCount - rejectedBefore)
            case .fieldCount(let count):
                table.rowLines[rows] = UInt32(truncatingIfNeeded: lineCount)
                lineCount += 1
                accept(fieldCount: count, row: &rows)
            case .special:
                if try !cutQuotedRow(&rows) {
                    return (rows, rejectedRowCount - rejectedBefore)
                }
            case .needsBytes:
                let isDone = rows > 0 || rejectedRowCount > rejectedBefore || buffer.isAtEnd
                if isDone { return (rows, rejectedRowCount - rejectedBefore) }
                try buffer.refill(path: range.file.path)
            }
            if rows == chunkRowCountMax || hasReachedErrorLimit {
                return (rows, rejectedRowCount - rejectedBefore)
            }
        }
    }

    /// The bytes that make a row more than plain fields; the delimiter for none.
    private var specialBytes: (UInt8, UInt8) {
        if options.format == .csv { return (options.quote, options.quote) }
        if options.removesQuotes { return (UInt8(ascii: "\""), UInt8(ascii: "'")) }
        if options.hasEscapes { return (UInt8(ascii: "\\"), options.delimiter) }
        return (options.delimiter, options.delimiter)
    }

    /// Cuts the row at the cursor the long way; false where it is not whole in the buffer and
    /// other rows must be handed on first.
    private func cutQuotedRow(_ rows: inout Int) throws(SQLError) -> Bool {
        while true {
            if buffer.cursor == buffer.filled && buffer.isAtEnd { return false }
            let result = splitter.split(
                buffer.base,
                start: buffer.cursor,
                filled: buffer.filled,
                isAtEnd: buffer.isAtEnd,
                row: rows,
                into: table
            )
            switch result {
            case .needsBytes:
                if rows > 0 { return false }
                try buffer.refill(path: range.file.path)
            case .bad(let failure, let next, let lines):
                buffer.cursor = next
                table.rowLines[rows] = UInt32(truncatingIfNeeded: lineCount)
                lineCount += lines
                record(failure, row: rows, column: nil)
                return true
            case .fields(let count, let next, let lines):
                buffer.cursor = next
                table.rowLines[rows] = UInt32(truncatingIfNeeded: lineCount)
                lineCount += lines
                accept(fieldCount: count, row: &rows)
                return true
            }
        }
    }

    /// Counts the row just cut where it has the right number of fields or may be filled up.
    private func accept(fieldCount count: Int, row: inout Int) {
        let wanted = columns.count
        let isEmpty = table.rowStarts[row] == table.rowEnds[row] && count == 1
        if isEmpty && options.ignoresBlankLines { return }
        if count < wanted {
            guard options.fillsRecords else {
                record(
                    FieldFailure(code: 1214, reason: "Delimiter not found"),
                    row: row,
                    column: nil
                )
                return
            }
            for column in count..<wanted {
                let cell = column * chunkRowCountMax + row
                table.starts[cell] = table.rowStarts[row]
                table.lengths[cell] = RowTable.missing
            }
        } else if count > wanted, !endsWithDelimiter(row, count) {
            record(
                FieldFailure(code: 1202, reason: "Extra column(s) found"),
                row: row,
                column: nil
            )
            return
        }
        table.isBad[row] = 0
        row += 1
    }

    /// Whether the field too many is the empty one behind a trailing delimiter.
    private func endsWithDelimiter(_ row: Int, _ count: Int) -> Bool {
        let end = Int(table.rowEnds[row])
        return count == columns.count + 1 && end > Int(table.rowStarts[row])
            && buffer.base[end - 1] == options.delimiter
    }

    // MARK: Converting

    /// The rows of the table that are good; nil where none is.
    private func convert(_ rows: Int) -> Chunk? {
        let base = buffer.base
        var badCount = 0
        var vectors: [Vector] = []
        vectors.reserveCapacity(columns.count)
        for (index, conversion) in conversions.enumerated() {
            vectors.append(
                conversion.convert(base, table, rows: rows) { row, failure in
                    table.isBad[row] = 1
                    badCount += 1
                    record(failure, row: row, column: index)
                }
            )
        }
        let chunk = Chunk(count: rows, columns: vectors)
        if badCount == 0 {
            acceptedRowCount += rows
            return chunk
        }
        if badCount == rows { return nil }
        var positions: [UInt16] = []
        positions.reserveCapacity(rows - badCount)
        for row in 0..<rows where table.isBad[row] == 0 { positions.append(UInt16(row)) }
        acceptedRowCount += positions.count
        return positions.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { chunk.gather($0, count: buffer.count) }
        }
    }

    /// Puts a chunk's errors, found column by column, in the order of the file, and drops those
    /// past the limit.
    private func orderErrors(from start: Int) {
        guard errors.count > start else { return }
        errors[start...].sort { $0.line < $1.line }
        if let limit = options.errorLimit, rejectedRowCount > limit {
            errors.removeLast(min(errors.count - start, rejectedRowCount - limit))
        }
    }

    /// Keeps a bad row for `takeErrors` and counts it.
    private func record(_ failure: FieldFailure, row: Int, column: Int?) {
        rejectedRowCount += 1
        let start = Int(table.rowStarts[row])
        let line = UnsafeBufferPointer(
            start: UnsafePointer(buffer.base + start),
            count: Int(table.rowEnds[row]) - start
        )
        var field = ""
        if let column {
            let cell = column * chunkRowCountMax + row
            let length = table.lengths[cell]
            if length < RowTable.null {
                field = excerpt(
                    UnsafeBufferPointer(
                        start: UnsafePointer(buffer.base + Int(table.starts[cell])),
                        count: Int(length & ~RowTable.quotedFlag)
                    )
                )
            }
        }
        let target = column.map { columns[$0] }
        errors.append(
            LoadError(
                file: range.file.path,
                line: Int(table.rowLines[row]),
                startOffset: range.start + buffer.offset + start,
                column: target?.name ?? "",
                type: target?.type.loadErrorName.type ?? "",
                length: target?.type.loadErrorName.length ?? "",
                position: failure.position,
                rawLine: table.originals[row] ?? excerpt(line),
                rawField: field,
                code: failure.code,
                reason: String(failure.reason.prefix(100))
            )
        )
    }

    /// The number of the range's first line.
    ///
    /// Counting reads the file up to there, so it waits for the first bad row.
    ///
    /// - Throws: 58P01 and 58030 where the file cannot be read again; 57014.
    private func firstLine() throws(SQLError) -> Int {
        if let linesBefore { return linesBefore + 1 }
        var count = 0
        if range.start > 0 {
            count = try Loading.lineCount(of: range.file.path, before: range.start, check: check)
        }
        linesBefore = count
        return count + 1
    }
}
