import Functions
import Plans
import SQLTypes
import Vectors

/// Groups as rows, and the grouping that makes the same groups of such rows.
///
/// ```
///   groups │ DISTINCT arguments │ states of the other calls │ what ordered aggregates collect
/// ```
/// A row holds the states of its group, or one argument, or one collected row, and NULL in the
/// other columns, as rows of the partial phase do. Those with states come first, so that the first
/// row of a group is one.
struct SpilledGroups {
    /// The grouping of such rows: the merging phase of the same calls.
    let specification: AggregateSpecification
    let types: [DataType]
    let argumentTypes: [DataType]
    private let stateTypes: [DataType]
    private let collectedTypes: [DataType]
    private let groupCount: Int

    /// The end of the arguments among the columns.
    var argumentEnd: Int { groupCount + argumentTypes.count }

    /// Lays out the groups of an aggregate of this specification.
    init(_ specification: AggregateSpecification, of groups: HashAggregate) {
        groupCount = specification.groups.count
        let collected = groups.orderedRows?.positions ?? []
        let inputs = groups.arguments.map(\.input)
        argumentTypes = groups.arguments.map(\.type)
        collectedTypes = collected.map { specification.inputTypes[$0] }
        var stateTypes: [DataType] = []
        var calls: [AggregateSpecification.Call] = []
        let firstState = groupCount + argumentTypes.count
        let isFinal = specification.phase == .final
        let stateCount = specification.calls.reduce(0) {
            $0 + (Self.hasStates($1, isFinal: isFinal) ? Self.states(of: $1).count : 0)
        }
        let firstCollected = firstState + stateCount
        for call in specification.calls {
            var copy = call
            if call.function.collectsRows {
                func place(_ input: Int) -> Int {
                    firstCollected + (collected.firstIndex(of: input) ?? 0)
                }
                copy.inputs = call.inputs.map(place)
                copy.order = call.order.map {
                    var key = $0
                    key.column = place($0.column)
                    return key
                }
            } else if Self.hasStates(call, isFinal: isFinal) {
                let own = Self.states(of: call)
                let first = firstState + stateTypes.count
                copy.inputs = Array(first..<first + own.count)
                copy.isDistinct = false
                stateTypes += own
            } else {
                let input = call.inputs.first.flatMap { inputs.firstIndex(of: $0) } ?? 0
                copy.inputs = [groupCount + input]
            }
            calls.append(copy)
        }
        self.stateTypes = stateTypes
        types = specification.groupTypes + argumentTypes + stateTypes + collectedTypes
        var merging = specification
        merging.phase = .merging
        merging.groups = Array(0..<groupCount)
        merging.calls = calls
        merging.emitsWithoutRows = false
        merging.inputTypes = types
        self.specification = merging
    }

    /// Hands over all groups of an aggregate, which takes no more rows.
    func forEachChunk(
        of groups: HashAggregate,
        _ body: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        let collected = try groups.orderedRows?.takeRows()
        try groups.settle(collectedRows: false)
        for start in stride(from: 0, to: groups.keys.count, by: chunkRowCountMax) {
            let range = start..<min(start + chunkRowCountMax, groups.keys.count)
            let states = try groups.storedStates(range)
            try body(row(groups.keys.columns(range), states: states, count: range.count))
        }
        let keys = groups.keys.columns(0..<groups.keys.count)
        let places = FlatArray<UInt32>(capacity: chunkRowCountMax)
        for (index, argument) in groups.arguments.enumerated() {
            for start in stride(from: 0, to: argument.count, by: chunkRowCountMax) {
                let range = start..<min(start + chunkRowCountMax, argument.count)
                let values = argument.entries(range, groups: places.pointer)
                let own = keys.map { $0.gather(places.pointer, count: range.count) }
                try body(row(own, argument: (index, values), count: range.count))
            }
        }
        guard let (columns, group) = collected else { return }
        for start in stride(from: 0, to: group.count, by: chunkRowCountMax) {
            let range = start..<min(start + chunkRowCountMax, group.count)
            let own = keys.map { $0.gather(group.pointer + start, count: range.count) }
            let rows = columns.map { $0.slice(range) }
            try body(row(own, collected: rows, count: range.count))
        }
    }

    private func row(
        _ groups: [Vector],
        argument: (index: Int, values: Vector)? = nil,
        states: [Vector]? = nil,
        collected: [Vector]? = nil,
        count: Int
    ) -> Chunk {
        func nulls(_ types: [DataType]) -> [Vector] {
            types.map { .nulls(physical: $0.physical, count: count) }
        }
        var arguments = nulls(argumentTypes)
        if let argument { arguments[argument.index] = argument.values }
        return Chunk(
            count: count,
            columns: groups + arguments + (states ?? nulls(stateTypes))
                + (collected ?? nulls(collectedTypes))
        )
    }

    /// Whether a call's groups are written as states; in the final phase DISTINCT calls have them.
    static func hasStates(_ call: AggregateSpecification.Call, isFinal: Bool) -> Bool {
        !call.function.collectsRows && (isFinal || !call.isDistinct)
    }

    private static func states(of call: AggregateSpecification.Call) -> [DataType] {
        call.function.stateTypes(argument: call.argumentType)
    }
}
