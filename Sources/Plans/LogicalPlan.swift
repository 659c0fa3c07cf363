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
    /// As `semi` with the sides exchanged: rows of the right, which is built, that have a match.
    case rightSemi
    /// As `anti` with the sides exchanged: rows of the right, which is built, that have none.
    case rightAnti
    /// EXISTS, IN, ANY and ALL as values: every row of the left, and what became of its subquery.
    case mark(SubqueryMark)

    /// Whether pairs of rows are put out.
    package var emitsPairs: Bool {
        switch self {
        case .inner, .left, .right, .full: true
        case .semi, .anti, .antiNullAware, .rightSemi, .rightAnti, .mark: false
        }
    }

    /// Whether the right side's columns are put out.
    package var emitsRight: Bool { emitsPairs || isRightSemi }

    /// Whether it puts out columns of the right side alone.
    package var isRightSemi: Bool { self == .rightSemi || self == .rightAnti }

    /// What it computes for each row of the left; nil for the other kinds.
    package var mark: SubqueryMark? {
        if case .mark(let mark) = self { mark } else { nil }
    }

    /// The columns put out for those of the sides.
    package func columns(of left: [PlanColumn], _ right: [PlanColumn]) -> [PlanColumn] {
        switch self {
        case .inner, .left, .right, .full: left + right
        case .semi, .anti, .antiNullAware: left
        case .rightSemi, .rightAnti: right
        case .mark(let mark): left + [mark.column]
        }
    }
}

/// The value of a subquery's test for a row: true if it is for some row that satisfies the
/// join's condition, else NULL if it is NULL for one, else false.
///
/// - Source: the "mark join" of Neumann, Leis and Kemper, "The Complete Story of Joins" (2017).
package struct SubqueryMark: Hashable, Sendable {
    /// The value: BOOLEAN.
    package var column: PlanColumn
    /// What is asked of each pair of rows; nil asks only whether there is one, as EXISTS does.
    package var test: Expression?

    /// Makes a mark.
    package init(column: PlanColumn, test: Expression?) {
        self.column = column
        self.test = test
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
    /// WITHIN GROUP (ORDER BY …), for functions that collect rows.
    package var order: [SortItem]
    /// The delimiter of LISTAGG, the share of a percentile.
    package var option: AggregateOption

    /// Makes a call.
    package init(
        column: PlanColumn,
        function: AggregateFunction,
        argument: Expression?,
        isDistinct: Bool = false,
        order: [SortItem] = [],
        option: AggregateOption = .none
    ) {
        self.column = column
        self.function = function
        self.argument = argument
        self.isDistinct = isDistinct
        self.order = order
        self.option = option
    }

    /// The columns it reads.
    package var columns: Set<ColumnID> {
        order.reduce(into: argument?.columns ?? []) { $0.formUnion($1.expression.columns) }
    }

    /// The call with its argument and ordering keys replaced.
    package func mapExpressions(_ transform: (Expression) -> Expression) -> AggregateCall {
        var copy = self
        copy.argument = argument.map(transform)
        for index in copy.order.indices {
            copy.order[index].expression = transform(copy.order[index].expression)
        }
        return copy
    }
}

/// How ROLLUP, CUBE and GROUPING SETS multiply rows, so that one grouping makes all sets.
///
/// ```
/// (a, b), (a), ()    row 1, 2  →  1, 2, number 0    1, NULL, number 1    NULL, NULL, number 2
/// ```
package struct GroupingExpansion: Sendable {
    /// The columns grouped by: each is a copy of a column of the input, NULL in sets without it.
    package var groups: [NamedExpression]
    /// For each set which of `groups` it holds.
    package var sets: [[Bool]]
    /// The number of the set, from 0: INTEGER.
    package var number: PlanColumn
    /// Where a set is empty: INTEGER, 1 in every row made of one of the input, and NULL in one
    /// more row for each empty set, which makes it a group where there is no input.
    ///
    /// All columns of such a row are NULL but for the number.
    package var marker: PlanColumn?

    /// Makes an expansion.
    package init(
        groups: [NamedExpression],
        sets: [[Bool]],
        number: PlanColumn,
        marker: PlanColumn?
    ) {
        self.groups = groups
        self.sets = sets
        self.number = number
        self.marker = marker
    }

    /// The columns it adds to those of the input.
    package var columns: [PlanColumn] {
        groups.map(\.column) + [number] + (marker.map { [$0] } ?? [])
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
    /// Each row once for each grouping set: puts out the input's columns, then those of the
    /// expansion.
    case expand(LogicalPlan, GroupingExpansion)
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
    /// Rows that one of the statement's ``StoredPlan``s has left on the slices.
    case stored(StoredReference)

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
            kind.columns(of: left.columns, right.columns)
        case .aggregate(_, let groups, let aggregates):
            groups.map(\.column) + aggregates.map(\.column)
        case .stored(let reference): reference.columns
        case .expand(let input, let expansion): input.columns + expansion.columns
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

/// A reference to rows kept on the slices.
package struct StoredReference: Sendable {
    /// Which of the statement's stored plans.
    package var number: Int
    /// The common table expression's name.
    package var name: String
    /// The name it goes by where it is read: its own unless there is another.
    package var alias: String
    /// Which columns of the stored plan; parallel to `columns`.
    package var indexes: [Int]
    package var columns: [PlanColumn]

    /// Makes a reference.
    package init(
        number: Int,
        name: String,
        alias: String,
        indexes: [Int],
        columns: [PlanColumn]
    ) {
        self.number = number
        self.name = name
        self.alias = alias
        self.indexes = indexes
        self.columns = columns
    }
}

/// A query whose rows are kept on the slices, for all references to it.
package enum StoredPlan: Sendable {
    /// Computed once: a common table expression that several references share; as the binder
    /// makes it, any that has been referenced.
    case once(LogicalPlan, name: String)
    /// WITH RECURSIVE: the rows of `seed`, and as long as a round adds rows those of `step`,
    /// which reads the rows of the last round as stored plan `working`.
    case recursion(seed: LogicalPlan, step: LogicalPlan, working: Int, name: String)
    /// The rows of a recursion's last round; its columns are the seed's.
    case working
}

/// A setting that a query changes before it runs, as SET_CONFIG does.
package struct SettingChange: Hashable, Sendable {
    package var name: String
    package var value: String
    /// Whether it lasts to the end of the transaction only.
    package var isLocal: Bool

    /// Makes a change.
    package init(name: String, value: String, isLocal: Bool) {
        self.name = name
        self.value = value
        self.isLocal = isLocal
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
        /// `plan` puts out every column of the table in order, then row address and row slice;
        /// a row without an address is stored, one with an address is changed as told.
        case merge(TableDefinition, MatchedRows)
    }

    /// What a MERGE does with rows of the table that have a match.
    package enum MatchedRows: Hashable, Sendable {
        /// The old row is deleted, the new one stored.
        case updated
        /// The old row is deleted; the values beside its address mean nothing.
        case deleted
        /// As `deleted`, because a row of the source takes its place.
        case replaced
    }
    package var plan: LogicalPlan
    package var target: Target
    /// Plans of uncorrelated scalar subqueries, by the number `Expression.scalarSubquery` has;
    /// each puts out one column and at most one row (else 21000).
    package var scalarSubqueries: [LogicalPlan]
    /// Column names and types for the client.
    package var resultColumns: [ResultColumn]
    /// The queries of WITH, by the number ``StoredReference`` has; each reads earlier ones only.
    package var storedPlans: [StoredPlan] = []
    /// Settings to change before the query runs, in order.
    package var settingChanges: [SettingChange]

    /// Makes a bound query.
    package init(
        plan: LogicalPlan,
        target: Target,
        scalarSubqueries: [LogicalPlan],
        resultColumns: [ResultColumn],
        settingChanges: [SettingChange] = []
    ) {
        self.plan = plan
        self.target = target
        self.scalarSubqueries = scalarSubqueries
        self.resultColumns = resultColumns
        self.settingChanges = settingChanges
    }
}
