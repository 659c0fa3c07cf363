import SQLTypes
import Vectors

/// BIT_AND and BIT_OR of integers.
///
/// - Source: PostgreSQL's functions of these names; NULL over no rows.
final class BitStates: AggregateStates {
    private let bits = FlatArray<Int64>()
    private let seen: SeenGroups
    private let isAnd: Bool

    init(isAnd: Bool, isSubset: Bool) {
        self.isAnd = isAnd
        seen = SeenGroups(isSubset: isSubset)
    }

    override var byteCount: Int { bits.byteCount + seen.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        try seen.add(batch, inputs[0])
        let flat = inputs[0].flattened()
        let (bit, from, group) = (bits.pointer, flat.entries(as: Int64.self), batch.groups)
        for row in 0..<batch.count where flat.validity == nil || !flat.isNull(row) {
            let place = Int(group[row])
            bit[place] = isAnd ? bit[place] & from[row] : bit[place] | from[row]
        }
    }

    override func removeAll() {
        bits.removeAll()
        seen.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try bits.grow(to: groupCount, filling: isAnd ? -1 : 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        .copying(
            UnsafePointer(bits.pointer) + range.lowerBound,
            count: range.count,
            validity: seen.validity(range)
        )
    }
}

/// A column that the group's key decides: its value in the first row of each group.
final class GroupValueStates: AggregateStates {
    private let builder: VectorBuilder
    private var values: Vector?

    init(_ physical: PhysicalType) { builder = VectorBuilder(physical: physical, capacity: 256) }

    override var byteCount: Int { builder.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        guard let firstRows = batch.firstRows else { return }
        builder.append(
            inputs[0],
            positions: firstRows,
            count: batch.groupCount - batch.priorGroupCount
        )
    }

    override func removeAll() {
        values = nil
        _ = builder.finish()
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let all = values ?? builder.finish()
        values = all
        return all.slice(range)
    }
}
