import Plans
import SQLTypes

/// Windows become the source of the segment behind their sort.
extension SegmentCutter {
    /// The open pipeline behind a window node.
    ///
    /// Where the node stands on another window, their rows have the same order: it becomes one
    /// more stage of the same source.
    mutating func cutWindow(
        _ window: PhysicalWindow,
        _ node: PhysicalNode,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> Pipeline {
        let child = node.children[0]
        var wanted = required.subtracting(window.calls.map(\.column.id))
        wanted.formUnion(window.definition.columns)
        for argument in window.calls.flatMap(\.arguments) { wanted.formUnion(argument.columns) }
        var pipeline = try cutOrdered(child, wanted, onSliceZero)
        let stage = try makeStage(window, pipeline)
        switch pipeline.source {
        case .window(let number) where pipeline.steps.isEmpty:
            plan.windows[number].stages.append(stage)
        case .sort(let sort) where pipeline.steps.isEmpty:
            plan.windows.append(WindowSpecification(sort: sort, stages: [stage]))
            pipeline.source = .window(plan.windows.count - 1)
        default: throw SQLError.invariant("a window does not stand on sorted rows")
        }
        for call in window.calls {
            pipeline.positions[call.column.id] = pipeline.types.count
            pipeline.types.append(call.column.type)
        }
        return pipeline
    }

    /// The rows of a window's input, of one pipeline on each slice.
    private mutating func cutOrdered(
        _ child: PhysicalNode,
        _ wanted: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> Pipeline {
        let above = node
        defer { node = above }
        switch child.kind {
        case .sort(let keys, let limit):
            node = child.number
            return try cutSort(child, keys, limit, wanted, onSliceZero)
        case .window(let below):
            node = child.number
            return try cutWindow(below, child, wanted, onSliceZero)
        default:
            // Without keys any order will do, but several pipelines must become one.
            let input = try cut(child, wanted, onSliceZero: onSliceZero)
            return try materialised(input, ordered(wanted, of: child), [], [], nil)
        }
    }

    private func makeStage(
        _ window: PhysicalWindow,
        _ pipeline: Pipeline
    ) throws(SQLError) -> WindowSpecification.Stage {
        var calls: [WindowSpecification.Call] = []
        for call in window.calls {
            var arguments: [WindowSpecification.Argument] = []
            for argument in call.arguments {
                if case .constant(let value, let type) = argument {
                    arguments.append(.constant(value.inPhysicalForm(of: type), type))
                } else {
                    let ids = argument.columnID.map { [$0] } ?? []
                    arguments += try pipeline.places(of: ids).map { .column($0) }
                }
            }
            calls.append(
                WindowSpecification.Call(
                    function: call.function,
                    arguments: arguments,
                    argumentTypes: call.arguments.map(\.type),
                    resultType: call.column.type,
                    ignoresNulls: call.ignoresNulls,
                    frame: call.frame,
                    isDistinct: call.isDistinct,
                    option: call.option
                )
            )
        }
        let order = window.definition.order.compactMap(\.expression.columnID)
        return WindowSpecification.Stage(
            partition: try pipeline.places(of: window.definition.partition.compactMap(\.columnID)),
            order: try pipeline.places(of: order),
            calls: calls
        )
    }
}
