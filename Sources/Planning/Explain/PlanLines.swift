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

extension PlannedQuery {
    /// The nodes of the statement's trees, in the order in which EXPLAIN prints them.
    package var planLines: [PlanLine] {
        let printed = PlanPrinter.printed(tree, subqueries: subqueryTrees, stored: storedTrees)
        var lines: [PlanLine] = []
        var open: [(column: Int, id: Int)] = []
        for (index, text) in printed.lines.enumerated() {
            guard let number = printed.nodes[index] else {
                if !lines.isEmpty {
                    lines[lines.count - 1].attributes.append(text.trimmed)
                }
                continue
            }
            let column = text.utf8.prefix { $0 == UInt8(ascii: " ") }.count
            // The root has no arrow, so that nodes below it may begin in its column plus two.
            let place = lines.isEmpty ? -1 : column
            while let last = open.last, last.column >= place { open.removeLast() }
            let figures = PlanFigures(of: text)
            lines.append(
                PlanLine(
                    id: lines.count + 1,
                    parent: open.last?.id ?? 0,
                    number: number,
                    text: text,
                    attributes: [],
                    startupCost: figures.startup,
                    totalCost: figures.total,
                    rows: figures.rows,
                    width: figures.width
                )
            )
            open.append((place, lines.count))
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

/// The figures in a title: `(cost=0.00..87.98 rows=8798 width=17)`.
private struct PlanFigures {
    var startup = 0.0
    var total = 0.0
    var rows = 0.0
    var width = 0.0

    init(of title: String) {
        guard let open = title.lastIndex(of: "(") else { return }
        for word in title[open...].dropFirst().dropLast().split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "cost":
                let costs = parts[1].split(separator: ".", omittingEmptySubsequences: true)
                // Two costs of two decimals each: `0.00..87.98` has four runs of digits.
                guard costs.count == 4 else { continue }
                startup = Double("\(costs[0]).\(costs[1])") ?? 0
                total = Double("\(costs[2]).\(costs[3])") ?? 0
            case "rows": rows = Double(parts[1]) ?? 0
            case "width": width = Double(parts[1]) ?? 0
            default: break
            }
        }
    }
}

extension String {
    /// Without blanks in front.
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
