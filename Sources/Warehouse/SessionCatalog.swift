import Catalogs
import Storage

/// The catalog as one statement sees it: stored tables, temporary ones, system relations.
struct SessionCatalog: CatalogSnapshot {
    /// Stored and temporary tables of the statement's transaction.
    let snapshot: StoreSnapshot

    var shape: ClusterShape { snapshot.shape }

    func table(schema: String, name: String) -> TableDefinition? {
        if schema == SystemRelations.schema { return SystemRelations.all[name]?.definition }
        return snapshot.table(schema: schema, name: name)
    }

    func statistics(of table: TableID) throws(SQLError) -> TableStatistics? {
        try snapshot.statistics(of: table)
    }

    func hasSchema(_ name: String) -> Bool {
        name == SystemRelations.schema || snapshot.hasSchema(name)
    }

    var schemaNames: [String] { (snapshot.schemaNames + [SystemRelations.schema]).sorted() }

    func tables(inSchema schema: String) -> [TableDefinition] {
        if schema == SystemRelations.schema {
            return SystemRelations.all.values.map(\.definition).sorted { $0.name < $1.name }
        }
        return snapshot.tables(inSchema: schema)
    }
}
