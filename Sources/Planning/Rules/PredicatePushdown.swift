import Vectors
import Plans
import SQLTypes

/// Moves predicates down to where their columns come from, and makes outer joins inner ones
/// where a predicate above rejects the rows they would add.
///
/// What can fail stays where it was written. Afterwards a group of inner joins is one chain of
/// joins without conditions under one filter that holds what concerns several of its relations;
/// right joins have become left joins.
func predicatesPushed(_ plan: LogicalPlan, _ predicates: [Expression] = []) -> LogicalPlan {
    switch plan {
    case .filter(let input, let condition):
        return predicatesPushed(input, predicates + simplified(condition).conjuncts)
    case .scan, .stored: return filtered(plan, predicates)
    case .values(let rows, let columns):
        return filtered(
            .values(rows: rows.map { $0.map(simplified) }, columns: columns),
            predicates
        )
    case .project(let input, let items):
        let simple = items.map {
            NamedExpression(column: $0.column, expression: simplified($0.expression))
        }
        let (below, above) = split(predicates, through: simple)
        return filtered(.project(predicatesPushed(input, below), simple), above)
    case .aggregate(let input, let groups, let aggregates):
        let simple = groups.map {
            NamedExpression(column: $0.column, expression: simplified($0.expression))
        }
        let calls = aggregates.map { $0.mapExpressions(simplified) }
        let (below, above) = groups.isEmpty ? ([], predicates) : split(predicates, through: simple)
        return filtered(
            .aggregate(predicatesPushed(input, below), groups: simple, aggregates: calls),
            above
        )
    case .expand(let input, let expansion):
        return filtered(.expand(predicatesPushed(input), expansion), predicates)
    case .window(let input, let definition, let calls):
        let simple = definition.mapped(simplified)
        let (below, above) = partition(predicates) {
            $0.isMovable && keepsPartitionsWhole($0, simple.partition)
        }
        return filtered(
            .window(
                predicatesPushed(input, below),
                simple,
                calls.map { $0.mapped(simplified) }
            ),
            above
        )
    case .distinct(let input):
        let (below, above) = partition(predicates) { $0.isMovable }
        return filtered(.distinct(predicatesPushed(input, below)), above)
    case .sort(let input, let items):
        return .sort(
            predicatesPushed(input, predicates),
            items.map {
                SortItem(
                    expression: simplified($0.expression),
                    isAscending: $0.isAscending,
                    nullsFirst: $0.nullsFirst
                )
            }
        )
    case .limit(let input, let count, let offset):
        return filtered(.limit(predicatesPushed(input), count: count, offset: offset), predicates)
    case .unionAll(let arms, let columns):
        let (below, above) = partition(predicates) { $0.isMovable }
        let pushed = arms.map { arm in
            predicatesPushed(arm, below.map { $0.substituted(renaming(columns, to: arm.columns)) })
        }
        return filtered(.unionAll(pushed, columns: columns), above)
    case .subquery(let input, let name, let columns):
        let (below, above) = partition(predicates) { $0.isMovable }
        let inner = below.map { $0.substituted(renaming(columns, to: input.columns)) }
        return filtered(
            .subquery(predicatesPushed(input, inner), name: name, columns: columns),
            above
        )
    case .join(let kind, let left, let right, let condition):
        let own = condition.map { simplified($0).conjuncts } ?? []
        return pushedJoin(kind.mappingTest(simplified), left, right, own, predicates)
    }
}

/// A filter over a plan; the plan itself where there is nothing to test.
func filtered(_ plan: LogicalPlan, _ predicates: [Expression]) -> LogicalPlan {
    Expression.conjunction(predicates.filter { !$0.isTrue }).map { .filter(plan, $0) } ?? plan
}

/// What each column stands for when the columns are put out by position.
func renaming(_ columns: [PlanColumn], to inner: [PlanColumn]) -> [ColumnID: Expression] {
    Dictionary(
        zip(columns, inner).map { ($0.0.id, Expression.column($0.1.id, $0.1.type)) },
        uniquingKeysWith: { first, _ in first }
    )
}

private func partition(
    _ predicates: [Expression],
    _ test: (Expression) -> Bool
) -> (yes: [Expression], no: [Expression]) {
    (predicates.filter(test), predicates.filter { !test($0) })
}

/// Predicates rewritten to the input of a projection or grouping, and those that must stay above.
private func split(
    _ predicates: [Expression],
    through items: [NamedExpression]
) -> (below: [Expression], above: [Expression]) {
    guard !predicates.isEmpty else { return ([], []) }
    let values = Dictionary(
        items.map { ($0.column.id, $0.expression) },
        uniquingKeysWith: { first, _ in first }
    )
    var below: [Expression] = []
    var above: [Expression] = []
    for predicate in predicates {
        let canMove =
            predicate.isMovable
            && predicate.columns.allSatisfy { values[$0]?.isMovable ?? false }
        if canMove {
            below.append(simplified(predicate.substituted(values)))
        } else {
            above.append(predicate)
        }
    }
    return (below, above)
}

/// Whether a predicate holds for all rows of a partition or for none, so that it may be tested
/// before window functions see the rows.
///
/// Strings that differ in trailing blanks are one partition, and only comparisons do not see the
/// difference.
private func keepsPartitionsWhole(_ predicate: Expression, _ partition: [Expression]) -> Bool {
    switch predicate {
    case .compare(_, let one, let other)
    where partition.contains(one) && other.isConstant
        || partition.contains(other) && one.isConstant:
        return true
    case .inList(let operand, _) where partition.contains(operand): return true
    case .isNull(let operand) where partition.contains(operand): return true
    case .isNotNull(let operand) where partition.contains(operand): return true
    case .column: return partition.contains(predicate) && !predicate.type.isString
    default:
        if partition.contains(predicate) && !predicate.type.isString { return true }
        return predicate.children.allSatisfy { keepsPartitionsWhole($0, partition) }
    }
}

private func pushedJoin(
    _ kind: JoinKind,
    _ left: LogicalPlan,
    _ right: LogicalPlan,
    _ condition: [Expression],
    _ predicates: [Expression]
) -> LogicalPlan {
    let leftIDs = Set(left.columns.map(\.id))
    let rightIDs = Set(right.columns.map(\.id))
    switch kind {
    case .inner: return pushedGroup(left, right, condition, predicates)
    case .right: return pushedJoin(.left, right, left, condition, predicates)
    case .full:
        let keepsLeft = predicates.contains { rejectsNulls($0, of: leftIDs) }
        let keepsRight = predicates.contains { rejectsNulls($0, of: rightIDs) }
        if keepsLeft, keepsRight { return pushedGroup(left, right, condition, predicates) }
        if keepsLeft { return pushedJoin(.left, left, right, condition, predicates) }
        if keepsRight { return pushedJoin(.left, right, left, condition, predicates) }
        return filtered(
            .join(
                .full,
                predicatesPushed(left),
                predicatesPushed(right),
                condition: Expression.conjunction(condition)
            ),
            predicates
        )
    case .left:
        if predicates.contains(where: { rejectsNulls($0, of: rightIDs) }) {
            return pushedGroup(left, right, condition, predicates)
        }
    case .semi:
        // What the condition says of the left side alone is a plain filter.
        let (ofLeft, others) = partition(condition) { $0.columns.isSubset(of: leftIDs) }
        if !ofLeft.isEmpty {
            return pushedJoin(.semi, left, right, others, predicates + ofLeft)
        }
    case .antiNullAware:
        if isPlainAnti(condition: Expression.conjunction(condition), left: left, right: right) {
            return pushedJoin(.anti, left, right, condition, predicates)
        }
    case .anti, .mark, .rightSemi, .rightAnti: break
    }
    let (toLeft, above) = partition(predicates) {
        $0.isMovable && $0.columns.isSubset(of: leftIDs)
    }
    // The first condition of a NOT IN is the comparison itself and stays a condition.
    let fixed = kind == .antiNullAware ? Array(condition.prefix(1)) : []
    let (toRight, others) = partition(Array(condition.dropFirst(fixed.count))) {
        $0.isMovable && !$0.columns.isEmpty && $0.columns.isSubset(of: rightIDs)
    }
    let derived =
        kind == .antiNullAware
        ? [] : carriedOver(toLeft, by: condition, from: leftIDs, to: rightIDs)
    return filtered(
        .join(
            kind,
            predicatesPushed(left, toLeft),
            predicatesPushed(right, toRight + derived),
            condition: Expression.conjunction(fixed + others)
        ),
        above
    )
}

/// Predicates of left columns as predicates of the right columns they must equal to match.
private func carriedOver(
    _ predicates: [Expression],
    by condition: [Expression],
    from leftIDs: Set<ColumnID>,
    to rightIDs: Set<ColumnID>
) -> [Expression] {
    var partners: [ColumnID: Expression] = [:]
    for case .compare(.equal, .column(let a, let one), .column(let b, let other)) in condition
    where one == other {
        if leftIDs.contains(a), rightIDs.contains(b) { partners[a] = .column(b, other) }
        if leftIDs.contains(b), rightIDs.contains(a) { partners[b] = .column(a, one) }
    }
    guard !partners.isEmpty else { return [] }
    return predicates.compactMap { predicate in
        let read = predicate.columns
        guard read.count == 1, let id = read.first, partners[id] != nil,
            isConstantTest(predicate)
        else { return nil }
        return predicate.substituted(partners)
    }
}

/// A group of inner joins as one chain: each predicate at its relation, the rest on top.
private func pushedGroup(
    _ left: LogicalPlan,
    _ right: LogicalPlan,
    _ condition: [Expression],
    _ predicates: [Expression]
) -> LogicalPlan {
    var relations: [LogicalPlan] = []
    var conjuncts: [Expression] = []
    collectGroup(left, &relations, &conjuncts)
    collectGroup(right, &relations, &conjuncts)
    conjuncts = deduplicated(conjuncts + condition + predicates)
    conjuncts += transitivePredicates(conjuncts)

    let ids = relations.map { Set($0.columns.map(\.id)) }
    var own = [[Expression]](repeating: [], count: relations.count)
    var spanning: [Expression] = []
    for predicate in conjuncts {
        let read = predicate.columns
        if predicate.isMovable, !read.isEmpty,
            let home = ids.firstIndex(where: { read.isSubset(of: $0) })
        {
            own[home].append(predicate)
            continue
        }
        spanning.append(predicate)
        for index in ids.indices {
            if let implied = impliedPredicate(of: predicate, on: ids[index]) {
                own[index].append(implied)
            }
        }
    }
    var joined = predicatesPushed(relations[0], deduplicated(own[0]))
    for index in relations.indices.dropFirst() {
        let next = predicatesPushed(relations[index], deduplicated(own[index]))
        joined = .join(.inner, joined, next, condition: nil)
    }
    return filtered(joined, spanning)
}

private func collectGroup(
    _ plan: LogicalPlan,
    _ relations: inout [LogicalPlan],
    _ conjuncts: inout [Expression]
) {
    switch plan {
    case .join(.inner, let left, let right, let condition):
        collectGroup(left, &relations, &conjuncts)
        collectGroup(right, &relations, &conjuncts)
        if let condition { conjuncts += simplified(condition).conjuncts }
    case .filter(.join(.inner, let left, let right, let condition), let predicate):
        collectGroup(.join(.inner, left, right, condition: condition), &relations, &conjuncts)
        conjuncts += simplified(predicate).conjuncts
    default: relations.append(plan)
    }
}

func deduplicated(_ terms: [Expression]) -> [Expression] {
    var seen: Set<Expression> = []
    return terms.filter { seen.insert($0).inserted }
}

/// Tests of one column against constants, repeated for the columns that equal it.
private func transitivePredicates(_ conjuncts: [Expression]) -> [Expression] {
    var classes: [Set<ColumnID>] = []
    var types: [ColumnID: DataType] = [:]
    for case .compare(.equal, .column(let a, let one), .column(let b, let other)) in conjuncts
    where one == other {
        types[a] = one
        types[b] = other
        let touching = classes.filter { $0.contains(a) || $0.contains(b) }
        classes.removeAll { $0.contains(a) || $0.contains(b) }
        classes.append(touching.reduce(into: [a, b]) { $0.formUnion($1) })
    }
    guard !classes.isEmpty else { return [] }
    let known = Set(conjuncts)
    var derived: [Expression] = []
    for predicate in conjuncts where isConstantTest(predicate) {
        let read = predicate.columns
        guard read.count == 1, let id = read.first,
            let equals = classes.first(where: { $0.contains(id) })
        else { continue }
        for other in equals.sorted() where other != id {
            guard let type = types[other] else { continue }
            let copy = predicate.substituted([id: .column(other, type)])
            if !known.contains(copy) { derived.append(copy) }
        }
    }
    return deduplicated(derived)
}

/// Whether it tests a bare column against constants.
private func isConstantTest(_ predicate: Expression) -> Bool {
    switch predicate {
    case .compare(_, .column, .constant), .inList(.column, _), .like(.column, _): true
    default: false
    }
}
