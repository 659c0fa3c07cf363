import Plans

extension LogicalPlan {
    /// The expressions of this node alone, those of a join's test included.
    var ownExpressions: [Expression] {
        switch self {
        case .scan, .stored, .distinct, .limit, .unionAll, .subquery: []
        case .values(let rows, _): rows.flatMap(\.self)
        case .filter(_, let condition): [condition]
        case .project(_, let items): items.map(\.expression)
        case .join(let kind, _, _, let condition):
            [condition, kind.mark?.test].compactMap(\.self)
        case .aggregate(_, let groups, let aggregates):
            groups.map(\.expression)
                + aggregates.flatMap { call in
                    [call.argument].compactMap(\.self) + call.order.map(\.expression)
                }
        case .expand(_, let expansion): expansion.groups.map(\.expression)
        case .window(_, let definition, let calls):
            definition.partition + definition.order.map(\.expression)
                + calls.flatMap(\.arguments)
        case .sort(_, let items): items.map(\.expression)
        }
    }

    /// Whether an expression somewhere in the plan reads one of these columns.
    func reads(anyOf columns: Set<ColumnID>) -> Bool {
        ownExpressions.contains { !$0.columns.isDisjoint(with: columns) }
            || inputs.contains { $0.reads(anyOf: columns) }
    }

    /// Whether evaluating it twice may give different rows.
    var isVolatile: Bool {
        ownExpressions.contains(where: \.isVolatile) || inputs.contains(where: \.isVolatile)
    }
}
