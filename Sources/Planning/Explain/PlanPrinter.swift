import Catalogs
import Functions
import Plans
import SQLTypes

/// Prints a physical tree as Redshift's EXPLAIN does.
///
/// ```
/// XN HashAggregate  (cost=131.97..133.41 rows=576 width=17)
///   ->  XN Seq Scan on shows  (cost=0.00..87.98 rows=8798 width=17)
/// ```
///
/// Projections are not printed; filters show as an attribute of what they filter; a Hash node
/// stands above each build side.
struct PlanPrinter {
    private var lines: [PrintedLine] = []
    /// Printed below the root, then none.
    private var stored: [StoredTree] = []
    private var names: ColumnNames
    private let prefix: String

    /// The lines of a statement's tree; what is computed once and scalar subqueries, as InitPlans,
    /// stand below the root.
    static func printed(
        _ tree: PhysicalNode,
        subqueries: [PhysicalNode],
        stored: [StoredTree] = []
    ) -> [PrintedLine] {
        var printer = PlanPrinter(
            names: ColumnNames(of: tree),
            prefix: readsOnlySystemTables(tree) ? "LD" : "XN"
        )
        printer.stored = stored
        printer.write(tree, arrow: nil, subqueries: subqueries)
        return printer.lines
    }

    private init(names: ColumnNames, prefix: String) {
        self.names = names
        self.prefix = prefix
    }

    private static func readsOnlySystemTables(_ tree: PhysicalNode) -> Bool {
        let scans = tree.scans
        return !scans.isEmpty && scans.allSatisfy(\.isSystemTable)
    }

    /// Prints a node whose arrow stands in a column; nil for the root.
    mutating func write(
        _ node: PhysicalNode,
        arrow: Int?,
        filter: [Expression] = [],
        rows: Double? = nil,
        subqueries: [PhysicalNode] = []
    ) {
        switch node.kind {
        case .filter(let condition):
            var all = condition.conjuncts + filter
            if case .aggregate(let aggregate) = node.children[0].kind {
                let arms = aggregate.armColumns
                all.removeAll { !$0.columns.isDisjoint(with: arms) }
            }
            return write(
                node.children[0],
                arrow: arrow,
                filter: all,
                rows: rows ?? node.rows,
                subqueries: subqueries
            )
        case .project:
            return write(
                node.children[0],
                arrow: arrow,
                filter: filter.map { $0.substituted(values(of: node)) },
                rows: rows,
                subqueries: subqueries
            )
        default: break
        }
        let below = (arrow ?? -4) + 6
        var shown = node
        if let rows { shown.rows = rows }
        header(title(of: node), shown, arrow: arrow)
        for attribute in attributes(of: node, filter: filter) { line(attribute, at: below) }
        for plan in stored {
            line("CTE \(quoted(plan.name))", at: below)
            stored = []
            for tree in plan.trees { writeScope(tree, arrow: below + 2) }
        }
        for subquery in subqueries {
            line("InitPlan", at: below)
            writeScope(subquery, arrow: below + 2)
        }
        printChildren(of: node, arrow: below)
    }

    /// Prints a query inside the query, whose tables are counted apart: a column's table is named
    /// where its own query has several.
    mutating func writeScope(_ node: PhysicalNode, arrow: Int) {
        let outer = names
        names = ColumnNames(of: node)
        write(node, arrow: arrow)
        names = outer
    }

    private mutating func printChildren(of node: PhysicalNode, arrow: Int) {
        switch node.kind {
        case .join(let join) where !join.keys.isEmpty && !join.isMerge:
            write(node.children[0], arrow: arrow)
            var hash = node.children[1]
            hash.startupCost = hash.totalCost
            header("Hash", hash, arrow: arrow)
            write(node.children[1], arrow: arrow + 6)
        case .append:
            for index in node.children.indices { writeArm(index, of: node, arrow: arrow) }
        case .aggregate(let aggregate) where aggregate.setOperation == .intersect:
            writeIntersection(node, aggregate, arrow: arrow)
        case .aggregate(let aggregate) where aggregate.sortsArms(node):
            var sort = node.children[0]
            (sort.startupCost, sort.totalCost) = CostModel.sorted(sort)
            header("Sort", sort, arrow: arrow)
            let keys = aggregate.groups.map { quoted($0.column.name) }
            line("Sort Key: \(keys.joined(separator: ", "))", at: arrow + 6)
            write(node.children[0], arrow: arrow + 6)
        case .aggregate(let aggregate) where aggregate.collectsRows:
            var sort = node.children[0]
            (sort.startupCost, sort.totalCost) = CostModel.sorted(sort)
            header("Sort", sort, arrow: arrow)
            line("Sort Key: \(sortKeyText(of: aggregate))", at: arrow + 6)
            write(node.children[0], arrow: arrow + 6)
        case .subqueryScan: writeScope(node.children[0], arrow: arrow)
        default:
            for child in node.children { write(child, arrow: arrow) }
        }
    }

    /// What the rows of a grouping that collects them are sorted by.
    private func sortKeyText(of aggregate: PhysicalAggregate) -> String {
        let order = aggregate.calls.first { !$0.order.isEmpty }?.order ?? []
        let keys = aggregate.groups.map(\.expression) + order.map(\.expression)
        return keys.map { names.printer.text($0) }.joined(separator: ", ")
    }

    mutating func header(_ title: String, _ node: PhysicalNode, arrow: Int?) {
        let figures = PlanFigures(of: node)
        let lead = arrow.map { String(repeating: " ", count: $0) + "->  " } ?? ""
        lines.append(
            PrintedLine(
                text: "\(lead)\(prefix) \(title)  \(figures.text)",
                title: PrintedTitle(number: node.number, arrow: arrow, figures: figures)
            )
        )
    }

    mutating func line(_ text: String, at column: Int) {
        lines.append(
            PrintedLine(text: String(repeating: " ", count: column) + text, title: nil)
        )
    }

    private func title(of node: PhysicalNode) -> String {
        switch node.kind {
        case .scan(let scan):
            let table = quoted(scan.scan.table.name)
            let alias = scan.scan.alias
            return "Seq Scan on \(table)"
                + (alias == scan.scan.table.name ? "" : " \(quoted(alias))")
        case .values(let rows):
            return rows.count == 1 ? "Result" : "Values Scan on \"*VALUES*\""
        case .join(let join): return "\(name(of: join)) \(join.label.rawValue)"
        case .aggregate(let aggregate):
            if aggregate.isDistinct { return "Unique" }
            switch aggregate.setOperation {
            case .except: return "SetOp Except"
            case .intersect: return "Hash Intersect Distinct DS_DIST_NONE"
            case nil: break
            }
            if aggregate.groups.isEmpty { return "Aggregate" }
            return aggregate.collectsRows || aggregate.isOrdered
                ? "GroupAggregate" : "HashAggregate"
        case .expand: return "Expand"
        case .window: return "Window"
        case .sort: return "Sort"
        case .limit: return "Limit"
        case .append: return "Append"
        case .subqueryScan(let name): return "Subquery Scan \(quoted(name))"
        case .storedScan(_, let name, let alias, _):
            return "CTE Scan on \(quoted(name))" + (alias == name ? "" : " \(quoted(alias))")
        case .network: return "Network"
        case .merge: return "Merge"
        case .filter, .project: return "Result"
        }
    }

    private func name(of join: PhysicalJoin) -> String {
        let method = join.keys.isEmpty ? "Nested Loop" : join.isMerge ? "Merge" : "Hash"
        switch join.kind {
        case .inner: return join.keys.isEmpty ? method : "\(method) Join"
        case .left: return "\(method) Left Join"
        case .right: return "\(method) Right Join"
        case .full: return "\(method) Full Join"
        case .semi: return "\(method) IN Join"
        case .anti: return "\(method) NOT EXISTS Join"
        case .antiNullAware: return "\(method) NOT IN Join"
        case .rightSemi: return "\(method) Right IN Join"
        case .rightAnti: return "\(method) Right NOT EXISTS Join"
        case .mark: return "\(method) Mark Join"
        }
    }

    private func attributes(of node: PhysicalNode, filter: [Expression]) -> [String] {
        var result: [String] = []
        var filters = filter
        switch node.kind {
        case .scan(let scan): filters = scan.conjuncts + filters
        case .join(let join):
            let keys = join.keys.map {
                "(\"outer\".\(names.bare($0.outer)) = \"inner\".\(names.bare($0.inner)))"
            }
            let method = join.isMerge ? "Merge" : "Hash"
            if keys.count == 1 { result.append("\(method) Cond: \(keys[0])") }
            if keys.count > 1 { result.append("Hash Cond: (\(keys.joined(separator: " AND ")))") }
            if let residual = join.residual {
                let outer = Set(node.children[0].columns.map(\.id))
                let printer = ExpressionPrinter { id in
                    (outer.contains(id) ? "\"outer\"." : "\"inner\".") + names.bare(id)
                }
                result.append("Join Filter: \(printer.text(residual))")
            }
        case .expand(let expansion):
            let sets = expansion.sets.map { set in
                let held = zip(expansion.groups, set).filter(\.1)
                let texts = held.map { names.printer.text($0.0.expression) }
                return "(\(texts.joined(separator: ", ")))"
            }
            result.append("Grouping Sets: \(sets.joined(separator: ", "))")
        case .window(let window):
            let partition = window.definition.partition.map(names.printer.text)
            if !partition.isEmpty {
                result.append("Partition: \(partition.joined(separator: ", "))")
            }
            let order = window.definition.order
            if !order.isEmpty { result.append("Order: \(keyText(order))") }
        case .sort(let keys, _): result.append("Sort Key: \(keyText(keys))")
        case .merge(let keys): result.append("Merge Key: \(keyText(keys))")
        case .aggregate(let aggregate) where aggregate.setOperation == .intersect:
            result += intersectionConditions(aggregate)
        case .network(.sendToLeader): result.append("Send to leader")
        case .network(.sendToSliceZero): result.append("Send to slice 0")
        case .network(.distribute): result.append("Distribute")
        default: break
        }
        if let condition = Expression.conjunction(filters) {
            result.append("Filter: \(names.printer.text(condition))")
        }
        return result
    }

    private func keyText(_ keys: [SortItem]) -> String {
        keys.map { names.printer.text($0.expression) }.joined(separator: ", ")
    }

    private func values(of node: PhysicalNode) -> [ColumnID: Expression] {
        guard case .project(let items) = node.kind else { return [:] }
        return Dictionary(
            items.map { ($0.column.id, $0.expression) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension PhysicalNode {
    /// All table accesses below.
    var scans: [PhysicalScan] {
        if case .scan(let scan) = kind { return [scan] }
        return children.flatMap(\.scans)
    }
}
