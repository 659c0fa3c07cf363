package import Plans

/// EXPLAIN's tree, with the rows that really left each node behind its estimate.
///
/// `rows` gives those of a node by its number, nil where it did not run.
package func explainTree(
    _ planned: PlannedQuery,
    rows: (_ node: Int) -> Int?
) -> [String] {
    let printed = PlanPrinter.printed(
        planned.tree,
        subqueries: planned.subqueryTrees,
        stored: planned.storedTrees
    )
    return printed.lines.enumerated().map { index, line in
        guard let node = printed.nodes[index] else { return line }
        guard let actual = rows(node) else { return line + " (never executed)" }
        return line + " (actual rows=\(actual))"
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
    SegmentPrinter.lines(of: plan, rows: rows, title: title, figures: figures)
}
