import Catalogs
package import SQLTypes

extension TableVersion {
    /// What VACUUM has to write anew, none where the table is as it should be.
    ///
    /// - Sorting is skipped where `threshold` per cent of the table's rows lie in the sorted
    ///   region. What lies in front of all unsorted rows stays where it is.
    /// - Deleted rows are reclaimed, from the extents with the greatest share of them on, until
    ///   `threshold` per cent of the rows left are visible; after sorting, all.
    /// - Neighbouring small extents become one; `memoryByteCountMax`, that of the rewriters, tells
    ///   how great extents may become.
    ///
    /// The copies of a DISTSTYLE ALL table get the same runs.
    ///
    /// - Source: Redshift's documentation of VACUUM and of its TO threshold PERCENT.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func vacuumRuns(
        _ work: VacuumWork,
        thresholdPercent threshold: Int,
        memoryByteCountMax: Int
    ) throws(SQLError) -> [ExtentRun] {
        let contents = try contents()
        let slices = definition.distribution == .all ? [0] : Array(contents.slices.indices)
        let sorted = contents.slices.indices.map { sortedExtentCount(of: $0, in: contents) }
        var runs: [ExtentRun] = []
        // In front of what is sorted anew; nil where nothing is.
        var keptCounts: [Int]?
        if work == .recluster {
            return onCopies(slices.compactMap { reclustering($0, behind: sorted[$0], contents) })
        }
        if sorts(work, threshold, slices, sorted, contents) {
            var counts = contents.slices.map(\.count)
            for slice in slices {
                let isWhole = work == .reindex && definition.sortKey.isInterleaved
                guard let run = sorting(slice, behind: isWhole ? 0 : sorted[slice], contents)
                else { continue }
                counts[slice] = run.places.lowerBound
                runs.append(run)
            }
            keptCounts = counts
        }
        if work != .sortOnly {
            let ends = keptCounts ?? contents.slices.map(\.count)
            let percent = keptCounts == nil ? threshold : 100
            let chosen = chooseForReclaiming(slices, ends, percent, contents)
            for slice in slices {
                // The order of the sorted region would break where extents of both were one.
                let cut = min(sorted[slice], ends[slice])
                for region in [0..<cut, cut..<ends[slice]] {
                    runs += reclaiming(region, chosen[slice] ?? [], of: slice, contents) {
                        $0.isSmall(for: ExtentRewriter.writerByteCountMax(memoryByteCountMax))
                    }
                }
            }
        }
        return onCopies(runs)
    }

    /// The runs on all copies of a DISTSTYLE ALL table; else as they are.
    func onCopies(_ runs: [ExtentRun]) -> [ExtentRun] {
        guard definition.distribution == .all else { return runs }
        return shape.firstSlices.flatMap { slice in
            runs.map { run in
                var copy = run
                copy.slice = slice
                return copy
            }
        }
    }

    // MARK: Sorting

    private func sorts(
        _ work: VacuumWork,
        _ threshold: Int,
        _ slices: [SliceID],
        _ sorted: [Int],
        _ contents: TableContents
    ) -> Bool {
        guard work != .deleteOnly, !definition.sortKey.columns.isEmpty else { return false }
        if work == .reindex && definition.sortKey.isInterleaved { return true }
        var stored = 0
        var inOrder = 0
        for slice in slices {
            for (place, visible) in contents.slices[slice].enumerated() {
                stored += visible.extent.rowCount
                if place < sorted[slice] { inOrder += visible.extent.rowCount }
            }
        }
        return inOrder < stored && inOrder * 100 < threshold * stored
    }

    private func sorting(
        _ slice: SliceID,
        behind sorted: Int,
        _ contents: TableContents
    ) -> ExtentRun? {
        let extents = contents.slices[slice]
        guard sorted < extents.count, let key = definition.sortKey.columns.first else { return nil }
        if definition.sortKey.isInterleaved {
            return ExtentRun(slice: slice, places: 0..<extents.count, becomesSorted: true)
        }
        var unsorted = ZoneMap()
        for visible in extents[sorted...] { unsorted.merge(visible.extent.columns[key].zone) }
        let first = extents[..<sorted].firstIndex {
            !definition.follows(unsorted, $0.extent.columns[key].zone)
        }
        return ExtentRun(
            slice: slice,
            places: (first ?? sorted)..<extents.count,
            merges: true,
            becomesSorted: true
        )
    }

    private func reclustering(
        _ slice: SliceID,
        behind sorted: Int,
        _ contents: TableContents
    ) -> ExtentRun? {
        let places = sorted..<contents.slices[slice].count
        guard places.count > 1, !definition.sortKey.columns.isEmpty else { return nil }
        let isInterleaved = definition.sortKey.isInterleaved
        if !isInterleaved, orderedChains(places, of: slice, in: contents).count < 2 { return nil }
        return ExtentRun(slice: slice, places: places, merges: !isInterleaved)
    }

    // MARK: Reclaiming

    /// Places of extents whose deleted rows are to go, by slice.
    private func chooseForReclaiming(
        _ slices: [SliceID],
        _ ends: [Int],
        _ threshold: Int,
        _ contents: TableContents
    ) -> [SliceID: Set<Int>] {
        var stored = 0
        var deleted = 0
        var candidates: [(slice: SliceID, place: Int, share: Double)] = []
        for slice in slices {
            for (place, visible) in contents.slices[slice].prefix(ends[slice]).enumerated() {
                stored += visible.extent.rowCount
                guard let count = visible.deletes?.count, count > 0 else { continue }
                deleted += count
                candidates.append((slice, place, visible.deletedShare))
            }
        }
        candidates.sort { ($1.share, $0.slice, $0.place) < ($0.share, $1.slice, $1.place) }
        var chosen: [SliceID: Set<Int>] = [:]
        for candidate in candidates where deleted * 100 > (100 - threshold) * stored {
            chosen[candidate.slice, default: []].insert(candidate.place)
            let count = contents.slices[candidate.slice][candidate.place].deletes?.count ?? 0
            deleted -= count
            stored -= count
        }
        return chosen
    }

    /// Runs of a region's extents that are chosen or small; a small one alone is no run.
    private func reclaiming(
        _ region: Range<Int>,
        _ chosen: Set<Int>,
        of slice: SliceID,
        _ contents: TableContents,
        isSmall: (VisibleExtent) -> Bool
    ) -> [ExtentRun] {
        var runs: [ExtentRun] = []
        var start = region.lowerBound
        func close(at end: Int) {
            let places = start..<end
            if places.count > 1 || places.contains(where: chosen.contains) {
                runs.append(ExtentRun(slice: slice, places: places))
            }
        }
        for place in region where !chosen.contains(place) {
            guard !isSmall(contents.slices[slice][place]) else { continue }
            close(at: place)
            start = place + 1
        }
        close(at: region.upperBound)
        return runs
    }
}
