import SQLTypes
import Vectors

/// The value of the last row of each group, NULL or not.
///
/// Rows come to all calls of a grouping in the same order, and so do their states, so that the
/// results of a group are those of one row. Values that a later row has replaced are dropped once
/// they outnumber the groups.
final class LastRowStates: AggregateStates {
    private let builder: VectorBuilder
    /// The place in the builder plus one; 0 for none.
    private let places = FlatArray<UInt32>()
    private var groupCount = 0
    private var values: Vector?

    init(_ physical: PhysicalType) { builder = VectorBuilder(physical: physical, capacity: 16) }

    override var byteCount: Int { builder.byteCount + places.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        if builder.count + batch.count > 2 * groupCount + 4 * chunkRowCountMax { compact() }
        for row in 0..<batch.count {
            builder.append(inputs[0], row: row)
            places.pointer[Int(batch.groups[row])] = UInt32(truncatingIfNeeded: builder.count)
        }
    }

    override func removeAll() {
        places.removeAll()
        groupCount = 0
        values = nil
        _ = builder.finish()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try places.grow(to: groupCount, filling: 0)
        self.groupCount = max(self.groupCount, groupCount)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let all = values ?? builder.finish()
        values = all
        return gathered(all, range)
    }

    private func gathered(_ all: Vector, _ range: Range<Int>) -> Vector {
        let rows = FlatArray<UInt32>(capacity: range.count)
        for group in range { rows.append(places.pointer[group] &- 1) }
        return all.gatherOrNull(rows.pointer, count: range.count)
    }

    /// Keeps one value for each group, at the group's own place.
    private func compact() {
        let kept = gathered(builder.finish(), 0..<groupCount)
        builder.append(kept)
        for group in 0..<groupCount where places.pointer[group] != 0 {
            places.pointer[group] = UInt32(truncatingIfNeeded: group + 1)
        }
    }
}
