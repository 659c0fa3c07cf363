import Plans
import Storage

/// What STL_ALERT_EVENT_LOG warns of, and from how much on.
///
/// - Source: Redshift's list of alerts. The floors of rows scanned, and the share of deleted rows,
///   are ours: Redshift does not publish them.
struct AlertRules {
    /// A scan keeps less than this share of its rows, of at least so many.
    var selectiveShare = 0.05
    var scannedRowsMin = 1_000_000
    /// At least this share of the rows read was deleted.
    var deletedShare = 0.2
    /// More rows than this went to other slices.
    var movedRowsMax = 1_000_000

    /// The alerts of a statement, in the order of its steps; those of the plan first.
    func alerts(
        of entry: QueryEntry,
        plan: ExecutablePlan,
        missingStatistics: [String]
    ) -> [AlertEntry] {
        var alerts: [AlertEntry] = []
        for step in entry.steps {
            if step.name == "scan", missingStatistics.contains(step.tableName) {
                alerts.append(
                    alert(
                        step,
                        "Missing query planner statistics",
                        "Run the ANALYZE command"
                    )
                )
            }
            if let found = stepAlert(step, entry) { alerts.append(found) }
        }
        if let join = entry.nodes.first(where: { $0.line.contains("DS_DIST_ALL_INNER") }),
            let step = entry.steps.first(where: { $0.node == join.id })
        {
            alerts.append(
                alert(
                    step,
                    "DS_DIST_ALL_INNER for Hash Join in the query plan",
                    "Review the choice of distribution style"
                )
            )
        }
        return alerts
    }

    private func stepAlert(_ step: StepEntry, _ entry: QueryEntry) -> AlertEntry? {
        switch step.name {
        case "nloop":
            return alert(
                step,
                "Nested Loop Join in the query plan",
                "Review the join predicates to avoid Cartesian products"
            )
        case "scan": return scanAlert(step)
        case "dist" where step.rowsMoved > movedRowsMax:
            let isJoin = entry.nodes.contains { node in
                node.line.contains("Join")
                    && entry.nodes.contains {
                        $0.id == step.node && $0.parent >= node.id
                    }
            }
            return alert(
                step,
                "Distributed a large number of rows across the network:"
                    + "\(step.rowsMoved) rows were distributed in order to process the "
                    + (isJoin ? "hash join" : "aggregation"),
                "Review the choice of distribution key to collocate the join or aggregation"
            )
        case "bcast" where step.rowsMoved > movedRowsMax:
            return alert(
                step,
                "Broadcasted a large number of rows across the network:"
                    + "\(step.rowsMoved) rows were broadcasted in order to process the join",
                "Review the choice of distribution key to collocate the join and consider using "
                    + "distributed tables"
            )
        default: return nil
        }
    }

    private func scanAlert(_ step: StepEntry) -> AlertEntry? {
        let (before, kept) = (step.rowsBeforeFilter, step.rows)
        if before >= scannedRowsMin, Double(kept) < selectiveShare * Double(before) {
            return alert(
                step,
                "Very selective query filter:ratio=rows(\(kept))/rows_pre_user_filter(\(before))="
                    + ratio(kept, before),
                "Review the choice of sort key to enable range restricted scans, or run the "
                    + "VACUUM command to ensure the table is sorted"
            )
        }
        let all = step.rowsBeforeDeletes
        if all >= scannedRowsMin, Double(all - before) >= deletedShare * Double(all) {
            return alert(
                step,
                "Scanned a large number of deleted rows:ratio=rows_pre_user_filter(\(before))/"
                    + "rows_pre_filter(\(all))=" + ratio(before, all),
                "Run the VACUUM command to reclaim deleted space"
            )
        }
        return nil
    }

    private func alert(_ step: StepEntry, _ event: String, _ solution: String) -> AlertEntry {
        var alert = AlertEntry()
        alert.slice = step.slices.max { $0.rows < $1.rows }?.slice ?? 0
        alert.segment = step.segment
        alert.step = step.step
        alert.event = event
        alert.solution = solution
        return alert
    }

    /// A share with six decimals.
    private func ratio(_ part: Int, _ whole: Int) -> String {
        let millionths = Int((Double(part) / Double(max(1, whole)) * 1_000_000).rounded())
        let digits = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000)."
            + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
