import Functions
import Plans
import SQLTypes
import Vectors

// SUM and AVG of integers and decimals over frames, exact however long the frame: 128 bits hold
// any sum of 64-bit values, and sums of 128-bit values are kept in two halves.

/// SUM or AVG of an int64 or int128 argument.
///
/// - Throws: 22003 where a sum does not fit its type.
func exactSums(
    _ function: AggregateFunction,
    _ call: WindowSpecification.Call,
    _ argument: Vector,
    _ batch: WindowBatch
) throws(SQLError) -> Vector {
    let isAverage = function == .average
    let flat = argument.flattened()
    defer { withExtendedLifetime(flat) {} }
    if call.resultType.physical == .int64 {
        let fold = NarrowSumFold(flat, isAverage: isAverage, IntegerSums(count: batch.count))
        try foldFrames(fold, call.frame, batch)
        return try fold.results.finish()
    }
    if flat.physical == .int64 {
        let fold = NarrowSumFold(flat, isAverage: isAverage, DecimalSums(count: batch.count))
        try foldFrames(fold, call.frame, batch)
        return try fold.results.finish()
    }
    let fold = WideSumFold(flat, isAverage: isAverage, DecimalSums(count: batch.count))
    try foldFrames(fold, call.frame, batch)
    return try fold.results.finish()
}

/// Where exact sums go, and the test whether they fit.
protocol SumResults: AnyObject {
    func set(_ rows: Range<Int>, _ value: Int128)
    func setNull(_ rows: Range<Int>)
    func noteOverflow()
    func finish() throws(SQLError) -> Vector
}

/// BIGINT results.
final class IntegerSums: SumResults {
    private let result: WindowResult<Int64>
    private var isOverflown = false

    init(count: Int) { result = WindowResult(.int64, count: count) }

    @inline(__always)
    func set(_ rows: Range<Int>, _ value: Int128) {
        let narrow = Int64(truncatingIfNeeded: value)
        isOverflown = isOverflown || Int128(narrow) != value
        result.set(rows, narrow)
    }

    func setNull(_ rows: Range<Int>) { result.setNull(rows) }

    func noteOverflow() { isOverflown = true }

    func finish() throws(SQLError) -> Vector {
        guard isOverflown else { return result.finish() }
        throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes.")
    }
}

/// DECIMAL(38, s) results.
final class DecimalSums: SumResults {
    private let result: WindowResult<Int128>
    private var isOverflown = false
    private let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)

    init(count: Int) { result = WindowResult(.int128, count: count) }

    @inline(__always)
    func set(_ rows: Range<Int>, _ value: Int128) {
        isOverflown = isOverflown || value >= limit || value <= -limit
        result.set(rows, value)
    }

    func setNull(_ rows: Range<Int>) { result.setNull(rows) }

    func noteOverflow() { isOverflown = true }

    func finish() throws(SQLError) -> Vector {
        if isOverflown { throw ExactSums.overflow }
        return result.finish()
    }
}

/// Sums of 64-bit values.
struct NarrowSumFold<Results: SumResults>: FrameFold {
    struct State: BitwiseCopyable {
        var sum: Int128
        var count: Int
    }

    private let nulls: Vector?
    private let values: UnsafeMutablePointer<Int64>
    private let isAverage: Bool
    let results: Results

    init(_ flat: Vector, isAverage: Bool, _ results: Results) {
        nulls = flat.nullsOrNone
        values = flat.entries(as: Int64.self)
        self.isAverage = isAverage
        self.results = results
    }

    var empty: State { State(sum: 0, count: 0) }

    @inline(__always)
    func state(of row: Int) -> State {
        nulls?.isNull(row) == true ? empty : State(sum: Int128(values[row]), count: 1)
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        State(sum: left.sum &+ right.sum, count: left.count &+ right.count)
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        if state.count == 0 { return results.setNull(rows) }
        results.set(rows, isAverage ? state.sum / Int128(state.count) : state.sum)
    }
}

/// Sums of 128-bit values, their high and low 64 bits apart.
struct WideSumFold<Results: SumResults>: FrameFold {
    struct State: BitwiseCopyable {
        var high: Int128
        var low: Int128
        var count: Int
    }

    private let nulls: Vector?
    private let values: UnsafeMutablePointer<Int128>
    private let isAverage: Bool
    let results: Results

    init(_ flat: Vector, isAverage: Bool, _ results: Results) {
        nulls = flat.nullsOrNone
        values = flat.entries(as: Int128.self)
        self.isAverage = isAverage
        self.results = results
    }

    var empty: State { State(high: 0, low: 0, count: 0) }

    @inline(__always)
    func state(of row: Int) -> State {
        if nulls?.isNull(row) == true { return empty }
        let value = values[row]
        return State(
            high: value >> 64,
            low: Int128(UInt64(truncatingIfNeeded: value)),
            count: 1
        )
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        State(
            high: left.high &+ right.high,
            low: left.low &+ right.low,
            count: left.count &+ right.count
        )
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        if state.count == 0 { return results.setNull(rows) }
        let high = state.high &+ state.low >> 64
        guard let top = Int64(exactly: high) else { return results.noteOverflow() }
        let sum = Int128(top) << 64 | Int128(UInt64(truncatingIfNeeded: state.low))
        results.set(rows, isAverage ? sum / Int128(state.count) : sum)
    }
}
