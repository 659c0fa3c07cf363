package import Catalogs

/// Neighbouring extents of a slice that are to be written anew, without the rows deleted from them.
package struct ExtentRun: Hashable, Sendable {
    package var slice: SliceID
    /// Places of the extents in the slice's part of the table version it was chosen from.
    package var places: Range<Int>
    /// Whether rows are put in the order of a compound sort key over all of the run.
    ///
    /// Else they stay in their order and each new extent is sorted for itself, as INSERT does.
    package var merges: Bool
    /// Whether the new extents belong to the sorted region, of which all before them are.
    package var becomesSorted: Bool

    init(
        slice: SliceID,
        places: Range<Int>,
        merges: Bool = false,
        becomesSorted: Bool = false
    ) {
        self.slice = slice
        self.places = places
        self.merges = merges
        self.becomesSorted = becomesSorted
    }
}

/// The extents that were written for a run; none where all its rows are deleted.
package struct RewrittenRun: Sendable {
    package var run: ExtentRun
    package var extents: [PendingExtent]

    /// Makes the pair.
    package init(run: ExtentRun, extents: [PendingExtent]) {
        self.run = run
        self.extents = extents
    }
}

/// What VACUUM does with a table's rows.
package enum VacuumWork: Hashable, Sendable {
    /// Sorts, reclaims the room of deleted rows, merges small extents.
    case full
    /// Sorts; the room of deleted rows is reclaimed only where rows are moved.
    case sortOnly
    /// Reclaims and merges small extents; the order of rows stays.
    case deleteOnly
    /// Sorts the unsorted region by itself and leaves the sorted one as it is.
    case recluster
    /// Orders all rows of an interleaved key anew, then as `full`; for other keys just `full`.
    case reindex
}

extension VisibleExtent {
    /// Bytes of its rows in memory, roughly: deleted ones count too.
    var memoryByteCount: Int {
        extent.columns.reduce(0) { $0 + $1.valueByteCount + 16 * extent.rowCount }
    }

    /// Whether it is so far from full that it had better be merged with its neighbours, where a
    /// writer keeps `writerByteCountMax` bytes.
    func isSmall(for writerByteCountMax: Int) -> Bool {
        // Writers count memory that they have taken and not filled yet.
        rowCount < ExtentWriter.rowCountMax / 4 && memoryByteCount < writerByteCountMax / 4
    }

    /// The share of its rows that are deleted.
    var deletedShare: Double {
        extent.rowCount == 0 ? 0 : Double(deletes?.count ?? 0) / Double(extent.rowCount)
    }
}
