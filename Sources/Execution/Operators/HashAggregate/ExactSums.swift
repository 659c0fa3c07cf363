import SQLTypes
import Vectors

/// A sum of integers or decimals per group, never wrong: 64 bits while a bound proves that they
/// suffice, 128 beyond.
///
/// The bound is that of the worst group: rows times the greatest magnitude, chunk after chunk.
/// When it nears 2^62 the 64-bit sums are added into 128-bit ones and begin anew.
final class ExactSums {
    private let low = FlatArray<Int64>()
    private var high: FlatArray<Int128>?
    private var lowBound: UInt64 = 0
    private let narrowed = FlatArray<Int64>(capacity: chunkRowCountMax)
    private static let boundMax: UInt64 = 1 << 62

    var byteCount: Int { low.byteCount + (high?.byteCount ?? 0) }

    func removeAll() {
        low.removeAll()
        high = nil
        lowBound = 0
    }

    /// Gives every group a place.
    func settle(_ groupCount: Int) throws(SQLError) {
        try low.grow(to: groupCount, filling: 0)
        try high?.grow(to: groupCount, filling: 0)
    }

    /// Adds a batch of int64 or int128 values; NULLs add nothing.
    ///
    /// - Throws: 22003 beyond 128 bits.
    func add(_ batch: GroupBatch, _ vector: Vector) throws(SQLError) {
        try settle(batch.groupCount)
        if vector.physical == .int128 {
            if let narrow = narrow(vector, count: batch.count) {
                return try add(batch, narrow)
            }
            return try addWide(batch, vector)
        }
        guard let bounds = vector.knownBounds() else { return }
        let magnitude = max(bounds.lowerBound.magnitude, bounds.upperBound.magnitude)
        let (bound, overflow) = magnitude.multipliedReportingOverflow(by: UInt64(batch.count))
        if overflow || bound > Self.boundMax >> 6 { return try addWide(batch, vector) }
        if lowBound + bound > Self.boundMax { try raise() }
        lowBound += bound
        addLow(batch, vector)
    }

    /// The sum of a group.
    func value(_ group: Int) throws(SQLError) -> Int128 {
        let narrow = Int128(low.pointer[group])
        guard let high else { return narrow }
        let (sum, overflow) = high.pointer[group].addingReportingOverflow(narrow)
        if overflow { throw Self.overflow }
        return sum
    }

    /// The 64-bit sums, if they are all there is.
    var lowOnly: UnsafePointer<Int64>? { high == nil ? UnsafePointer(low.pointer) : nil }

    static let overflow = SQLError(
        .numericValueOutOfRange,
        "Numeric data overflow (result precision)"
    )

    /// Moves the 64-bit sums into the 128-bit ones.
    private func raise() throws(SQLError) {
        let wide = high ?? FlatArray<Int128>()
        try wide.grow(to: low.count, filling: 0)
        for group in 0..<low.count {
            if group & (rowsPerStopCheck - 1) == 0 { try Interruption.check() }
            wide.pointer[group] &+= Int128(low.pointer[group])
        }
        low.pointer.update(repeating: 0, count: low.count)
        lowBound = 0
        high = wide
    }

    private func addWide(_ batch: GroupBatch, _ vector: Vector) throws(SQLError) {
        let wide = high ?? FlatArray<Int128>()
        high = wide
        try wide.grow(to: batch.groupCount, filling: 0)
        let sums = wide.pointer
        var overflowed = false
        for row in 0..<batch.count where !vector.isNull(row) {
            let group = Int(batch.groups[row])
            let (sum, overflow) = sums[group].addingReportingOverflow(vector.int128Value(row))
            sums[group] = sum
            overflowed = overflowed || overflow
        }
        if overflowed { throw Self.overflow }
    }

    /// An int128 vector's values in 64 bits, if all fit.
    private func narrow(_ vector: Vector, count: Int) -> Vector? {
        guard vector.form == .flat else { return nil }
        let values = vector.entries(as: Int128.self)
        let buffer = Buffer(byteCount: max(1, count) * 8)
        let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
        var excess: Int64 = 0
        for row in 0..<count {
            let value = values[row]
            let narrow = Int64(truncatingIfNeeded: value)
            target[row] = narrow
            excess |= Int64(truncatingIfNeeded: value >> 64) ^ (narrow >> 63)
        }
        // Entries of NULL rows hold anything; then the wide way is taken for nothing but time.
        if excess != 0 { return nil }
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: vector.validity,
            owners: [buffer]
        )
    }

    private func addLow(_ batch: GroupBatch, _ vector: Vector) {
        let sums = low.pointer
        switch vector.form {
        case .flat: addEntries(batch, vector.entries(as: Int64.self), 0, vector.validity, sums)
        case .narrow8:
            addEntries(batch, vector.entries(as: UInt8.self), vector.base, vector.validity, sums)
        case .narrow16:
            addEntries(batch, vector.entries(as: UInt16.self), vector.base, vector.validity, sums)
        case .narrow32:
            addEntries(batch, vector.entries(as: UInt32.self), vector.base, vector.validity, sums)
        case .constant, .dictionary8, .dictionary16, .dictionary32:
            let flat = vector.flattened()
            withExtendedLifetime(flat) {
                addEntries(batch, flat.entries(as: Int64.self), 0, flat.validity, sums)
            }
        }
    }
}

/// Adds `base` plus each entry to its group's sum; the caller has proved that none overflows.
private func addEntries<Entry: FixedWidthInteger>(
    _ batch: GroupBatch,
    _ entries: UnsafePointer<Entry>,
    _ base: Int64,
    _ validity: [UInt64]?,
    _ sums: UnsafeMutablePointer<Int64>
) {
    let (group, rows) = (batch.groups, batch.count)
    if let validity {
        validity.withUnsafeBufferPointer { bits in
            for row in 0..<rows {
                let mask = 0 &- Int64(bitPattern: bits[row >> 6] >> UInt64(row & 63) & 1)
                let value = Int64(truncatingIfNeeded: entries[row]) &+ base
                sums[Int(group[row])] &+= value & mask
            }
        }
    } else if batch.isTotal {
        var sum: Int64 = 0
        for row in 0..<rows { sum &+= Int64(truncatingIfNeeded: entries[row]) }
        sums[0] &+= sum &+ base &* Int64(rows)
    } else if batch.groupCount <= copiedGroupCountMax {
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: 4 * copiedGroupCountMax) { copy in
            copy.initialize(repeating: 0)
            guard let place = copy.baseAddress else { return }
            for row in 0..<rows {
                place[Int(group[row]) &* 4 &+ row & 3] &+=
                    Int64(truncatingIfNeeded: entries[row]) &+ base
            }
            for index in 0..<batch.groupCount {
                sums[index] &+=
                    place[4 &* index] &+ place[4 &* index &+ 1]
                    &+ place[4 &* index &+ 2] &+ place[4 &* index &+ 3]
            }
        }
    } else {
        for row in 0..<rows {
            sums[Int(group[row])] &+= Int64(truncatingIfNeeded: entries[row]) &+ base
        }
    }
}
