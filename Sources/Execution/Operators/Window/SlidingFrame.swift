import Plans
import SQLTypes

/// How the rows of a frame become one state: any operation that is associative.
///
/// Rows are never taken out of a state again, so that sums of floats lose nothing and MIN and MAX
/// need no other way.
protocol FrameFold {
    associatedtype State: BitwiseCopyable
    /// The state of no rows.
    var empty: State { get }
    /// The state of one row; `empty` where it adds nothing.
    func state(of row: Int) -> State
    /// The state of the rows of both, those of `left` coming first.
    func merged(_ left: State, _ right: State) -> State
    /// Notes the result of rows that have this state.
    func write(_ state: State, to rows: Range<Int>)
}

/// Bytes that a sliding frame keeps for each of its rows.
enum SlidingFrameBytes {
    /// The stride of the largest state: a sum of 256 bits and a count.
    static let stateMax = 48
}

/// The state of a frame whose two ends only ever move on, at a constant number of merges a row.
///
/// ```
///   low          middle        high
///    |  suffixes  |    back     |
/// ```
/// What lies before `middle` is known as the state of each of its suffixes, what lies behind as
/// one state that rows are added to. When `low` passes `middle`, the suffixes are made anew up
/// to `high`: each row takes part in that once.
///
/// - Source: the two-stack queue; Tangwongsan, Hirzel and Schneider, "Low-Latency Sliding-Window
///   Aggregation in Worst-Case Constant Time", 2017, section 2.
struct SlidingFrame<Fold: FrameFold> {
    private var low = 0
    private var middle = 0
    private var high = 0
    private var back: Fold.State
    private let suffixes = FlatArray<Fold.State>()
    /// The row that the first entry of `suffixes` belongs to.
    private var suffixStart = 0

    init(_ fold: Fold) { back = fold.empty }

    /// Begins a partition, whose first row is `row`.
    mutating func begin(at row: Int, _ fold: Fold) {
        (low, middle, high) = (row, row, row)
        back = fold.empty
    }

    /// The state of a frame that begins and ends no earlier than the last one.
    mutating func state(
        of rows: Range<Int>,
        _ fold: Fold,
        _ batch: WindowBatch
    ) throws(SQLError) -> Fold.State {
        if rows.isEmpty { return fold.empty }
        if rows.lowerBound >= high { begin(at: rows.lowerBound, fold) }
        var state = back
        for row in high..<max(high, rows.upperBound) {
            try batch.checkCancel(at: row)
            state = fold.merged(state, fold.state(of: row))
        }
        back = state
        high = max(high, rows.upperBound)
        low = rows.lowerBound
        if low > middle { try makeSuffixes(fold, batch) }
        if low == middle { return back }
        return fold.merged(suffixes.pointer[low - suffixStart], back)
    }

    private mutating func makeSuffixes(_ fold: Fold, _ batch: WindowBatch) throws(SQLError) {
        suffixes.removeAll()
        try suffixes.reserve(high - low)
        suffixes.setCount(high - low)
        suffixStart = low
        let states = suffixes.pointer
        var state = fold.empty
        var row = high
        while row > low {
            row &-= 1
            try batch.checkCancel(at: row)
            state = fold.merged(fold.state(of: row), state)
            states[row &- low] = state
        }
        middle = high
        back = fold.empty
    }
}

/// Folds the frame of every row; a frame that is the whole partition once for all its rows.
func foldFrames<Fold: FrameFold>(
    _ fold: Fold,
    _ frame: WindowFrame,
    _ batch: WindowBatch
) throws(SQLError) {
    var sliding = SlidingFrame(fold)
    for index in 0..<batch.partitions.count - 1 {
        let rows = batch.partitions.pointer[index]..<batch.partitions.pointer[index + 1]
        sliding.begin(at: rows.lowerBound, fold)
        if frame == .partition {
            fold.write(try sliding.state(of: rows, fold, batch), to: rows)
            continue
        }
        for row in rows {
            try batch.checkCancel(at: row)
            let around = frame.rows(around: row, in: rows)
            fold.write(try sliding.state(of: around, fold, batch), to: row..<row &+ 1)
        }
    }
}
