import Catalogs
import Plans
import SQLTypes

/// A statement's plans: what it is made of before physical planning.
///
/// A common table expression that is referenced more than once, and is more than a scan, becomes
/// a stored plan: its rows are computed once and kept on the slices. The others stay where they
/// are referenced, so that predicates and pruning reach into them.
struct StatementParts {
    var plan: LogicalPlan
    var scalarSubqueries: [LogicalPlan]
    var stored: [StoredPlan]
    /// For each stored plan the columns that someone reads, ascending.
    private(set) var usedColumns: [Int: [Int]] = [:]
    private var commonTables: [ColumnID: Int]

    init(_ query: BoundQuery) {
        plan = query.plan
        scalarSubqueries = query.scalarSubqueries
        stored = query.storedPlans
        commonTables = query.commonTables
    }

    /// All logical plans.
    var all: [LogicalPlan] { [plan] + scalarSubqueries + stored.flatMap(\.plans) }

    /// Groups intervals by their length; returns the first column number that is free then.
    mutating func groupIntervals(firstFreeColumnID: ColumnID) -> ColumnID {
        var rule = IntervalGroups(firstFreeColumnID: firstFreeColumnID)
        plan = rule.grouped(plan)
        scalarSubqueries = scalarSubqueries.map { rule.grouped($0) }
        stored = stored.map { part in
            switch part {
            case .once(let rows, let name): .once(rule.grouped(rows), name: name)
            case .recursion(let seed, let step, let working, let name):
                .recursion(
                    seed: rule.grouped(seed),
                    step: rule.grouped(step),
                    working: working,
                    name: name
                )
            case .working: part
            }
        }
        return rule.nextColumn
    }

    /// Applies the rules to every plan, testing for cancel between them.
    ///
    /// - Throws: 57014.
    mutating func rewrite() throws(SQLError) {
        let recursions = stored.indices
        try share()
        plan = try rewritten(plan)
        for index in scalarSubqueries.indices {
            scalarSubqueries[index] = try rewritten(scalarSubqueries[index])
        }
        for number in recursions {
            guard case .recursion(let seed, let step, let working, let name) = stored[number]
            else { continue }
            stored[number] = .recursion(
                seed: try rewritten(seed),
                step: try rewritten(step),
                working: working,
                name: name
            )
            usedColumns[number] = Array(seed.columns.indices)
            usedColumns[working] = usedColumns[number]
        }
        // Each stored plan is read by those before it only, so its readers are known by now.
        for number in recursions.endIndex..<stored.count {
            guard case .once(let shared, let name) = stored[number] else { continue }
            let used = Set(all.flatMap { $0.storedIndexes(of: number) }).sorted()
            let columns = shared.columns
            let items = used.map {
                NamedExpression(
                    column: columns[$0],
                    expression: .column(columns[$0].id, columns[$0].type)
                )
            }
            usedColumns[number] = used
            stored[number] = .once(try rewritten(.project(shared, items)), name: name)
        }
    }

    /// Makes stored plans of the expressions worth it, the last one first: only those before it
    /// can be part of it.
    private mutating func share() throws(SQLError) {
        for common in Set(commonTables.values).sorted(by: >) {
            try Interruption.check()
            let found = all.flatMap { references(to: common, in: $0) }
            guard found.count > 1, case .subquery(let shared, let name, _) = found[0],
                shared.isWorthKeeping
            else { continue }
            let number = stored.count
            plan = replaced(plan, common, by: number)
            scalarSubqueries = scalarSubqueries.map { replaced($0, common, by: number) }
            for index in stored.indices {
                switch stored[index] {
                case .once(let inner, let name):
                    stored[index] = .once(replaced(inner, common, by: number), name: name)
                case .recursion(let seed, let step, let working, let name):
                    stored[index] = .recursion(
                        seed: replaced(seed, common, by: number),
                        step: replaced(step, common, by: number),
                        working: working,
                        name: name
                    )
                case .working: break
                }
            }
            stored.append(.once(shared, name: name))
        }
    }

    private func references(to common: Int, in plan: LogicalPlan) -> [LogicalPlan] {
        if isReference(plan, to: common) { return [plan] }
        return plan.inputs.flatMap { references(to: common, in: $0) }
    }

    private func isReference(_ plan: LogicalPlan, to common: Int) -> Bool {
        guard case .subquery(_, _, let columns) = plan, let first = columns.first else {
            return false
        }
        return commonTables[first.id] == common
    }

    private func replaced(_ plan: LogicalPlan, _ common: Int, by number: Int) -> LogicalPlan {
        if case .subquery(_, let name, let columns) = plan, isReference(plan, to: common) {
            return .stored(
                StoredReference(
                    number: number,
                    name: name,
                    indexes: Array(columns.indices),
                    columns: columns
                )
            )
        }
        return plan.mappingInputs { replaced($0, common, by: number) }
    }

    private func rewritten(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
        let unwrapped = SubqueryUnwrapping.unwrapped(plan)
        try Interruption.check()
        let pushed = predicatesPushed(unwrapped)
        try Interruption.check()
        let moved = dependentGroupsMoved(columnsPruned(pushed))
        try Interruption.check()
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
}

extension LogicalPlan {
    /// Whether it does more than reading rows that are there already, or gives others each time.
    ///
    /// System tables are provided by the leader to the plan that reads them, so they stay.
    fileprivate var isWorthKeeping: Bool {
        !readsSystemTables && isMoreThanScan
    }

    private var isMoreThanScan: Bool {
        switch self {
        case .scan, .values, .stored: false
        case .filter(let input, let condition): condition.isVolatile || input.isMoreThanScan
        case .project(let input, let items):
            items.contains { $0.expression.isVolatile } || input.isMoreThanScan
        case .subquery(let input, _, _): input.isMoreThanScan
        default: true
        }
    }

    private var readsSystemTables: Bool {
        if case .scan(let scan) = self { return scan.isOfSystemTable }
        return inputs.contains { $0.readsSystemTables }
    }

    /// Which columns of a stored plan are read.
    fileprivate func storedIndexes(of number: Int) -> [Int] {
        if case .stored(let reference) = self {
            return reference.number == number ? reference.indexes : []
        }
        return inputs.flatMap { $0.storedIndexes(of: number) }
    }

    /// The plan with each input replaced.
    func mappingInputs(_ transform: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
        switch self {
        case .scan, .values, .stored: self
        case .filter(let input, let condition): .filter(transform(input), condition)
        case .project(let input, let items): .project(transform(input), items)
        case .join(let kind, let left, let right, let condition):
            .join(kind, transform(left), transform(right), condition: condition)
        case .aggregate(let input, let groups, let aggregates):
            .aggregate(transform(input), groups: groups, aggregates: aggregates)
        case .window(let input, let definition, let calls):
            .window(transform(input), definition, calls)
        case .expand(let input, let expansion): .expand(transform(input), expansion)
        case .distinct(let input): .distinct(transform(input))
        case .sort(let input, let items): .sort(transform(input), items)
        case .limit(let input, let count, let offset):
            .limit(transform(input), count: count, offset: offset)
        case .unionAll(let arms, let columns): .unionAll(arms.map(transform), columns: columns)
        case .subquery(let input, let name, let columns):
            .subquery(transform(input), name: name, columns: columns)
        }
    }
}

extension LogicalScan {
    /// Whether the leader provides the rows.
    var isOfSystemTable: Bool { table.id < 100_000 }
}
