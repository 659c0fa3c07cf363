package import Catalogs
package import SQLTypes

/// What a scan is to read on one slice.
package struct ForeseenScan: Hashable, Sendable {
    package var slice: SliceID
    /// Blocks to read, of so many.
    package var blocksRead: Int
    package var blockCount: Int
    /// Zone-map units of 1,024 rows to look at, of so many.
    package var unitsRead: Int
    package var unitCount: Int
    /// Rows of those units.
    package var rowsRead: Int
    /// Encoded bytes of the blocks.
    package var byteCount: Int
    /// Whether it is just that and not at most that.
    package var isExact: Bool

    /// Makes a forecast.
    package init(
        slice: SliceID,
        blocksRead: Int,
        blockCount: Int,
        unitsRead: Int,
        unitCount: Int,
        rowsRead: Int,
        byteCount: Int,
        isExact: Bool
    ) {
        self.slice = slice
        self.blocksRead = blocksRead
        self.blockCount = blockCount
        self.unitsRead = unitsRead
        self.unitCount = unitCount
        self.rowsRead = rowsRead
        self.byteCount = byteCount
        self.isExact = isExact
    }
}

/// Foretells what the scans of a plan will read, from zone maps that are in memory.
///
/// EXPLAIN asks it and knows nothing of how tables are stored.
package protocol ScanForecaster: Sendable {
    /// What each slice that runs the scan reads, in their order; empty for a table that is not
    /// stored.
    ///
    /// Errors: XX001 where the catalog's rows of the table are damaged.
    func forecast(
        _ scan: ScanSpecification,
        on slices: SliceSet
    ) throws(SQLError) -> [ForeseenScan]
}
