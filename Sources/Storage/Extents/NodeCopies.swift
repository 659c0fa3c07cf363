package import Catalogs
package import SQLTypes

/// DISTSTYLE ALL: rows are written once, on the first slice of the first node; every other node
/// gets a copy of each extent, row for row the same, so an address means the same row on all.
extension StoreTransaction {
    /// Adds extents to a table, with a copy of each on every node where its style is ALL.
    ///
    /// `check` is asked every few milliseconds while copies are made, and may throw.
    ///
    /// Errors: as ``append(_:to:)``; those of reading and writing the copies.
    package func appendOnNodes(
        _ extents: [PendingExtent],
        to table: TableID,
        check: @escaping StopCheck = {}
    ) throws(SQLError) {
        guard let definition = view.tableVersion(table)?.definition,
            definition.distribution == .all
        else { return try append(extents, to: table) }
        let ordinals = try view.tableVersion(table)?.contents().nextOrdinals ?? []
        guard Set(view.shape.firstSlices.map { ordinals[$0] }).count == 1 else {
            throw SQLError.invariant("the copies of table \(table) do not share addresses")
        }
        for extent in extents {
            guard extent.slice == 0 else {
                throw SQLError.invariant("a DISTSTYLE ALL table was written on a slice but 0")
            }
            var copies = [extent]
            for slice in view.shape.firstSlices.dropFirst() {
                copies.append(try copy(extent, of: definition, to: slice, check))
            }
            try append(copies, to: table)
        }
    }

    /// Deletes rows of a table, from every copy where its style is ALL.
    ///
    /// Errors: as ``delete(_:from:)``.
    package func deleteOnNodes(
        _ rows: [DeletedRows],
        from table: TableID,
        check: StopCheck = {}
    ) throws(SQLError) {
        guard let definition = view.tableVersion(table)?.definition,
            definition.distribution == .all
        else { return try delete(rows, from: table, check: check) }
        let copies = rows.flatMap { part in
            view.shape.firstSlices.map { slice in
                DeletedRows(slice: slice, addresses: part.addresses)
            }
        }
        try delete(copies, from: table, check: check)
    }

    /// The rows of an extent, in their order, as an extent of another slice.
    private func copy(
        _ pending: PendingExtent,
        of definition: TableDefinition,
        to slice: SliceID,
        _ check: @escaping StopCheck
    ) throws(SQLError) -> PendingExtent {
        var contents = TableContents(sliceCount: view.shape.sliceCount)
        contents.append(pending)
        let version = TableVersion(
            definition: definition,
            shape: view.shape,
            files: store.files,
            contents: LazyContents(contents)
        )
        let scan = TableScan(
            version,
            share: .slice(pending.slice),
            request: ScanRequest(columns: Array(definition.columns.indices)),
            cache: cache
        )
        let writer = makeWriter(
            table: definition,
            slice: slice,
            byteCountMax: .max,
            check: check
        )
        while let chunk = try scan.next() {
            try check()
            try writer.append(chunk)
        }
        let copies = try writer.finish()
        guard let copy = copies.first, copies.count == 1 else {
            throw SQLError.invariant("the copy of an extent became \(copies.count) extents")
        }
        return copy
    }
}
