import Plans

/// The plan without columns that nothing above reads, down to the scans.
///
/// Nodes whose columns count by position put out exactly `columns` still, in that order.
func columnsPruned(_ plan: LogicalPlan) -> LogicalPlan {
    exactly(pruned(plan, Set(plan.columns.map(\.id))), plan.columns)
}

private func pruned(_ plan: LogicalPlan, _ required: Set<ColumnID>) -> LogicalPlan {
    switch plan {
    case .scan(let scan):
        var copy = scan
        let stored = scan.columnIndexes.indices.filter {
            required.contains(scan.output[$0].id)
        }
        copy.columnIndexes = stored.map { scan.columnIndexes[$0] }
        copy.output = stored.map { scan.output[$0] }
        if scan.emitsRowAddress { copy.output += scan.output.suffix(2) }
        return .scan(copy)
    case .values: return plan
    case .stored(var reference):
        let kept = reference.columns.indices.filter {
            required.contains(reference.columns[$0].id)
        }
        reference.indexes = kept.map { reference.indexes[$0] }
        reference.columns = kept.map { reference.columns[$0] }
        return .stored(reference)
    case .filter(let input, let condition):
        return .filter(pruned(input, required.union(condition.columns)), condition)
    case .project(let input, let items):
        let kept = items.filter { required.contains($0.column.id) }
        return .project(pruned(input, read(kept)), kept)
    case .join(let kind, let left, let right, let condition):
        if let mark = kind.mark, !required.contains(mark.column.id) {
            return pruned(left, required)
        }
        let all = required.union(condition?.columns ?? []).union(kind.mark?.test?.columns ?? [])
        return .join(kind, pruned(left, all), pruned(right, all), condition: condition)
    case .aggregate(let input, let groups, let aggregates):
        let calls = aggregates.filter { required.contains($0.column.id) }
        let wanted = calls.reduce(into: read(groups)) {
            $0.formUnion($1.columns)
        }
        return .aggregate(pruned(input, wanted), groups: groups, aggregates: calls)
    case .expand(let input, let expansion):
        return .expand(pruned(input, required.union(read(expansion.groups))), expansion)
    case .window(let input, let definition, let calls):
        let kept = calls.filter { required.contains($0.column.id) }
        guard !kept.isEmpty else { return pruned(input, required) }
        let wanted = kept.flatMap(\.arguments).reduce(
            into: required.union(definition.columns).subtracting(kept.map(\.column.id))
        ) {
            $0.formUnion($1.columns)
        }
        return .window(pruned(input, wanted), definition, kept)
    case .distinct(let input):
        return .distinct(exactly(pruned(input, Set(input.columns.map(\.id))), input.columns))
    case .sort(let input, let items):
        let keys = items.reduce(into: required) { $0.formUnion($1.expression.columns) }
        return .sort(pruned(input, keys), items)
    case .limit(let input, let count, let offset):
        return .limit(pruned(input, required), count: count, offset: offset)
    case .unionAll(let arms, let columns):
        let kept = columns.indices.filter { required.contains(columns[$0].id) }
        return .unionAll(
            arms.map { arm in positions(kept, of: arm) },
            columns: kept.map { columns[$0] }
        )
    case .subquery(let input, let name, let columns):
        let kept = columns.indices.filter { required.contains(columns[$0].id) }
        return .subquery(positions(kept, of: input), name: name, columns: kept.map { columns[$0] })
    }
}

private func positions(_ kept: [Int], of plan: LogicalPlan) -> LogicalPlan {
    let columns = plan.columns
    let wanted = kept.map { columns[$0] }
    return exactly(pruned(plan, Set(wanted.map(\.id))), wanted)
}

private func read(_ items: [NamedExpression]) -> Set<ColumnID> {
    items.reduce(into: []) { $0.formUnion($1.expression.columns) }
}

/// The plan with exactly these columns in this order.
private func exactly(_ plan: LogicalPlan, _ columns: [PlanColumn]) -> LogicalPlan {
    let own = plan.columns
    if own.count == columns.count, zip(own, columns).allSatisfy({ $0.0.id == $0.1.id }) {
        return plan
    }
    return .project(
        plan,
        columns.map { NamedExpression(column: $0, expression: .column($0.id, $0.type)) }
    )
}
