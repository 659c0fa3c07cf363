import Plans
import SQLTypes
import Vectors

/// Joins the build rows of one leaf with the probe rows that belong to it, both on disk.
///
/// As many build rows as fit become a table that all probe rows probe, then the next ones: one
/// piece, unless a key has very many rows or there is nothing to divide by. What a probe row gets
/// out of several pieces depends on the kind:
///
/// ```
///   inner, right, right semi/anti   its pairs, piece by piece
///   left, full                      the same; after the last piece NULLs if it had no pair
///   semi, mark                      noted, with the row's number; put out after the last piece
///   anti, NOT IN                    rows that a piece lets through go on to the next
/// ```
final class LeafJoin {
    private let specification: JoinSpecification
    private let build: SpilledLeaf
    private let file: SpillFile
    private let budget: MemoryBudget
    private let reservation: MemoryReservation
    private let notes: PieceNotes

    private let buildReader: LeafReader
    /// A build chunk that did not fit in the piece before.
    private var waiting: Chunk?
    /// The probe rows that the pieces still meet.
    private var probe: SpilledRows
    private var table: JoinTable?
    private var firstRow = 0
    private var isLast = false
    private var isOnlyPiece = false
    private var step: (any StepRun)?
    private var reader: SpillReader?
    private var number = 0
    private var passed: SpilledRows?
    private(set) var isDone = false

    init(
        _ specification: JoinSpecification,
        _ build: SpilledLeaf,
        _ probe: SpilledRows,
        file: SpillFile,
        budget: MemoryBudget
    ) throws(SQLError) {
        self.specification = specification
        self.build = build
        self.probe = probe
        self.file = file
        self.budget = budget
        reservation = MemoryReservation(budget, for: "Hash Join")
        notes = PieceNotes(specification)
        buildReader = build.makeReader()
    }

    /// The next rows of the join; nil for none this time.
    func next() throws(SQLError) -> Chunk? {
        if let step {
            if step.hasMore { return try received(step.resume()) }
            if let chunk = try reader?.next() {
                defer { number += chunk.count }
                return try received(step.push(noted(chunk)))
            }
            try endPiece()
            return nil
        }
        if let reader {
            // The last pass: what the notes say of each row.
            guard let chunk = try reader.next() else {
                isDone = true
                return nil
            }
            defer { number += chunk.count }
            return notes.rest(of: chunk, from: number)
        }
        try beginPiece()
        return nil
    }

    /// A chunk with the numbers of its rows where they are needed.
    private func noted(_ chunk: Chunk) -> Chunk {
        notes.takesNumbers && !isOnlyPiece ? notes.numbered(chunk, from: number) : chunk
    }

    /// What becomes of rows that a piece puts out.
    private func received(_ chunk: Chunk?) throws(SQLError) -> Chunk? {
        guard let chunk, !isOnlyPiece else { return chunk }
        if let passed {
            try passed.append(chunk)
            return nil
        }
        return notes.takesNumbers ? notes.take(chunk) : chunk
    }
}

// Pieces.
extension LeafJoin {
    private func beginPiece() throws(SQLError) {
        let isFirst = table == nil
        let (part, isLast) = try loadPiece()
        self.isLast = isLast
        isOnlyPiece = isFirst && isLast
        let reads = isOnlyPiece ? specification : notes.specification(isLast: isLast)
        let made = JoinTable(reads, parts: [part], filteredKeys: [])
        try made.link(part: 0, check: Interruption.check)
        table = made
        step = try reads.makeProbe(of: made)
        if notes.takesNumbers && isFirst && !isOnlyPiece {
            try notes.makeRoom(for: probe.rowCount)
        }
        if notes.passesRowsOn && !isLast {
            passed = SpilledRows(
                file,
                types: specification.probeTypes.map(\.physical),
                pieceByteCount: budget.pieceByteCount
            )
        }
        reader = probe.makeReader()
        number = 0
    }

    /// As many of the next build rows as fit, and whether they are the last.
    private func loadPiece() throws(SQLError) -> (JoinPart, isLast: Bool) {
        table = nil
        reservation.hold(notes.byteCount)
        let builders = specification.buildTypes.map {
            VectorBuilder(physical: $0.physical, capacity: 256)
        }
        var count = 0
        var isLast = true
        while let chunk = try nextBuildChunk() {
            try builders.append(chunk)
            count += chunk.count
            let held = builders.reduce(count * 24 + notes.byteCount) { $0 + $1.byteCount }
            if !reservation.grows(to: held, isDivision: true) {
                reservation.hold(held)
                waiting = try buildReader.next()
                isLast = waiting == nil
                break
            }
        }
        let part = try JoinPart(builders, count: count, JoinKeyLayout(specification))
        return (part, isLast)
    }

    private func nextBuildChunk() throws(SQLError) -> Chunk? {
        guard let chunk = waiting else { return try buildReader.next() }
        waiting = nil
        return chunk
    }

    private func endPiece() throws(SQLError) {
        if let table, let flags = table.matched {
            let pointer = UnsafePointer(flags.pointer.assumingMemoryBound(to: UInt8.self))
            try build.note(pointer, count: table.rowCount, from: firstRow)
        }
        firstRow += table?.rowCount ?? 0
        step = nil
        reader = nil
        if let passed {
            try passed.finish()
            probe = passed
            self.passed = nil
        }
        guard isLast else { return }
        table = nil
        reservation.hold(notes.byteCount)
        if isOnlyPiece || !notes.takesNumbers {
            isDone = true
        } else {
            reader = probe.makeReader()
            number = 0
        }
    }
}
