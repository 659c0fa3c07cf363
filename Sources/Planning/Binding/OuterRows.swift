import Plans
import SQLTypes

/// The rows of an outer query, as its correlated subqueries take their domain from them.
///
/// Rows that take little more than a scan are read again for each domain; others are kept on the
/// slices, like those of a common table expression that is referenced twice.
struct OuterRows {
    /// The rows for the outer query itself, under the columns they had.
    let rows: LogicalPlan
    private let isKept: Bool
    private let binder: Binder

    private static let name = "outer_rows"

    /// - Errors: 0A000 for rows that differ from one evaluation to the next and cannot be kept.
    init(_ plan: LogicalPlan, _ binder: Binder, at position: Int?) throws(SQLError) {
        self.binder = binder
        let canKeep = plan.canBeKept && !plan.columns.isEmpty
        guard canKeep || !plan.isVolatile else {
            throw binder.unsupportedCorrelation(at: position)
        }
        isKept = canKeep && !Self.isCheap(plan, binder)
        guard isKept, let first = plan.columns.first else {
            rows = plan
            return
        }
        var renumbering = PlanRenumbering(binder)
        let kept = renumbering.renumbered(plan)
        binder.commonTableCount += 1
        binder.commonReferences[first.id] = binder.commonTableCount
        rows = .subquery(kept, name: Self.name, columns: plan.columns)
    }

    /// Each combination of these values over the rows once, as these columns.
    func domain(_ values: [Expression], as columns: [PlanColumn]) -> LogicalPlan {
        var renumbering = PlanRenumbering(binder)
        let source: LogicalPlan
        if isKept, case .subquery(let kept, let name, let own) = rows {
            let bare = LogicalPlan.values(rows: [], columns: own)
            let copies = renumbering.renumbered(bare).columns
            if let old = own.first, let new = copies.first {
                binder.commonReferences[new.id] = binder.commonReferences[old.id]
            }
            source = .subquery(kept, name: name, columns: copies)
        } else {
            source = renumbering.renumbered(rows)
        }
        let items = zip(columns, values).map { column, value in
            NamedExpression(column: column, expression: renumbering.renumbered(value))
        }
        return .distinct(.project(source, items))
    }

    /// Whether reading the rows again costs little, and gives the same ones.
    private static func isCheap(_ plan: LogicalPlan, _ binder: Binder) -> Bool {
        switch plan {
        case .scan, .values, .stored: true
        case .filter(let input, let condition):
            !condition.isVolatile && isCheap(input, binder)
        case .project(let input, let items):
            !items.contains { $0.expression.isVolatile } && isCheap(input, binder)
        case .subquery(let input, _, let columns):
            columns.first.map { binder.commonReferences[$0.id] != nil } ?? false
                || isCheap(input, binder)
        default: false
        }
    }
}

extension Binder {
    /// Rows joined with what subqueries became, whose domains are taken from these rows.
    func attach(
        _ joins: [Scope.PendingJoin],
        to plan: LogicalPlan
    ) throws(SQLError) -> LogicalPlan {
        var rows = plan
        var source: OuterRows?
        // Joins before it neither add rows to a domain nor change its columns.
        if let join = joins.first(where: { $0.domain?.isOver(plan) ?? false }) {
            let outer = try OuterRows(plan, self, at: join.domain?.position)
            rows = outer.rows
            source = outer
        }
        for join in joins {
            var right = join.plan
            if let domain = join.domain {
                var outer = source
                if outer == nil || !domain.isOver(plan) {
                    outer = try OuterRows(rows, self, at: domain.position)
                    rows = outer?.rows ?? rows
                }
                if let outer { right = filled(right, domain, from: outer) }
            }
            rows = .join(join.kind, rows, right, condition: join.condition)
        }
        return rows
    }

    private func filled(
        _ plan: LogicalPlan,
        _ domain: Scope.Domain,
        from outer: OuterRows
    ) -> LogicalPlan {
        if case .stored(let reference) = plan, reference.number == domain.number {
            return outer.domain(domain.values, as: reference.columns)
        }
        return plan.mappingInputs { filled($0, domain, from: outer) }
    }
}

extension Scope.Domain {
    /// Whether a plan puts out all that the domain is made of.
    fileprivate func isOver(_ plan: LogicalPlan) -> Bool {
        let columns = Set(plan.columns.map(\.id))
        return values.allSatisfy { $0.columns.isSubset(of: columns) }
    }
}

extension LogicalPlan {
    /// Whether its rows can be kept on the slices: they are neither the leader's, nor those of a
    /// recursion's round, nor addressed for a change.
    fileprivate var canBeKept: Bool {
        switch self {
        case .scan(let scan): !scan.emitsRowAddress && !scan.isOfSystemTable
        case .stored: false
        default: inputs.allSatisfy(\.canBeKept)
        }
    }
}
