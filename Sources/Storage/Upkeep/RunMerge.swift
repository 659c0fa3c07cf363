import Catalogs
import SQLTypes
import Vectors

/// Puts the rows of scans, each of which gives them in key order, together in that order.
///
/// ```
///   scan 0   1 1 4 7 │ 9 …        bound: the least of the last keys at hand, 6
///   scan 1   2 3 6   │ 8 …   ─▶   all rows up to it, sorted:  1 1 2 3 4 6
///   scan 2   3 5 9   │ …
/// ```
/// At least one chunk is used up each time, and nothing is done row by row but comparisons of a
/// binary search per scan: the rows up to the bound are sorted by radix. Of equal keys those of
/// the scan named first come first, so merging is stable. NULLs are last.
///
/// Memory: a chunk and a block per column for each scan, and the rows put together.
final class RunMerge {
    private let scans: [TableScan]
    private let keys: [ColumnIndex]
    private let types: [PhysicalType]
    private let check: StopCheck
    private var heads: [Head?]
    private var isEnded: [Bool]
    private let builders: [VectorBuilder]

    /// Rows at hand of a scan, those before `next` used up.
    private struct Head {
        var rows: Chunk
        var keys: [Vector]
        var next = 0

        var last: Int { rows.count - 1 }
    }

    private static let order = SortOrder(ascending: true, nullsFirst: false)

    /// `keys` are positions in the scans' chunks, whose columns are of `types`.
    init(
        _ scans: [TableScan],
        keys: [ColumnIndex],
        types: [PhysicalType],
        check: @escaping StopCheck
    ) {
        self.scans = scans
        self.keys = keys
        self.types = types
        self.check = check
        heads = Array(repeating: nil, count: scans.count)
        isEnded = Array(repeating: false, count: scans.count)
        builders = types.map { VectorBuilder(physical: $0) }
    }

    /// The next rows, nil at the end; a chunk of no rows means "more, but none yet".
    ///
    /// Errors: those of the scans; 57014.
    func next() throws(SQLError) -> Chunk? {
        if scans.count == 1 { return try scans[0].next() }
        for place in scans.indices where heads[place] == nil && !isEnded[place] {
            guard let chunk = try scans[place].next() else {
                isEnded[place] = true
                continue
            }
            if chunk.count == 0 { return chunk }
            heads[place] = Head(rows: chunk, keys: keyColumns(chunk))
        }
        guard let bound = boundPlace(), let boundHead = heads[bound] else { return nil }
        var parts: [(place: Int, rows: Range<Int>)] = []
        for place in heads.indices {
            guard let head = heads[place] else { continue }
            let end = firstRow(in: head, above: boundHead, includingEqual: place > bound)
            if end > head.next { parts.append((place, head.next..<end)) }
        }
        if parts.count == 1 { return take(parts[0].rows, of: parts[0].place) }
        return try merge(parts)
    }

    /// The key columns in the types of the table: blocks keep wide integers narrow where they fit.
    private func keyColumns(_ chunk: Chunk) -> [Vector] {
        keys.map { key in
            let vector = chunk.columns[key]
            return vector.physical == types[key] ? vector : vector.widened(to: types[key])
        }
    }

    /// The scan whose last row at hand comes first; the first of equal ones.
    private func boundPlace() -> Int? {
        var best: Int?
        for place in heads.indices {
            guard let head = heads[place] else { continue }
            guard let known = best, let least = heads[known] else {
                best = place
                continue
            }
            if compare(head, head.last, least, least.last) < 0 { best = place }
        }
        return best
    }

    /// The first row that comes behind the last one of `bound`, or with it where that counts.
    private func firstRow(in head: Head, above bound: Head, includingEqual: Bool) -> Int {
        var low = head.next
        var high = head.rows.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(head, middle, bound, bound.last)
            if order < 0 || order == 0 && !includingEqual {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func compare(_ a: Head, _ i: Int, _ b: Head, _ j: Int) -> Int {
        for key in keys.indices {
            let order = compareOrdered(a.keys[key], i, b.keys[key], j, Self.order)
            if order != 0 { return order }
        }
        return 0
    }

    /// Uses up rows of a scan.
    private func take(_ rows: Range<Int>, of place: Int) -> Chunk {
        guard let head = heads[place] else { return Chunk(count: 0, columns: []) }
        heads[place]?.next = rows.upperBound
        if rows.upperBound == head.rows.count { heads[place] = nil }
        return head.rows.slice(rows)
    }

    private func merge(_ parts: [(place: Int, rows: Range<Int>)]) throws(SQLError) -> Chunk {
        var count = 0
        for part in parts {
            try check()
            let rows = take(part.rows, of: part.place)
            for (builder, vector) in zip(builders, rows.columns) { builder.append(vector) }
            count += rows.count
        }
        let columns = builders.map { $0.finish() }
        let order = try sortPermutation(
            keys.map { columns[$0] },
            order: keys.map { _ in Self.order },
            count: count,
            check: check
        )
        var sorted: [Vector] = []
        for column in columns {
            try check()
            sorted.append(
                try order.withUnsafeBufferPointer { (positions) throws(SQLError) in
                    guard let positions = positions.baseAddress else { return column }
                    return try column.gatherMany(positions, count: count)
                }
            )
        }
        return Chunk(count: count, columns: sorted)
    }
}
