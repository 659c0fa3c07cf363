package import SQLTypes

/// The direction of one sort key.
package struct SortOrder: Hashable, Sendable {
    /// Smallest first.
    package var ascending: Bool
    /// NULLs before all values, whatever the direction.
    package var nullsFirst: Bool

    /// Makes an order; Redshift's default is NULLs last ascending, first descending.
    package init(ascending: Bool, nullsFirst: Bool) {
        self.ascending = ascending
        self.nullsFirst = nullsFirst
    }
}

/// A sort key by the number of its column.
package struct SortColumn: Hashable, Sendable {
    /// Which column.
    package var column: Int
    /// Smallest first.
    package var ascending: Bool
    /// NULLs before all values, whatever the direction.
    package var nullsFirst: Bool

    /// Makes a sort key.
    package init(column: Int, ascending: Bool, nullsFirst: Bool) {
        self.column = column
        self.ascending = ascending
        self.nullsFirst = nullsFirst
    }

    /// The direction without the column.
    package var order: SortOrder { SortOrder(ascending: ascending, nullsFirst: nullsFirst) }
}

/// The rows in sorted order, equal rows in the order they had.
///
/// ```
///   key of a row, 64 bits | first column | second column | …  as many as fit |
/// ```
/// The leading columns are packed into one integer each row, as narrow as their bounds allow,
/// and sorted by radix; only rows whose keys tie and whose keys do not tell all are compared.
///
/// `check` is asked every few milliseconds; what it throws is thrown on.
package func sortPermutation(
    _ columns: [Vector],
    order: [SortOrder],
    count: Int,
    check: StopCheck = {}
) throws(SQLError) -> [UInt32] {
    var rows = (0..<UInt32(count)).map { $0 }
    if count < 2 || columns.isEmpty { return rows }
    var packing = KeyPacking(count: count)
    for (column, order) in zip(columns, order) {
        guard try packing.add(column, order, check) else { break }
    }
    try sortByKeys(&packing.keys, &rows, check)
    if packing.isExact && packing.columns == columns.count { return rows }
    // Columns that went whole into the key need not be compared again.
    let done = packing.isExact ? packing.columns : packing.columns - 1
    try breakTies(
        &rows,
        keys: packing.keys,
        Array(columns[done...]),
        Array(order[done...]),
        check
    )
    return rows
}

/// Compares two rows under an order, NULLs included.
///
/// Less than, equal to or greater than zero as row `i` of `a` comes before, with or after row
/// `j` of `b`.
package func compareOrdered(
    _ a: Vector,
    _ i: Int,
    _ b: Vector,
    _ j: Int,
    _ order: SortOrder
) -> Int {
    switch (a.isNull(i), b.isNull(j)) {
    case (true, true): return 0
    case (true, false): return order.nullsFirst ? -1 : 1
    case (false, true): return order.nullsFirst ? 1 : -1
    case (false, false):
        let difference = compareRows(a, i, b, j)
        return order.ascending ? difference : -difference
    }
}

// MARK: Radix sort

/// Sorts keys and rows together, stably, by the bytes in which keys differ.
private func sortByKeys(
    _ keys: inout [UInt64],
    _ rows: inout [UInt32],
    _ check: StopCheck
) throws(SQLError) {
    let count = keys.count
    if count <= 48 {
        insertionSort(&keys, &rows)
        return
    }
    if count <= 1024 {
        // Too few to pay for clearing a histogram per pass.
        var pairs = zip(keys, rows).map { KeyedRow(key: $0, row: $1) }
        pairs.sort { $0.key != $1.key ? $0.key < $1.key : $0.row < $1.row }
        for index in 0..<count { (keys[index], rows[index]) = (pairs[index].key, pairs[index].row) }
        return
    }
    var different: UInt64 = 0
    var isSorted = true
    try inStretches(count - 1, check) { rows in
        for row in rows {
            different |= keys[row &+ 1] ^ keys[0]
            isSorted = isSorted && keys[row] <= keys[row &+ 1]
        }
    }
    if isSorted { return }
    var otherKeys = [UInt64](repeating: 0, count: count)
    var otherRows = [UInt32](repeating: 0, count: count)
    var histogram = [Int](repeating: 0, count: 2048)
    var shift: UInt64 = 0
    while shift < 64 {
        if different >> shift == 0 { break }
        // Eleven bits a pass, starting where keys differ.
        shift += UInt64((different >> shift).trailingZeroBitCount)
        try scatter(keys, rows, shift, &histogram, &otherKeys, &otherRows, check)
        swap(&keys, &otherKeys)
        swap(&rows, &otherRows)
        shift += 11
    }
}

/// A row with its key; rows of one key ascend before they are sorted, so this order is stable.
private struct KeyedRow {
    let key: UInt64
    let row: UInt32
}

/// One pass of the radix sort: orders by the eleven bits from `shift` on, stably.
private func scatter(
    _ keys: [UInt64],
    _ rows: [UInt32],
    _ shift: UInt64,
    _ histogram: inout [Int],
    _ targetKeys: inout [UInt64],
    _ targetRows: inout [UInt32],
    _ check: StopCheck
) throws(SQLError) {
    try countDigits(keys, shift, &histogram, check)
    try inStretches(keys.count, check) { stretch in
        place(keys, rows, stretch, shift, &histogram, &targetKeys, &targetRows)
    }
}

/// Where the rows of each digit begin, into `histogram`.
private func countDigits(
    _ keys: [UInt64],
    _ shift: UInt64,
    _ histogram: inout [Int],
    _ check: StopCheck
) throws(SQLError) {
    for digit in 0..<2048 { histogram[digit] = 0 }
    try inStretches(keys.count, check) { rows in
        keys.withUnsafeBufferPointer { keys in
            histogram.withUnsafeMutableBufferPointer { starts in
                for row in rows { starts[Int(keys[row] &>> shift & 2047)] &+= 1 }
            }
        }
    }
    var total = 0
    for digit in 0..<2048 {
        let size = histogram[digit]
        histogram[digit] = total
        total &+= size
    }
}

/// Puts a range of rows where their digits' rows go on.
private func place(
    _ keys: [UInt64],
    _ rows: [UInt32],
    _ range: Range<Int>,
    _ shift: UInt64,
    _ histogram: inout [Int],
    _ targetKeys: inout [UInt64],
    _ targetRows: inout [UInt32]
) {
    keys.withUnsafeBufferPointer { keys in
        rows.withUnsafeBufferPointer { rows in
            histogram.withUnsafeMutableBufferPointer { starts in
                targetKeys.withUnsafeMutableBufferPointer { targetKeys in
                    targetRows.withUnsafeMutableBufferPointer { targetRows in
                        for row in range {
                            let digit = Int(keys[row] &>> shift & 2047)
                            let at = starts[digit]
                            starts[digit] = at &+ 1
                            targetKeys[at] = keys[row]
                            targetRows[at] = rows[row]
                        }
                    }
                }
            }
        }
    }
}

private func insertionSort(_ keys: inout [UInt64], _ rows: inout [UInt32]) {
    for index in 1..<keys.count {
        let (key, row) = (keys[index], rows[index])
        var at = index
        while at > 0 && keys[at - 1] > key {
            keys[at] = keys[at - 1]
            rows[at] = rows[at - 1]
            at -= 1
        }
        keys[at] = key
        rows[at] = row
    }
}

// MARK: Ties

/// Sorts each run of equal keys by comparing the columns that the keys did not settle.
private func breakTies(
    _ rows: inout [UInt32],
    keys: [UInt64],
    _ columns: [Vector],
    _ order: [SortOrder],
    _ check: StopCheck
) throws(SQLError) {
    var start = 0
    var nextCheck = 0
    while start < rows.count {
        if start >= nextCheck {
            try check()
            nextCheck = start + rowsPerStopCheck / 16
        }
        var end = start + 1
        while end < rows.count && keys[end] == keys[start] { end += 1 }
        if end - start > 1 {
            try settle(&rows, start..<end, columns[...], order[...], textOffset: 0, check)
        }
        start = end
    }
}

/// Sorts a run of rows by `columns`, of whose first text column `textOffset` bytes are equal.
///
/// Text is taken eight bytes at a time as a key of its own, so that long common beginnings cost
/// one radix sort each and no comparison reads a text from its start again.
private func settle(
    _ rows: inout [UInt32],
    _ range: Range<Int>,
    _ columns: ArraySlice<Vector>,
    _ order: ArraySlice<SortOrder>,
    textOffset: Int,
    _ check: StopCheck
) throws(SQLError) {
    try check()
    guard let column = columns.first, let direction = order.first else {
        rows[range].sort()
        return
    }
    // Very long common beginnings are left to comparison, which bounds the depth.
    let isText = column.physical == .string && range.count > 32 && textOffset < 256
    var hasNull = false
    if isText && !column.hasNoNulls {
        try inStretches(range.count, check) { places in
            hasNull =
                hasNull
                || places.contains { column.isNull(Int(rows[range.lowerBound + $0])) }
        }
    }
    if !isText || hasNull { return try sortByComparison(&rows, range, columns, order, check) }
    var longest = 0
    var run = Array(rows[range])
    var keys = try codes(run.count, check) { place in
        let view = column.stringView(Int(run[place]))
        let length = view.trimmedCount
        longest = max(longest, length)
        let key = eightBytes(view, from: textOffset, length: length)
        return direction.ascending ? key : ~key
    }
    try sortByKeys(&keys, &run, check)
    rows.replaceSubrange(range, with: run)
    let isDone = longest <= textOffset + 8
    var start = 0
    while start < keys.count {
        var end = start + 1
        while end < keys.count && keys[end] == keys[start] { end += 1 }
        if end - start > 1 {
            let tied = range.lowerBound + start..<range.lowerBound + end
            if isDone {
                let (others, directions) = (columns.dropFirst(), order.dropFirst())
                try settle(&rows, tied, others, directions, textOffset: 0, check)
            } else {
                try settle(&rows, tied, columns, order, textOffset: textOffset + 8, check)
            }
        }
        start = end
    }
}

/// Sorts a run of rows by comparing all of `columns`, asking every 4,096 comparisons.
private func sortByComparison(
    _ rows: inout [UInt32],
    _ range: Range<Int>,
    _ columns: ArraySlice<Vector>,
    _ order: ArraySlice<SortOrder>,
    _ check: StopCheck
) throws(SQLError) {
    var comparisons = 0
    do {
        try rows[range].sort { first, second in
            comparisons &+= 1
            if comparisons & 4095 == 0 { try check() }
            for (column, order) in zip(columns, order) {
                let difference = compareOrdered(column, Int(first), column, Int(second), order)
                if difference != 0 { return difference < 0 }
            }
            return first < second
        }
    } catch let error as SQLError {
        throw error
    } catch { throw SQLError.invariant("a sort threw \(error)") }
}

/// Bytes `offset ..< offset + 8` of the first `length` of a text, the first one highest.
private func eightBytes(_ view: StringView, from offset: Int, length: Int) -> UInt64 {
    if offset >= length { return 0 }
    if offset == 0 { return firstEight(view) }
    return view.withBytes { bytes in
        var word: UInt64 = 0
        let end = min(length, offset + 8)
        if end - offset == 8, let base = bytes.baseAddress {
            return UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self).byteSwapped
        }
        for index in offset..<end {
            word |= UInt64(bytes[index]) << UInt64(8 * (7 - index + offset))
        }
        return word
    }
}
