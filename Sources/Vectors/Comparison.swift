import CKernels
import SQLTypes

/// A comparison operator.
package enum Comparison: UInt8, Hashable, Sendable, CaseIterable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

    /// The operator that says the same with its operands exchanged.
    package var mirrored: Comparison {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }

    /// The operator that is true where this one is false.
    package var negated: Comparison {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        }
    }

    /// Whether an order as `compareRows` gives it makes the comparison true.
    @inline(__always)
    package func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}

/// Compares two columns row by row: a bool vector, NULL where either side is.
///
/// Both sides are of one physical type, or int64 against int128. Text ignores trailing blanks;
/// NaN equals NaN and is greater than any number.
package func compare(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> Vector {
    let validity = CombinedValidity(left, right)
    if case .none = validity { return .nulls(physical: .bool, count: count) }
    if left.isConstant && right.isConstant {
        let isTrue = op.holds(compareRows(left, 0, right, 0))
        return .constant(.bool(isTrue), physical: .bool, count: count)
    }
    let bits = rawCompareBits(op, left, right, count: count)
    return .bool(bits: bits, validity: validity.words(count: count), count: count)
}

/// The rows for which the comparison is true; neither false nor NULL rows are set.
package func compareBits(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    let validity = CombinedValidity(left, right)
    if case .none = validity { return noBits(count) }
    var bits = rawCompareBits(op, left, right, count: count)
    validity.mask(&bits)
    return bits
}

func noBits(_ count: Int) -> [UInt64] { [UInt64](repeating: 0, count: (count + 63) >> 6) }

/// Bits of the comparison, arbitrary where a side is NULL; spare bits are clear.
func rawCompareBits(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    if left.isConstant {
        if right.isConstant {
            return op.holds(compareRows(left, 0, right, 0)) ? Vector.allValid(count) : noBits(count)
        }
        return rawCompareBits(op.mirrored, right, left, count: count)
    }
    if right.isConstant {
        if let dictionary = left.dictionary, dictionary.count <= max(count, 256) {
            let wanted = rawCompareBits(
                op,
                dictionary,
                right.repeated(count: dictionary.count),
                count: dictionary.count
            )
            return bitsOfCodes(left, wanted, count: count)
        }
    }
    switch (left.physical, right.physical) {
    case (.int64, .int64):
        if right.isConstant {
            return compareConstant(op, left, right.int64Value(0), count: count)
        }
        return compareIntegers(op, left, right, count: count)
    case (.float64, .float64):
        let values = left.flattened()
        if right.isConstant {
            return compareFloats(op, values, right.doubleValue(0), count: count)
        }
        return compareFloats(op, values, right.flattened(), count: count)
    case (.bool, .bool): return compareBools(op, left, right, count: count)
    case (.string, .string):
        if right.isConstant {
            return compareText(op, left, right.stringView(0).trimmed, count: count)
        }
        return compareTexts(op, left, right, count: count)
    case (.int64, .int128), (.int128, .int64), (.int128, .int128):
        return compareWide(op, left, right, count: count)
    default:
        let (first, second) = (left.widened(to: .float64), right.widened(to: .float64))
        return rawCompareBits(op, first, second, count: count)
    }
}

func invert(_ bits: inout [UInt64], count: Int) {
    for word in bits.indices { bits[word] = ~bits[word] }
    clearSpareBits(&bits, count: count)
}

// MARK: Integers against a constant

/// Every comparison with a constant is a test for a range, or for being outside one.
private func compareConstant(
    _ op: Comparison,
    _ vector: Vector,
    _ constant: Int64,
    count: Int
) -> [UInt64] {
    switch op {
    case .equal: return rangeBits(vector, constant...constant, count: count)
    case .notEqual:
        var bits = rangeBits(vector, constant...constant, count: count)
        invert(&bits, count: count)
        return bits
    case .less:
        if constant == .min { return noBits(count) }
        return rangeBits(vector, Int64.min...constant - 1, count: count)
    case .lessOrEqual: return rangeBits(vector, Int64.min...constant, count: count)
    case .greater:
        if constant == .max { return noBits(count) }
        return rangeBits(vector, constant + 1...Int64.max, count: count)
    case .greaterOrEqual: return rangeBits(vector, constant...Int64.max, count: count)
    }
}

/// Rows of an int64 vector whose value lies in `range`; NULL rows are arbitrary.
///
/// Narrow forms are tested on their offsets and dictionaries on their codes.
package func rangeBits(_ vector: Vector, _ range: ClosedRange<Int64>, count: Int) -> [UInt64] {
    if let bounds = vector.bounds, !vector.isConstant {
        if !bounds.overlaps(range) { return noBits(count) }
        if range.lowerBound <= bounds.lowerBound && range.upperBound >= bounds.upperBound {
            return Vector.allValid(count)
        }
    }
    var bits = noBits(count)
    switch vector.form {
    case .constant:
        return range.contains(vector.int64Value(0)) ? Vector.allValid(count) : bits
    case .flat:
        let low = UInt64(bitPattern: range.lowerBound)
        let width = UInt64(bitPattern: range.upperBound) &- low
        sk_range_u64(vector.entries(as: UInt64.self), low, width, count, &bits)
    case .narrow8:
        if let (low, width) = offsets(of: range, base: vector.base, greatest: 0xFF) {
            sk_range_u8(
                vector.entries(as: UInt8.self),
                UInt8(low),
                UInt8(width),
                count,
                &bits
            )
        }
    case .narrow16:
        if let (low, width) = offsets(of: range, base: vector.base, greatest: 0xFFFF) {
            sk_range_u16(
                vector.entries(as: UInt16.self),
                UInt16(low),
                UInt16(width),
                count,
                &bits
            )
        }
    case .narrow32:
        if let (low, width) = offsets(of: range, base: vector.base, greatest: 0xFFFF_FFFF) {
            sk_range_u32(
                vector.entries(as: UInt32.self),
                UInt32(low),
                UInt32(width),
                count,
                &bits
            )
        }
    case .dictionary8, .dictionary16, .dictionary32:
        guard let dictionary = vector.dictionary else { return bits }
        let wanted = rangeBits(dictionary, range, count: dictionary.count)
        return bitsOfCodes(vector, wanted, count: count)
    }
    return bits
}

/// The offsets from `base` that lie in `range`: the least and how many more; nil where none.
private func offsets(
    of range: ClosedRange<Int64>,
    base: Int64,
    greatest: UInt64
) -> (low: UInt64, width: UInt64)? {
    if range.upperBound < base { return nil }
    let low =
        range.lowerBound <= base
        ? 0 : UInt64(bitPattern: range.lowerBound) &- UInt64(bitPattern: base)
    if low > greatest { return nil }
    let high = min(greatest, UInt64(bitPattern: range.upperBound) &- UInt64(bitPattern: base))
    return (low, high - low)
}

// MARK: Dictionary codes

/// Rows whose code is set in `wanted`, which has a bit for each dictionary entry.
///
/// A single code or a run of codes becomes a range test, the rest a table look-up.
func bitsOfCodes(_ vector: Vector, _ wanted: [UInt64], count: Int) -> [UInt64] {
    var bits = noBits(count)
    guard let first = wanted.firstIndex(where: { $0 != 0 }),
        let last = wanted.lastIndex(where: { $0 != 0 })
    else { return bits }
    let low = first << 6 + wanted[first].trailingZeroBitCount
    let high = last << 6 + 63 - wanted[last].leadingZeroBitCount
    let found = wanted.reduce(0) { $0 + $1.nonzeroBitCount }
    if found == (vector.dictionary?.count ?? 0) { return Vector.allValid(count) }
    if found == high - low + 1 {
        let width = high - low
        switch vector.form {
        case .dictionary8:
            sk_range_u8(vector.entries(as: UInt8.self), UInt8(low), UInt8(width), count, &bits)
        case .dictionary16:
            sk_range_u16(vector.entries(as: UInt16.self), UInt16(low), UInt16(width), count, &bits)
        default:
            sk_range_u32(vector.entries(as: UInt32.self), UInt32(low), UInt32(width), count, &bits)
        }
        return bits
    }
    let entryCount = vector.dictionary?.count ?? 0
    let table = (0..<entryCount).map {
        UInt8(truncatingIfNeeded: wanted[$0 >> 6] >> UInt64($0 & 63)) & 1
    }
    switch vector.form {
    case .dictionary8: sk_lookup_u8(vector.entries(as: UInt8.self), table, count, &bits)
    case .dictionary16: sk_lookup_u16(vector.entries(as: UInt16.self), table, count, &bits)
    default: sk_lookup_u32(vector.entries(as: UInt32.self), table, count, &bits)
    }
    return bits
}

// MARK: Column against column

private func compareIntegers(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    switch op {
    case .notEqual, .lessOrEqual, .greaterOrEqual:
        var bits = compareIntegers(op.negated, left, right, count: count)
        invert(&bits, count: count)
        return bits
    case .greater: return compareIntegers(.less, right, left, count: count)
    case .equal, .less: break
    }
    if let first = left.bounds, let second = right.bounds {
        if op == .less && first.upperBound < second.lowerBound { return Vector.allValid(count) }
        if op == .less && first.lowerBound >= second.upperBound { return noBits(count) }
        if op == .equal && !first.overlaps(second) { return noBits(count) }
    }
    var bits = noBits(count)
    if left.form == right.form && left.base == right.base {
        switch left.form {
        case .narrow8:
            let (a, b) = (left.entries(as: UInt8.self), right.entries(as: UInt8.self))
            if op == .equal {
                sk_equal_u8(a, b, count, &bits)
            } else {
                sk_less_u8(a, b, count, &bits)
            }
            return bits
        case .narrow16:
            let (a, b) = (left.entries(as: UInt16.self), right.entries(as: UInt16.self))
            if op == .equal {
                sk_equal_u16(a, b, count, &bits)
            } else {
                sk_less_u16(a, b, count, &bits)
            }
            return bits
        case .narrow32:
            let (a, b) = (left.entries(as: UInt32.self), right.entries(as: UInt32.self))
            if op == .equal {
                sk_equal_u32(a, b, count, &bits)
            } else {
                sk_less_u32(a, b, count, &bits)
            }
            return bits
        default: break
        }
    }
    let (first, second) = (left.flattened(), right.flattened())
    withExtendedLifetime((first, second)) {
        if op == .equal {
            sk_equal_u64(
                first.entries(as: UInt64.self),
                second.entries(as: UInt64.self),
                count,
                &bits
            )
        } else {
            sk_less_i64(first.entries(as: Int64.self), second.entries(as: Int64.self), count, &bits)
        }
    }
    return bits
}

private func compareFloats(
    _ op: Comparison,
    _ left: Vector,
    _ constant: Double,
    count: Int
) -> [UInt64] {
    var bits = noBits(count)
    let values = left.entries(as: Double.self)
    switch op {
    case .equal, .notEqual: sk_equal_f64_constant(values, constant, count, &bits)
    case .less, .greaterOrEqual: sk_less_f64_constant(values, constant, count, &bits)
    case .greater, .lessOrEqual: sk_greater_f64_constant(values, constant, count, &bits)
    }
    switch op {
    case .notEqual, .greaterOrEqual, .lessOrEqual: invert(&bits, count: count)
    default: break
    }
    return bits
}

private func compareFloats(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    var bits = noBits(count)
    let (a, b) = (left.entries(as: Double.self), right.entries(as: Double.self))
    switch op {
    case .equal, .notEqual: sk_equal_f64(a, b, count, &bits)
    case .less, .greaterOrEqual: sk_less_f64(a, b, count, &bits)
    case .greater, .lessOrEqual: sk_less_f64(b, a, count, &bits)
    }
    switch op {
    case .notEqual, .greaterOrEqual, .lessOrEqual: invert(&bits, count: count)
    default: break
    }
    return bits
}

private func compareBools(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    var bits = noBits(count)
    let (a, b) = (left.flattened(), right.flattened())
    withExtendedLifetime((a, b)) {
        let (first, second) = (a.entries(as: UInt8.self), b.entries(as: UInt8.self))
        switch op {
        case .equal, .notEqual: sk_equal_u8(first, second, count, &bits)
        case .less, .greaterOrEqual: sk_less_u8(first, second, count, &bits)
        case .greater, .lessOrEqual: sk_less_u8(second, first, count, &bits)
        }
    }
    switch op {
    case .notEqual, .greaterOrEqual, .lessOrEqual: invert(&bits, count: count)
    default: break
    }
    return bits
}

private func compareWide(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    var bits = noBits(count)
    let (a, b) = (left.widened(to: .int128), right.widened(to: .int128))
    withExtendedLifetime((a, b)) {
        let (first, second) = (a.entries(as: Int128.self), b.entries(as: Int128.self))
        let step = b.isConstant ? 0 : 1
        let own = a.isConstant ? 0 : 1
        for row in 0..<count {
            let (x, y) = (first[row &* own], second[row &* step])
            let isTrue = op.holds(x < y ? -1 : x > y ? 1 : 0)
            bits[row &>> 6] |= UInt64(sk_bit(isTrue)) &<< UInt64(row & 63)
        }
    }
    return bits
}

// MARK: Text

private func compareText(
    _ op: Comparison,
    _ left: Vector,
    _ constant: StringView,
    count: Int
) -> [UInt64] {
    let source = left.flattened()
    var bits = noBits(count)
    withExtendedLifetime(source) {
        let views = source.entries(as: StringView.self)
        if op == .equal || op == .notEqual {
            equalBits(source, constant, &bits, count: count)
        } else {
            for row in 0..<count {
                let isTrue = op.holds(textOrder(views[row], constant))
                bits[row &>> 6] |= UInt64(sk_bit(isTrue)) &<< UInt64(row & 63)
            }
        }
    }
    if op == .notEqual { invert(&bits, count: count) }
    return bits
}

/// Rows equal to a constant that has no trailing blanks: both words alike, or a longer text with
/// the same first bytes that turns out to end in blanks, or long texts with the same bytes.
private func equalBits(
    _ source: Vector,
    _ constant: StringView,
    _ bits: inout [UInt64],
    count: Int
) {
    let views = source.entries(as: StringView.self)
    if !constant.isInline {
        for row in 0..<count
        where views[row].head == constant.head || views[row].count > constant.count {
            bits[row &>> 6] |= UInt64(sk_bit(textEqual(views[row], constant))) &<< UInt64(row & 63)
        }
        return
    }
    var longer = noBits(count)
    sk_equal_views(
        source.entries(as: UInt64.self),
        constant.head,
        constant.tail,
        count,
        &bits,
        &longer
    )
    for word in longer.indices {
        var rest = longer[word]
        while rest != 0 {
            let lane = rest.trailingZeroBitCount
            rest &= rest &- 1
            let isEqual = textEqual(views[word &<< 6 &+ lane], constant)
            bits[word] |= UInt64(sk_bit(isEqual)) &<< UInt64(lane)
        }
    }
}

private func compareTexts(
    _ op: Comparison,
    _ left: Vector,
    _ right: Vector,
    count: Int
) -> [UInt64] {
    let (a, b) = (left.flattened(), right.flattened())
    var bits = noBits(count)
    withExtendedLifetime((a, b)) {
        let (first, second) = (a.entries(as: StringView.self), b.entries(as: StringView.self))
        if op == .equal || op == .notEqual {
            for row in 0..<count {
                let isEqual = textEqual(first[row], second[row])
                bits[row &>> 6] |= UInt64(sk_bit(isEqual)) &<< UInt64(row & 63)
            }
        } else {
            for row in 0..<count {
                let isTrue = op.holds(textOrder(first[row], second[row]))
                bits[row &>> 6] |= UInt64(sk_bit(isTrue)) &<< UInt64(row & 63)
            }
        }
    }
    if op == .notEqual { invert(&bits, count: count) }
    return bits
}
