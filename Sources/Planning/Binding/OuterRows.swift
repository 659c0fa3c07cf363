import Plans
import SQLTypes

/// The rows of an outer query, as its correlated subqueries take their domain from them.
///
/// Rows that take little more than a scan, or depend on a query further out, are read again for
/// each domain; others are kept on the slices, like those of a common table expression that is
/// referenced twice.
struct OuterRows {
    /// The rows for the outer query itself, under the columns they had.
    let rows: LogicalPlan
    private let binder: Binder

    private static let name = "outer_rows"

    /// - Errors: 0A000 for rows that differ from one evaluation to the next and cannot be kept.
    init(_ plan: LogicalPlan, _ binder: Binder, at position: Int?) throws(SQLError) {
        self.binder = binder
        let canKeep = !plan.columns.isEmpty && !plan.isCorrelated && Self.canBeKept(plan, binder)
        guard canKeep || !Self.isVolatile(plan, binder) else {
            throw binder.unsupportedCorrelation(at: position)
        }
        guard canKeep, !Self.isCheap(plan) else {
            rows = plan
            return
        }
        var renumbering = PlanRenumbering(binder.makeColumnID)
        binder.storedPlans.append(.once(renumbering.renumbered(plan), name: Self.name))
        let reference = StoredReference(
            number: binder.storedPlans.count - 1,
            name: Self.name,
            alias: Self.name,
            indexes: Array(plan.columns.indices),
            columns: plan.columns
        )
        rows = .stored(reference)
    }

    /// Each combination of these values over the rows once, as these columns.
    func domain(_ values: [Expression], as columns: [PlanColumn]) -> LogicalPlan {
        var renumbering = PlanRenumbering(binder.makeColumnID)
        let source = renumbering.renumbered(rows)
        let items = zip(columns, values).map { column, value in
            NamedExpression(column: column, expression: renumbering.renumbered(value))
        }
        return .distinct(.project(source, items))
    }

    /// Whether reading the rows again costs little, and gives the same ones.
    private static func isCheap(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .scan, .values, .stored: true
        case .filter(let input, let condition): !condition.isVolatile && isCheap(input)
        case .project(let input, let items):
            !items.contains { $0.expression.isVolatile } && isCheap(input)
        case .subquery(let input, _, _): isCheap(input)
        default: false
        }
    }

    /// Whether the rows can be kept on the slices: they are neither the leader's, nor those of a
    /// recursion's round, nor addressed for a change.
    private static func canBeKept(_ plan: LogicalPlan, _ binder: Binder) -> Bool {
        switch plan {
        case .scan(let scan): !scan.emitsRowAddress && !scan.isOfSystemTable
        case .stored(let reference):
            binder.sharedPlan(reference).map { canBeKept($0, binder) } ?? false
        default: plan.inputs.allSatisfy { canBeKept($0, binder) }
        }
    }

    /// Whether evaluating the rows twice may give different ones.
    private static func isVolatile(_ plan: LogicalPlan, _ binder: Binder) -> Bool {
        if case .stored(let reference) = plan {
            return binder.sharedPlan(reference).map { isVolatile($0, binder) } ?? false
        }
        return plan.ownExpressions.contains(where: \.isVolatile)
            || plan.inputs.contains { isVolatile($0, binder) }
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
    /// Whether it reads columns of a query around it.
    fileprivate var isCorrelated: Bool {
        var made: Set<ColumnID> = []
        var read: Set<ColumnID> = []
        func visit(_ plan: LogicalPlan) {
            made.formUnion(plan.columns.map(\.id))
            for expression in plan.ownExpressions { read.formUnion(expression.columns) }
            for input in plan.inputs { visit(input) }
        }
        visit(self)
        return !read.isSubset(of: made)
    }
}
