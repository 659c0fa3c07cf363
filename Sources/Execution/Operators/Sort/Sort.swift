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
    func nextChunk() -> Chunk? {
        let chunk = sorter?.nextChunk()
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
    }
}

/// Sorts rows in memory; with a limit keeps little more than the rows wanted.
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

    func add(_ chunk: Chunk) throws(SQLError) {
        try builders.append(chunk)
        count += chunk.count
        try reservation.set(builders.reduce(0) { $0 + $1.byteCount })
        if count > countMax, let limit = specification.limit { try cut(to: limit) }
    }

    /// Orders the rows.
    func finish() throws(SQLError) {
        try reservation.set(reservation.byteCount + count * 24)
        try sort()
        if let limit = specification.limit, limit < count {
            order.removeLast(count - limit)
            count = limit
        }
    }

    func nextChunk() -> Chunk? {
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

    private func sort() throws(SQLError) {
        columns = try builders.finish()
        order = try sortPermutation(
            specification.keys.map { columns[$0.column] },
            order: specification.keys.map {
                SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst)
            },
            count: count,
            check: check
        )
    }

    /// Keeps the first `limit` rows in order, forgets the others.
    private func cut(to limit: Int) throws(SQLError) {
        try sort()
        count = limit
        next = 0
        while let chunk = nextChunk() {
            try check()
            for (builder, column) in zip(builders, chunk.columns) { builder.append(column) }
        }
        columns = []
        order = []
        next = 0
    }
}
