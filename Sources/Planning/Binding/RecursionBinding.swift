import Plans
import SQLSyntax
import SQLTypes

/// WITH RECURSIVE: a seed, and a step that reads the rows of the round before.
extension Binder {
    /// Binds seed and step.
    ///
    /// - Errors: 42P19 for a form or a place of the recursive reference that has no meaning;
    ///   0A000 for ORDER BY, LIMIT and UNION without ALL; 42601 without a list of columns.
    func bindRecursion(_ common: CommonTable) throws(SQLError) {
        let (seedBody, stepBody) = try parts(of: common)
        let syntax = common.syntax
        let position = syntax.name.position
        var inside = common.environment
        inside.outer = nil
        let seed = try bindQuery(
            Query(body: seedBody, position: syntax.query.position),
            in: inside
        )
        guard syntax.columns.count == seed.columns.count else {
            throw SQLError(
                .syntaxError,
                syntax.columns.isEmpty
                    ? "recursive common table expression \"\(syntax.name.text)\" needs a column "
                        + "list"
                    : "recursive common table expression \"\(syntax.name.text)\" has "
                        + "\(seed.columns.count) columns but \(syntax.columns.count) names",
                position: position
            )
        }
        let number = storedPlans.count
        storedPlans.append(.working)
        let working = CommonTable(
            syntax: syntax,
            environment: common.environment,
            isRecursive: true
        )
        inside.isWithinRecursion = true
        inside.commonTables[syntax.name.text] = working
        var types = seed.columns.map(\.type)
        let names = syntax.columns.map(\.text)
        func bindStep() throws(SQLError) -> LogicalPlan {
            working.stored = (number, zip(names, types).map { makeColumn($0.0, $0.1) })
            return try bindQuery(
                Query(body: stepBody, position: position),
                in: inside,
                keepsUnknown: true
            )
        }
        var step = try bindStep()
        guard step.columns.count == types.count else {
            throw SQLError(
                .syntaxError,
                "each UNION query must have the same number of columns",
                position: position
            )
        }
        // Strings that grow from round to round have no length that the seed knows.
        let growing = types.indices.filter {
            types[$0].isString && step.columns[$0].type.isString
                && types[$0] != step.columns[$0].type
        }
        if !growing.isEmpty {
            for index in growing { types[index] = .varchar(65_535) }
            step = try bindStep()
        }
        try requireLinear(step, working: number, name: syntax.name)
        // What the step has made stored plans of stands before it.
        storedPlans.append(
            .recursion(
                seed: try withColumnTypes(seed, types, at: position),
                step: try withColumnTypes(step, types, at: position),
                working: number,
                name: syntax.name.text
            )
        )
        common.stored = (
            storedPlans.count - 1, zip(names, types).map { makeColumn($0.0, $0.1) }
        )
    }

    private func parts(
        of common: CommonTable
    ) throws(SQLError) -> (seed: QueryBody, step: QueryBody) {
        let (name, query) = (common.syntax.name, common.syntax.query)
        guard case .setOperation(let operation) = query.body, operation.kind == .union else {
            throw SQLError(
                .invalidRecursion,
                "recursive query \"\(name.text)\" does not have the form non-recursive-term "
                    + "UNION ALL recursive-term",
                position: name.position
            )
        }
        guard operation.isAll else {
            throw SQLError.unsupported(
                "UNION without ALL in a recursive query",
                position: operation.position
            )
        }
        guard query.orderBy.isEmpty, query.limit == nil, query.offset == nil else {
            throw SQLError.unsupported(
                "ORDER BY, LIMIT or OFFSET in a recursive query",
                position: query.position
            )
        }
        guard !Query(body: operation.left, position: 0).refers(to: name.text) else {
            throw SQLError(
                .invalidRecursion,
                "recursive reference to query \"\(name.text)\" must not appear within its "
                    + "non-recursive term",
                position: name.position
            )
        }
        return (operation.left, operation.right)
    }

    /// 42P19 unless the step reads the working rows once, and where each row of them stands for
    /// itself.
    private func requireLinear(
        _ step: LogicalPlan,
        working: Int,
        name: NameSyntax
    ) throws(SQLError) {
        let count = step.readCount(ofStored: working)
        let reason: String? =
            if count > 1 {
                "recursive reference to query \"\(name.text)\" must not appear more than once"
            } else if count == 0 {
                "recursive reference to query \"\(name.text)\" must not appear within a subquery"
            } else {
                step.obstacle(toStored: working).map {
                    "\($0) not allowed in the recursive term of query \"\(name.text)\""
                }
            }
        guard let reason else { return }
        throw SQLError(.invalidRecursion, reason, position: name.position)
    }
}

extension LogicalPlan {
    fileprivate func readCount(ofStored number: Int) -> Int {
        if case .stored(let reference) = self, reference.number == number { return 1 }
        return inputs.reduce(0) { $0 + $1.readCount(ofStored: number) }
    }

    /// What stands between the top and a stored plan that rows of one round cannot pass alone.
    fileprivate func obstacle(toStored number: Int) -> String? {
        switch self {
        case .aggregate: return "aggregates are"
        case .window: return "window functions are"
        case .distinct: return "DISTINCT is"
        case .limit: return "LIMIT is"
        case .sort: return "ORDER BY is"
        case .join(.inner, _, _, _), .scan, .values, .filter, .project, .expand, .unionAll,
            .subquery, .stored:
            break
        case .join(let kind, let left, _, _):
            let isLeft = left.readCount(ofStored: number) > 0
            if kind == .full || (kind == .right) == isLeft {
                return "an outer join or a subquery over the recursive reference is"
            }
        }
        for input in inputs where input.readCount(ofStored: number) > 0 {
            if let found = input.obstacle(toStored: number) { return found }
        }
        return nil
    }
}

extension Query {
    /// Whether some FROM of it names a table so; subqueries in expressions are not searched.
    func refers(to name: String) -> Bool {
        if let with {
            for expression in with.expressions {
                if expression.query.refers(to: name) { return true }
                if expression.name.text == name { return false }
            }
        }
        return body.refers(to: name)
    }
}

extension QueryBody {
    fileprivate func refers(to name: String) -> Bool {
        switch self {
        case .select(let select): select.from.contains { $0.refers(to: name) }
        case .setOperation(let operation):
            operation.left.refers(to: name) || operation.right.refers(to: name)
        case .values: false
        case .query(let query): query.refers(to: name)
        }
    }
}

extension TableReferenceSyntax {
    fileprivate func refers(to name: String) -> Bool {
        switch self {
        case .table(let table, _): table.parts.count == 1 && table.name == name
        case .subquery(let query, _, _): query.refers(to: name)
        case .function: false
        case .join(let join): join.left.refers(to: name) || join.right.refers(to: name)
        case .pivot(let pivot): pivot.input.refers(to: name)
        case .unpivot(let unpivot): unpivot.input.refers(to: name)
        }
    }
}
