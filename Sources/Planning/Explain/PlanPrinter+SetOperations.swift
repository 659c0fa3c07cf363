import Functions
import Plans
import SQLTypes

/// UNION, INTERSECT and EXCEPT as Redshift prints them.
///
/// UNION and EXCEPT show a Sort below the node that drops duplicates; here rows are hashed, as the
/// slice plan shows.
extension PlanPrinter {
    /// An arm of an Append; constants are dealt out to the slices.
    mutating func writeArm(_ index: Int, of append: PhysicalNode, arrow: Int) {
        let arm = append.children[index]
        var scan = arm
        scan.totalCost += arm.rows * CostModel.tuple
        var column = arrow
        if arm.isOfConstants, append.placement != .single || append.children.count > 1 {
            header("Network", scan, arrow: arrow)
            line("Distribute Round Robin", at: arrow + 6)
            column += 6
        }
        header("Subquery Scan \"*SELECT* \(index + 1)\"", scan, arrow: column)
        writeScope(arm, arrow: column + 6)
    }

    /// The arms of an INTERSECT, which Redshift shows as a join.
    mutating func writeIntersection(
        _ node: PhysicalNode,
        _ aggregate: PhysicalAggregate,
        arrow: Int
    ) {
        let append = node.children[0]
        for (index, arm) in append.children.enumerated() {
            var scan = arm
            scan.totalCost += arm.rows * CostModel.tuple
            var column = arrow
            if index == 1 {
                var hash = scan
                hash.startupCost = hash.totalCost
                header("Hash", hash, arrow: column)
                column += 6
            }
            if aggregate.strategy != .inPlace, !arm.isOfConstants {
                header("Network", scan, arrow: column)
                line("Distribute", at: column + 6)
                column += 6
            }
            header("Subquery Scan \"*SELECT* \(index + 1)\"", scan, arrow: column)
            writeScope(arm, arrow: column + 6)
        }
    }

    /// The conditions of that join: NULLs are equal.
    func intersectionConditions(_ aggregate: PhysicalAggregate) -> [String] {
        let columns = aggregate.groups.map { quoted($0.column.name) }
        let equal = columns.map { "(\"outer\".\($0) = \"inner\".\($0))" }
        let same = zip(columns, equal).map { column, equal in
            "(\(equal) OR ((\"inner\".\(column) IS NULL) AND (\"outer\".\(column) IS NULL)))"
        }
        func joined(_ terms: [String]) -> String {
            terms.count == 1 ? terms[0] : "(\(terms.joined(separator: " AND ")))"
        }
        return ["Hash Cond: \(joined(equal))", "Join Filter: \(joined(same))"]
    }
}

extension PhysicalAggregate {
    /// Whether a Sort of all arms' rows is shown below it.
    func sortsArms(_ node: PhysicalNode) -> Bool {
        guard case .append = node.children[0].kind else { return false }
        return isDistinct || setOperation == .except
    }
}

extension PhysicalNode {
    /// Whether all rows are constants of the statement.
    fileprivate var isOfConstants: Bool {
        switch kind {
        case .values: true
        case .project, .filter, .subqueryScan: children[0].isOfConstants
        default: false
        }
    }

    /// The width that EXPLAIN shows: nodes that pass on what is below them show its width.
    ///
    /// - Source: PostgreSQL 8.0 `copy_plan_costsize`: Agg, Sort, Unique, Limit and SetOp copy the
    ///   width of their input, and a Result without one has none.
    var shownWidth: Double {
        switch kind {
        case .values(let rows): rows.count == 1 ? 0 : width
        case .aggregate, .sort, .limit, .merge, .network, .append, .filter:
            children.first?.shownWidth ?? width
        case .project where children[0].isShownByItself: children[0].shownWidth
        default: width
        }
    }

    /// Whether a projection above it leaves its width as it is.
    private var isShownByItself: Bool {
        switch kind {
        case .aggregate, .sort, .limit, .merge, .network, .append, .values, .scan, .join: true
        case .filter, .project: children[0].isShownByItself
        default: false
        }
    }
}
