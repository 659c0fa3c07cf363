import SQLTypes
import Vectors

/// Finds where partitions and peers begin in sorted rows: where a row differs from the one before.
///
/// NULLs agree with NULLs, NaN with NaN, texts with texts that differ in trailing blanks only:
/// what the sort held equal.
final class RowBoundaries {
    /// A row's partition begins there.
    static let partitionMark: UInt8 = 2
    /// A row's peers begin there.
    static let peerMark: UInt8 = 1

    private let partition: [Int]
    private let order: [Int]
    private let marks = FlatArray<UInt8>(capacity: chunkRowCountMax)
    /// The chunk before, whose last row the next chunk's first is compared with.
    private var previous: Chunk?

    init(partition: [Int], order: [Int]) {
        self.partition = partition
        self.order = order
    }

    /// A mark for each row of the next chunk, valid until the one after.
    func marks(in chunk: Chunk) throws(SQLError) -> UnsafePointer<UInt8> {
        try marks.reserve(chunk.count)
        let target = marks.pointer
        target.update(repeating: 0, count: chunk.count)
        for column in partition { mark(column, of: chunk, with: Self.partitionMark) }
        for column in order { mark(column, of: chunk, with: Self.peerMark) }
        if previous == nil, chunk.count > 0 { target[0] = Self.partitionMark }
        if chunk.count > 0 { previous = chunk }
        return UnsafePointer(target)
    }

    private func mark(_ column: Int, of chunk: Chunk, with mark: UInt8) {
        let vector = chunk.columns[column]
        let target = marks.pointer
        if let previous, chunk.count > 0 {
            let before = previous.columns[column]
            if areDistinct(before, previous.count - 1, vector, 0) { target[0] |= mark }
        }
        if vector.isConstant { return }
        switch (vector.form, vector.physical, vector.validity) {
        case (.flat, .int64, nil):
            markChanges(vector.entries(as: Int64.self), chunk.count, target, mark)
        case (.flat, .bool, nil):
            markChanges(vector.entries(as: UInt8.self), chunk.count, target, mark)
        case (.flat, .int128, nil):
            markChanges(vector.entries(as: Int128.self), chunk.count, target, mark)
        case (.flat, .string, nil): markTextChanges(vector, chunk.count, target, mark)
        default:
            for row in 1..<max(1, chunk.count) where areDistinct(vector, row - 1, vector, row) {
                target[row] |= mark
            }
        }
        withExtendedLifetime(vector) {}
    }
}

/// Whether two values are distinct in the sense of IS DISTINCT FROM.
private func areDistinct(_ a: Vector, _ i: Int, _ b: Vector, _ j: Int) -> Bool {
    let (isNull, isOtherNull) = (a.isNull(i), b.isNull(j))
    if isNull || isOtherNull { return isNull != isOtherNull }
    return compareRows(a, i, b, j) != 0
}

private func markChanges<Value: BitwiseCopyable & Equatable>(
    _ values: UnsafePointer<Value>,
    _ count: Int,
    _ marks: UnsafeMutablePointer<UInt8>,
    _ mark: UInt8
) {
    guard count > 1 else { return }
    for row in 1..<count { marks[row] |= values[row] != values[row &- 1] ? mark : 0 }
}

private func markTextChanges(
    _ vector: Vector,
    _ count: Int,
    _ marks: UnsafeMutablePointer<UInt8>,
    _ mark: UInt8
) {
    guard count > 1 else { return }
    let views = vector.entries(as: StringView.self)
    for row in 1..<count {
        let (view, before) = (views[row], views[row &- 1])
        // The same inline text or the same bytes in memory.
        if view.head == before.head && view.tail == before.tail { continue }
        if compareRows(vector, row &- 1, vector, row) != 0 { marks[row] |= mark }
    }
}
