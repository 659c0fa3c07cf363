import Catalogs
package import SQLTypes

extension TableVersion {
    /// Extents of one size whose number makes them one.
    private static let mergeCount = 16
    /// Extents that are so many in one region are merged whatever their sizes.
    private static let extentCountMax = 128
    /// Bytes that count as full for an extent that is made in the background.
    private static let writerByteCountMax = 64 << 20
    /// Deleted rows of a slice from which on extents are written anew for them.
    private static let deletedCountMin = 4096
    /// The share of an extent's rows that must be deleted for that.
    private static let deletedShareMin = 0.25

    /// What to write anew in the background after a commit; none mostly.
    ///
    /// - **Small extents**, as single-row INSERTs leave them: sizes are powers of 16 rows, and 16
    ///   neighbours of one size become one of the next. So each row is written once per size, and
    ///   a slice keeps a few dozen extents, whatever their order in time.
    ///
    ///   ```
    ///   rows   300 │ 20 17 │ 1 1 2 1 1 1 5 1 1 1 1 1 1 1 1 3   ─▶   300 │ 20 17 23
    ///   ```
    /// - **Deleted rows**: extents of which more than a quarter is deleted.
    ///
    /// Extents of the sorted region and others are not mixed, so that no row leaves the region.
    /// Where one slice has something to merge, others join that have half as much.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func mergeRuns() throws(SQLError) -> [ExtentRun] {
        let contents = try contents()
        let slices = definition.distribution == .all ? [0] : Array(contents.slices.indices)
        var runs: [ExtentRun] = []
        for count in [Self.mergeCount, Self.mergeCount / 2] {
            let found = slices.flatMap { slice -> [ExtentRun] in
                let extents = contents.slices[slice]
                if extents.count < count { return [] }
                let sorted = sortedExtentCount(of: slice, in: contents)
                return [0..<sorted, sorted..<extents.count].flatMap { region in
                    Self.similar(extents, region, count).map {
                        ExtentRun(slice: slice, places: $0)
                    }
                }
            }
            if found.isEmpty { break }
            runs = found
        }
        for slice in slices {
            runs += Self.halfDeleted(contents.slices[slice]).map {
                ExtentRun(slice: slice, places: $0..<$0 + 1)
            }.filter { run in
                !runs.contains { $0.slice == slice && $0.places.overlaps(run.places) }
            }
        }
        return onCopies(runs)
    }

    /// Rows of all extents of runs chosen from this version, deleted ones included.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func storedRowCount(of runs: [ExtentRun]) throws(SQLError) -> Int {
        let slices = try contents().slices
        return runs.reduce(0) { total, run in
            slices[run.slice][run.places].reduce(total) { $0 + $1.extent.rowCount }
        }
    }

    /// Runs of neighbours in a region of which so many are of one size and none is greater: those
    /// of the least size.
    private static func similar(
        _ extents: [VisibleExtent],
        _ region: Range<Int>,
        _ count: Int
    ) -> [Range<Int>] {
        guard region.count >= count else { return [] }
        let sizes = extents[region].map { $0.isSmall(for: writerByteCountMax) ? $0.size : Int.max }
        let smallCount = sizes.count { $0 < Int.max }
        for size in 0..<VisibleExtent.sizeCount {
            // With too many of all sizes the greatest take in all.
            let needed = size + 1 == VisibleExtent.sizeCount && smallCount > extentCountMax
            var found: [Range<Int>] = []
            for stretch in stretches(of: sizes, upTo: size) {
                let like = sizes[stretch].count { $0 == size }
                guard like >= count || needed && stretch.count >= count else { continue }
                found.append(
                    region.lowerBound + stretch.lowerBound..<region.lowerBound + stretch.upperBound
                )
            }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// The longest ranges in which no size is greater than `most`.
    private static func stretches(of sizes: [Int], upTo most: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        for end in 0...sizes.count where end == sizes.count || sizes[end] > most {
            if end > start { found.append(start..<end) }
            start = end + 1
        }
        return found
    }

    /// Places of extents that are to go, or to shrink, for their deleted rows.
    private static func halfDeleted(_ extents: [VisibleExtent]) -> [Int] {
        let deleted = extents.reduce(0) { $0 + ($1.deletes?.count ?? 0) }
        guard deleted >= deletedCountMin else { return [] }
        return extents.indices.filter { extents[$0].deletedShare > deletedShareMin }
    }
}

extension VisibleExtent {
    /// Sizes that small extents have.
    static let sizeCount = 5

    /// 0 for fewer than 16 visible rows, 1 for fewer than 256, and so on.
    var size: Int { (Int.bitWidth - 1 - max(1, rowCount).leadingZeroBitCount) / 4 }
}
