package import Catalogs
package import SQLTypes

/// One immutable state of everything in a warehouse; pins what it names.
package final class StoreSnapshot: Sendable {
    package let shape: ClusterShape
    /// The number of the last commit in it.
    package let commitNumber: Int
    let schemas: Set<String>
    let versions: [TableID: TableVersion]
    private let names: [QualifiedName: TableID]

    private struct QualifiedName: Hashable {
        var schema: String
        var name: String
    }

    init(
        shape: ClusterShape,
        commitNumber: Int,
        schemas: Set<String>,
        versions: [TableID: TableVersion]
    ) {
        self.shape = shape
        self.commitNumber = commitNumber
        self.schemas = schemas
        self.versions = versions
        var names: [QualifiedName: TableID] = [:]
        for version in versions.values {
            let definition = version.definition
            let name = QualifiedName(schema: definition.schema, name: definition.name)
            names[name] = definition.id
        }
        self.names = names
    }

    /// Names of all schemas, sorted.
    package var schemaNames: [String] { schemas.sorted() }

    /// Whether the schema exists.
    package func hasSchema(_ name: String) -> Bool { schemas.contains(name) }

    /// The table of that name; nil if there is none.
    package func table(schema: String, name: String) -> TableDefinition? {
        names[QualifiedName(schema: schema, name: name)].flatMap { versions[$0]?.definition }
    }

    /// All tables of a schema, by name.
    package func tables(inSchema schema: String) -> [TableDefinition] {
        versions.values.map(\.definition).filter { $0.schema == schema }
            .sorted { $0.name < $1.name }
    }

    /// The table's present state; nil for a table that is not there.
    package func tableVersion(_ id: TableID) -> TableVersion? { versions[id] }

    /// What is known of a table's rows; nil for a table that is not there.
    ///
    /// Errors: XX001 where the catalog's rows of the table are damaged.
    package func statistics(of id: TableID) throws(SQLError) -> TableStatistics? {
        try versions[id]?.statistics()
    }

    /// The state with one table put in, or taken out where `version` is nil.
    func replacing(_ id: TableID, with version: TableVersion?) -> StoreSnapshot {
        var versions = versions
        versions[id] = version
        return StoreSnapshot(
            shape: shape,
            commitNumber: commitNumber,
            schemas: schemas,
            versions: versions
        )
    }

    /// The state with other schemas.
    func replacing(schemas: Set<String>) -> StoreSnapshot {
        StoreSnapshot(
            shape: shape,
            commitNumber: commitNumber,
            schemas: schemas,
            versions: versions
        )
    }
}
