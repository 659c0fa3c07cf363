import Plans
import SQLTypes

/// Rewrites expressions over the columns of FROM into expressions over groups and aggregates.
///
/// Aggregate calls are already columns when they come here: the binder replaced each with the
/// column of its ``AggregateCall``. What remains is to replace whatever equals a group's
/// expression, from the top down, and to refuse columns that are then left over.
struct GroupRewriting {
    /// What is grouped by, under the name it has in the select list.
    struct Key {
        var name: String
        var expression: Expression
    }

    /// The groups as the aggregate puts them out, each expression once.
    let groups: [NamedExpression]
    private let plainGroups: [ColumnID: PlanColumn]
    private let computedGroups: [NamedExpression]
    private let scope: Scope

    init(groups keys: [Key], scope: Scope, binder: Binder) {
        var groups: [NamedExpression] = []
        var plain: [ColumnID: PlanColumn] = [:]
        var computed: [NamedExpression] = []
        for key in keys {
            if case .column(let id, _) = key.expression {
                guard plain[id] == nil else { continue }
                let group = binder.named(
                    scope.columns[id]?.name ?? key.name,
                    key.expression,
                    scope.columns
                )
                plain[id] = group.column
                groups.append(group)
            } else {
                guard !computed.contains(where: { $0.expression == key.expression }) else {
                    continue
                }
                let group = binder.named(key.name, key.expression, scope.columns)
                computed.append(group)
                groups.append(group)
            }
        }
        self.groups = groups
        plainGroups = plain
        computedGroups = computed
        self.scope = scope
    }

    /// The expression over the aggregate's columns.
    ///
    /// - Errors: 42803 if a column of FROM is neither grouped nor inside an aggregate.
    func rewrite(_ expression: Expression, at position: Int) throws(SQLError) -> Expression {
        let rewritten = replaceGroups(in: expression)
        if let column = leftover(in: rewritten) {
            throw SQLError(
                .groupingError,
                "column \"\(scope.displayName(of: column))\" must appear in the GROUP BY clause "
                    + "or be used in an aggregate function",
                position: scope.positions[column] ?? position
            )
        }
        return rewritten
    }

    /// A subquery's join over the aggregate's columns.
    func rewrite(_ join: Scope.PendingJoin) throws(SQLError) -> Scope.PendingJoin {
        guard let condition = join.condition else { return join }
        var rewritten = join
        let replaced = replaceGroups(in: condition)
        if let column = leftover(in: replaced) {
            throw SQLError(
                .groupingError,
                "subquery uses ungrouped column \"\(scope.displayName(of: column))\" from outer "
                    + "query",
                position: scope.positions[column]
            )
        }
        rewritten.condition = replaced
        return rewritten
    }

    /// A window function over the aggregate's columns.
    func rewrite(_ window: BoundWindow) throws(SQLError) -> BoundWindow {
        let position = window.position
        var rewritten = window
        for index in window.call.arguments.indices {
            rewritten.call.arguments[index] = try rewrite(
                window.call.arguments[index],
                at: position
            )
        }
        for index in window.definition.partition.indices {
            rewritten.definition.partition[index] = try rewrite(
                window.definition.partition[index],
                at: position
            )
        }
        for index in window.definition.order.indices {
            rewritten.definition.order[index].expression = try rewrite(
                window.definition.order[index].expression,
                at: position
            )
        }
        return rewritten
    }

    private func replaceGroups(in expression: Expression) -> Expression {
        if case .column(let id, _) = expression {
            guard let group = plainGroups[id] else { return expression }
            return .column(group.id, group.type)
        }
        if case .constant = expression { return expression }
        if let group = computedGroups.first(where: { $0.expression == expression }) {
            return .column(group.column.id, group.column.type)
        }
        return expression.mapChildren { replaceGroups(in: $0) }
    }

    private func leftover(in expression: Expression) -> ColumnID? {
        if case .column(let id, _) = expression { return scope.columns[id] == nil ? nil : id }
        for child in expression.children {
            if let found = leftover(in: child) { return found }
        }
        return nil
    }
}
