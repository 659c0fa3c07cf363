import Functions
import Plans
import SQLTypes
import Vectors

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
    private let keys: [Key]
    private let sets: [[Int]]
    /// The number of the grouping set, as the aggregate puts it out; nil where there is one set.
    private let setNumber: PlanColumn?
    private let plainGroups: [ColumnID: PlanColumn]
    private let computedGroups: [NamedExpression]
    private let scope: Scope
    private let binder: Binder

    init(_ grouping: BoundGrouping, scope: Scope, binder: Binder) {
        var groups: [NamedExpression] = []
        var plain: [ColumnID: PlanColumn] = [:]
        var computed: [NamedExpression] = []
        for key in grouping.keys {
            if case .column(let id, _) = key.expression {
                let group = binder.named(
                    scope.columns[id]?.name ?? key.name,
                    key.expression,
                    scope.columns
                )
                plain[id] = group.column
                groups.append(group)
            } else {
                let group = binder.named(key.name, key.expression, scope.columns)
                computed.append(group)
                groups.append(group)
            }
        }
        self.groups = groups
        keys = grouping.keys
        sets = grouping.sets
        setNumber = sets.count > 1 ? binder.makeColumn("grouping_set", .integer) : nil
        plainGroups = plain
        computedGroups = computed
        self.scope = scope
        self.binder = binder
    }

    /// The rows grouped: by all groups, or by each grouping set in one pass over the rows.
    func aggregated(_ input: LogicalPlan) -> LogicalPlan {
        guard let setNumber else {
            return .aggregate(input, groups: groups, aggregates: scope.aggregates)
        }
        let (rows, sources) = withColumns(input)
        let copies = zip(groups, sources).map { group, source in
            NamedExpression(
                column: binder.makeColumn(
                    group.column.name,
                    group.column.type,
                    qualifier: group.column.qualifier
                ),
                expression: source
            )
        }
        let number = binder.makeColumn("grouping_set", .integer)
        let hasEmptySet = sets.contains(where: \.isEmpty)
        let marker = hasEmptySet ? binder.makeColumn("grouping_marker", .integer) : nil
        let expansion = GroupingExpansion(
            groups: copies,
            sets: sets.map { set in keys.indices.map { set.contains($0) } },
            number: number,
            marker: marker
        )
        var outer = zip(groups, copies).map { group, copy in
            NamedExpression(
                column: group.column,
                expression: .column(copy.column.id, copy.column.type)
            )
        }
        outer.append(
            NamedExpression(column: setNumber, expression: .column(number.id, number.type))
        )
        return .aggregate(
            .expand(rows, expansion),
            groups: outer,
            aggregates: scope.aggregates.map { marked($0, by: marker, of: rows) }
        )
    }

    /// The input with every group's expression as a column, and those columns.
    private func withColumns(_ input: LogicalPlan) -> (LogicalPlan, [Expression]) {
        var items = input.columns.map {
            NamedExpression(column: $0, expression: .column($0.id, $0.type))
        }
        let count = items.count
        var sources: [Expression] = []
        for group in groups {
            if case .column = group.expression {
                sources.append(group.expression)
                continue
            }
            let column = binder.makeColumn(group.column.name, group.column.type)
            items.append(NamedExpression(column: column, expression: group.expression))
            sources.append(.column(column.id, column.type))
        }
        return (items.count > count ? .project(input, items) : input, sources)
    }

    /// An aggregate that takes no notice of the rows of NULLs that stand for empty sets.
    private func marked(
        _ call: AggregateCall,
        by marker: PlanColumn?,
        of input: LogicalPlan
    ) -> AggregateCall {
        guard let marker else { return call }
        var copy = call
        let isReal = Expression.column(marker.id, marker.type)
        guard let argument = call.argument else {
            copy.function = .count
            copy.argument = isReal
            return copy
        }
        // An argument that is NULL where the whole row is needs no test.
        if isNullWith(argument, Set(input.columns.map(\.id))) { return copy }
        copy.argument = .searchedCase(
            [CaseBranch(condition: .isNotNull(isReal), result: argument)],
            otherwise: nil,
            argument.type
        )
        // A percentile is ordered by its argument, so that its NULLs stand together.
        if call.function.collectsRows, call.function != .listAggregate, let value = copy.argument {
            for index in copy.order.indices { copy.order[index].expression = value }
        }
        return copy
    }

    /// The expression over the aggregate's columns.
    ///
    /// - Errors: 42803 if a column of FROM is neither grouped nor inside an aggregate.
    func rewrite(_ expression: Expression, at position: Int) throws(SQLError) -> Expression {
        let rewritten = replaceGroups(in: expression)
        if rewritten.contains(where: \.isGroupingMark) {
            throw SQLError(
                .groupingError,
                "arguments to GROUPING must be grouping expressions of the associated query level",
                position: position
            )
        }
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
        var rewritten = join
        if case .mark(var mark) = join.kind, let test = mark.test {
            mark.test = try rewriteOuter(test)
            rewritten.kind = .mark(mark)
        }
        if let condition = join.condition { rewritten.condition = try rewriteOuter(condition) }
        if var domain = join.domain {
            for index in domain.values.indices {
                domain.values[index] = try rewriteOuter(domain.values[index])
            }
            rewritten.domain = domain
        }
        return rewritten
    }

    private func rewriteOuter(_ condition: Expression) throws(SQLError) -> Expression {
        let replaced = replaceGroups(in: condition)
        if let column = leftover(in: replaced) {
            throw SQLError(
                .groupingError,
                "subquery uses ungrouped column \"\(scope.displayName(of: column))\" from outer "
                    + "query",
                position: scope.positions[column]
            )
        }
        return replaced
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
        if let mask = groupingMask(of: expression) { return mask }
        if let group = computedGroups.first(where: { $0.expression == expression }) {
            return .column(group.column.id, group.column.type)
        }
        return expression.mapChildren { replaceGroups(in: $0) }
    }

    /// The value of GROUPING: a bit for each argument, the last the lowest, set where the grouping
    /// set leaves the argument out; nil for any other expression, and where an argument is no
    /// group.
    private func groupingMask(of expression: Expression) -> Expression? {
        guard case .call(let function, let arguments, _) = expression,
            function === Binder.groupingMark
        else { return nil }
        var numbers: [Int] = []
        for argument in arguments {
            guard let number = keys.firstIndex(where: { $0.expression == argument }) else {
                return nil
            }
            numbers.append(number)
        }
        let masks = sets.map { set in
            numbers.reduce(0) { $0 << 1 | (set.contains($1) ? 0 : 1) }
        }
        guard let setNumber, Set(masks).count > 1, let last = masks.last else {
            return .constant(.int64(Int64(masks.first ?? 0)), .integer)
        }
        let number = Expression.column(setNumber.id, setNumber.type)
        let branches = masks.indices.dropLast().map { index in
            CaseBranch(
                condition: .compare(.equal, number, .constant(.int64(Int64(index)), .integer)),
                result: .constant(.int64(Int64(masks[index])), .integer)
            )
        }
        return .searchedCase(
            branches,
            otherwise: .constant(.int64(Int64(last)), .integer),
            .integer
        )
    }

    private func leftover(in expression: Expression) -> ColumnID? {
        if case .column(let id, _) = expression { return scope.columns[id] == nil ? nil : id }
        for child in expression.children {
            if let found = leftover(in: child) { return found }
        }
        return nil
    }
}

extension Expression {
    /// Whether it is a call of GROUPING that has no value yet.
    var isGroupingMark: Bool {
        if case .call(let function, _, _) = self { function === Binder.groupingMark } else { false }
    }
}
