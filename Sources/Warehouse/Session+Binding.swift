import Catalogs
import Functions
import Planning
import Storage
import Vectors

extension Session {
    /// The names and values that binding needs, over one state of the catalog.
    func bindingContext(_ snapshot: StoreSnapshot) -> BindingContext {
        let settings = settings
        let lastQuery = lastQuery
        let randomSeeds = randomSeeds
        let sessions = warehouse.sessions
        let transactionTime = transactionStatus == .idle ? statementTime : transactionTime
        return BindingContext(
            catalog: SessionCatalog(snapshot: snapshot),
            searchPath: settings.searchPath,
            statementTime: statementTime,
            transactionTime: transactionTime,
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
            style: settings.valueStyle(at: transactionTime),
            nextRandomSeed: { randomSeeds?.next() },
            cancelSession: { sessions.cancel($0, terminates: $1) }
        )
    }
}
