import Catalogs
import Plans
import SQLTypes

/// Merge joins, and what else needs rows in the order of a sort key, as segments.
extension SegmentCutter {
    /// The outer side's pipeline with a probe at its end; the inner side's scan and steps become
    /// part of the join.
    mutating func cutMergeJoin(
        _ join: PhysicalJoin,
        _ node: PhysicalNode,
        _ required: Set<ColumnID>
    ) throws(SQLError) -> [Pipeline] {
        let wanted = required.union(join.keys.flatMap { [$0.outer, $0.inner] })
        let (outer, inner) = (node.children[0], node.children[1])
        let number = addJoin(join, estimatedBuildRows: inner.rows)
        var build = try cut(inner, Set(ordered(wanted, of: inner)))
        var probe = try cut(outer, Set(ordered(wanted, of: outer)))
        guard build.count == 1, probe.count == 1, let scan = build[0].scan else {
            throw SQLError.invariant("a side of a merge join is no table")
        }
        merge(build[0].stream, into: probe[0].stream)
        try orderScan(of: &build[0])
        try orderScan(of: &probe[0])
        try specify(number, join, probe[0], build[0], required)
        guard case .scan(let specification) = build[0].source else {
            throw SQLError.invariant("the inner side of a merge join is no table")
        }
        plan.joins[number].merged = MergeInput(
            scan: specification,
            steps: build[0].steps,
            node: inner.number
        )
        mergedScans[number] = scan
        var result = probed(probe, number, join, [], build[0])
        if join.kind == .inner {
            for (id, scanned) in build[0].origins where result[0].positions[id] != nil {
                result[0].origins[id, default: []] += scanned
            }
        }
        return result
    }

    /// Lets the scan that a pipeline begins with read in the order of its table's sort key.
    mutating func orderScan(of pipeline: inout Pipeline) throws(SQLError) {
        guard case .scan(var scan) = pipeline.source,
            let key = plan.tables[scan.table]?.sortKey.columns.first
        else { throw SQLError.invariant("what is to come in order is no table") }
        scan.order = key
        if !scan.columns.contains(key) {
            throw SQLError.invariant("a scan lacks the column it is ordered by")
        }
        pipeline.source = .scan(scan)
    }

    /// Gives the inner sides of merge joins the runtime filters that later joins have for them.
    mutating func filterMergedScans() {
        for (join, scan) in mergedScans {
            plan.joins[join].merged?.scan.runtimeFilters = scans[scan].runtimeFilters
        }
    }
}
