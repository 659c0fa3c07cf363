import Plans
import SQLTypes
import Vectors

/// Merges sorted runs that lie on disk.
///
/// ```
///   run 0   1 1 4 7 │ 9 …        bound: the least of the last rows at hand, 6 of run 1
///   run 1   2 3 6   │ 8 …   ─▶   earlier runs' rows up to it, later runs' below it, sorted:
///   run 2   3 5 6   │ …          1 1 2 3 3 4 5 6
/// ```
/// At least one run's chunk is used up each time, and rows are ordered by the sort that made the
/// runs, many at once. Equal rows keep the order of the runs: those equal to the bound that wait
/// are of later runs than the one it is from.
final class SortedMerge {
    /// Runs merged at once at most: their pieces are a 16th of a slice's memory.
    static let runCountMax = 16

    private struct Head {
        let reader: SpillReader
        var chunk: Chunk
        var next = 0
        var rowsLeft: Int { chunk.count - next }
    }

    private let keys: [SortKeyPosition]
    private let check: StopCheck
    private var rowsWanted: Int
    private var heads: [Head] = []
    private var waiting: [SpillReader]
    private let builders: [VectorBuilder]
    /// Rows put together, the order to put them out in, and how many went out.
    private var merged: [Vector] = []
    private var order: [UInt32] = []
    private var sent = 0

    /// Merges runs whose order is that of the rows they were made of; `limit` ends them early.
    init(
        _ runs: [SpillReader],
        keys: [SortKeyPosition],
        types: [DataType],
        limit: Int?,
        check: @escaping StopCheck
    ) {
        self.keys = keys
        self.check = check
        rowsWanted = limit ?? .max
        waiting = runs
        builders = types.map { VectorBuilder(physical: $0.physical) }
    }

    /// The next rows in order; nil at the end.
    func nextChunk() throws(SQLError) -> Chunk? {
        guard rowsWanted > 0, let chunk = try next() else { return nil }
        let rows = min(chunk.count, rowsWanted)
        rowsWanted -= rows
        return chunk.slice(0..<rows)
    }

    private func next() throws(SQLError) -> Chunk? {
        if sent < order.count { return nextMerged() }
        try check()
        try fillHeads()
        guard let least = leastHead() else { return nil }
        var parts: [(head: Int, end: Int)] = []
        for head in heads.indices {
            let end = head == least ? heads[head].chunk.count : end(of: head, upTo: least)
            if end > heads[head].next { parts.append((head, end)) }
        }
        if parts.count == 1 { return take(parts[0].head, upTo: parts[0].end) }
        for part in parts { try builders.append(take(part.head, upTo: part.end)) }
        merged = try builders.finish()
        order = try sortPermutation(
            keys.map { merged[$0.column] },
            order: keys.map(\.order),
            count: merged[0].count,
            check: check
        )
        sent = 0
        return nextMerged()
    }

    /// Gives every run that has rows left a chunk of them.
    private func fillHeads() throws(SQLError) {
        for reader in waiting {
            if let chunk = try reader.next() { heads.append(Head(reader: reader, chunk: chunk)) }
        }
        waiting = []
        var kept: [Head] = []
        for head in heads {
            if head.rowsLeft > 0 {
                kept.append(head)
            } else if let chunk = try head.reader.next() {
                kept.append(Head(reader: head.reader, chunk: chunk))
            }
        }
        heads = kept
    }

    /// The first of the heads whose last row comes before those of the others.
    private func leastHead() -> Int? {
        guard var least = heads.indices.first else { return nil }
        for head in heads.indices.dropFirst() {
            let last = heads[head].chunk.count - 1
            if compare(head, last, least, heads[least].chunk.count - 1) < 0 { least = head }
        }
        return least
    }

    /// Where the rows of a head end that come before the last one of another: by run where equal.
    private func end(of head: Int, upTo bound: Int) -> Int {
        let boundRow = heads[bound].chunk.count - 1
        var (low, high) = (heads[head].next, heads[head].chunk.count)
        while low < high {
            let middle = (low + high) / 2
            let order = compare(head, middle, bound, boundRow)
            if order < 0 || (order == 0 && head < bound) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func compare(_ a: Int, _ i: Int, _ b: Int, _ j: Int) -> Int {
        for key in keys {
            let order = compareOrdered(
                heads[a].chunk.columns[key.column],
                i,
                heads[b].chunk.columns[key.column],
                j,
                key.order
            )
            if order != 0 { return order }
        }
        return 0
    }

    private func take(_ head: Int, upTo end: Int) -> Chunk {
        defer { heads[head].next = end }
        return heads[head].chunk.slice(heads[head].next..<end)
    }

    private func nextMerged() -> Chunk {
        let count = min(chunkRowCountMax, order.count - sent)
        let columns = order.withUnsafeBufferPointer { positions -> [Vector] in
            guard let first = positions.baseAddress else { return [] }
            return merged.map { $0.gather(first + sent, count: count) }
        }
        sent += count
        if sent == order.count { (merged, order, sent) = ([], [], 0) }
        return Chunk(count: count, columns: columns)
    }
}

extension SortKeyPosition {
    /// The direction without the column.
    var order: SortOrder { SortOrder(ascending: isAscending, nullsFirst: nullsFirst) }
}
