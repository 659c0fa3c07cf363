import Catalogs
import Functions
import Plans
import Vectors

/// Groups by a key alone where other group columns follow from it; those become one value per
/// group.
///
/// ```
/// GROUP BY c_custkey, c_name, c_phone, n_name     customer has the key c_custkey, nation
///                                                 n_nationkey, and c_nationkey = n_nationkey
///   →  GROUP BY c_custkey  with c_name, c_phone, n_name of the group's first row
/// ```
/// Declared keys are trusted, as Redshift's planner trusts them. EXPLAIN shows the grouping as it
/// was written.
func dependentGroupsMoved(_ plan: LogicalPlan) -> LogicalPlan {
    let inner = plan.mappingInputs(dependentGroupsMoved)
    guard case .aggregate(let input, let groups, let calls) = inner, groups.count > 1,
        // Rows that carry an argument of DISTINCT carry no value of their group.
        !calls.contains(where: \.isDistinct)
    else { return inner }
    let kept = Dependencies(of: input).keptGroups(groups)
    guard kept.count < groups.count else { return inner }
    let moved = groups.indices.filter { !kept.contains($0) }.map { index in
        AggregateCall(
            column: groups[index].column,
            function: .groupValue,
            argument: groups[index].expression
        )
    }
    let smaller = LogicalPlan.aggregate(
        input,
        groups: kept.map { groups[$0] },
        aggregates: moved + calls
    )
    return .project(
        smaller,
        inner.columns.map { NamedExpression(column: $0, expression: .column($0.id, $0.type)) }
    )
}

/// Which columns of a plan's rows follow from which.
private struct Dependencies {
    /// Columns of which one value goes with one value of each of the others.
    private var keys: [(key: Set<ColumnID>, columns: Set<ColumnID>)] = []
    private var equal: [(ColumnID, ColumnID)] = []

    init(of plan: LogicalPlan) { learn(plan) }

    private mutating func learn(_ plan: LogicalPlan) {
        switch plan {
        case .scan(let scan): learn(scan)
        case .values, .unionAll, .stored: break
        case .filter(let input, let condition):
            learn(input)
            learn(condition)
        case .distinct(let input), .sort(let input, _), .limit(let input, _, _),
            .window(let input, _, _), .expand(let input, _):
            // Of an expansion's copies nothing is known: sets that lack them hold NULL.
            learn(input)
        case .project(let input, let items):
            learn(input)
            for item in items { alias(item.column.id, item.expression) }
        case .subquery(let input, _, let columns):
            learn(input)
            for (column, source) in zip(columns, input.columns) {
                equal.append((column.id, source.id))
            }
        case .aggregate(let input, let groups, _):
            learn(input)
            for group in groups { alias(group.column.id, group.expression) }
            keys.append((Set(groups.map(\.column.id)), Set(plan.columns.map(\.id))))
        case .join(let kind, let left, let right, let condition):
            learn(left)
            guard kind.emitsRight else { return }
            learn(right)
            // In rows that an outer join adds, all columns of a side are NULL: what was equal or
            // followed there still does, but what the join compared is not equal.
            if kind == .inner, let condition { learn(condition) }
        }
    }

    private mutating func learn(_ scan: LogicalScan) {
        let places = Dictionary(
            zip(scan.columnIndexes, scan.output.map(\.id)),
            uniquingKeysWith: { first, _ in first }
        )
        let all = Set(scan.output.map(\.id))
        for constraint in scan.table.constraints {
            switch constraint.kind {
            case .foreignKey: continue
            case .unique:
                guard constraint.columns.allSatisfy({ scan.table.columns[$0].isNotNull }) else {
                    continue
                }
            case .primaryKey: break
            }
            let key = constraint.columns.compactMap { places[$0] }
            if key.count == constraint.columns.count { keys.append((Set(key), all)) }
        }
    }

    private mutating func learn(_ condition: Expression) {
        for term in condition.conjuncts {
            guard case .compare(.equal, let left, let right) = term, let one = left.columnID,
                let other = right.columnID
            else { continue }
            equal.append((one, other))
        }
    }

    private mutating func alias(_ column: ColumnID, _ expression: Expression) {
        if let source = expression.columnID { equal.append((column, source)) }
    }

    /// All columns that follow from some.
    private func closure(of columns: Set<ColumnID>) -> Set<ColumnID> {
        var known = columns
        var count = 0
        while count < known.count {
            count = known.count
            for (one, other) in equal where known.contains(one) != known.contains(other) {
                known.insert(one)
                known.insert(other)
            }
            for (key, all) in keys where key.isSubset(of: known) { known.formUnion(all) }
        }
        return known
    }

    /// The groups from which the others follow, in order; all but plain columns are among them.
    func keptGroups(_ groups: [NamedExpression]) -> [Int] {
        let columns = groups.map(\.expression.columnID)
        var open = Set(groups.indices.filter { columns[$0] != nil })
        var kept = Set(groups.indices.filter { columns[$0] == nil })
        while let best = bestKey(among: open, columns) {
            kept.formUnion(best.key)
            open.subtract(best.determined)
        }
        return kept.union(open).sorted()
    }

    /// The groups that stand for a key and determine most of the others.
    private func bestKey(
        among open: Set<Int>,
        _ columns: [ColumnID?]
    ) -> (key: Set<Int>, determined: Set<Int>)? {
        var best: (key: Set<Int>, determined: Set<Int>)?
        for (key, _) in keys {
            var own: Set<Int> = []
            for column in key {
                let same = closureOfEquality(column)
                let group = open.sorted().first { columns[$0].map(same.contains) ?? false }
                guard let group else { break }
                own.insert(group)
            }
            guard own.count == key.count, !own.isEmpty else { continue }
            let known = closure(of: Set(own.compactMap { columns[$0] }))
            let determined = open.filter { columns[$0].map(known.contains) ?? false }
            guard determined.count > max(own.count, best?.determined.count ?? 0) else { continue }
            best = (own, determined)
        }
        return best
    }

    private func closureOfEquality(_ column: ColumnID) -> Set<ColumnID> {
        var plain = self
        plain.keys = []
        return plain.closure(of: [column])
    }
}
