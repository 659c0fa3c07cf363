import Catalogs
import Plans
import SQLTypes
import Storage
import Synchronization
import Vectors

// How a build side comes to be:
//
//   1. Every building run collects its rows: columns, and hashes where keys are not one integer.
//   2. The last to hand in its part lays out the table: places of the parts, shape of the slots.
//   3. Every run copies its part into the common columns and links those rows, of all parts,
//      whose slots are its share. No two runs write the same memory, so nothing is locked.
//      Where memory does not suffice for all of it, rows lie on disk instead, divided by their
//      keys; as many divisions as fit become the table (`SpilledBuild`).
//   4. The stream ends; from then on the table is only read, but for the matched flags of right
//      and full joins, which only ever belong to one slice.
//
// Step 3 waits for step 2 by being blocked, not by sleeping: the slices go on with other runs.

/// The build sides of one join: one per slice, or one for all.
final class JoinBuilds: Sendable {
    private let builds: [JoinBuild]
    private let isShared: Bool
    private let buildKeys: [Int]
    /// Filters of the keys of all slices, by key pair, made when a scan first asks; none where
    /// there was no memory.
    private let filtersOfAll = Mutex<[Int: (filter: JoinFilter?, memory: MemoryReservation)]>([:])

    /// `builders` counts the building runs of each slice.
    init(_ specification: JoinSpecification, builders: [Int], filteredKeys: [Int]) {
        buildKeys = specification.buildKeys
        isShared = specification.sharing == .shared
        let counts = isShared ? [builders.reduce(0, +)] : builders
        builds = counts.map {
            JoinBuild(
                specification,
                participantCount: $0,
                filteredKeys: filteredKeys
            )
        }
    }

    /// The build side that a slice feeds and probes.
    func build(for slice: SliceID) -> JoinBuild { isShared ? builds[0] : builds[slice] }

    /// The finished table that a slice probes.
    ///
    /// - Throws: XX000 if it is not finished.
    func table(for slice: SliceID) throws(SQLError) -> JoinTable {
        guard let table = build(for: slice).finishedTable else {
            throw SQLError.invariant("a join is probed before its build side is finished")
        }
        return table
    }

    /// Lets go of runs that wait for a part that will not come; after the query's last run.
    func forgetRuns() {
        for build in builds { build.forgetRuns() }
    }

    /// What the keys that a slice probes allow of a scanned column; nil if they say nothing.
    func runtimeFilter(key: Int, for slice: SliceID) -> JoinFilter? {
        build(for: slice).finishedTable?.filters[key]
    }

    /// What the keys of all slices together allow of a scanned column; nil if they say nothing.
    ///
    /// - Errors: what `run` is stopped with.
    func runtimeFilterOfAllSlices(key: Int, for run: SegmentRun) throws(SQLError) -> JoinFilter? {
        let tables = builds.compactMap(\.finishedTable)
        guard tables.count == builds.count, !tables.contains(where: { $0.spilled != nil }) else {
            return nil
        }
        return try filtersOfAll.withLock { (known) throws(SQLError) in
            if let known = known[key] { return known.filter }
            let filled = tables.filter { $0.rowCount > 0 }
            guard filled.count > 1 else { return (filled.first ?? tables[0]).filters[key] }
            let bounds = filled.compactMap { $0.filters[key]?.bounds }
                .reduce(nil as ClosedRange<Int64>?) { $0?.joined(with: $1) ?? $1 }
            let rowCount = filled.reduce(0) { $0 + $1.rowCount }
            let memory = MemoryReservation(run.query.budgets[run.slice], for: "Hash Join")
            let byteCount = JoinFilter.byteCount(bounds: bounds, rowCount: rowCount)
            guard memory.growsIfPossible(by: byteCount) else {
                known[key] = (nil, memory)
                return nil
            }
            let filter = JoinFilter(bounds: bounds, rowCount: rowCount)
            try filter.fill(
                from: filled.map { ($0.columns[buildKeys[key]], $0.ranges) },
                share: 0,
                of: 1,
                check: run.query.stopSignal.check
            )
            known[key] = (filter, memory)
            return filter
        }
    }
}

/// One build side in the making.
final class JoinBuild: Sendable {
    private struct State {
        var parts: [JoinPart] = []
        var table: JoinTable?
        var waiting: [SegmentRun] = []
        var linkedCount = 0
        var reservations: [MemoryReservation] = []
    }

    private let specification: JoinSpecification
    private let participantCount: Int
    private let filteredKeys: [Int]
    private let lock = ConditionLock()
    // Guarded by `lock`.
    nonisolated(unsafe) private var state = State()

    init(_ specification: JoinSpecification, participantCount: Int, filteredKeys: [Int]) {
        self.specification = specification
        self.participantCount = participantCount
        self.filteredKeys = filteredKeys
        if participantCount == 0 {
            state.table = JoinTable(specification, parts: [], filteredKeys: filteredKeys)
        }
    }

    /// The table once every part is linked.
    var finishedTable: JoinTable? {
        lock.withLock { state.linkedCount == participantCount ? state.table : nil }
    }

    /// Takes a part; gives its number.
    ///
    /// The last one lays out the table and wakes the others.
    func handIn(
        _ part: JoinPart,
        holding reservation: MemoryReservation,
        by run: SegmentRun
    ) throws(SQLError) -> Int {
        let (number, isLast, parts) = lock.withLock { () -> (Int, Bool, [JoinPart]) in
            state.parts.append(part)
            state.reservations.append(reservation)
            return (state.parts.count - 1, state.parts.count == participantCount, state.parts)
        }
        guard isLast else { return number }
        let table = try layOut(parts, holding: reservation)
        let woken = lock.withLock { () -> [SegmentRun] in
            state.table = table
            defer { state.waiting = [] }
            return state.waiting
        }
        for run in woken { run.wake() }
        return number
    }

    private func layOut(
        _ parts: [JoinPart],
        holding reservation: MemoryReservation
    ) throws(SQLError) -> JoinTable {
        let bytes = JoinTable.byteCount(specification, parts: parts)
        let isSpilled = parts.contains { $0.spilled != nil }
        guard !isSpilled, reservation.growsIfPossible(by: bytes) else {
            return try layOutSpilled(parts, holding: reservation)
        }
        // Filters only spare work: where there is no memory for them, the join does without.
        let filterBytes = JoinTable.filterByteCount(specification, parts, filteredKeys)
        let keys = reservation.growsIfPossible(by: filterBytes) ? filteredKeys : []
        return JoinTable(specification, parts: parts, filteredKeys: keys)
    }

    /// Puts all parts on disk and as much of them as fits back into memory.
    private func layOutSpilled(
        _ parts: [JoinPart],
        holding reservation: MemoryReservation
    ) throws(SQLError) -> JoinTable {
        let file = try reservation.makeSpillFile()
        let spilled = try SpilledBuild(specification, parts, file: file, reservation.budget)
        let reservations = lock.withLock { () -> [MemoryReservation] in
            state.parts = []
            defer { state.reservations = [reservation] }
            return state.reservations
        }
        // Who holds them waits for the table.
        for own in reservations { own.hold(0) }
        let empty = JoinPart(
            columns: specification.buildTypes.map {
                VectorBuilder(physical: $0.physical, capacity: 16).finish()
            },
            count: 0,
            hashes: FlatArray()
        )
        var resident = [JoinPart](repeating: empty, count: parts.count)
        resident[0] = try spilled.takeResident(holding: reservation)
        let bytes = JoinTable.byteCount(specification, parts: resident)
        reservation.hold(reservation.byteCount + bytes)
        return JoinTable(specification, parts: resident, filteredKeys: [], spilled: spilled)
    }

    /// The laid-out table; nil if parts are missing: then the run is woken when there is one.
    func table(for run: SegmentRun) -> JoinTable? {
        lock.withLock {
            if state.table == nil { state.waiting.append(run) }
            return state.table
        }
    }

    fileprivate func forgetRuns() { lock.withLock { state.waiting = [] } }

    /// Counts a participant that has linked its share; the last lets go of the parts.
    func linked() {
        lock.withLock {
            state.linkedCount += 1
            if state.linkedCount == participantCount { state.parts = [] }
        }
    }
}

/// What one run has collected for a build side.
struct JoinPart {
    /// Flat columns, in order of the build types.
    var columns: [Vector]
    var count: Int
    /// Hashes of the keys; empty where the key is one int64 column.
    var hashes: FlatArray<UInt64>
    /// The rows, all of them, where they lie on disk; then there are none in `columns`.
    var spilled: SpillPartitions?
}

/// Which key pairs a join finds candidates by, and how.
struct JoinKeyLayout {
    /// Positions of the keys looked up, in probe and build chunks.
    let probe: [Int]
    let build: [Int]
    /// The first key pair of NOT IN where other conditions decide which rows it is compared with.
    let separateKey: (probe: Int, build: Int)?
    /// Whether rows are found by hashes of all keys; otherwise by one int64 key, or there is none.
    let isHashed: Bool

    /// Positions of the keys that rows are divided by on disk, in probe and build chunks; none
    /// where each probe row has to meet all build rows.
    let divisionKeys: (probe: [Int], build: [Int])

    init(_ specification: JoinSpecification) {
        var probe = specification.probeKeys
        var build = specification.buildKeys
        let hasOthers = probe.count > 1 || specification.residual != nil
        if specification.kind == .antiNullAware && hasOthers, !probe.isEmpty {
            separateKey = (probe.removeFirst(), build.removeFirst())
        } else {
            separateKey = nil
        }
        self.probe = probe
        self.build = build
        let isInteger =
            build.count == 1 && specification.buildTypes[build[0]].physical == .int64
        isHashed = !build.isEmpty && !isInteger
        divisionKeys = specification.mark == nil ? (probe, build) : ([], [])
    }
}
