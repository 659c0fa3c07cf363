package import Catalogs

extension ExecutablePlan {
    /// The stored tables whose rows the plan or one it depends on reads.
    package var scannedTables: Set<TableID> {
        var found = Set(joins.compactMap(\.merged).map(\.scan.table))
        for segment in streams.flatMap(\.segments) {
            if case .scan(let scan) = segment.source { found.insert(scan.table) }
        }
        for plan in scalarSubqueries { found.formUnion(plan.scannedTables) }
        for plan in kept.flatMap(\.plans) { found.formUnion(plan.scannedTables) }
        return found
    }
}

extension KeptPlan {
    fileprivate var plans: [ExecutablePlan] {
        switch self {
        case .once(let plan): [plan]
        case .recursion(let recursion): [recursion.seed, recursion.step]
        case .working: []
        }
    }
}
