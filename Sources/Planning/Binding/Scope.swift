import Plans
import SQLSyntax
import SQLTypes

/// What one SELECT sees while its clauses are bound, and what they leave behind.
///
/// A class, because binding an expression adds aggregates and pending joins to it.
final class Scope {
    /// The part of the statement being bound: messages name it, and it decides what is allowed.
    enum Clause: String {
        case select = "SELECT"
        case from = "FROM"
        case join = "JOIN/ON"
        case whereClause = "WHERE"
        case groupBy = "GROUP BY"
        case having = "HAVING"
        case qualify = "QUALIFY"
        case orderBy = "ORDER BY"
        case values = "VALUES"
        case limit = "LIMIT"
        case offset = "OFFSET"
        case update = "UPDATE"
        case defaultValue = "DEFAULT"

        /// How messages name it.
        var place: String { self == .join ? "JOIN conditions" : "\(rawValue) clause" }

        /// Whether aggregate functions may stand there.
        var acceptsAggregates: Bool { acceptsWindows || self == .having }

        /// Whether window functions may stand there.
        var acceptsWindows: Bool { self == .select || self == .qualify || self == .orderBy }

        /// Whether a subquery there may become a join of the SELECT's rows.
        fileprivate var acceptsJoins: Bool {
            switch self {
            case .select, .whereClause, .groupBy, .having, .qualify, .orderBy, .update: true
            default: false
            }
        }
    }

    /// A table of FROM under its name.
    struct Relation {
        var alias: String
        /// The schema of a stored table that has no alias; nil otherwise.
        var schema: String?
        var columns: [PlanColumn]
    }

    /// A column that an unqualified name can mean; a merged column of USING is one.
    struct VisibleColumn {
        var name: String
        var expression: Expression
    }

    /// A subquery that has to be joined to the rows before they are projected.
    struct PendingJoin {
        var kind: JoinKind
        var plan: LogicalPlan
        var condition: Expression?
        /// Whether it belongs below the aggregate of the SELECT.
        var isBelowAggregate: Bool
        /// What the plan reads of the rows it is joined to; nil for nothing.
        var domain: Domain?
    }

    /// Each combination that some expressions have over the outer query's rows, see
    /// ``DomainJoining``.
    struct Domain {
        /// The stored plan whose references in a pending join's plan stand for it: negative.
        var number: Int
        /// Parallel to the columns of the references.
        var values: [Expression]
        var position: Int
    }

    let relations: [Relation]
    let visible: [VisibleColumn]
    let environment: Environment
    var clause: Clause = .whereClause
    /// Earlier items of the select list by name; nil where two of them share it.
    var aliases: [String: Expression?] = [:]
    /// The text of the same items.
    var aliasSyntax: [String: ExpressionSyntax] = [:]
    var aggregates: [AggregateCall] = []
    var isInsideAggregate = false
    /// Whether the condition at hand is ON of an inner join, which filters as WHERE does.
    var isInnerJoin = false
    /// Whether `(+)` may stand there: in a term of WHERE that is neither OR nor IN.
    var acceptsOuterMarkers = false
    /// Whether FROM has a JOIN, beside which there is no `(+)`.
    var hasJoinSyntax = false
    /// Columns of the term at hand that are marked with `(+)`.
    var outerMarked: Set<ColumnID> = []
    /// Whether GROUPING is called.
    var usesGrouping = false
    /// Window function calls, in the order they were met.
    var windows: [BoundWindow] = []
    var isInsideWindow = false
    var pendingJoins: [PendingJoin] = []
    /// Where each column was first used outside an aggregate.
    var positions: [ColumnID: Int] = [:]
    /// Columns of FROM by number.
    let columns: [ColumnID: PlanColumn]

    private let visibleByName: [String: [Int]]

    init(_ from: BoundFrom, environment: Environment) {
        relations = from.relations
        visible = from.visible
        self.environment = environment
        var columns: [ColumnID: PlanColumn] = [:]
        for relation in from.relations {
            for column in relation.columns { columns[column.id] = column }
        }
        self.columns = columns
        var byName: [String: [Int]] = [:]
        for (index, column) in from.visible.enumerated() {
            byName[column.name, default: []].append(index)
        }
        visibleByName = byName
    }

    /// A scope without tables.
    init(environment: Environment, clause: Clause) {
        relations = []
        visible = []
        self.environment = environment
        columns = [:]
        visibleByName = [:]
        self.clause = clause
    }

    /// The columns that window functions put out.
    var windowColumns: Set<ColumnID> { Set(windows.map(\.call.column.id)) }

    /// Whether a subquery may become a join of the rows at hand.
    var acceptsJoins: Bool { clause.acceptsJoins || isInnerJoin }

    /// Pending joins for one side of the aggregate, which are then no longer pending.
    func takePendingJoins(belowAggregate: Bool? = nil) -> [PendingJoin] {
        let taken = pendingJoins.filter {
            belowAggregate == nil || $0.isBelowAggregate == belowAggregate
        }
        pendingJoins.removeAll { belowAggregate == nil || $0.isBelowAggregate == belowAggregate }
        return taken
    }
}

extension Scope {
    /// What a column name means among the tables of this SELECT; nil if nothing.
    ///
    /// - Errors: 42702 if it means several columns, 42703 if its table has no such column.
    func lookUp(_ name: ObjectNameSyntax) throws(SQLError) -> Expression? {
        guard let qualifier = name.qualifier else {
            guard let indexes = visibleByName[name.name], let index = indexes.first else {
                return nil
            }
            guard indexes.count == 1 else {
                throw SQLError(
                    .ambiguousColumn,
                    "column reference \"\(name.name)\" is ambiguous",
                    position: name.position
                )
            }
            return visible[index].expression
        }
        let schema = schema(of: name)
        guard let relation = relation(named: qualifier, schema: schema) else { return nil }
        guard schema != nil || relations.count(where: { $0.alias == qualifier }) == 1 else {
            throw SQLError(
                .ambiguousAlias,
                "table reference \"\(qualifier)\" is ambiguous",
                hint: "Write the schema before it.",
                position: name.position
            )
        }
        let found = relation.columns.filter { $0.name == name.name }
        guard let column = found.first else {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.name)\" does not exist in \(relation.alias)",
                hint: columnHint(for: name.name),
                position: name.position
            )
        }
        guard found.count == 1 else {
            throw SQLError(
                .ambiguousColumn,
                "column reference \"\(name.name)\" is ambiguous",
                position: name.position
            )
        }
        return .column(column.id, column.type)
    }

    /// The table of FROM under that name; nil if there is none.
    func relation(named alias: String, schema: String?) -> Relation? {
        relations.first {
            $0.alias == alias && (schema == nil || $0.schema == nil || $0.schema == schema)
        }
    }

    /// The name of the table that a visible column is a plain column of; nil for a computed one.
    func alias(of column: VisibleColumn) -> String? {
        guard case .column(let id, _) = column.expression else { return nil }
        return relations.first { $0.columns.contains { $0.id == id } }?.alias
    }

    /// A hint naming the column that was probably meant; nil if none is near.
    func columnHint(for name: String) -> String? {
        var qualified: [(candidate: String, text: String)] = []
        for relation in relations {
            for column in relation.columns {
                qualified.append((column.name, "\(relation.alias).\(column.name)"))
            }
        }
        guard let meant = nearestName(to: name, among: qualified.map(\.candidate)),
            let text = qualified.first(where: { $0.candidate == meant })?.text
        else { return nil }
        return "Perhaps you meant to reference the column \"\(text)\"."
    }

    /// A column as messages name it: `table.column`, or the column alone.
    func displayName(of column: ColumnID) -> String {
        for relation in relations {
            if let found = relation.columns.first(where: { $0.id == column }) {
                return "\(relation.alias).\(found.name)"
            }
        }
        return columns[column]?.name ?? "?column?"
    }

    private func schema(of name: ObjectNameSyntax) -> String? {
        name.parts.count > 2 ? name.parts[name.parts.count - 3].text : nil
    }
}
