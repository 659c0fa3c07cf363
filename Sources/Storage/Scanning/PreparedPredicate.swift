import CKernels
import Catalogs
import SQLTypes
import Vectors

/// What a zone map says about a test of its rows.
enum ZoneVerdict {
    case none
    case some
    case all
}

/// A predicate made ready: zone keys, bounds as integers, and the answers per dictionary.
///
/// Used by one scan.
final class PreparedPredicate {
    let column: ColumnIndex
    private let test: ScanTest
    private let physical: PhysicalType
    /// Whether equal keys mean equal values.
    private let isExact: Bool
    private var lowKey: Int64?
    private var highKey: Int64?
    private var keys: [Int64] = []
    /// An integer range in full: closed, empty where low > high.
    private var low = Int128.min
    private var high = Int128.max
    private var set: ValueSet?
    // The last dictionary met, and 0xFF or 0 for each of its codes.
    private var knownDictionary: Vector?
    private var codeMask: [UInt8] = []

    init(_ predicate: ScanPredicate, type: DataType) {
        column = predicate.column
        test = predicate.test
        physical = type.physical
        isExact = physical == .int64 || physical == .bool
        switch predicate.test {
        case .range(let least, let lowIncluded, let greatest, let highIncluded):
            lowKey = least.flatMap(zoneKey)
            highKey = greatest.flatMap(zoneKey)
            if let value = least?.exact {
                low = lowIncluded ? value : value == .max ? .max : value + 1
                if !lowIncluded && value == .max { high = .min }
            }
            if let value = greatest?.exact {
                high = min(high, highIncluded ? value : value == .min ? .min : value - 1)
                if !highIncluded && value == .min { low = .max }
            }
        case .oneOf(let data):
            keys = data.compactMap(zoneKey).sorted()
            set = ValueSet(data, physical: type.physical)
        case .notEqual(let datum): lowKey = zoneKey(datum)
        case .isNull, .isNotNull, .like, .notLike: break
        }
    }

    /// Whether no, some or all rows of a zone can pass.
    func verdict(_ zone: ZoneMap) -> ZoneVerdict {
        switch test {
        case .isNull:
            return zone.nullCount == 0 ? .none : zone.isAllNull ? .all : .some
        case .isNotNull:
            return zone.isAllNull ? .none : zone.nullCount == 0 ? .all : .some
        default: break
        }
        if zone.isAllNull { return .none }
        switch test {
        case .range(let least, let lowIncluded, let greatest, let highIncluded):
            if least?.isNull ?? false || greatest?.isNull ?? false { return .none }
            if let lowKey {
                if zone.maximum < lowKey { return .none }
                if isExact && !lowIncluded && zone.maximum == lowKey { return .none }
            }
            if let highKey {
                if zone.minimum > highKey { return .none }
                if isExact && !highIncluded && zone.minimum == highKey { return .none }
            }
            guard isExact, zone.nullCount == 0 else { return .some }
            let isAbove = lowKey.map { zone.minimum > $0 || lowIncluded && zone.minimum == $0 }
            let isBelow = highKey.map { zone.maximum < $0 || highIncluded && zone.maximum == $0 }
            return (isAbove ?? true) && (isBelow ?? true) ? .all : .some
        case .oneOf:
            // The first key not below the zone must not be above it.
            var from = 0
            var to = keys.count
            while from < to {
                let middle = (from + to) / 2
                if keys[middle] < zone.minimum { from = middle + 1 } else { to = middle }
            }
            return from < keys.count && keys[from] <= zone.maximum ? .some : .none
        case .notEqual:
            guard let lowKey else { return .none }
            guard isExact else { return .some }
            if zone.minimum == lowKey && zone.maximum == lowKey { return .none }
            let isOutside = lowKey < zone.minimum || lowKey > zone.maximum
            return isOutside && zone.nullCount == 0 ? .all : .some
        default: return .some
        }
    }

    /// Clears the bits of rows that do not pass; `mask` has room for 2,112 bytes.
    func restrict(
        _ vector: Vector,
        count: Int,
        bits: UnsafeMutablePointer<UInt64>,
        mask: UnsafeMutablePointer<UInt8>
    ) {
        switch test {
        case .isNull: return keepNulls(vector, count, bits)
        case .isNotNull: return dropNulls(vector, count, bits)
        default: break
        }
        if vector.isConstant {
            if vector.isNull(0) || !answers(vector, count: 1, isSmall: true)[0] {
                bits.update(repeating: 0, count: (count + 63) >> 6)
            }
            return
        }
        dropNulls(vector, count, bits)
        switch vector.form {
        case .dictionary8, .dictionary16, .dictionary32:
            restrictCodes(vector, count, bits, mask)
        case .narrow8, .narrow16, .narrow32:
            if case .range = test {
                restrictNarrow(vector, count, bits, mask)
            } else {
                and(bits, answerBits(vector, count: count))
            }
        case .flat, .constant:
            if case .range = test, vector.physical == .int64 {
                guard let range = range64 else { return clear(bits, count) }
                let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
                maskRange(
                    vector.entries(as: UInt64.self),
                    count,
                    UInt64(bitPattern: range.lowerBound),
                    width,
                    mask
                )
                and(bits, mask, count)
            } else {
                and(bits, answerBits(vector, count: count))
            }
        }
    }

    /// The range clipped to what an Int64 can be; nil where nothing is left.
    private var range64: ClosedRange<Int64>? {
        guard low <= high, low <= Int128(Int64.max), high >= Int128(Int64.min) else { return nil }
        return Int64(clamping: low)...Int64(clamping: high)
    }

    private func restrictNarrow(
        _ vector: Vector,
        _ count: Int,
        _ bits: UnsafeMutablePointer<UInt64>,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        let limit: Int128 =
            vector.form == .narrow8 ? 0xFF : vector.form == .narrow16 ? 0xFFFF : 0xFFFF_FFFF
        // Compared without overflow: low and high may be the ends of Int128.
        let least = max(low, Int128(Int64.min)) - Int128(vector.base)
        let greatest = min(high, Int128(Int64.max)) - Int128(vector.base)
        guard least <= greatest, greatest >= 0, least <= limit else { return clear(bits, count) }
        let from = max(0, least)
        let to = min(limit, greatest)
        let width = to - from
        if from == 0 && to == limit { return }
        switch vector.form {
        case .narrow8:
            maskRange(vector.entries(as: UInt8.self), count, UInt8(from), UInt8(width), mask)
        case .narrow16:
            maskRange(vector.entries(as: UInt16.self), count, UInt16(from), UInt16(width), mask)
        default:
            maskRange(vector.entries(as: UInt32.self), count, UInt32(from), UInt32(width), mask)
        }
        and(bits, mask, count)
    }

    private func restrictCodes(
        _ vector: Vector,
        _ count: Int,
        _ bits: UnsafeMutablePointer<UInt64>,
        _ mask: UnsafeMutablePointer<UInt8>
    ) {
        guard let dictionary = vector.dictionary else { return }
        if knownDictionary !== dictionary {
            knownDictionary = dictionary
            codeMask = answers(dictionary, count: dictionary.count, isSmall: false)
                .map { $0 ? 0xFF : 0 }
        }
        codeMask.withUnsafeBufferPointer { table in
            guard let lookup = table.baseAddress else { return }
            switch vector.form {
            case .dictionary8: maskCodes(vector.entries(as: UInt8.self), count, lookup, mask)
            case .dictionary16: maskCodes(vector.entries(as: UInt16.self), count, lookup, mask)
            default: maskCodes(vector.entries(as: UInt32.self), count, lookup, mask)
            }
        }
        and(bits, mask, count)
    }

    /// The test's answer for each value of a vector without NULLs.
    private func answers(_ vector: Vector, count: Int, isSmall: Bool) -> [Bool] {
        let words = answerBits(isSmall ? vector.repeated(count: 1) : vector, count: count)
        return (0..<count).map { words[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
    }

    /// The rows that pass, by the shared kernels.
    private func answerBits(_ vector: Vector, count: Int) -> [UInt64] {
        func constant(_ datum: Datum) -> Vector {
            // An int128 column's block may have come as int64, and constants of it may not fit.
            let wide =
                vector.physical == .int64
                && (datum.exact.map { Int64(exactly: $0) == nil } ?? false)
            return .constant(datum, physical: wide ? .int128 : vector.physical, count: count)
        }
        switch test {
        case .range(let least, let lowIncluded, let greatest, let highIncluded):
            var result: [UInt64]?
            if let least {
                let comparison: Comparison = lowIncluded ? .greaterOrEqual : .greater
                result = compareBits(comparison, vector, constant(least), count: count)
            }
            if let greatest {
                let comparison: Comparison = highIncluded ? .lessOrEqual : .less
                let upper = compareBits(comparison, vector, constant(greatest), count: count)
                result = result.map { lower in zip(lower, upper).map { $0 & $1 } } ?? upper
            }
            return result ?? isNotNullVector(vector, count: count).trueBits()
        case .notEqual(let datum):
            return compareBits(.notEqual, vector, constant(datum), count: count)
        case .oneOf:
            guard let set else { return [UInt64](repeating: 0, count: (count + 63) >> 6) }
            return isIn(vector, set: set, count: count).trueBits()
        case .like(let pattern): return matchLike(vector, pattern: pattern, count: count).trueBits()
        case .notLike(let pattern):
            let matched = matchLike(vector, pattern: pattern, count: count).trueBits()
            let valid = Vector.allValid(count)
            return zip(matched, valid).map { ~$0 & $1 }
        case .isNull: return isNullVector(vector, count: count).trueBits()
        case .isNotNull: return isNotNullVector(vector, count: count).trueBits()
        }
    }
}

private func clear(_ bits: UnsafeMutablePointer<UInt64>, _ count: Int) {
    bits.update(repeating: 0, count: (count + 63) >> 6)
}

private func dropNulls(_ vector: Vector, _ count: Int, _ bits: UnsafeMutablePointer<UInt64>) {
    guard let validity = vector.validity else { return }
    if vector.isConstant {
        if vector.isNull(0) { clear(bits, count) }
        return
    }
    for word in 0..<((count + 63) >> 6) { bits[word] &= validity[word] }
}

private func keepNulls(_ vector: Vector, _ count: Int, _ bits: UnsafeMutablePointer<UInt64>) {
    guard let validity = vector.validity else { return clear(bits, count) }
    if vector.isConstant {
        if !vector.isNull(0) { clear(bits, count) }
        return
    }
    for word in 0..<((count + 63) >> 6) { bits[word] &= ~validity[word] }
}

private func and(_ bits: UnsafeMutablePointer<UInt64>, _ other: [UInt64]) {
    for word in other.indices { bits[word] &= other[word] }
}

private func and(
    _ bits: UnsafeMutablePointer<UInt64>,
    _ mask: UnsafeMutablePointer<UInt8>,
    _ count: Int
) {
    for word in 0..<((count + 63) >> 6) { bits[word] &= sk_bits(mask + word &* 64) }
}

// One compare per value: an unsigned offset from the lower end is at most the range's width.
private func maskRange<Entry: FixedWidthInteger & UnsignedInteger>(
    _ values: UnsafeMutablePointer<Entry>,
    _ count: Int,
    _ low: Entry,
    _ width: Entry,
    _ mask: UnsafeMutablePointer<UInt8>
) {
    for row in 0..<count { mask[row] = values[row] &- low <= width ? 0xFF : 0 }
}

private func maskCodes<Entry: FixedWidthInteger & UnsignedInteger>(
    _ codes: UnsafeMutablePointer<Entry>,
    _ count: Int,
    _ lookup: UnsafePointer<UInt8>,
    _ mask: UnsafeMutablePointer<UInt8>
) {
    for row in 0..<count { mask[row] = lookup[Int(truncatingIfNeeded: codes[row])] }
}
