import Vectors
import Catalogs
import SQLTypes
import Functions
import Plans

/// Whether the predicate is false or NULL for every row in which all these columns are NULL:
/// such a predicate above an outer join makes the join an inner one.
func rejectsNulls(_ predicate: Expression, of columns: Set<ColumnID>) -> Bool {
    switch predicate {
    case .and(let terms): terms.contains { rejectsNulls($0, of: columns) }
    case .or(let terms): terms.allSatisfy { rejectsNulls($0, of: columns) }
    case .isNotNull(let operand): isNullWith(operand, columns)
    default: isNullWith(predicate, columns)
    }
}

/// Whether the value is NULL wherever all these columns are.
func isNullWith(_ expression: Expression, _ columns: Set<ColumnID>) -> Bool {
    switch expression {
    case .column(let id, _): columns.contains(id)
    case .constant(let value, _): value.isNull
    case .compare(_, let left, let right), .arithmetic(_, let left, let right, _):
        isNullWith(left, columns) || isNullWith(right, columns)
    case .not(let operand), .negate(let operand, _), .cast(let operand, _, _),
        .inList(let operand, _), .like(let operand, _):
        isNullWith(operand, columns)
    case .call(let function, let arguments, _):
        function.nullRule == .strict && arguments.contains { isNullWith($0, columns) }
    case .and(let terms), .or(let terms), .coalesce(let terms, _):
        terms.allSatisfy { isNullWith($0, columns) }
    case .isNull, .isNotNull, .searchedCase, .scalarSubquery: false
    }
}

/// The output columns of a plan that are never NULL: declared NOT NULL or a primary key, and not
/// on the side of an outer join that may be missing.
func nonNullColumns(of plan: LogicalPlan) -> Set<ColumnID> {
    switch plan {
    case .scan(let scan):
        let keys = Set(
            scan.table.constraints.filter { $0.kind == .primaryKey }.flatMap(\.columns)
        )
        return Set(
            zip(scan.columnIndexes, scan.output)
                .filter { scan.table.columns[$0.0].isNotNull || keys.contains($0.0) }
                .map(\.1.id)
        )
    case .values, .stored: return []
    case .filter(let input, _), .window(let input, _, _), .distinct(let input),
        .sort(let input, _), .limit(let input, _, _):
        return nonNullColumns(of: input)
    case .project(let input, let items):
        let inner = nonNullColumns(of: input)
        return Set(items.filter { isNonNull($0.expression, inner) }.map(\.column.id))
    case .aggregate(let input, let groups, let aggregates):
        let inner = nonNullColumns(of: input)
        let counts = aggregates.filter { $0.function.isCount }
        return Set(groups.filter { isNonNull($0.expression, inner) }.map(\.column.id))
            .union(counts.map(\.column.id))
    case .expand(let input, let expansion):
        return expansion.marker == nil ? nonNullColumns(of: input) : []
    case .join(let kind, let left, let right, _):
        switch kind {
        case .inner: return nonNullColumns(of: left).union(nonNullColumns(of: right))
        case .left, .semi, .anti, .antiNullAware, .mark: return nonNullColumns(of: left)
        case .right, .rightSemi, .rightAnti: return nonNullColumns(of: right)
        case .full: return []
        }
    case .subquery(let input, _, let columns):
        let inner = nonNullColumns(of: input)
        return Set(zip(input.columns, columns).filter { inner.contains($0.0.id) }.map(\.1.id))
    case .unionAll: return []
    }
}

private func isNonNull(_ expression: Expression, _ columns: Set<ColumnID>) -> Bool {
    switch expression {
    case .column(let id, _): columns.contains(id)
    case .constant(let value, _): !value.isNull
    case .cast(let operand, _, _): isNonNull(operand, columns)
    default: false
    }
}

/// Whether both sides of a NOT IN's first condition are never NULL, so that it is a plain anti
/// join.
func isPlainAnti(condition: Expression?, left: LogicalPlan, right: LogicalPlan) -> Bool {
    guard case .compare(.equal, let one, let other)? = condition?.conjuncts.first else {
        return false
    }
    let known = nonNullColumns(of: left).union(nonNullColumns(of: right))
    return isNonNull(one, known) && isNonNull(other, known)
}
