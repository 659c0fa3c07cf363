import Functions
import Plans
import SQLTypes
import Vectors

/// Groups rows by hash and keeps a state per group and call.
///
/// The partial phase holds a bounded number of groups: when it has more, their states are set
/// down and the table begins anew, for the final phase puts groups together anyway. Where that
/// hardly saves rows, rows are set down as states of one row each, without a table. Arguments of
/// DISTINCT calls are set down likewise; see ``DistinctArguments``.
final class HashAggregate {
    let specification: AggregateSpecification
    let keys: GroupKeys
    private let rowCounts = GroupCounts()
    /// The calls that keep states: in the partial phase all but DISTINCT ones.
    let calls: [CallRun]
    /// What DISTINCT calls have met, once per argument.
    let arguments: [DistinctArguments]
    private let countsRows: Bool
    private let needsFirstRows: Bool
    let orderedRows: OrderedRows?
    private let groups = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let firstRows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let reservation: MemoryReservation
    private var next = 0

    /// The partial phase's way out.
    private var stored: [Chunk] = []
    private var storedBytes = 0
    private(set) var outlet: ChunkOutlet?
    private var rowsSinceStart = 0
    private var isPassing = false
    /// What a core's own cache holds of groups and states.
    static let partialGroupCountMax = 65_536

    /// What becomes of groups that take more memory than there is.
    enum Shortage {
        /// 53200.
        case fails
        /// ``isOverfull`` says so, and the owner takes them out; of a division later.
        case isToldOwner(isDivision: Bool)
    }

    private let shortage: Shortage
    private let givesResults: Bool
    /// Whether the groups should be taken out: their memory is not reserved.
    private(set) var isOverfull = false

    /// `isOrdered` where the one key is an integer, is never NULL and ascends; `givesResults`
    /// where results are put out though the phase puts out states.
    init(
        _ specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck,
        isOrdered: Bool = false,
        shortage: Shortage = .fails,
        givesResults: Bool = false
    ) throws(SQLError) {
        self.specification = specification
        self.shortage = shortage
        self.givesResults =
            givesResults || specification.phase == .complete || specification.phase == .final
        let isPartial = specification.phase == .partial
        keys = GroupKeys(
            specification.groupTypes,
            isOrdered: isOrdered,
            // A 32nd of the memory, four bytes each.
            denseSpanMax: min(GroupTable.denseSpanMost, Int64(budget.byteCountMax / 128)),
            check: check
        )
        var arguments: [DistinctArguments] = []
        for call in specification.calls
        where call.isDistinct && !call.function.collectsRows && specification.phase != .final {
            guard let type = call.argumentType, let input = call.inputs.first else { continue }
            if !arguments.contains(where: { $0.input == input }) {
                arguments.append(DistinctArguments(type, input: input, check: check))
            }
        }
        self.arguments = arguments
        orderedRows =
            specification.calls.contains { $0.function.collectsRows }
            ? OrderedRows(specification, budget: budget, check: check) : nil
        var calls: [CallRun] = []
        for call in specification.calls where !(isPartial && call.isDistinct) {
            let own = arguments.first { call.isDistinct && $0.input == call.inputs.first }
            calls.append(
                try CallRun(
                    call,
                    phase: specification.phase,
                    rows: rowCounts,
                    orderedRows: orderedRows,
                    arguments: call.function.collectsRows ? nil : own
                )
            )
        }
        self.calls = calls
        countsRows = specification.calls.contains {
            [.countAll, .count, .average].contains($0.function)
        }
        needsFirstRows = specification.calls.contains { $0.function.readsFirstRow }
        reservation = MemoryReservation(budget, for: "HashAggregate")
    }

    var memoryBytesPeak: Int { reservation.byteCountPeak }

    func add(_ chunk: Chunk) throws(SQLError) {
        if isPassing { return try pass(chunk) }
        try groups.reserve(chunk.count)
        let prior = keys.count
        try keys.assign(
            specification.groups.map { chunk.columns[$0] },
            count: chunk.count,
            into: groups.pointer
        )
        var batch = GroupBatch(
            groups: UnsafePointer(groups.pointer),
            count: chunk.count,
            priorGroupCount: prior,
            groupCount: keys.count,
            isTotal: keys.isTotal
        )
        if needsFirstRows && prior < keys.count {
            batch.firstRows = try findFirstRows(of: batch)
        }
        for argument in arguments {
            if argument.isPassing {
                let groups = specification.groups.map { chunk.columns[$0] }
                setDown(argument, groups, chunk.columns[argument.input], count: chunk.count)
            } else {
                try argument.take(batch, chunk)
            }
        }
        for call in calls { try call.add(batch, chunk) }
        if countsRows { try rowCounts.add(batch) }
        try orderedRows?.add(batch, chunk)
        rowsSinceStart += chunk.count
        try reserveMemory()
        if specification.phase == .partial {
            if keys.count > Self.partialGroupCountMax { try storeGroups() }
            for argument in arguments where argument.isFull { try storeArguments(argument) }
        }
    }

    private func reserveMemory() throws(SQLError) {
        switch shortage {
        case .fails: try reservation.set(byteCount)
        case .isToldOwner(let isDivision):
            isOverfull = !reservation.grows(to: byteCount, isDivision: isDivision)
        }
    }

    /// Reserves the memory of groups that cannot be taken out.
    ///
    /// - Throws: 53200.
    func insistOnMemory() throws(SQLError) {
        try reservation.set(byteCount)
        isOverfull = false
    }

    /// Holds the memory for as long as it takes to take the groups out.
    func holdMemory() { reservation.hold(byteCount) }

    /// Goes on as another of the same specification was going on.
    func follow(_ other: HashAggregate) {
        isPassing = other.isPassing
        if isPassing { makeOutlet() }
    }

    /// The first row of each group that the batch is the first to have, in order of the groups.
    private func findFirstRows(
        of batch: GroupBatch
    ) throws(SQLError) -> UnsafePointer<UInt16> {
        try firstRows.reserve(batch.groupCount - batch.priorGroupCount)
        let (first, prior) = (firstRows.pointer, batch.priorGroupCount)
        for row in stride(from: batch.count - 1, through: 0, by: -1) {
            let place = Int(batch.groups[row]) &- prior
            if place >= 0 { first[place] = UInt16(truncatingIfNeeded: row) }
        }
        return UnsafePointer(first)
    }

    /// Ends the input: everything is ready to be read.
    func finish() throws(SQLError) {
        if specification.phase == .partial && (outlet != nil || !arguments.isEmpty) {
            try storeGroups()
            if let rest = outlet?.flush() { store(rest) }
            return
        }
        try settle()
        if case .isToldOwner = shortage { holdMemory() } else { try reservation.set(byteCount) }
    }

    /// The next chunk of groups; nil at the end.
    func nextChunk() throws(SQLError) -> Chunk? {
        if next < stored.count {
            defer { next += 1 }
            return stored[next]
        }
        if !stored.isEmpty { return nil }
        if keys.count == 0 { return emptyTotal() }
        guard next < keys.count else { return nil }
        var range = next..<min(next + chunkRowCountMax, keys.count)
        if let orderedRows {
            range = try orderedRows.sort(range)
            try reservation.set(byteCount)
        }
        next = range.upperBound
        return try output(range)
    }

    /// Forgets groups that have been read, to take others.
    func removeAll() throws(SQLError) {
        (stored, storedBytes, next) = ([], 0, 0)
        (outlet, isPassing, rowsSinceStart) = (nil, false, 0)
        keys.removeAll()
        rowCounts.removeAll()
        for call in calls { call.states.removeAll() }
        try reservation.set(byteCount)
    }

    private var byteCount: Int {
        let own = keys.byteCount + rowCounts.byteCount + storedBytes
        let collected = orderedRows?.byteCount ?? 0
        let distinct = arguments.reduce(0) { $0 + $1.byteCount }
        return calls.reduce(own + collected + distinct) { $0 + $1.states.byteCount }
    }

    /// Gives every group a place in all states; after the last row.
    func settle(collectedRows: Bool = true) throws(SQLError) {
        try rowCounts.counts.grow(to: keys.count, filling: 0)
        for call in calls { try call.states.settle(keys.count) }
        if collectedRows { try orderedRows?.settle(keys.count) }
    }

    /// The states of the calls that are written as such, for groups in `range`.
    func storedStates(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        let isFinal = specification.phase == .final
        var columns: [Vector] = []
        for call in calls where SpilledGroups.hasStates(call.call, isFinal: isFinal) {
            columns += try call.states.states(range)
        }
        return columns
    }

    /// The types of what is put out.
    var outputTypes: [DataType] {
        if givesResults {
            return specification.groupTypes + specification.calls.map(\.resultType)
        }
        let states = calls.flatMap { $0.call.function.stateTypes(argument: $0.call.argumentType) }
        return specification.groupTypes + states
            + (specification.phase == .partial ? arguments.map(\.type) : [])
    }

    private func output(_ range: Range<Int>) throws(SQLError) -> Chunk {
        var columns = keys.columns(range)
        for call in calls {
            if givesResults {
                columns.append(try call.states.results(range))
            } else {
                columns.append(contentsOf: try call.states.states(range))
            }
        }
        if specification.phase == .partial {
            columns += arguments.map { .nulls(physical: $0.type.physical, count: range.count) }
        }
        return Chunk(count: range.count, columns: columns)
    }

    /// The one row of a grand total over no rows: counts are 0, all else NULL.
    private func emptyTotal() -> Chunk? {
        guard specification.emitsWithoutRows, next == 0 else { return nil }
        next = 1
        let columns = specification.calls.map { call -> Vector in
            .constant(
                call.function.isCount ? .int64(0) : .null,
                physical: call.resultType.physical,
                count: 1
            )
        }
        return Chunk(count: 1, columns: columns)
    }
}

// The partial phase's bounded table.
extension HashAggregate {
    func store(_ chunk: Chunk) {
        stored.append(chunk)
        storedBytes += Execution.byteCount(of: chunk)
    }

    private func storeGroups() throws(SQLError) {
        makeOutlet()
        for argument in arguments { try storeArguments(argument) }
        try settle()
        let count = keys.count
        var start = 0
        while start < count {
            try Interruption.check()
            let range = start..<min(start + chunkRowCountMax, count)
            store(try output(range))
            start = range.upperBound
        }
        isPassing = count > Self.partialGroupCountMax && rowsSinceStart < 2 * count
        rowsSinceStart = 0
        keys.removeAll()
        rowCounts.removeAll()
        for call in calls { call.states.removeAll() }
    }

    /// Makes where rows that are passed on are gathered into full chunks.
    func makeOutlet() {
        if outlet != nil { return }
        outlet = ChunkOutlet(types: outputTypes)
    }

    /// Sets rows down as states of one row each, and their DISTINCT arguments.
    private func pass(_ chunk: Chunk) throws(SQLError) {
        let groups = specification.groups.map { chunk.columns[$0] }
        var columns = groups
        for call in calls { columns.append(contentsOf: try call.rowStates(chunk)) }
        columns += arguments.map { .nulls(physical: $0.type.physical, count: chunk.count) }
        outlet?.add(Chunk(count: chunk.count, columns: columns)) { store($0) }
        for argument in arguments {
            setDown(argument, groups, chunk.columns[argument.input], count: chunk.count)
        }
        try reserveMemory()
    }
}

/// One call with its states and, for DISTINCT, what its groups have met.
final class CallRun {
    let call: AggregateSpecification.Call
    let states: AggregateStates
    private let arguments: DistinctArguments?

    init(
        _ call: AggregateSpecification.Call,
        phase: AggregateSpecification.Phase,
        rows: GroupCounts,
        orderedRows: OrderedRows?,
        arguments: DistinctArguments?
    ) throws(SQLError) {
        self.call = call
        self.arguments = arguments
        let takesStates = phase == .final || (phase == .merging && !call.isDistinct)
        if let orderedRows, call.function.collectsRows {
            states = try OrderedStates(call, rows: orderedRows)
        } else {
            states = try makeStates(
                call,
                takesStates: takesStates,
                rows: rows,
                isSubset: arguments != nil
            )
        }
    }

    func add(_ batch: GroupBatch, _ chunk: Chunk) throws(SQLError) {
        if let arguments {
            guard arguments.firsts.count > 0 else { return }
            try states.add(arguments.firsts, [arguments.firstValues])
        } else {
            try states.add(batch, call.inputs.map { chunk.columns[$0] })
        }
    }

    func rowStates(_ chunk: Chunk) throws(SQLError) -> [Vector] {
        try states.rowStates(call.inputs.map { chunk.columns[$0] }, count: chunk.count)
    }
}
