import Catalogs
import SQLTypes
import Vectors

/// Compares the nodes' copies of a DISTSTYLE ALL table with the first node's, value by value.
///
/// Copies hold the same extents: one ordinal has the same rows on every node, in the same order,
/// with the same of them deleted, for an address must mean the same row on all.
struct CopyComparison {
    let definition: TableDefinition
    let contents: TableContents
    let firstSlices: [SliceID]
    let files: any FileSystem

    /// What differs: per copy and column the first difference of each extent.
    ///
    /// Blocks that do not check are passed over: they are reported as damaged themselves.
    func faults() -> [StoreFault] {
        guard let original = firstSlices.first else { return [] }
        var faults: [StoreFault] = []
        for slice in firstSlices.dropFirst() {
            let left = contents.slices[original]
            let right = contents.slices[slice]
            guard left.map(\.ordinal) == right.map(\.ordinal) else {
                faults.append(
                    fault(
                        "\(left.count) extents stand against \(right.count), or others.",
                        original,
                        slice
                    )
                )
                continue
            }
            for (first, second) in zip(left, right) { faults += compare(first, second) }
        }
        return faults
    }

    private func compare(_ first: VisibleExtent, _ second: VisibleExtent) -> [StoreFault] {
        let (left, right) = (first.extent, second.extent)
        guard left.rowCount == right.rowCount else {
            let counts =
                "extent \(left.id) has \(left.rowCount) rows, \(right.id) \(right.rowCount)."
            return [fault("Of ordinal \(first.ordinal) \(counts)", left.slice, right.slice)]
        }
        guard first.deletes?.bits ?? [] == second.deletes?.bits ?? [] else {
            let names = "extents \(left.id) and \(right.id)"
            return [fault("Other rows of \(names) are deleted.", left.slice, right.slice)]
        }
        return definition.columns.indices.compactMap { column in
            guard let row = try? firstDifference(of: column, left, right) else { return nil }
            return fault(column, row, left, right)
        }
    }

    /// The first row of two extents whose values of a column are not the same; nil for none.
    private func firstDifference(
        of column: ColumnIndex,
        _ left: Extent,
        _ right: Extent
    ) throws(SQLError) -> Int? {
        let cache = BlockCache(byteCountMax: 0)
        let cursors = [left, right].map {
            ColumnCursor(column, of: $0, cache: cache, files: files)
        }
        var counters = ScanCounters()
        var row = 0
        while row < left.rowCount {
            var end = min(left.rowCount, (row / chunkRowCountMax + 1) * chunkRowCountMax)
            for cursor in cursors { end = min(end, try cursor.record(at: row, &counters).endRow) }
            // Text tells padding, zeros and NaNs apart that comparing takes for the same.
            var first = TextColumn()
            var second = TextColumn()
            let type = definition.columns[column].type
            formatText(try cursors[0].vector(row..<end, &counters), type: type, into: &first)
            formatText(try cursors[1].vector(row..<end, &counters), type: type, into: &second)
            if let place = Self.firstDifference(first, second, count: end - row) {
                return row + place
            }
            row = end
        }
        return nil
    }

    private static func firstDifference(
        _ left: TextColumn,
        _ right: TextColumn,
        count: Int
    ) -> Int? {
        if left.bytes == right.bytes, left.offsets == right.offsets, left.isNull == right.isNull {
            return nil
        }
        return (0..<count).first { row in
            left.isNull[row] != right.isNull[row]
                || left.bytes[left.offsets[row]..<left.offsets[row + 1]]
                    != right.bytes[right.offsets[row]..<right.offsets[row + 1]]
        }
    }

    /// The fault of two copies that differ as a whole.
    private func fault(_ detail: String, _ left: SliceID, _ right: SliceID) -> StoreFault {
        StoreFault(
            table: definition.id,
            error: SQLError(
                .dataCorrupted,
                "the copies of table \(definition.schema).\(definition.name) on slices \(left) and "
                    + "\(right) differ",
                detail: detail
            )
        )
    }

    /// The fault of two copies that differ in a value.
    private func fault(
        _ column: ColumnIndex,
        _ row: Int,
        _ left: Extent,
        _ right: Extent
    ) -> StoreFault {
        let name = definition.columns[column].name
        func place(_ extent: Extent) -> (number: Int, text: String) {
            let blocks = extent.columns[column].blocks
            let number = blocks.firstIndex { row < $0.endRow } ?? 0
            let file = extent.path(of: blocks[number]).map { "file \"\($0)\"" } ?? "the catalog"
            return (number, "block \(number) on slice \(extent.slice) in \(file)")
        }
        let (first, second) = (place(left), place(right))
        let record = right.columns[column].blocks[second.number]
        return StoreFault(
            table: definition.id,
            error: SQLError(
                .dataCorrupted,
                "the copies of table \(definition.schema).\(definition.name) differ in column "
                    + "\"\(name)\": \(first.text), \(second.text)",
                detail: "The first difference is in row \(row) of extents \(left.id) and "
                    + "\(right.id); which of them is right cannot be told."
            ),
            block: StoreFault.DamagedBlock(
                slice: right.slice,
                column: column,
                columnName: name,
                extent: right.id,
                number: second.number,
                file: right.path(of: record),
                bytes: record.offset..<(record.offset + record.byteCount)
            )
        )
    }
}
