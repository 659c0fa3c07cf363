import Catalogs
import Plans
import SQLTypes

/// What stands at the top of a statement: delivery to the client, or a change of a table.
extension SegmentCutter {
    /// The executable plan of a whole tree.
    mutating func cutStatement(
        _ tree: PhysicalNode,
        target: BoundQuery.Target,
        output: [ResultColumn]
    ) throws(SQLError) -> ExecutablePlan {
        switch target {
        case .result: try cutResult(tree, output)
        case .insert(let table): try cutInsert(tree, table)
        case .delete(let table):
            plan.tables[table.id] = table
            for pipeline in try cutExactly(tree, tree.columns.map(\.id)) {
                close(pipeline, .delete(table.id))
            }
        case .update(let table), .merge(let table, .updated):
            try cutUpdate(tree, table) { .replace(table.id, exchange: $0) }
        case .merge(let table, _):
            try cutUpdate(tree, table) { .deleteOrSend(table.id, exchange: $0) }
        }
        assemble()
        return plan
    }

    /// The executable plan of a tree whose rows stay on the slices.
    mutating func cutKept(_ tree: PhysicalNode) throws(SQLError) -> ExecutablePlan {
        for pipeline in try cutExactly(tree, tree.columns.map(\.id)) { close(pipeline, .keep) }
        assemble()
        guard plan.providedTables.isEmpty else {
            throw SQLError.unsupported("a recursive query over system tables")
        }
        return plan
    }

    private mutating func cutExactly(
        _ node: PhysicalNode,
        _ ids: [ColumnID]
    ) throws(SQLError) -> [Pipeline] {
        var pipelines = try cut(node, Set(ids))
        for index in pipelines.indices { try pipelines[index].arrange(ids) }
        return pipelines
    }

    private mutating func cutResult(
        _ tree: PhysicalNode,
        _ output: [ResultColumn]
    ) throws(SQLError) {
        var node = tree
        var ids = tree.columns.prefix(output.count).map(\.id)
        plan.output = output
        if case .limit(let count, let offset) = node.kind {
            plan.limit = count
            plan.offset = offset
            node = node.children[0]
        }
        if case .merge(let keys) = node.kind {
            let hidden = node.columns.dropFirst(output.count)
            ids += hidden.map(\.id)
            plan.output += hidden.map { ResultColumn(name: $0.name, type: $0.type) }
            plan.hiddenColumnCount = hidden.count
            let positions = keys.compactMap { key in
                key.expression.columnID.flatMap { ids.firstIndex(of: $0) }.map {
                    SortKeyPosition(
                        column: $0,
                        isAscending: key.isAscending,
                        nullsFirst: key.nullsFirst
                    )
                }
            }
            guard positions.count == keys.count else {
                throw SQLError.invariant("an ordering key does not reach the leader")
            }
            plan.delivery = .merge(positions)
            node = node.children[0].children[0]
        }
        var pipelines = try cut(node, Set(ids))
        for index in pipelines.indices {
            if case .unordered = plan.delivery, let count = plan.limit {
                pipelines[index].steps.append(.limit(count + plan.offset))
            }
            try pipelines[index].arrange(ids)
            close(pipelines[index], .result)
        }
    }

    private mutating func cutInsert(
        _ tree: PhysicalNode,
        _ table: TableDefinition
    ) throws(SQLError) {
        let ids = tree.columns.map(\.id)
        var pipelines = try cutExactly(tree, ids)
        // Behind the scans: a table that is stored anew is written by its new definition.
        plan.tables[table.id] = table
        if !isPlaced(tree, ids, table) {
            pipelines = try exchange(pipelines, ids, routing: routing(to: table))
        }
        for pipeline in pipelines { close(pipeline, .insert(table.id)) }
    }

    /// Whether rows already lie where the table wants them.
    private func isPlaced(
        _ tree: PhysicalNode,
        _ ids: [ColumnID],
        _ table: TableDefinition
    ) -> Bool {
        switch (table.distribution, tree.placement) {
        case (.all, .single): true
        case (.key(let column), .hashed(let keys)):
            keys.count == 1 && keys[0].contains(ids[column])
        default: false
        }
    }

    private func routing(to table: TableDefinition) -> Exchange.Routing {
        switch table.distribution {
        case .even: .roundRobin(into: table.id)
        case .key(let column): .hash(columns: [column])
        case .all: .slice(0)
        }
    }

    /// Rows with their addresses go to a sink that notes those for deletion and sends new rows to
    /// an exchange; behind it they are stored.
    private mutating func cutUpdate(
        _ tree: PhysicalNode,
        _ table: TableDefinition,
        sink: (_ exchange: Int) -> SegmentSink
    ) throws(SQLError) {
        plan.tables[table.id] = table
        let ids = tree.columns.map(\.id)
        var exchanges: [Int: Int] = [:]
        for pipeline in try cutExactly(tree, ids) {
            let stream = resolved(pipeline.stream)
            if let known = exchanges[stream] {
                close(pipeline, sink(known))
                continue
            }
            let types = Array(pipeline.types.dropLast(2))
            plan.exchanges.append(Exchange(routing: routing(to: table), types: types))
            let number = plan.exchanges.count - 1
            exchanges[stream] = number
            close(pipeline, sink(number))
            var receiver = pipeline.continued(from: .exchange(number))
            receiver.types = types
            receiver.slices = table.distribution == .all ? .one(0) : .all
            close(receiver, .insert(table.id))
        }
    }
}
