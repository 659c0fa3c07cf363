package import Catalogs
package import SQLTypes

extension Store {
    /// Whether a directory holds a warehouse; false where it is absent or empty.
    ///
    /// - Throws: 42809 for something that is no directory; 58P01 for a directory with other
    ///   things in it; those of the file system.
    package static func isWarehouse(
        at path: String,
        files: any FileSystem
    ) throws(SQLError) -> Bool {
        guard let status = try files.status(path) else { return false }
        guard status.isDirectory else {
            throw SQLError(.wrongObjectType, "not a directory: \"\(path)\"")
        }
        let names = try files.list(path)
        if names.contains("catalog.sqlite") { return true }
        let isUnfinished = names.allSatisfy {
            $0.hasPrefix("slice-") || $0.hasPrefix("catalog.sqlite-") || $0 == "lock"
                || $0 == "readers"
        }
        guard isUnfinished else {
            throw SQLError(
                .undefinedFile,
                "not a warehouse: \"\(path)\"",
                detail: "The directory is not empty, so no warehouse is made in it."
            )
        }
        for slice in names where slice.hasPrefix("slice-") {
            for disk in try files.list("\(path)/\(slice)") {
                let blocks = try files.list("\(path)/\(slice)/\(disk)")
                guard let lost = blocks.first(where: { $0.hasSuffix(".blocks") }) else { continue }
                throw SQLError(
                    .dataCorrupted,
                    "the catalog of warehouse \"\(path)\" is missing",
                    detail: "\(slice)/\(disk)/\(lost) holds rows that only catalog.sqlite names.",
                    hint: "Restore catalog.sqlite; nothing was changed."
                )
            }
        }
        return false
    }
}

extension Store {
    /// What a new transaction of a session would see: the latest commit and its own tables.
    package func snapshot(with temporary: TemporaryTables) -> StoreSnapshot {
        begin(temporary: temporary).view
    }
}

extension StoreTransaction {
    /// Makes sure that a table this transaction is about to change is as its snapshot has it.
    ///
    /// Where only upkeep has stored the same rows anew, the transaction goes over to that. What
    /// only adds rows (`appendsOnly`) needs no more than the same definition: its rows are put
    /// beside whatever is there when it commits.
    ///
    /// - Throws: XX000 with Redshift's numbers: 1023 where another transaction has changed one
    ///   since the snapshot was taken, 1018 where it has dropped it.
    package func requireCurrent(
        _ table: TableID,
        appendsOnly: Bool = false
    ) throws(SQLError) {
        guard let known = base.tableVersion(table), !known.definition.isTemporary else { return }
        let current = store.current.tableVersion(table)
        if current === known { return }
        guard let current else {
            throw SQLError(
                .internalError,
                "1018",
                detail: "Relation does not exist",
                hint: "Another transaction has dropped the table; roll back, and run the "
                    + "transaction again."
            )
        }
        if current.rows === known.rows { return adopt(current, insteadOf: known) }
        if appendsOnly && current.definition == known.definition { return }
        throw SQLError(
            .internalError,
            "1023",
            detail: "Serializable isolation violation on table - \(table): another "
                + "transaction changed it after this one's snapshot was taken.",
            hint: "Roll back and run the transaction again."
        )
    }
}
