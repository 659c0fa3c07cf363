import Catalogs
import Functions
import Plans
import SQLTypes

/// Refuses functions that only compute nodes have in a statement that reads no table, which
/// Redshift runs on the leader alone.
///
/// - Throws: 0A000 with Redshift's words.
func requireTables(for plans: [LogicalPlan]) throws(SQLError) {
    guard plans.contains(where: \.collectsRows), !plans.contains(where: \.readsComputeNodes) else {
        return
    }
    throw computeNodesOnly
}

/// What a statement is told that asks the leader for a function it lacks: 0A000, Redshift's words.
let computeNodesOnly = SQLError(
    .featureNotSupported,
    "One or more of the used functions must be applied on at least one user created tables. "
        + "Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc"
)

extension LogicalPlan {
    /// Whether some aggregate needs the rows of its groups or its window in order.
    fileprivate var collectsRows: Bool {
        switch self {
        case .aggregate(_, _, let calls) where calls.contains(where: \.function.collectsRows):
            return true
        case .window(_, _, let calls)
        where calls.contains(where: { $0.function.orderedAggregate != nil }):
            return true
        default: break
        }
        return inputs.contains(where: \.collectsRows)
    }

    /// Whether it reads a table of users, or a system table that is not the leader's catalog.
    fileprivate var readsComputeNodes: Bool {
        if case .scan(let scan) = self {
            return scan.table.id >= 100_000 || !scan.table.name.hasPrefix("pg_")
        }
        return inputs.contains(where: \.readsComputeNodes)
    }
}
