import SQLTypes
import Vectors

/// Chunks that wait to be read, in memory as far as there is some, else on disk.
///
/// Order is kept, and chunks are handed out as often as there are readers. Written by one thread
/// at a time, then read only.
final class KeptChunks: @unchecked Sendable {  // See above.
    private var chunks: [Chunk] = []
    private var byteCount = 0
    private let reservation: MemoryReservation
    private var file: SpillFile?
    /// One behind the other; a new one where numbers became wider.
    private var spilled: [SpilledRows] = []
    private var spilledTypes: [PhysicalType] = []
    private(set) var rowCount = 0

    init(_ budget: MemoryBudget, for operation: String) {
        reservation = MemoryReservation(budget, for: operation)
    }

    var memoryBytesPeak: Int { reservation.byteCountPeak }

    /// Bytes written to disk.
    var spilledByteCount: Int { file?.byteCount ?? 0 }

    /// Adds a chunk behind the others.
    ///
    /// - Errors: those of ``SpillFile``.
    func append(_ chunk: Chunk) throws(SQLError) {
        rowCount += chunk.count
        if !spilled.isEmpty { return try spill(chunk) }
        chunks.append(chunk)
        byteCount += Execution.byteCount(of: chunk)
        if reservation.grows(to: byteCount) { return }
        for chunk in chunks {
            try Interruption.check()
            try spill(chunk)
        }
        chunks = []
        byteCount = 0
        reservation.hold(reservation.budget.pieceByteCount)
    }

    /// Reads all chunks; nothing may be added after.
    func makeReader() throws(SQLError) -> KeptChunkReader {
        try spilled.last?.finish()
        return KeptChunkReader(chunks[...], spilled[...])
    }

    private func spill(_ chunk: Chunk) throws(SQLError) {
        let types = chunk.columns.map(\.physical)
        let isWider = zip(spilledTypes, types).contains { $0 == .int64 && $1 == .int128 }
        if spilled.isEmpty || isWider {
            let own: SpillFile
            if let file { own = file } else { own = try reservation.makeSpillFile() }
            file = own
            try spilled.last?.finish()
            let pieceByteCount = reservation.budget.pieceByteCount
            spilled.append(SpilledRows(own, types: types, pieceByteCount: pieceByteCount))
            spilledTypes = types
        }
        try spilled.last?.append(chunk)
    }
}

/// Reads kept chunks in order.
final class KeptChunkReader {
    private var chunks: ArraySlice<Chunk>
    private var spilled: ArraySlice<SpilledRows>
    private var reader: SpillReader?

    fileprivate init(_ chunks: ArraySlice<Chunk>, _ spilled: ArraySlice<SpilledRows>) {
        self.chunks = chunks
        self.spilled = spilled
    }

    /// The next chunk; nil at the end.
    func next() throws(SQLError) -> Chunk? {
        if let chunk = chunks.popFirst() { return chunk }
        while let first = spilled.first {
            let own = reader ?? first.makeReader()
            reader = own
            if let chunk = try own.next() { return chunk }
            spilled.removeFirst()
            reader = nil
        }
        return nil
    }
}
