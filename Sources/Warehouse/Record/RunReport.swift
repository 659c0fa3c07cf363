import Execution
import Plans
import Planning
import Storage

/// What EXPLAIN ANALYZE prints: the tree with actual rows, the slice plan with what each slice did.
///
/// ```
///   segment 2  all slices  rows=20  0.21 ms, slowest slice 0.09 ms
///     scan    f (d, v)  own rows
///             rows=16  ▅▅█▅ min 3, median 4, max 5 a slice  blocks 8 read, 4 skipped
/// ```
///
/// A bar stands for a slice, in their order; its height is the share of the slice with the most
/// rows, and `·` is none at all.
struct RunReport {
    let lines: [String]

    /// `planningMicroseconds` are those from the statement's begin to the end of planning.
    init(_ planned: PlannedQuery, _ record: RunRecord, planningMicroseconds: Int) {
        let actual = ActualRows(planned: planned, record: record)
        var lines = explainTree(planned) { actual.rows(of: $0) } + [""]
        for part in record.everyPart {
            let isMain = part.depth == 0
            if !isMain {
                let rounds = part.record.roundCount
                lines.append(
                    (part.record.isKept ? "common table" : "scalar subquery")
                        + (rounds > 1 ? ", \(rounds) rounds" : "")
                )
            }
            let own = Self.segments(of: part.record, rows: isMain ? planned.segmentRows : [])
            lines += isMain ? own : own.map { "  " + $0 }
        }
        lines += Self.totals(of: record, planningMicroseconds: planningMicroseconds)
        self.lines = lines
    }

    private static func segments(of record: RunRecord, rows: [Double]) -> [String] {
        let runs = Dictionary(grouping: record.segments, by: \.segment)
        return segmentLines(
            of: record.plan,
            rows: rows,
            title: { segment in
                let times = (runs[segment] ?? []).map(\.nanoseconds)
                guard let longest = times.max() else { return "  never executed" }
                let all = milliseconds(times.reduce(0, +))
                return "  \(all), slowest slice \(milliseconds(longest))"
            },
            figures: { segment, part in
                guard let own = runs[segment] else { return [] }
                return [figures(own, part)]
            }
        )
    }

    /// The figures of one part of a segment, over the slices that ran it.
    private static func figures(_ runs: [SegmentRecord], _ part: SegmentPart) -> String {
        switch part {
        case .source:
            let words =
                [rows(runs.map(\.sourceRows))] + scanFigures(runs.compactMap(\.scan))
                + spilled(runs.map(\.sourceSpilledBytes))
            return words.joined(separator: "  ")
        case .step(let place):
            let words =
                [rows(runs.map { $0.stepRows[place] })]
                + spilled(runs.map { $0.stepSpilledBytes[place] })
            return words.joined(separator: "  ")
        case .merged(let step):
            let scans = runs.flatMap { $0.mergedScans.filter { $0.step == step } }
            let words = [rows(scans.map(\.counters.rowsPassed))]
            return (words + scanFigures(scans.map(\.counters))).joined(separator: "  ")
        case .sink: return sinkFigures(runs)
        }
    }

    private static func sinkFigures(_ runs: [SegmentRecord]) -> String {
        var words = [rows(runs.map(\.sinkRows))]
        let moved = runs.reduce(0) { $0 + $1.rowsMoved }
        if moved > 0 || runs.contains(where: { $0.rowsSent > 0 }) {
            let size = runs.reduce(0) { $0 + $1.bytesMoved }
            words.append("moved \(moved) row\(moved == 1 ? "" : "s"), \(bytes(size))")
        }
        let memory = runs.map { $0.memoryBytes > $0.sourceMemoryBytes ? $0.memoryBytes : 0 }
        if let most = memory.max(), most > 0 {
            words.append("memory \(bytes(memory.reduce(0, +))), \(bytes(most)) on one slice")
        }
        words += spilled(runs.map(\.sinkSpilledBytes))
        return words.joined(separator: "  ")
    }

    /// What slices wrote to disk for want of memory; nothing where they did not.
    private static func spilled(_ counts: [Int]) -> [String] {
        let total = counts.reduce(0, +)
        return total > 0 ? ["spilled \(bytes(total)) to disk"] : []
    }

    private static func scanFigures(_ scans: [ScanCounters]) -> [String] {
        guard let first = scans.first else { return [] }
        let sum = scans.dropFirst().reduce(first) { $0.added($1) }
        var words: [String] = []
        if sum.rowsScanned != sum.rowsPassed { words.append("of \(sum.rowsScanned) looked at") }
        words.append("blocks \(sum.blocksRead) read, \(sum.blocksSkipped) skipped")
        words.append("units \(sum.unitsRead) read, \(sum.unitsSkipped) skipped")
        if sum.rowsDeleted > 0 { words.append("\(sum.rowsDeleted) deleted rows") }
        words.append("\(bytes(sum.bytesUsed)), \(bytes(sum.bytesRead)) from disk")
        return words
    }

    /// Rows over all slices, and how they lie.
    private static func rows(_ counts: [Int]) -> String {
        let total = "rows=\(counts.reduce(0, +))"
        guard counts.count > 1, let most = counts.max(), most > 0 else { return total }
        let sorted = counts.sorted()
        let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        return "\(total)  \(bars(counts, of: most)) "
            + "min \(sorted[0]), median \(median), max \(most) a slice"
    }

    private static func bars(_ counts: [Int], of most: Int) -> String {
        let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        return String(
            counts.map { count in
                count == 0 ? "·" : heights[min(7, (Int(count) * 8 - 1) / max(1, most))]
            }
        )
    }

    private static func totals(of record: RunRecord, planningMicroseconds: Int) -> [String] {
        let runs = record.everyPart.flatMap(\.record.segments)
        let moved = runs.reduce(0) { $0 + $1.bytesMoved }
        return [
            "rows \(record.deliveredRows)  moved \(bytes(moved))  "
                + "planning \(milliseconds(planningMicroseconds * 1000))  "
                + "execution \(milliseconds(record.nanoseconds))"
        ]
    }

    private static func milliseconds(_ nanoseconds: Int) -> String {
        let hundredths = nanoseconds / 10_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
    }

    private static func bytes(_ count: Int) -> String {
        var (value, unit) = (count, "B")
        for next in ["KiB", "MiB", "GiB"] where value >= 10_240 {
            value = (value + 512) / 1024
            unit = next
        }
        return "\(value) \(unit)"
    }
}

extension RunRecord {
    /// The records of scalar subqueries and common tables before this one, and this one itself.
    fileprivate var everyPart: [(record: RunRecord, depth: Int)] {
        scalarSubqueries.flatMap { part in
            part.everyPart.map { (record: $0.record, depth: $0.depth + 1) }
        } + [(self, 0)]
    }

    /// Whether its rows stay on the slices.
    fileprivate var isKept: Bool {
        plan.streams.flatMap(\.segments).contains {
            if case .keep = $0.sink { true } else { false }
        }
    }
}
