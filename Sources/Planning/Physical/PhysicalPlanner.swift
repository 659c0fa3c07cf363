import Plans
import SQLTypes

/// Turns a logical plan into a physical one, from the leaves up.
struct PhysicalPlanner {
    let context: PlanningContext

    /// The plan of what reaches the client: sorted on the slices and merged by the leader.
    ///
    /// Projections above the ordering are made below it; ordering keys that the client does not
    /// see become hidden columns behind the others.
    func planResult(_ logical: LogicalPlan) throws(SQLError) -> PhysicalNode {
        var plan = logical
        var limit: (count: Int?, offset: Int)?
        var items: [NamedExpression]?
        let visible = logical.columns
        while true {
            if case .limit(let input, let count, let offset) = plan, limit == nil {
                limit = (count, offset)
                plan = input
            } else if case .project(let input, let projected) = plan, items == nil,
                input.isSortOrLimit
            {
                if case .limit = input, limit != nil { break }
                items = projected
                plan = input
            } else {
                break
            }
        }
        guard case .sort(let input, let keys) = plan else {
            let node = try self.plan(
                items.map { .project(plan, $0) } ?? plan
            )
            return limit.map { makeLimit(node, $0.count, $0.offset) } ?? node
        }
        let (below, sortKeys) = keyColumns(keys, of: input, items: items, visible: visible)
        let wanted = limit.flatMap { limit in limit.count.map { $0 + limit.offset } }
        let sorted = makeSort(try self.plan(below), sortKeys, limit: wanted)
        var top = wrapped(sorted, .network(.sendToLeader), placement: sorted.placement)
        top = wrapped(top, .merge(sortKeys), placement: sorted.placement)
        return limit.map { makeLimit(top, $0.count, $0.offset) } ?? top
    }

    /// The input of a result's sort with all its keys as columns.
    private func keyColumns(
        _ keys: [SortItem],
        of input: LogicalPlan,
        items: [NamedExpression]?,
        visible: [PlanColumn]
    ) -> (LogicalPlan, [SortItem]) {
        var projected =
            items
            ?? input.columns.map {
                NamedExpression(column: $0, expression: .column($0.id, $0.type))
            }
        var sortKeys: [SortItem] = []
        for key in keys {
            var column = projected.first { $0.expression == key.expression }?.column
            if column == nil, items == nil, let id = key.expression.columnID {
                column = input.columns.first { $0.id == id }
            }
            if column == nil {
                let made = context.makeColumn("?column?", key.expression.type)
                projected.append(NamedExpression(column: made, expression: key.expression))
                column = made
            }
            guard let column else { continue }
            sortKeys.append(
                SortItem(
                    expression: .column(column.id, column.type),
                    isAscending: key.isAscending,
                    nullsFirst: key.nullsFirst
                )
            )
        }
        if items == nil, projected.count == input.columns.count { return (input, sortKeys) }
        return (.project(input, projected), sortKeys)
    }

    /// The plan of any relational expression.
    func plan(_ logical: LogicalPlan) throws(SQLError) -> PhysicalNode {
        try Interruption.check()
        switch logical {
        case .scan(let scan): return try makeScan(scan, [])
        case .filter(.scan(let scan), let condition): return try makeScan(scan, condition.conjuncts)
        case .filter(let input, let condition):
            if input.isJoinGroup {
                return try planGroup(logical, required: Set(logical.columns.map(\.id)))
            }
            return try makeFilter(try plan(input), condition.conjuncts)
        case .values(let rows, let columns): return makeValues(rows, columns)
        case .project(let input, let items):
            let required = items.reduce(into: Set<ColumnID>()) {
                $0.formUnion($1.expression.columns)
            }
            return makeProject(try planInput(input, required), items)
        case .join(let kind, let left, let right, let condition):
            if logical.isJoinGroup {
                return try planGroup(logical, required: Set(logical.columns.map(\.id)))
            }
            if let mark = kind.mark {
                return try planMarkJoin(mark, left, right, condition?.conjuncts ?? [])
            }
            return try planOuterJoin(kind, left, right, condition?.conjuncts ?? [])
        case .aggregate(let input, let groups, let aggregates):
            var required = groups.reduce(into: Set<ColumnID>()) {
                $0.formUnion($1.expression.columns)
            }
            for call in aggregates { required.formUnion(call.columns) }
            return try makeGrouping(try planInput(input, required), groups, aggregates)
        case .expand(let input, let expansion):
            let all = Set(input.columns.map(\.id))
            return makeExpansion(try planInput(input, all), expansion)
        case .window:
            return try makeWindows(logical, required: Set(logical.columns.map(\.id)))
        case .distinct(let input):
            let node = try plan(input)
            let groups = node.columns.map {
                NamedExpression(column: $0, expression: .column($0.id, $0.type))
            }
            return try makeAggregate(node, groups, [], isDistinct: true)
        case .sort(let input, let items):
            return makeSort(gathered(try plan(input)), items, limit: nil)
        case .limit(.sort(let input, let items), let count, let offset):
            let node = try plan(input)
            let wanted = count.map { $0 + offset }
            // Each slice's first rows are enough for the first rows of all.
            let kept = node.placement == .single ? node : makeSort(node, items, limit: wanted)
            return makeLimit(makeSort(gathered(kept), items, limit: wanted), count, offset)
        case .limit(let input, let count, let offset):
            let node = try plan(input)
            if node.placement == .single { return makeLimit(node, count, offset) }
            let kept = makeLimit(node, count.map { $0 + offset }, 0)
            return makeLimit(gathered(kept), count, offset)
        case .unionAll(let arms, let columns):
            var children: [PhysicalNode] = []
            for arm in arms { children.append(try plan(arm)) }
            return makeAppend(children, columns)
        case .stored(let reference): return try makeStoredScan(reference)
        case .subquery(let input, let name, let columns):
            return makeSubqueryScan(try plan(input), name, columns)
        }
    }

    /// The plan of an input of which only some columns are read.
    func planInput(
        _ input: LogicalPlan,
        _ required: Set<ColumnID>
    ) throws(SQLError) -> PhysicalNode {
        if input.isJoinGroup { return try planGroup(input, required: required) }
        if case .window = input {
            return trimmed(try makeWindows(input, required: required), to: required)
        }
        return trimmed(try plan(input), to: required)
    }

}

extension LogicalPlan {
    /// Whether it is a sort or a limit of one.
    fileprivate var isSortOrLimit: Bool {
        switch self {
        case .sort, .limit: true
        default: false
        }
    }

    /// Whether inner, semi or anti joins stand at its top, so that their order is to be chosen.
    var isJoinGroup: Bool {
        switch self {
        case .filter(let input, _): input.isJoinGroup
        case .join(let kind, _, _, _):
            kind == .inner || kind == .semi || kind == .anti || kind == .antiNullAware
        default: false
        }
    }
}
