import Catalogs
import Plans
import SQLTypes

/// Cuts a physical tree into streams of segments of steps.
///
/// The tree is walked from the leaves up with a list of open pipelines, usually one; a union has
/// one for each arm, a full join one more for build rows without a match. Filters, projections
/// and probes append steps to each. A motion closes each with an exchange as its sink and goes
/// on behind the exchange in the same stream. Building, grouping and sorting need all their
/// input: they close the stream, and what reads their result begins another.
struct SegmentCutter {
    let context: PlanningContext
    var plan = ExecutablePlan()
    var drafts: [StreamDraft] = []
    var scans: [ScanDraft] = []
    /// The scan of each merge join's inner side, by the join's number.
    var mergedScans: [Int: Int] = [:]
    /// Estimated rows that reach each segment's sink.
    private(set) var segmentRows: [Double] = []
    /// Estimated bytes of those rows.
    private(set) var segmentBytes: [Double] = []
    /// The number of the plan node that is being cut; 0 at the top of the statement.
    var node = 0

    init(context: PlanningContext) { self.context = context }

    // MARK: Streams

    mutating func newStream(after dependencies: Set<Int> = []) -> Int {
        drafts.append(StreamDraft(dependencies: dependencies))
        return drafts.count - 1
    }

    func resolved(_ stream: Int) -> Int {
        var stream = stream
        while let next = drafts[stream].mergedInto { stream = next }
        return stream
    }

    /// Makes two independent streams one, so that one exchange can serve both.
    mutating func merge(_ stream: Int, into other: Int) {
        let (from, to) = (resolved(stream), resolved(other))
        guard from != to else { return }
        drafts[to].segments += drafts[from].segments
        drafts[to].dependencies.formUnion(drafts[from].dependencies)
        drafts[from] = StreamDraft(mergedInto: to)
    }

    mutating func close(_ pipeline: Pipeline, _ sink: SegmentSink) {
        var claimed = pipeline
        claimed.claim(for: node)
        let segment = Segment(
            id: 0,
            slices: pipeline.slices,
            source: pipeline.source,
            steps: pipeline.steps,
            sink: sink,
            nodes: SegmentNodes(
                source: claimed.sourceNode,
                steps: claimed.stepNodes,
                sink: node
            )
        )
        drafts[resolved(pipeline.stream)].segments.append(
            SegmentDraft(
                segment: segment,
                scan: pipeline.scan,
                rows: pipeline.rows,
                bytes: pipeline.rows * width(of: pipeline)
            )
        )
    }

    /// The average bytes of a row of a pipeline's chunks.
    private func width(of pipeline: Pipeline) -> Double {
        var widths = pipeline.types.map { Double($0.planWidth) }
        for (id, place) in pipeline.positions where widths.indices.contains(place) {
            if let known = context.figures[id]?.width { widths[place] = known }
        }
        return widths.reduce(0, +)
    }

    /// Numbers streams and segments so that each stream follows those it depends on.
    mutating func assemble() {
        var numbers: [Int: Int] = [:]
        for draft in drafts.indices { place(draft, &numbers) }
        filterMergedScans()
        var id = 0
        for stream in plan.streams.indices {
            for index in plan.streams[stream].segments.indices {
                plan.streams[stream].segments[index].id = id
                id += 1
            }
        }
    }

    private mutating func place(_ draft: Int, _ numbers: inout [Int: Int]) {
        guard drafts[draft].mergedInto == nil, numbers[draft] == nil,
            !drafts[draft].segments.isEmpty
        else { return }
        let earlier = Set(drafts[draft].dependencies.map(resolved)).subtracting([draft])
        for dependency in earlier.sorted() { place(dependency, &numbers) }
        numbers[draft] = plan.streams.count
        plan.streams.append(
            Stream(
                segments: drafts[draft].segments.map { filtered($0.segment, scan: $0.scan) },
                dependencies: earlier.compactMap { numbers[$0] }.sorted()
            )
        )
        segmentRows += drafts[draft].segments.map(\.rows)
        segmentBytes += drafts[draft].segments.map(\.bytes)
    }

    /// A segment with the runtime filters of the scan it begins with.
    private func filtered(_ segment: Segment, scan: Int?) -> Segment {
        guard let scan, case .scan(var specification) = segment.source else { return segment }
        specification.runtimeFilters = scans[scan].runtimeFilters
        var segment = segment
        segment.source = .scan(specification)
        return segment
    }

    // MARK: Nodes

    /// The open pipelines that put out at least the required columns of a node.
    ///
    /// Where `onSliceZero` is set, ALL tables at the bottom of its probe side are read on slice 0
    /// alone.
    mutating func cut(
        _ node: PhysicalNode,
        _ required: Set<ColumnID>,
        onSliceZero: Bool = false
    ) throws(SQLError) -> [Pipeline] {
        let above = self.node
        self.node = node.number
        defer { self.node = above }
        var pipelines: [Pipeline]
        switch node.kind {
        case .scan(let scan): pipelines = [try cutScan(scan, required, onSliceZero)]
        case .values(let rows): pipelines = try cutValues(rows, node.columns)
        case .filter(let condition):
            let wanted = required.union(condition.columns)
            pipelines = try cut(node.children[0], wanted, onSliceZero: onSliceZero)
            for index in pipelines.indices {
                let test = try pipelines[index].rewritten(condition)
                pipelines[index].steps.append(.filter(test))
                if condition.failsByValue { pipelines[index].origins = [:] }
            }
        case .project(let items):
            let kept = items.filter { required.contains($0.column.id) }
            let wanted = kept.reduce(into: Set<ColumnID>()) { $0.formUnion($1.expression.columns) }
            pipelines = try cut(node.children[0], wanted, onSliceZero: onSliceZero)
            for index in pipelines.indices { try pipelines[index].project(kept) }
        case .subqueryScan:
            pipelines = try cutRenamed(node.children[0], node.columns, required, onSliceZero)
        case .storedScan(let number, _, _, let positions):
            pipelines = [cutStoredScan(node, number, positions)]
        case .append: pipelines = try cutAppend(node, required, onSliceZero)
        case .join(let join) where join.isMerge:
            pipelines = try cutMergeJoin(join, node, required)
        case .join(let join): pipelines = try cutJoin(join, node, required, onSliceZero)
        case .aggregate(let aggregate):
            pipelines = try cutAggregate(aggregate, node, onSliceZero)
        case .expand(let expansion):
            pipelines = try cutExpansion(expansion, node.children[0], required, onSliceZero)
        case .sort(let keys, let limit):
            pipelines = [try cutSort(node, keys, limit, required, onSliceZero)]
        case .limit(let count, let offset):
            pipelines = try cutLimit(node, count, offset, required, onSliceZero)
        case .window(let window):
            pipelines = [try cutWindow(window, node, required, onSliceZero)]
        case .network(.distribute(let keys)):
            let child = node.children[0]
            let wanted = required.union(keys)
            let input = try cut(child, wanted, onSliceZero: onSliceZero)
            pipelines = try exchange(input, ordered(wanted, of: child), hashing: keys)
        case .network(.sendToLeader), .network(.sendToSliceZero):
            let child = node.children[0]
            let input = try cut(child, required, onSliceZero: onSliceZero)
            let ids = ordered(required, of: child)
            pipelines = try exchange(input, ids, toSlice: 0)
        case .merge:
            throw SQLError.invariant("a merge stands below the top of a plan")
        }
        if pipelines.count == 1 { pipelines[0].rows = node.rows }
        for index in pipelines.indices { pipelines[index].claim(for: node.number) }
        return pipelines
    }

    /// The required columns of a node in its own order.
    func ordered(_ required: Set<ColumnID>, of node: PhysicalNode) -> [ColumnID] {
        var seen: Set<ColumnID> = []
        return node.columns.map(\.id).filter { required.contains($0) && seen.insert($0).inserted }
    }

    private mutating func cutScan(
        _ scan: PhysicalScan,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> Pipeline {
        let table = scan.scan.table
        plan.tables[table.id] = table
        if scan.isSystemTable { return try cutSystemTable(scan) }
        let (predicates, rest) = columnPredicates(scan.conjuncts, of: scan.scan)
        let wanted = rest.reduce(into: required) { $0.formUnion($1.columns) }
        var columns: [ColumnIndex] = []
        var positions: [ColumnID: Int] = [:]
        var origins: [ColumnID: [ScannedColumn]] = [:]
        var types: [DataType] = []
        for (index, column) in zip(scan.scan.columnIndexes, scan.scan.output)
        where wanted.contains(column.id) {
            positions[column.id] = columns.count
            origins[column.id] = [ScannedColumn(scan: scans.count, column: index)]
            types.append(column.type)
            columns.append(index)
        }
        if scan.scan.emitsRowAddress {
            for column in scan.scan.output.suffix(2) {
                positions[column.id] = types.count
                types.append(column.type)
            }
        }
        let isAll = table.distribution == .all
        let onOne = onSliceZero || (isAll && scan.scan.emitsRowAddress)
        let stream = newStream()
        scans.append(ScanDraft(stream: stream))
        var pipeline = Pipeline(
            stream: stream,
            slices: onOne ? .one(0) : .all,
            source: .scan(
                ScanSpecification(
                    table: table.id,
                    columns: columns,
                    predicates: predicates,
                    division: isAll && !scan.scan.emitsRowAddress ? .dealt : .ownRows,
                    emitsRowAddress: scan.scan.emitsRowAddress
                )
            ),
            positions: positions,
            types: types,
            scan: scans.count - 1,
            origins: origins,
            rows: 0
        )
        if let condition = Expression.conjunction(rest) {
            pipeline.steps.append(.filter(try pipeline.rewritten(condition)))
        }
        return pipeline
    }

    private mutating func cutSystemTable(_ scan: PhysicalScan) throws(SQLError) -> Pipeline {
        let table = scan.scan.table
        plan.providedTables.append(table.id)
        let places = zip(scan.scan.output, scan.scan.columnIndexes).map { ($0.0.id, $0.1) }
        let types = table.columns.map(\.type)
        var pipeline = Pipeline(
            stream: newStream(),
            slices: .one(0),
            source: .provided(plan.providedTables.count - 1, types: types),
            positions: Dictionary(places, uniquingKeysWith: { first, _ in first }),
            types: types,
            rows: 0
        )
        if let condition = Expression.conjunction(scan.conjuncts) {
            pipeline.steps.append(.filter(try pipeline.rewritten(condition)))
        }
        return pipeline
    }

    /// Rows kept on the slices.
    private mutating func cutStoredScan(
        _ node: PhysicalNode,
        _ number: Int,
        _ places: [Int]
    ) -> Pipeline {
        let positions = zip(node.columns, places).map { ($0.0.id, $0.1) }
        return Pipeline(
            stream: newStream(),
            slices: node.placement == .single ? .one(0) : .all,
            source: .kept(number),
            positions: Dictionary(positions, uniquingKeysWith: { first, _ in first }),
            types: context.stored[number]?.types ?? [],
            rows: 0
        )
    }

    /// Rows of constants become a source; rows that must be computed a projection each.
    private mutating func cutValues(
        _ rows: [[Expression]],
        _ columns: [PlanColumn]
    ) throws(SQLError) -> [Pipeline] {
        var constants: [[Datum]] = []
        var computed: [[Expression]] = []
        for row in rows {
            let values = row.compactMap { value -> Datum? in
                if case .constant(let datum, let type) = value {
                    datum.inPhysicalForm(of: type)
                } else {
                    nil
                }
            }
            if values.count == row.count { constants.append(values) } else { computed.append(row) }
        }
        let types = columns.map(\.type)
        let stream = newStream()
        var pipelines: [Pipeline] = []
        let positions = Dictionary(
            zip(columns.map(\.id), columns.indices),
            uniquingKeysWith: { first, _ in first }
        )
        func pipeline(_ rows: [[Datum]], _ rowTypes: [DataType]) -> Pipeline {
            Pipeline(
                stream: stream,
                slices: .one(0),
                source: .values(rows: rows, types: rowTypes),
                positions: positions,
                types: types,
                rows: Double(rows.count)
            )
        }
        if !constants.isEmpty || computed.isEmpty { pipelines.append(pipeline(constants, types)) }
        for row in computed {
            var one = pipeline([[]], [])
            one.steps.append(.project(row))
            pipelines.append(one)
        }
        return pipelines
    }

    /// A node whose columns are put out under other ids, by position.
    private mutating func cutRenamed(
        _ child: PhysicalNode,
        _ columns: [PlanColumn],
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        let items = zip(columns, child.columns)
            .filter { required.contains($0.0.id) }
            .map { NamedExpression(column: $0.0, expression: .column($0.1.id, $0.1.type)) }
        let wanted = Set(items.compactMap(\.expression.columnID))
        var pipelines = try cut(child, wanted, onSliceZero: onSliceZero)
        for index in pipelines.indices { try pipelines[index].project(items) }
        return pipelines
    }

    private mutating func cutAppend(
        _ node: PhysicalNode,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        var pipelines: [Pipeline] = []
        for arm in node.children {
            let own = try cutRenamed(arm, node.columns, required, onSliceZero)
            if let first = pipelines.first, let mine = own.first {
                merge(mine.stream, into: first.stream)
            }
            pipelines += own
        }
        return pipelines
    }

    mutating func cutSort(
        _ node: PhysicalNode,
        _ keys: [SortItem],
        _ limit: Int?,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> Pipeline {
        let child = node.children[0]
        var wanted = required
        for key in keys { wanted.formUnion(key.expression.columns) }
        var input = try cut(child, wanted, onSliceZero: onSliceZero)
        var ids = ordered(wanted, of: child)
        var items = child.columns.filter { wanted.contains($0.id) }.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        var keyIDs: [ColumnID] = []
        for key in keys {
            if let id = key.expression.columnID {
                keyIDs.append(id)
            } else {
                let column = context.makeColumn("?column?", key.expression.type)
                items.append(NamedExpression(column: column, expression: key.expression))
                keyIDs.append(column.id)
                ids.append(column.id)
            }
        }
        if keys.contains(where: { !$0.expression.isColumn }) {
            for index in input.indices { try input[index].project(items) }
        }
        return try materialised(input, ids, keyIDs, keys, limit)
    }

    /// Sorts pipelines' rows; without keys only gathers them.
    mutating func materialised(
        _ input: [Pipeline],
        _ ids: [ColumnID],
        _ keyIDs: [ColumnID],
        _ keys: [SortItem],
        _ limit: Int?
    ) throws(SQLError) -> Pipeline {
        let aligned = try self.aligned(input, ids)
        let first = aligned[0]
        let places = try first.places(of: keyIDs)
        plan.sorts.append(
            SortSpecification(
                keys: zip(places, keys).map {
                    SortKeyPosition(
                        column: $0.0,
                        isAscending: $0.1.isAscending,
                        nullsFirst: $0.1.nullsFirst
                    )
                },
                types: first.types,
                limit: limit
            )
        )
        let number = plan.sorts.count - 1
        for pipeline in aligned { close(pipeline, .sort(number)) }
        var next = first.continued(from: .sort(number))
        next.stream = newStream(after: Set(aligned.map { resolved($0.stream) }))
        next.slices = sliceSet(of: aligned)
        return next
    }

    private mutating func cutLimit(
        _ node: PhysicalNode,
        _ count: Int?,
        _ offset: Int,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        let child = node.children[0]
        var pipelines = try cut(child, required, onSliceZero: onSliceZero)
        guard count != nil || offset > 0 else { return pipelines }
        if pipelines.count > 1, node.placement == .single {
            // Several pipelines on one slice share one limit.
            let ids = ordered(required, of: child)
            pipelines = [try materialised(pipelines, ids, [], [], count.map { $0 + offset })]
        }
        for index in pipelines.indices {
            if offset > 0 { pipelines[index].steps.append(.skip(offset)) }
            if let count { pipelines[index].steps.append(.limit(count)) }
            // Rows dropped before the limit would let others pass it.
            pipelines[index].origins = [:]
        }
        return pipelines
    }
}
