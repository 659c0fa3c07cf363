import Functions
import Plans
import SQLTypes

/// Joins and groupings as segments.
extension SegmentCutter {
    mutating func cutJoin(
        _ join: PhysicalJoin,
        _ node: PhysicalNode,
        _ required: Set<ColumnID>,
        _ onSliceZero: Bool
    ) throws(SQLError) -> [Pipeline] {
        let (outer, inner) = (node.children[0], node.children[1])
        var wanted = required.union(join.residual?.columns ?? [])
        for pair in join.keys {
            wanted.insert(pair.outer)
            wanted.insert(pair.inner)
        }
        wanted.formUnion(join.markCondition?.columns ?? [])
        wanted.formUnion(join.kind.mark?.test?.columns ?? [])
        let number = addJoin(join, estimatedBuildRows: inner.rows)
        let innerIDs = ordered(wanted, of: inner)
        let own = self.node
        defer { self.node = own }
        // Motions and the build side work for the side whose rows they take.
        self.node = inner.number
        var build = try cut(inner, Set(innerIDs), onSliceZero: join.innerOnSliceZero)
        build = try moved(build, innerIDs, join.innerMotion, join.keys.map(\.inner))
        build = try aligned(build, innerIDs)
        if Set(build.map { resolved($0.stream) }).count > 1 {
            // The runs that build a table wait for each other, so they must be of one stream; a
            // right or full join below has another stream for its rows without a match.
            build = [try materialised(build, innerIDs, [], [], nil)]
        }
        for pipeline in build { close(pipeline, .build(join: number)) }
        let buildStreams = Set(build.map { resolved($0.stream) })

        let outerIDs = ordered(wanted, of: outer)
        let onOne = onSliceZero || join.outerOnSliceZero
        self.node = outer.number
        var probe = try cut(outer, Set(outerIDs), onSliceZero: onOne)
        probe = try moved(probe, outerIDs, join.outerMotion, join.keys.map(\.outer))
        probe = try aligned(probe, outerIDs)
        for index in probe.indices { probe[index].claim(for: outer.number) }
        self.node = own
        try specify(number, join, probe[0], build[0], required)
        filterScans(below: probe, number, join, node, buildStreams)
        return probed(probe, number, join, buildStreams, build[0])
    }

    /// Takes the number of a join; `specify` says its keys and columns once both sides are cut.
    mutating func addJoin(_ join: PhysicalJoin, estimatedBuildRows: Double) -> Int {
        plan.joins.append(
            JoinSpecification(
                kind: join.kind,
                probeKeys: [],
                buildKeys: [],
                residual: nil,
                probeTypes: [],
                buildTypes: [],
                output: [],
                sharing: join.sharing,
                label: join.label.rawValue,
                estimatedBuildRows: estimatedBuildRows,
                isBuildUnique: join.isInnerUnique
            )
        )
        return plan.joins.count - 1
    }

    private mutating func moved(
        _ pipelines: [Pipeline],
        _ ids: [ColumnID],
        _ motion: RowMotion,
        _ keys: [ColumnID]
    ) throws(SQLError) -> [Pipeline] {
        switch motion {
        case .none: pipelines
        case .toSliceZero: try exchange(pipelines, ids, toSlice: 0)
        case .hash(let numbers): try exchange(pipelines, ids, hashing: numbers.map { keys[$0] })
        }
    }

    /// Fills in the join's positions and types once both sides' chunks are known.
    mutating func specify(
        _ number: Int,
        _ join: PhysicalJoin,
        _ probe: Pipeline,
        _ build: Pipeline,
        _ required: Set<ColumnID>
    ) throws(SQLError) {
        var specification = plan.joins[number]
        specification.probeKeys = try probe.places(of: join.keys.map(\.outer))
        specification.buildKeys = try build.places(of: join.keys.map(\.inner))
        specification.probeTypes = probe.types
        specification.buildTypes = build.types
        // Integers of two widths, and strings of two lengths, are joined as the wider.
        for (index, pair) in join.keys.enumerated() {
            specification.probeTypes[specification.probeKeys[index]] = pair.type
            specification.buildTypes[specification.buildKeys[index]] = pair.type
        }
        var both = probe
        for (id, position) in build.positions where both.positions[id] == nil {
            both.positions[id] = position + probe.types.count
        }
        specification.residual = try join.residual.map { residual throws(SQLError) in
            try both.rewritten(residual)
        }
        if let mark = join.kind.mark {
            specification.mark = MarkSpecification(
                condition: try join.markCondition.map { (term) throws(SQLError) in
                    try both.rewritten(term)
                },
                test: try mark.test.map { (term) throws(SQLError) in try both.rewritten(term) },
                testKeyCount: join.markKeyCount
            )
        }
        var output = Set(required.compactMap { probe.positions[$0] })
        if join.kind.emitsRight {
            for id in required where probe.positions[id] == nil {
                if let position = build.positions[id] {
                    output.insert(position + probe.types.count)
                }
            }
        }
        if let mark = join.kind.mark, required.contains(mark.column.id) {
            output.insert(probe.types.count + build.types.count)
        }
        specification.output = output.sorted()
        plan.joins[number] = specification
    }

    /// Lets a join's finished build side prune the scans that its probe keys come from.
    ///
    /// A scan in an earlier segment, and one whose key is among several, is pruned only where the
    /// keys are few by estimate: it has to wait for the build side, and tests each row.
    private mutating func filterScans(
        below pipelines: [Pipeline],
        _ number: Int,
        _ join: PhysicalJoin,
        _ node: PhysicalNode,
        _ buildStreams: Set<Int>
    ) {
        let needsMatch =
            join.kind == .inner || join.kind == .semi || join.kind == .right
            || join.kind.isRightSemi
        guard needsMatch, context.settings.prunesByJoins else { return }
        for (index, pair) in join.keys.enumerated()
        where pair.type.isInteger || pair.type == .date {
            let outerRows = node.children[0].rows
            let known = context.figures(of: pair.outer).distinctCount ?? outerRows
            let areFew = node.children[1].rows * 4 <= min(known, outerRows)
            for pipeline in pipelines {
                for origin in pipeline.origins[pair.outer] ?? [] {
                    let isNear = origin.scan == pipeline.scan && join.keys.count == 1
                    guard isNear || areFew else { continue }
                    scans[origin.scan].runtimeFilters.append(
                        RuntimeFilterUse(
                            column: origin.column,
                            join: number,
                            key: index,
                            isOfAllSlices: origin.isSent && join.sharing == .perSlice
                        )
                    )
                    let stream = resolved(scans[origin.scan].stream)
                    drafts[stream].dependencies.formUnion(buildStreams)
                }
            }
        }
    }

    /// The pipelines behind the probes, and the one of build rows without a match.
    mutating func probed(
        _ pipelines: [Pipeline],
        _ number: Int,
        _ join: PhysicalJoin,
        _ buildStreams: Set<Int>,
        _ build: Pipeline
    ) -> [Pipeline] {
        let specification = plan.joins[number]
        let probeWidth = specification.probeTypes.count
        var result: [Pipeline] = []
        for pipeline in pipelines {
            var next = pipeline
            drafts[resolved(next.stream)].dependencies.formUnion(buildStreams)
            next.steps.append(.probe(join: number))
            var positions: [ColumnID: Int] = [:]
            for (place, source) in specification.output.enumerated() {
                for (id, position) in pipeline.positions where position == source {
                    positions[id] = place
                }
                for (id, position) in build.positions where position + probeWidth == source {
                    positions[id] = place
                }
                if let mark = join.kind.mark, source == probeWidth + build.types.count {
                    positions[mark.column.id] = place
                }
            }
            next.positions = positions
            next.types = specification.output.map { place in
                if place < probeWidth { return pipeline.types[place] }
                let inner = place - probeWidth
                return inner < build.types.count ? build.types[inner] : .boolean
            }
            let mayFail = [join.residual, join.markCondition, join.kind.mark?.test].contains {
                $0?.failsByValue == true
            }
            next.origins =
                join.kind == .full || join.kind == .right || mayFail
                ? [:] : next.origins.filter { positions[$0.key] != nil }
            result.append(next)
        }
        let isRightSemi = join.kind.isRightSemi
        guard join.kind == .full || join.kind == .right || isRightSemi, let probe = result.first
        else { return result }
        // Probes of a right semi join put out nothing themselves.
        if isRightSemi { for pipeline in result { close(pipeline, .discard) } }
        var unmatched = probe.continued(from: .unmatched(join: number))
        unmatched.stream = newStream(after: Set(result.map { resolved($0.stream) }))
        unmatched.slices = sliceSet(of: result)
        unmatched.rows = 0
        return isRightSemi ? [unmatched] : result + [unmatched]
    }
}
