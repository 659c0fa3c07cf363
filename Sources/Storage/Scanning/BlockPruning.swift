import Catalogs
import SQLTypes
import Vectors

/// What the zone maps of blocks, which the catalog keeps, say of rows that are next.
enum BlockRuling {
    /// None before this row of the extent can pass.
    case skipped(to: Int)
    /// Rows before this one can pass; `isAll` where every value does.
    case left(to: Int, isAll: Bool)
}

/// Scans ask these before they load anything, and EXPLAIN foretells with them what a scan reads.
extension [PreparedPredicate] {
    /// Whether no row of an extent passes.
    func ruleOut(_ extent: Extent) -> Bool {
        contains { $0.verdict(extent.columns[$0.column].zone) == .none }
    }

    /// What becomes of the rows from `row` on, by the records of the blocks that have it.
    @inline(__always)
    func ruling(
        from row: Int,
        end: Int,
        record: (ColumnIndex) throws(SQLError) -> BlockRecord
    ) throws(SQLError) -> BlockRuling {
        var end = end
        var isAll = true
        for predicate in self {
            let block = try record(predicate.column)
            let verdict = predicate.verdict(block.zone)
            if verdict == .none { return .skipped(to: block.endRow) }
            if verdict != .all { isAll = false }
            end = Swift.min(end, block.endRow)
        }
        return .left(to: end, isAll: isAll)
    }
}

/// Units of 1,024 rows that rows of an extent touch.
func unitCount(of rows: Range<Int>) -> Int {
    rows.isEmpty ? 0 : (rows.upperBound - 1) / unitRowCount - rows.lowerBound / unitRowCount + 1
}

/// Rows of one extent that a scan goes through.
struct ScanPart {
    let visible: VisibleExtent
    let rows: Range<Int>

    /// The numbers of a column's blocks that have some of the rows.
    func blocks(of column: ColumnIndex) -> Range<Int> {
        let blocks = visible.extent.columns[column].blocks
        guard !rows.isEmpty else { return 0..<0 }
        if rows.lowerBound == 0 && rows.upperBound == visible.extent.rowCount {
            return blocks.indices
        }
        let first = blocks.firstIndex { $0.endRow > rows.lowerBound } ?? blocks.count
        let end = blocks.firstIndex { $0.firstRow >= rows.upperBound } ?? blocks.count
        return first..<Swift.max(first, end)
    }
}

extension ScanShare {
    /// The extents a scan goes through, and which rows of each, in its order.
    func parts(of version: TableVersion) throws(SQLError) -> [ScanPart] {
        func whole(_ visible: VisibleExtent) -> ScanPart {
            ScanPart(visible: visible, rows: 0..<visible.extent.rowCount)
        }
        switch self {
        case .slice(let slice):
            return try version.extents(of: slice).map(whole)
        case .extents(let places, let slice):
            let extents = try version.extents(of: slice)
            return places.map { whole(extents[$0]) }
        case .dealt(let index, let count, let slice):
            let extents = try version.extents(of: slice)
            let windows = extents.reduce(0) { $0 + windowCount($1) }
            var from = windows * index / count
            let to = windows * (index + 1) / count
            var first = 0
            var parts: [ScanPart] = []
            for visible in extents {
                let end = first + windowCount(visible)
                if from < to, from < end {
                    let last = min(to, end)
                    let rowEnd = min(visible.extent.rowCount, (last - first) * chunkRowCountMax)
                    let begin = (from - first) * chunkRowCountMax
                    parts.append(ScanPart(visible: visible, rows: begin..<rowEnd))
                    from = last
                }
                first = end
            }
            return parts
        }
    }

    private func windowCount(_ visible: VisibleExtent) -> Int {
        (visible.extent.rowCount + chunkRowCountMax - 1) / chunkRowCountMax
    }
}
