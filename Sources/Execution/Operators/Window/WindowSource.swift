import Functions
import Plans
import SQLTypes
import Vectors

/// Reads the rows that this slice has sorted and puts the values of window functions behind them.
///
/// ```
///   sort ──▶ stage: PARTITION BY a ORDER BY b ──▶ stage: PARTITION BY a ──▶ chunks
/// ```
/// Each stage holds the rows of unfinished partitions and no more: a chunk's last partition may
/// go on in the next chunk, so everything before it is computed and handed on. A stage that only
/// numbers rows holds none (``RunningRanks``).
///
/// - Order: kept. Memory: what functions read of the largest partition and what they make of it,
///   from the slice's budget, 53200 beyond; the rows themselves go to disk where need be.
/// - Source: PostgreSQL `nodeWindowAgg.c` for what functions see; frames are evaluated in one
///   pass, whatever their length (``SlidingFrame``).
final class WindowSource: SourceRun {
    private let slot: SortSlot
    private let stages: [WindowStage]
    private let reservations: [MemoryReservation]

    init(_ specification: WindowSpecification, run: SegmentRun) {
        slot = run.query.sorts[specification.sort][run.slice]
        let budget = run.query.budgets[run.slice]
        reservations = specification.stages.map { _ in MemoryReservation(budget, for: "Window") }
        stages = zip(specification.stages, reservations).map { stage, reservation in
            WindowStage(stage, reservation: reservation, budget: budget)
        }
    }

    func pull() throws(SQLError) -> Pull {
        // The deepest stage that has rows to hand on goes first, so that little is held back.
        for place in stages.indices.reversed() {
            guard let chunk = try stages[place].nextOutput() else { continue }
            return try push(chunk, into: place + 1)
        }
        if let chunk = try slot.nextChunk() { return try push(chunk, into: 0) }
        for place in stages.indices where !stages[place].isFinished {
            try stages[place].finish()
            return .chunk(Chunk(count: 0, columns: []))
        }
        return .end
    }

    private func push(_ chunk: Chunk, into place: Int) throws(SQLError) -> Pull {
        if place == stages.count { return .chunk(chunk) }
        try stages[place].add(chunk)
        return .chunk(Chunk(count: 0, columns: []))
    }

    func fill(_ record: inout SegmentRecord) {
        let bytes = stages.reduce(reservations.reduce(0) { $0 + $1.byteCountPeak }) {
            $0 + $1.pieceBytesPeak
        }
        record.memoryBytes = max(record.memoryBytes, bytes)
        record.spilledBytes += stages.reduce(0) { $0 + $1.spilledByteCount }
    }
}

/// The window functions of one definition over sorted rows.
final class WindowStage {
    private let stage: WindowSpecification.Stage
    private let reservation: MemoryReservation
    /// Columns that functions read, gathered over the batch; by column number.
    private var arguments: [Int: VectorBuilder] = [:]
    private let boundaries: RowBoundaries
    private let readsPeers: Bool

    /// Where rows are only numbered: the numbers so far, and rows with theirs.
    private var ranks: RunningRanks?
    private var ranked: Chunk?

    /// Rows not yet computed.
    private var pieces: KeptChunks
    private var rowCount = 0
    private let partitionStarts = FlatArray<Int>()
    private let peerStarts = FlatArray<Int>()

    /// Computed rows and the values of the functions, which rows go out with by their place.
    private var output: (rows: KeptChunks, reader: KeptChunkReader, values: [Vector])?
    private var outputRow = 0
    private var outputBytes = 0
    /// Of rows that are gone.
    private var formerSpilledByteCount = 0
    private(set) var pieceBytesPeak = 0
    private let budget: MemoryBudget
    /// Whether all rows are in.
    private(set) var isFinished = false

    init(
        _ stage: WindowSpecification.Stage,
        reservation: MemoryReservation,
        budget: MemoryBudget
    ) {
        self.stage = stage
        self.reservation = reservation
        self.budget = budget
        pieces = KeptChunks(budget, for: "Window")
        ranks = RunningRanks(stage.calls)
        readsPeers = stage.calls.contains { $0.function.readsPeers }
        boundaries = RowBoundaries(
            partition: stage.partition,
            order: readsPeers ? stage.order : []
        )
        for call in stage.calls {
            for (argument, type) in zip(call.arguments, call.argumentTypes) {
                guard case .column(let place) = argument else { continue }
                arguments[place] = VectorBuilder(physical: type.physical, capacity: 256)
            }
        }
    }

    /// Bytes of rows written to disk.
    var spilledByteCount: Int {
        formerSpilledByteCount + pieces.spilledByteCount + (output?.rows.spilledByteCount ?? 0)
    }

    /// The next chunk of computed rows; nil if none are ready.
    func nextOutput() throws(SQLError) -> Chunk? {
        if let chunk = ranked {
            ranked = nil
            return chunk
        }
        guard let output else { return nil }
        guard let rows = try output.reader.next() else {
            formerSpilledByteCount += output.rows.spilledByteCount
            self.output = nil
            outputBytes = 0
            return nil
        }
        let range = outputRow..<outputRow + rows.count
        outputRow = range.upperBound
        return Chunk(
            count: rows.count,
            columns: rows.columns + output.values.map { $0.slice(range) }
        )
    }

    /// Takes the next rows; those of partitions that end with them become output.
    func add(_ chunk: Chunk) throws(SQLError) {
        let marks = try boundaries.marks(in: chunk)
        if let values = ranks?.values(marks, count: chunk.count) {
            ranked = Chunk(count: chunk.count, columns: chunk.columns + values)
            return
        }
        var last = chunk.count - 1
        while last >= 0, marks[last] & RowBoundaries.partitionMark == 0 { last -= 1 }
        guard last > 0 || (last == 0 && rowCount > 0) else {
            return try hold(chunk, marks, 0..<chunk.count)
        }
        if last > 0 { try hold(chunk, marks, 0..<last) }
        try compute()
        try hold(chunk, marks, last..<chunk.count)
    }

    /// Computes the last partition.
    func finish() throws(SQLError) {
        isFinished = true
        if rowCount > 0 { try compute() }
    }

    private func hold(
        _ chunk: Chunk,
        _ marks: UnsafePointer<UInt8>,
        _ range: Range<Int>
    ) throws(SQLError) {
        let piece = chunk.slice(range)
        try partitionStarts.reserve(partitionStarts.count + range.count)
        try peerStarts.reserve(peerStarts.count + range.count)
        for row in range {
            let mark = marks[row]
            if mark == 0 { continue }
            let place = rowCount &+ row &- range.lowerBound
            if mark & RowBoundaries.partitionMark != 0 { partitionStarts.append(place) }
            peerStarts.append(place)
        }
        for (place, builder) in arguments {
            try builder.makeRoom(for: piece.count)
            builder.append(piece.columns[place])
        }
        try pieces.append(piece)
        rowCount += piece.count
        try reservation.set(heldBytes)
    }

    private var heldBytes: Int {
        let starts = partitionStarts.byteCount + peerStarts.byteCount
        return arguments.reduce(outputBytes + starts) { $0 + $1.value.byteCount }
    }

    /// Computes all rows held and makes them output.
    private func compute() throws(SQLError) {
        var bytes = heldBytes
        let texts = stage.calls.map(textBytes)
        let columns = arguments.mapValues { $0.finish() }
        partitionStarts.append(rowCount)
        peerStarts.append(rowCount)
        let batch = WindowBatch(
            count: rowCount,
            partitions: partitionStarts,
            peers: peerStarts
        )
        var values: [Vector] = []
        for (call, text) in zip(stage.calls, texts) {
            try reservation.set(bytes + text + evaluationBytes(of: call))
            let inputs = call.arguments.map { argument in
                switch argument {
                case .column(let place): columns[place] ?? .nulls(physical: .int64, count: 0)
                case .constant(let value, let type):
                    Vector.constant(value, physical: type.physical, count: rowCount)
                }
            }
            try Interruption.check()
            values.append(try evaluate(call, inputs, batch))
            bytes += rowCount * call.resultType.physical.stride + text
        }
        try makeOutput(of: values)
        outputBytes = bytes
        try reservation.set(heldBytes)
    }

    /// What the lists of a call can be long at most; nothing for a call that makes no text.
    private func textBytes(of call: WindowSpecification.Call) -> Int {
        guard case .delimiter(let delimiter) = call.option else { return 0 }
        let separators = rowCount * delimiter.count
        switch call.arguments.first {
        case .column(let place)?: return separators + (arguments[place]?.byteCount ?? 0)
        case .constant(.string(let bytes), _)?: return separators + rowCount * bytes.count
        default: return separators
        }
    }

    /// What a call holds while it is computed: its result and what it keeps of each row.
    private func evaluationBytes(of call: WindowSpecification.Call) -> Int {
        let result = rowCount * call.resultType.physical.stride
        switch call.function {
        case .aggregate(let function) where function.collectsRows:
            // A place for each row; what DISTINCT has met, its mark and its group.
            return result + rowCount * (call.isDistinct ? 4 + 5 + 40 : 4)
        case .aggregate:
            // A frame whose start moves keeps a state for each of its rows.
            guard let start = call.frame.start else { return result }
            let length = call.frame.end.map { max(0, $0 - start) + 1 } ?? rowCount
            return result + min(length, rowCount) * SlidingFrameBytes.stateMax
        case .lag, .lead, .firstValue, .lastValue, .nthValue:
            return result + rowCount * (call.ignoresNulls ? 12 : 4)
        default: return result
        }
    }

    private func makeOutput(of values: [Vector]) throws(SQLError) {
        output = (pieces, try pieces.makeReader(), values)
        outputRow = 0
        pieceBytesPeak = max(pieceBytesPeak, pieces.memoryBytesPeak)
        pieces = KeptChunks(budget, for: "Window")
        rowCount = 0
        partitionStarts.removeAll()
        peerStarts.removeAll()
    }
}
