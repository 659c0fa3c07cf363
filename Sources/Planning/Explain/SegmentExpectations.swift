import Catalogs
import Plans
import SQLTypes

/// What EXPLAIN says a plan's segments will do before it runs.
///
/// ```
///   segment 2  all slices  rows=1000  16 KiB  a slice 250 rows, 4096 B
///     scan    f (d, v)  own rows
///             reads at most blocks 4 of 12, units 10 of 30, 48 KiB
///     dist    0  by hash of $1
///             moves 750 rows, 12 KiB
/// ```
///
/// Rows and bytes are the planner's estimates; what scans read is known from zone maps, before
/// joins prune them. Where a scan is uneven its slices' rows are taken in proportion.
struct SegmentExpectations {
    private var titles: [Int: String] = [:]
    private var parts: [Place: [String]] = [:]

    private struct Place: Hashable {
        var segment: Int
        var part: SegmentPart
    }

    /// `rows` and `bytes` are those that reach each segment's sink, by segment, or empty; without
    /// a forecaster nothing is said of blocks.
    init(
        of plan: ExecutablePlan,
        rows: [Double],
        bytes: [Double],
        shape: ClusterShape,
        forecaster: (any ScanForecaster)?
    ) throws(SQLError) {
        for segment in plan.streams.flatMap(\.segments) {
            var shares: [ForeseenScan] = []
            if let forecaster {
                if case .scan(let scan) = segment.source {
                    shares = try forecaster.forecast(scan, on: segment.slices)
                    parts[Place(segment: segment.id, part: .source)] = text(of: shares)
                }
                for (place, step) in segment.steps.enumerated() {
                    guard case .probe(let join) = step, let inner = plan.joins[join].merged
                    else { continue }
                    let own = try forecaster.forecast(inner.scan, on: segment.slices)
                    parts[Place(segment: segment.id, part: .merged(step: place))] = text(of: own)
                }
            }
            guard rows.indices.contains(segment.id), bytes.indices.contains(segment.id) else {
                continue
            }
            let total = Amount(rows: rows[segment.id], bytes: bytes[segment.id])
            titles[segment.id] = title(total, segment, shape, shares)
            if let moved = moved(total, segment, plan, shape) {
                parts[Place(segment: segment.id, part: .sink)] = ["moves \(moved.text)"]
            }
        }
    }

    /// What stands behind a segment's title.
    func title(of segment: Int) -> String { titles[segment] ?? "" }

    /// What stands below the lines of a part.
    func lines(of segment: Int, _ part: SegmentPart) -> [String] {
        parts[Place(segment: segment, part: part)] ?? []
    }
}

/// Estimated rows and their bytes.
private struct Amount {
    var rows: Double
    var bytes: Double

    var text: String { "\(whole(rows)) row\(whole(rows) == "1" ? "" : "s"), \(byteText(bytes))" }

    func times(_ share: Double) -> Amount { Amount(rows: rows * share, bytes: bytes * share) }
}

extension SegmentExpectations {
    /// A slice that has over this many times the mean is worth a word.
    private static let unevenFactor = 1.5

    private func title(
        _ total: Amount,
        _ segment: Segment,
        _ shape: ClusterShape,
        _ shares: [ForeseenScan]
    ) -> String {
        var text = "  \(byteText(total.bytes))"
        guard segment.slices == .all, shape.sliceCount > 1 else { return text }
        text += "  a slice \(total.times(1 / Double(shape.sliceCount)).text)"
        let all = shares.reduce(0) { $0 + $1.rowsRead }
        if let most = uneven(shares, by: \.rowsRead), all > 0 {
            let share = Double(most.rowsRead) / Double(all)
            text += ", slice \(most.slice) \(total.times(share).text)"
        }
        return text
    }

    /// What a scan reads on all slices, and which slice reads far more than others.
    private func text(of shares: [ForeseenScan]) -> [String] {
        guard !shares.isEmpty else { return [] }
        func sum(_ figure: KeyPath<ForeseenScan, Int>) -> Int {
            shares.reduce(0) { $0 + $1[keyPath: figure] }
        }
        let least = shares.allSatisfy(\.isExact) ? "" : " at most"
        var text =
            "reads\(least) blocks \(sum(\.blocksRead)) of \(sum(\.blockCount)), "
            + "units \(sum(\.unitsRead)) of \(sum(\.unitCount)), "
            + byteText(Double(sum(\.byteCount)))
        if let most = uneven(shares, by: \.unitsRead) {
            text += "  uneven: slice \(most.slice) reads \(most.unitsRead) of the units"
        }
        return [text]
    }

    /// The slice with the most, where that is far above the mean.
    private func uneven(
        _ shares: [ForeseenScan],
        by figure: KeyPath<ForeseenScan, Int>
    ) -> ForeseenScan? {
        guard shares.count > 1,
            let most = shares.max(by: { $0[keyPath: figure] < $1[keyPath: figure] })
        else { return nil }
        let all = shares.reduce(0) { $0 + $1[keyPath: figure] }
        let mean = Double(all) / Double(shares.count)
        return Double(most[keyPath: figure]) > mean * Self.unevenFactor ? most : nil
    }

    /// What a segment's sink sends to other slices; nil for one that sends nothing.
    ///
    /// Hashes spread evenly, so a slice keeps its share; each node gets a copy of a broadcast.
    private func moved(
        _ total: Amount,
        _ segment: Segment,
        _ plan: ExecutablePlan,
        _ shape: ClusterShape
    ) -> Amount? {
        let others = 1 - 1 / Double(max(1, shape.sliceCount))
        switch segment.sink {
        case .exchange(let number):
            if case .slice(let target) = plan.exchanges[number].routing {
                return segment.slices == .one(target) ? total.times(0) : total.times(others)
            }
            return total.times(others)
        case .build(let number)
        where plan.joins[number].label == JoinLabel.broadcastInner.rawValue:
            return total.times(Double(shape.nodeCount))
        default: return nil
        }
    }
}

/// Bytes in the unit that keeps them short.
private func byteText(_ bytes: Double) -> String {
    var value = max(0, bytes)
    var unit = "B"
    for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 10_240 {
        value /= 1024
        unit = next
    }
    return "\(whole(value)) \(unit)"
}
