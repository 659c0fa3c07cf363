import Functions
import Plans
import SQLTypes

/// Grouping sets: the step that hands on every row once for each set.
extension SegmentCutter {
    mutating func cutExpansion(
        _ expansion: GroupingExpansion,
        _ child: PhysicalNode,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        let sources = expansion.groups.compactMap(\.expression.columnID)
        let wanted = required.subtracting(expansion.columns.map(\.id)).union(sources)
        var pipelines = try cut(child, wanted, onSliceZero: onSliceZero)
        for index in pipelines.indices {
            let places = try pipelines[index].places(of: sources)
            let types = pipelines[index].types
            let step = ExpansionSpecification(
                sources: places,
                sets: expansion.sets,
                types: types,
                hasMarker: expansion.marker != nil
            )
            pipelines[index].steps.append(.expand(step))
            for (place, column) in expansion.columns.enumerated() {
                pipelines[index].positions[column.id] = types.count + place
            }
            pipelines[index].types += expansion.columns.map(\.type)
            pipelines[index].origins = [:]
        }
        return pipelines
    }
}
