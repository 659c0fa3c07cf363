import Plans
import SQLSyntax
import SQLTypes

/// WITH: a query is bound where it is first referenced; every reference then reads its rows.
///
/// Whether they are kept or the query stands where it is referenced, the planner decides: see
/// ``CommonTableSharing``.
extension Binder {
    /// A reference to a common table expression that all references share, or to the rows of a
    /// recursion's round.
    func bindStoredReference(
        _ common: CommonTable,
        alias: TableAliasSyntax?
    ) throws(SQLError) -> BoundFrom {
        if common.stored == nil {
            if common.isRecursive {
                try bindRecursion(common)
            } else {
                try bindShared(common)
            }
        }
        guard let stored = common.stored else {
            throw SQLError.invariant("a common table expression was not bound")
        }
        let name = alias?.name.text ?? common.syntax.name.text
        let names = alias?.columns ?? []
        try requireNoMore(names, than: stored.columns.count, table: name)
        let columns = stored.columns.enumerated().map { index, column in
            makeColumn(
                index < names.count ? names[index].text : column.name,
                column.type,
                qualifier: name,
                origin: column.origin
            )
        }
        let reference = StoredReference(
            number: stored.number,
            name: common.syntax.name.text,
            alias: name,
            indexes: Array(columns.indices),
            columns: columns
        )
        return BoundFrom(
            plan: .stored(reference),
            relation: Scope.Relation(alias: name, schema: nil, columns: columns)
        )
    }

    private func bindShared(_ common: CommonTable) throws(SQLError) {
        let (name, query) = (common.syntax.name.text, common.syntax.query)
        let plan = try bindQuery(query, in: common.environment)
        let named = try derivedTable(plan, name: name, columns: common.syntax.columns)
        storedPlans.append(.once(plan, name: name))
        common.stored = (storedPlans.count - 1, named.plan.columns)
    }

    /// The query whose rows a reference reads; nil for a recursion, its rounds and a domain that
    /// is not known yet.
    func sharedPlan(_ reference: StoredReference) -> LogicalPlan? {
        guard storedPlans.indices.contains(reference.number),
            case .once(let plan, _) = storedPlans[reference.number]
        else { return nil }
        return plan
    }
}
