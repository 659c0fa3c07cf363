import CKernels
package import SQLTypes

/// The constants of `x IN (…)`, with what makes testing for them quick, built once.
///
/// Integers become ranges where there are few, a bitmap where they lie close, else a hash
/// table; text becomes a hash table of views without trailing blanks.
package final class ValueSet: Sendable {
    /// Whether NULL is among the constants: then a value that is not found gives NULL.
    package let containsNull: Bool
    /// The constants that are not NULL, without duplicates, ascending for integers.
    package let values: [Datum]
    /// What the constants were made for.
    package let physical: PhysicalType

    private let ranges: [ClosedRange<Int64>]
    private let dense: [UInt64]
    private let denseBase: Int64
    private let integers: HashSlots
    private let wide: Set<Int128>
    private let floats: Set<UInt64>
    private let texts: Vector
    private let textSlots: HashSlots

    /// Makes a set for vectors of `physical`; exact constants may be int64 or int128.
    package init(_ data: [Datum], physical: PhysicalType) {
        self.physical = physical
        containsNull = data.contains(.null)
        var exact: Set<Int128> = []
        var floats: Set<UInt64> = []
        var texts: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        var others: [Datum] = []
        for datum in data {
            switch datum {
            case .null: break
            case .int64(let value): exact.insert(Int128(value))
            case .int128(let value): exact.insert(value)
            case .float64(let value): floats.insert(floatKey(value))
            case .bool(let value): exact.insert(value ? 1 : 0)
            case .string(let bytes):
                let text = trimmedBytes(bytes)
                if seen.insert(text).inserted { texts.append(text) }
            }
        }
        let sorted = exact.sorted()
        let narrow = sorted.compactMap { Int64(exactly: $0) }
        wide = exact.filter { Int64(exactly: $0) == nil }
        if physical == .bool {
            others = sorted.map { .bool($0 != 0) }
        } else {
            others = sorted.map { value in
                Int64(exactly: value).map { .int64($0) } ?? .int128(value)
            }
        }
        others += floats.sorted().map { .float64(Double(bitPattern: $0)) }
        others += texts.map { .string($0) }
        if physical == .float64 {
            for value in exact { floats.insert(floatKey(Double(value))) }
        }
        self.floats = floats
        values = others

        var ranges: [ClosedRange<Int64>] = []
        for value in narrow {
            if let last = ranges.last, last.upperBound &+ 1 == value {
                ranges[ranges.count - 1] = last.lowerBound...value
            } else {
                ranges.append(value...value)
            }
        }
        self.ranges = ranges
        var dense: [UInt64] = []
        if let least = narrow.first, let greatest = narrow.last {
            let (width, overflow) = greatest.subtractingReportingOverflow(least)
            if !overflow && width < 1 << 16 {
                dense = [UInt64](repeating: 0, count: Int(width >> 6) + 1)
                for value in narrow {
                    let bit = value - least
                    dense[Int(bit >> 6)] |= 1 << UInt64(bit & 63)
                }
            }
        }
        self.dense = dense
        denseBase = narrow.first ?? 0
        integers = HashSlots(
            hashes: dense.isEmpty ? narrow.map { tableHash($0) } : [],
            keys: narrow
        )
        self.texts = Vector.of(texts.map { .string($0) }, physical: .string)
        let views = self.texts.entries(as: StringView.self)
        textSlots = HashSlots(
            hashes: (0..<texts.count).map { tableHash(views[$0]) },
            keys: (0..<texts.count).map { Int64($0) }
        )
    }

    /// Whether one integer is among the constants.
    @inline(__always)
    private func contains(_ value: Int64) -> Bool {
        if !dense.isEmpty {
            let bit = UInt64(bitPattern: value &- denseBase)
            return bit < UInt64(dense.count) &<< 6
                && dense[Int(bit &>> 6)] &>> (bit & 63) & 1 != 0
        }
        var slot = integers.first(tableHash(value))
        while let key = integers.key(slot) {
            if key == value { return true }
            slot = integers.next(slot)
        }
        return false
    }

    private func contains(_ view: StringView, _ candidates: UnsafePointer<StringView>) -> Bool {
        let trimmed = view.trimmed
        var slot = textSlots.first(tableHash(trimmed))
        while let key = textSlots.key(slot) {
            if textEqual(candidates[Int(key)], trimmed) { return true }
            slot = textSlots.next(slot)
        }
        return false
    }

    /// Rows whose value is among the constants; NULL rows are arbitrary.
    fileprivate func bits(_ vector: Vector, count: Int) -> [UInt64] {
        if vector.isConstant {
            let one = Vector.of([vector.datum(0)], physical: vector.physical)
            return bits(one, count: 1) == [1] ? Vector.allValid(count) : noBits(count)
        }
        if let dictionary = vector.dictionary, dictionary.count <= max(count, 256) {
            return bitsOfCodes(vector, bits(dictionary, count: dictionary.count), count: count)
        }
        switch vector.physical {
        case .int64:
            if ranges.count <= 4 {
                var found = noBits(count)
                for range in ranges {
                    let bits = rangeBits(vector, range, count: count)
                    for word in found.indices { found[word] |= bits[word] }
                }
                return found
            }
            let flat = vector.flattened()
            return withExtendedLifetime(flat) {
                let rows = flat.entries(as: Int64.self)
                return collect(count) { contains(rows[$0]) }
            }
        case .int128:
            let flat = vector.flattened()
            return withExtendedLifetime(flat) {
                let rows = flat.entries(as: Int128.self)
                return collect(count) { row in
                    Int64(exactly: rows[row]).map { contains($0) } ?? wide.contains(rows[row])
                }
            }
        case .float64:
            let flat = vector.flattened()
            return withExtendedLifetime(flat) {
                let rows = flat.entries(as: Double.self)
                return collect(count) { floats.contains(floatKey(rows[$0])) }
            }
        case .bool:
            let flat = vector.flattened()
            return withExtendedLifetime(flat) {
                let rows = flat.entries(as: UInt8.self)
                return collect(count) { contains(Int64(rows[$0])) }
            }
        case .string:
            let flat = vector.flattened()
            let candidates = texts.entries(as: StringView.self)
            return withExtendedLifetime((flat, texts)) {
                let rows = flat.entries(as: StringView.self)
                return collect(count) { contains(rows[$0], candidates) }
            }
        }
    }
}

/// `vector IN set`: NULL where the vector is, or where nothing was found and the set has a NULL.
package func isIn(_ vector: Vector, set: ValueSet, count: Int) -> Vector {
    if vector.isNullConstant { return .nulls(physical: .bool, count: count) }
    let found = set.bits(vector, count: count)
    var validity = vector.rowValidity
    if set.containsNull {
        var known = found
        if let old = validity { for word in known.indices { known[word] &= old[word] } }
        validity = known
    }
    return .bool(bits: found, validity: validity, count: count)
}

@inline(__always)
private func collect(_ count: Int, _ test: (Int) -> Bool) -> [UInt64] {
    var bits = noBits(count)
    for row in 0..<count {
        bits[row &>> 6] |= UInt64(sk_bit(test(row))) &<< UInt64(row & 63)
    }
    return bits
}

private func floatKey(_ value: Double) -> UInt64 {
    value == 0 ? 0 : value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern
}

private func trimmedBytes(_ bytes: [UInt8]) -> [UInt8] {
    var end = bytes.count
    while end > 0 && bytes[end - 1] == blank { end -= 1 }
    return Array(bytes[..<end])
}

/// Open addressing over keys whose hashes the caller knows; at most half full.
private struct HashSlots: Sendable {
    private let slots: [Int32]
    private let keys: [Int64]
    private let mask: Int

    init(hashes: [UInt64], keys: [Int64]) {
        var size = 4
        while size < hashes.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
        self.slots = slots
        self.keys = keys
        mask = size - 1
    }

    @inline(__always)
    func first(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & mask }

    @inline(__always)
    func next(_ slot: Int) -> Int { (slot &+ 1) & mask }

    @inline(__always)
    func key(_ slot: Int) -> Int64? {
        let index = slots[slot]
        return index < 0 ? nil : keys[Int(index)]
    }
}
