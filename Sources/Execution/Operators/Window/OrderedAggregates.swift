import Functions
import Plans
import SQLTypes
import Vectors

/// MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC or LISTAGG of each row's partition.
///
/// The rows were sorted by WITHIN GROUP, which the planner makes the window's ORDER BY; each
/// partition is computed once. Texts are held once for each partition, too.
/// - Errors: those of the same functions over groups; 54000 beyond 4,294,967,294 rows.
func orderedValues(
    _ aggregate: AggregateFunction,
    _ call: WindowSpecification.Call,
    _ argument: Vector,
    _ batch: WindowBatch
) throws(SQLError) -> Vector {
    guard batch.count < Int(UInt32.max) else {
        throw SQLError(
            .programLimitExceeded,
            "more than 4,294,967,294 rows of ordered aggregates in a window"
        )
    }
    let function = try makeOrderedFunction(
        aggregate,
        call.option,
        isDistinct: call.isDistinct,
        argument: call.argumentTypes.first ?? .bigint,
        result: call.resultType
    )
    let starts = FlatArray<UInt32>(capacity: batch.partitions.count)
    let places = FlatArray<UInt32>(capacity: batch.count)
    for index in 0..<batch.partitions.count - 1 {
        try batch.checkCancel(at: index)
        starts.append(UInt32(truncatingIfNeeded: batch.partitions.pointer[index]))
        try places.grow(
            to: batch.partitions.pointer[index + 1],
            filling: UInt32(truncatingIfNeeded: index)
        )
    }
    starts.append(UInt32(truncatingIfNeeded: batch.count))
    let groups = OrderedGroups(
        0..<batch.partitions.count - 1,
        starts: starts,
        offset: 0,
        check: { () throws(SQLError) in try Interruption.check() }
    )
    let values = try function.results(argument.flattened(), groups)
    return values.physical == .string
        ? values.referenced(places.pointer, count: batch.count)
        : try values.gatherMany(places.pointer, count: batch.count)
}
