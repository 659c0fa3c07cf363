import Catalogs
import Plans
import SQLTypes
import Storage
import Vectors

extension QueryRun {
    /// The source of a scan of which each slice reads its rows as they come, or in the order of
    /// the sort key's leading column.
    ///
    /// `floor` leaves out rows below it in that column.
    func scanSource(
        _ specification: ScanSpecification,
        for run: SegmentRun,
        floor: KeyFloor? = nil
    ) throws(SQLError) -> any SourceRun {
        guard let order = specification.order else {
            return try TableSource(specification, run: run)
        }
        let version = context.snapshot.tableVersion(specification.table)
        guard let runs = try version?.ascendingRuns(of: run.slice),
            let key = specification.columns.firstIndex(of: order)
        else {
            throw SQLError.invariant("a table is to be read in an order that it does not have")
        }
        if runs.count < 2 {
            let extents = runs.first ?? []
            return try TableSource(specification, run: run, extents: extents, floor: floor)
        }
        var sources: [TableSource] = []
        for extents in runs {
            sources.append(
                try TableSource(specification, run: run, extents: extents, floor: floor)
            )
        }
        let table = version?.definition
        return KeyOrderedSource(
            sources,
            key: key,
            types: specification.columns.compactMap { table?.columns[$0].type.physical },
            memory: MemoryReservation(budgets[run.slice], for: "Scan in key order")
        )
    }
}

/// Leaves out rows of a scan whose key is too small to matter any more.
///
/// Unchecked, since the thread of one run is the only one that sets the key and scans.
final class KeyFloor: RuntimeFilter, @unchecked Sendable {
    /// Keys below are left out where whole units can be skipped.
    var least = Int64.min

    var bounds: ClosedRange<Int64>? { least...Int64.max }

    func restrict(_ keys: Vector, count: Int, bits: UnsafeMutablePointer<UInt64>) {}
}

/// Puts runs of extents that each ascend by a key together to rows that do; NULLs stand anywhere.
///
/// ```
///   run 0   1 1 4 7 │ 9 …        bound: the least of the last keys at hand, 6
///   run 1   2 3 6   │ 8 …   ─▶   all rows up to it, sorted:  1 1 2 3 4 6
///   run 2   3 5 9   │ …
/// ```
/// At least one run's chunk is used up each time. Where only one run has rows up to the bound,
/// they go on as they are.
final class KeyOrderedSource: SourceRun {
    private struct Head {
        var rows: Chunk
        /// The key of each row; NULL has that of the row before.
        var keys: [Int64]
        var next = 0
    }

    private let sources: [TableSource]
    private let key: Int
    private let memory: MemoryReservation
    private var heads: [Head?]
    private var isEnded: [Bool]
    private var lastKeys: [Int64]
    private let builders: [VectorBuilder]
    /// Rows put together, the order to put them out in, and how many went out.
    private var merged: [Vector] = []
    private var order: [UInt32] = []
    private var sent = 0

    /// `key` is the position of the key in the chunks.
    init(_ sources: [TableSource], key: Int, types: [PhysicalType], memory: MemoryReservation) {
        self.sources = sources
        self.key = key
        self.memory = memory
        heads = Array(repeating: nil, count: sources.count)
        isEnded = Array(repeating: false, count: sources.count)
        lastKeys = Array(repeating: .min, count: sources.count)
        builders = types.map { VectorBuilder(physical: $0) }
    }

    func pull() throws(SQLError) -> Pull {
        if sent < order.count { return .chunk(nextMerged()) }
        for place in sources.indices where heads[place] == nil && !isEnded[place] {
            switch try sources[place].pull() {
            case .end: isEnded[place] = true
            case .blocked: return .blocked
            case .chunk(let chunk):
                guard chunk.count > 0 else { return .chunk(chunk) }
                heads[place] = head(chunk, of: place)
            }
        }
        let open = sources.indices.filter { heads[$0] != nil }
        guard let bound = open.compactMap({ heads[$0]?.keys.last }).min() else { return .end }
        var parts: [(place: Int, rows: Range<Int>)] = []
        for place in open {
            guard let head = heads[place] else { continue }
            let end = firstRow(above: bound, in: head)
            if end > head.next { parts.append((place, head.next..<end)) }
        }
        if parts.count == 1 { return .chunk(take(parts[0].rows, of: parts[0].place)) }
        try merge(parts)
        return .chunk(nextMerged())
    }

    func close() { for source in sources { source.close() } }

    func fill(_ record: inout SegmentRecord) {
        for source in sources {
            let sum = record.scan
            source.fill(&record)
            if let sum { record.scan = record.scan?.added(sum) }
        }
        record.memoryBytes = max(record.memoryBytes, memory.byteCountPeak)
    }

    private func head(_ chunk: Chunk, of place: Int) -> Head {
        let column = chunk.columns[key].flattened()
        let values = column.entries(as: Int64.self)
        var keys = [Int64](UnsafeBufferPointer(start: values, count: chunk.count))
        var last = lastKeys[place]
        if !column.hasNoNulls {
            for row in keys.indices {
                if column.isNull(row) { keys[row] = last }
                last = keys[row]
            }
        }
        lastKeys[place] = keys.last ?? last
        withExtendedLifetime(column) {}
        return Head(rows: chunk, keys: keys)
    }

    /// The first row whose key is above a bound.
    private func firstRow(above bound: Int64, in head: Head) -> Int {
        var (low, high) = (head.next, head.keys.count)
        while low < high {
            let middle = (low + high) / 2
            if head.keys[middle] > bound { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func take(_ rows: Range<Int>, of place: Int) -> Chunk {
        guard let head = heads[place] else { return Chunk(count: 0, columns: []) }
        if rows.upperBound == head.keys.count {
            heads[place] = nil
        } else {
            heads[place]?.next = rows.upperBound
        }
        return head.rows.slice(rows)
    }

    private func merge(_ parts: [(place: Int, rows: Range<Int>)]) throws(SQLError) {
        var keys: [Int64] = []
        for part in parts {
            try Interruption.check()
            keys += heads[part.place]?.keys[part.rows] ?? []
            try builders.append(take(part.rows, of: part.place))
        }
        try memory.set(builders.reduce(0) { $0 + $1.byteCount })
        merged = try builders.finish()
        let column = VectorBuilder(physical: .int64, capacity: keys.count)
        for key in keys { column.appendInt64(key) }
        order = try sortPermutation(
            [column.finish()],
            order: [SortOrder(ascending: true, nullsFirst: false)],
            count: keys.count,
            check: Interruption.check
        )
        sent = 0
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
