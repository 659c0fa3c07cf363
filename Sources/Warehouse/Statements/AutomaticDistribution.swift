import Catalogs
import Execution
import Plans
import Planning
import Storage

/// DISTSTYLE AUTO: ALL while each column fits one block; once it has grown, KEY on a column of
/// the declared primary key, else EVEN.
///
/// - Source: Redshift's documentation of DISTSTYLE AUTO; its threshold is not published, one
///   block of each column is ours.
enum AutomaticDistribution {
    /// Bytes of one column that still count as small: one block.
    static let smallColumnByteCount = 1 << 20

    /// The style of a table that has outgrown ALL.
    static func grownStyle(of table: TableDefinition) -> DistributionStyle {
        let key = table.constraints.first { $0.kind == .primaryKey }
        // The leading column of the key: what other tables point to. Floats hash badly on
        // rounding, so they are not taken.
        let column = key?.columns.first { !table.columns[$0].type.isFloat }
        return column.map { .key($0) } ?? .even
    }
}

extension StatementRun {
    /// Chooses the style of an empty AUTO table before a load of about `byteCount` bytes of text.
    func chooseDistribution(
        of table: TableDefinition,
        incomingByteCount: Int,
        in transaction: StoreTransaction
    ) throws(SQLError) -> TableDefinition {
        guard table.isAutoDistribution, table.distribution == .all,
            try transaction.view.statistics(of: table.id)?.rowCount ?? 0 == 0,
            incomingByteCount > AutomaticDistribution.smallColumnByteCount * table.columns.count
        else { return table }
        var grown = table
        grown.distribution = AutomaticDistribution.grownStyle(of: table)
        try transaction.replaceDefinition(grown)
        return grown
    }

    /// Moves the rows of an AUTO(ALL) table that has outgrown one block a column to its slices.
    func settleDistribution(of id: TableID, in transaction: StoreTransaction) throws(SQLError) {
        guard let version = transaction.view.tableVersion(id) else { return }
        let table = version.definition
        guard table.isAutoDistribution, table.distribution == .all,
            try version.largestColumnByteCount > AutomaticDistribution.smallColumnByteCount
        else { return }
        var grown = table
        grown.distribution = AutomaticDistribution.grownStyle(of: table)
        try rewriteRows(
            of: table,
            as: grown,
            values: table.columns.indices.map { .kept($0) },
            in: transaction
        )
    }

    /// An emptied AUTO table starts as ALL again.
    func restoreAutomaticStart(
        _ table: TableDefinition,
        in transaction: StoreTransaction
    ) throws(SQLError) {
        var fresh = table
        fresh.distribution = .all
        try transaction.replaceDefinition(fresh)
    }
}
