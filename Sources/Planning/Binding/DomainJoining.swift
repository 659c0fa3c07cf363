import Functions
import Plans
import SQLTypes
import Vectors

/// A correlated subquery's rows for every row of the outer query at once.
///
/// The domain is what the outer query's rows hold in the columns that the subquery reads, each
/// combination once. Joined with it, the subquery reads the domain's columns in place of the
/// outer ones, wherever it does; it puts them out after its own, so that each row tells whose it
/// is, and groups, limits and numbers rows within each combination.
///
/// ```
/// SELECT sum(c) FROM u WHERE u.a <= t.a
///   → SELECT sum(c), d.a FROM (SELECT DISTINCT a FROM t) d JOIN u ON u.a <= d.a GROUP BY d.a
/// ```
///
/// It takes another evaluation of the outer query's rows and one more join than moving equalities
/// does, see ``Decorrelator``, and stands in where that refuses.
///
/// - Source: Neumann and Kemper, "Unnesting Arbitrary Queries" (2015).
struct DomainJoining {
    /// A plan that puts out the columns it had before, and the domain's.
    struct Joined {
        var plan: LogicalPlan
        /// Parallel to the outer columns.
        var domain: [PlanColumn]
        /// The outer columns, by their place, of which the plan has no row with a NULL.
        var withoutNulls: Set<Int> = []
    }

    /// The outer columns that the subquery reads.
    let outer: [PlanColumn]
    /// The number of the domain, see ``Scope/Domain``.
    let number: Int
    private let position: Int
    private let binder: Binder

    init(_ outer: [PlanColumn], number: Int, _ position: Int, _ binder: Binder) {
        self.outer = outer
        self.number = number
        self.position = position
        self.binder = binder
    }

    /// The plan's rows for each combination of the domain, its own columns first.
    ///
    /// With `losesEmptyGroups`, an aggregate at the top has no row for a combination that no row
    /// belongs to: the caller supplies it.
    ///
    /// - Errors: 0A000 where outer columns stand in a full join, an aggregate that belongs to the
    ///   outer query, or below an empty grouping set.
    func joined(
        _ plan: LogicalPlan,
        losesEmptyGroups: Bool = false
    ) throws(SQLError) -> Joined {
        ordered(try visit(plan, losesEmptyGroups), plan.columns)
    }

    /// That two plans' rows, or a plan's and the outer query's, belong to the same combination.
    ///
    /// NULLs agree with each other, unless `withoutNulls` says that there are none.
    func agreement(
        _ left: [PlanColumn],
        _ right: [PlanColumn],
        withoutNulls: Set<Int>
    ) -> [Expression] {
        zip(left, right).enumerated().flatMap { index, pair in
            let one = Expression.column(pair.0.id, pair.0.type)
            let other = Expression.column(pair.1.id, pair.1.type)
            let equal = Expression.compare(.equal, one, other)
            guard !withoutNulls.contains(index) else { return [equal] }
            // What NULL stands for does not matter: whether a value is NULL must agree too.
            let substitute = Expression.constant(someValue(of: pair.0.type), pair.0.type)
            return [
                .compare(
                    .equal,
                    .coalesce([one, substitute], pair.0.type),
                    .coalesce([other, substitute], pair.1.type)
                ),
                .compare(.equal, .isNull(one), .isNull(other)),
            ]
        }
    }

    private func someValue(of type: DataType) -> Datum {
        switch type.physical {
        case .bool: .bool(false)
        case .int64: .int64(0)
        case .int128: .int128(0)
        case .float64: .float64(0)
        case .string: .text("")
        }
    }
}

// MARK: - Node by node

extension DomainJoining {
    private func visit(
        _ plan: LogicalPlan,
        _ losesEmptyGroups: Bool = false
    ) throws(SQLError) -> Joined {
        guard plan.reads(anyOf: Set(outer.map(\.id))) else { return crossed(plan) }
        switch plan {
        case .scan, .stored: return crossed(plan)
        case .values(let rows, let columns): return values(rows, columns)
        case .filter(let input, let condition): return try filtered(input, condition)
        case .project(let input, let items):
            var joined = try visit(input, losesEmptyGroups)
            let map = mapping(to: joined.domain)
            let own = items.map {
                NamedExpression(column: $0.column, expression: $0.expression.substituted(map))
            }
            joined.plan = .project(joined.plan, own + passed(joined.domain))
            return joined
        case .join(let kind, let left, let right, let condition):
            return try join(kind, left, right, condition)
        case .aggregate(let input, let groups, let aggregates):
            return try aggregate(input, groups, aggregates, losesEmptyGroups)
        case .expand(let input, let expansion):
            // The row that stands for an empty set belongs to no combination.
            guard expansion.marker == nil else { throw unsupported }
            var joined = try visit(input)
            joined.plan = .expand(joined.plan, expansion)
            return joined
        case .window(let input, let definition, let calls):
            return try window(input, definition, calls)
        case .distinct(let input):
            var joined = ordered(try visit(input), input.columns)
            joined.plan = .distinct(joined.plan)
            return joined
        case .sort(let input, _): return try visit(input)
        case .limit(let input, let count, let offset): return try limit(input, count, offset)
        case .unionAll(let arms, let columns): return try unionAll(arms, columns)
        case .subquery(let input, let name, let columns):
            return try subquery(input, name, columns, losesEmptyGroups)
        }
    }

    /// A plan that reads no outer column, with each combination of the domain.
    private func crossed(_ plan: LogicalPlan) -> Joined {
        let domain = domainRows()
        if case .values(let rows, let columns) = plan, rows.count == 1, columns.isEmpty {
            return domain
        }
        return Joined(
            plan: .join(.inner, domain.plan, plan, condition: nil),
            domain: domain.domain
        )
    }

    /// The domain itself, until its rows are known: see ``Binder/attach(_:to:)``.
    private func domainRows() -> Joined {
        let columns = outer.map(copy)
        let reference = StoredReference(
            number: number,
            name: "domain",
            alias: "domain",
            indexes: Array(columns.indices),
            columns: columns
        )
        return Joined(plan: .stored(reference), domain: columns)
    }

    private func values(_ rows: [[Expression]], _ columns: [PlanColumn]) -> Joined {
        var arms: [LogicalPlan] = []
        for row in rows {
            let domain = domainRows()
            let map = mapping(to: domain.domain)
            let own = zip(columns, row).map { column, value in
                NamedExpression(column: copy(of: column), expression: value.substituted(map))
            }
            arms.append(.project(domain.plan, own + passed(domain.domain)))
        }
        let domain = outer.map(copy)
        return Joined(plan: .unionAll(arms, columns: columns + domain), domain: domain)
    }

    private func filtered(
        _ input: LogicalPlan,
        _ condition: Expression
    ) throws(SQLError) -> Joined {
        var joined = try visit(input)
        let terms = condition.substituted(mapping(to: joined.domain))
        joined.plan = .filter(joined.plan, terms)
        for (index, column) in joined.domain.enumerated()
        where rejectsNulls(terms, of: [column.id]) {
            joined.withoutNulls.insert(index)
        }
        return joined
    }

    private func join(
        _ kind: JoinKind,
        _ left: LogicalPlan,
        _ right: LogicalPlan,
        _ condition: Expression?
    ) throws(SQLError) -> Joined {
        let read = Set(outer.map(\.id))
        let isRightFree = !right.reads(anyOf: read)
        let keepsLeft =
            switch kind {
            case .inner: isRightFree || left.reads(anyOf: read)
            case .left, .semi, .anti, .antiNullAware, .mark: true
            case .right: false
            case .full, .rightSemi, .rightAnti: throw unsupported
            }
        let isOtherFree = keepsLeft ? isRightFree : !left.reads(anyOf: read)
        var kept = try visit(keepsLeft ? left : right)
        let other =
            isOtherFree
            ? Joined(plan: keepsLeft ? right : left, domain: [])
            : try visit(keepsLeft ? right : left)
        let map = mapping(to: kept.domain)
        // The first comparison of a NOT IN stays the first.
        var terms = condition.map { $0.substituted(map).conjuncts } ?? []
        if !isOtherFree {
            terms += agreement(
                kept.domain,
                other.domain,
                withoutNulls: kept.withoutNulls.union(other.withoutNulls)
            )
        }
        if kind == .inner { kept.withoutNulls.formUnion(other.withoutNulls) }
        let sides = keepsLeft ? (kept.plan, other.plan) : (other.plan, kept.plan)
        kept.plan = .join(
            kind.mappingTest { $0.substituted(map) },
            sides.0,
            sides.1,
            condition: Expression.conjunction(terms)
        )
        return kept
    }

    private func aggregate(
        _ input: LogicalPlan,
        _ groups: [NamedExpression],
        _ aggregates: [AggregateCall],
        _ losesEmptyGroups: Bool
    ) throws(SQLError) -> Joined {
        let read = Set(outer.map(\.id))
        // An aggregate of outer columns alone is one of the outer query.
        for call in aggregates where !call.columns.isEmpty && call.columns.isSubset(of: read) {
            throw unsupported
        }
        var joined = try visit(input)
        let map = mapping(to: joined.domain)
        let keys = joined.domain.map { column in
            NamedExpression(
                column: copy(of: column),
                expression: .column(column.id, column.type)
            )
        }
        let own = groups.map {
            NamedExpression(column: $0.column, expression: $0.expression.substituted(map))
        }
        var calls = aggregates.map { $0.mapExpressions { $0.substituted(map) } }
        let isWhole = groups.isEmpty && !losesEmptyGroups
        if isWhole {
            for index in calls.indices { calls[index].column = copy(of: calls[index].column) }
        }
        joined.plan = .aggregate(joined.plan, groups: own + keys, aggregates: calls)
        joined.domain = keys.map(\.column)
        return isWhole ? withEmptyGroups(joined, calls, aggregates.map(\.column)) : joined
    }

    /// An aggregate without GROUP BY, with the row it has over no rows.
    private func withEmptyGroups(
        _ grouped: Joined,
        _ calls: [AggregateCall],
        _ columns: [PlanColumn]
    ) -> Joined {
        let domain = domainRows()
        let condition = agreement(
            domain.domain,
            grouped.domain,
            withoutNulls: grouped.withoutNulls
        )
        let items = zip(calls, columns).map { call, column in
            let value = Expression.column(call.column.id, call.column.type)
            let zero = Expression.constant(.int64(0), .bigint)
            return NamedExpression(
                column: column,
                expression: call.function.isCount ? .coalesce([value, zero], .bigint) : value
            )
        }
        let rows = LogicalPlan.join(
            .left,
            domain.plan,
            grouped.plan,
            condition: Expression.conjunction(condition)
        )
        return Joined(plan: .project(rows, items + passed(domain.domain)), domain: domain.domain)
    }

    private func window(
        _ input: LogicalPlan,
        _ definition: WindowDefinition,
        _ calls: [WindowCall]
    ) throws(SQLError) -> Joined {
        var joined = try visit(input)
        let map = mapping(to: joined.domain)
        var within = definition.mapped { $0.substituted(map) }
        within.partition += joined.domain.map { .column($0.id, $0.type) }
        joined.plan = .window(
            joined.plan,
            within,
            calls.map { call in call.mapped { $0.substituted(map) } }
        )
        return joined
    }

    /// The rows that LIMIT and OFFSET leave of each combination, by their numbers.
    private func limit(
        _ input: LogicalPlan,
        _ count: Int?,
        _ offset: Int
    ) throws(SQLError) -> Joined {
        var order: [SortItem] = []
        var rows = input
        if case .sort(let sorted, let items) = input { (rows, order) = (sorted, items) }
        var joined = try visit(rows)
        let number = binder.makeColumn("row_number", .bigint)
        let call = WindowCall(
            column: number,
            function: .rowNumber,
            arguments: [],
            ignoresNulls: false,
            frame: .partition
        )
        let map = mapping(to: joined.domain)
        let definition = WindowDefinition(
            partition: joined.domain.map { .column($0.id, $0.type) },
            order: order
        ).mapped { $0.substituted(map) }
        let numbered = LogicalPlan.window(joined.plan, definition, [call])
        let value = Expression.column(number.id, number.type)
        var terms: [Expression] = []
        if offset > 0 {
            terms.append(.compare(.greater, value, .constant(.int64(Int64(offset)), .bigint)))
        }
        if let count {
            let last = Expression.constant(.int64(Int64(offset + count)), .bigint)
            terms.append(.compare(.lessOrEqual, value, last))
        }
        joined.plan = Expression.conjunction(terms).map { .filter(numbered, $0) } ?? numbered
        return ordered(joined, input.columns)
    }

    private func unionAll(
        _ arms: [LogicalPlan],
        _ columns: [PlanColumn]
    ) throws(SQLError) -> Joined {
        var joined: [Joined] = []
        for arm in arms { joined.append(ordered(try visit(arm), arm.columns)) }
        let domain = outer.map(copy)
        let common = joined.dropFirst().reduce(joined.first?.withoutNulls ?? []) {
            $0.intersection($1.withoutNulls)
        }
        return Joined(
            plan: .unionAll(joined.map(\.plan), columns: columns + domain),
            domain: domain,
            withoutNulls: common
        )
    }

    private func subquery(
        _ input: LogicalPlan,
        _ name: String,
        _ columns: [PlanColumn],
        _ losesEmptyGroups: Bool
    ) throws(SQLError) -> Joined {
        var joined = ordered(try visit(input, losesEmptyGroups), input.columns)
        joined.domain = joined.domain.map(copy)
        joined.plan = .subquery(joined.plan, name: name, columns: columns + joined.domain)
        return joined
    }

    // MARK: Columns

    /// A plan with these columns, then the domain's, and no others.
    private func ordered(_ joined: Joined, _ columns: [PlanColumn]) -> Joined {
        let wanted = columns + joined.domain
        guard joined.plan.columns.map(\.id) != wanted.map(\.id) else { return joined }
        var restored = joined
        restored.plan = .project(joined.plan, passed(wanted))
        return restored
    }

    private func passed(_ columns: [PlanColumn]) -> [NamedExpression] {
        columns.map { NamedExpression(column: $0, expression: .column($0.id, $0.type)) }
    }

    private func mapping(to domain: [PlanColumn]) -> [ColumnID: Expression] {
        renaming(outer, to: domain)
    }

    private func copy(of column: PlanColumn) -> PlanColumn {
        binder.makeColumn(
            column.name,
            column.type,
            qualifier: column.qualifier,
            origin: column.origin
        )
    }

    private var unsupported: SQLError { binder.unsupportedCorrelation(at: position) }
}
