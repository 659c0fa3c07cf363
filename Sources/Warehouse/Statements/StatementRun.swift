import Catalogs
import Execution
import Plans
import Planning
import SQLSyntax
import Storage
import Vectors

/// One statement's way through the leader: its session, its text, and where its rows go.
struct StatementRun {
    let session: Session
    let text: String
    let cancellation: Cancellation
    let sink: any ResultSink
    /// The values of `$1`, `$2`, … of a prepared statement.
    var parameters: [Expression]
    /// How the literals of a prepared statement were read when it was prepared.
    var preparedReading: LiteralReading?
    let identities: IdentityValues

    /// Begins a statement of a session.
    init(
        session: Session,
        text: String,
        cancellation: Cancellation,
        sink: any ResultSink,
        parameters: [Expression] = []
    ) {
        self.session = session
        self.text = text
        self.cancellation = cancellation
        self.sink = sink
        self.parameters = parameters
        identities = IdentityValues(behind: session.warehouse.identityPositions)
    }

    var warehouse: Warehouse { session.warehouse }

    /// The names and values that binding needs, over one state of the catalog.
    func bindingContext(_ snapshot: StoreSnapshot) -> BindingContext {
        var context = session.bindingContext(snapshot)
        context.parameters = parameters
        context.preparedReading = preparedReading
        let identities = identities
        context.identityValues = { table, column, order in
            Result { () throws(SQLError) in
                try identities.function(of: table, column: column, order: order, in: snapshot)
            }
        }
        return context
    }

    /// The number of a query that is about to run; errors of a cancel name it.
    func makeQueryID() -> Int {
        let number = warehouse.makeQueryID()
        cancellation.noteQuery(number)
        session.recording?.note(number: number)
        return number
    }

    /// The planner's settings as SET left them.
    var plannerSettings: PlannerSettings {
        var planner = PlannerSettings()
        planner.explainSlices = session.settings.isOn("explain_slices")
        planner.motionCostLocal = session.settings.value(of: "motion_cost") == "local"
        planner.prunesByJoins = session.settings.isOn("enable_runtime_filters")
        planner.mergesJoins = session.settings.isOn("enable_mergejoin")
        planner.groupsInOrder = session.settings.isOn("enable_groupagg")
        if let cost = session.settings.value(of: "network_cost_broadcast").flatMap(Double.init) {
            planner.networkCostBroadcast = cost
        }
        if let cost = session.settings.value(of: "network_cost_distribute").flatMap(Double.init) {
            planner.networkCostDistribute = cost
        }
        if let seed = session.settings.value(of: "join_order_seed").flatMap(UInt64.init), seed > 0 {
            planner.joinOrderSeed = seed
        }
        return planner
    }

    /// The table of that name for a change: stored or temporary, never a system relation.
    ///
    /// - Throws: 42P01 where there is none; 42501 for a system relation; for a view 0A000 where
    ///   `verb` tells what would change its rows, else 42809.
    func targetTable(
        _ name: ObjectNameSyntax,
        in snapshot: StoreSnapshot,
        verb: String? = nil
    ) throws(SQLError) -> TableDefinition {
        let table = try targetRelation(name, in: snapshot)
        guard table.view == nil else {
            throw SQLError(
                verb == nil ? .wrongObjectType : .featureNotSupported,
                verb.map { "cannot \($0) a view" } ?? "\"\(table.name)\" is not a table",
                position: name.position
            )
        }
        return table
    }

    /// The table or view of that name for a change of its definition.
    ///
    /// - Throws: 42P01 where there is none; 42501 for a system relation.
    func targetRelation(
        _ name: ObjectNameSyntax,
        in snapshot: StoreSnapshot
    ) throws(SQLError) -> TableDefinition {
        let catalog = SessionCatalog(snapshot: snapshot)
        let schemas = name.qualifier.map { [$0] } ?? searchSchemas
        for schema in schemas {
            guard let table = catalog.table(schema: schema, name: name.name) else { continue }
            guard schema != SystemRelations.schema else {
                throw SQLError(
                    .insufficientPrivilege,
                    "permission denied: \"\(name.name)\" is a system catalog",
                    position: name.position
                )
            }
            return table
        }
        if let qualifier = name.qualifier, !catalog.hasSchema(qualifier) {
            throw SQLError(
                .invalidSchemaName,
                "schema \"\(qualifier)\" does not exist",
                position: name.position
            )
        }
        throw SQLError(
            .undefinedTable,
            "relation \"\(name.description)\" does not exist",
            hint: nearestName(
                to: name.name,
                among: schemas.flatMap { catalog.tables(inSchema: $0).map(\.name) }
            ).map { "Perhaps you meant the relation \"\($0)\"." },
            position: name.position
        )
    }

    /// The schemas an unqualified name is looked for in, temporary tables first.
    var searchSchemas: [String] {
        [session.temporarySchema, SystemRelations.schema]
            + session.settings.searchPath
    }
}

/// What VERSION() returns: drivers look for PostgreSQL 8.0.2 and Redshift in it.
let versionText =
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 "
    + "(Red Hat 3.4.2-6.fc3), Redshift 1.0.77467 Slicehouse \(slicehouseVersion)"

/// The version of this program.
public let slicehouseVersion = "0.1.0"
