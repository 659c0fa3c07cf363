import Vectors

/// What cutting one row with quotes or escapes gave.
enum QuotedRow {
    /// The row has so many fields and ends before `next`, on its `lines`-th line.
    case fields(Int, next: Int, lines: Int)
    /// The row is bad; the next one begins at `next`.
    case bad(FieldFailure, next: Int, lines: Int)
    /// The row is not whole in the buffer.
    case needsBytes
}

/// Cuts the row at `start` of CSV, ESCAPE or REMOVEQUOTES input into fields.
///
/// The first pass finds the row's end and changes nothing, because the row may have to be read
/// again with more bytes; the second takes quotes and escapes away in place.
struct QuotedRowSplitter {
    let isCSV: Bool
    let hasEscapes: Bool
    let removesQuotes: Bool
    let delimiter: UInt8
    let quote: UInt8
    let nullText: [UInt8]

    private static let escape = UInt8(ascii: "\\")

    init(_ options: CopyOptions) {
        isCSV = options.format == .csv
        hasEscapes = options.hasEscapes
        removesQuotes = options.removesQuotes
        delimiter = options.delimiter
        quote = options.quote
        nullText = options.nullText
    }

    func split(
        _ base: UnsafeMutablePointer<UInt8>,
        start: Int,
        filled: Int,
        isAtEnd: Bool,
        row: Int,
        into table: RowTable
    ) -> QuotedRow {
        table.originals[row] = nil
        return isCSV
            ? splitCSV(base, start, filled, isAtEnd, row, table)
            : splitDelimited(base, start, filled, isAtEnd, row, table)
    }

    private func note(
        _ table: RowTable,
        column: Int,
        row: Int,
        start: Int,
        length: UInt32
    ) {
        guard column < table.columnCount else { return }
        let cell = column * chunkRowCountMax + row
        table.starts[cell] = UInt32(truncatingIfNeeded: start)
        table.lengths[cell] = length
    }

    private func noteRow(
        _ table: RowTable,
        _ base: UnsafeMutablePointer<UInt8>,
        row: Int,
        start: Int,
        end: Int
    ) {
        table.rowStarts[row] = UInt32(truncatingIfNeeded: start)
        table.rowEnds[row] = UInt32(truncatingIfNeeded: end)
        // A row found bad after some of its bytes were changed keeps its first excerpt.
        if table.originals[row] == nil {
            let text = UnsafeBufferPointer(start: base + start, count: min(end - start, 1100))
            table.originals[row] = excerpt(text)
        }
    }

    // MARK: CSV

    private func splitCSV(
        _ base: UnsafeMutablePointer<UInt8>,
        _ start: Int,
        _ filled: Int,
        _ isAtEnd: Bool,
        _ row: Int,
        _ table: RowTable
    ) -> QuotedRow {
        var end = start
        var lines = 1
        var isInQuotes = false
        var firstLineEnd: Int?
        while end < filled {
            let byte = base[end]
            if byte == quote { isInQuotes.toggle() }
            if byte == lineFeed {
                firstLineEnd = firstLineEnd ?? end
                if !isInQuotes { break }
                lines += 1
            }
            end += 1
        }
        if end >= filled {
            if !isAtEnd { return .needsBytes }
            // A quote without an end: only the row's first line is given up.
            return bad(base, start, firstLineEnd ?? filled, filled, row, table)
        }
        let next = end + 1
        if end > start && base[end - 1] == carriageReturn { end -= 1 }
        noteRow(table, base, row: row, start: start, end: end)
        var at = start
        var column = 0
        while true {
            var open = at
            while open < end && base[open] == 32 { open += 1 }
            if open < end && base[open] == quote {
                guard let close = closeQuote(base, open + 1, end) else {
                    return bad(base, start, firstLineEnd ?? filled, filled, row, table)
                }
                note(
                    table,
                    column: column,
                    row: row,
                    start: open + 1,
                    length: UInt32(close.length) | RowTable.quotedFlag
                )
                at = close.next
                while at < end && base[at] == 32 { at += 1 }
                if at < end && base[at] != delimiter {
                    return bad(base, start, firstLineEnd ?? filled, filled, row, table)
                }
            } else {
                let fieldStart = at
                while at < end && base[at] != delimiter {
                    if base[at] == quote {
                        return bad(base, start, firstLineEnd ?? filled, filled, row, table)
                    }
                    at += 1
                }
                note(
                    table,
                    column: column,
                    row: row,
                    start: fieldStart,
                    length: UInt32(at - fieldStart)
                )
            }
            column += 1
            if at >= end { break }
            at += 1
        }
        return .fields(column, next: next, lines: lines)
    }

    /// The field's length once doubled quotes are made one, and where it goes on; nil where the
    /// closing quote is missing.
    private func closeQuote(
        _ base: UnsafeMutablePointer<UInt8>,
        _ start: Int,
        _ end: Int
    ) -> (length: Int, next: Int)? {
        var from = start
        var to = start
        while from < end {
            let byte = base[from]
            if byte == quote {
                guard from + 1 < end, base[from + 1] == quote else { return (to - start, from + 1) }
                from += 1
            }
            base[to] = byte
            to += 1
            from += 1
        }
        return nil
    }

    private func bad(
        _ base: UnsafeMutablePointer<UInt8>,
        _ start: Int,
        _ end: Int,
        _ filled: Int,
        _ row: Int,
        _ table: RowTable
    ) -> QuotedRow {
        noteRow(table, base, row: row, start: start, end: end)
        let failure = FieldFailure(code: 1216, reason: "Invalid quote formatting for CSV")
        return .bad(failure, next: min(end + 1, filled), lines: 1)
    }

    // MARK: ESCAPE and REMOVEQUOTES

    private func splitDelimited(
        _ base: UnsafeMutablePointer<UInt8>,
        _ start: Int,
        _ filled: Int,
        _ isAtEnd: Bool,
        _ row: Int,
        _ table: RowTable
    ) -> QuotedRow {
        var end = start
        var lines = 1
        while end < filled && base[end] != lineFeed {
            if hasEscapes && base[end] == Self.escape && end + 1 < filled {
                end += 1
                if base[end] == lineFeed { lines += 1 }
            }
            end += 1
        }
        if end >= filled && !isAtEnd { return .needsBytes }
        end = min(end, filled)
        let next = min(end + 1, filled)
        if end > start && base[end - 1] == carriageReturn { end -= 1 }
        noteRow(table, base, row: row, start: start, end: end)
        var at = start
        var column = 0
        while true {
            let mark = at < end ? base[at] : 0
            let isQuoted =
                removesQuotes && (mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'"))
            if isQuoted { at += 1 }
            let fieldStart = at
            var to = at
            var isClosed = false
            while at < end {
                var byte = base[at]
                if hasEscapes && byte == Self.escape && at + 1 < end {
                    at += 1
                    byte = base[at]
                } else if isQuoted {
                    if byte == mark && (at + 1 == end || base[at + 1] == delimiter) {
                        isClosed = true
                        at += 1
                        break
                    }
                } else if byte == delimiter {
                    break
                }
                // A field equal to the NULL text must keep its bytes to be seen as such.
                base[to] = byte
                to += 1
                at += 1
            }
            if isQuoted && !isClosed {
                let failure = FieldFailure(code: 1216, reason: "Missing end quote")
                return .bad(failure, next: next, lines: lines)
            }
            var length = UInt32(to - fieldStart)
            if isQuoted {
                length |= RowTable.quotedFlag
            } else if to != at {
                // `\N` is NULL; any other field with a backslash is what it says.
                let isNull = isNullText(table, row, base, fieldStart, to, at)
                length = isNull ? RowTable.null : length | RowTable.quotedFlag
            }
            note(table, column: column, row: row, start: fieldStart, length: length)
            column += 1
            if at >= end { break }
            at += 1
        }
        return .fields(column, next: next, lines: lines)
    }

    /// Whether a field that lost one backslash was the NULL text `\N` before.
    private func isNullText(
        _ table: RowTable,
        _ row: Int,
        _ base: UnsafeMutablePointer<UInt8>,
        _ start: Int,
        _ to: Int,
        _ at: Int
    ) -> Bool {
        guard nullText.first == Self.escape, at - start == nullText.count,
            to - start == nullText.count - 1
        else { return false }
        return (0..<to - start).allSatisfy { base[start + $0] == nullText[$0 + 1] }
    }
}
