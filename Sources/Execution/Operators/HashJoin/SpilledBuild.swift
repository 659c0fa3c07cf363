import Plans
import SQLTypes
import Vectors

/// The build side of a join that does not fit in memory.
///
/// ```
///   16 divisions by hash of the keys ─┬─ resident: in the join's table
///                                     ├─ leaf: on disk, small enough to become a table later
///                                     └─ divided again, by other bits
/// ```
/// Laid out when all build rows are there; every probing run then sends its rows the same way
/// (``PartitionedProbe``). Only what leaves note of their matches changes later, on joins whose
/// build side belongs to one slice.
///
/// - Source: Shapiro, "Join Processing in Database Systems with Large Main Memories", 1986: the
///   hybrid hash join.
final class SpilledBuild: @unchecked Sendable {  // See above.
    /// A division.
    indirect enum Node {
        /// In memory, or empty.
        case resident
        case leaf(SpilledLeaf)
        case divided([Node])
    }

    /// Sixteen; the first alone where rows cannot be divided.
    private(set) var nodes: [Node] = []
    let rowCount: Int
    /// Whether some first key of a NOT IN is NULL.
    let hasNullKey: Bool
    private let specification: JoinSpecification
    private let file: SpillFile
    private let keys: [Int]
    private let budget: MemoryBudget

    /// Puts parts on disk, where they are not there yet, and divides what is too large.
    init(
        _ specification: JoinSpecification,
        _ parts: [JoinPart],
        file: SpillFile,
        _ budget: MemoryBudget
    ) throws(SQLError) {
        self.specification = specification
        self.file = file
        self.budget = budget
        let keys = JoinKeyLayout(specification).divisionKeys.build
        self.keys = keys
        var divided = parts.compactMap(\.spilled)
        let here = Self.makePartitions(specification, file, budget, depth: 0)
        for part in parts where part.spilled == nil { try here.append(part, keys: keys) }
        try here.finish()
        divided.append(here)
        let leaves = (0..<SpillPartitions.count).map { number in
            SpilledLeaf(divided.map { $0.parts[number] })
        }
        rowCount = leaves.reduce(0) { $0 + $1.rowCount }
        // Only NOT IN asks.
        let firstKey = specification.kind == .antiNullAware ? specification.buildKeys.first : nil
        hasNullKey = try Self.hasNull(in: leaves, column: firstKey)
        let total = rowCount
        var nodes: [Node] = []
        for leaf in leaves { nodes.append(try divide(leaf, depth: 0, of: total)) }
        self.nodes = nodes
    }

    /// Bytes that laying out has written.
    var byteCount: Int { file.byteCount }

    /// All leaves.
    var leaves: [SpilledLeaf] { Self.leaves(of: nodes) }

    /// Reads as many divisions as fit back into memory, as one part of the join's table.
    func takeResident(holding reservation: MemoryReservation) throws(SQLError) -> JoinPart {
        let builders = specification.buildTypes.map { VectorBuilder(physical: $0.physical) }
        for (place, node) in nodes.enumerated() where !keys.isEmpty {
            guard case .leaf(let leaf) = node else { continue }
            let held = builders.reduce(0) { $0 + $1.byteCount }
            // Builders have twice the room they need at worst; the table comes on top.
            guard reservation.grows(to: held + 2 * leaf.memoryByteCount + 24 * leaf.rowCount)
            else { break }
            let reader = leaf.makeReader()
            while let chunk = try reader.next() { try builders.append(chunk) }
            nodes[place] = .resident
        }
        reservation.hold(builders.reduce(0) { $0 + $1.byteCount })
        let count = builders.first?.count ?? 0
        return try JoinPart(builders, count: count, JoinKeyLayout(specification))
    }

    private static func leaves(of nodes: [Node]) -> [SpilledLeaf] {
        nodes.flatMap { node -> [SpilledLeaf] in
            switch node {
            case .resident: []
            case .leaf(let leaf): [leaf]
            case .divided(let nodes): leaves(of: nodes)
            }
        }
    }

    private func divide(
        _ leaf: SpilledLeaf,
        depth: Int,
        of parentRowCount: Int
    ) throws(SQLError) -> Node {
        if leaf.rowCount == 0 { return .resident }
        // A key of very many rows stays together however often it is divided.
        let isStubborn = depth > 0 && leaf.rowCount > parentRowCount / 16 * 15
        let isSmall = leaf.memoryByteCount + 24 * leaf.rowCount <= budget.byteCountMax / 8
        if isSmall || isStubborn || keys.isEmpty || depth + 1 >= SpillPartitions.depthMax {
            return .leaf(leaf)
        }
        let parts = Self.makePartitions(specification, file, budget, depth: depth + 1)
        let reader = leaf.makeReader()
        while let chunk = try reader.next() {
            try parts.append(chunk, keys: keys.map { chunk.columns[$0] })
        }
        try parts.finish()
        var nodes: [Node] = []
        for part in parts.parts {
            nodes.append(try divide(SpilledLeaf([part]), depth: depth + 1, of: leaf.rowCount))
        }
        return .divided(nodes)
    }

    private static func makePartitions(
        _ specification: JoinSpecification,
        _ file: SpillFile,
        _ budget: MemoryBudget,
        depth: Int
    ) -> SpillPartitions {
        SpillPartitions(
            file,
            types: specification.buildTypes.map(\.physical),
            pieceByteCount: budget.pieceByteCount,
            depth: depth
        )
    }

    /// Whether a column has a NULL.
    private static func hasNull(
        in leaves: [SpilledLeaf],
        column: Int?
    ) throws(SQLError) -> Bool {
        guard let column else { return false }
        for leaf in leaves {
            let reader = leaf.makeReader()
            while let chunk = try reader.next() {
                if chunk.columns[column].validity != nil { return true }
            }
        }
        return false
    }
}

/// Build rows of one division on disk, and which of them have had a match.
final class SpilledLeaf {
    private let rows: [SpilledRows]
    let rowCount: Int
    let memoryByteCount: Int
    /// 1 for each row with a match, in order of the rows; nil before the first probe.
    private(set) var matched: FlatArray<UInt8>?

    init(_ rows: [SpilledRows]) {
        self.rows = rows.filter { $0.rowCount > 0 }
        rowCount = rows.reduce(0) { $0 + $1.rowCount }
        memoryByteCount = rows.reduce(0) { $0 + $1.memoryByteCount }
    }

    /// Reads the rows, always in the same order.
    func makeReader() -> LeafReader { LeafReader(rows.map { $0.makeReader() }) }

    /// Notes the matches of rows from `first` on.
    func note(_ flags: UnsafePointer<UInt8>, count: Int, from first: Int) throws(SQLError) {
        let known = matched ?? FlatArray(capacity: rowCount)
        matched = known
        try known.grow(to: rowCount, filling: 0)
        for row in 0..<count { known.pointer[first + row] |= flags[row] }
    }
}

/// Reads the rows of a leaf, whose parts came from several slices or runs.
final class LeafReader {
    private var readers: ArraySlice<SpillReader>

    fileprivate init(_ readers: [SpillReader]) { self.readers = readers[...] }

    /// The next rows; nil at the end.
    func next() throws(SQLError) -> Chunk? {
        while let reader = readers.first {
            if let chunk = try reader.next() { return chunk }
            readers.removeFirst()
        }
        return nil
    }
}

extension JoinPart {
    /// The rows of builders, with the hashes of their keys where those are looked up.
    init(
        _ builders: [VectorBuilder],
        count: Int,
        _ layout: JoinKeyLayout
    ) throws(SQLError) {
        columns = try builders.finish()
        self.count = count
        hashes = FlatArray()
        guard layout.isHashed else { return }
        try hashes.reserve(count)
        let keys = layout.build.map { columns[$0] }
        for start in stride(from: 0, to: count, by: rowsPerStopCheck) {
            try Interruption.check()
            let rows = start..<min(count, start + rowsPerStopCheck)
            hashRows(keys.map { $0.slice(rows) }, count: rows.count, into: hashes.pointer + start)
        }
        hashes.setCount(count)
    }
}
