import SQLTypes
import Vectors

/// Rows on a slice's disks: written once, in order, then read as often as wanted.
///
/// Rows are collected until they make a piece worth a write; a reader has one piece in memory.
final class SpilledRows: @unchecked Sendable {  // One thread writes, then it is read only.
    private let file: SpillFile
    private let types: [PhysicalType]
    private let pieceByteCount: Int
    private let builders: [VectorBuilder]
    private var bufferedCount = 0
    /// Bytes of the rows not written yet; what builders hold for them may be more.
    private var waitingByteCount = 0
    private(set) var pieces: [SpillPiece] = []
    /// Rows so far, those not written yet among them.
    private(set) var rowCount = 0
    /// Bytes that the rows take in memory.
    private(set) var memoryByteCount = 0

    /// Writes pieces of about `pieceByteCount` bytes.
    init(_ file: SpillFile, types: [PhysicalType], pieceByteCount: Int) {
        self.file = file
        self.types = types
        self.pieceByteCount = pieceByteCount
        builders = types.map { VectorBuilder(physical: $0, capacity: 16) }
    }

    /// Adds a chunk's rows.
    ///
    /// - Errors: those of ``SpillFile``.
    func append(_ chunk: Chunk) throws(SQLError) {
        var start = 0
        let total = byteCount(of: chunk)
        // A chunk of long texts must not make a piece of any size.
        let most = max(1, chunk.count * pieceByteCount / max(1, total))
        while start < chunk.count {
            let end = min(chunk.count, start + most)
            let part = chunk.slice(start..<end)
            for (builder, column) in zip(builders, part.columns) { builder.append(column) }
            try count(part.count, part.count == chunk.count ? total : byteCount(of: part))
            start = end
        }
    }

    /// Adds the rows at `positions` of a chunk.
    func append(
        _ chunk: Chunk,
        positions: UnsafePointer<UInt16>,
        count rows: Int
    ) throws(SQLError) {
        if rows == 0 { return }
        try append(
            rows == chunk.count
                ? chunk
                : Chunk(
                    count: rows,
                    columns: chunk.columns.map { $0.gather(positions, count: rows) }
                )
        )
    }

    /// Writes what is left; to be called before rows are read.
    func finish() throws(SQLError) {
        if bufferedCount == 0 { return }
        let count = bufferedCount
        bufferedCount = 0
        waitingByteCount = 0
        let buffer = encodedColumns(builders.map { $0.finish() }, count: count)
        let bytes = UnsafeRawBufferPointer(start: buffer.pointer, count: buffer.byteCount)
        pieces.append(try file.append(bytes, rowCount: count))
    }

    /// Reads the rows in order.
    func makeReader() -> SpillReader { SpillReader(file, types: types, pieces: pieces) }

    private func count(_ rows: Int, _ byteCount: Int) throws(SQLError) {
        bufferedCount += rows
        waitingByteCount += byteCount
        rowCount += rows
        memoryByteCount += byteCount
        if waitingByteCount >= pieceByteCount { try finish() }
    }
}

/// Reads spilled rows in chunks.
final class SpillReader {
    private let file: SpillFile
    private let types: [PhysicalType]
    private var pieces: ArraySlice<SpillPiece>
    private var columns: [Vector] = []
    private var count = 0
    private var row = 0

    fileprivate init(_ file: SpillFile, types: [PhysicalType], pieces: [SpillPiece]) {
        self.file = file
        self.types = types
        self.pieces = pieces[...]
    }

    /// The next rows; nil at the end.
    ///
    /// - Errors: 57014 and those of ``SpillFile``.
    func next() throws(SQLError) -> Chunk? {
        if row == count {
            try Interruption.check()
            guard let piece = pieces.popFirst() else {
                columns = []
                return nil
            }
            columns = decodedColumns(try file.read(piece), types: types, count: piece.rowCount)
            (count, row) = (piece.rowCount, 0)
        }
        let end = min(count, row + chunkRowCountMax)
        defer { row = end }
        return Chunk(count: count, columns: columns).slice(row..<end)
    }
}
