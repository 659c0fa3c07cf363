import Plans

/// Takes away derived tables and projections that only rename columns, and orderings that
/// nothing above can see.
///
/// Derived tables that group, limit, unite or compute stay: EXPLAIN shows them as Subquery Scan.
struct SubqueryUnwrapping {
    /// What the columns of removed nodes stand for.
    private var renamed: [ColumnID: Expression] = [:]

    /// The plan without needless wrappers; puts out the same columns under the same ids.
    static func unwrapped(_ plan: LogicalPlan) -> LogicalPlan {
        var rule = SubqueryUnwrapping()
        let inner = rule.visit(plan, keepsOrder: true)
        return rule.restored(inner, to: plan.columns)
    }

    private mutating func visit(_ plan: LogicalPlan, keepsOrder: Bool) -> LogicalPlan {
        switch plan {
        case .scan, .values, .stored: return plan
        case .filter(let input, let condition):
            let inner = visit(input, keepsOrder: keepsOrder)
            return .filter(inner, condition.followed(renamed))
        case .project(let input, let items):
            let inner = visit(input, keepsOrder: keepsOrder)
            let mine = items.map {
                NamedExpression(
                    column: $0.column,
                    expression: $0.expression.followed(renamed)
                )
            }
            return .project(inner, mine)
        case .join(let kind, let left, let right, let condition):
            let one = visitSide(left)
            let other = visitSide(right)
            return .join(
                kind.mappingTest { $0.followed(renamed) },
                one,
                other,
                condition: condition?.followed(renamed)
            )
        case .aggregate(let input, let groups, let aggregates):
            let inner = visitSide(input)
            let mine = groups.map {
                NamedExpression(
                    column: $0.column,
                    expression: $0.expression.followed(renamed)
                )
            }
            let known = renamed
            let calls = aggregates.map { $0.mapExpressions { $0.followed(known) } }
            return .aggregate(inner, groups: mine, aggregates: calls)
        case .expand(let input, var expansion):
            let inner = visitSide(input)
            for index in expansion.groups.indices {
                expansion.groups[index].expression =
                    expansion.groups[index].expression.followed(renamed)
            }
            return .expand(inner, expansion)
        case .window(let input, let definition, let calls):
            let inner = visit(input, keepsOrder: false)
            return .window(
                inner,
                definition.mapped { $0.followed(renamed) },
                calls.map { call in call.mapped { $0.followed(renamed) } }
            )
        case .distinct(let input):
            let inner = visit(input, keepsOrder: false)
            return .distinct(restored(inner, to: input.columns))
        case .sort(let input, let items):
            let inner = visit(input, keepsOrder: false)
            guard keepsOrder else { return inner }
            return .sort(
                inner,
                items.map {
                    SortItem(
                        expression: $0.expression.followed(renamed),
                        isAscending: $0.isAscending,
                        nullsFirst: $0.nullsFirst
                    )
                }
            )
        case .limit(let input, let count, let offset):
            return .limit(visit(input, keepsOrder: true), count: count, offset: offset)
        case .unionAll(let arms, let columns):
            let inner = arms.map { arm in
                restored(visit(arm, keepsOrder: false), to: arm.columns)
            }
            return .unionAll(inner, columns: columns)
        case .subquery(let input, let name, let columns):
            let inner = visit(input, keepsOrder: false)
            guard isTransparent(inner) else {
                return .subquery(restored(inner, to: input.columns), name: name, columns: columns)
            }
            for (outer, old) in zip(columns, input.columns) {
                renamed[outer.id] = Expression.column(old.id, old.type).followed(renamed)
            }
            return inner
        }
    }

    /// One input of a join or grouping: a projection of bare columns is taken away too.
    private mutating func visitSide(_ plan: LogicalPlan) -> LogicalPlan {
        let inner = visit(plan, keepsOrder: false)
        guard case .project(let input, let items) = inner,
            items.allSatisfy({ $0.expression.isColumn })
        else { return inner }
        for item in items where item.expression != .column(item.column.id, item.column.type) {
            renamed[item.column.id] = item.expression
        }
        return input
    }

    /// A derived table that filters, joins and picks columns can be part of its surroundings.
    private func isTransparent(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .scan, .join, .stored: true
        case .filter(let input, _): isTransparent(input)
        case .project(let input, let items):
            items.allSatisfy { $0.expression.isColumn } && isTransparent(input)
        default: false
        }
    }

    /// The plan with exactly these columns, in this order.
    private func restored(_ plan: LogicalPlan, to columns: [PlanColumn]) -> LogicalPlan {
        let same =
            plan.columns.count == columns.count
            && zip(plan.columns, columns).allSatisfy { $0.0.id == $0.1.id }
        if same { return plan }
        return .project(
            plan,
            columns.map {
                NamedExpression(
                    column: $0,
                    expression: Expression.column($0.id, $0.type).followed(renamed)
                )
            }
        )
    }
}

extension JoinKind {
    /// A mark join's kind with its test rewritten; any other kind as it is.
    func mappingTest(_ transform: (Expression) -> Expression) -> JoinKind {
        guard case .mark(var mark) = self else { return self }
        mark.test = mark.test.map(transform)
        return .mark(mark)
    }
}

extension Expression {
    /// The expression with removed columns replaced by those they rename, however often.
    fileprivate func followed(_ renamed: [ColumnID: Expression]) -> Expression {
        if renamed.isEmpty { return self }
        guard case .column(let id, _) = self else { return mapChildren { $0.followed(renamed) } }
        return renamed[id].map { $0.followed(renamed) } ?? self
    }

    /// Whether it is a column and nothing else.
    var isColumn: Bool { columnID != nil }

    /// The column it is; nil for anything else.
    var columnID: ColumnID? { if case .column(let id, _) = self { id } else { nil } }
}
