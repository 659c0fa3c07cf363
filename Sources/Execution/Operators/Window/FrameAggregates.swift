import Functions
import Plans
import SQLTypes
import Vectors

/// An aggregate over the frame of every row; the same results and errors as over a group.
func evaluateAggregate(
    _ function: AggregateFunction,
    _ call: WindowSpecification.Call,
    _ argument: Vector?,
    _ batch: WindowBatch
) throws(SQLError) -> Vector {
    let type = call.argumentTypes.first
    let physical = argument?.physical
    switch function {
    case .countAll, .count:
        let fold = CountFold(argument, count: batch.count)
        try foldFrames(fold, call.frame, batch)
        return fold.result.finish()
    case .sum, .average:
        guard let argument else { break }
        if physical == .float64 {
            let fold = FloatSumFold(argument, isAverage: function == .average, batch.count)
            try foldFrames(fold, call.frame, batch)
            return fold.result.finish()
        }
        return try exactSums(function, call, argument, batch)
    case .minimum, .maximum:
        guard let argument else { break }
        return try extremes(argument, isMaximum: function == .maximum, call.frame, batch)
    case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
        guard let argument else { break }
        if AggregateFunction.hasExactMoments(of: type) {
            let fold = ExactVarianceFold(function, argument, scale: type?.scale ?? 0, batch.count)
            try foldFrames(fold, call.frame, batch)
            return fold.result.finish()
        }
        let fold = VarianceFold(function, argument, scale: type?.scale ?? 0, batch.count)
        try foldFrames(fold, call.frame, batch)
        return fold.result.finish()
    case .median, .percentileContinuous, .percentileDiscrete, .listAggregate:
        guard let argument else { break }
        return try orderedValues(function, call, argument, batch)
    default: break
    }
    throw SQLError.unsupported("\(function.rawValue) as a window function")
}

/// COUNT(*) and COUNT(e).
struct CountFold: FrameFold {
    private let nulls: Vector?
    let result: WindowResult<Int64>

    init(_ argument: Vector?, count: Int) {
        nulls = argument?.nullsOrNone
        result = WindowResult(.int64, count: count)
    }

    var empty: Int64 { 0 }

    @inline(__always)
    func state(of row: Int) -> Int64 { nulls?.isNull(row) == true ? 0 : 1 }

    @inline(__always)
    func merged(_ left: Int64, _ right: Int64) -> Int64 { left &+ right }

    @inline(__always)
    func write(_ state: Int64, to rows: Range<Int>) { result.set(rows, state) }
}

/// SUM and AVG of floats.
struct FloatSumFold: FrameFold {
    struct State: BitwiseCopyable {
        var sum: Double
        var count: Int
    }

    private let argument: Vector
    private let nulls: Vector?
    private let values: UnsafeMutablePointer<Double>
    private let isAverage: Bool
    let result: WindowResult<Double>

    init(_ argument: Vector, isAverage: Bool, _ count: Int) {
        self.argument = argument.flattened()
        nulls = argument.nullsOrNone
        values = self.argument.entries(as: Double.self)
        self.isAverage = isAverage
        result = WindowResult(.float64, count: count)
    }

    var empty: State { State(sum: 0, count: 0) }

    @inline(__always)
    func state(of row: Int) -> State {
        nulls?.isNull(row) == true ? empty : State(sum: values[row], count: 1)
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        State(sum: left.sum + right.sum, count: left.count &+ right.count)
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        if state.count == 0 { return result.setNull(rows) }
        result.set(rows, isAverage ? state.sum / Double(state.count) : state.sum)
    }
}

/// VAR and STDDEV of integers and of decimals of up to 19 digits, exact as for groups.
struct ExactVarianceFold: FrameFold {
    private let argument: Vector
    private let nulls: Vector?
    private let unit: Int128
    private let isSample: Bool
    private let isDeviation: Bool
    let result: WindowResult<Double>

    init(_ function: AggregateFunction, _ argument: Vector, scale: Int, _ count: Int) {
        self.argument = argument
        nulls = argument.nullsOrNone
        unit = DataType.powerOfTen128(scale)
        isSample = function.isOfSample
        isDeviation = function.isDeviation
        result = WindowResult(.float64, count: count)
    }

    var empty: ExactMoments { ExactMoments() }

    @inline(__always)
    func state(of row: Int) -> ExactMoments {
        nulls?.isNull(row) == true ? empty : ExactMoments(argument.int64Value(row))
    }

    @inline(__always)
    func merged(_ left: ExactMoments, _ right: ExactMoments) -> ExactMoments {
        var both = left
        both.add(right)
        return both
    }

    @inline(__always)
    func write(_ state: ExactMoments, to rows: Range<Int>) {
        guard let variance = state.variance(isSample: isSample, unit: unit) else {
            return result.setNull(rows)
        }
        result.set(rows, isDeviation ? variance.squareRoot() : variance)
    }
}

/// VAR and STDDEV of other numbers: count, mean and sum of squared differences.
///
/// - Source: Chan, Golub and LeVeque 1979, as for groups.
struct VarianceFold: FrameFold {
    struct State: BitwiseCopyable {
        var count: Int
        var mean: Double
        var squares: Double
    }

    private let argument: Vector
    private let nulls: Vector?
    private let divisor: Double
    private let isSample: Bool
    private let isDeviation: Bool
    let result: WindowResult<Double>

    init(_ function: AggregateFunction, _ argument: Vector, scale: Int, _ count: Int) {
        self.argument = argument
        nulls = argument.nullsOrNone
        divisor = Double(DataType.powerOfTen128(scale))
        isSample = function.isOfSample
        isDeviation = function.isDeviation
        result = WindowResult(.float64, count: count)
    }

    var empty: State { State(count: 0, mean: 0, squares: 0) }

    @inline(__always)
    func state(of row: Int) -> State {
        if nulls?.isNull(row) == true { return empty }
        let value =
            switch argument.physical {
            case .float64: argument.doubleValue(row)
            case .int64: Double(argument.int64Value(row)) / divisor
            default: Double(argument.int128Value(row)) / divisor
            }
        return State(count: 1, mean: value, squares: 0)
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        if left.count == 0 { return right }
        if right.count == 0 { return left }
        let total = Double(left.count &+ right.count)
        let delta = right.mean - left.mean
        let share = Double(right.count) / total
        return State(
            count: left.count &+ right.count,
            mean: left.mean + delta * share,
            squares: left.squares + right.squares + delta * delta * Double(left.count) * share
        )
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        let degrees = state.count - (isSample ? 1 : 0)
        if degrees <= 0 { return result.setNull(rows) }
        let variance = max(0, state.squares / Double(degrees))
        result.set(rows, isDeviation ? variance.squareRoot() : variance)
    }
}

extension Vector {
    /// The vector where it may hold NULLs; nil spares loops the test.
    var nullsOrNone: Vector? { hasNoNulls ? nil : self }
}
