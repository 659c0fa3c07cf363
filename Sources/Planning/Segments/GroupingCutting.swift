import Functions
import Plans
import SQLTypes

/// Groupings: the phases of an aggregate and the exchanges between them.
///
/// ```
/// inPlace             complete
/// exchangeRows        rows by group → complete
/// exchangeStates      partial → states by group → final
/// exchangeArguments   partial → states, and DISTINCT arguments by group and argument → merging
///                     → states by group → final
/// ```
extension SegmentCutter {
    mutating func cutAggregate(
        _ aggregate: PhysicalAggregate,
        _ node: PhysicalNode,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        let inputs = groupingInputs(aggregate)
        let wanted = inputs.items.reduce(into: Set<ColumnID>()) {
            $0.formUnion($1.expression.columns)
        }
        var input = try cut(node.children[0], wanted, onSliceZero: onSliceZero)
        for index in input.indices { try input[index].project(inputs.items) }
        let ids = inputs.items.map(\.column.id)
        var grouping = GroupingCut(
            aggregate: aggregate,
            arguments: inputs.arguments,
            keys: inputs.keys,
            phase: .complete,
            estimate: node.rows
        )
        switch aggregate.strategy {
        case .inPlace: return [try cut(grouping, of: input, ids)]
        case .exchangeRows:
            let keys = aggregate.exchangeKeys.map { ids[$0] }
            let received =
                aggregate.groups.isEmpty
                ? try exchange(input, ids, toSlice: 0) : try exchange(input, ids, hashing: keys)
            return [try cut(grouping, of: received, ids)]
        case .exchangeStates, .exchangeArguments:
            grouping.phase = .partial
            var states = try cut(grouping, of: input, ids)
            if aggregate.strategy == .exchangeArguments {
                let groups = Array(aggregate.groups.indices)
                let arguments = states.types.indices.suffix(grouping.distinctArguments.count)
                let received = try exchange(
                    [states],
                    Array(states.types.indices),
                    hashing: groups + arguments
                )
                grouping.phase = .merging
                states = try cut(grouping, of: received, Array(states.types.indices))
            }
            let received =
                aggregate.groups.isEmpty
                ? try exchange([states], Array(states.types.indices), toSlice: 0)
                : try exchange(
                    [states],
                    Array(states.types.indices),
                    hashing: aggregate.exchangeKeys
                )
            grouping.phase = .final
            return [try cut(grouping, of: received, Array(states.types.indices))]
        }
    }

    /// Group columns, arguments and ordering keys as columns, each expression once after the
    /// groups.
    private func groupingInputs(
        _ aggregate: PhysicalAggregate
    ) -> (items: [NamedExpression], arguments: [ColumnID?], keys: [[ColumnID]]) {
        var items = aggregate.groups
        func column(of expression: Expression) -> ColumnID {
            if let known = items.first(where: { $0.expression == expression }) {
                return known.column.id
            }
            let column = context.makeColumn("?column?", expression.type)
            items.append(NamedExpression(column: column, expression: expression))
            return column.id
        }
        var arguments: [ColumnID?] = []
        var keys: [[ColumnID]] = []
        for call in aggregate.calls {
            arguments.append(call.argument.map { column(of: $0) })
            keys.append(call.order.map { column(of: $0.expression) })
        }
        return (items, arguments, keys)
    }

    /// Closes the stream with one phase of a grouping and begins another with its output; rows
    /// that come in order of the first group are grouped by a step instead.
    ///
    /// States are put out under their positions as ids: groups first.
    private mutating func cut(
        _ grouping: GroupingCut,
        of input: [Pipeline],
        _ ids: [ColumnID]
    ) throws(SQLError) -> Pipeline {
        let aligned = try self.aligned(input, ids)
        let aggregate = grouping.aggregate
        let groupCount = aggregate.groups.count
        let groups = try aligned[0].places(of: Array(ids.prefix(groupCount)))
        let groupTypes = groups.map { aligned[0].types[$0] }
        let slices = sliceSet(of: aligned)
        plan.aggregates.append(
            AggregateSpecification(
                phase: grouping.phase,
                groups: groups,
                groupTypes: groupTypes,
                calls: try grouping.calls(reading: aligned[0]),
                emitsWithoutRows: groupCount == 0 && grouping.putsOutResults && slices == .one(0),
                estimatedGroups: grouping.estimate,
                inputTypes: aligned[0].types
            )
        )
        let number = plan.aggregates.count - 1
        let types = groupTypes + grouping.outputTypes
        let columns =
            grouping.putsOutResults
            ? aggregate.groups.map(\.column.id) + aggregate.calls.map(\.column.id)
            : Array(types.indices)
        // Rows of a group differ in no group column: leaving out values of one leaves out groups.
        // LISTAGG fails for some groups.
        var origins: [ColumnID: [ScannedColumn]] = [:]
        let mayFail = aggregate.calls.contains { $0.function == .listAggregate }
        for (output, input) in zip(columns, ids).prefix(mayFail ? 0 : groupCount) {
            origins[output] = aligned.flatMap { $0.origins[input] ?? [] }
        }
        let positions = Dictionary(
            zip(columns, columns.indices),
            uniquingKeysWith: { _, last in last }
        )
        if aggregate.isOrdered, grouping.phase == .complete || grouping.phase == .partial {
            var next = aligned[0]
            try orderScan(of: &next)
            next.steps.append(.group(aggregate: number))
            (next.positions, next.types, next.origins) = (positions, types, origins)
            next.rows = grouping.estimate
            return next
        }
        for pipeline in aligned { close(pipeline, .aggregate(number)) }
        return Pipeline(
            stream: newStream(after: Set(aligned.map { resolved($0.stream) })),
            slices: slices,
            source: .aggregate(number),
            positions: positions,
            types: types,
            origins: origins,
            rows: grouping.estimate
        )
    }
}

/// One phase of a grouping on its way into the plan.
private struct GroupingCut {
    let aggregate: PhysicalAggregate
    /// The columns of the arguments and of the ordering keys, by call.
    let arguments: [ColumnID?]
    let keys: [[ColumnID]]
    var phase: AggregateSpecification.Phase
    let estimate: Double

    var putsOutResults: Bool { phase == .complete || phase == .final }

    /// The arguments of DISTINCT calls, each once.
    var distinctArguments: [ColumnID] {
        var seen: Set<ColumnID> = []
        return zip(aggregate.calls, arguments).compactMap { call, argument in
            guard call.isDistinct, let argument, seen.insert(argument).inserted else { return nil }
            return argument
        }
    }

    /// The types of what stands behind the groups.
    var outputTypes: [DataType] {
        if putsOutResults { return aggregate.calls.map(\.column.type) }
        let isPartial = phase == .partial
        let states = aggregate.calls.filter { !(isPartial && $0.isDistinct) }.flatMap {
            $0.function.stateTypes(argument: $0.argument?.type)
        }
        guard isPartial else { return states }
        return states
            + distinctArguments.compactMap { id in
                arguments.firstIndex(of: id).flatMap { aggregate.calls[$0].argument?.type }
            }
    }

    /// The calls with the positions of what they read.
    func calls(reading pipeline: Pipeline) throws(SQLError) -> [AggregateSpecification.Call] {
        let distinct = distinctArguments
        let firstArgument = pipeline.types.count - distinct.count
        var state = aggregate.groups.count
        var calls: [AggregateSpecification.Call] = []
        for (index, call) in aggregate.calls.enumerated() {
            var places: [Int] = []
            var order: [SortKeyPosition] = []
            let id = arguments[index]
            if phase == .merging, call.isDistinct, let id {
                places = distinct.firstIndex(of: id).map { [firstArgument + $0] } ?? []
            } else if phase == .final || phase == .merging {
                let count = call.function.stateTypes(argument: call.argument?.type).count
                places = Array(state..<state + count)
                state += count
            } else {
                if let id { places = try pipeline.places(of: [id]) }
                order = zip(try pipeline.places(of: keys[index]), call.order).map { place, key in
                    SortKeyPosition(
                        column: place,
                        isAscending: key.isAscending,
                        nullsFirst: key.nullsFirst
                    )
                }
            }
            calls.append(
                AggregateSpecification.Call(
                    function: call.function,
                    isDistinct: call.isDistinct,
                    argumentType: call.argument?.type,
                    resultType: call.column.type,
                    inputs: places,
                    order: order,
                    option: call.option
                )
            )
        }
        return calls
    }
}
