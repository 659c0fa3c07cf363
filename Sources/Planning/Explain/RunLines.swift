package import Plans

/// EXPLAIN's tree, with the rows that really left each node behind its estimate.
///
/// `rows` gives those of a node by its number, nil where it did not run.
package func explainTree(
    _ planned: PlannedQuery,
    rows: (_ node: Int) -> Int?
) -> [String] {
    planned.printedTree.map { line in
        guard let node = line.title?.number else { return line.text }
        guard let actual = rows(node) else { return line.text + " (never executed)" }
        return line.text + " (actual rows=\(actual))"
    }
}

/// The streams, segments and steps of a plan, with what its run did.
///
/// `rows` are the estimates for each segment's sink and may be empty; `title` is what stands behind
/// a segment's title, `figures` the lines below a part of it.
package func segmentLines(
    of plan: ExecutablePlan,
    rows: [Double],
    title: @escaping (_ segment: Int) -> String,
    figures: @escaping (_ segment: Int, _ part: SegmentPart) -> [String]
) -> [String] {
    SegmentPrinter(plan: plan, title: title, figures: figures).streams(rows: rows)
}
