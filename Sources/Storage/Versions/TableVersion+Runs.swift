package import Catalogs
package import SQLTypes

extension TableVersion {
    /// The extents of a slice as runs in which the leading column of the sort key ascends, NULLs
    /// left out: places of extents in the slice's part of the table, each in one run.
    ///
    /// One run where loads came in the order of the key; rows are in order within every extent.
    /// Nil where the order is not known: without a compound sort key that begins with a column of
    /// a 64-bit type.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func ascendingRuns(of slice: SliceID) throws(SQLError) -> [[Int]]? {
        guard let key = definition.sortKey.columns.first, !definition.sortKey.isInterleaved,
            definition.columns[key].type.physical == .int64
        else { return nil }
        var runs: [(places: [Int], last: Int64)] = []
        for (place, visible) in try extents(of: slice).enumerated() {
            guard visible.extent.isSorted else { return nil }
            let zone = visible.extent.columns[key].zone
            let isEmpty = zone.isAllNull || zone.rowCount == 0
            // Behind the run that leaves the least gap, so that later extents find room too.
            let fitting = runs.indices.filter { isEmpty || runs[$0].last <= zone.minimum }
            if let best = fitting.max(by: { runs[$0].last < runs[$1].last }) {
                runs[best].places.append(place)
                if !isEmpty { runs[best].last = zone.maximum }
            } else {
                runs.append(([place], isEmpty ? .min : zone.maximum))
            }
        }
        return runs.map(\.places)
    }
}
