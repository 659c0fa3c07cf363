import Execution
import Plans
import Planning
import Storage

/// The steps of a run as the record keeps them: each segment's source is step 0, its sink the last.
///
/// Plans of scalar subqueries and common tables come first; streams and segments are numbered over
/// all of them. A broadcast build side is two steps, as Redshift has it: `bcast`, then `hash`; the
/// inner side of a merge join is a scan in front of the join.
struct StepEntries {
    private(set) var all: [StepEntry] = []
    private let lines: [PlanLine]
    private let wallStart: Int
    private let monotonicStart: UInt64
    private var firstStream = 0
    private var firstSegment = 0

    /// `wallStart` is when the run began, in microseconds since 2000-01-01.
    init(record: RunRecord, lines: [PlanLine], wallStart: Int) {
        self.lines = lines
        self.wallStart = wallStart
        monotonicStart = record.startTime
        add(record)
    }

    private mutating func add(_ record: RunRecord) {
        for part in record.scalarSubqueries { add(part) }
        let labels = StepLabels(plan: record.plan)
        let runs = Dictionary(grouping: record.segments, by: \.segment)
        for (number, stream) in record.plan.streams.enumerated() {
            for segment in stream.segments {
                add(segment, stream: number, runs: runs[segment.id] ?? [], labels)
            }
        }
        firstStream += record.plan.streams.count
        firstSegment += record.plan.streams.reduce(0) { $0 + $1.segments.count }
    }

    private mutating func add(
        _ segment: Segment,
        stream: Int,
        runs: [SegmentRecord],
        _ labels: StepLabels
    ) {
        var step = 0
        func entry(_ label: StepLabel, node: Int, isBuild: Bool = false) -> StepEntry {
            var entry = StepEntry()
            entry.stream = firstStream + stream
            entry.segment = firstSegment + segment.id
            entry.step = step
            entry.name = label.name
            entry.label = label.text
            entry.table = label.table
            entry.tableName = label.tableName
            entry.node = lineID(of: node, isBuild: isBuild)
            step += 1
            return entry
        }
        var source = entry(labels.source(segment.source), node: segment.nodes.source)
        if case .scan(let scan) = segment.source {
            source.isRangeRestricted = scan.isRangeRestricted
        }
        source.slices = runs.map { sourceSlice($0) }
        all.append(source)
        for (place, kind) in segment.steps.enumerated() {
            if let input = labels.merged(kind) {
                var inner = entry(labels.source(.scan(input.scan)), node: input.node)
                inner.isRangeRestricted = input.scan.isRangeRestricted
                inner.slices = runs.map { mergedSlice($0, place) }
                all.append(inner)
            }
            let nodes = segment.nodes.steps
            var own = entry(
                labels.step(kind),
                node: nodes.indices.contains(place) ? nodes[place] : 0
            )
            own.slices = runs.map { run in
                var slice = times(run)
                slice.rows = run.stepRows[place]
                slice.bytes = slice.rows * run.stepWidths[place]
                slice.spilledBytes = run.stepSpilledBytes[place]
                return slice
            }
            all.append(own)
        }
        let names = labels.sink(segment.sink)
        for (place, label) in names.enumerated() {
            let isLast = place == names.count - 1
            let isBuild = label.name == "hash" || label.name == "bcast"
            var own = entry(label, node: segment.nodes.sink, isBuild: isBuild)
            own.slices = runs.map { sinkSlice($0, label, hasMemory: isLast) }
            all.append(own)
        }
    }

    private func sourceSlice(_ run: SegmentRecord) -> StepSliceEntry {
        var slice = times(run)
        slice.rows = run.sourceRows
        slice.bytes = run.sourceRows * run.sourceWidth
        slice.memoryBytes = run.sourceMemoryBytes
        slice.spilledBytes = run.sourceSpilledBytes
        if let scan = run.scan {
            slice.note(scan)
        } else {
            slice.rowsBeforeFilter = run.sourceRows
            slice.rowsBeforeDeletes = run.sourceRows
        }
        return slice
    }

    /// The inner side's scan of the merge join at a place.
    private func mergedSlice(_ run: SegmentRecord, _ place: Int) -> StepSliceEntry {
        var slice = times(run)
        guard let scan = run.mergedScans.first(where: { $0.step == place }) else { return slice }
        slice.rows = scan.counters.rowsPassed
        slice.bytes = slice.rows * scan.width
        slice.note(scan.counters)
        return slice
    }

    private func sinkSlice(
        _ run: SegmentRecord,
        _ label: StepLabel,
        hasMemory: Bool
    ) -> StepSliceEntry {
        var slice = times(run)
        slice.rows = run.sinkRows
        let width = run.stepWidths.last ?? run.sourceWidth
        slice.bytes = label.name == "dist" && run.rowsSent > 0 ? run.bytesSent : slice.rows * width
        if label.name == "dist" || label.name == "bcast" {
            slice.rowsMoved = run.rowsMoved
            slice.bytesMoved = run.bytesMoved
            if label.name == "dist", run.rowsSent > 0 { slice.rows = run.rowsSent }
        }
        if hasMemory, run.memoryBytes > run.sourceMemoryBytes {
            slice.memoryBytes = run.memoryBytes
        }
        if hasMemory { slice.spilledBytes = run.sinkSpilledBytes }
        return slice
    }

    private func times(_ run: SegmentRecord) -> StepSliceEntry {
        var slice = StepSliceEntry()
        slice.slice = run.slice
        slice.startTime = wall(run.startTime)
        slice.endTime = wall(run.endTime)
        slice.workTime = run.nanoseconds / 1000
        return slice
    }

    private func wall(_ time: UInt64) -> Int {
        wallStart + (time > monotonicStart ? Int((time - monotonicStart) / 1000) : 0)
    }

    /// The printed line of a node; of a build side the Hash above it.
    private func lineID(of number: Int, isBuild: Bool) -> Int {
        guard number > 0 else { return 0 }
        let own = isBuild ? lines.first { $0.number == number } : lines.last { $0.number == number }
        return own?.id ?? 0
    }
}

extension StepSliceEntry {
    /// Takes in what a scan did.
    fileprivate mutating func note(_ scan: ScanCounters) {
        rowsBeforeFilter = scan.rowsScanned
        rowsBeforeDeletes = scan.rowsScanned + scan.rowsDeleted
        blocksRead = scan.blocksRead
        blocksSkipped = scan.blocksSkipped
        unitsRead = scan.unitsRead
        unitsSkipped = scan.unitsSkipped
        bytesRead = scan.bytesRead
    }
}

extension ScanSpecification {
    /// Whether zone maps may spare it rows: a test that ranges of values answer, or keys of a
    /// finished build side.
    fileprivate var isRangeRestricted: Bool {
        !runtimeFilters.isEmpty
            || predicates.contains { predicate in
                switch predicate.test {
                case .range, .oneOf, .isNull, .isNotNull, .like: true
                case .notEqual, .notLike: false
                }
            }
    }
}
