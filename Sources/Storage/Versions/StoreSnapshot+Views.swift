package import Catalogs

extension StoreSnapshot {
    /// The bound views that read one of these tables or views themselves, by number.
    package func views(reading tables: Set<TableID>) -> [TableDefinition] {
        versions.values.map(\.definition)
            .filter { $0.view?.dependencies.contains(where: tables.contains) ?? false }
            .sorted { $0.id < $1.id }
    }

    /// The bound views that read one of these tables or views, through however many others.
    ///
    /// None of `tables` is among them; each stands behind what it reads.
    package func allViews(reading tables: Set<TableID>) -> [TableDefinition] {
        var known = tables
        var found: [TableDefinition] = []
        var latest = tables
        while !latest.isEmpty {
            let next = views(reading: latest).filter { !known.contains($0.id) }
            found += next
            latest = Set(next.map(\.id))
            known.formUnion(latest)
        }
        return found
    }
}
