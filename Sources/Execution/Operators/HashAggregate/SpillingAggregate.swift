import Functions
import Plans
import SQLTypes
import Vectors

/// A grouping whose groups go to disk when they take too much memory.
///
/// ```
///   rows ─▶ groups in memory ──full──▶ their states, by hash of the group, on disk ─▶ begin anew
///   end:    each of the 16 divisions is grouped in turn, in the same way, by other bits
/// ```
/// What is written is what slices send each other: states, DISTINCT arguments, and the rows that
/// ordered aggregates collect (``SpilledGroups``). The partial phase divides nothing, since the
/// final one puts groups together anyway: what it puts out is written as it stands.
///
/// A group that is too large alone cannot be divided, unless only its DISTINCT arguments are many
/// and their states are put together later, by the final phase.
///
/// - Errors: 53200 for such a group; those of ``SpillFile``.
final class SpillingAggregate {
    private let specification: AggregateSpecification
    private let budget: MemoryBudget
    private let check: StopCheck
    private let givesResults: Bool
    private let depth: Int
    private var groups: HashAggregate?
    private var memoryPeak = 0

    private var file: SpillFile?
    private let layout: SpilledGroups
    private var partitions: SpillPartitions?
    /// What the partial phase has put out.
    private var stored: SpilledRows?
    private var reader: SpillReader?

    /// The division at hand, the next one's number, and the bytes that earlier ones wrote.
    private var division: SpillingAggregate?
    private var nextDivision = 0
    private var divisionByteCount = 0

    init(
        _ specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck,
        givesResults: Bool = false,
        depth: Int = 0
    ) throws(SQLError) {
        self.specification = specification
        self.budget = budget
        self.check = check
        self.givesResults =
            givesResults || specification.phase == .complete || specification.phase == .final
        self.depth = depth
        let made = try Self.makeGroups(specification, budget, check, givesResults, depth)
        layout = SpilledGroups(specification, of: made)
        groups = made
    }

    /// The most memory held so far.
    var memoryBytesPeak: Int { max(memoryPeak, groups?.memoryBytesPeak ?? 0) }

    /// Bytes written to disk so far.
    var spilledByteCount: Int {
        (file?.byteCount ?? 0) + divisionByteCount + (division?.spilledByteCount ?? 0)
    }

    /// Takes rows in.
    func add(_ chunk: Chunk) throws(SQLError) {
        guard let groups else { return }
        try groups.add(chunk)
        if groups.isOverfull { try makeRoom(groups) }
    }

    /// Ends the input: everything is ready to be read.
    func finish() throws(SQLError) {
        guard let groups else { return }
        if partitions != nil {
            try spill(groups)
            try partitions?.finish()
            self.groups = nil
        } else {
            try groups.finish()
            try stored?.finish()
            reader = stored?.makeReader()
        }
    }

    /// The next chunk of groups, perhaps an empty one; nil at the end.
    func nextChunk() throws(SQLError) -> Chunk? {
        if partitions != nil { return try nextOfDivisions() }
        if let chunk = try reader?.next() { return chunk }
        return try groups?.nextChunk()
    }

    /// Lets go of memory and files.
    func close() {
        memoryPeak = memoryBytesPeak
        divisionByteCount = spilledByteCount
        (groups, partitions, stored, reader, division, file) = (nil, nil, nil, nil, nil, nil)
    }

    private static func makeGroups(
        _ specification: AggregateSpecification,
        _ budget: MemoryBudget,
        _ check: @escaping StopCheck,
        _ givesResults: Bool,
        _ depth: Int
    ) throws(SQLError) -> HashAggregate {
        try HashAggregate(
            specification,
            budget: budget,
            check: check,
            shortage: .isToldOwner(isDivision: depth > 0),
            givesResults: givesResults
        )
    }
}

// Writing.
extension SpillingAggregate {
    /// The columns of written rows that say where a group goes.
    ///
    /// Where states are put out they are put together later: arguments may be apart.
    private var divisionKeys: Range<Int> {
        let groups = 0..<specification.groups.count
        return givesResults || layout.argumentTypes.isEmpty
            ? groups : 0..<layout.argumentEnd
    }

    private func makeRoom(_ full: HashAggregate) throws(SQLError) {
        if specification.phase == .partial {
            full.holdMemory()
            try storeOutput(of: full)
        } else {
            let mayDivide =
                depth < SpillPartitions.depthMax && !divisionKeys.isEmpty
                && (full.keys.count > 1 || divisionKeys.count > specification.groups.count)
            guard mayDivide else { return try full.insistOnMemory() }
            full.holdMemory()
            try spill(full)
        }
        memoryPeak = memoryBytesPeak
        groups = nil
        let next = try Self.makeGroups(specification, budget, check, givesResults, depth)
        next.follow(full)
        groups = next
    }

    private func storeOutput(of full: HashAggregate) throws(SQLError) {
        try full.finish()
        let target: SpilledRows
        if let stored {
            target = stored
        } else {
            target = SpilledRows(
                try makeFile(),
                types: full.outputTypes.map(\.physical),
                pieceByteCount: budget.pieceByteCount
            )
            stored = target
        }
        while let chunk = try full.nextChunk() {
            try check()
            try target.append(chunk)
        }
    }

    private func spill(_ full: HashAggregate) throws(SQLError) {
        let target: SpillPartitions
        if let partitions {
            target = partitions
        } else {
            target = SpillPartitions(
                try makeFile(),
                types: layout.types.map(\.physical),
                pieceByteCount: budget.pieceByteCount,
                depth: depth
            )
            partitions = target
        }
        let keys = divisionKeys
        try layout.forEachChunk(of: full) { chunk throws(SQLError) in
            try check()
            try target.append(chunk, keys: Array(chunk.columns[keys]))
        }
    }

    private func makeFile() throws(SQLError) -> SpillFile {
        if let file { return file }
        let made = try budget.makeSpillFile(for: "HashAggregate")
        file = made
        return made
    }
}

// Reading.
extension SpillingAggregate {
    /// A chunk of groups, or an empty one after some rows of a division were taken in.
    private func nextOfDivisions() throws(SQLError) -> Chunk? {
        let nothing = Chunk(count: 0, columns: [])
        if let division {
            if let reader {
                if let chunk = try reader.next() {
                    try division.add(chunk)
                } else {
                    try division.finish()
                    self.reader = nil
                }
                return nothing
            }
            if let chunk = try division.nextChunk() { return chunk }
            divisionByteCount += division.spilledByteCount
            memoryPeak = max(memoryPeak, division.memoryBytesPeak)
            self.division = nil
        }
        guard let parts = partitions?.parts, nextDivision < parts.count else { return nil }
        let part = parts[nextDivision]
        nextDivision += 1
        if part.rowCount > 0 {
            division = try SpillingAggregate(
                layout.specification,
                budget: budget,
                check: check,
                givesResults: givesResults,
                depth: depth + 1
            )
            reader = part.makeReader()
        }
        return nothing
    }
}
