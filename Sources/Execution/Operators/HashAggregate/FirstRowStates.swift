import SQLTypes
import Vectors

/// The value of the first row of each group, NULL or not.
///
/// Rows come to all calls of a grouping in the same order, so that the values of a group are those
/// of one row. A column that the group's key decides has no other value.
final class FirstRowStates: AggregateStates {
    private let builder: VectorBuilder
    private var values: Vector?

    init(_ physical: PhysicalType) { builder = VectorBuilder(physical: physical, capacity: 256) }

    override var byteCount: Int { builder.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        guard let firstRows = batch.firstRows else { return }
        let count = batch.groupCount - batch.priorGroupCount
        try builder.makeRoom(for: count)
        builder.append(inputs[0], positions: firstRows, count: count)
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
