package import Catalogs
package import Functions
package import SQLTypes

/// A plan cut into streams of segments of steps: what the leader hands to the slices.
///
/// Immutable. Expressions read columns by position in the chunk that reaches them. Numbers of
/// exchanges, joins, aggregates, sorts and windows index the arrays below.
package struct ExecutablePlan: Sendable {
    /// In an order in which each stream depends only on earlier ones.
    package var streams: [Stream] = []
    package var exchanges: [Exchange] = []
    package var joins: [JoinSpecification] = []
    package var aggregates: [AggregateSpecification] = []
    package var sorts: [SortSpecification] = []
    package var windows: [WindowSpecification] = []
    /// What reaches the leader: name and type of each column.
    package var output: [ResultColumn] = []
    /// How many trailing columns of `output` only the leader's merge needs: it drops them
    /// before rows go to the client.
    package var hiddenColumnCount = 0
    /// How the leader puts the slices' rows together.
    package var delivery = Delivery.unordered
    /// Rows the leader skips, then passes; nil passes all.
    package var offset = 0
    package var limit: Int?
    /// Plans whose single value replaces `Expression.scalarSubquery(i)`, run first, in order.
    package var scalarSubqueries: [ExecutablePlan] = []
    /// What `SegmentSource.kept(i)` reads, by i; each is run before the first plan that reads it.
    package var kept: [KeptPlan] = []
    /// Tables read or changed.
    package var tables: [TableID: TableDefinition] = [:]
    /// System tables behind `SegmentSource.provided(i, …)`, by i: all columns of the definition
    /// in order, on slice 0.
    package var providedTables: [TableID] = []

    /// Makes an empty plan.
    package init() {}
}

/// A plan whose rows stay on the slices, at its sink `keep`.
package enum KeptPlan: Sendable {
    /// Run once.
    case once(ExecutablePlan)
    /// Run round by round.
    case recursion(KeptRecursion)
    /// What a recursion sets.
    case working
}

/// WITH RECURSIVE: the rows of `seed`, and as long as a round adds rows those of `step`.
package struct KeptRecursion: Sendable {
    /// The common table expression's name, for errors.
    package var name: String
    package var seed: ExecutablePlan
    /// Reads the last round's rows as kept plan `working`.
    package var step: ExecutablePlan
    package var working: Int
    /// As soon as there are so many rows no further round is needed; nil if all are.
    package var rowsNeeded: Int?

    /// Makes a recursion.
    package init(
        name: String,
        seed: ExecutablePlan,
        step: ExecutablePlan,
        working: Int,
        rowsNeeded: Int?
    ) {
        self.name = name
        self.seed = seed
        self.step = step
        self.working = working
        self.rowsNeeded = rowsNeeded
    }
}

/// How the leader gathers the rows of the result segments.
package enum Delivery: Sendable {
    case unordered
    /// Each slice delivers sorted rows; the leader merges by these output positions.
    case merge([SortKeyPosition])
}

/// An ordering key as a position in a chunk.
package struct SortKeyPosition: Hashable, Sendable {
    package var column: Int
    package var isAscending: Bool
    package var nullsFirst: Bool

    /// Makes a key.
    package init(column: Int, isAscending: Bool, nullsFirst: Bool) {
        self.column = column
        self.isAscending = isAscending
        self.nullsFirst = nullsFirst
    }
}

/// Segments that run together; it starts when the streams it depends on have ended.
package struct Stream: Sendable {
    package var segments: [Segment]
    /// Numbers of earlier streams.
    package var dependencies: [Int]

    /// Makes a stream.
    package init(segments: [Segment], dependencies: [Int]) {
        self.segments = segments
        self.dependencies = dependencies
    }
}

/// The part of a plan that runs on a slice: one source, a chain of steps, one sink.
package struct Segment: Sendable {
    /// The number over the whole plan, as SVL_QUERY_SUMMARY shows it.
    package var id: Int
    package var slices: SliceSet
    package var source: SegmentSource
    package var steps: [SegmentStep]
    package var sink: SegmentSink
    /// Which nodes of the physical plan its parts work for.
    package var nodes: SegmentNodes

    /// Makes a segment.
    package init(
        id: Int,
        slices: SliceSet,
        source: SegmentSource,
        steps: [SegmentStep],
        sink: SegmentSink,
        nodes: SegmentNodes = SegmentNodes()
    ) {
        self.id = id
        self.slices = slices
        self.source = source
        self.steps = steps
        self.sink = sink
        self.nodes = nodes
    }
}

/// The numbers of the plan nodes that the parts of a segment work for; 0 for none.
///
/// Rows leave a node where the part behind works for another, and into a build side, which has
/// the number of the node whose rows it holds.
package struct SegmentNodes: Hashable, Sendable {
    package var source: Int
    /// One for each step; empty where nothing is known.
    package var steps: [Int]
    package var sink: Int

    /// Makes the numbers of a segment.
    package init(source: Int = 0, steps: [Int] = [], sink: Int = 0) {
        self.source = source
        self.steps = steps
        self.sink = sink
    }
}

/// A part of a segment that has figures of its own.
package enum SegmentPart: Hashable, Sendable {
    case source
    /// A step, by its place.
    case step(Int)
    /// The inner side's scan of the merge join at this place.
    case merged(step: Int)
    case sink
}

/// Which slices run a segment.
package enum SliceSet: Hashable, Sendable {
    case all
    case one(SliceID)
}

/// Where a segment's rows come from.
package enum SegmentSource: Sendable {
    /// A stored table.
    case scan(ScanSpecification)
    /// What other segments send to this slice.
    case exchange(Int)
    /// The groups of the aggregate built on this slice by an earlier stream.
    case aggregate(Int)
    /// The rows sorted on this slice by an earlier stream, in order.
    case sort(Int)
    /// The rows of a window's sort, in order, with the values of its functions behind them.
    case window(Int)
    /// Constant rows; only on one slice.
    case values(rows: [[Datum]], types: [DataType])
    /// The rows of a kept plan that lie on this slice; they stay there.
    case kept(Int)
    /// Rows that the caller of the executor provides: system tables, files being loaded.
    case provided(Int, types: [DataType])
    /// Build rows of a right or full join that no probe has matched; after all probes ended.
    /// Puts out the join's output columns, the left ones NULL. Of a right semi join those that
    /// a probe has matched, of a right anti join those that none has.
    case unmatched(join: Int)
}

/// A pushed-down test of one stored column; mirrored by the storage's own.
package enum ColumnTest: Hashable, Sendable {
    /// Bounds in the column's stored form; nil is unbounded.
    case range(low: Datum?, lowIncluded: Bool, high: Datum?, highIncluded: Bool)
    case oneOf([Datum])
    case notEqual(Datum)
    case isNull
    case isNotNull
    case like(LikeSpecification)
    case notLike(LikeSpecification)
}

/// A test of a column by its index in the table.
package struct ColumnPredicate: Hashable, Sendable {
    package var column: ColumnIndex
    package var test: ColumnTest

    /// Makes a predicate.
    package init(column: ColumnIndex, test: ColumnTest) {
        self.column = column
        self.test = test
    }
}

/// How a scan divides a table among the slices.
package enum ScanDivision: Hashable, Sendable {
    /// Each slice reads its own rows.
    case ownRows
    /// A DISTSTYLE ALL table: ranges of the copies are dealt over all slices that run the
    /// segment, so that each row is read exactly once in the cluster.
    case dealt
}

/// A scan of a stored table.
package struct ScanSpecification: Sendable {
    package var table: TableID
    /// The columns put out, in order.
    package var columns: [ColumnIndex]
    /// All must hold.
    ///
    /// The scan leaves out every row that fails one.
    package var predicates: [ColumnPredicate]
    package var division: ScanDivision
    /// Joins whose finished build sides may prune this scan.
    package var runtimeFilters: [RuntimeFilterUse]
    /// Appends row address (int64) and row slice (int64) as last columns.
    package var emitsRowAddress: Bool
    /// The leading column of the sort key, in whose ascending order the rows come.
    ///
    /// Its NULLs stand anywhere. Nil where any order will do.
    package var order: ColumnIndex?

    /// Makes a scan.
    package init(
        table: TableID,
        columns: [ColumnIndex],
        predicates: [ColumnPredicate],
        division: ScanDivision,
        runtimeFilters: [RuntimeFilterUse] = [],
        emitsRowAddress: Bool = false
    ) {
        self.table = table
        self.columns = columns
        self.predicates = predicates
        self.division = division
        self.runtimeFilters = runtimeFilters
        self.emitsRowAddress = emitsRowAddress
    }
}

/// A stored INTEGER-like column whose rows can be dropped early by a join's build keys.
///
/// The column reaches the join unchanged as a probe key: through filters, projections and other
/// probes, and through exchanges and groupings that have it among their group columns.
package struct RuntimeFilterUse: Hashable, Sendable {
    package var column: ColumnIndex
    package var join: Int
    /// Which of the join's key pairs.
    package var key: Int
    /// Whether rows may go to another slice on their way, so that keys of all slices count.
    package var isOfAllSlices: Bool

    /// Makes a use.
    package init(column: ColumnIndex, join: Int, key: Int, isOfAllSlices: Bool) {
        self.column = column
        self.join = join
        self.key = key
        self.isOfAllSlices = isOfAllSlices
    }
}

/// What happens to a chunk on its way through a segment.
package enum SegmentStep: Sendable {
    /// Keeps rows where it is true.
    case filter(Expression)
    /// Puts out these values.
    case project([Expression])
    /// Probes a finished build side, or what a merge join reads beside it; puts out the join's
    /// output.
    case probe(join: Int)
    /// Puts out each group as the next value of the first group column comes; rows come in
    /// order of that column.
    case group(aggregate: Int)
    /// Multiplies rows by grouping sets; puts out the input's columns and more.
    case expand(ExpansionSpecification)
    /// Passes at most this many rows on each slice.
    case limit(Int)
    /// Drops this many rows, then passes all; only on one slice.
    case skip(Int)
}

/// How a step multiplies rows by grouping sets.
package struct ExpansionSpecification: Hashable, Sendable {
    /// Positions of the columns grouped by, copied behind the input's columns.
    package var sources: [Int]
    /// For each set which of `sources` it holds; the others are NULL.
    package var sets: [[Bool]]
    /// The types of the input's columns.
    package var types: [DataType]
    /// Whether a marker column follows the set's number; it is 1, but NULL in a row of NULLs that
    /// the first run of the segment puts out for each empty set.
    package var hasMarker: Bool

    /// Makes a specification.
    package init(sources: [Int], sets: [[Bool]], types: [DataType], hasMarker: Bool) {
        self.sources = sources
        self.sets = sets
        self.types = types
        self.hasMarker = hasMarker
    }
}

/// Where a segment's rows go.
package enum SegmentSink: Sendable {
    /// To the leader.
    case result
    case exchange(Int)
    /// Becomes the build side of a join.
    case build(join: Int)
    /// Stays on the slice, for other plans of the statement.
    case keep
    /// Nowhere: probes that only note which build rows match.
    case discard
    case aggregate(Int)
    case sort(Int)
    /// Stores rows of all columns of the table on this slice; checks NOT NULL (23502).
    case insert(TableID)
    /// Notes rows for deletion: the last two columns are row address and row slice.
    case delete(TableID)
    /// An UPDATE: notes the old rows for deletion as `delete` does, and sends the new ones,
    /// without the two address columns, to an exchange whose receivers insert them.
    case replace(TableID, exchange: Int)
    /// A MERGE that deletes: rows with an address are noted for deletion, those without go,
    /// without the two address columns, to an exchange whose receivers insert them.
    case deleteOrSend(TableID, exchange: Int)
}

/// A motion between slices.
package struct Exchange: Sendable {
    /// Where a row goes.
    package enum Routing: Hashable, Sendable {
        /// By the placement hash of these columns: the same hash KEY tables use, so rows meet
        /// those of a table distributed on the column.
        case hash(columns: [Int])
        /// Round robin by row, going on where the rows of the table end.
        case roundRobin(into: TableID)
        /// All to one slice.
        case slice(SliceID)
    }
    package var routing: Routing
    package var types: [DataType]

    /// Makes an exchange.
    package init(routing: Routing, types: [DataType]) {
        self.routing = routing
        self.types = types
    }
}

/// The inner side of a merge join, which each slice reads in order of its key as outer rows come.
package struct MergeInput: Sendable {
    /// Own rows in order of the key.
    package var scan: ScanSpecification
    /// Filters and projections only.
    package var steps: [SegmentStep]
    /// The number of the plan node whose rows they are; 0 for none.
    package var node: Int

    /// Makes an inner side.
    package init(scan: ScanSpecification, steps: [SegmentStep], node: Int = 0) {
        self.scan = scan
        self.steps = steps
        self.node = node
    }
}

/// A hash join, merge join or nested loop.
package struct JoinSpecification: Sendable {
    /// Whose rows a build side holds.
    package enum Sharing: Hashable, Sendable {
        /// Each slice builds its own rows and probes them alone.
        case perSlice
        /// One build side for the process, made by all slices together: broadcast and ALL.
        case shared
    }
    package var kind: JoinKind
    /// Key positions in the probe (left) and build (right) chunks; empty for a nested loop.
    ///
    /// Key pairs have equal types. For `right` and `full` the build side is the right side too.
    package var probeKeys: [Int]
    package var buildKeys: [Int]
    /// What else must hold for a pair, over probe columns then build columns.
    package var residual: Expression?
    package var probeTypes: [DataType]
    package var buildTypes: [DataType]
    /// Positions in probe columns followed by build columns that are put out.
    package var output: [Int]
    package var sharing: Sharing
    /// How the inner side got here, for the record and EXPLAIN: `DS_BCAST_INNER` ….
    package var label: String
    /// Estimated rows of the build side.
    package var estimatedBuildRows: Double
    /// Whether at most one build row has a key (a declared key): probing may stop at the first.
    package var isBuildUnique: Bool
    /// For a mark join; `output` has the mark's value behind the columns of both sides.
    package var mark: MarkSpecification?
    /// For a merge join: its inner side.
    ///
    /// Nothing is built; there is one key, of 64 bits, and
    /// both sides come in its order.
    package var merged: MergeInput?

    /// Makes a join.
    package init(
        kind: JoinKind,
        probeKeys: [Int],
        buildKeys: [Int],
        residual: Expression?,
        probeTypes: [DataType],
        buildTypes: [DataType],
        output: [Int],
        sharing: Sharing,
        label: String,
        estimatedBuildRows: Double = 0,
        isBuildUnique: Bool = false
    ) {
        self.kind = kind
        self.probeKeys = probeKeys
        self.buildKeys = buildKeys
        self.residual = residual
        self.probeTypes = probeTypes
        self.buildTypes = buildTypes
        self.output = output
        self.sharing = sharing
        self.label = label
        self.estimatedBuildRows = estimatedBuildRows
        self.isBuildUnique = isBuildUnique
    }
}

/// What a mark join computes for each probe row, over probe columns then build columns.
package struct MarkSpecification: Hashable, Sendable {
    /// What makes a pair a candidate, keys included; nil where every pair is one.
    package var condition: Expression?
    /// What is asked of a candidate; nil asks nothing, as EXISTS.
    package var test: Expression?
    /// How many of the join's last keys are equalities of the test: then they are all of it.
    package var testKeyCount: Int

    /// Makes a specification.
    package init(condition: Expression?, test: Expression?, testKeyCount: Int) {
        self.condition = condition
        self.test = test
        self.testKeyCount = testKeyCount
    }
}

/// A grouping on one slice.
package struct AggregateSpecification: Sendable {
    /// How much of the work it does.
    package enum Phase: Hashable, Sendable {
        /// Arguments in, results out: all rows of a group are on this slice.
        case complete
        /// Arguments in, states out; may put a group out more than once.
        ///
        /// DISTINCT calls have no states here: behind those of the others stands a column for
        /// each of their arguments, in order of first use. A row has either states or one
        /// argument, and NULL in the other columns.
        case partial
        /// What `partial` puts out in, states of all calls out: each argument of a DISTINCT call
        /// comes to one slice only, together with its group.
        case merging
        /// States in, results out.
        case final
    }
    /// One aggregate; its inputs are positions in the incoming chunk.
    package struct Call: Hashable, Sendable {
        package var function: AggregateFunction
        package var isDistinct: Bool
        /// The argument's type; nil for COUNT(*).
        package var argumentType: DataType?
        package var resultType: DataType
        /// The argument; where states come in, the state columns.
        package var inputs: [Int]
        /// The keys of WITHIN GROUP.
        package var order: [SortKeyPosition]
        /// The delimiter of LISTAGG, the share of a percentile.
        package var option: AggregateOption

        /// Makes a call.
        package init(
            function: AggregateFunction,
            isDistinct: Bool,
            argumentType: DataType?,
            resultType: DataType,
            inputs: [Int],
            order: [SortKeyPosition] = [],
            option: AggregateOption = .none
        ) {
            self.function = function
            self.isDistinct = isDistinct
            self.argumentType = argumentType
            self.resultType = resultType
            self.inputs = inputs
            self.order = order
            self.option = option
        }
    }
    package var phase: Phase
    /// Positions of the group columns; puts out groups first, then results or states.
    package var groups: [Int]
    package var groupTypes: [DataType]
    package var calls: [Call]
    /// Whether a slice that saw no rows puts out one row all the same: a grand total, on one
    /// slice only and in the complete or final phase.
    package var emitsWithoutRows: Bool
    package var estimatedGroups: Double
    /// The types of the incoming chunk; aggregates that collect rows need them.
    package var inputTypes: [DataType]

    /// Makes a grouping.
    package init(
        phase: Phase,
        groups: [Int],
        groupTypes: [DataType],
        calls: [Call],
        emitsWithoutRows: Bool,
        estimatedGroups: Double = 0,
        inputTypes: [DataType] = []
    ) {
        self.phase = phase
        self.groups = groups
        self.groupTypes = groupTypes
        self.calls = calls
        self.emitsWithoutRows = emitsWithoutRows
        self.estimatedGroups = estimatedGroups
        self.inputTypes = inputTypes
    }
}

/// A sort on one slice.
package struct SortSpecification: Sendable {
    package var keys: [SortKeyPosition]
    package var types: [DataType]
    /// Rows wanted at most: a top-N; nil for all.
    package var limit: Int?

    /// Makes a sort.
    package init(keys: [SortKeyPosition], types: [DataType], limit: Int?) {
        self.keys = keys
        self.types = types
        self.limit = limit
    }
}
