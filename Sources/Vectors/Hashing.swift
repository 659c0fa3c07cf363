import CKernels
import SQLTypes

// Two independent families of 64-bit hashes: one for hash tables, one that places rows on slices.
// Equal values hash alike whatever the form: flat, narrow, dictionary or constant, int64 or
// int128, text with or without trailing blanks, zero and minus zero, any NaN.

/// The version of ``placementHash(_:count:into:)``; rows on disk were placed by one version.
package let placementHashVersion = 1

/// The keys of one family of hashes; four odd or random constants of wyhash.
private struct HashFamily {
    let first: UInt64
    let second: UInt64
    let null: UInt64
    let seed: UInt64

    static let tables = HashFamily(
        first: 0xA076_1D64_78BD_642F,
        second: 0xE703_7ED1_A0B4_28DB,
        null: 0x8EBC_6AF0_9C88_C6E3,
        seed: 0
    )
    static let placement = HashFamily(
        first: 0x2D35_8DCC_AA6C_78A5,
        second: 0x8BB8_4B93_962E_ACC9,
        null: 0x589D_37E6_3F0B_6E11,
        seed: 0x4B33_A62E_D433_D4A3
    )

    @inline(__always)
    func mix(_ value: UInt64) -> UInt64 {
        let product = (value ^ first).multipliedFullWidth(by: second)
        let folded = product.high ^ product.low
        // A second round: one product leaves the high bits of small keys too regular.
        let again = (folded ^ second).multipliedFullWidth(by: first)
        return again.high ^ again.low
    }

    @inline(__always)
    func combine(_ hash: UInt64, _ next: UInt64) -> UInt64 {
        let product = (hash ^ next ^ second).multipliedFullWidth(
            by: (hash &<< 32 | hash &>> 32) | 1
        )
        return (product.high ^ product.low) &+ next &* first
    }

    @inline(__always)
    func text(_ view: StringView) -> UInt64 {
        let trimmed = view.trimmed
        if trimmed.isInline { return combine(mix(trimmed.head), mix(trimmed.tail)) }
        return sk_xxh3(trimmed.longBytes, trimmed.count, seed)
    }

    @inline(__always)
    func wide(_ value: Int128) -> UInt64 {
        let low = Int64(truncatingIfNeeded: value)
        if Int128(low) == value { return mix(UInt64(bitPattern: low)) }
        let high = UInt64(truncatingIfNeeded: value >> 64)
        return combine(mix(UInt64(bitPattern: low)), mix(high))
    }

    @inline(__always)
    func float(_ value: Double) -> UInt64 {
        if value == 0 { return mix(0) }
        if value.isNaN { return mix(0x7FF8_0000_0000_0000) }
        return mix(value.bitPattern)
    }
}

/// Hashes the rows of `columns` together, for hash tables; at least one column.
package func hashRows(_ columns: [Vector], count: Int, into: UnsafeMutablePointer<UInt64>) {
    hashColumns(columns, count: count, family: .tables, into: into)
}

/// Hashes one column for placing rows on slices; stable across versions of the program.
package func placementHash(_ column: Vector, count: Int, into: UnsafeMutablePointer<UInt64>) {
    hashColumns([column], count: count, family: .placement, into: into)
}

/// Hashes several columns together for placing rows on slices.
package func placementHash(_ columns: [Vector], count: Int, into: UnsafeMutablePointer<UInt64>) {
    hashColumns(columns, count: count, family: .placement, into: into)
}

/// The slice of `sliceCount` that a placement hash belongs to: its high bits times the number.
package func slice(ofHash hash: UInt64, sliceCount: Int) -> Int {
    Int(((hash >> 32) &* UInt64(sliceCount)) >> 32)
}

private func hashColumns(
    _ columns: [Vector],
    count: Int,
    family: HashFamily,
    into target: UnsafeMutablePointer<UInt64>
) {
    guard let first = columns.first else {
        target.update(repeating: family.null, count: count)
        return
    }
    hashColumn(first, count: count, family: family, into: target)
    if columns.count == 1 { return }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { scratch in
        guard let next = scratch.baseAddress else { return }
        for column in columns.dropFirst() {
            hashColumn(column, count: count, family: family, into: next)
            for row in 0..<count { target[row] = family.combine(target[row], next[row]) }
        }
    }
}

private func hashColumn(
    _ column: Vector,
    count: Int,
    family: HashFamily,
    into target: UnsafeMutablePointer<UInt64>
) {
    if count == 0 { return }
    switch column.form {
    case .constant:
        var hash = family.null
        if !column.isNull(0) {
            hashFlat(column.repeated(count: 1), count: 1, family: family, into: &hash)
        }
        target.update(repeating: hash, count: count)
        return
    case .flat: hashFlat(column, count: count, family: family, into: target)
    case .narrow8: hashOffsets(column.entries(as: UInt8.self), column.base, count, family, target)
    case .narrow16: hashOffsets(column.entries(as: UInt16.self), column.base, count, family, target)
    case .narrow32: hashOffsets(column.entries(as: UInt32.self), column.base, count, family, target)
    case .dictionary8, .dictionary16, .dictionary32:
        hashDictionary(column, count: count, family: family, into: target)
    }
    if let validity = column.validity {
        for row in 0..<count where validity[row &>> 6] &>> UInt64(row & 63) & 1 == 0 {
            target[row] = family.null
        }
    }
}

/// Hashes the entries of a flat vector, or of a constant of one row.
private func hashFlat(
    _ column: Vector,
    count: Int,
    family: HashFamily,
    into target: UnsafeMutablePointer<UInt64>
) {
    switch column.physical {
    case .bool:
        let values = column.entries(as: UInt8.self)
        for row in 0..<count { target[row] = family.mix(UInt64(values[row])) }
    case .int64:
        let values = column.entries(as: UInt64.self)
        for row in 0..<count { target[row] = family.mix(values[row]) }
    case .int128:
        let values = column.entries(as: Int128.self)
        for row in 0..<count { target[row] = family.wide(values[row]) }
    case .float64:
        let values = column.entries(as: Double.self)
        for row in 0..<count { target[row] = family.float(values[row]) }
    case .string:
        let values = column.entries(as: StringView.self)
        for row in 0..<count { target[row] = family.text(values[row]) }
    }
}

private func hashOffsets<Offset: FixedWidthInteger & UnsignedInteger>(
    _ offsets: UnsafePointer<Offset>,
    _ base: Int64,
    _ count: Int,
    _ family: HashFamily,
    _ target: UnsafeMutablePointer<UInt64>
) {
    let start = UInt64(bitPattern: base)
    for row in 0..<count {
        target[row] = family.mix(start &+ UInt64(truncatingIfNeeded: offsets[row]))
    }
}

private func hashDictionary(
    _ column: Vector,
    count: Int,
    family: HashFamily,
    into target: UnsafeMutablePointer<UInt64>
) {
    guard let dictionary = column.dictionary else { return }
    if dictionary.count > count {
        let flat = column.flattened()
        withExtendedLifetime(flat) {
            hashFlat(flat, count: count, family: family, into: target)
        }
        return
    }
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, dictionary.count)) { scratch in
        guard let hashes = scratch.baseAddress else { return }
        hashFlat(dictionary, count: dictionary.count, family: family, into: hashes)
        switch column.form {
        case .dictionary8: pick(hashes, column.entries(as: UInt8.self), count, target)
        case .dictionary16: pick(hashes, column.entries(as: UInt16.self), count, target)
        default: pick(hashes, column.entries(as: UInt32.self), count, target)
        }
    }
}

private func pick<Code: FixedWidthInteger & UnsignedInteger>(
    _ hashes: UnsafePointer<UInt64>,
    _ codes: UnsafePointer<Code>,
    _ count: Int,
    _ target: UnsafeMutablePointer<UInt64>
) {
    for row in 0..<count { target[row] = hashes[Int(truncatingIfNeeded: codes[row])] }
}

/// The hash of one value in the family of hash tables; for sets of constants.
func tableHash(_ view: StringView) -> UInt64 { HashFamily.tables.text(view) }

/// The hash of one integer in the family of hash tables.
@inline(__always)
func tableHash(_ value: Int64) -> UInt64 { HashFamily.tables.mix(UInt64(bitPattern: value)) }
