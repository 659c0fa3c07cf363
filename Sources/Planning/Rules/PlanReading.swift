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

extension LogicalPlan {
    /// What it reads of stored plans.
    var storedReferences: [StoredReference] {
        if case .stored(let reference) = self { return [reference] }
        return inputs.flatMap(\.storedReferences)
    }

    /// The greatest column id that is put out anywhere in it.
    var greatestColumnID: ColumnID {
        let own =
            switch self {
            case .scan, .values, .project, .aggregate, .window, .unionAll, .subquery, .expand,
                .stored, .join(.mark, _, _, _):
                columns.map(\.id).max() ?? 0
            default: 0
            }
        return inputs.map(\.greatestColumnID).reduce(own, max)
    }

    /// The plan with each input replaced.
    func mappingInputs(_ transform: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
        switch self {
        case .scan, .values, .stored: self
        case .filter(let input, let condition): .filter(transform(input), condition)
        case .project(let input, let items): .project(transform(input), items)
        case .join(let kind, let left, let right, let condition):
            .join(kind, transform(left), transform(right), condition: condition)
        case .aggregate(let input, let groups, let aggregates):
            .aggregate(transform(input), groups: groups, aggregates: aggregates)
        case .window(let input, let definition, let calls):
            .window(transform(input), definition, calls)
        case .expand(let input, let expansion): .expand(transform(input), expansion)
        case .distinct(let input): .distinct(transform(input))
        case .sort(let input, let items): .sort(transform(input), items)
        case .limit(let input, let count, let offset):
            .limit(transform(input), count: count, offset: offset)
        case .unionAll(let arms, let columns): .unionAll(arms.map(transform), columns: columns)
        case .subquery(let input, let name, let columns):
            .subquery(transform(input), name: name, columns: columns)
        }
    }
}

extension LogicalPlan {
    /// The stored plans that a LIMIT takes some rows of, whichever they are.
    var limitedStoredReads: [(number: Int, rows: Int)] {
        if case .limit(let input, let count?, let offset) = self,
            let number = input.renamedStoredPlan
        {
            return [(number, count + offset)]
        }
        return inputs.flatMap(\.limitedStoredReads)
    }

    /// The stored plan that it puts out row by row; nil for anything else.
    private var renamedStoredPlan: Int? {
        switch self {
        case .stored(let reference): reference.number
        case .project(let input, _), .subquery(let input, _, _): input.renamedStoredPlan
        default: nil
        }
    }
}
