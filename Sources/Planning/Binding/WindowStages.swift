import Plans
import SQLSyntax
import SQLTypes

// From the window functions of a SELECT to nodes of its plan, and where their values may be read.

extension Binder {
    /// Window nodes above a plan, one for each definition.
    ///
    /// Those with fewer partition columns come first, since rows that lie by a part of another's
    /// columns lie right for it too; those without any, which bring all rows to one slice, last.
    func withWindows(_ windows: [BoundWindow], over plan: LogicalPlan) -> LogicalPlan {
        var stages: [(definition: WindowDefinition, calls: [WindowCall])] = []
        for window in windows {
            if let known = stages.firstIndex(where: { $0.definition == window.definition }) {
                stages[known].calls.append(window.call)
            } else {
                stages.append((window.definition, [window.call]))
            }
        }
        let ordered = stages.enumerated().sorted { one, other in
            let (a, b) = (one.element.definition, other.element.definition)
            let (first, second) = (rank(of: a), rank(of: b))
            if first != second { return first < second }
            // Rows sorted by more keys serve those that need fewer.
            if a.order.count != b.order.count { return a.order.count > b.order.count }
            return one.offset < other.offset
        }
        return ordered.reduce(plan) { .window($0, $1.element.definition, $1.element.calls) }
    }

    private func rank(of definition: WindowDefinition) -> Int {
        definition.partition.isEmpty ? .max : definition.partition.count
    }

    /// The position of a call whose column an expression reads; nil if it reads none.
    func firstWindow(in expression: Expression, _ scope: Scope) -> Int? {
        guard !scope.windows.isEmpty else { return nil }
        let read = expression.columns
        return scope.windows.first { read.contains($0.call.column.id) }?.position
    }

    /// 42P20 where a clause reads the value of a window function through an alias.
    func requireNoWindow(
        in expression: Expression,
        clause: Scope.Clause,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) {
        guard firstWindow(in: expression, scope) != nil else { return }
        throw SQLError(
            .windowingError,
            "window functions not allowed in \(clause.rawValue) clause",
            position: position
        )
    }

    /// QUALIFY right behind a FROM whose last table has no alias is read as that alias.
    ///
    /// - Source: Redshift's manual demands the alias.
    func requireAliasBeforeQualify(_ select: SelectSyntax) throws(SQLError) {
        guard let position = select.qualifyPosition, select.whereCondition == nil,
            select.groupBy.isEmpty, !select.groupsByAll, select.having == nil,
            case .table(_, alias: nil)? = select.from.last
        else { return }
        throw SQLError(
            .syntaxError,
            "syntax error at or near \"QUALIFY\"",
            hint: "Give the table before QUALIFY an alias.",
            position: position
        )
    }
}
