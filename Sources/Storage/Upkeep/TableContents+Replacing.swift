import Catalogs

extension TableContents {
    /// The contents with runs of extents replaced by those written for them.
    ///
    /// `base` is what the runs were chosen from. Extents that were added since, and deletions from
    /// extents outside of the runs, stay. Nil where an extent to be replaced has gone or where
    /// rows were deleted from it since. `sorted` tells how many extents of each slice make up the
    /// sorted region now.
    ///
    /// New extents get the numbers that those before them leave free, so that numbers stay small;
    /// who holds addresses of rows holds the version they are of.
    func replacing(
        _ runs: [RewrittenRun],
        of base: TableContents,
        sorted: [Int]
    ) -> TableContents? {
        var result = self
        for (slice, runs) in Dictionary(grouping: runs, by: \.run.slice) {
            var placed: [VisibleExtent] = []
            var isNew: [Bool] = []
            var next = 0
            var sortedCount = sorted[slice]
            for rewritten in runs.sorted(by: { $0.run.places.lowerBound < $1.run.places.lowerBound }
            ) {
                let old = base.slices[slice][rewritten.run.places]
                guard let first = old.first,
                    let start = slices[slice][next...].firstIndex(where: {
                        $0.extent === first.extent
                    }), has(old, at: start, of: slice)
                else { return nil }
                placed += slices[slice][next..<start]
                isNew += Array(repeating: false, count: start - next)
                placed += rewritten.extents.map { VisibleExtent(ordinal: 0, extent: $0.extent) }
                isNew += Array(repeating: true, count: rewritten.extents.count)
                next = start + old.count
                if rewritten.run.becomesSorted {
                    sortedCount = placed.count
                } else if next <= sorted[slice] {
                    sortedCount += rewritten.extents.count - old.count
                }
            }
            placed += slices[slice][next...]
            isNew += Array(repeating: false, count: slices[slice].count - next)
            result.slices[slice] = Self.numbered(placed, isNew: isNew)
            result.sortedCounts[slice] = sortedCount
            result.nextOrdinals[slice] = (result.slices[slice].last?.ordinal ?? -1) + 1
        }
        result.countStoredRows()
        return result
    }

    /// Whether extents stand at a place of a slice with the same deletions.
    private func has(
        _ extents: ArraySlice<VisibleExtent>,
        at start: Int,
        of slice: SliceID
    ) -> Bool {
        let found = slices[slice][start...].prefix(extents.count)
        return found.count == extents.count
            && zip(found, extents).allSatisfy {
                $0.extent === $1.extent && $0.deletes === $1.deletes
            }
    }

    /// The extents with ascending numbers; old ones keep theirs as long as there is room.
    private static func numbered(_ extents: [VisibleExtent], isNew: [Bool]) -> [VisibleExtent] {
        var numbered = extents
        var last = -1
        for index in numbered.indices {
            if isNew[index] || numbered[index].ordinal <= last {
                numbered[index].ordinal = last + 1
            }
            last = numbered[index].ordinal
        }
        return numbered
    }
}
