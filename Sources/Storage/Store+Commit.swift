package import Catalogs
package import SQLTypes
import Synchronization

/// A table that a transaction changed: how it began, how it ended; nil for not there.
struct TableChange: Sendable {
    var id: TableID
    var base: TableVersion?
    var result: TableVersion?
}

/// What decides, one commit after the other, whether a transaction may commit.
package protocol CommitOrder: Sendable {
    /// Called under the commit lock before a transaction that changes these tables commits.
    ///
    /// Errors: what the transaction then fails with.
    func admit(changing tables: Set<TableID>) throws(SQLError)
    /// Called under the same lock once the transaction has committed; `number` is its commit's,
    /// or that of the last one where it changed nothing.
    func noteCommit(_ number: Int)
}

extension Store {
    /// Puts a transaction that changed nothing permanent into an order.
    func note(in order: any CommitOrder) throws(SQLError) {
        try commitLock.withLock { (_: inout Bool) throws(SQLError) in
            try order.admit(changing: [])
            order.noteCommit(current.commitNumber)
        }
    }

    /// Makes a transaction's changes to permanent tables durable and visible, or none of them.
    ///
    /// 1. New block files and their directories are synced. Until here a cancel stops the commit.
    /// 2. Under the commit lock the changes are put on the latest state: a table that others
    ///    changed meanwhile takes added extents only, anything else is 40001.
    /// 3. One transaction of the catalog; it is the commit.
    /// 4. The new state becomes the current one; files that it no longer names are doomed.
    func commit(
        _ changes: [TableChange],
        addedSchemas: Set<String>,
        removedSchemas: Set<String>,
        in order: (any CommitOrder)? = nil
    ) throws(SQLError) {
        try requireWritable()
        var kept: [ExtentFiles] = []
        for change in changes {
            for extent in try newExtents(change) {
                if case .files(let files) = extent.storage { kept.append(files) }
            }
        }
        try sync(kept)
        try commitLock.withLock { (_: inout Bool) throws(SQLError) in
            try order?.admit(changing: Set(changes.map(\.id)))
            try Interruption.never.bind { () throws(SQLError) in
                try commitLocked(changes, addedSchemas, removedSchemas)
            }
            order?.noteCommit(current.commitNumber)
        }
    }

    /// Throws where no commit is taken: reading only, or a sync has failed.
    func requireWritable() throws(SQLError) {
        if isReadOnly {
            throw SQLError(
                .readOnlySQLTransaction,
                "cannot commit changes: the warehouse is open for reading only"
            )
        }
        try requireTrust()
    }

    /// Throws where a sync has failed since the warehouse was opened.
    private func requireTrust() throws(SQLError) {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
    }

    /// Refuses commits from now on: what was written before can no longer be trusted to be saved.
    private func loseTrust(after error: SQLError) {
        refusal.withLock { refusal in
            guard refusal == nil else { return }
            refusal = SQLError(
                .ioError,
                "cannot commit changes: a sync of the warehouse \"\(directory)\" failed before",
                detail: error.detail.map { "\(error.message): \($0)" } ?? error.message,
                hint: "Look after the disk, then open the warehouse again."
            )
        }
    }

    /// Makes block files and their names survive a power cut.
    func sync(_ kept: [ExtentFiles]) throws(SQLError) {
        var directories: Set<String> = []
        for path in kept.flatMap(\.paths) where !path.isEmpty {
            try Interruption.check()
            let file = try files.open(path, for: .readWrite)
            defer { file.close() }
            do throws(SQLError) {
                try file.sync()
            } catch {
                loseTrust(after: error)
                throw error
            }
            if let slash = path.lastIndex(of: "/") { directories.insert(String(path[..<slash])) }
        }
        for directory in directories.sorted() {
            do throws(SQLError) {
                try files.syncDirectory(directory)
            } catch {
                loseTrust(after: error)
                throw error
            }
        }
    }

    private func newExtents(_ change: TableChange) throws(SQLError) -> [Extent] {
        guard let result = change.result else { return [] }
        let old = Set(try change.base?.contents().slices.joined().map(\.extent.id) ?? [])
        return try result.contents().slices.joined().map(\.extent).filter { !old.contains($0.id) }
    }

    /// Steps 2 to 4 of ``commit(_:addedSchemas:removedSchemas:)``, under the commit lock.
    func commitLocked(
        _ changes: [TableChange],
        _ addedSchemas: Set<String>,
        _ removedSchemas: Set<String>
    ) throws(SQLError) {
        var next = state.withLock { $0 }
        let schemas = try SchemaChange(added: addedSchemas, removed: removedSchemas)
            .applied(to: next.current.schemas)
        var versions = next.current.versions
        var delta = CatalogDelta()
        var kept: [ExtentFiles] = []
        var dropped: [ExtentFiles] = []
        for change in changes {
            let before = next.current.versions[change.id]
            let after = try rebased(change, on: before)
            versions[change.id] = after
            let checksum = try describe(
                change.id,
                from: before,
                to: &versions[change.id],
                in: &delta,
                kept: &kept,
                dropped: &dropped
            )
            next.tableChecksums[change.id] = checksum
        }
        let snapshot = StoreSnapshot(
            shape: shape,
            commitNumber: next.record.commitNumber + 1,
            schemas: schemas,
            versions: versions
        )
        try checkNames(snapshot, changes)
        if !removedSchemas.isEmpty { try checkSchemas(snapshot) }
        try checkViews(snapshot, changes)
        next.current = snapshot
        next.record.schemas = schemas
        next.record.commitNumber += 1
        next.record.nextTableID = nextTableID.withLock { $0 }
        next.record.nextExtentID = place.upcomingID
        next.record.tableCount = next.tableChecksums.count
        next.record.tableDigest = next.tableChecksums.values.reduce(0, &+)
        delta.warehouse = next.record.row

        // Another commit's sync may have failed while this one waited.
        try requireTrust()
        // From here on a failure may come after the commit is on the disk: its files stay, and
        // are swept at the next opening if the catalog turns out not to name them.
        for file in kept { file.setDoomed(false) }
        do throws(CommitFailure) {
            try database.apply(delta)
        } catch {
            if error.isFailedSync { loseTrust(after: error.error) }
            throw error.error
        }
        commitNote?.note(next.record.commitNumber)
        let installed = next
        state.withLock { $0 = installed }
        for file in dropped { file.setDoomed(true) }
    }

    /// The version to commit: the transaction's own, or its new extents on a newer version.
    private func rebased(
        _ change: TableChange,
        on current: TableVersion?
    ) throws(SQLError) -> TableVersion? {
        if current === change.base { return change.result }
        if let merged = try appended(change, to: current) { return merged }
        // Only upkeep has come between, and stored the same rows in other extents. Those that the
        // transaction began on are still there, since it holds them, and take their place again.
        if let base = change.base, current?.rows === base.rows { return change.result }
        throw SQLError(
            .serializationFailure,
            "could not serialize access due to concurrent update",
            detail: "Table \(change.id) was changed by a transaction that committed meanwhile."
        )
    }

    /// The newer version with the extents that a transaction added; nil where it did more.
    private func appended(
        _ change: TableChange,
        to current: TableVersion?
    ) throws(SQLError) -> TableVersion? {
        guard let current, let base = change.base, let result = change.result,
            current.definition == base.definition, result.definition == base.definition
        else { return nil }
        let old = try base.contents()
        let new = try result.contents()
        var merged = try current.contents()
        merged.identityPosition = max(merged.identityPosition, new.identityPosition)
        for slice in old.slices.indices {
            let kept = new.slices[slice].prefix(old.slices[slice].count)
            let isAppendOnly =
                kept.count == old.slices[slice].count
                && zip(kept, old.slices[slice]).allSatisfy {
                    $0.extent === $1.extent && $0.deletes === $1.deletes
                }
            guard isAppendOnly else { return nil }
            for visible in new.slices[slice].dropFirst(kept.count) {
                merged.append(PendingExtent(extent: visible.extent), deletes: visible.deletes)
            }
        }
        return TableVersion(
            definition: result.definition,
            shape: shape,
            files: files,
            contents: merged
        )
    }

    /// Adds a table's difference to the catalog's changes; gives its record's checksum.
    private func describe(
        _ id: TableID,
        from before: TableVersion?,
        to after: inout TableVersion?,
        in delta: inout CatalogDelta,
        kept: inout [ExtentFiles],
        dropped: inout [ExtentFiles]
    ) throws(SQLError) -> UInt64? {
        guard let result = after else {
            // A damaged table can be dropped too; its files are swept at the next opening.
            for visible in ((try? before?.contents())?.slices ?? []).joined() {
                if case .files(let file) = visible.extent.storage { dropped.append(file) }
            }
            if before != nil { delta.removedTables.append(Int64(id)) }
            return nil
        }
        var old: [Int64: VisibleExtent] = [:]
        for visible in (try before?.contents().slices ?? []).joined() {
            old[visible.extent.id] = visible
        }
        var contents = try result.contents()
        for slice in contents.slices.indices {
            for index in contents.slices[slice].indices {
                var visible = contents.slices[slice][index]
                let former = old.removeValue(forKey: visible.extent.id)
                let isRenumbered = former.map { $0.ordinal != visible.ordinal } ?? false
                if isRenumbered { delta.removedExtents.append(visible.extent.id) }
                if former == nil || isRenumbered {
                    let row = CatalogRow(
                        id: visible.extent.id,
                        table: Int64(id),
                        slice: Int64(slice),
                        ordinal: Int64(visible.ordinal),
                        record: visible.extent.record
                    ).sealed(in: CatalogKind.extent)
                    visible.extentChecksum = row.checksum
                    delta.addedExtents.append(row)
                    if case .files(let file) = visible.extent.storage { kept.append(file) }
                }
                if let deletes = visible.deletes, former?.deletes !== deletes {
                    let row = CatalogRow(
                        id: visible.extent.id,
                        table: Int64(id),
                        slice: Int64(slice),
                        record: deletes.record
                    ).sealed(in: CatalogKind.deletes)
                    visible.deletesChecksum = row.checksum
                    delta.upsertedDeletes.append(row)
                }
                contents.slices[slice][index] = visible
            }
        }
        for visible in old.values {
            delta.removedExtents.append(visible.extent.id)
            if visible.deletes != nil { delta.removedDeletes.append(visible.extent.id) }
            if case .files(let file) = visible.extent.storage { dropped.append(file) }
        }
        let row = TableRecord(definition: result.definition, contents: contents).row
        delta.upsertedTables.append(row)
        after = TableVersion(
            definition: result.definition,
            shape: shape,
            files: files,
            contents: contents,
            rows: result.rows
        )
        return row.checksum
    }

    /// Two transactions may have made a table of the same name, or one dropped the schema.
    private func checkNames(
        _ snapshot: StoreSnapshot,
        _ changes: [TableChange]
    ) throws(SQLError) {
        for change in changes {
            guard let definition = change.result?.definition else { continue }
            guard snapshot.hasSchema(definition.schema) else {
                throw SQLError(
                    .invalidSchemaName,
                    "schema \"\(definition.schema)\" does not exist"
                )
            }
            let namesakes = snapshot.versions.values.filter {
                $0.definition.schema == definition.schema && $0.definition.name == definition.name
            }
            if namesakes.count > 1 {
                throw SQLError(
                    .duplicateTable,
                    "relation \"\(definition.name)\" already exists"
                )
            }
        }
    }

    /// One transaction may have made a view of what another dropped.
    private func checkViews(
        _ snapshot: StoreSnapshot,
        _ changes: [TableChange]
    ) throws(SQLError) {
        let removed = Set(changes.filter { $0.result == nil }.map(\.id))
        var lost = removed.isEmpty ? nil : snapshot.views(reading: removed).first
        for change in changes where lost == nil {
            guard let definition = change.result?.definition, let view = definition.view
            else { continue }
            if view.dependencies.contains(where: { snapshot.versions[$0] == nil }) {
                lost = definition
            }
        }
        guard let lost else { return }
        throw SQLError(
            .serializationFailure,
            "could not serialize access due to concurrent update",
            detail: "View \(lost.name) reads what a transaction dropped meanwhile."
        )
    }
}
