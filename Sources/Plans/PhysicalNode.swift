import Catalogs
package import Functions
package import SQLTypes

/// What is known of where the rows of a plan node lie.
package enum Placement: Hashable, Sendable {
    /// On the slice that the placement hash of these keys names; each key is the set of columns
    /// that hold the same value.
    case hashed([Set<ColumnID>])
    /// Made from DISTSTYLE ALL tables alone: any slice can read any share of them.
    case replicated
    /// Each row on some slice.
    case anywhere
    /// All rows on slice 0.
    case single
}

/// A node of a physical plan: what EXPLAIN prints and what is cut into segments.
///
/// Costs follow Redshift's model, whose unit is arbitrary; rows are estimates over the cluster.
package struct PhysicalNode: Sendable {
    package var kind: PhysicalOperator
    package var children: [PhysicalNode]
    package var columns: [PlanColumn]
    package var rows: Double
    /// Average bytes of a row.
    package var width: Double
    package var startupCost: Double
    package var totalCost: Double
    package var placement: Placement
    /// The node's number in its statement's trees, from 1, which segments and the record name it
    /// by; filters and projections, which EXPLAIN does not print, have that of their input.
    package var number = 0

    /// Makes a node.
    package init(
        kind: PhysicalOperator,
        children: [PhysicalNode] = [],
        columns: [PlanColumn],
        rows: Double,
        width: Double,
        startupCost: Double,
        totalCost: Double,
        placement: Placement
    ) {
        self.kind = kind
        self.children = children
        self.columns = columns
        self.rows = rows
        self.width = width
        self.startupCost = startupCost
        self.totalCost = totalCost
        self.placement = placement
    }
}

/// What a physical node does.
package enum PhysicalOperator: Sendable {
    case scan(PhysicalScan)
    /// Constant rows on slice 0.
    case values([[Expression]])
    case filter(Expression)
    /// Puts out these values; not printed by EXPLAIN.
    case project([NamedExpression])
    /// The first child is probed (outer), the second is built (inner).
    case join(PhysicalJoin)
    case aggregate(PhysicalAggregate)
    /// Multiplies rows by grouping sets.
    case expand(GroupingExpansion)
    /// Window functions over rows that lie sorted and by partition.
    case window(PhysicalWindow)
    /// Sorts on each slice; a limit keeps the first rows only.
    case sort([SortItem], limit: Int?)
    case limit(count: Int?, offset: Int)
    /// UNION ALL; columns by position.
    case append
    /// A derived table under its name; columns by position.
    case subqueryScan(name: String)
    /// Rows kept on the slices of a common table expression; each column is that of the kept
    /// rows with this position.
    case storedScan(number: Int, name: String, alias: String, positions: [Int])
    case network(NetworkMotion)
    /// The leader's merge of sorted streams.
    case merge([SortItem])
}

/// Motions that stand in the tree as nodes of their own.
package enum NetworkMotion: Hashable, Sendable {
    case sendToLeader
    case sendToSliceZero
    /// To the slice that the placement hash of these columns names.
    case distribute(keys: [ColumnID])
}

/// A table access of a physical plan.
package struct PhysicalScan: Sendable {
    package var scan: LogicalScan
    /// All must hold for a row.
    package var conjuncts: [Expression]
    /// Rows of the table.
    package var tableRows: Double

    /// Whether the leader provides the rows: system tables have ids below 100,000.
    package var isSystemTable: Bool { scan.table.id < 100_000 }

    /// Makes an access.
    package init(scan: LogicalScan, conjuncts: [Expression], tableRows: Double) {
        self.scan = scan
        self.conjuncts = conjuncts
        self.tableRows = tableRows
    }
}

/// How the rows of one side of a join get to where they are joined.
package enum RowMotion: Hashable, Sendable {
    case none
    /// By the hash of the keys with these numbers.
    case hash(keys: [Int])
    case toSliceZero
}

/// The labels EXPLAIN gives to joins.
package enum JoinLabel: String, Hashable, Sendable {
    case distNone = "DS_DIST_NONE"
    case distAllNone = "DS_DIST_ALL_NONE"
    case broadcastInner = "DS_BCAST_INNER"
    case distInner = "DS_DIST_INNER"
    case distOuter = "DS_DIST_OUTER"
    case distBoth = "DS_DIST_BOTH"
    case distAllInner = "DS_DIST_ALL_INNER"
}

/// A pair of equal values that a hash join joins on; both have the same type family.
package struct JoinKeyPair: Hashable, Sendable {
    /// A column of the outer side.
    package var outer: ColumnID
    /// A column of the inner side.
    package var inner: ColumnID
    /// The type both are compared in.
    package var type: DataType

    /// Makes a pair.
    package init(outer: ColumnID, inner: ColumnID, type: DataType) {
        self.outer = outer
        self.inner = inner
        self.type = type
    }
}

/// A join of a physical plan.
package struct PhysicalJoin: Sendable {
    package var kind: JoinKind
    /// Empty for a nested loop.
    package var keys: [JoinKeyPair]
    /// What else must hold for a pair of rows.
    package var residual: Expression?
    package var label: JoinLabel
    package var sharing: JoinSpecification.Sharing
    package var outerMotion: RowMotion
    package var innerMotion: RowMotion
    /// Whether a side made of ALL tables is read on slice 0 alone.
    package var outerOnSliceZero: Bool
    package var innerOnSliceZero: Bool
    /// Whether at most one inner row has a key.
    package var isInnerUnique: Bool
    /// For a mark join: what makes a pair of rows a candidate; nil where every pair is one.
    package var markCondition: Expression?
    /// Whether both sides come in order of their one key, so that no hash table is needed.
    package var isMerge = false
    /// For a mark join: how many of the last keys belong to its test, not to its condition.
    package var markKeyCount = 0

    /// Makes a join.
    package init(
        kind: JoinKind,
        keys: [JoinKeyPair],
        residual: Expression?,
        label: JoinLabel,
        sharing: JoinSpecification.Sharing,
        outerMotion: RowMotion = .none,
        innerMotion: RowMotion = .none,
        outerOnSliceZero: Bool = false,
        innerOnSliceZero: Bool = false,
        isInnerUnique: Bool = false
    ) {
        self.kind = kind
        self.keys = keys
        self.residual = residual
        self.label = label
        self.sharing = sharing
        self.outerMotion = outerMotion
        self.innerMotion = innerMotion
        self.outerOnSliceZero = outerOnSliceZero
        self.innerOnSliceZero = innerOnSliceZero
        self.isInnerUnique = isInnerUnique
    }
}

/// A grouping of a physical plan; EXPLAIN shows one node for all its phases.
package struct PhysicalAggregate: Sendable {
    /// How the rows of a group meet.
    package enum Strategy: Hashable, Sendable {
        /// They are on one slice already.
        case inPlace
        /// Each slice groups its rows; the states travel.
        case exchangeStates
        /// The rows travel and are grouped where they arrive.
        case exchangeRows
        /// Arguments of DISTINCT travel by group and argument, each slice's own repetitions left
        /// out; where they arrive each is taken once, and the states travel.
        case exchangeArguments
    }
    package var groups: [NamedExpression]
    package var calls: [AggregateCall]
    package var strategy: Strategy
    /// The numbers of the groups by whose hash rows or states travel.
    package var exchangeKeys: [Int]
    /// Whether it stands for DISTINCT.
    package var isDistinct: Bool
    /// Whether rows come in order of the first group, so that groups end as it changes.
    package var isOrdered = false
    /// Whether some call needs the rows of a group in order.
    package var collectsRows: Bool { calls.contains(where: \.function.collectsRows) }
    /// The set operation it stands for; nil for a grouping.
    package var setOperation: SetOperationKind? {
        for call in calls {
            if case .arm(let kind) = call.option { return kind }
        }
        return nil
    }
    /// The columns that tell from which arms of a set operation a row came.
    package var armColumns: Set<ColumnID> {
        setOperation == nil ? [] : Set(calls.map(\.column.id))
    }

    /// Makes a grouping.
    package init(
        groups: [NamedExpression],
        calls: [AggregateCall],
        strategy: Strategy,
        exchangeKeys: [Int],
        isDistinct: Bool = false
    ) {
        self.groups = groups
        self.calls = calls
        self.strategy = strategy
        self.exchangeKeys = exchangeKeys
        self.isDistinct = isDistinct
    }
}
