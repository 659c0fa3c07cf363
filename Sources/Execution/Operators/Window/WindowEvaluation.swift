import Functions
import Plans
import SQLTypes
import Vectors

// From a window function to the loop that computes it: the one list to extend when a window
// function is added.
//
// To add one: a case of `WindowFunction`, its loop under this folder, a line here, what it holds
// in `WindowStage.evaluationBytes`.

/// The values of a call for the rows of a batch.
///
/// - Errors: 22003 beyond the result's type, 22014 and 22016 for arguments of NTILE and
///   NTH_VALUE, 57014.
func evaluate(
    _ call: WindowSpecification.Call,
    _ arguments: [Vector],
    _ batch: WindowBatch
) throws(SQLError) -> Vector {
    switch call.function {
    case .rowNumber: return try rowNumbers(batch)
    case .rank: return try ranks(batch, isDense: false)
    case .denseRank: return try ranks(batch, isDense: true)
    case .percentRank: return try percentRanks(batch)
    case .cumeDist: return try cumulativeShares(batch)
    case .ntile: return try buckets(arguments[0], batch)
    case .ratioToReport: return try ratios(arguments[0], batch)
    case .lag, .lead:
        let positions = try shiftedPositions(call, arguments, batch)
        return try arguments[0].gatherManyOrNull(positions.pointer, count: batch.count)
    case .firstValue, .lastValue, .nthValue:
        let positions = try framePositions(call, arguments, batch)
        return try arguments[0].gatherManyOrNull(positions.pointer, count: batch.count)
    case .aggregate(let function):
        return try evaluateAggregate(function, call, arguments.first, batch)
    }
}
