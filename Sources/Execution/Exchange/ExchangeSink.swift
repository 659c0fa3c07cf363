import Plans
import SQLTypes
import Vectors

/// Splits a segment's rows by destination and sends them in full chunks.
///
/// One set of column builders per receiving slice; a chunk leaves when it is full. Rows that stay
/// on their slice take the same way but are not counted as moved.
final class ExchangeSink: SinkRun {
    private let exchange: Exchange
    private let queues: [ExchangeQueue]
    private let run: SegmentRun
    private var outlets: [ChunkOutlet?]
    /// The next slice of a round robin.
    private var nextSlice: Int
    private var rowsSent = 0
    private var bytesSent = 0
    private var rowsMoved = 0
    private var bytesMoved = 0
    private let hashes: FlatArray<UInt64>
    private let rowsBySlice: FlatArray<UInt16>
    private let starts: FlatArray<Int32>
    private let targets: FlatArray<UInt16>

    /// Makes the sink of a run; a round robin begins at slice `first`, modulo their number.
    init(exchange: Exchange, queues: [ExchangeQueue], run: SegmentRun, first: Int = 0) {
        self.exchange = exchange
        self.queues = queues
        self.run = run
        outlets = [ChunkOutlet?](repeating: nil, count: queues.count)
        nextSlice = first % max(1, queues.count)
        hashes = FlatArray(capacity: chunkRowCountMax)
        rowsBySlice = FlatArray(capacity: chunkRowCountMax)
        targets = FlatArray(capacity: chunkRowCountMax)
        starts = FlatArray(repeating: 0, count: queues.count + 1)
    }

    var isReady: Bool {
        switch exchange.routing {
        case .slice(let slice): queues[slice].hasRoom(for: run)
        case .hash, .roundRobin: queues.allSatisfy { $0.hasRoom(for: run) }
        }
    }

    func push(_ chunk: Chunk) throws(SQLError) {
        switch exchange.routing {
        case .slice(let slice): try pushWhole(chunk, to: slice)
        case .hash where queues.count == 1, .roundRobin where queues.count == 1:
            try pushWhole(chunk, to: 0)
        case .hash(let columns):
            hashTargets(chunk, columns: columns)
            try split(chunk)
        case .roundRobin:
            for row in 0..<chunk.count {
                targets.pointer[row] = UInt16(truncatingIfNeeded: nextSlice)
                nextSlice = nextSlice + 1 == queues.count ? 0 : nextSlice + 1
            }
            try split(chunk)
        }
    }

    func finish() throws(SQLError) -> Bool {
        for slice in queues.indices {
            if let rest = outlets[slice]?.flush() { try send(rest, to: slice) }
        }
        for queue in queues { queue.senderEnded() }
        return true
    }

    func fill(_ record: inout SegmentRecord) {
        record.rowsSent += rowsSent
        record.bytesSent += bytesSent
        record.rowsMoved += rowsMoved
        record.bytesMoved += bytesMoved
    }

    private func hashTargets(_ chunk: Chunk, columns: [Int]) {
        let keys = columns.map { chunk.columns[$0] }
        let hash = hashes.pointer
        if keys.count == 1 {
            placementHash(keys[0], count: chunk.count, into: hash)
        } else {
            placementHash(keys, count: chunk.count, into: hash)
        }
        let (target, sliceCount) = (targets.pointer, queues.count)
        for row in 0..<chunk.count {
            target[row] = UInt16(
                truncatingIfNeeded: slice(ofHash: hash[row], sliceCount: sliceCount)
            )
        }
    }

    /// Orders row numbers by target with a counting sort, then appends each target's rows.
    private func split(_ chunk: Chunk) throws(SQLError) {
        let (target, start, rows) = (targets.pointer, starts.pointer, rowsBySlice.pointer)
        start.update(repeating: 0, count: queues.count + 1)
        for row in 0..<chunk.count { start[Int(target[row]) &+ 1] &+= 1 }
        for slice in 0..<queues.count { start[slice &+ 1] &+= start[slice] }
        for row in 0..<chunk.count {
            let slice = Int(target[row])
            rows[Int(start[slice])] = UInt16(truncatingIfNeeded: row)
            start[slice] &+= 1
        }
        var first = 0
        for slice in 0..<queues.count {
            let end = Int(start[slice])
            if end > first {
                let outlet = outlet(for: slice)
                try outlet.add(chunk, positions: rows + first, count: end - first) {
                    (full) throws(SQLError) in
                    try send(full, to: slice)
                }
            }
            first = end
        }
    }

    private func pushWhole(_ chunk: Chunk, to slice: Int) throws(SQLError) {
        if chunk.count >= chunkRowCountMax / 4 {
            if let rest = outlets[slice]?.flush() { try send(rest, to: slice) }
            try send(chunk, to: slice)
            return
        }
        let rows = rowsBySlice.pointer
        for row in 0..<chunk.count { rows[row] = UInt16(truncatingIfNeeded: row) }
        try outlet(for: slice).add(chunk, positions: rows, count: chunk.count) {
            (full) throws(SQLError) in
            try send(full, to: slice)
        }
    }

    private func outlet(for slice: Int) -> ChunkOutlet {
        if let outlet = outlets[slice] { return outlet }
        let made = ChunkOutlet(types: exchange.types)
        outlets[slice] = made
        return made
    }

    private func send(_ chunk: Chunk, to slice: Int) throws(SQLError) {
        let size = byteCount(of: chunk)
        rowsSent += chunk.count
        bytesSent += size
        if slice != run.slice {
            rowsMoved += chunk.count
            bytesMoved += size
        }
        try queues[slice].push(chunk, byteCount: size)
    }
}

/// Fills chunks for one destination.
final class ChunkOutlet {
    private let builders: [VectorBuilder]
    private var count = 0
    private let capacity: Int

    init(types: [DataType], capacity: Int = chunkRowCountMax) {
        self.capacity = capacity
        builders = types.map { VectorBuilder(physical: $0.physical, capacity: capacity) }
    }

    /// Appends rows; calls `emit` with each chunk that is full.
    func add<Failure: Error>(
        _ chunk: Chunk,
        positions: UnsafePointer<UInt16>,
        count rows: Int,
        emit: (Chunk) throws(Failure) -> Void
    ) throws(Failure) {
        var done = 0
        while done < rows {
            let now = min(rows - done, capacity - count)
            for (builder, column) in zip(builders, chunk.columns) {
                builder.append(column, positions: positions + done, count: now)
            }
            done += now
            count += now
            if count == capacity, let full = flush() { try emit(full) }
        }
    }

    /// Appends all rows; calls `emit` with each chunk that is full.
    func add(_ chunk: Chunk, emit: (Chunk) -> Void) {
        let rows = FlatArray<UInt16>(capacity: chunk.count)
        for row in 0..<chunk.count { rows.pointer[row] = UInt16(truncatingIfNeeded: row) }
        add(chunk, positions: rows.pointer, count: chunk.count, emit: emit)
    }

    /// Hands over what is held; nil if nothing is.
    func flush() -> Chunk? {
        if count == 0 { return nil }
        let chunk = Chunk(count: count, columns: builders.map { $0.finish() })
        count = 0
        for builder in builders { builder.reserve(capacity) }
        return chunk
    }
}
