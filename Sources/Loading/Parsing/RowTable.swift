import Vectors

/// Where the fields of up to 2,048 rows lie in the row buffer, column by column.
///
/// ```
///   starts[column * 2048 + row], lengths[column * 2048 + row]   offset, bytes and flags
///   rowStarts[row], rowEnds[row], rowLines[row], isBad[row]
/// ```
final class RowTable {
    /// Set in a length where the field stood in quotes, so that it is never the NULL text.
    static let quotedFlag: UInt32 = 1 << 31
    /// The length of a field that the row does not have (FILLRECORD).
    static let missing = UInt32.max
    /// The length of a field that is NULL whatever its bytes are now.
    static let null = UInt32.max - 1

    let columnCount: Int
    let starts: UnsafeMutablePointer<UInt32>
    let lengths: UnsafeMutablePointer<UInt32>
    let rowStarts: UnsafeMutablePointer<UInt32>
    let rowEnds: UnsafeMutablePointer<UInt32>
    let rowLines: UnsafeMutablePointer<UInt32>
    let isBad: UnsafeMutablePointer<UInt8>
    /// The text of rows whose bytes were changed in place, for messages.
    var originals: [Int: String] = [:]

    init(columnCount: Int) {
        self.columnCount = columnCount
        let cells = max(1, columnCount) * chunkRowCountMax
        starts = .allocate(capacity: cells)
        lengths = .allocate(capacity: cells)
        rowStarts = .allocate(capacity: chunkRowCountMax)
        rowEnds = .allocate(capacity: chunkRowCountMax)
        rowLines = .allocate(capacity: chunkRowCountMax)
        isBad = .allocate(capacity: chunkRowCountMax)
        starts.initialize(repeating: 0, count: cells)
        lengths.initialize(repeating: 0, count: cells)
        rowStarts.initialize(repeating: 0, count: chunkRowCountMax)
        rowEnds.initialize(repeating: 0, count: chunkRowCountMax)
        rowLines.initialize(repeating: 0, count: chunkRowCountMax)
        isBad.initialize(repeating: 0, count: chunkRowCountMax)
    }

    deinit {
        starts.deallocate()
        lengths.deallocate()
        rowStarts.deallocate()
        rowEnds.deallocate()
        rowLines.deallocate()
        isBad.deallocate()
    }
}

/// Why `splitPlainRows` stopped.
enum SplitStop {
    /// The table is full.
    case full
    /// The rest of the buffer is no whole row.
    case needsBytes
    /// The row at the cursor has a quote or an escape.
    case special
    /// The row just ended has another number of fields than there are columns.
    case fieldCount(Int)
}

/// Cuts rows without quotes and escapes into fields, eight bytes at a time.
///
/// Every row in `base[cursor..<filled]` that is whole ends with a line feed. Bytes behind `filled`
/// are readable. On `fieldCount` the row stands in the table, its cursor behind it, but is not
/// counted in `rows`.
///
/// `special1` and `special2` are bytes that stop the plain cutting; the delimiter for none.
func splitPlainRows(
    _ base: UnsafeMutablePointer<UInt8>,
    cursor: inout Int,
    filled: Int,
    rows: inout Int,
    into table: RowTable,
    delimiter: UInt8,
    special1: UInt8,
    special2: UInt8
) -> SplitStop {
    let columnCount = table.columnCount
    let (starts, lengths) = (table.starts, table.lengths)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low7: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let delimiters = UInt64(delimiter) &* ones
    let feeds = UInt64(lineFeed) &* ones
    let first = UInt64(special1) &* ones
    let second = UInt64(special2) &* ones
    let hasSpecials = special1 != delimiter || special2 != delimiter
    let raw = UnsafeRawPointer(base)

    // The high bit of each byte of `word` that is zero.
    @inline(__always)
    func zeros(_ word: UInt64) -> UInt64 { ~(((word & low7) &+ low7) | word | low7) }

    @inline(__always)
    func marks(_ block: Int) -> UInt64 {
        let word = raw.loadUnaligned(fromByteOffset: block, as: UInt64.self)
        var found = zeros(word ^ delimiters) | zeros(word ^ feeds)
        if hasSpecials { found |= zeros(word ^ first) | zeros(word ^ second) }
        return found
    }

    var rowStart = cursor
    if rowStart >= filled { return .needsBytes }
    var block = rowStart
    var found = marks(block)
    var fieldStart = rowStart
    var column = 0
    while rows < chunkRowCountMax {
        while found == 0 {
            block += 8
            if block >= filled { return .needsBytes }
            found = marks(block)
        }
        let position = block + found.trailingZeroBitCount >> 3
        if position >= filled { return .needsBytes }
        found &= found &- 1
        let byte = base[position]
        if byte == delimiter {
            if column < columnCount {
                let cell = column &* chunkRowCountMax &+ rows
                starts[cell] = UInt32(truncatingIfNeeded: fieldStart)
                lengths[cell] = UInt32(truncatingIfNeeded: position &- fieldStart)
            }
            column &+= 1
            fieldStart = position &+ 1
        } else if byte == lineFeed {
            var end = position
            if end > fieldStart && base[end &- 1] == carriageReturn { end &-= 1 }
            if column < columnCount {
                let cell = column &* chunkRowCountMax &+ rows
                starts[cell] = UInt32(truncatingIfNeeded: fieldStart)
                lengths[cell] = UInt32(truncatingIfNeeded: end &- fieldStart)
            }
            table.rowStarts[rows] = UInt32(truncatingIfNeeded: rowStart)
            table.rowEnds[rows] = UInt32(truncatingIfNeeded: end)
            cursor = position &+ 1
            // One empty field more than there are columns is a trailing delimiter.
            if column &+ 1 != columnCount && !(column == columnCount && end == fieldStart)
                || end == rowStart
            {
                return .fieldCount(column &+ 1)
            }
            table.isBad[rows] = 0
            rows &+= 1
            rowStart = position &+ 1
            fieldStart = rowStart
            column = 0
        } else {
            return .special
        }
    }
    return .full
}
