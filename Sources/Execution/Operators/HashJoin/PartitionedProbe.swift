import Plans
import SQLTypes
import Vectors

/// Probes a build side that lies partly on disk.
///
/// ```
///   chunk ─▶ rows of resident divisions ─▶ the table in memory ─▶ rows out
///         └▶ other rows ─▶ disk, by division
///   when no more rows come, division by division:
///     leaf      its build rows become a table, its probe rows probe it (``LeafJoin``)
///     divided   its probe rows are divided as the build rows were
/// ```
/// Rows with a NULL key match nothing and are told so by the table in memory.
final class PartitionedProbe: StepRun {
    private enum Task {
        case leaf(SpilledLeaf, SpilledRows)
        case dividing([SpilledBuild.Node], SpillPartitions, SpillReader)
    }

    private let specification: JoinSpecification
    private let spilled: SpilledBuild
    private let resident: any StepRun
    private let layout: JoinKeyLayout
    private let budget: MemoryBudget
    private let reservation: MemoryReservation
    private let file: SpillFile
    private let partitions: SpillPartitions
    private let positions = FlatArray<UInt16>(capacity: chunkRowCountMax)
    /// What is left to do when no more rows come, the next last.
    private var tasks: [(task: Task, depth: Int)] = []
    private var leaf: LeafJoin?

    init(
        _ specification: JoinSpecification,
        resident: any StepRun,
        _ spilled: SpilledBuild,
        budget: MemoryBudget
    ) throws(SQLError) {
        self.specification = specification
        self.spilled = spilled
        self.resident = resident
        self.budget = budget
        layout = JoinKeyLayout(specification)
        reservation = MemoryReservation(budget, for: "Hash Join")
        file = try reservation.makeSpillFile()
        partitions = Self.makePartitions(specification, file, budget, depth: 0)
        reservation.hold(SpillPartitions.count * budget.pieceByteCount)
    }

    var hasMore: Bool { resident.hasMore || leaf != nil || !tasks.isEmpty }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        if layout.divisionKeys.probe.isEmpty {
            try partitions.append(chunk, keys: [])
            return nil
        }
        let keys = layout.divisionKeys.probe.map { chunk.columns[$0] }
        let numbers = try partitions.numbers(of: keys, count: chunk.count)
        let isElsewhere = FlatArray<UInt8>(repeating: 0, count: SpillPartitions.count + 1)
        for (number, node) in spilled.nodes.enumerated() {
            if case .resident = node { continue }
            isElsewhere.pointer[number] = 1
        }
        let nullable = keys.filter { !$0.hasNoNulls }
        var routes = [UInt8](UnsafeBufferPointer(start: numbers, count: chunk.count))
        if !nullable.isEmpty {
            // A number that is no partition's.
            let none = UInt8(SpillPartitions.count)
            for row in routes.indices where nullable.contains(where: { $0.isNull(row) }) {
                routes[row] = none
            }
        }
        for number in 0..<SpillPartitions.count where isElsewhere.pointer[number] == 1 {
            try positions.reserve(chunk.count)
            let count = SpillPartitions.rows(of: number, in: routes, into: positions.pointer)
            try partitions.parts[number].append(chunk, positions: positions.pointer, count: count)
        }
        var count = 0
        for row in routes.indices where isElsewhere.pointer[Int(routes[row])] == 0 {
            positions.pointer[count] = UInt16(truncatingIfNeeded: row)
            count += 1
        }
        if count == 0 { return nil }
        return try resident.push(chunk.gather(positions.pointer, count: count))
    }

    func inputEnds() throws(SQLError) {
        try resident.inputEnds()
        try partitions.finish()
        addTasks(spilled.nodes, partitions, depth: 0)
        reservation.hold(0)
    }

    func resume() throws(SQLError) -> Chunk? {
        if resident.hasMore { return try resident.resume() }
        if let leaf {
            let chunk = try leaf.next()
            if leaf.isDone { self.leaf = nil }
            return chunk
        }
        guard let (task, depth) = tasks.popLast() else { return nil }
        switch task {
        case .leaf(let build, let probe):
            leaf = try LeafJoin(specification, build, probe, file: file, budget: budget)
        case .dividing(let nodes, let parts, let reader):
            guard let chunk = try reader.next() else {
                try parts.finish()
                addTasks(nodes, parts, depth: depth)
                reservation.hold(0)
                return nil
            }
            reservation.hold(SpillPartitions.count * budget.pieceByteCount)
            try parts.append(chunk, keys: layout.divisionKeys.probe.map { chunk.columns[$0] })
            tasks.append((.dividing(nodes, parts, reader), depth))
        }
        return nil
    }

    func fill(_ record: inout SegmentRecord) {
        resident.fill(&record)
        record.spilledBytes += file.byteCount
    }

    private func addTasks(
        _ nodes: [SpilledBuild.Node],
        _ parts: SpillPartitions,
        depth: Int
    ) {
        for (node, rows) in zip(nodes, parts.parts) where rows.rowCount > 0 {
            switch node {
            case .resident:
                // Below the first division only empty ones are; their rows still have to come
                // out of some joins.
                if depth > 0 { tasks.append((.leaf(SpilledLeaf([]), rows), depth)) }
            case .leaf(let leaf): tasks.append((.leaf(leaf, rows), depth))
            case .divided(let nodes):
                let parts = Self.makePartitions(specification, file, budget, depth: depth + 1)
                tasks.append((.dividing(nodes, parts, rows.makeReader()), depth + 1))
            }
        }
    }

    private static func makePartitions(
        _ specification: JoinSpecification,
        _ file: SpillFile,
        _ budget: MemoryBudget,
        depth: Int
    ) -> SpillPartitions {
        SpillPartitions(
            file,
            types: specification.probeTypes.map(\.physical),
            pieceByteCount: budget.pieceByteCount,
            depth: depth
        )
    }
}
