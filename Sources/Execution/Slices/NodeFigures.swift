package import Catalogs
import Plans
import Storage

/// What became of one node of a physical plan when it ran.
package struct NodeFigures: Sendable {
    /// Rows that left it on each slice.
    package var rowsBySlice: [SliceID: Int] = [:]

    /// Rows that left it, over all slices.
    package var rows: Int { rowsBySlice.values.reduce(0, +) }
}

extension RunRecord {
    /// The figures of the plan's nodes, and those of scalar subqueries and common tables, by node
    /// number; nodes that no segment works for are missing.
    package var nodeFigures: [Int: NodeFigures] {
        var figures: [Int: NodeFigures] = [:]
        collect(&figures)
        return figures
    }

    private func collect(_ figures: inout [Int: NodeFigures]) {
        for record in scalarSubqueries { record.collect(&figures) }
        let byID = Dictionary(
            plan.streams.flatMap(\.segments).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for record in segments {
            guard let segment = byID[record.segment] else { continue }
            let inner = record.mergedScans.map {
                (node: plan.mergedNode(segment, $0.step), rows: $0.rows)
            }
            for (node, rows) in record.departures(segment) + inner where node > 0 {
                figures[node, default: NodeFigures()].rowsBySlice[record.slice, default: 0] += rows
            }
        }
    }

    /// Adds another run of the same plan, as the next round of a recursion.
    mutating func add(_ other: RunRecord) {
        nanoseconds += other.nanoseconds
        deliveredRows += other.deliveredRows
        roundCount += other.roundCount
        for new in other.segments {
            let known = segments.firstIndex { $0.segment == new.segment && $0.slice == new.slice }
            if let known { segments[known].add(new) } else { segments.append(new) }
        }
    }
}

extension ExecutablePlan {
    /// The plan node whose rows the inner side of a merge join puts out; 0 for none.
    fileprivate func mergedNode(_ segment: Segment, _ step: Int) -> Int {
        guard segment.steps.indices.contains(step), case .probe(let join) = segment.steps[step]
        else { return 0 }
        return joins[join].merged?.node ?? 0
    }
}

extension SegmentRecord {
    /// The nodes that rows leave in the segment, each with the rows; a node may occur twice.
    fileprivate func departures(_ segment: Segment) -> [(node: Int, rows: Int)] {
        guard segment.nodes.steps.count == stepRows.count else { return [] }
        let nodes = [segment.nodes.source] + segment.nodes.steps + [segment.nodes.sink]
        let rows = [sourceRows] + stepRows
        let endsInBuild = if case .build = segment.sink { true } else { false }
        var found: [(Int, Int)] = []
        for place in rows.indices where nodes[place] > 0 {
            let isLast = place == rows.count - 1
            if nodes[place] != nodes[place + 1] || (isLast && endsInBuild) {
                found.append((nodes[place], rows[place]))
            }
        }
        return found
    }

    /// Adds another run of the same segment on the same slice.
    fileprivate mutating func add(_ other: SegmentRecord) {
        sourceRows += other.sourceRows
        for step in stepRows.indices {
            stepRows[step] += other.stepRows[step]
            stepWidths[step] = max(stepWidths[step], other.stepWidths[step])
            stepSpilledBytes[step] += other.stepSpilledBytes[step]
        }
        sinkRows += other.sinkRows
        sourceWidth = max(sourceWidth, other.sourceWidth)
        endTime = max(endTime, other.endTime)
        rowsSent += other.rowsSent
        bytesSent += other.bytesSent
        rowsMoved += other.rowsMoved
        bytesMoved += other.bytesMoved
        nanoseconds += other.nanoseconds
        memoryBytes = max(memoryBytes, other.memoryBytes)
        sourceMemoryBytes = max(sourceMemoryBytes, other.sourceMemoryBytes)
        spilledBytes += other.spilledBytes
        sourceSpilledBytes += other.sourceSpilledBytes
        for more in other.mergedScans {
            if let known = mergedScans.firstIndex(where: { $0.step == more.step }) {
                mergedScans[known].counters = mergedScans[known].counters.added(more.counters)
                mergedScans[known].rows += more.rows
                mergedScans[known].width = max(mergedScans[known].width, more.width)
            } else {
                mergedScans.append(more)
            }
        }
        if let more = other.scan { scan = scan.map { $0.added(more) } ?? more }
    }
}
