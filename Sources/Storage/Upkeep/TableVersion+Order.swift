import Catalogs
import SQLTypes

extension TableDefinition {
    /// Whether rows whose leading key column has the zone `after` stand behind rows with `before`
    /// in the order of the compound sort key, as far as zones tell.
    func follows(_ after: ZoneMap, _ before: ZoneMap) -> Bool {
        guard let key = sortKey.columns.first else { return true }
        // NULLs come last, so nothing follows them; equal keys need the key's one column.
        guard before.nullCount == 0 else { return false }
        if after.isAllNull { return true }
        return before.maximum < after.minimum
            || before.maximum == after.minimum && sortKey.columns.count == 1
                && columns[key].type.physical == .int64
    }
}

extension TableVersion {
    /// How many extents of a slice, from its first, make up the sorted region.
    ///
    /// Those that VACUUM put in order, which the table's record counts, and behind them those that
    /// follow one another by their zones; without a sort key all. Of an interleaved key the first
    /// extent at least: each load ranks its own rows.
    func sortedExtentCount(of slice: SliceID, in contents: TableContents) -> Int {
        let extents = contents.slices[slice]
        guard let key = definition.sortKey.columns.first else { return extents.count }
        var count = min(contents.sortedCounts[slice], extents.count)
        if definition.sortKey.isInterleaved { return max(count, min(1, extents.count)) }
        while count < extents.count, extents[count].extent.isSorted {
            if count > 0 {
                let before = extents[count - 1].extent.columns[key].zone
                let after = extents[count].extent.columns[key].zone
                guard definition.follows(after, before) else { break }
            }
            count += 1
        }
        return count
    }

    /// Places of extents of a slice as chains, in each of which all rows are in key order; extents
    /// of which every row is deleted are left out.
    func orderedChains(
        _ places: Range<Int>,
        of slice: SliceID,
        in contents: TableContents
    ) -> [[Int]] {
        let extents = contents.slices[slice]
        let sorted = places.clamped(to: 0..<sortedExtentCount(of: slice, in: contents))
        var chains: [[Int]] = []
        let first = sorted.filter { extents[$0].rowCount > 0 }
        if !first.isEmpty { chains.append(first) }
        guard let key = definition.sortKey.columns.first else { return chains }
        func zone(_ place: Int) -> ZoneMap { extents[place].extent.columns[key].zone }
        func last(_ chain: Int) -> ZoneMap { zone(chains[chain].last ?? 0) }
        for place in places.dropFirst(sorted.count) where extents[place].rowCount > 0 {
            // Behind the chain that leaves the least gap, so that later extents find room too.
            let fitting = chains.indices.filter { definition.follows(zone(place), last($0)) }
            if let best = fitting.max(by: { last($0).maximum < last($1).maximum }) {
                chains[best].append(place)
            } else {
                chains.append([place])
            }
        }
        return chains
    }
}
