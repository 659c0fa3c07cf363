import SQLTypes

/// Packs leading sort columns into 64 bits a row.
struct KeyPacking {
    var keys: [UInt64]
    /// Columns that are in the key, the last of them perhaps in part.
    var columns = 0
    /// Whether equal keys mean equal values in all of `columns`.
    var isExact = true
    private var bitsLeft = 64

    init(count: Int) { keys = [UInt64](repeating: 0, count: count) }

    /// Adds a column; false where no other may follow.
    mutating func add(
        _ column: Vector,
        _ order: SortOrder,
        _ check: StopCheck
    ) throws(SQLError) -> Bool {
        if bitsLeft == 0 { return false }
        if column.isConstant {
            columns += 1
            return true
        }
        let made = try SortCodes(column, count: keys.count, order, bitsLeft: bitsLeft, check)
        guard let codes = made else { return false }
        columns += 1
        var drop = UInt64(0)
        if codes.bits > bitsLeft {
            drop = UInt64(codes.bits - bitsLeft)
            isExact = false
        }
        let bits = min(codes.bits, bitsLeft)
        isExact = isExact && codes.isExact
        let shift = UInt64(bits)
        try inStretches(keys.count, check) { rows in
            codes.values.withUnsafeBufferPointer { codes in
                keys.withUnsafeMutableBufferPointer { keys in
                    if bits == 64 {
                        for row in rows { keys[row] = codes[row] &>> drop }
                    } else {
                        for row in rows { keys[row] = keys[row] &<< shift | codes[row] &>> drop }
                    }
                }
            }
        }
        bitsLeft -= bits
        return isExact
    }
}

/// A column as unsigned integers of `bits` bits that sort as it does, NULLs and direction done.
private struct SortCodes {
    var values: [UInt64]
    var bits: Int
    /// Whether equal codes mean equal values.
    var isExact = true

    /// Nil where the column cannot be packed.
    init?(
        _ column: Vector,
        count: Int,
        _ order: SortOrder,
        bitsLeft: Int,
        _ check: StopCheck
    ) throws(SQLError) {
        values = []
        bits = 0
        switch column.physical {
        case .bool:
            let flat = column.flattened()
            values = try codes(count, check) { UInt64(flat.boolValue($0)) }
            try finish(column, greatest: 1, order, check)
        case .int64:
            let flat = column.flattened()
            guard let bounds = column.knownBounds() else {
                values = [UInt64](repeating: 0, count: count)
                try finish(column, greatest: 0, order, check)
                return
            }
            let low = UInt64(bitPattern: bounds.lowerBound)
            let entries = flat.entries(as: UInt64.self)
            values = try codes(count, check) { entries[$0] &- low }
            withExtendedLifetime(flat) {}
            let greatest = UInt64(bitPattern: bounds.upperBound) &- low
            try finish(column, greatest: greatest, order, check)
        case .int128:
            let flat = column.flattened()
            let entries = flat.entries(as: Int128.self)
            values = try codes(count, check) {
                UInt64(truncatingIfNeeded: entries[$0] >> 64) ^ 1 << 63
            }
            withExtendedLifetime(flat) {}
            try finish(column, greatest: .max, order, check)
            isExact = false
        case .float64:
            let flat = column.flattened()
            let entries = flat.entries(as: Double.self)
            values = try codes(count, check) { orderedBits(entries[$0]) }
            withExtendedLifetime(flat) {}
            try finish(column, greatest: .max, order, check)
        case .string:
            if let dictionary = column.dictionary, dictionary.count <= max(256, count / 4) {
                let ranks = dictionaryRanks(dictionary)
                values = try codes(count, check) { UInt64(ranks[column.code($0)]) }
                try finish(column, greatest: UInt64(ranks.max() ?? 0), order, check)
                return
            }
            let bits = bitsLeft - (column.hasNoNulls ? 0 : 1)
            let made = try textPrefixes(column, count: count, bitsLeft: bits, check)
            guard let (prefixes, bytes, isWhole) = made else { return nil }
            values = prefixes
            let greatest: UInt64 = bytes == 8 ? .max : (1 << UInt64(8 * bytes)) - 1
            try finish(column, greatest: greatest, order, check)
            isExact = isExact && isWhole
        }
    }

    /// Applies the direction, then gives NULLs a code below or above all others.
    private mutating func finish(
        _ column: Vector,
        greatest: UInt64,
        _ order: SortOrder,
        _ check: StopCheck
    ) throws(SQLError) {
        let count = values.count
        if !order.ascending {
            try inStretches(count, check) { rows in
                values.withUnsafeMutableBufferPointer { values in
                    for row in rows { values[row] = greatest &- values[row] }
                }
            }
        }
        bits = 64 - greatest.leadingZeroBitCount
        guard let validity = column.validity else { return }
        var top = greatest
        if greatest == .max {
            // No room for a 65th bit: the lowest goes, and ties are compared.
            try inStretches(count, check) { rows in for row in rows { values[row] >>= 1 } }
            top = greatest >> 1
            isExact = false
        }
        let null: UInt64 = order.nullsFirst ? 0 : top &+ 1
        let lift: UInt64 = order.nullsFirst ? 1 : 0
        try inStretches(count, check) { rows in
            for row in rows {
                let isNull = validity[row &>> 6] &>> UInt64(row & 63) & 1 == 0
                values[row] = isNull ? null : values[row] &+ lift
            }
        }
        bits = 64 - (top &+ 1).leadingZeroBitCount
    }
}

/// Calls `body` with one stretch of `0 ..< count` after another, asking `check` before each.
@inline(__always)
func inStretches(
    _ count: Int,
    _ check: StopCheck,
    _ body: (Range<Int>) -> Void
) throws(SQLError) {
    var start = 0
    while start < count {
        try check()
        let end = min(count, start + rowsPerStopCheck)
        body(start..<end)
        start = end
    }
}

/// A code for each row.
@inline(__always)
func codes(
    _ count: Int,
    _ check: StopCheck,
    _ code: (Int) -> UInt64
) throws(SQLError) -> [UInt64] {
    var values = [UInt64](repeating: 0, count: count)
    try inStretches(count, check) { rows in
        values.withUnsafeMutableBufferPointer { values in
            for row in rows { values[row] = code(row) }
        }
    }
    return values
}

/// A double's bits so that unsigned order is SQL's: NaN last, zeros alike.
@inline(__always)
private func orderedBits(_ value: Double) -> UInt64 {
    if value.isNaN { return .max }
    let bits = value == 0 ? 0 : value.bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
}

private func dictionaryRanks(_ dictionary: Vector) -> [Int] {
    let views = dictionary.entries(as: StringView.self)
    let sorted = (0..<dictionary.count).sorted { textOrder(views[$0], views[$1]) < 0 }
    var ranks = [Int](repeating: 0, count: dictionary.count)
    var rank = 0
    for (position, entry) in sorted.enumerated() {
        if position > 0 && textOrder(views[sorted[position - 1]], views[entry]) != 0 { rank += 1 }
        ranks[entry] = rank
    }
    return ranks
}

/// The first bytes of each text without trailing blanks, big-endian, zero-filled.
private func textPrefixes(
    _ column: Vector,
    count: Int,
    bitsLeft: Int,
    _ check: StopCheck
) throws(SQLError) -> (values: [UInt64], bytes: Int, isWhole: Bool)? {
    let flat = column.flattened()
    defer { withExtendedLifetime(flat) {} }
    let views = flat.entries(as: StringView.self)
    var longest = 0
    try inStretches(count, check) { rows in
        for row in rows where !flat.isNull(row) { longest = max(longest, views[row].trimmedCount) }
    }
    let bytes = min(8, longest, bitsLeft / 8)
    if bytes == 0 && longest > 0 { return nil }
    let shift = UInt64(64 - 8 * bytes)
    let values = try codes(count, check) { row -> UInt64 in
        if bytes == 0 || flat.isNull(row) { return 0 }
        return firstEight(views[row]) >> shift
    }
    return (values, bytes, longest <= bytes)
}

/// The first eight bytes of a text without its trailing blanks, the first one highest.
func firstEight(_ view: StringView) -> UInt64 {
    let length = view.trimmedCount
    var word: UInt64 = 0
    if view.isInline || length <= 8 {
        let short = view.prefix(length)
        word = short.head >> 32 | short.tail << 32
        if length < 8 { word &= length == 0 ? 0 : ~0 >> UInt64(64 - 8 * length) }
    } else if let bytes = view.longBytes {
        word = UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
    }
    return word.byteSwapped
}
