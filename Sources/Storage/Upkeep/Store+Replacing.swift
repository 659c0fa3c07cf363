import Catalogs
package import SQLTypes
import Synchronization

extension Store {
    /// Puts extents in the place of those whose rows they hold: one commit of its own.
    ///
    /// `base` is the version the runs were chosen from. Readers keep what they have pinned; a
    /// transaction that began before is not disturbed, whatever it commits afterwards. `temporary`
    /// are the tables of the session, where the table is one of them.
    ///
    /// Returns false, with nothing changed, where the table was changed meanwhile other than by
    /// adding rows or by deleting some that lie elsewhere.
    ///
    /// Errors: 25006 in a warehouse open for reading only; XX000 where the copies of a DISTSTYLE
    /// ALL table would differ; those of files and catalog.
    package func replace(
        _ runs: [RewrittenRun],
        of base: TableVersion,
        temporary: TemporaryTables? = nil
    ) throws(SQLError) -> Bool {
        try requireSameCopies(runs, of: base.definition)
        if base.definition.isTemporary {
            guard let temporary else {
                throw SQLError.invariant("a temporary table was written anew outside its session")
            }
            let id = base.definition.id
            guard let current = temporary.all[id],
                let result = try current.replacing(runs, of: base)
            else { return false }
            temporary.set(id, result)
            return true
        }
        try requireWritable()
        var files: [ExtentFiles] = []
        for pending in runs.flatMap(\.extents) {
            if case .files(let written) = pending.extent.storage { files.append(written) }
        }
        try sync(files)
        return try commitLock.withLock { (_: inout Bool) throws(SQLError) in
            try Interruption.never.bind { () throws(SQLError) in
                guard let current = self.current.versions[base.definition.id],
                    let result = try current.replacing(runs, of: base)
                else { return false }
                let change = TableChange(
                    id: base.definition.id,
                    base: current,
                    result: result
                )
                try commitLocked([change], [], [])
                return true
            }
        }
    }

    /// Every copy of a DISTSTYLE ALL table must have the same rows at the same addresses.
    private func requireSameCopies(
        _ runs: [RewrittenRun],
        of definition: TableDefinition
    ) throws(SQLError) {
        guard definition.distribution == .all else { return }
        let copies = shape.firstSlices.map { slice in
            runs.filter { $0.run.slice == slice }.map { run in
                CopiedRun(places: run.run.places, rowCounts: run.extents.map(\.rowCount))
            }
        }
        guard Set(copies).count == 1 else {
            throw SQLError.invariant("the copies of table \(definition.id) were rewritten unalike")
        }
    }

    private struct CopiedRun: Hashable {
        var places: Range<Int>
        var rowCounts: [Int]
    }
}

extension TableVersion {
    /// The version with runs replaced; nil where what they replace is no longer there.
    fileprivate func replacing(
        _ runs: [RewrittenRun],
        of base: TableVersion
    ) throws(SQLError) -> TableVersion? {
        guard definition == base.definition else { return nil }
        let contents = try contents()
        let sorted = contents.slices.indices.map { slice in
            // Without a sort key there is nothing to know of an order.
            definition.sortKey.columns.isEmpty ? 0 : sortedExtentCount(of: slice, in: contents)
        }
        let replaced = contents.replacing(runs, of: try base.contents(), sorted: sorted)
        return replaced.map {
            TableVersion(
                definition: definition,
                shape: shape,
                files: files,
                contents: $0,
                rows: rows
            )
        }
    }
}
