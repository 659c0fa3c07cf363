import Plans
import SQLTypes
import Vectors

/// Groups rows that come in order of the first group column: what is before the last key of a
/// chunk is put out with that chunk, so that the groups of one chunk and one key are all that is
/// held.
///
/// ```
///   chunk   3 3 4 4 4 7 7 9 9      3, 4 and 7 are complete: put out; 9 stays
/// ```
/// NULLs may stand anywhere and are a group of their own, put out at the end.
final class OrderedGrouping: StepRun {
    private let key: Int
    private let groups: HashAggregate
    private let nulls: HashAggregate
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private var lastKey: Int64?
    private var hasNulls = false
    /// Groups to hand on, the last first, and rows to take when they are.
    private var ready: [Chunk] = []
    private var waiting: Chunk?

    init(
        _ specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) throws(SQLError) {
        key = specification.groups[0]
        groups = try HashAggregate(
            specification,
            budget: budget,
            check: check,
            isOrdered: specification.groups.count == 1
        )
        nulls = try HashAggregate(specification, budget: budget, check: check)
    }

    var hasMore: Bool { !ready.isEmpty }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        guard let chunk = try withoutNulls(chunk) else { return nil }
        let column = chunk.columns[key].flattened()
        defer { withExtendedLifetime(column) {} }
        let values = UnsafePointer(column.entries(as: Int64.self))
        try requireAscending(values, count: chunk.count, behind: lastKey ?? .min)
        let last = values[chunk.count - 1]
        var tail = chunk.count - 1
        while tail > 0 && values[tail - 1] == last { tail -= 1 }
        defer { lastKey = last }
        if tail == 0 && lastKey == nil || values[0] == last && lastKey == last {
            try groups.add(chunk)
            return nil
        }
        if tail > 0 { try groups.add(chunk.slice(0..<tail)) }
        waiting = chunk.slice(tail..<chunk.count)
        return try putOut(groups)
    }

    func resume() throws(SQLError) -> Chunk? {
        let next = ready.popLast()
        if ready.isEmpty, let rest = waiting {
            waiting = nil
            try groups.add(rest)
        }
        return next
    }

    func inputEnds() throws(SQLError) {
        try collect(groups)
        if hasNulls { try collect(nulls) }
        ready.reverse()
    }

    func fill(_ record: inout SegmentRecord) {
        record.memoryBytes = max(
            record.memoryBytes,
            groups.memoryBytesPeak + nulls.memoryBytesPeak
        )
    }

    /// Puts rows without a key aside; nil where there are no others.
    private func withoutNulls(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        guard let validity = chunk.columns[key].rowValidity else { return chunk }
        hasNulls = true
        try rows.reserve(chunk.count)
        var missing = validity
        for word in missing.indices { missing[word] = ~missing[word] }
        if chunk.count & 63 != 0 { missing[missing.count - 1] &= 1 << UInt64(chunk.count & 63) - 1 }
        let missed = positions(of: missing, rowCount: chunk.count, into: rows.pointer)
        if missed == 0 { return chunk }
        try nulls.add(chunk.gather(rows.pointer, count: missed))
        let found = positions(of: validity, rowCount: chunk.count, into: rows.pointer)
        return found == 0 ? nil : chunk.gather(rows.pointer, count: found)
    }

    private func putOut(_ groups: HashAggregate) throws(SQLError) -> Chunk? {
        try collect(groups)
        try groups.removeAll()
        ready.reverse()
        return try resume()
    }

    private func collect(_ groups: HashAggregate) throws(SQLError) {
        try groups.finish()
        while let chunk = try groups.nextChunk() { ready.append(chunk) }
    }
}
