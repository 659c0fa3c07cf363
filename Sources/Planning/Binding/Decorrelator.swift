import Functions
import Plans
import SQLTypes
import Vectors

/// Takes the conditions on outer columns out of a subquery's plan, so that it can be joined.
///
/// ```
/// filter(scan u, u.k = t.k and u.x > 1)   →   filter(scan u, u.x > 1)  and  u.k = t.k
/// ```
/// A condition moves up through projections (which pass on what it reads), inner joins and the
/// preserved side of others, and groupings (which then group by what it compares). Columns that
/// the plan had before stay first, in order.
struct Decorrelator {
    /// What to do with an aggregate without GROUP BY: grouping it by the correlation loses the
    /// row it has over no rows.
    enum GroupsWithoutRows {
        /// 0A000: the caller cannot do without that row.
        case refused
        /// The row would hold NULLs only, which the caller treats like no row.
        case withoutCounts
        /// The caller supplies the row's values itself.
        case accepted
    }

    var groupsWithoutRows = GroupsWithoutRows.refused
    private let outer: Set<ColumnID>
    private let position: Int
    private let binder: Binder

    init(_ outer: Set<ColumnID>, _ position: Int, _ binder: Binder) {
        self.outer = outer
        self.position = position
        self.binder = binder
    }

    /// The plan without outer columns, and the conditions that had them, over its new columns.
    ///
    /// - Errors: 0A000 where outer columns stand elsewhere than in such conditions.
    func pull(_ plan: LogicalPlan) throws(SQLError) -> (LogicalPlan, [Expression]) {
        switch plan {
        case .scan, .stored: return (plan, [])
        case .values(let rows, _):
            for row in rows { for value in row { try requireFree(value) } }
            return (plan, [])
        case .filter(let input, let condition):
            let (rows, pulled) = try pull(input)
            let (free, correlated) = split(condition)
            let kept = Expression.conjunction(free).map { .filter(rows, $0) } ?? rows
            return (kept, pulled + correlated)
        case .project(let input, let items): return try pullProjection(input, items)
        case .subquery(let input, let name, let columns):
            let (rows, pulled) = try pull(input)
            let added = rows.columns.dropFirst(columns.count)
            let copies = added.map { copy(of: $0) }
            let mapping = map(Array(added), to: copies)
            return (
                .subquery(rows, name: name, columns: columns + copies),
                pulled.map { substitute($0, mapping) }
            )
        case .join(let kind, let left, let right, let condition):
            return try pullJoin(kind, left, right, condition)
        case .aggregate(let input, let groups, let aggregates):
            return try pullAggregate(input, groups, aggregates)
        case .expand(let input, let expansion):
            let (rows, pulled) = try pull(input)
            guard pulled.isEmpty else { throw unsupported }
            return (.expand(rows, expansion), [])
        case .window(let input, let definition, let calls):
            let (rows, pulled) = try pull(input)
            // Conditions on outer columns decide which rows a window function sees.
            guard pulled.isEmpty else { throw unsupported }
            for item in definition.partition { try requireFree(item) }
            for item in definition.order { try requireFree(item.expression) }
            for argument in calls.flatMap(\.arguments) { try requireFree(argument) }
            return (.window(rows, definition, calls), [])
        case .distinct(let input):
            let (rows, pulled) = try pull(input)
            return (.distinct(rows), pulled)
        case .sort(let input, let items):
            let (rows, pulled) = try pull(input)
            for item in items { try requireFree(item.expression) }
            return (.sort(rows, items), pulled)
        case .limit(let input, let count, let offset):
            let (rows, pulled) = try pull(input)
            guard pulled.isEmpty else { throw unsupported }
            return (.limit(rows, count: count, offset: offset), [])
        case .unionAll(let arms, let columns):
            var free: [LogicalPlan] = []
            for arm in arms {
                let (rows, pulled) = try pull(arm)
                guard pulled.isEmpty else { throw unsupported }
                free.append(rows)
            }
            return (.unionAll(free, columns: columns), [])
        }
    }

    private func pullProjection(
        _ input: LogicalPlan,
        _ items: [NamedExpression]
    ) throws(SQLError) -> (LogicalPlan, [Expression]) {
        let (rows, pulled) = try pull(input)
        for item in items { try requireFree(item.expression) }
        let needed = pulled.reduce(into: Set<ColumnID>()) { $0.formUnion($1.columns) }
        let added = rows.columns.filter { needed.contains($0.id) }
        let copies = added.map { copy(of: $0) }
        let passed = zip(added, copies).map { source, copy in
            NamedExpression(column: copy, expression: .column(source.id, source.type))
        }
        let mapping = map(added, to: copies)
        return (.project(rows, items + passed), pulled.map { substitute($0, mapping) })
    }

    private func pullJoin(
        _ kind: JoinKind,
        _ left: LogicalPlan,
        _ right: LogicalPlan,
        _ condition: Expression?
    ) throws(SQLError) -> (LogicalPlan, [Expression]) {
        let (leftRows, leftPulled) = try pull(left)
        let (rightRows, rightPulled) = try pull(right)
        let (free, correlated) = condition.map { split($0) } ?? ([], [])
        let isMovable =
            switch kind {
            case .inner: true
            case .left, .semi, .anti, .antiNullAware: rightPulled.isEmpty && correlated.isEmpty
            case .mark(let mark):
                rightPulled.isEmpty && correlated.isEmpty
                    && mark.test?.columns.isDisjoint(with: outer) ?? true
            case .right, .rightSemi, .rightAnti: leftPulled.isEmpty && correlated.isEmpty
            case .full: leftPulled.isEmpty && rightPulled.isEmpty && correlated.isEmpty
            }
        guard isMovable else { throw unsupported }
        let joined = LogicalPlan.join(
            kind,
            leftRows,
            rightRows,
            condition: kind == .inner ? Expression.conjunction(free) : condition
        )
        return (joined, leftPulled + rightPulled + correlated)
    }

    /// Groups by what the conditions compare with outer columns as well.
    private func pullAggregate(
        _ input: LogicalPlan,
        _ groups: [NamedExpression],
        _ aggregates: [AggregateCall]
    ) throws(SQLError) -> (LogicalPlan, [Expression]) {
        let (rows, pulled) = try pull(input)
        for group in groups { try requireFree(group.expression) }
        for call in aggregates where !call.columns.isDisjoint(with: outer) { throw unsupported }
        guard !pulled.isEmpty else {
            return (.aggregate(rows, groups: groups, aggregates: aggregates), [])
        }
        if groups.isEmpty {
            let counts = aggregates.contains { $0.function.isCount }
            switch groupsWithoutRows {
            case .accepted: break
            case .withoutCounts where !counts: break
            default: throw unsupported
            }
        }
        var keys: [NamedExpression] = []
        var conditions: [Expression] = []
        for condition in pulled {
            let (inner, other) = try sides(of: condition)
            let known = (groups + keys).first { $0.expression == inner }
            let key =
                known
                ?? NamedExpression(
                    column: binder.makeColumn("correlation", inner.type),
                    expression: inner
                )
            if known == nil { keys.append(key) }
            conditions.append(
                .compare(.equal, .column(key.column.id, key.column.type), other)
            )
        }
        // Added groups would stand before the aggregates; a projection restores the order.
        let grouped = LogicalPlan.aggregate(rows, groups: groups + keys, aggregates: aggregates)
        let passed = keys.map { ($0.column, copy(of: $0.column)) }
        let before = groups.map(\.column) + aggregates.map(\.column)
        var mapping = map(passed.map(\.0), to: passed.map(\.1))
        var items: [NamedExpression] = []
        for column in before {
            let copied = PlanColumn(
                id: column.id,
                name: column.name,
                type: column.type,
                qualifier: column.qualifier,
                origin: column.origin
            )
            items.append(
                NamedExpression(column: copied, expression: .column(column.id, column.type))
            )
            mapping[column.id] = .column(column.id, column.type)
        }
        for (source, copied) in passed {
            items.append(
                NamedExpression(column: copied, expression: .column(source.id, source.type))
            )
        }
        return (.project(grouped, items), conditions.map { substitute($0, mapping) })
    }

    /// The inner and the outer side of an equality; 0A000 for any other condition.
    private func sides(of condition: Expression) throws(SQLError) -> (Expression, Expression) {
        guard case .compare(.equal, let left, let right) = condition else { throw unsupported }
        let leftIsOuter = left.columns.isSubset(of: outer)
        let rightIsOuter = right.columns.isSubset(of: outer)
        if rightIsOuter, left.columns.isDisjoint(with: outer), !leftIsOuter {
            return (left, right)
        }
        if leftIsOuter, right.columns.isDisjoint(with: outer), !rightIsOuter {
            return (right, left)
        }
        throw unsupported
    }

    private func split(_ condition: Expression) -> (free: [Expression], outer: [Expression]) {
        var free: [Expression] = []
        var correlated: [Expression] = []
        for term in condition.conjuncts {
            if term.columns.isDisjoint(with: outer) {
                free.append(term)
            } else {
                correlated.append(term)
            }
        }
        return (free, correlated)
    }

    private func requireFree(_ expression: Expression) throws(SQLError) {
        guard expression.columns.isDisjoint(with: outer) else { throw unsupported }
    }

    private var unsupported: SQLError { binder.unsupportedCorrelation(at: position) }

    private func copy(of column: PlanColumn) -> PlanColumn {
        binder.makeColumn(
            column.name,
            column.type,
            qualifier: column.qualifier,
            origin: column.origin
        )
    }

    private func map(
        _ columns: [PlanColumn],
        to copies: [PlanColumn]
    ) -> [ColumnID: Expression] {
        var mapping: [ColumnID: Expression] = [:]
        for (column, copied) in zip(columns, copies) {
            mapping[column.id] = .column(copied.id, copied.type)
        }
        return mapping
    }

    private func substitute(
        _ expression: Expression,
        _ mapping: [ColumnID: Expression]
    ) -> Expression {
        expression.rewritten { node in
            if case .column(let id, _) = node { return mapping[id] ?? node }
            return node
        }
    }
}
