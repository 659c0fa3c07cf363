import Catalogs
import Plans
import SQLTypes
import Vectors

/// Collects a segment's rows as a join's build side.
final class BuildSink: SinkRun {
    private enum Phase {
        case collecting
        case waiting(part: Int)
    }

    private let build: JoinBuild
    private let specification: JoinSpecification
    private let run: SegmentRun
    private let builders: [VectorBuilder]
    private let layout: JoinKeyLayout
    private let hashes = FlatArray<UInt64>()
    private let reservation: MemoryReservation
    private var count = 0
    private var phase = Phase.collecting
    private var bytesMoved = 0
    private var file: SpillFile?
    private var spilled: SpillPartitions?
    private var spilledByteCount = 0

    init(build: JoinBuild, specification: JoinSpecification, run: SegmentRun) {
        self.build = build
        self.specification = specification
        self.run = run
        builders = specification.buildTypes.map {
            VectorBuilder(physical: $0.physical, capacity: 256)
        }
        layout = JoinKeyLayout(specification)
        reservation = MemoryReservation(run.query.budgets[run.slice], for: "Hash Join")
    }

    func push(_ chunk: Chunk) throws(SQLError) {
        count += chunk.count
        if specification.label.contains("BCAST") {
            bytesMoved += byteCount(of: chunk) * run.query.shape.nodeCount
        }
        if let spilled {
            return try spilled.append(
                chunk,
                keys: layout.divisionKeys.build.map { chunk.columns[$0] }
            )
        }
        try builders.append(chunk)
        if layout.isHashed {
            try hashes.reserve(count)
            let keys = layout.build.map { chunk.columns[$0] }
            hashRows(keys, count: chunk.count, into: hashes.pointer + count - chunk.count)
            hashes.setCount(count)
        }
        let held = builders.reduce(hashes.byteCount) { $0 + $1.byteCount }
        if !reservation.grows(to: held) || count >= Self.rowCountMax {
            reservation.hold(held)
            try spill()
        }
    }

    /// Rows that a table can number.
    private static let rowCountMax = Int(UInt32.max) - 128 * chunkRowCountMax

    func finish() throws(SQLError) -> Bool {
        if case .collecting = phase {
            try spilled?.finish()
            let part = JoinPart(
                columns: try builders.finish(),
                count: spilled == nil ? count : 0,
                hashes: hashes,
                spilled: spilled
            )
            spilled = nil
            let number = try build.handIn(part, holding: reservation, by: run)
            phase = .waiting(part: number)
        }
        guard case .waiting(let part) = phase, let table = build.table(for: run) else {
            return false
        }
        try table.link(part: part, check: run.query.stopSignal.check)
        build.linked()
        // The first part stands for what was written when the table was laid out.
        spilledByteCount = part == 0 ? table.spilled?.byteCount ?? 0 : 0
        return true
    }

    func fill(_ record: inout SegmentRecord) {
        record.memoryBytes = max(record.memoryBytes, reservation.byteCountPeak)
        record.spilledBytes += (file?.byteCount ?? 0) + spilledByteCount
        record.bytesMoved += bytesMoved
        if bytesMoved > 0 { record.rowsMoved += count * run.query.shape.nodeCount }
    }

    /// Puts what is held on disk, and what comes from now on.
    private func spill() throws(SQLError) {
        let file = try reservation.makeSpillFile()
        self.file = file
        let part = JoinPart(columns: try builders.finish(), count: count, hashes: hashes)
        hashes.free()
        let target = SpillPartitions(
            file,
            types: specification.buildTypes.map(\.physical),
            pieceByteCount: reservation.budget.pieceByteCount,
            depth: 0
        )
        try target.append(part, keys: layout.divisionKeys.build)
        spilled = target
        reservation.hold(SpillPartitions.count * reservation.budget.pieceByteCount)
    }
}

extension SpillPartitions {
    /// Divides the rows of a part by the columns `keys`.
    func append(_ part: JoinPart, keys: [Int]) throws(SQLError) {
        let whole = Chunk(count: part.count, columns: part.columns)
        for start in stride(from: 0, to: part.count, by: chunkRowCountMax) {
            try Interruption.check()
            let chunk = whole.slice(start..<min(part.count, start + chunkRowCountMax))
            try append(chunk, keys: keys.map { chunk.columns[$0] })
        }
    }
}
