package import Catalogs
package import Plans
package import Storage

/// What one execution of a plan did, per segment, step and slice.
///
/// System views, EXPLAIN and tests read it; figures of slices stand side by side so that skew
/// shows.
package struct RunRecord: Sendable {
    /// One entry per run: a segment on a slice; scalar subqueries' runs are not among them.
    package var segments: [SegmentRecord] = []
    /// The plan that ran, scalar subqueries replaced by their values.
    package var plan = ExecutablePlan()
    /// When the call began, in nanoseconds of the monotonic clock.
    package var startTime: UInt64 = 0
    /// From the call to the last row handed over.
    package var nanoseconds = 0
    /// Rows handed over, after offset and limit.
    package var deliveredRows = 0
    /// How many runs of the same plan it stands for: the rounds of a recursion.
    package var roundCount = 1
    /// Records of the scalar subqueries, in order.
    package var scalarSubqueries: [RunRecord] = []

    /// Makes an empty record.
    package init() {}

    /// Bytes that crossed the simulated network: exchanges between slices, and broadcasts once
    /// per node.
    package var bytesMoved: Int { segments.reduce(0) { $0 + $1.bytesMoved } }

    /// What each scan did on each slice, those of scalar subqueries first.
    package var scans: [ScanRecord] {
        scalarSubqueries.flatMap(\.scans)
            + segments.flatMap { segment in
                var scans = segment.mergedScans.map { ($0.table, $0.counters) }
                if let counters = segment.scan, let table = segment.table {
                    scans.insert((table, counters), at: 0)
                }
                return scans.map {
                    ScanRecord(
                        segment: segment.segment,
                        slice: segment.slice,
                        table: $0.0,
                        counters: $0.1
                    )
                }
            }
    }
}

/// One scan of one table on one slice.
package struct ScanRecord: Sendable {
    package var segment: Int
    package var slice: SliceID
    package var table: TableID
    package var counters: ScanCounters
}

/// What the inner side of a merge join read on one slice.
package struct MergedScanRecord: Sendable {
    /// The join's place among the segment's steps.
    package var step: Int
    package var table: TableID
    package var counters: ScanCounters
    /// Rows that passed the inner side's filters.
    package var rows: Int
    /// Bytes of a row of the scan, strings with their 16 bytes in a vector; 0 where none came.
    package var width: Int
}

/// What one segment did on one slice.
package struct SegmentRecord: Sendable {
    /// The stream's place in the plan.
    package var stream: Int
    /// The segment's number over the plan.
    package var segment: Int
    package var slice: SliceID
    /// Rows the source put out.
    package var sourceRows = 0
    /// When the first turn began and the last one ended, in nanoseconds of the monotonic clock.
    package var startTime: UInt64 = 0
    package var endTime: UInt64 = 0
    /// Bytes of a row behind the source and each step, strings with their 16 bytes in a vector; 0
    /// where no row came.
    package var sourceWidth = 0
    package var stepWidths: [Int]
    /// Rows each step put out, in order of the steps.
    package var stepRows: [Int]
    /// Rows the sink took.
    package var sinkRows = 0
    /// Rows and bytes an exchange took, those that stay on the slice among them.
    package var rowsSent = 0
    package var bytesSent = 0
    /// Rows and bytes sent to other slices; of a broadcast those each node gets a copy of, once
    /// for each node.
    package var rowsMoved = 0
    package var bytesMoved = 0
    /// Time the slice's thread spent on it.
    package var nanoseconds = 0
    /// The most memory reserved from the slice's budget, and the part of it that the source has.
    package var memoryBytes = 0
    package var sourceMemoryBytes = 0
    /// Bytes written to the slice's disks for want of memory; the parts of it that the source and
    /// each step have, the rest being the sink's.
    package var spilledBytes = 0
    package var sourceSpilledBytes = 0
    package var stepSpilledBytes: [Int]
    /// What the scan read and skipped; nil if the source is none.
    package var scan: ScanCounters?
    /// The table scanned; nil if the source is no scan.
    package var table: TableID?
    /// What the inner sides of its merge joins read and skipped, in order of the steps.
    package var mergedScans: [MergedScanRecord] = []

    /// The part of the spilled bytes that the sink has.
    package var sinkSpilledBytes: Int {
        spilledBytes - sourceSpilledBytes - stepSpilledBytes.reduce(0, +)
    }

    /// Makes a record of a run that has done nothing.
    package init(stream: Int, segment: Int, slice: SliceID, stepCount: Int) {
        self.stream = stream
        self.segment = segment
        self.slice = slice
        stepRows = [Int](repeating: 0, count: stepCount)
        stepWidths = stepRows
        stepSpilledBytes = stepRows
    }
}
