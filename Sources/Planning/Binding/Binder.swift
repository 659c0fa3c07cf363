import Catalogs
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// Binds one statement: resolves names and types of a syntax tree into a logical plan.
///
/// One binder lives as long as one statement. It numbers columns, collects the uncorrelated
/// scalar subqueries and counts nesting; everything about a single SELECT lives in ``Scope``.
///
/// The way of a SELECT: FROM becomes a join tree (`FromBinding`), WHERE filters it and joins
/// what EXISTS and IN ask for (`WhereBinding`), the select list, GROUP BY, HAVING and ORDER BY
/// are bound against the columns of FROM (`SelectBinding`), then rewritten to the columns of the
/// aggregate (`GroupRewriting`), and projected.
final class Binder {
    let context: BindingContext
    /// Whether the session's settings change no expression, as ``styled(_:)`` would.
    let hasStandardStyle: Bool
    /// Plans of uncorrelated scalar subqueries, numbered as `Expression.scalarSubquery` says.
    var scalarSubqueries: [LogicalPlan] = []
    /// Queries of WITH, numbered as `StoredReference` says: each reads earlier ones only.
    var storedPlans: [StoredPlan] = []

    /// What the names of the query mean, while a view's is bound for the first time.
    var nameRecord: NameRecord?
    /// The views whose queries are being bound, from the outside in.
    var openViews: [TableID] = []
    /// Queries of views that were parsed before.
    var viewQueries: [TableID: Query] = [:]

    /// Where the literals stand that columns of no type hold, one for each row of VALUES.
    var literalPositions: [ColumnID: [Int]] = [:]
    /// Where parameters stand whose values have no type.
    var parameterPositions: Set<Int> = []

    /// The first function of the statement that only the leader has.
    var leaderOnlyFunction: String?
    /// Whether the statement reads a table whose rows lie on the slices.
    var readsStoredTable = false
    /// Whether it calls a function that needs such a table.
    var needsStoredTable = false
    /// What SET_CONFIG asks for.
    var settingChanges: [SettingChange] = []

    /// Domains of subqueries so far, see ``DomainJoining``.
    var domainCount = 0

    private var columnCount = 0
    private var boundCount = 0
    private var depth = 0
    private var expansionCount = 0

    /// Queries and expressions nest no deeper; the parser stops at the same figure, but common
    /// table expressions and defaults add to what it saw.
    static let depthMax = Int(ExpressionSyntax.heightMax) + 100
    /// Views, and common table expressions that cannot be shared, that a statement expands at
    /// most: a chain of them that name their predecessor twice would double with each link.
    static let expansionCountMax = 5_000

    init(context: BindingContext) {
        self.context = context
        hasStandardStyle = context.style == .standard
    }

    /// A column with a number of its own.
    func makeColumn(
        _ name: String,
        _ type: DataType,
        qualifier: String? = nil,
        origin: ColumnOrigin? = nil
    ) -> PlanColumn {
        columnCount += 1
        return PlanColumn(
            id: columnCount,
            name: name,
            type: type,
            qualifier: qualifier,
            origin: origin
        )
    }

    /// A number that no column of the statement has.
    func makeColumnID() -> ColumnID {
        columnCount += 1
        return columnCount
    }

    /// Counts one level of nesting; 54001 where it is one too many.
    func enter(at position: Int?) throws(SQLError) {
        depth += 1
        guard depth <= Self.depthMax else {
            depth -= 1
            throw SQLError(
                .statementTooComplex,
                "stack depth limit exceeded",
                detail: "Queries and expressions nest at most \(Self.depthMax) levels deep.",
                position: position
            )
        }
    }

    /// Counts an expression that is bound, and tests for cancel now and then: lists of a hundred
    /// thousand are bound one by one.
    @inline(__always)
    func countExpression() throws(SQLError) {
        boundCount &+= 1
        if boundCount & 1023 == 0 { try Interruption.check() }
    }

    /// Leaves the level that the last ``enter(at:)`` began.
    func leave() { depth -= 1 }

    /// Counts the expansion of one view or common table expression; 54001 where it is one too
    /// many.
    func countExpansion(at position: Int?) throws(SQLError) {
        expansionCount += 1
        guard expansionCount <= Self.expansionCountMax else {
            throw SQLError(
                .statementTooComplex,
                "views and common table expressions are referenced too often",
                detail: "A statement expands at most \(Self.expansionCountMax) references.",
                position: position
            )
        }
    }

    /// A bound query of a plan made by this binder.
    ///
    /// - Errors: 0A000 where a function of the leader alone meets a table of the slices, or one of
    ///   the slices alone meets none.
    func boundQuery(
        _ plan: LogicalPlan,
        target: BoundQuery.Target = .result
    ) throws(SQLError) -> BoundQuery {
        try requireLeaderOnly()
        try requireStoredTable()
        var columns: [ResultColumn] = []
        if case .result = target {
            columns = plan.columns.map { ResultColumn(name: $0.name, type: $0.type) }
        }
        var query = BoundQuery(
            plan: plan,
            target: target,
            scalarSubqueries: scalarSubqueries,
            resultColumns: columns,
            settingChanges: settingChanges
        )
        query.storedPlans = storedPlans
        return query
    }
}

/// Which common table expressions a query sees, and the query around it.
struct Environment {
    var commonTables: [String: CommonTable] = [:]
    /// The query whose columns a subquery may use; nil at the top.
    var outer: OuterLink?
    /// Whether a name may stand for the rows of a recursion's round.
    var isWithinRecursion = false
}

/// A query of WITH, bound with the first reference to it.
///
/// One that may read columns of a query around it, or the rows of a recursion's round, is bound
/// anew for each reference: what becomes of those is decided where they stand.
final class CommonTable {
    let syntax: CommonTableExpressionSyntax
    /// What the query itself sees: earlier expressions only.
    let environment: Environment
    let isRecursive: Bool
    /// The stored plan it has become and its columns; within a recursion's own step the rows of
    /// the last round.
    var stored: (number: Int, columns: [PlanColumn])?

    init(
        syntax: CommonTableExpressionSyntax,
        environment: Environment,
        isRecursive: Bool = false
    ) {
        self.syntax = syntax
        self.environment = environment
        self.isRecursive = isRecursive
    }

    /// Whether all references can stand for the same rows.
    var canBeShared: Bool { environment.outer == nil && !environment.isWithinRecursion }
}

/// The way from a subquery to the columns of the query around it.
final class OuterLink {
    let scope: Scope
    /// Columns of the outer query that the subquery reads.
    var references: Set<ColumnID> = []
    /// Whether the subquery calls window functions.
    var callsWindows = false

    init(scope: Scope) { self.scope = scope }
}
