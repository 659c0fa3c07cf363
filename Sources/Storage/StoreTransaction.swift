package import Catalogs
package import SQLTypes
import Synchronization

/// The temporary tables of one session; they leave nothing in the catalog.
///
/// Their blocks are files named `tmp-…`, removed with the last version that names them.
package final class TemporaryTables: Sendable {
    private let versions = Mutex<[TableID: TableVersion]>([:])

    /// Makes a session's set, empty.
    package init() {}

    var all: [TableID: TableVersion] { versions.withLock { $0 } }

    func set(_ id: TableID, _ version: TableVersion?) { versions.withLock { $0[id] = version } }

    /// Drops all of them, as the end of the session does.
    package func removeAll() { versions.withLock { $0 = [:] } }
}

/// Rows of a table to delete: addresses as a scan of the transaction's view gave them.
package struct DeletedRows: Sendable {
    package var slice: SliceID
    package var addresses: [RowAddress]

    /// Makes a list.
    package init(slice: SliceID, addresses: [RowAddress]) {
        self.slice = slice
        self.addresses = addresses
    }
}

/// A user's changes, in memory and block files, until they are committed.
///
/// Statements read ``view``: the state the transaction began on, plus its own changes. Used by one
/// thread at a time; writers may run on the slices' threads.
package final class StoreTransaction {
    let store: Store
    private let temporary: TemporaryTables?
    /// What the transaction began on, the session's temporary tables included.
    package private(set) var base: StoreSnapshot
    /// What its statements read.
    package private(set) var view: StoreSnapshot
    private var touched: Set<TableID> = []

    /// A point to come back to.
    package struct Mark: Sendable {
        fileprivate var view: StoreSnapshot
        fileprivate var touched: Set<TableID>
    }

    init(store: Store, temporary: TemporaryTables?) {
        self.store = store
        self.temporary = temporary
        base = Self.snapshot(store, temporary)
        view = base
    }

    private static func snapshot(_ store: Store, _ temporary: TemporaryTables?) -> StoreSnapshot {
        let current = store.current
        guard let tables = temporary?.all, !tables.isEmpty else { return current }
        let schemas = current.schemas.union(tables.values.map(\.definition.schema))
        let versions = current.versions.merging(tables) { _, own in own }
        return StoreSnapshot(
            shape: current.shape,
            commitNumber: current.commitNumber,
            schemas: schemas,
            versions: versions
        )
    }

    /// The cache that scans of the transaction's view share with all others.
    package var cache: BlockCache { store.cache }

    /// Whether nothing was changed yet.
    package var isEmpty: Bool { touched.isEmpty && base.schemas == view.schemas }

    /// The tables that it has changed.
    package var changedTables: [TableID] { Array(touched) }

    /// Moves on to the latest state where nothing was changed yet.
    package func refreshBase() {
        guard isEmpty else { return }
        base = Self.snapshot(store, temporary)
        view = base
    }

    /// Reads a table as a newer version of the same rows from now on, if it was not changed yet.
    func adopt(_ version: TableVersion, insteadOf known: TableVersion) {
        let id = version.definition.id
        guard view.tableVersion(id) === known else { return }
        base = base.replacing(id, with: version)
        view = view.replacing(id, with: version)
    }

    /// The present point.
    package func mark() -> Mark { Mark(view: view, touched: touched) }

    /// Undoes what was done since `mark`; block files written since go with their extents.
    package func rollback(to mark: Mark) {
        view = mark.view
        touched = mark.touched
    }

    /// Undoes everything.
    ///
    /// The transaction may go on with new changes.
    package func rollback() {
        touched = []
        base = Self.snapshot(store, temporary)
        view = base
    }

    /// Makes everything durable and visible; afterwards the transaction is empty.
    ///
    /// `order` is asked whether the transaction may commit, and told that it has; one that has
    /// changed nothing asks too.
    ///
    /// Errors: 40001 where another transaction changed what this one changed, 25006 in a
    /// warehouse open for reading only, those of files and catalog. After an error nothing is
    /// visible, and the changes are still there to roll back.
    package func commit(in order: (any CommitOrder)? = nil) throws(SQLError) {
        guard !isEmpty else {
            if let order { try store.note(in: order) }
            return refreshBase()
        }
        var changes: [TableChange] = []
        var temporaryChanges: [TableChange] = []
        for id in touched.sorted() {
            let change = TableChange(id: id, base: base.versions[id], result: view.versions[id])
            let version = change.result ?? change.base
            guard let version, change.base !== change.result else { continue }
            if version.definition.isTemporary {
                temporaryChanges.append(change)
            } else {
                changes.append(change)
            }
        }
        // Schemas of temporary tables are the session's own; users' names cannot begin so.
        let added = view.schemas.subtracting(base.schemas).filter { !$0.hasPrefix("pg_temp") }
        let removed = base.schemas.subtracting(view.schemas).filter { !$0.hasPrefix("pg_temp") }
        if !changes.isEmpty || !added.isEmpty || !removed.isEmpty {
            try store.commit(changes, addedSchemas: added, removedSchemas: removed, in: order)
        } else if let order {
            try store.note(in: order)
        }
        for change in temporaryChanges { temporary?.set(change.id, change.result) }
        rollback()
    }
}

// MARK: - Changes

extension StoreTransaction {
    /// Adds a schema.
    ///
    /// Errors: 42P06 where it exists.
    package func createSchema(_ name: String) throws(SQLError) {
        if view.hasSchema(name) {
            throw SQLError(.duplicateSchema, "schema \"\(name)\" already exists")
        }
        view = view.replacing(schemas: view.schemas.union([name]))
    }

    /// Removes a schema and the tables in it.
    ///
    /// Errors: 3F000 where it is not there.
    package func dropSchema(_ name: String) throws(SQLError) {
        guard view.hasSchema(name) else {
            throw SQLError(.invalidSchemaName, "schema \"\(name)\" does not exist")
        }
        for definition in view.tables(inSchema: name) { try dropTable(definition.id) }
        view = view.replacing(schemas: view.schemas.subtracting([name]))
    }

    /// Adds an empty table and gives back its definition with the id it got.
    ///
    /// Errors: 42P07 where the schema has a table of that name, 3F000 where there is no such
    /// schema; a temporary table's schema comes into being with it.
    package func createTable(_ definition: TableDefinition) throws(SQLError) -> TableDefinition {
        var definition = definition
        if view.table(schema: definition.schema, name: definition.name) != nil {
            throw SQLError(.duplicateTable, "relation \"\(definition.name)\" already exists")
        }
        if definition.isTemporary {
            guard temporary != nil else {
                throw SQLError.invariant("a temporary table was made outside a session")
            }
            view = view.replacing(schemas: view.schemas.union([definition.schema]))
        } else if !view.hasSchema(definition.schema) {
            throw SQLError(.invalidSchemaName, "schema \"\(definition.schema)\" does not exist")
        }
        definition.id = store.takeTableID()
        put(definition, TableContents(sliceCount: store.shape.sliceCount))
        return definition
    }

    /// Removes a table.
    ///
    /// Errors: XX000 where it is not there.
    package func dropTable(_ id: TableID) throws(SQLError) {
        _ = try version(id)
        touched.insert(id)
        view = view.replacing(id, with: nil)
    }

    /// Gives a table another definition with as many columns of the same types; a view any.
    package func replaceDefinition(_ definition: TableDefinition) throws(SQLError) {
        let old = try version(definition.id)
        let keepsTypes = old.definition.columns.map(\.type) == definition.columns.map(\.type)
        guard keepsTypes || old.definition.view != nil && definition.view != nil else {
            throw SQLError.invariant("the columns of table \(definition.id) were changed")
        }
        touched.insert(definition.id)
        view = view.replacing(definition.id, with: old.with(definition))
    }

    /// Gives a table without rows another definition, with any columns.
    ///
    /// Errors: XX000 where it has rows; XX001 where its records are damaged.
    package func redefineEmpty(_ definition: TableDefinition) throws(SQLError) {
        let contents = try version(definition.id).contents()
        guard contents.slices.allSatisfy(\.isEmpty) else {
            throw SQLError.invariant("the columns of table \(definition.id) with rows were changed")
        }
        put(definition, contents)
    }

    /// Removes all rows of a table.
    ///
    /// Errors: XX001 where its records are damaged; such a table can only be dropped.
    package func truncate(_ id: TableID) throws(SQLError) {
        let old = try version(id)
        let former = try old.contents()
        var contents = TableContents(sliceCount: store.shape.sliceCount)
        // One number for all slices: copies of a DISTSTYLE ALL table share their addresses.
        let next = former.nextOrdinals.max() ?? 0
        contents.nextOrdinals = Array(repeating: next, count: store.shape.sliceCount)
        contents.identityPosition = former.identityPosition
        put(old.definition, contents)
    }

    /// A writer of a table's rows on one slice; it may run on any one thread.
    ///
    /// `byteCountMax` is the most bytes of rows it keeps before it writes an extent; `check` is
    /// asked every few milliseconds while it does, and may throw.
    package func makeWriter(
        table: TableDefinition,
        slice: SliceID,
        byteCountMax: Int = 64 << 20,
        check: @escaping StopCheck = {}
    ) -> ExtentWriter {
        ExtentWriter(
            definition: table,
            slice: slice,
            place: store.place,
            byteCountMax: byteCountMax,
            check: check
        )
    }

    /// Adds extents to a table, in their order.
    ///
    /// Errors: XX000 where they are not the table's; XX001 where its records are damaged.
    package func append(_ extents: [PendingExtent], to table: TableID) throws(SQLError) {
        guard !extents.isEmpty else { return }
        let old = try version(table)
        var contents = try old.contents()
        for pending in extents {
            guard pending.extent.table == table else {
                throw SQLError.invariant("an extent was appended to another table than its own")
            }
            contents.append(pending)
        }
        put(old.definition, contents)
    }

    /// Notes which positions of a table's IDENTITY columns were used: all below `position`.
    ///
    /// Errors: XX001 where the table's records are damaged.
    package func advanceIdentity(
        of table: TableID,
        to position: Int64
    ) throws(SQLError) {
        let old = try version(table)
        var contents = try old.contents()
        guard contents.identityPosition < position else { return }
        contents.identityPosition = position
        put(old.definition, contents)
    }

    /// Deletes rows of a table, whose addresses ascend on each slice.
    ///
    /// `check` is asked for each extent and may throw.
    ///
    /// Errors: XX000 for an address that is not in the view or out of order; XX001 where records
    /// are damaged.
    package func delete(
        _ rows: [DeletedRows],
        from table: TableID,
        check: StopCheck = {}
    ) throws(SQLError) {
        let old = try version(table)
        var contents = try old.contents()
        for part in rows where !part.addresses.isEmpty {
            guard contents.slices.indices.contains(part.slice) else {
                throw SQLError.invariant("rows were deleted on slice \(part.slice)")
            }
            // Extents ascend by ordinal, and addresses by extent.
            var next = part.addresses.startIndex
            for index in contents.slices[part.slice].indices {
                let visible = contents.slices[part.slice][index]
                let first = next
                let end = visible.firstAddress + Int64(1) << rowAddressBits
                while next < part.addresses.endIndex, part.addresses[next] < end { next += 1 }
                if next == first { continue }
                try check()
                // An address before the extent's first gives a negative row, which is refused.
                contents.slices[part.slice][index].deletes = try DeleteVector(
                    adding: part.addresses[first..<next].map {
                        Int($0 - visible.firstAddress)
                    },
                    to: visible.deletes,
                    rowCount: visible.extent.rowCount
                )
                contents.slices[part.slice][index].deletesChecksum = 0
            }
            guard next == part.addresses.endIndex else {
                throw SQLError.invariant("a row of an extent that is not there was deleted")
            }
        }
        put(old.definition, contents)
    }

    private func version(_ id: TableID) throws(SQLError) -> TableVersion {
        guard let version = view.tableVersion(id) else {
            throw SQLError.invariant("table \(id) is not in the transaction's view")
        }
        return version
    }

    private func put(_ definition: TableDefinition, _ contents: TableContents) {
        touched.insert(definition.id)
        let version = TableVersion(
            definition: definition,
            shape: store.shape,
            files: store.files,
            contents: contents
        )
        view = view.replacing(definition.id, with: version)
    }
}
