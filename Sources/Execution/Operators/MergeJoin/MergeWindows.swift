import Plans
import SQLTypes
import Storage
import Vectors

/// Reads a merge join's inner side window by window: rows in key order, without NULL keys, and
/// all rows of a key in one window.
///
/// ```
///   chunks     1 2 2 3 │ 3 3 4 5 │ 5 5 5 5 │ 5 6
///   windows    1 2 2 │ 3 3 3 4 │ 5 5 5 5 5 5 6
/// ```
final class MergeWindows {
    /// Rows at hand, and their keys; the keys stay valid until the next window.
    private(set) var window = Chunk(count: 0, columns: [])
    private(set) var keys = Vector.nulls(physical: .int64, count: 0)
    /// Whether there is no window behind the one at hand.
    private(set) var isLast = false

    private let source: any SourceRun
    private let steps: [any StepRun]
    private let key: Int
    private let floor: KeyFloor
    private let builders: [VectorBuilder]
    private let memory: MemoryReservation
    /// Rows read and not yet in a window.
    private var forming: Chunk?
    /// Rows of one key that did not end with the chunk they came in.
    private var groupKey: Int64?
    private var lastKey = Int64.min
    private var sourceEnded = false
    /// Rows that passed the steps, and bytes of a row that came.
    private var preparedCount = 0
    private var width = 0

    init(
        _ specification: JoinSpecification,
        _ input: MergeInput,
        run: SegmentRun
    )
        throws(SQLError)
    {
        let floor = KeyFloor()
        self.floor = floor
        source = try run.query.scanSource(input.scan, for: run, floor: floor)
        var steps: [any StepRun] = []
        for step in input.steps { steps.append(try run.query.makeStep(step, for: run)) }
        self.steps = steps
        key = specification.buildKeys[0]
        builders = specification.buildTypes.map { VectorBuilder(physical: $0.physical) }
        memory = MemoryReservation(run.query.budgets[run.slice], for: "Merge Join")
    }

    /// Adds what was read to a record.
    func fill(_ record: inout SegmentRecord) {
        var own = SegmentRecord(stream: 0, segment: 0, slice: 0, stepCount: 0)
        source.fill(&own)
        if let table = own.table, let counters = own.scan {
            record.mergedScans.append(
                MergedScanRecord(
                    step: 0,
                    table: table,
                    counters: counters,
                    rows: preparedCount,
                    width: width
                )
            )
        }
        record.memoryBytes = max(record.memoryBytes, memory.byteCountPeak + own.memoryBytes)
    }

    /// Lets go of what is open.
    func close() { source.close() }

    /// Goes on to the next window; false where there is none yet and it has to be called again.
    ///
    /// Rows whose keys are below `least` may be left out. At the end the window is empty.
    func advance(least: Int64) throws(SQLError) -> Bool {
        floor.least = least
        guard !sourceEnded else {
            try publish(forming)
            forming = nil
            isLast = true
            return true
        }
        let next: Chunk
        switch try source.pull() {
        case .blocked: return false
        case .end:
            sourceEnded = true
            if groupKey != nil { forming = try collected() }
            return try advance(least: least)
        case .chunk(let chunk):
            if width == 0 { width = SegmentRun.width(of: chunk) }
            guard let rows = try prepared(chunk) else { return false }
            next = rows
        }
        return try take(next)
    }

    /// Rows through the steps, without NULL keys; nil where none are left.
    private func prepared(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        var chunk = chunk
        for step in steps where chunk.count > 0 {
            guard let made = try step.push(chunk) else { return nil }
            chunk = made
        }
        preparedCount += chunk.count
        if chunk.count == 0 { return nil }
        let column = chunk.columns[key]
        guard let validity = column.rowValidity else { return chunk }
        var kept: [UInt16] = []
        for row in 0..<chunk.count where validity[row >> 6] >> UInt64(row & 63) & 1 == 1 {
            kept.append(UInt16(truncatingIfNeeded: row))
        }
        if kept.isEmpty { return nil }
        return kept.withUnsafeBufferPointer { positions in
            positions.baseAddress.map { chunk.gather($0, count: kept.count) }
        }
    }

    /// Takes the next rows in; true where that makes a window complete.
    private func take(_ next: Chunk) throws(SQLError) -> Bool {
        let column = next.columns[key].flattened()
        defer { withExtendedLifetime(column) {} }
        let values = UnsafePointer(column.entries(as: Int64.self))
        try requireAscending(values, count: next.count, behind: lastKey)
        let before = lastKey
        lastKey = values[next.count - 1]
        if let groupKey { return try goOn(groupKey, with: next, values, mayPublish: true) }
        guard let chunk = forming else {
            forming = next
            return false
        }
        if values[0] > before {
            try publish(chunk)
            forming = next
            return true
        }
        // The last key goes on: its rows wait for the others.
        let tail = tailStart(chunk)
        forming = nil
        groupKey = before
        try builders.append(chunk.slice(tail..<chunk.count))
        if tail > 0 { try publish(chunk.slice(0..<tail)) }
        let isGroupComplete = try goOn(before, with: next, values, mayPublish: tail == 0)
        return tail > 0 || isGroupComplete
    }

    /// Adds the chunk behind the open key; a key of many rows becomes a window of its own.
    private func goOn(
        _ open: Int64,
        with next: Chunk,
        _ values: UnsafePointer<Int64>,
        mayPublish: Bool
    ) throws(SQLError) -> Bool {
        var same = 0
        while same < next.count && values[same] == open { same += 1 }
        let endsGroup =
            mayPublish && same < next.count && builders[0].count + same >= chunkRowCountMax
        try builders.append(endsGroup ? next.slice(0..<same) : next)
        try memory.set(builders.reduce(0) { $0 + $1.byteCount })
        if same == next.count { return false }
        groupKey = nil
        let rows = try collected()
        forming = endsGroup ? next.slice(same..<next.count) : rows
        if endsGroup { try publish(rows) }
        return endsGroup
    }

    private func collected() throws(SQLError) -> Chunk {
        let count = builders[0].count
        return Chunk(count: count, columns: try builders.finish())
    }

    /// Where the rows of a chunk's last key begin.
    private func tailStart(_ chunk: Chunk) -> Int {
        let column = chunk.columns[key].flattened()
        defer { withExtendedLifetime(column) {} }
        let values = column.entries(as: Int64.self)
        var start = chunk.count - 1
        while start > 0 && values[start - 1] == values[chunk.count - 1] { start -= 1 }
        return start
    }

    private func publish(_ chunk: Chunk?) throws(SQLError) {
        window = chunk ?? Chunk(count: 0, columns: [])
        keys =
            chunk.map { $0.columns[key].flattened() } ?? .nulls(physical: .int64, count: 0)
        try memory.set(
            builders.reduce(0) { $0 + $1.byteCount }
                + (window.count > 2 * chunkRowCountMax ? byteCount(of: window) : 0)
        )
    }
}

/// Makes sure that keys ascend: rows out of order would be missed.
///
/// - Throws: XX000.
func requireAscending(
    _ keys: UnsafePointer<Int64>,
    count: Int,
    behind last: Int64
) throws(SQLError) {
    guard count > 0 else { return }
    var descents = keys[0] < last ? 1 : 0
    for row in 1..<max(1, count) { descents &+= keys[row] < keys[row - 1] ? 1 : 0 }
    if descents > 0 { throw SQLError.invariant("rows do not come in the order of their sort key") }
}
