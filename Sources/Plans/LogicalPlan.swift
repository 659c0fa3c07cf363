package import Catalogs
package import Functions
package import SQLTypes

/// A column's number within one query; unique over the whole logical plan, subqueries included.
package typealias ColumnID = Int

/// A column that a plan node puts out.
package struct PlanColumn: Hashable, Sendable {
    package var id: ColumnID
    package var name: String
    package var type: DataType
    /// The alias of the table or derived table it comes from; nil for a computed one.
    package var qualifier: String?
    /// The table and column it is a plain copy of: statistics hang on it.
    ///
    /// Nil if computed.
    package var origin: ColumnOrigin?

    /// Makes a column.
    package init(
        id: ColumnID,
        name: String,
        type: DataType,
        qualifier: String? = nil,
        origin: ColumnOrigin? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.qualifier = qualifier
        self.origin = origin
    }
}

/// The stored column that a plan column copies.
package struct ColumnOrigin: Hashable, Sendable {
    package var table: TableID
    package var column: ColumnIndex

    /// Makes an origin.
    package init(table: TableID, column: ColumnIndex) {
        self.table = table
        self.column = column
    }
}

/// What a join keeps of its sides.
///
/// The right side is the one a subquery became.
package enum JoinKind: Hashable, Sendable {
    case inner
    case left
    case right
    case full
    /// EXISTS, IN: rows of the left that have a match.
    case semi
    /// NOT EXISTS: rows of the left that have none; NULLs never match.
    case anti
    /// NOT IN: as `anti`, but a NULL on either side of the first key makes the answer unknown:
    /// no row passes once the right has a NULL key; a NULL left key passes only if the right is
    /// empty (among rows that satisfy the other conditions).
    case antiNullAware

    /// Whether the right side's columns are put out.
    package var emitsRight: Bool {
        switch self {
        case .inner, .left, .right, .full: true
        case .semi, .anti, .antiNullAware: false
        }
    }
}

/// A named computed column.
package struct NamedExpression: Hashable, Sendable {
    package var column: PlanColumn
    package var expression: Expression

    /// Makes a computed column.
    package init(column: PlanColumn, expression: Expression) {
        self.column = column
        self.expression = expression
    }
}

/// One aggregate of a grouping.
package struct AggregateCall: Hashable, Sendable {
    /// What it puts out.
    package var column: PlanColumn
    package var function: AggregateFunction
    /// Nil for COUNT(*).
    package var argument: Expression?
    package var isDistinct: Bool

    /// Makes a call.
    package init(
        column: PlanColumn,
        function: AggregateFunction,
        argument: Expression?,
        isDistinct: Bool = false
    ) {
        self.column = column
        self.function = function
        self.argument = argument
        self.isDistinct = isDistinct
    }
}

/// One key of an ordering.
package struct SortItem: Hashable, Sendable {
    package var expression: Expression
    package var isAscending: Bool
    package var nullsFirst: Bool

    /// Makes a key; Redshift's default puts NULLs last ascending and first descending.
    package init(expression: Expression, isAscending: Bool = true, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.isAscending = isAscending
        self.nullsFirst = nullsFirst ?? !isAscending
    }
}

/// A relational expression over column ids, as the binder makes it and the rules rewrite it.
package indirect enum LogicalPlan: Sendable {
    /// Reads a stored or system table; puts out `columns`, whose origins are set.
    ///
    /// `rowAddress`, where set, is one more BIGINT column that identifies the row for a change,
    /// and `rowSlice` one that names its slice; both stand last, in that order.
    case scan(LogicalScan)
    /// Constant rows; expressions hold no columns. `SELECT 1` reads one row of no columns.
    case values(rows: [[Expression]], columns: [PlanColumn])
    case filter(LogicalPlan, Expression)
    /// Puts out exactly these columns.
    case project(LogicalPlan, [NamedExpression])
    /// `condition` reads columns of both sides; nil is true.
    case join(JoinKind, LogicalPlan, LogicalPlan, condition: Expression?)
    /// Puts out groups then aggregates. Without groups: exactly one row.
    case aggregate(LogicalPlan, groups: [NamedExpression], aggregates: [AggregateCall])
    /// Puts out the input's columns, then one for each call; computed within partitions.
    case window(LogicalPlan, WindowDefinition, [WindowCall])
    /// Rows without duplicates.
    case distinct(LogicalPlan)
    case sort(LogicalPlan, [SortItem])
    case limit(LogicalPlan, count: Int?, offset: Int)
    /// Arms have equally many columns of the same types; puts out `columns`, by position.
    case unionAll([LogicalPlan], columns: [PlanColumn])
    /// A derived table, CTE or view under its name; puts out `columns`, by position.
    case subquery(LogicalPlan, name: String, columns: [PlanColumn])

    /// The columns it puts out, in order.
    package var columns: [PlanColumn] {
        switch self {
        case .scan(let scan): scan.output
        case .values(_, let columns), .unionAll(_, let columns), .subquery(_, _, let columns):
            columns
        case .filter(let input, _), .distinct(let input), .sort(let input, _),
            .limit(let input, _, _):
            input.columns
        case .project(_, let items): items.map(\.column)
        case .join(let kind, let left, let right, _):
            kind.emitsRight ? left.columns + right.columns : left.columns
        case .aggregate(_, let groups, let aggregates):
            groups.map(\.column) + aggregates.map(\.column)
        case .window(let input, _, let calls): input.columns + calls.map(\.column)
        }
    }
}

/// A table access.
package struct LogicalScan: Sendable {
    package var table: TableDefinition
    /// The alias, or the table's name.
    package var alias: String
    /// Which stored columns, in output order; parallel to the leading entries of `output`.
    package var columnIndexes: [ColumnIndex]
    /// The columns put out: those of `columnIndexes`, then row address and slice if asked for.
    package var output: [PlanColumn]
    /// Whether the last two output columns are row address and slice.
    package var emitsRowAddress: Bool

    /// Makes an access.
    package init(
        table: TableDefinition,
        alias: String,
        columnIndexes: [ColumnIndex],
        output: [PlanColumn],
        emitsRowAddress: Bool = false
    ) {
        self.table = table
        self.alias = alias
        self.columnIndexes = columnIndexes
        self.output = output
        self.emitsRowAddress = emitsRowAddress
    }
}

/// A bound statement that reads or changes rows.
package struct BoundQuery: Sendable {
    /// What to do with the rows of `plan`.
    package enum Target: Sendable {
        /// Hand them to the client.
        case result
        /// Store them: `plan` puts out every column of the table, in order, cast to its type;
        /// NOT NULL is checked by the insert itself.
        case insert(TableDefinition)
        /// Delete: `plan` puts out row address and row slice.
        case delete(TableDefinition)
        /// Delete the old row and store the new: `plan` puts out every column of the table in
        /// order, then row address and row slice.
        case update(TableDefinition)
    }
    package var plan: LogicalPlan
    package var target: Target
    /// Plans of uncorrelated scalar subqueries, by the number `Expression.scalarSubquery` has;
    /// each puts out one column and at most one row (else 21000).
    package var scalarSubqueries: [LogicalPlan]
    /// Column names and types for the client.
    package var resultColumns: [ResultColumn]

    /// Makes a bound query.
    package init(
        plan: LogicalPlan,
        target: Target,
        scalarSubqueries: [LogicalPlan],
        resultColumns: [ResultColumn]
    ) {
        self.plan = plan
        self.target = target
        self.scalarSubqueries = scalarSubqueries
        self.resultColumns = resultColumns
    }
}
