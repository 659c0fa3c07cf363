import Catalogs
import Plans
import SQLTypes
import Vectors

/// Rows that one plan of a statement leaves on the slices for others: common table expressions
/// and the rounds of recursive ones.
///
/// Each slice's parts are written and read by its thread while a plan runs, and moved by the
/// leader between plans; chunks never change. They live in the slices' memory, or on their disks,
/// until the last reader of these rows is gone.
final class KeptRows: @unchecked Sendable {  // See above.
    /// The parts of each slice.
    private(set) var slices: [[KeptChunks]]

    init(sliceCount: Int) { slices = [[KeptChunks]](repeating: [], count: sliceCount) }

    var rowCount: Int { slices.reduce(0) { $1.reduce($0) { $0 + $1.rowCount } } }

    /// Adds another set's parts; between plans only.
    func append(_ other: KeptRows) {
        for slice in slices.indices { slices[slice] += other.slices[slice] }
    }

    fileprivate func add(_ part: KeptChunks, on slice: SliceID) {
        if part.rowCount > 0 { slices[slice].append(part) }
    }
}

/// Keeps a segment's rows on its slice.
final class KeepSink: SinkRun {
    private let target: KeptRows
    private let slice: SliceID
    private let part: KeptChunks
    private var builders: [VectorBuilder] = []
    private var count = 0

    init(_ target: KeptRows, run: SegmentRun) {
        self.target = target
        slice = run.slice
        part = KeptChunks(run.query.budgets[run.slice], for: "Common Table")
    }

    func push(_ chunk: Chunk) throws(SQLError) {
        // Numbers come in 64 bits where a chunk's all fit them, in 128 where they do not.
        let isWider = zip(builders, chunk.columns).contains { builder, column in
            builder.physical == .int64 && column.physical == .int128
        }
        if isWider {
            try flush()
            builders = []
        }
        if builders.isEmpty {
            // Rounds of a recursion are often a row or two.
            builders = chunk.columns.map { VectorBuilder(physical: $0.physical, capacity: 16) }
        }
        for (builder, column) in zip(builders, chunk.columns) { builder.append(column) }
        count += chunk.count
        if count >= chunkRowCountMax { try flush() }
    }

    func finish() throws(SQLError) -> Bool {
        try flush()
        target.add(part, on: slice)
        return true
    }

    func fill(_ record: inout SegmentRecord) {
        record.memoryBytes = max(record.memoryBytes, part.memoryBytesPeak)
        record.spilledBytes += part.spilledByteCount
    }

    private func flush() throws(SQLError) {
        if count == 0 { return }
        let columns = builders.map { $0.finish() }
        var start = 0
        // A chunk that comes on top of others may make one of more rows than a chunk holds.
        while start < count {
            let end = min(start + chunkRowCountMax, count)
            let whole = Chunk(count: count, columns: columns)
            try part.append(start == 0 && end == count ? whole : whole.slice(start..<end))
            start = end
        }
        count = 0
    }
}

/// Reads the rows kept on a slice, as often as there are readers.
final class KeptRowsSource: SourceRun {
    private var parts: ArraySlice<KeptChunks>
    private var reader: KeptChunkReader?

    init(_ kept: KeptRows, slice: SliceID) { parts = kept.slices[slice][...] }

    func pull() throws(SQLError) -> Pull {
        while let part = parts.first {
            if reader == nil { reader = try part.makeReader() }
            if let chunk = try reader?.next() { return .chunk(chunk) }
            parts.removeFirst()
            reader = nil
        }
        return .end
    }

    func close() { (parts, reader) = ([], nil) }
}
