import Plans
import SQLTypes
import Vectors

// MIN and MAX over frames.

/// The least or greatest value of each row's frame; NULL where it has none.
func extremes(
    _ argument: Vector,
    isMaximum: Bool,
    _ frame: WindowFrame,
    _ batch: WindowBatch
) throws(SQLError) -> Vector {
    let flat = argument.flattened()
    defer { withExtendedLifetime(flat) {} }
    switch flat.physical {
    case .int64:
        let fold = ExtremeFold<Int64>(flat, isMaximum: isMaximum, zero: 0, batch.count)
        try foldFrames(fold, frame, batch)
        return fold.result.finish()
    case .int128:
        let fold = ExtremeFold<Int128>(flat, isMaximum: isMaximum, zero: 0, batch.count)
        try foldFrames(fold, frame, batch)
        return fold.result.finish()
    default:
        let fold = try ExtremeRowFold(flat, isMaximum: isMaximum, batch.count)
        try foldFrames(fold, frame, batch)
        return try flat.gatherManyOrNull(fold.positions.pointer, count: batch.count)
    }
}

/// MIN and MAX of integers and what is stored as such.
struct ExtremeFold<Value: BitwiseCopyable & Comparable>: FrameFold {
    struct State: BitwiseCopyable {
        var value: Value
        var isThere: Bool
    }

    private let nulls: Vector?
    private let values: UnsafeMutablePointer<Value>
    private let isMaximum: Bool
    let empty: State
    let result: WindowResult<Value>

    init(_ flat: Vector, isMaximum: Bool, zero: Value, _ count: Int) {
        nulls = flat.nullsOrNone
        values = flat.entries(as: Value.self)
        self.isMaximum = isMaximum
        empty = State(value: zero, isThere: false)
        result = WindowResult(flat.physical, count: count)
    }

    @inline(__always)
    func state(of row: Int) -> State {
        nulls?.isNull(row) == true ? empty : State(value: values[row], isThere: true)
    }

    @inline(__always)
    func merged(_ left: State, _ right: State) -> State {
        if !left.isThere { return right }
        if !right.isThere { return left }
        return (isMaximum ? right.value > left.value : right.value < left.value) ? right : left
    }

    @inline(__always)
    func write(_ state: State, to rows: Range<Int>) {
        if state.isThere { result.set(rows, state.value) } else { result.setNull(rows) }
    }
}

/// MIN and MAX of floats and text, by the row that holds the value.
///
/// NaN is greater than any number; texts compare without trailing blanks.
struct ExtremeRowFold: FrameFold {
    private let argument: Vector
    private let nulls: Vector?
    private let isMaximum: Bool
    let positions: FlatArray<UInt32>

    init(_ flat: Vector, isMaximum: Bool, _ count: Int) throws(SQLError) {
        argument = flat
        nulls = flat.nullsOrNone
        self.isMaximum = isMaximum
        positions = FlatArray(capacity: count)
        try positions.grow(to: count, filling: UInt32.max)
    }

    /// No row.
    var empty: UInt32 { UInt32.max }

    @inline(__always)
    func state(of row: Int) -> UInt32 {
        nulls?.isNull(row) == true ? empty : UInt32(truncatingIfNeeded: row)
    }

    @inline(__always)
    func merged(_ left: UInt32, _ right: UInt32) -> UInt32 {
        if left == empty { return right }
        if right == empty { return left }
        let order = compareRows(argument, Int(right), argument, Int(left))
        return (isMaximum ? order > 0 : order < 0) ? right : left
    }

    @inline(__always)
    func write(_ state: UInt32, to rows: Range<Int>) {
        for row in rows { positions.pointer[row] = state }
    }
}
