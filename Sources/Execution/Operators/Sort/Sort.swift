import Plans
import SQLTypes
import Vectors

/// The sorted rows of one slice, between the stream that sorts and the one that reads.
///
/// Used by its slice's thread only, after the streams' own order.
final class SortSlot: @unchecked Sendable {  // See above.
    /// Feeding runs that have not ended.
    var openSinks: Int
    fileprivate var sorter: Sorter?

    init(openSinks: Int) { self.openSinks = openSinks }

    /// The next rows in order; nil at the end, when the memory is let go.
    func nextChunk() throws(SQLError) -> Chunk? {
        let chunk = try sorter?.nextChunk()
        if chunk == nil { sorter = nil }
        return chunk
    }
}

/// Collects a segment's rows in its slice's sort.
final class SortSink: SinkRun {
    private let slot: SortSlot
    private let sorter: Sorter

    init(
        slot: SortSlot,
        specification: SortSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) {
        self.slot = slot
        sorter = slot.sorter ?? Sorter(specification, budget: budget, check: check)
        slot.sorter = sorter
    }

    func push(_ chunk: Chunk) throws(SQLError) { try sorter.add(chunk) }

    func finish() throws(SQLError) -> Bool {
        slot.openSinks -= 1
        if slot.openSinks == 0 { try sorter.finish() }
        return true
    }

    func fill(_ record: inout SegmentRecord) {
        record.memoryBytes = max(record.memoryBytes, sorter.memoryBytesPeak)
        record.spilledBytes += sorter.takeSpilledByteCount()
    }
}

/// Sorts rows; with a limit keeps little more than the rows wanted.
///
/// What does not fit in memory is sorted and written to disk as a run. In the end the runs are
/// merged, at most ``SortedMerge/runCountMax`` at a time.
private final class Sorter {
    private let specification: SortSpecification
    private let builders: [VectorBuilder]
    private let reservation: MemoryReservation
    private let check: StopCheck
    private var count = 0
    private var columns: [Vector] = []
    private var order: [UInt32] = []
    private var next = 0
    /// Rows buffered before a top-N is cut to size.
    private let countMax: Int

    /// Runs on disk, in order of the rows that came.
    private var runs: [SpilledRows] = []
    private var file: SpillFile?
    private var merge: SortedMerge?
    private var reportedByteCount = 0

    init(
        _ specification: SortSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) {
        self.specification = specification
        self.check = check
        builders = specification.types.map { VectorBuilder(physical: $0.physical, capacity: 256) }
        reservation = MemoryReservation(budget, for: "Sort")
        countMax = specification.limit.map { max(4 * min($0, 1 << 40), 65_536) } ?? .max
    }

    var memoryBytesPeak: Int { reservation.byteCountPeak }

    /// Bytes written to disk since the last call.
    func takeSpilledByteCount() -> Int {
        let total = file?.byteCount ?? 0
        defer { reportedByteCount = total }
        return total - reportedByteCount
    }

    func add(_ chunk: Chunk) throws(SQLError) {
        try builders.append(chunk)
        count += chunk.count
        if count > countMax, let limit = specification.limit { try cut(to: limit) }
        // Beside the rows: their keys and numbers, twice while they are sorted.
        let held = builders.reduce(count * 24) { $0 + $1.byteCount }
        if !reservation.grows(to: held) {
            reservation.hold(held)
            try spillRun()
        }
    }

    /// Orders the rows.
    func finish() throws(SQLError) {
        if runs.isEmpty { return try sort() }
        if count > 0 { try spillRun() }
        let readerCount = min(runs.count, SortedMerge.runCountMax)
        reservation.hold(readerCount * 2 * reservation.budget.pieceByteCount)
        while runs.count > SortedMerge.runCountMax { try mergeSome() }
        merge = makeMerge(of: runs[...])
    }

    func nextChunk() throws(SQLError) -> Chunk? {
        if let merge { return try merge.nextChunk() }
        guard next < count else { return nil }
        let size = min(chunkRowCountMax, count - next)
        defer { next += size }
        return order.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return nil }
            return Chunk(
                count: size,
                columns: columns.map { $0.gather(start + next, count: size) }
            )
        }
    }

    /// Puts the rows held in order, no more of them than are wanted.
    private func sort() throws(SQLError) {
        columns = try builders.finish()
        order = try sortPermutation(
            specification.keys.map { columns[$0.column] },
            order: specification.keys.map(\.order),
            count: count,
            check: check
        )
        if let limit = specification.limit, limit < count {
            order.removeLast(count - limit)
            count = limit
        }
    }

    private func forgetRows() {
        columns = []
        order = []
        next = 0
    }

    /// Keeps the first `limit` rows in order, forgets the others.
    private func cut(to limit: Int) throws(SQLError) {
        try sort()
        next = 0
        while let chunk = try nextChunk() {
            try check()
            for (builder, column) in zip(builders, chunk.columns) { builder.append(column) }
        }
        forgetRows()
    }
}

// Runs on disk.
extension Sorter {
    /// Writes the rows held as a run.
    private func spillRun() throws(SQLError) {
        try sort()
        let run = try makeRun()
        while let chunk = try nextChunk() {
            try check()
            try run.append(chunk)
        }
        try run.finish()
        runs.append(run)
        forgetRows()
        count = 0
        reservation.hold(0)
    }

    private func makeRun() throws(SQLError) -> SpilledRows {
        let file: SpillFile
        if let known = self.file { file = known } else { file = try reservation.makeSpillFile() }
        self.file = file
        return SpilledRows(
            file,
            types: specification.types.map(\.physical),
            pieceByteCount: reservation.budget.pieceByteCount
        )
    }

    /// Makes one run of each so many that stand side by side: equal rows keep their order.
    private func mergeSome() throws(SQLError) {
        var merged: [SpilledRows] = []
        for start in stride(from: 0, to: runs.count, by: SortedMerge.runCountMax) {
            let part = runs[start..<min(start + SortedMerge.runCountMax, runs.count)]
            let merge = makeMerge(of: part)
            let run = try makeRun()
            while let chunk = try merge.nextChunk() {
                try check()
                try run.append(chunk)
            }
            try run.finish()
            merged.append(run)
        }
        runs = merged
    }

    private func makeMerge(of runs: ArraySlice<SpilledRows>) -> SortedMerge {
        SortedMerge(
            runs.map { $0.makeReader() },
            keys: specification.keys,
            types: specification.types,
            limit: specification.limit,
            check: check
        )
    }
}
