import Functions
import Plans
import SQLTypes
import Vectors

/// The groups of one slice, between the stream that makes them and the one that reads.
///
/// Used by its slice's thread only, after the streams' own order.
final class AggregateSlot: @unchecked Sendable {  // See above.
    /// Feeding runs that have not ended.
    var openSinks: Int
    fileprivate var aggregate: HashAggregate?

    init(openSinks: Int) { self.openSinks = openSinks }

    /// The next groups; nil at the end, when the memory is let go.
    func nextChunk() throws(SQLError) -> Chunk? {
        let chunk = try aggregate?.nextChunk()
        if chunk == nil { aggregate = nil }
        return chunk
    }
}

/// Feeds a segment's rows to its slice's aggregate.
final class AggregateSink: SinkRun {
    private let slot: AggregateSlot
    private let aggregate: HashAggregate

    init(
        slot: AggregateSlot,
        specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) throws(SQLError) {
        self.slot = slot
        if let known = slot.aggregate {
            aggregate = known
        } else {
            aggregate = try HashAggregate(specification, budget: budget, check: check)
        }
        slot.aggregate = aggregate
    }

    func push(_ chunk: Chunk) throws(SQLError) { try aggregate.add(chunk) }

    func finish() throws(SQLError) -> Bool {
        slot.openSinks -= 1
        if slot.openSinks == 0 { try aggregate.finish() }
        return true
    }

    func fill(_ record: inout SegmentRecord) {
        record.memoryBytes = max(record.memoryBytes, aggregate.memoryBytesPeak)
    }
}

/// Groups rows by hash and keeps a state per group and call.
///
/// The partial phase holds a bounded number of groups: when it has more, their states are set
/// down and the table begins anew, for the final phase puts groups together anyway. Where that
/// hardly saves rows, rows are set down as states of one row each, without a table.
private final class HashAggregate {
    private let specification: AggregateSpecification
    private let keys: GroupKeys
    private let rowCounts = GroupCounts()
    private let calls: [CallRun]
    private let countsRows: Bool
    private let groups = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let reservation: MemoryReservation
    private var next = 0

    /// The partial phase's way out.
    private var stored: [Chunk] = []
    private var storedBytes = 0
    private var outlet: ChunkOutlet?
    private var rowsSinceStart = 0
    private var isPassing = false
    /// What a core's own cache holds of groups and states.
    private static let partialGroupCountMax = 65_536

    init(
        _ specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) throws(SQLError) {
        self.specification = specification
        keys = GroupKeys(specification.groupTypes, check: check)
        var calls: [CallRun] = []
        for call in specification.calls {
            calls.append(try CallRun(call, phase: specification.phase, rows: rowCounts))
        }
        self.calls = calls
        countsRows = specification.calls.contains {
            [.countAll, .count, .average].contains($0.function)
        }
        reservation = MemoryReservation(budget, for: "HashAggregate")
    }

    var memoryBytesPeak: Int { reservation.byteCountPeak }

    func add(_ chunk: Chunk) throws(SQLError) {
        if isPassing { return try pass(chunk) }
        groups.reserve(chunk.count)
        let prior = keys.count
        try keys.assign(
            specification.groups.map { chunk.columns[$0] },
            count: chunk.count,
            into: groups.pointer
        )
        let batch = GroupBatch(
            groups: UnsafePointer(groups.pointer),
            count: chunk.count,
            priorGroupCount: prior,
            groupCount: keys.count,
            isTotal: keys.isTotal
        )
        for call in calls { try call.add(batch, chunk) }
        if countsRows { rowCounts.add(batch) }
        rowsSinceStart += chunk.count
        try reservation.set(byteCount)
        if specification.phase == .partial && keys.count > Self.partialGroupCountMax {
            try storeGroups()
        }
    }

    /// Ends the input: everything is ready to be read.
    func finish() throws(SQLError) {
        if specification.phase == .partial && outlet != nil {
            try storeGroups()
            if let rest = outlet?.flush() { store(rest) }
            return
        }
        settle()
    }

    /// The next chunk of groups; nil at the end.
    func nextChunk() throws(SQLError) -> Chunk? {
        if next < stored.count {
            defer { next += 1 }
            return stored[next]
        }
        if !stored.isEmpty { return nil }
        if keys.count == 0 { return emptyTotal() }
        guard next < keys.count else { return nil }
        let range = next..<min(next + chunkRowCountMax, keys.count)
        next = range.upperBound
        return try output(range)
    }

    private var byteCount: Int {
        calls.reduce(keys.byteCount + rowCounts.byteCount + storedBytes) { $0 + $1.byteCount }
    }

    private func settle() {
        rowCounts.counts.grow(to: keys.count, filling: 0)
        for call in calls { call.states.settle(keys.count) }
    }

    private func output(_ range: Range<Int>) throws(SQLError) -> Chunk {
        var columns = keys.columns(range)
        for call in calls {
            if specification.phase == .partial {
                columns.append(contentsOf: try call.states.states(range))
            } else {
                columns.append(try call.states.results(range))
            }
        }
        return Chunk(count: range.count, columns: columns)
    }

    /// The one row of a grand total over no rows: counts are 0, all else NULL.
    private func emptyTotal() -> Chunk? {
        guard specification.emitsWithoutRows, next == 0 else { return nil }
        next = 1
        let columns = specification.calls.map { call -> Vector in
            let isCount = call.function == .count || call.function == .countAll
            return .constant(
                isCount ? .int64(0) : .null,
                physical: call.resultType.physical,
                count: 1
            )
        }
        return Chunk(count: 1, columns: columns)
    }
}

// The partial phase's bounded table.
extension HashAggregate {
    private func store(_ chunk: Chunk) {
        stored.append(chunk)
        storedBytes += Execution.byteCount(of: chunk)
    }

    private func storeGroups() throws(SQLError) {
        settle()
        let count = keys.count
        var start = 0
        while start < count {
            let range = start..<min(start + chunkRowCountMax, count)
            store(try output(range))
            start = range.upperBound
        }
        isPassing = count > Self.partialGroupCountMax && rowsSinceStart < 2 * count
        rowsSinceStart = 0
        keys.removeAll()
        rowCounts.removeAll()
        for call in calls { call.removeAll() }
        if outlet == nil {
            let types =
                specification.groupTypes
                + specification.calls.flatMap {
                    $0.function.stateTypes(argument: $0.argumentType)
                }
            outlet = ChunkOutlet(types: types)
        }
    }

    /// Sets rows down as states of one row each.
    private func pass(_ chunk: Chunk) throws(SQLError) {
        var columns = specification.groups.map { chunk.columns[$0] }
        for call in calls { columns.append(contentsOf: try call.rowStates(chunk)) }
        let rows = Chunk(count: chunk.count, columns: columns)
        outlet?.add(rows) { store($0) }
        try reservation.set(byteCount)
    }
}

/// One call with its states and, for DISTINCT, what its groups have met.
private final class CallRun {
    private let call: AggregateSpecification.Call
    let states: AggregateStates
    private let distinct: DistinctArguments?

    init(
        _ call: AggregateSpecification.Call,
        phase: AggregateSpecification.Phase,
        rows: GroupCounts
    ) throws(SQLError) {
        self.call = call
        let isDistinct = call.isDistinct && phase != .final
        distinct = isDistinct ? call.argumentType.map { DistinctArguments($0) } : nil
        states = try makeStates(call, phase: phase, rows: rows, isSubset: distinct != nil)
    }

    var byteCount: Int { states.byteCount + (distinct?.byteCount ?? 0) }

    func add(_ batch: GroupBatch, _ chunk: Chunk) throws(SQLError) {
        let inputs = call.inputs.map { chunk.columns[$0] }
        if let distinct {
            let firsts = try distinct.firsts(batch, inputs[0])
            if firsts.batch.count > 0 { try states.add(firsts.batch, [firsts.vector]) }
        } else {
            try states.add(batch, inputs)
        }
    }

    func rowStates(_ chunk: Chunk) throws(SQLError) -> [Vector] {
        try states.rowStates(call.inputs.map { chunk.columns[$0] }, count: chunk.count)
    }

    func removeAll() {
        states.removeAll()
        distinct?.removeAll()
    }
}
