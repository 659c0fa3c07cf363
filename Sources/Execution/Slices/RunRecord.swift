package import Catalogs
package import Storage

/// What one execution of a plan did, per segment, step and slice.
///
/// System views, EXPLAIN and tests read it; figures of slices stand side by side so that skew
/// shows.
package struct RunRecord: Sendable {
    /// One entry per run: a segment on a slice; scalar subqueries' runs are not among them.
    package var segments: [SegmentRecord] = []
    /// From the call to the last row handed over.
    package var nanoseconds = 0
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
                var scans = segment.mergedScans
                if let counters = segment.scan, let table = segment.table {
                    scans.insert((table, counters), at: 0)
                }
                return scans.map {
                    ScanRecord(
                        segment: segment.segment,
                        slice: segment.slice,
                        table: $0.table,
                        counters: $0.counters
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

/// What one segment did on one slice.
package struct SegmentRecord: Sendable {
    /// The stream's place in the plan.
    package var stream: Int
    /// The segment's number over the plan.
    package var segment: Int
    package var slice: SliceID
    /// Rows the source put out.
    package var sourceRows = 0
    /// Rows each step put out, in order of the steps.
    package var stepRows: [Int]
    /// Rows the sink took.
    package var sinkRows = 0
    /// Rows and bytes sent to other slices or nodes.
    package var rowsMoved = 0
    package var bytesMoved = 0
    /// Time the slice's thread spent on it.
    package var nanoseconds = 0
    /// The most memory reserved from the slice's budget.
    package var memoryBytes = 0
    /// What the scan read and skipped; nil if the source is none.
    package var scan: ScanCounters?
    /// The table scanned; nil if the source is no scan.
    package var table: TableID?
    /// What the inner sides of its merge joins read and skipped, in order of the steps.
    package var mergedScans: [(table: TableID, counters: ScanCounters)] = []

    /// Makes a record of a run that has done nothing.
    package init(stream: Int, segment: Int, slice: SliceID, stepCount: Int) {
        self.stream = stream
        self.segment = segment
        self.slice = slice
        stepRows = [Int](repeating: 0, count: stepCount)
    }
}
