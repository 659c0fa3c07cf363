import Catalogs
import Functions
import Plans
import SQLTypes
import Vectors

/// Prints streams, segments and steps as the slices run them, under Redshift's step names.
///
/// ```
/// stream 1  after 0
///   segment 2  all slices  rows=5916591
///     scan    lineitem (l_orderkey, l_discount)  own rows  pruned by join 0
///             l_shipdate > 1995-03-15
///     hjoin   0 DS_DIST_NONE  on $1
///     aggr    0 partial  by $1  sum($2)
/// ```
///
/// `$n` is the n-th column, from 1, of what reaches the step.
struct SegmentPrinter {
    private let plan: ExecutablePlan
    /// What stands below the lines of a segment's part.
    private let figures: (_ segment: Int, _ part: SegmentPart) -> [String]
    /// What stands behind a segment's title.
    private let title: (_ segment: Int) -> String

    init(
        plan: ExecutablePlan,
        title: @escaping (_ segment: Int) -> String = { _ in "" },
        figures: @escaping (_ segment: Int, _ part: SegmentPart) -> [String] = { _, _ in [] }
    ) {
        self.plan = plan
        self.title = title
        self.figures = figures
    }

    /// The lines of a plan and of its scalar subqueries, with what is expected of them.
    static func lines(
        of planned: PlannedQuery,
        forecaster: (any ScanForecaster)?
    ) throws(SQLError) -> [String] {
        var lines: [String] = []
        func add(
            _ plan: ExecutablePlan,
            rows: [Double] = [],
            bytes: [Double] = [],
            indent: String = ""
        ) throws(SQLError) {
            let expected = try SegmentExpectations(
                of: plan,
                rows: rows,
                bytes: bytes,
                shape: planned.shape,
                forecaster: forecaster
            )
            let printer = SegmentPrinter(
                plan: plan,
                title: { expected.title(of: $0) },
                figures: { expected.lines(of: $0, $1) }
            )
            lines += printer.streams(rows: rows).map { indent + $0 }
        }
        for (number, kept) in planned.executable.kept.enumerated() {
            let plans: [(String, ExecutablePlan)] =
                switch kept {
                case .once(let plan): [("", plan)]
                case .recursion(let recursion):
                    [
                        (" seed", recursion.seed),
                        (" step, from common table \(recursion.working)", recursion.step),
                    ]
                case .working: []
                }
            for (part, plan) in plans {
                lines.append("common table \(number)\(part)")
                try add(plan, indent: "  ")
            }
        }
        for (number, subquery) in planned.executable.scalarSubqueries.enumerated() {
            lines.append("scalar subquery $\(number)")
            try add(subquery, indent: "  ")
        }
        try add(planned.executable, rows: planned.segmentRows, bytes: planned.segmentBytes)
        return lines
    }

    /// The lines of the plan; `rows` are the estimates, by segment.
    func streams(rows: [Double]) -> [String] {
        var lines: [String] = []
        for (number, stream) in plan.streams.enumerated() {
            let earlier = stream.dependencies.map(String.init).joined(separator: ", ")
            lines.append("stream \(number)" + (earlier.isEmpty ? "" : "  after \(earlier)"))
            for segment in stream.segments {
                let slices =
                    switch segment.slices {
                    case .all: "all slices"
                    case .one(let slice): "slice \(slice)"
                    }
                let estimate =
                    rows.indices.contains(segment.id) ? "  rows=\(whole(rows[segment.id]))" : ""
                lines.append("  segment \(segment.id)  \(slices)\(estimate)\(title(segment.id))")
                lines += source(segment.source) + below(segment, .source)
                for (place, step) in segment.steps.enumerated() {
                    lines.append(self.step(step))
                    lines += below(segment, .step(place))
                    lines += mergedSteps(of: step, below(segment, .merged(step: place)))
                }
                lines.append(sink(segment.sink))
                lines += below(segment, .sink)
            }
        }
        return lines + [leader]
    }

    private func below(_ segment: Segment, _ part: SegmentPart) -> [String] {
        figures(segment.id, part).map { line("", $0) }
    }

    private var leader: String {
        var text =
            switch plan.delivery {
            case .unordered: "leader  passes rows on"
            case .merge(let keys): "leader  merges by \(keyText(keys))"
            }
        if let limit = plan.limit { text += "  limit \(limit)" }
        if plan.offset > 0 { text += "  offset \(plan.offset)" }
        return text
    }

    private func line(_ name: String, _ text: String) -> String {
        "    " + name + String(repeating: " ", count: max(1, 8 - name.utf8.count)) + text
    }

    private func source(_ source: SegmentSource) -> [String] {
        switch source {
        case .scan(let scan): return self.scan(scan)
        case .exchange(let number): return [line("scan", "exchange \(number)")]
        case .aggregate(let number): return [line("scan", "groups of aggr \(number)")]
        case .sort(let number): return [line("scan", "sorted rows of sort \(number)")]
        case .window(let number): return window(number)
        case .values(let rows, _):
            return [line("scan", "\(rows.count) constant row\(rows.count == 1 ? "" : "s")")]
        case .kept(let number): return [line("scan", "rows of common table \(number)")]
        case .provided(let number, _):
            let table =
                plan.providedTables.indices.contains(number)
                ? plan.tables[plan.providedTables[number]]?.name : nil
            return [line("scan", table ?? "rows provided")]
        case .unmatched(let join):
            let word = plan.joins[join].kind == .rightSemi ? "with" : "without"
            return [line("scan", "rows of hash \(join) \(word) a match")]
        }
    }

    private func window(_ number: Int) -> [String] {
        let window = plan.windows[number]
        var lines = [line("scan", "sorted rows of sort \(window.sort)")]
        for stage in window.stages {
            var text = stage.calls.map(callText).joined(separator: ", ")
            if !stage.partition.isEmpty { text += "  by \(columns(stage.partition))" }
            if !stage.order.isEmpty { text += "  ordered by \(columns(stage.order))" }
            lines.append(line("window", text))
        }
        return lines
    }

    private func callText(_ call: WindowSpecification.Call) -> String {
        let arguments = call.arguments.map { argument in
            switch argument {
            case .column(let place): columns([place])
            case .constant(let value, let type): formatDatum(value, type: type)
            }
        }
        if call.function == .aggregate(.countAll) { return "count(*)" }
        let distinct = call.isDistinct ? "DISTINCT " : ""
        return "\(call.function.name)(\(distinct)\(arguments.joined(separator: ", ")))"
    }

    private func scan(_ scan: ScanSpecification) -> [String] {
        let table = plan.tables[scan.table]
        let names = scan.columns.map { table?.columns[$0].name ?? "\($0)" }
        var text = "\(table?.name ?? "") (\(names.joined(separator: ", ")))"
        text += scan.division == .dealt ? "  dealt" : "  own rows"
        for filter in scan.runtimeFilters {
            text += "  \(table?.columns[filter.column].name ?? "") pruned by hash \(filter.join)"
            if filter.isOfAllSlices { text += " of all slices" }
        }
        if let order = scan.order { text += "  by \(table?.columns[order].name ?? "")" }
        if scan.emitsRowAddress { text += "  with row addresses" }
        var lines = [line("scan", text)]
        for predicate in scan.predicates {
            lines.append(line("", test(predicate, table)))
        }
        return lines
    }

    private func test(_ predicate: ColumnPredicate, _ table: TableDefinition?) -> String {
        let name = table?.columns[predicate.column].name ?? "\(predicate.column)"
        let type = table?.columns[predicate.column].type ?? .unknown
        func text(_ value: Datum) -> String {
            if let text = value.text { return "'\(text)'" }
            return formatDatum(value, type: type)
        }
        func text(_ pattern: LikeSpecification) -> String {
            String(decoding: pattern.pattern, as: UTF8.self)
        }
        switch predicate.test {
        case .range(let low, let lowIncluded, let high, let highIncluded):
            if let low, low == high { return "\(name) = \(text(low))" }
            let lower = low.map { "\(name) \(lowIncluded ? ">=" : ">") \(text($0))" }
            let upper = high.map { "\(name) \(highIncluded ? "<=" : "<") \(text($0))" }
            return [lower, upper].compactMap(\.self).joined(separator: " and ")
        case .oneOf(let values):
            let shown = values.prefix(10).map(text).joined(separator: ", ")
            return "\(name) in (\(shown)\(values.count > 10 ? ", …" : ""))"
        case .notEqual(let value): return "\(name) <> \(text(value))"
        case .isNull: return "\(name) is null"
        case .isNotNull: return "\(name) is not null"
        case .like(let pattern): return "\(name) like '\(text(pattern))'"
        case .notLike(let pattern): return "\(name) not like '\(text(pattern))'"
        }
    }

    private func step(_ step: SegmentStep) -> String {
        let printer = ExpressionPrinter { "$\($0 + 1)" }
        switch step {
        case .filter(let condition): return line("filter", printer.text(condition))
        case .project(let values):
            return line("project", values.map(printer.text).joined(separator: ", "))
        case .probe(let number):
            let join = plan.joins[number]
            let name =
                join.merged != nil ? "mjoin" : join.probeKeys.isEmpty ? "nloop" : "hjoin"
            var text = "\(number) \(join.label)"
            if join.mark != nil {
                text += "  mark"
            } else if join.kind != .inner {
                text += "  \(join.kind)"
            }
            if !join.probeKeys.isEmpty { text += "  on \(columns(join.probeKeys))" }
            if let residual = join.residual { text += "  if \(printer.text(residual))" }
            return line(name, text)
        case .group(let number): return line("aggr", aggregateText(number) + "  in order")
        case .limit(let count): return line("limit", "\(count)")
        case .skip(let count): return line("limit", "offset \(count)")
        case .expand(let expansion):
            let sets = expansion.sets.map { set in
                let held = zip(expansion.sources, set).filter(\.1).map(\.0)
                return "(\(columns(held)))"
            }
            return line("expand", sets.joined(separator: ", "))
        }
    }

    private func sink(_ sink: SegmentSink) -> String {
        switch sink {
        case .result: return line("return", "to the leader")
        case .keep: return line("save", "on this slice")
        case .discard: return line("save", "matches only")
        case .exchange(let number): return line("dist", "\(number)  \(routing(number))")
        case .build(let number):
            let join = plan.joins[number]
            var text = "\(number)"
            if !join.buildKeys.isEmpty { text += "  by \(columns(join.buildKeys))" }
            if join.sharing == .shared { text += "  shared by all slices" }
            let isBroadcast = join.label == JoinLabel.broadcastInner.rawValue
            return line(isBroadcast ? "bcast" : "hash", text)
        case .aggregate(let number): return line("aggr", aggregateText(number))
        case .sort(let number):
            let sort = plan.sorts[number]
            let limit = sort.limit.map { "  first \($0)" } ?? ""
            return line("sort", "\(number)  by \(keyText(sort.keys))\(limit)")
        case .insert(let table): return line("insert", plan.tables[table]?.name ?? "")
        case .delete(let table): return line("delete", plan.tables[table]?.name ?? "")
        case .replace(let table, let number):
            return line(
                "delete",
                "\(plan.tables[table]?.name ?? "")  new rows to exchange \(number)"
                    + "  \(routing(number))"
            )
        case .deleteOrSend(let table, let number):
            return line(
                "delete",
                "\(plan.tables[table]?.name ?? "")  unmatched rows to exchange \(number)"
                    + "  \(routing(number))"
            )
        }
    }

    private func aggregateText(_ number: Int) -> String {
        let aggregate = plan.aggregates[number]
        let phase = aggregate.phase == .complete ? "" : "  \(aggregate.phase)"
        var text = "\(number)\(phase)"
        if !aggregate.groups.isEmpty { text += "  by \(columns(aggregate.groups))" }
        let calls = aggregate.calls.map(callText)
        if !calls.isEmpty { text += "  " + calls.joined(separator: ", ") }
        return text
    }

    /// What a merge join reads beside the rows that reach it, farther in.
    private func mergedSteps(of step: SegmentStep, _ figures: [String]) -> [String] {
        guard case .probe(let number) = step, let input = plan.joins[number].merged else {
            return []
        }
        return (scan(input.scan) + figures + input.steps.map(self.step)).map { "  " + $0 }
    }

    private func callText(_ call: AggregateSpecification.Call) -> String {
        if call.function == .countAll { return "count(*)" }
        let distinct = call.isDistinct ? "distinct " : ""
        let plain = "\(call.function.rawValue)(\(distinct)\(columns(call.inputs)))"
        return call.order.isEmpty ? plain : "\(plain) ordered by \(keyText(call.order))"
    }

    private func routing(_ number: Int) -> String {
        switch plan.exchanges[number].routing {
        case .hash(let places): "by hash of \(columns(places))"
        case .roundRobin: "round robin"
        case .slice(let slice): "to slice \(slice)"
        }
    }

    private func columns(_ places: [Int]) -> String {
        places.map { "$\($0 + 1)" }.joined(separator: ", ")
    }

    private func keyText(_ keys: [SortKeyPosition]) -> String {
        keys.map { "$\($0.column + 1)" + ($0.isAscending ? "" : " desc") }.joined(separator: ", ")
    }
}
