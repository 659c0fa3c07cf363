import Catalogs
import Plans

/// What a step is called in Redshift's logs.
struct StepLabel {
    /// The name in Redshift's summary, such as hjoin.
    let name: String
    /// The table or transient table it works on; nil for none.
    var number: Int?
    var tableName = ""

    /// The number as columns show it.
    var table: Int { number ?? 0 }

    /// The name, padded to six, with its table: `scan   tbl=100448 name=user`.
    var text: String {
        var text = name
        guard let number else { return text }
        text += String(repeating: " ", count: max(1, 7 - name.utf8.count)) + "tbl=\(number)"
        if name == "scan" { text += " name=\(tableName)" }
        return text
    }
}

/// Names the steps of a plan.
///
/// What steps build for others, hash tables, groups, sorted rows, exchanges, has numbers from 100
/// on, as Redshift's transient tables have.
struct StepLabels {
    private let plan: ExecutablePlan

    init(plan: ExecutablePlan) { self.plan = plan }

    private func join(_ number: Int) -> Int { 100 + number }
    private func aggregate(_ number: Int) -> Int { join(plan.joins.count) + number }
    private func sort(_ number: Int) -> Int { aggregate(plan.aggregates.count) + number }
    private func exchange(_ number: Int) -> Int { sort(plan.sorts.count) + number }
    private func kept(_ number: Int) -> Int { exchange(plan.exchanges.count) + number }

    private func table(_ id: TableID) -> StepLabel {
        StepLabel(name: "scan", number: id, tableName: plan.tables[id]?.name ?? "")
    }

    /// A segment's source.
    func source(_ source: SegmentSource) -> StepLabel {
        func transient(_ number: Int, _ name: String = "scan") -> StepLabel {
            StepLabel(name: name, number: number, tableName: "Internal Worktable")
        }
        switch source {
        case .scan(let scan): return table(scan.table)
        case .exchange(let number): return transient(exchange(number))
        case .aggregate(let number): return transient(aggregate(number))
        case .sort(let number): return transient(sort(number))
        case .window(let number): return transient(sort(plan.windows[number].sort), "window")
        case .values: return transient(0)
        case .kept(let number): return transient(kept(number))
        case .provided(let number, _):
            guard plan.providedTables.indices.contains(number) else {
                return StepLabel(name: "parse")
            }
            return table(plan.providedTables[number])
        case .unmatched(let number): return transient(join(number))
        }
    }

    /// A step between source and sink.
    func step(_ step: SegmentStep) -> StepLabel {
        switch step {
        case .filter: StepLabel(name: "filter")
        case .project: StepLabel(name: "project")
        case .probe(let number):
            StepLabel(
                name: plan.joins[number].merged != nil
                    ? "mjoin" : plan.joins[number].probeKeys.isEmpty ? "nloop" : "hjoin",
                number: join(number)
            )
        case .group(let number): StepLabel(name: "aggr", number: aggregate(number))
        case .limit, .skip: StepLabel(name: "limit")
        case .expand: StepLabel(name: "expand")
        }
    }

    /// What a merge join reads beside the rows that reach it; nil for other steps.
    func merged(_ step: SegmentStep) -> MergeInput? {
        if case .probe(let number) = step { plan.joins[number].merged } else { nil }
    }

    /// A segment's sink; two names where it both moves rows and keeps them.
    func sink(_ sink: SegmentSink) -> [StepLabel] {
        switch sink {
        case .result: return [StepLabel(name: "return")]
        case .keep, .discard: return [StepLabel(name: "save")]
        case .exchange: return [StepLabel(name: "dist")]
        case .build(let number):
            let isBroadcast = plan.joins[number].label == JoinLabel.broadcastInner.rawValue
            let hash = StepLabel(name: "hash", number: join(number))
            return isBroadcast ? [StepLabel(name: "bcast"), hash] : [hash]
        case .aggregate(let number): return [StepLabel(name: "aggr", number: aggregate(number))]
        case .sort(let number): return [StepLabel(name: "sort", number: sort(number))]
        case .insert(let id): return [changed("insert", id)]
        case .delete(let id): return [changed("delete", id)]
        case .replace(let id, _), .deleteOrSend(let id, _):
            return [changed("delete", id), StepLabel(name: "dist")]
        }
    }

    private func changed(_ name: String, _ id: TableID) -> StepLabel {
        StepLabel(name: name, number: id, tableName: plan.tables[id]?.name ?? "")
    }
}
