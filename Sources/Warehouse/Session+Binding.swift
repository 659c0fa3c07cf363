import Catalogs
import Functions
import Planning
import Storage

extension Session {
    /// The names and values that binding needs, over one state of the catalog.
    func bindingContext(_ snapshot: StoreSnapshot) -> BindingContext {
        let settings = settings
        let lastQuery = lastQuery
        let randomSeeds = randomSeeds
        let sessions = warehouse.sessions
        return BindingContext(
            catalog: SessionCatalog(snapshot: snapshot),
            searchPath: settings.searchPath,
            statementTime: statementTime,
            transactionTime: transactionStatus == .idle
                ? statementTime : transactionTime,
            userName: userName,
            databaseName: databaseName,
            versionText: versionText,
            processID: id,
            temporarySchema: temporarySchema,
            setting: { name in
                switch name {
                case "pg_last_query_id": String(lastQuery.queryID)
                case "pg_last_copy_id": String(lastQuery.copyID)
                case "pg_last_copy_count": String(lastQuery.copyRowCount)
                default: settings.value(of: name)
                }
            },
            nextRandomSeed: { randomSeeds?.next() },
            cancelSession: { sessions.cancel($0, terminates: $1) }
        )
    }
}
