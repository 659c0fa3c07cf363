import Functions
import Plans
import SQLTypes

/// Groups intervals by their length, as they are compared: a month is as long as 30 days.
///
/// ```
/// GROUP BY i   →   GROUP BY length(i)  with  min(i), which has the fewest months
/// DISTINCT     →   such a grouping by all columns
/// ```
/// Partitions, their order and COUNT(DISTINCT i) take the length too. Set operations are groupings
/// already; joins compare lengths since they were bound.
///
/// - Source: PostgreSQL's `interval_cmp` and `interval_hash`; there the group shows whichever of
///   its intervals came first.
struct IntervalGroups {
    /// The next column number that is free.
    private(set) var nextColumn: ColumnID

    init(firstFreeColumnID: ColumnID) { nextColumn = firstFreeColumnID }

    /// The plan with groups by length; the same columns in the same order.
    mutating func grouped(_ plan: LogicalPlan) -> LogicalPlan {
        var inputs = plan.inputs.map { grouped($0) }[...]
        let inner = plan.mappingInputs { inputs.popFirst() ?? $0 }
        switch inner {
        case .aggregate(let input, let groups, let calls):
            return aggregate(input, groups, calls)
        case .distinct(let input):
            guard input.columns.contains(where: { $0.type == .interval }) else { return inner }
            return distinct(input)
        case .window(let input, let definition, let calls):
            var lengths = definition
            lengths.partition = definition.partition.map(length)
            for index in lengths.order.indices {
                lengths.order[index].expression = length(lengths.order[index].expression)
            }
            return .window(input, lengths, calls)
        default: return inner
        }
    }

    private mutating func aggregate(
        _ input: LogicalPlan,
        _ groups: [NamedExpression],
        _ calls: [AggregateCall]
    ) -> LogicalPlan {
        let counts = calls.map { call in
            call.isDistinct && call.function.isCount ? call.mapExpressions(length) : call
        }
        var keys = groups
        var shown: [AggregateCall] = []
        for index in groups.indices where groups[index].column.type == .interval {
            let expression = length(groups[index].expression)
            keys[index] = NamedExpression(
                column: makeColumn(like: groups[index].column, expression.type),
                expression: expression
            )
            shown.append(
                AggregateCall(
                    column: groups[index].column,
                    function: .minimum,
                    argument: groups[index].expression
                )
            )
        }
        let plan = LogicalPlan.aggregate(input, groups: keys, aggregates: shown + counts)
        return shown.isEmpty
            ? plan : .project(plan, (groups.map(\.column) + calls.map(\.column)).map(copy))
    }

    private mutating func distinct(_ input: LogicalPlan) -> LogicalPlan {
        let columns = input.columns
        let groups = columns.map { column in
            NamedExpression(
                column: makeColumn(like: column, column.type),
                expression: .column(column.id, column.type)
            )
        }
        let rows = aggregate(input, groups, [])
        return .project(
            rows,
            zip(columns, groups).map { column, group in
                NamedExpression(column: column, expression: .column(group.column.id, column.type))
            }
        )
    }

    private func copy(_ column: PlanColumn) -> NamedExpression {
        NamedExpression(column: column, expression: .column(column.id, column.type))
    }

    private mutating func makeColumn(like column: PlanColumn, _ type: DataType) -> PlanColumn {
        defer { nextColumn += 1 }
        return PlanColumn(
            id: nextColumn,
            name: column.name,
            type: type,
            qualifier: column.qualifier,
            origin: type == column.type ? column.origin : nil
        )
    }
}

/// An interval's length; any other value as it is.
private func length(_ expression: Expression) -> Expression {
    guard expression.type == .interval,
        case .found(let function, _, let type) = ScalarFunctions.resolve(
            name: "interval length",
            argumentTypes: [.interval]
        )
    else { return expression }
    return .call(function, [expression], type)
}
