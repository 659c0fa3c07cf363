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
        let sums = IntegerSums(count: batch.count)
        let fold = SumFold<NarrowSum, IntegerSums>(flat, isAverage: isAverage, sums)
        try foldFrames(fold, call.frame, batch)
        return try fold.results.finish()
    }
    let sums = DecimalSums(count: batch.count)
    if flat.physical == .int64 {
        let fold = SumFold<NarrowSum, DecimalSums>(flat, isAverage: isAverage, sums)
        try foldFrames(fold, call.frame, batch)
        return try fold.results.finish()
    }
    let fold = SumFold<WideSum, DecimalSums>(flat, isAverage: isAverage, sums)
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
        throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
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

/// A sum that no number of rows can overflow.
protocol FrameSum: BitwiseCopyable {
    associatedtype Value: BitwiseCopyable
    /// The sum of nothing.
    static var zero: Self { get }
    /// The sum of one value.
    init(_ value: Value)
    func adding(_ other: Self) -> Self
    /// The sum in 128 bits; nil where it does not fit.
    var total: Int128? { get }
}

/// A sum of 64-bit values.
struct NarrowSum: FrameSum {
    private let sum: Int128

    static var zero: NarrowSum { NarrowSum(0) }

    @inline(__always)
    init(_ value: Int64) { sum = Int128(value) }

    private init(sum: Int128) { self.sum = sum }

    @inline(__always)
    func adding(_ other: NarrowSum) -> NarrowSum { NarrowSum(sum: sum &+ other.sum) }

    var total: Int128? { sum }
}

/// A sum of 128-bit values, their high and low 64 bits apart.
struct WideSum: FrameSum {
    private let high: Int128
    private let low: Int128

    static var zero: WideSum { WideSum(0) }

    @inline(__always)
    init(_ value: Int128) {
        high = value >> 64
        low = Int128(UInt64(truncatingIfNeeded: value))
    }

    private init(high: Int128, low: Int128) {
        self.high = high
        self.low = low
    }

    @inline(__always)
    func adding(_ other: WideSum) -> WideSum {
        WideSum(high: high &+ other.high, low: low &+ other.low)
    }

    var total: Int128? {
        guard let top = Int64(exactly: high &+ low >> 64) else { return nil }
        return Int128(top) << 64 | Int128(UInt64(truncatingIfNeeded: low))
    }
}

/// SUM and AVG of exact values.
struct SumFold<Sum: FrameSum, Results: SumResults>: FrameFold {
    struct State: BitwiseCopyable {
        var sum: Sum
        var count: Int
    }

    private let nulls: Vector?
    private let values: UnsafeMutablePointer<Sum.Value>
    private let isAverage: Bool
    let results: Results

    init(_ flat: Vector, isAverage: Bool, _ results: Results) {
        nulls = flat.nullsOrNone
        values = flat.entries(as: Sum.Value.self)
        self.isAverage = isAverage
        self.results = results
    }

    var empty: State { State(sum: .zero, count: 0) }

    @inline(__always)
    func state(of row: Int) -> State {
        nulls?.isNull(row) == true ? empty : State(sum: Sum(values[row]), count: 1)
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        State(sum: left.sum.adding(right.sum), count: left.count &+ right.count)
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        if state.count == 0 { return results.setNull(rows) }
        guard let sum = state.sum.total else { return results.noteOverflow() }
        results.set(rows, isAverage ? sum / Int128(state.count) : sum)
    }
}
