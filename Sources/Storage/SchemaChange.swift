import Catalogs
import SQLTypes

/// Schemas that a transaction added and removed, put on what others have committed meanwhile.
///
/// Schemas are not locked: whoever commits second meets what the first has done here, under the
/// commit lock.
struct SchemaChange {
    var added: Set<String>
    var removed: Set<String>

    /// The schemas after the change.
    ///
    /// Errors: 42P06 where another transaction added one of the same name, 3F000 where another
    /// removed it first.
    func applied(to current: Set<String>) throws(SQLError) -> Set<String> {
        if let name = added.intersection(current).min() {
            throw SQLError(
                .duplicateSchema,
                "schema \"\(name)\" already exists",
                detail: "A transaction that committed meanwhile has created it."
            )
        }
        if let name = removed.subtracting(current).min() {
            throw SQLError(
                .invalidSchemaName,
                "schema \"\(name)\" does not exist",
                detail: "A transaction that committed meanwhile has dropped it."
            )
        }
        return current.union(added).subtracting(removed)
    }
}

extension Store {
    /// Makes sure that every table of a state about to be committed has its schema.
    ///
    /// A transaction that drops a schema drops the tables it sees in it; one that another created
    /// meanwhile would be left without.
    ///
    /// Errors: 2BP01 naming the table.
    func checkSchemas(_ snapshot: StoreSnapshot) throws(SQLError) {
        for id in snapshot.versions.keys.sorted() {
            guard let table = snapshot.versions[id]?.definition,
                !snapshot.hasSchema(table.schema)
            else { continue }
            throw SQLError(
                .dependentObjectsStillExist,
                "cannot drop schema \(table.schema) because other objects depend on it",
                detail: "table \(table.schema).\(table.name) was created by a transaction that "
                    + "committed meanwhile.",
                hint: "Run the statement again."
            )
        }
    }
}
