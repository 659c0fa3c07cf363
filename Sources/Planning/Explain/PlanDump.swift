import Catalogs
import Plans
import SQLTypes

/// Prints a physical tree as EXPLAIN VERBOSE dumps it: a brace block for each node, a field a line.
///
/// ```
/// {SEQSCAN
///    :startup_cost 0.00
///    :total_cost 87.98
///    :plan_rows 8798
///    :plan_width 17
///    :targetlist (showid name)
///    :qual <>
///    :lefttree <>
///    :righttree <>
///    :scanrelid shows
/// }
/// ```
///
/// - Source: PostgreSQL 8.0 `outfuncs.c` for the node names RESULT, APPEND, SEQSCAN, SUBQUERYSCAN,
///   NESTLOOP, MERGEJOIN, HASHJOIN, AGG, SORT, LIMIT and HASH, for the fields `startup_cost` to
///   `initPlan`, `jointype`, `joinqual`, `hashclauses`, `mergeclauses`, `aggstrategy`, `numCols`,
///   `numGroups`, `limitOffset` and `limitCount`, their order, and `<>` for an empty one. The
///   numbers of join types and strategies are its too; kinds it has not go by their names.
///   `scanrelid` is a table's name here, as there is no range table to count in.
///
/// Ours: expressions and lists stand as EXPLAIN spells them instead of as nodes; what PostgreSQL
/// 8.0 has no node for (FILTER, PROJECT, WINDOW, NETWORK, MERGE, EXPAND, CTESCAN, VALUES); `node`,
/// the number STL_PLAN_INFO's steps go by; and the fields that begin with `dist_info`.
struct PlanDump {
    private(set) var lines: [String] = []

    /// The dump of a statement's tree; what is computed once and scalar subqueries are its
    /// `initPlan`.
    static func lines(of planned: PlannedQuery) -> [String] {
        var dump = PlanDump()
        let first = planned.storedTrees.flatMap(\.trees) + planned.subqueryTrees
        dump.write(planned.tree, ColumnNames(of: planned.tree), indent: 0, initPlans: first)
        return dump.lines
    }

    private mutating func write(
        _ node: PhysicalNode,
        _ names: ColumnNames,
        indent: Int,
        initPlans: [PhysicalNode] = [],
        isHashed: Bool = false
    ) {
        if isHashed { return writeHash(node, names, indent: indent) }
        put("{" + name(of: node), indent)
        let below = indent + 3
        common(node, names, below)
        field("qual", qualification(of: node, names), below)
        var own = names
        if case .subqueryScan = node.kind { own = ColumnNames(of: node.children[0]) }
        let isJoin = if case .join = node.kind { true } else { false }
        let isMany = node.children.count > 2 || isAppend(node)
        child(isMany ? nil : node.children.first, "lefttree", own, below)
        let right = !isMany && node.children.count == 2 ? node.children[1] : nil
        child(right, "righttree", own, below, isHashed: isJoin && builds(node))
        if !initPlans.isEmpty { list("initPlan", initPlans, below) }
        if isMany { list("appendplans", node.children, below) }
        for (name, value) in details(of: node, names) { field(name, value, below) }
        put("}", indent)
    }

    private mutating func common(_ node: PhysicalNode, _ names: ColumnNames, _ indent: Int) {
        field("startup_cost", figure(node.startupCost), indent)
        field("total_cost", figure(node.totalCost), indent)
        field("plan_rows", whole(node.rows), indent)
        field("plan_width", whole(node.shownWidth), indent)
        let columns = node.columns.map { names.printer.text(.column($0.id, $0.type)) }
        field("targetlist", columns.isEmpty ? "" : "(\(columns.joined(separator: " ")))", indent)
    }

    /// The table that a hash join builds, of the rows of its inner side.
    private mutating func writeHash(_ node: PhysicalNode, _ names: ColumnNames, indent: Int) {
        put("{HASH", indent)
        var hash = node
        hash.startupCost = node.totalCost
        common(hash, names, indent + 3)
        field("qual", "", indent + 3)
        child(node, "lefttree", names, indent + 3)
        field("righttree", "", indent + 3)
        put("}", indent)
    }

    private mutating func child(
        _ node: PhysicalNode?,
        _ field: String,
        _ names: ColumnNames,
        _ indent: Int,
        isHashed: Bool = false
    ) {
        guard let node else { return self.field(field, "", indent) }
        put(":\(field)", indent)
        write(node, names, indent: indent + 3, isHashed: isHashed)
    }

    private mutating func list(_ field: String, _ nodes: [PhysicalNode], _ indent: Int) {
        put(":\(field) (", indent)
        for node in nodes { write(node, ColumnNames(of: node), indent: indent + 3) }
        put(")", indent)
    }

    private mutating func field(_ name: String, _ value: String, _ indent: Int) {
        put(":\(name) \(value.isEmpty ? "<>" : value)", indent)
    }

    private mutating func put(_ text: String, _ indent: Int) {
        lines.append(String(repeating: " ", count: indent) + text)
    }
}

// MARK: - Fields

extension PlanDump {
    private func isAppend(_ node: PhysicalNode) -> Bool {
        if case .append = node.kind { true } else { false }
    }

    private func builds(_ node: PhysicalNode) -> Bool {
        if case .join(let join) = node.kind { !join.keys.isEmpty && !join.isMerge } else { false }
    }

    private func name(of node: PhysicalNode) -> String {
        switch node.kind {
        case .scan: "SEQSCAN"
        case .values(let rows): rows.count == 1 ? "RESULT" : "VALUES"
        case .filter: "FILTER"
        case .project: "PROJECT"
        case .join(let join):
            join.keys.isEmpty ? "NESTLOOP" : join.isMerge ? "MERGEJOIN" : "HASHJOIN"
        case .aggregate: "AGG"
        case .expand: "EXPAND"
        case .window: "WINDOW"
        case .sort: "SORT"
        case .limit: "LIMIT"
        case .append: "APPEND"
        case .subqueryScan: "SUBQUERYSCAN"
        case .storedScan: "CTESCAN"
        case .network: "NETWORK"
        case .merge: "MERGE"
        }
    }

    private func qualification(of node: PhysicalNode, _ names: ColumnNames) -> String {
        switch node.kind {
        case .scan(let scan):
            Expression.conjunction(scan.conjuncts).map(names.printer.text) ?? ""
        case .filter(let condition): names.printer.text(condition)
        default: ""
        }
    }

    private func details(of node: PhysicalNode, _ names: ColumnNames) -> [(String, String)] {
        var fields: [(String, String)] = []
        switch node.kind {
        case .scan(let scan):
            fields.append(("scanrelid", quoted(scan.scan.table.name)))
            fields.append(("dist_info.style", style(of: scan.scan.table)))
        case .join(let join): fields += self.fields(of: join, node, names)
        case .aggregate(let aggregate):
            let groups = aggregate.groups.map { names.printer.text($0.expression) }
            let strategy = groups.isEmpty ? 0 : aggregate.isOrdered ? 1 : 2
            fields.append(("aggstrategy", "\(strategy)"))
            fields.append(("numCols", "\(groups.count)"))
            fields.append(("grpCols", groups.joined(separator: " ")))
            fields.append(("numGroups", whole(node.rows)))
            fields.append(("dist_info.phases", "\(aggregate.strategy)"))
            let keys = aggregate.exchangeKeys.filter(groups.indices.contains).map { groups[$0] }
            fields.append(("dist_info.keys", keys.joined(separator: " ")))
        case .sort(let keys, let limit):
            fields.append(("numCols", "\(keys.count)"))
            fields.append(("sortCols", text(keys, names)))
            if let limit { fields.append(("limitCount", "\(limit)")) }
        case .merge(let keys): fields.append(("sortCols", text(keys, names)))
        case .limit(let count, let offset):
            fields.append(("limitOffset", offset > 0 ? "\(offset)" : ""))
            fields.append(("limitCount", count.map(String.init) ?? ""))
        case .subqueryScan(let name): fields.append(("scanrelid", quoted(name)))
        case .storedScan(_, let name, _, _): fields.append(("scanrelid", quoted(name)))
        case .network(let motion): fields.append(("dist_info.motion", text(motion, names)))
        case .window(let window):
            let partition = window.definition.partition.map(names.printer.text)
            fields.append(("partCols", partition.joined(separator: " ")))
            fields.append(("ordCols", text(window.definition.order, names)))
        case .values, .filter, .project, .expand, .append: break
        }
        fields.append(("dist_info.placement", text(node.placement, node, names)))
        if node.number > 0 { fields.append(("node", "\(node.number)")) }
        return fields
    }

    private func style(of table: TableDefinition) -> String {
        if case .key(let column) = table.distribution {
            return "key (\(quoted(table.columns[column].name)))"
        }
        return "\(table.distribution)"
    }

    private func fields(
        of join: PhysicalJoin,
        _ node: PhysicalNode,
        _ names: ColumnNames
    ) -> [(String, String)] {
        let number: [JoinKind: Int] = [.inner: 0, .left: 1, .full: 2, .right: 3]
        let clauses = join.keys.map {
            "(\"outer\".\(names.bare($0.outer)) = \"inner\".\(names.bare($0.inner)))"
        }
        var fields = [("jointype", number[join.kind].map(String.init) ?? word(join.kind))]
        fields.append(("joinqual", join.residual.map(names.printer.text) ?? ""))
        if !clauses.isEmpty {
            let name = join.isMerge ? "mergeclauses" : "hashclauses"
            fields.append((name, "(\(clauses.joined(separator: " ")))"))
        }
        fields.append(("dist_info.label", join.label.rawValue))
        let outer = join.keys.map { names.bare($0.outer) }
        let inner = join.keys.map { names.bare($0.inner) }
        fields.append(("dist_info.outer", text(join.outerMotion, outer)))
        fields.append(("dist_info.inner", text(join.innerMotion, inner)))
        return fields
    }

    private func word(_ kind: JoinKind) -> String {
        if case .mark = kind { "mark" } else { "\(kind)" }
    }

    private func text(_ motion: RowMotion, _ keys: [String]) -> String {
        switch motion {
        case .none: "none"
        case .hash(let numbers): "hash (\(numbers.map { keys[$0] }.joined(separator: " ")))"
        case .toSliceZero: "slice 0"
        }
    }

    private func text(_ motion: NetworkMotion, _ names: ColumnNames) -> String {
        switch motion {
        case .sendToLeader: "leader"
        case .sendToSliceZero: "slice 0"
        case .distribute(let keys): "hash (\(keys.map(names.bare).joined(separator: " ")))"
        }
    }

    /// Where a node's rows lie; keys that it does not put out are `?`.
    private func text(
        _ placement: Placement,
        _ node: PhysicalNode,
        _ names: ColumnNames
    ) -> String {
        switch placement {
        case .hashed(let keys):
            let shown = keys.map { same in
                node.columns.first { same.contains($0.id) }.map { names.bare($0.id) } ?? "?"
            }
            return "hash (\(shown.joined(separator: " ")))"
        case .replicated: return "all"
        case .anywhere: return "any"
        case .single: return "slice 0"
        }
    }

    private func text(_ keys: [SortItem], _ names: ColumnNames) -> String {
        keys.map { names.printer.text($0.expression) + ($0.isAscending ? "" : " DESC") }
            .joined(separator: " ")
    }
}
