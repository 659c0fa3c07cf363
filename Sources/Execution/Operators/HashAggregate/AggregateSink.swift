import Plans
import SQLTypes
import Vectors

/// The groups of one slice, between the stream that makes them and the one that reads.
///
/// Used by its slice's thread only, after the streams' own order.
final class AggregateSlot: @unchecked Sendable {  // See above.
    /// Feeding runs that have not ended.
    var openSinks: Int
    fileprivate var aggregate: SpillingAggregate?
    private var reportedByteCount = 0

    init(openSinks: Int) { self.openSinks = openSinks }

    /// The next groups; nil at the end, when the memory is let go.
    func nextChunk() throws(SQLError) -> Chunk? {
        let chunk = try aggregate?.nextChunk()
        if chunk == nil { aggregate?.close() }
        return chunk
    }

    /// Bytes written to disk since the last call.
    func takeSpilledByteCount() -> Int {
        let total = aggregate?.spilledByteCount ?? 0
        defer { reportedByteCount = total }
        return total - reportedByteCount
    }
}

/// Feeds a segment's rows to its slice's aggregate.
final class AggregateSink: SinkRun {
    private let slot: AggregateSlot
    private let aggregate: SpillingAggregate

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
            aggregate = try SpillingAggregate(specification, budget: budget, check: check)
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
        record.spilledBytes += slot.takeSpilledByteCount()
    }
}
