import Catalogs
import Plans
import SQLTypes

/// A statement's plans: what it is made of before physical planning.
struct StatementParts {
    var plan: LogicalPlan
    var scalarSubqueries: [LogicalPlan]
    /// What is kept on the slices; each reads earlier ones only.
    var stored: [StoredPlan]
    /// For each stored plan the columns that someone reads, ascending.
    private(set) var usedColumns: [Int: [Int]] = [:]
    /// Of recursions that nothing but a LIMIT reads, how many rows it takes.
    private(set) var rowsNeeded: [Int: Int] = [:]

    /// - Errors: 54001 for common table expressions that cannot be kept and are referenced too
    ///   often.
    init(_ query: BoundQuery) throws(SQLError) {
        plan = query.plan
        scalarSubqueries = query.scalarSubqueries
        stored = query.storedPlans
        guard !stored.isEmpty else { return }
        var sharing = CommonTableSharing(
            stored,
            readBy: [plan] + scalarSubqueries,
            firstFreeColumnID: greatestColumnID + 1
        )
        try sharing.decide()
        plan = sharing.resolved(plan)
        scalarSubqueries = scalarSubqueries.map { sharing.resolved($0) }
        stored = sharing.kept()
        rowsNeeded = limitedReads()
    }

    /// How many rows LIMIT takes of the stored plans that are read once, right below one.
    private func limitedReads() -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for reference in all.flatMap(\.storedReferences) {
            counts[reference.number, default: 0] += 1
        }
        var needed: [Int: Int] = [:]
        for limit in all.flatMap(\.limitedStoredReads) where counts[limit.number] == 1 {
            needed[limit.number] = limit.rows
        }
        return needed
    }

    /// All logical plans.
    var all: [LogicalPlan] { [plan] + scalarSubqueries + stored.flatMap(\.plans) }

    /// The greatest column id that a plan puts out anywhere.
    var greatestColumnID: ColumnID { all.map(\.greatestColumnID).max() ?? 0 }

    /// Groups intervals by their length; returns the first column number that is free then.
    mutating func groupIntervals() -> ColumnID {
        var rule = IntervalGroups(firstFreeColumnID: greatestColumnID + 1)
        plan = rule.grouped(plan)
        scalarSubqueries = scalarSubqueries.map { rule.grouped($0) }
        stored = stored.map { part in part.mapped { rule.grouped($0) } }
        return rule.nextColumn
    }

    /// Applies the rules to every plan, testing for cancel between them.
    ///
    /// - Throws: 57014.
    mutating func rewrite() throws(SQLError) {
        var used: [Int: Set<Int>] = [:]
        plan = try rewritten(plan, &used)
        for index in scalarSubqueries.indices {
            scalarSubqueries[index] = try rewritten(scalarSubqueries[index], &used)
        }
        for case .recursion(let seed, _, let working, _) in stored {
            used[working] = Set(seed.columns.indices)
        }
        // Each stored plan is read by later ones only, so its readers are known by now.
        for number in stored.indices.reversed() {
            switch stored[number] {
            case .once(let shared, let name):
                let columns = shared.columns
                let items = (used[number] ?? []).sorted().map {
                    NamedExpression(
                        column: columns[$0],
                        expression: .column(columns[$0].id, columns[$0].type)
                    )
                }
                let rows = try rewritten(.project(shared, items), &used)
                stored[number] = .once(rows, name: name)
            case .recursion(let seed, let step, let working, let name):
                stored[number] = .recursion(
                    seed: try rewritten(seed, &used),
                    step: try rewritten(step, &used),
                    working: working,
                    name: name
                )
                used[number] = Set(seed.columns.indices)
            case .working: break
            }
        }
        usedColumns = used.mapValues { $0.sorted() }
    }

    /// The plan after all rules, noting which columns of stored plans it reads.
    private func rewritten(
        _ plan: LogicalPlan,
        _ used: inout [Int: Set<Int>]
    ) throws(SQLError) -> LogicalPlan {
        let unwrapped = SubqueryUnwrapping.unwrapped(plan)
        try Interruption.check()
        let pushed = predicatesPushed(unwrapped)
        try Interruption.check()
        let moved = dependentGroupsMoved(columnsPruned(pushed))
        try Interruption.check()
        for reference in moved.storedReferences {
            used[reference.number, default: []].formUnion(reference.indexes)
        }
        return moved
    }
}

extension StoredPlan {
    /// The logical plans it is made of.
    var plans: [LogicalPlan] {
        switch self {
        case .once(let plan, _): [plan]
        case .recursion(let seed, let step, _, _): [seed, step]
        case .working: []
        }
    }

    /// The stored plan with each of its plans replaced.
    func mapped(_ transform: (LogicalPlan) -> LogicalPlan) -> StoredPlan {
        switch self {
        case .once(let plan, let name): .once(transform(plan), name: name)
        case .recursion(let seed, let step, let working, let name):
            .recursion(
                seed: transform(seed),
                step: transform(step),
                working: working,
                name: name
            )
        case .working: .working
        }
    }
}
