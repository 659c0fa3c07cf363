import SQLTypes
import Vectors

// MOSTLY8, MOSTLY16 and MOSTLY32: values of the narrower type, the few others beside them.
//
// A group without exceptions is entries of 1, 2 or 4 bytes counted from the narrow type's least
// value, which kernels use where they lie. One with exceptions is
//
// ```
//   exceptions (see ExceptionList) | entries 1, 2 or 4 × rows, those of exceptions and NULLs 0
// ```
// and is widened to values of 8 bytes.

/// Encodes rows of a flat int64 vector in entries of `width` bytes, 1, 2 or 4.
///
/// A group that would take more than its values do is stored as RAW does.
func encodeMostly(_ vector: Vector, rows: Range<Int>, width: Int) -> EncodedGroup {
    let values = vector.entries(as: Int64.self)
    let base = mostlyBase(width)
    let limit = -(base + 1)
    var exceptions = ExceptionList()
    var entries: [UInt32] = []
    entries.reserveCapacity(rows.count)
    for row in rows {
        if vector.isNull(row) {
            entries.append(0)
        } else if values[row] < base || values[row] > limit {
            exceptions.add(values[row], at: row - rows.lowerBound)
            entries.append(0)
        } else {
            entries.append(UInt32(truncatingIfNeeded: values[row] &- base))
        }
    }
    let byteCount = exceptions.byteCount + rows.count * width
    guard exceptions.isEmpty || byteCount < rows.count * 8 else {
        return encodeFullWidth(vector, rows: rows, width: 8)
    }
    var group = EncodedGroup(
        exceptions.isEmpty ? .narrow : .flat,
        exceptions.isEmpty ? .direct : .mostly,
        width: width,
        rowCount: rows.count
    )
    group.base = base
    group.data = exceptions.isEmpty ? [] : exceptions.bytes
    switch width {
    case 1: group.data += entries.map { UInt8(truncatingIfNeeded: $0) }
    case 2:
        entries.map { UInt16(truncatingIfNeeded: $0) }
            .withUnsafeBytes { group.data.append(contentsOf: $0) }
    default: entries.withUnsafeBytes { group.data.append(contentsOf: $0) }
    }
    return group
}

/// The least value of a signed type of `width` bytes, from which entries count.
private func mostlyBase(_ width: Int) -> Int64 { -(1 << Int64(width * 8 - 1)) }

/// Widens a group with exceptions to values of 8 bytes.
func expandMostly(_ source: UnsafeMutableRawPointer, width: Int, count: Int) -> Buffer {
    let exceptions = ExceptionReader(source)
    let target = Buffer(byteCount: count * 8)
    let to = target.pointer.assumingMemoryBound(to: Int64.self)
    let base = mostlyBase(width)
    func widen<Entry: FixedWidthInteger & UnsignedInteger>(_ type: Entry.Type) {
        let from = exceptions.end.assumingMemoryBound(to: type)
        for row in 0..<count { to[row] = base &+ Int64(truncatingIfNeeded: from[row]) }
    }
    switch width {
    case 1: widen(UInt8.self)
    case 2: widen(UInt16.self)
    default: widen(UInt32.self)
    }
    for index in 0..<exceptions.count {
        let position = exceptions.position(index)
        if position < count { to[position] = exceptions.value(index) }
    }
    return target
}
