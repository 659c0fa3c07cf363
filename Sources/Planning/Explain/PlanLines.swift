import Plans
import SQLTypes

/// A node of a plan as EXPLAIN prints it, for the record and EXPLAIN ANALYZE.
package struct PlanLine: Sendable {
    /// Counts nodes from 1 at the root, depth first; a Hash has one of its own.
    package var id: Int
    /// The id of the node above; 0 for the root.
    package var parent: Int
    /// The number that segments name the node by; a Hash has that of the node below it.
    package var number: Int
    /// The title with its indentation and figures, and the attributes below it.
    package var text: String
    package var attributes: [String]
    /// What the title says.
    package var startupCost: Double
    package var totalCost: Double
    package var rows: Double
    package var width: Double
}

/// A line of EXPLAIN's tree.
struct PrintedLine {
    var text: String
    /// What the line says where it is the title of a node.
    var title: PrintedTitle?
}

/// The title of a node.
struct PrintedTitle {
    /// The number that segments name the node by.
    var number: Int
    /// The column of its arrow; nil for the root.
    var arrow: Int?
    var figures: PlanFigures
}

extension PlannedQuery {
    /// EXPLAIN's tree; what is computed once and scalar subqueries, as InitPlans, stand below the
    /// root.
    var printedTree: [PrintedLine] {
        PlanPrinter.printed(tree, subqueries: subqueryTrees, stored: storedTrees)
    }

    /// The nodes of the statement's trees, in the order in which EXPLAIN prints them.
    package var planLines: [PlanLine] {
        var lines: [PlanLine] = []
        var open: [(arrow: Int, id: Int)] = []
        for printed in printedTree {
            guard let title = printed.title else {
                if !lines.isEmpty {
                    lines[lines.count - 1].attributes.append(printed.text.trimmed)
                }
                continue
            }
            let arrow = title.arrow ?? -1
            while let last = open.last, last.arrow >= arrow { open.removeLast() }
            lines.append(
                PlanLine(
                    id: lines.count + 1,
                    parent: open.last?.id ?? 0,
                    number: title.number,
                    text: printed.text,
                    attributes: [],
                    startupCost: title.figures.startupCost,
                    totalCost: title.figures.totalCost,
                    rows: title.figures.rows,
                    width: title.figures.width
                )
            )
            open.append((arrow, lines.count))
        }
        return lines
    }

    /// The children of each node that segments name, by the node's number.
    package var childNumbers: [Int: [Int]] {
        var children: [Int: [Int]] = [:]
        func note(_ node: PhysicalNode) {
            for child in node.children {
                if child.number != node.number {
                    children[node.number, default: []].append(child.number)
                }
                note(child)
            }
        }
        for root in [tree] + subqueryTrees + storedTrees.flatMap(\.trees) { note(root) }
        return children
    }

    /// The numbers of the nodes that the leader works for above the slices' part of the tree: a
    /// limit, which passes the rows delivered.
    package var leaderLimit: Int? {
        if case .limit = tree.kind { tree.number } else { nil }
    }
}

extension String {
    /// Without blanks in front.
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
