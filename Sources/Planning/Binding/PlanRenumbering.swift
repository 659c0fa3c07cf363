import Plans

/// Makes a plan that gives the same rows under column numbers of its own, so that it can stand in
/// a statement a second time.
///
/// References to stored plans remain such; a table that is changed is read without its rows'
/// addresses.
struct PlanRenumbering {
    private var fresh: [ColumnID: ColumnID] = [:]
    private let makeID: () -> ColumnID

    /// Numbers columns with what `makeID` gives, each time another one.
    init(_ makeID: @escaping () -> ColumnID) { self.makeID = makeID }

    /// The plan under new numbers; columns that it does not put out somewhere stay.
    mutating func renumbered(_ plan: LogicalPlan) -> LogicalPlan {
        let inner = plan.mappingInputs { renumbered($0) }
        switch inner {
        case .scan(var scan):
            if scan.emitsRowAddress {
                scan.output.removeLast(2)
                scan.emitsRowAddress = false
            }
            scan.output = copies(scan.output)
            return .scan(scan)
        case .values(let rows, let columns):
            let values = rows.map { row in row.map { renumbered($0) } }
            return .values(rows: values, columns: copies(columns))
        case .stored(var reference):
            reference.columns = copies(reference.columns)
            return .stored(reference)
        case .filter(let input, let condition): return .filter(input, renumbered(condition))
        case .project(let input, let items): return .project(input, renumbered(items))
        case .join(.mark(let mark), let left, let right, let condition):
            let copy = SubqueryMark(
                column: copied(mark.column),
                test: mark.test.map { renumbered($0) }
            )
            return .join(.mark(copy), left, right, condition: condition.map { renumbered($0) })
        case .join(let kind, let left, let right, let condition):
            return .join(kind, left, right, condition: condition.map { renumbered($0) })
        case .aggregate(let input, let groups, let aggregates):
            let calls = aggregates.map { call in
                var copy = call.mapExpressions { renumbered($0) }
                copy.column = copied(call.column)
                return copy
            }
            return .aggregate(input, groups: renumbered(groups), aggregates: calls)
        case .expand(let input, var expansion):
            expansion.groups = renumbered(expansion.groups)
            expansion.number = copied(expansion.number)
            expansion.marker = expansion.marker.map { copied($0) }
            return .expand(input, expansion)
        case .window(let input, let definition, let calls):
            let copies = calls.map { call in
                var copy = call.mapped { renumbered($0) }
                copy.column = copied(call.column)
                return copy
            }
            return .window(input, definition.mapped { renumbered($0) }, copies)
        case .distinct, .limit: return inner
        case .sort(let input, let items):
            return .sort(
                input,
                items.map {
                    SortItem(
                        expression: renumbered($0.expression),
                        isAscending: $0.isAscending,
                        nullsFirst: $0.nullsFirst
                    )
                }
            )
        case .unionAll(let arms, let columns): return .unionAll(arms, columns: copies(columns))
        case .subquery(let input, let name, let columns):
            return .subquery(input, name: name, columns: copies(columns))
        }
    }

    /// The expression over the new numbers.
    func renumbered(_ expression: Expression) -> Expression {
        expression.rewritten { node in
            guard case .column(let id, let type) = node else { return node }
            return .column(fresh[id] ?? id, type)
        }
    }

    private mutating func renumbered(_ items: [NamedExpression]) -> [NamedExpression] {
        items.map { item in
            let value = renumbered(item.expression)
            return NamedExpression(column: copied(item.column), expression: value)
        }
    }

    private mutating func copies(_ columns: [PlanColumn]) -> [PlanColumn] {
        columns.map { copied($0) }
    }

    /// The column under its new number; a column that is passed on under its own has one already.
    private mutating func copied(_ column: PlanColumn) -> PlanColumn {
        var copy = column
        copy.id = fresh[column.id] ?? makeID()
        fresh[column.id] = copy.id
        return copy
    }
}
