import Catalogs
import Plans
import SQLSyntax
import SQLTypes

// MERGE joins the source with the table once: source LEFT JOIN table. A joined row with an address
// changes that row of the table, one without is new. Which it is, each value asks for itself:
//
//   CASE WHEN address IS NOT NULL THEN value of UPDATE ELSE value of INSERT END
//
// REMOVE DUPLICATES has nothing to ask: every row of the source is stored, every row of the table
// with a match goes.

extension Binder {
    /// Binds MERGE; see ``bindMerge(_:context:)``.
    func bindMerge(_ merge: MergeSyntax) throws(SQLError) -> BoundQuery {
        let table = try resolveTarget(merge.table, verb: "merge into")
        switch merge.action {
        case .clauses(let matched, let insertion):
            return try bindClauses(merge, matched, insertion, table)
        case .removeDuplicates:
            let rows = [
                try addedRows(of: merge, to: table), try removedRows(of: merge, from: table),
            ]
            let columns = rows[0].columns.map { makeColumn($0.name, $0.type) }
            return try boundQuery(
                .unionAll(rows, columns: columns),
                target: .merge(table, .replaced)
            )
        }
    }

    // MARK: WHEN clauses

    private func bindClauses(
        _ merge: MergeSyntax,
        _ matched: MergeSyntax.Matched,
        _ insertion: MergeSyntax.Insertion,
        _ table: TableDefinition
    ) throws(SQLError) -> BoundQuery {
        let sides = try sides(of: merge, table)
        let both = try joined(sides, by: merge, kind: .left)
        var rows = both.plan
        let insertScope = Scope(sides.source, environment: Environment())
        let inserted = try insertedValues(insertion, table, insertScope)
        rows = try attach(insertScope.takePendingJoins(), to: rows)
        let address = Array(sides.target.plan.columns.suffix(2))
        let isMatched = Expression.isNotNull(.column(address[0].id, address[0].type))
        var values: [Expression] = []
        var action = BoundQuery.MatchedRows.deleted
        switch matched {
        case .delete:
            values = inserted.map { value in
                let branch = CaseBranch(condition: .not(isMatched), result: value)
                return .searchedCase([branch], otherwise: nil, value.type)
            }
        case .update(let assignments):
            action = .updated
            let scope = Scope(both, environment: Environment())
            let columns = sides.target.relations[0].columns
            let updated = try assignedValues(assignments, to: columns, of: table, scope)
            rows = try attach(scope.takePendingJoins(), to: rows)
            values = zip(updated, inserted).map { new, added in
                let branch = CaseBranch(condition: isMatched, result: new)
                return .searchedCase([branch], otherwise: added, added.type)
            }
        }
        return try boundQuery(
            .project(rows, outputs(values, address, table)),
            target: .merge(table, action)
        )
    }

    private func insertedValues(
        _ insertion: MergeSyntax.Insertion,
        _ table: TableDefinition,
        _ scope: Scope
    ) throws(SQLError) -> [Expression] {
        scope.clause = .update
        let targets = try targetColumns(insertion.columns, of: table)
        try requirePairing(insertion.values, with: targets, named: insertion.columns)
        var values = try defaultValues(of: table)
        for (target, value) in zip(targets, insertion.values) {
            guard case .expression(let syntax) = value else { continue }
            let column = table.columns[target]
            try requireAssignable(column, at: syntax.position)
            values[target] = try assigned(
                try bindOperand(syntax, scope),
                to: column.type,
                column: column.name
            )
        }
        return values
    }

    // MARK: REMOVE DUPLICATES

    /// The source's rows as rows of the table, without an address.
    private func addedRows(
        of merge: MergeSyntax,
        to table: TableDefinition
    ) throws(SQLError) -> LogicalPlan {
        let source = try sides(of: merge, table).source
        let columns = source.relations[0].columns
        guard columns.count == table.columns.count else {
            throw SQLError(
                .datatypeMismatch,
                "the source of MERGE … REMOVE DUPLICATES has \(columns.count) columns, table "
                    + "\"\(table.name)\" has \(table.columns.count)",
                position: merge.source.position
            )
        }
        var values: [Expression] = []
        for (column, target) in zip(columns, table.columns) {
            try requireAssignable(target, at: merge.source.position)
            let operand = Operand(.column(column.id, column.type), merge.source.position)
            values.append(try assigned(operand, to: target.type, column: target.name))
        }
        let none = NamedExpression(
            column: makeColumn("row_address", .bigint),
            expression: .constant(.null, .bigint)
        )
        let slice = NamedExpression(
            column: makeColumn("row_slice", .bigint),
            expression: .constant(.null, .bigint)
        )
        return .project(source.plan, outputs(values, [], table) + [none, slice])
    }

    /// The addresses of the table's rows that have a match.
    private func removedRows(
        of merge: MergeSyntax,
        from table: TableDefinition
    ) throws(SQLError) -> LogicalPlan {
        let sides = try sides(of: merge, table)
        let rows = try joined(sides, by: merge, kind: .inner).plan
        let values = table.columns.map { Expression.constant(.null, $0.type) }
        let address = Array(sides.target.plan.columns.suffix(2))
        return .project(rows, outputs(values, address, table))
    }

    // MARK: The join

    /// The two tables of MERGE, each under its name.
    private struct MergeSides {
        var source: BoundFrom
        /// With row address and row slice.
        var target: BoundFrom
    }

    private func sides(
        of merge: MergeSyntax,
        _ table: TableDefinition
    ) throws(SQLError) -> MergeSides {
        let source = try scan(
            try resolveTable(merge.source),
            alias: merge.sourceAlias?.text,
            emitsRowAddress: false
        )
        let target = try scan(table, alias: merge.alias?.text, emitsRowAddress: true)
        try requireDistinctAliases(target, source, at: merge.source.position)
        return MergeSides(source: source, target: target)
    }

    private func joined(
        _ sides: MergeSides,
        by merge: MergeSyntax,
        kind: JoinKind
    ) throws(SQLError) -> BoundFrom {
        var both = BoundFrom(
            plan: sides.source.plan,
            relations: sides.source.relations + sides.target.relations,
            visible: sides.source.visible + sides.target.visible
        )
        let scope = Scope(both, environment: Environment())
        scope.clause = .join
        let condition = try bindCondition(merge.condition, scope)
        both.plan = .join(kind, sides.source.plan, sides.target.plan, condition: condition)
        return both
    }
}
