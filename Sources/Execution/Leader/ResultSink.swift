import SQLTypes
import Vectors

/// Sends the rows of a segment to the leader.
///
/// Small chunks are put together until the turn ends, since waking the leader costs more than
/// copying a few rows.
final class ResultSink: SinkRun {
    private let results: ResultQueues
    private let index: Int
    private let run: SegmentRun
    private let coalescer: ChunkCoalescer

    init(results: ResultQueues, index: Int, run: SegmentRun, types: [DataType]) {
        self.results = results
        self.index = index
        self.run = run
        coalescer = ChunkCoalescer(types: types)
    }

    var isReady: Bool { results.hasRoom(index, for: run) }

    func push(_ chunk: Chunk) throws(SQLError) {
        coalescer.add(chunk) { results.push($0, from: index) }
    }

    func turnEnds() {
        if let rest = coalescer.flush() { results.push(rest, from: index) }
    }

    func finish() throws(SQLError) -> Bool {
        turnEnds()
        results.end(index)
        return true
    }
}

/// Puts small chunks together into fuller ones, keeping the order of rows.
final class ChunkCoalescer {
    private let builders: [VectorBuilder]
    private var count = 0
    /// Chunks with at least so many rows pass as they are.
    private static let passingCount = chunkRowCountMax / 4

    init(types: [DataType]) {
        builders = types.map { VectorBuilder(physical: $0.physical, capacity: 64) }
    }

    /// Bytes held.
    var byteCount: Int { builders.reduce(0) { $0 + $1.byteCount } }

    /// Takes a chunk; calls `emit` for what is full.
    func add(_ chunk: Chunk, emit: (Chunk) -> Void) {
        if chunk.count >= Self.passingCount || count + chunk.count > chunkRowCountMax {
            if let rest = flush() { emit(rest) }
        }
        if chunk.count >= Self.passingCount { return emit(chunk) }
        for (builder, column) in zip(builders, chunk.columns) { builder.append(column) }
        count += chunk.count
    }

    /// Hands over what is held; nil if nothing is.
    func flush() -> Chunk? {
        if count == 0 { return nil }
        let chunk = Chunk(count: count, columns: builders.map { $0.finish() })
        count = 0
        return chunk
    }
}
