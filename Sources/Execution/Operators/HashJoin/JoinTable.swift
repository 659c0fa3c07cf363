import CKernels
import Plans
import SQLTypes
import Vectors

/// The rows of a build side and the way to them by key.
///
/// ```
///   heads   slot ─▶ row         by key − least key where keys lie close ("direct"),
///                               else by the high bits of a multiplied key or hash
///   next    row  ─▶ row         the other rows of the slot, .max at the end
///   columns rows of all parts, each part beginning at a multiple of 64
/// ```
/// Rows with a NULL key are in the columns but in no slot. Written by `link` on each part's slice
/// and read by all when every part is linked.
final class JoinTable: @unchecked Sendable {  // Parts write disjoint memory; then it is read only.
    /// No row.
    static let end = UInt32.max

    let layout: JoinKeyLayout
    /// The columns of the key pairs.
    let buildKeys: [Int]
    /// Rows by number, with gaps between the ranges; empty vectors where there are no rows.
    let columns: [Vector]
    /// The numbers in use.
    let ranges: [Range<Int>]
    let rowCount: Int
    /// Whether some first key is NULL: what NOT IN asks.
    let hasNullKey: Bool
    /// 1 for each row that a probe has matched; right, full, right semi and right anti joins only.
    let matched: Buffer?
    /// What scans may leave out, by key pair; integer keys only.
    let filters: [Int: JoinFilter]

    /// The build rows that are not here, on disk.
    let spilled: SpilledBuild?

    private let parts: [JoinPart]
    private let offsets: [Int]
    private let slotCount: Int
    private let shift: UInt64
    private let isDirect: Bool
    private let minimum: Int64
    private let heads: Buffer
    private let next: Buffer
    private let hashes: Buffer?
    /// For each part, whether its share has slots with several rows.
    private let chained: FlatArray<Bool>

    /// Lays out the table of collected parts; `link` fills it.
    init(
        _ specification: JoinSpecification,
        parts: [JoinPart],
        filteredKeys: [Int],
        spilled: SpilledBuild? = nil
    ) {
        let layout = JoinKeyLayout(specification)
        self.spilled = spilled
        self.layout = layout
        buildKeys = specification.buildKeys
        self.parts = parts
        rowCount = parts.reduce(0) { $0 + $1.count }
        var offsets: [Int] = []
        var end = 0
        for part in parts {
            offsets.append(end)
            end += (part.count + 63) & ~63
        }
        self.offsets = offsets
        ranges = zip(offsets, parts).filter { $1.count > 0 }.map { $0..<$0 + $1.count }
        let filled = parts.filter { $0.count > 0 }
        let isAlone = filled.count == 1 && offsets[parts.firstIndex { $0.count > 0 } ?? 0] == 0
        columns = specification.buildTypes.indices.map { column in
            let physical = specification.buildTypes[column].physical
            return isAlone
                ? filled[0].columns[column]
                : joined(parts.map { $0.columns[column] }, offsets, total: end, physical)
        }
        let firstKey = specification.buildKeys.first
        hasNullKey =
            firstKey.map { key in
                parts.contains { $0.columns[key].validity != nil }
            } ?? false || spilled?.hasNullKey ?? false
        let needsFlags =
            specification.kind == .right || specification.kind == .full
            || specification.kind.isRightSemi
        matched = needsFlags ? Buffer(byteCount: max(1, end)) : nil
        matched?.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: max(1, end))

        let slots = SlotShape(layout, parts: parts, rowCount: rowCount)
        slotCount = slots.count
        shift = slots.shift
        isDirect = slots.isDirect
        minimum = slots.bounds?.lowerBound ?? 0
        heads = Buffer(byteCount: slotCount * 4)
        next = Buffer(byteCount: layout.build.isEmpty ? 1 : max(1, end) * 4)
        hashes = layout.isHashed ? Buffer(byteCount: max(1, end) * 8) : nil
        chained = FlatArray(repeating: false, count: max(1, parts.count))
        let rowCount = rowCount
        filters = Dictionary(
            uniqueKeysWithValues: filteredKeys.map { key in
                let bounds = keyBounds(parts, specification.buildKeys[key])
                return (key, JoinFilter(bounds: bounds, rowCount: rowCount))
            }
        )
        if parts.isEmpty {
            heads.pointer.assumingMemoryBound(to: UInt32.self).update(
                repeating: Self.end,
                count: slotCount
            )
        }
    }

    /// Whether there are no rows, here or on disk.
    var isEmpty: Bool { rowCount == 0 && spilled == nil }

    /// Bytes that a table of these parts needs beside them.
    static func byteCount(_ specification: JoinSpecification, parts: [JoinPart]) -> Int {
        let layout = JoinKeyLayout(specification)
        let rowCount = parts.reduce(0) { $0 + $1.count }
        let slots = SlotShape(layout, parts: parts, rowCount: rowCount)
        let width = specification.buildTypes.reduce(0) { $0 + $1.physical.stride }
        let copies = parts.filter { $0.count > 0 }.count > 1 ? width : 0
        return slots.count * 4 + rowCount * (4 + copies + (layout.isHashed ? 8 : 0))
    }

    /// Bytes of the filters of these key pairs.
    static func filterByteCount(
        _ specification: JoinSpecification,
        _ parts: [JoinPart],
        _ filteredKeys: [Int]
    ) -> Int {
        let rowCount = parts.reduce(0) { $0 + $1.count }
        return filteredKeys.reduce(0) { bytes, key in
            let bounds = keyBounds(parts, specification.buildKeys[key])
            return bytes + JoinFilter.byteCount(bounds: bounds, rowCount: rowCount)
        }
    }

    /// Copies a part's columns to their place and links the rows of its share of the slots.
    ///
    /// `check` is asked every 65,536 rows and may throw; the table is then of no use.
    func link(part number: Int, check: StopCheck) throws(SQLError) {
        try copyColumns(of: number, check)
        if layout.build.isEmpty { return }
        let share = number * slotCount / parts.count..<(number + 1) * slotCount / parts.count
        try clearHeads(share, check)
        if layout.isHashed { try copyHashes(of: number, check) }
        var isChained = false
        for (part, offset) in zip(parts, offsets) {
            let validity = layout.isHashed ? keyValidity(part) : nil
            var start = 0
            while start < part.count {
                try check()
                let rows = start..<min(part.count, start + rowsPerStopCheck)
                let linked =
                    layout.isHashed
                    ? linkHashed(part, rows, offset, share, validity)
                    : linkInteger(part, rows, offset, share)
                isChained = isChained || linked
                start = rows.upperBound
            }
        }
        chained.pointer[number] = isChained
        for (key, filter) in filters {
            try filter.fill(
                from: parts.map { ($0.columns[buildKeys[key]], [0..<$0.count]) },
                share: number,
                of: parts.count,
                check: check
            )
        }
    }

    /// Whether a key may have more than one row, as far as linking noticed.
    var hasChains: Bool {
        (0..<chained.count).contains { chained.pointer[$0] }
    }

    private func clearHeads(_ share: Range<Int>, _ check: StopCheck) throws(SQLError) {
        let heads = heads.pointer.assumingMemoryBound(to: UInt32.self)
        let step = bytesPerStopCheck / 4
        for start in stride(from: share.lowerBound, to: share.upperBound, by: step) {
            try check()
            let count = min(step, share.upperBound - start)
            (heads + start).update(repeating: Self.end, count: count)
        }
    }
}

// Filling.
extension JoinTable {
    private func copyColumns(of number: Int, _ check: StopCheck) throws(SQLError) {
        let part = parts[number]
        for (column, target) in zip(part.columns, columns) where column !== target {
            let stride = column.physical.stride
            try copy(
                column.data,
                to: target.data + offsets[number] * stride,
                byteCount: part.count * stride,
                check
            )
        }
    }

    private func copyHashes(of number: Int, _ check: StopCheck) throws(SQLError) {
        guard let hashes else { return }
        try copy(
            parts[number].hashes.pointer,
            to: hashes.pointer + offsets[number] * 8,
            byteCount: parts[number].count * 8,
            check
        )
    }

    private func copy(
        _ source: UnsafeRawPointer,
        to target: UnsafeMutableRawPointer,
        byteCount: Int,
        _ check: StopCheck
    ) throws(SQLError) {
        for start in stride(from: 0, to: byteCount, by: bytesPerStopCheck) {
            try check()
            let size = min(bytesPerStopCheck, byteCount - start)
            (target + start).copyMemory(from: source + start, byteCount: size)
        }
    }

    /// Links those of some rows of a part whose slots are in `share`; whether a slot got several.
    private func linkInteger(
        _ part: JoinPart,
        _ rows: Range<Int>,
        _ offset: Int,
        _ share: Range<Int>
    ) -> Bool {
        let column = part.columns[layout.build[0]]
        let keys = column.entries(as: Int64.self)
        let heads = heads.pointer.assumingMemoryBound(to: UInt32.self)
        let next = next.pointer.assumingMemoryBound(to: UInt32.self)
        let (minimum, shift, isDirect) = (minimum, shift, isDirect)
        let low = UInt64(share.lowerBound)
        let width = UInt64(share.count)
        let validity = column.validity
        var chained: UInt32 = Self.end
        for row in rows {
            if let validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
            let slot =
                isDirect
                ? UInt64(bitPattern: keys[row] &- minimum) : integerSlot(keys[row], shift)
            if slot &- low >= width { continue }
            let number = UInt32(truncatingIfNeeded: offset &+ row)
            let old = heads[Int(slot)]
            next[Int(number)] = old
            heads[Int(slot)] = number
            chained &= old
        }
        return chained != Self.end
    }

    /// Rows of a part of which no key is NULL; nil for all.
    private func keyValidity(_ part: JoinPart) -> [UInt64]? {
        var validity: [UInt64]?
        for key in layout.build {
            guard let own = part.columns[key].validity else { continue }
            validity = validity.map { zip($0, own).map { $0 & $1 } } ?? own
        }
        return validity
    }

    private func linkHashed(
        _ part: JoinPart,
        _ rows: Range<Int>,
        _ offset: Int,
        _ share: Range<Int>,
        _ validity: [UInt64]?
    ) -> Bool {
        let hashes = part.hashes.pointer
        let heads = heads.pointer.assumingMemoryBound(to: UInt32.self)
        let next = next.pointer.assumingMemoryBound(to: UInt32.self)
        let shift = shift
        let low = UInt64(share.lowerBound)
        let width = UInt64(share.count)
        for row in rows {
            if let validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
            let slot = hashSlot(hashes[row], shift)
            if slot &- low >= width { continue }
            let number = UInt32(truncatingIfNeeded: offset &+ row)
            next[Int(number)] = heads[Int(slot)]
            heads[Int(slot)] = number
        }
        return true
    }
}

// Looking up.
extension JoinTable {
    /// For each integer key the first row that has it, `end` for none and for NULLs.
    func firstRows(
        of keys: UnsafePointer<Int64>,
        validity: [UInt64]?,
        count: Int,
        into rows: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        if rowCount == 0 { return rows.update(repeating: Self.end, count: count) }
        let heads = heads.pointer.assumingMemoryBound(to: UInt32.self)
        if isDirect {
            let (minimum, width) = (minimum, UInt64(slotCount))
            for row in 0..<count {
                let slot = UInt64(bitPattern: keys[row] &- minimum)
                // The last slot is always free: it stands for keys outside.
                rows[row] = heads[Int(truncatingIfNeeded: min(slot, width &- 1))]
            }
        } else {
            let buildKeys = columns[layout.build[0]].entries(as: Int64.self)
            let next = next.pointer.assumingMemoryBound(to: UInt32.self)
            let shift = shift
            if slotCount > Self.cachedSlotCount {
                for row in 0..<count { sk_prefetch(heads + Int(integerSlot(keys[row], shift))) }
                for row in 0..<count {
                    let found = heads[Int(integerSlot(keys[row], shift))]
                    rows[row] = found
                    sk_prefetch(buildKeys + Int(found == Self.end ? 0 : found))
                }
            } else {
                for row in 0..<count { rows[row] = heads[Int(integerSlot(keys[row], shift))] }
            }
            var walk = ChainWalk()
            for row in 0..<count {
                var found = rows[row]
                while found != Self.end && buildKeys[Int(found)] != keys[row] {
                    found = next[Int(found)]
                    try walk.step()
                }
                rows[row] = found
            }
        }
        dropNulls(validity, count: count, rows)
    }

    /// For each hash the first row that has it, `end` for none and for rows not valid.
    func firstRows(
        ofHashes wanted: UnsafePointer<UInt64>,
        validity: [UInt64]?,
        count: Int,
        into rows: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        guard rowCount > 0, let hashes else {
            return rows.update(repeating: Self.end, count: count)
        }
        let heads = heads.pointer.assumingMemoryBound(to: UInt32.self)
        let buildHashes = hashes.pointer.assumingMemoryBound(to: UInt64.self)
        let next = next.pointer.assumingMemoryBound(to: UInt32.self)
        let shift = shift
        if slotCount > Self.cachedSlotCount {
            for row in 0..<count { sk_prefetch(heads + Int(hashSlot(wanted[row], shift))) }
        }
        var walk = ChainWalk()
        for row in 0..<count {
            var found = heads[Int(hashSlot(wanted[row], shift))]
            while found != Self.end && buildHashes[Int(found)] != wanted[row] {
                found = next[Int(found)]
                try walk.step()
            }
            rows[row] = found
        }
        dropNulls(validity, count: count, rows)
    }

    /// Moves each row on to the next that may have the same key; `end` after the last.
    func advance(_ rows: UnsafeMutablePointer<UInt32>, count: Int) throws(SQLError) {
        var walk = ChainWalk()
        let next = next.pointer.assumingMemoryBound(to: UInt32.self)
        if isDirect {
            for index in 0..<count { rows[index] = next[Int(rows[index])] }
        } else if let hashes {
            let all = hashes.pointer.assumingMemoryBound(to: UInt64.self)
            for index in 0..<count {
                let wanted = all[Int(rows[index])]
                var found = next[Int(rows[index])]
                while found != Self.end && all[Int(found)] != wanted {
                    found = next[Int(found)]
                    try walk.step()
                }
                rows[index] = found
            }
        } else {
            let keys = columns[layout.build[0]].entries(as: Int64.self)
            for index in 0..<count {
                let wanted = keys[Int(rows[index])]
                var found = next[Int(rows[index])]
                while found != Self.end && keys[Int(found)] != wanted {
                    found = next[Int(found)]
                    try walk.step()
                }
                rows[index] = found
            }
        }
    }

    private func dropNulls(
        _ validity: [UInt64]?,
        count: Int,
        _ rows: UnsafeMutablePointer<UInt32>
    ) {
        guard let validity else { return }
        for row in 0..<count where validity[row >> 6] >> UInt64(row & 63) & 1 == 0 {
            rows[row] = Self.end
        }
    }

    /// Slots that a core's own cache holds: prefetching pays beyond.
    private static let cachedSlotCount = 1 << 18
}

/// Counts steps along chains, which a key of very many rows makes long for those beside it.
private struct ChainWalk {
    private var stepsLeft = rowsPerStopCheck

    /// - Throws: 57014, asked every 65,536 steps.
    @inline(__always)
    mutating func step() throws(SQLError) {
        stepsLeft &-= 1
        if stepsLeft == 0 { try pause() }
    }

    @inline(never)
    private mutating func pause() throws(SQLError) {
        stepsLeft = rowsPerStopCheck
        try Interruption.check()
    }
}

@inline(__always)
private func integerSlot(_ key: Int64, _ shift: UInt64) -> UInt64 {
    let product = UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15
    return ((product ^ product &>> 32) &* 0xD6E8_FEB8_6659_FD93) &>> shift
}

@inline(__always)
private func hashSlot(_ hash: UInt64, _ shift: UInt64) -> UInt64 {
    (hash &* 0x9E37_79B9_7F4A_7C15) &>> shift
}

/// A column of all parts in one, its entries still to be copied; validity and owners are set.
private func joined(
    _ parts: [Vector],
    _ offsets: [Int],
    total: Int,
    _ physical: PhysicalType
) -> Vector {
    let buffer = Buffer(byteCount: max(1, total) * physical.stride)
    var owners: [AnyObject] = [buffer]
    var bounds: ClosedRange<Int64>?
    for part in parts where part.count > 0 {
        if physical == .string { owners.append(contentsOf: part.owners) }
        if let own = part.bounds { bounds = bounds.map { own.joined(with: $0) } ?? own }
    }
    var validity: [UInt64]?
    if parts.contains(where: { $0.validity != nil }) {
        var words = [UInt64](repeating: .max, count: (total + 63) >> 6)
        for (part, offset) in zip(parts, offsets) {
            guard let own = part.validity else { continue }
            for word in own.indices { words[offset >> 6 + word] = own[word] }
        }
        validity = words
    }
    return Vector(
        physical: physical,
        form: .flat,
        count: total,
        data: buffer.pointer,
        validity: validity,
        bounds: bounds,
        owners: owners
    )
}
