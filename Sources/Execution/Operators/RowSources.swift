import SQLTypes
import Vectors

/// The constant rows of a plan.
final class ValuesSource: SourceRun {
    private let rows: [[Datum]]
    private let types: [DataType]
    private var next = 0

    init(rows: [[Datum]], types: [DataType]) {
        self.rows = rows
        self.types = types
    }

    func pull() throws(SQLError) -> Pull {
        if next == rows.count { return .end }
        let end = min(next + chunkRowCountMax, rows.count)
        defer { next = end }
        let columns = types.indices.map { column in
            Vector.of(rows[next..<end].map { $0[column] }, physical: types[column].physical)
        }
        return .chunk(Chunk(count: end - next, columns: columns))
    }
}

/// Rows that the caller of the executor provides.
final class ProvidedRows: SourceRun {
    private let reader: any ProvidedReader

    init(_ reader: any ProvidedReader) { self.reader = reader }

    func pull() throws(SQLError) -> Pull {
        guard let chunk = try reader.next() else { return .end }
        return .chunk(chunk)
    }
}

/// Chunks that an earlier stream has made on this slice, each let go as it is read.
final class StoredRows: SourceRun {
    private var produce: (() throws(SQLError) -> Chunk?)?
    private let spilledByteCount: () -> Int

    /// Reads what `produce` gives until it gives nil; `spilledByteCount` tells what was written to
    /// disk meanwhile.
    init(
        spilledByteCount: @escaping () -> Int = { 0 },
        _ produce: @escaping () throws(SQLError) -> Chunk?
    ) {
        self.produce = produce
        self.spilledByteCount = spilledByteCount
    }

    func fill(_ record: inout SegmentRecord) { record.spilledBytes += spilledByteCount() }

    func pull() throws(SQLError) -> Pull {
        guard let chunk = try produce?() else { return .end }
        return .chunk(chunk)
    }

    func close() { produce = nil }
}
