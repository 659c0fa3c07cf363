import Catalogs
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// A bound FROM, or a part of it: its rows and the names they go by.
struct BoundFrom {
    var plan: LogicalPlan
    var relations: [Scope.Relation]
    var visible: [Scope.VisibleColumn]

    /// One row without columns: a SELECT without FROM.
    static var nothing: BoundFrom {
        BoundFrom(plan: .values(rows: [[]], columns: []), relations: [], visible: [])
    }

    /// A single table, whose columns are all visible.
    init(plan: LogicalPlan, relation: Scope.Relation) {
        self.plan = plan
        relations = [relation]
        visible = relation.columns.map {
            Scope.VisibleColumn(name: $0.name, expression: .column($0.id, $0.type))
        }
    }

    /// Rows under these names.
    init(plan: LogicalPlan, relations: [Scope.Relation], visible: [Scope.VisibleColumn]) {
        self.plan = plan
        self.relations = relations
        self.visible = visible
    }
}

extension Binder {
    /// Binds the references between the commas of FROM into one plan of cross joins.
    func bindFrom(
        _ references: [TableReferenceSyntax],
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        guard let first = references.first else { return .nothing }
        var bound = try bindReference(first, in: environment)
        for reference in references.dropFirst() {
            let right = try bindReference(reference, in: environment)
            bound = try crossJoin(bound, right, at: reference.position)
        }
        return bound
    }

    /// Joins two parts of FROM without a condition.
    func crossJoin(
        _ left: BoundFrom,
        _ right: BoundFrom,
        at position: Int?
    ) throws(SQLError) -> BoundFrom {
        try requireDistinctAliases(left, right, at: position)
        return BoundFrom(
            plan: .join(.inner, left.plan, right.plan, condition: nil),
            relations: left.relations + right.relations,
            visible: left.visible + right.visible
        )
    }

    private func bindReference(
        _ reference: TableReferenceSyntax,
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        try enter(at: reference.position)
        defer { leave() }
        switch reference {
        case .table(let name, let alias):
            return try bindTable(name, alias: alias, in: environment)
        case .subquery(let query, let alias, _):
            let plan = try bindQuery(query, in: environment)
            return try derivedTable(
                plan,
                name: alias?.name.text ?? "derived_table",
                columns: alias?.columns ?? []
            )
        case .function(let call, let alias):
            return try bindSeries(call, alias: alias, in: environment)
        case .join(let join): return try bindJoin(join, in: environment)
        case .pivot(let pivot):
            let input = try bindReference(pivot.input, in: environment)
            return try bindPivot(pivot, of: input, in: environment)
        case .unpivot(let unpivot):
            return try bindUnpivot(unpivot, of: try bindReference(unpivot.input, in: environment))
        }
    }

    /// A table, or a common table expression, by name.
    private func bindTable(
        _ name: ObjectNameSyntax,
        alias: TableAliasSyntax?,
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        if name.parts.count == 1, let common = environment.commonTables[name.name] {
            if common.isRecursive || common.canBeShared {
                return try bindStoredReference(common, alias: alias)
            }
            try countExpansion(at: name.position)
            let query = try bindQuery(common.syntax.query, in: common.environment)
            let named = try derivedTable(
                query,
                name: common.syntax.name.text,
                columns: common.syntax.columns
            )
            return try renamed(named, alias)
        }
        let table = try resolveTable(name)
        nameRecord?.tables[name.position] = table
        if let view = table.view {
            return try bindView(view, of: table, alias: alias, at: name.position)
        }
        return try scan(
            table,
            alias: alias?.name.text,
            columns: alias?.columns ?? [],
            emitsRowAddress: false
        )
    }

    /// A derived table under an alias, which may rename its columns too.
    private func renamed(
        _ named: BoundFrom,
        _ alias: TableAliasSyntax?
    ) throws(SQLError) -> BoundFrom {
        guard let alias, case .subquery(let plan, _, let columns) = named.plan else {
            return named
        }
        let renamed = try derivedTable(plan, name: alias.name.text, columns: alias.columns)
        let names = columns.map(\.name)
        let given = alias.columns.map(\.text)
        return rename(renamed, columns: given + names.dropFirst(given.count))
    }

    /// A scan of all columns of a table under its name or alias.
    func scan(
        _ table: TableDefinition,
        alias: String?,
        columns names: [NameSyntax] = [],
        emitsRowAddress: Bool
    ) throws(SQLError) -> BoundFrom {
        if table.schema != "pg_catalog" { readsStoredTable = true }
        let qualifier = alias ?? table.name
        var columns: [PlanColumn] = []
        columns.reserveCapacity(table.columns.count + 2)
        for (index, column) in table.columns.enumerated() {
            columns.append(
                makeColumn(
                    column.name,
                    column.type,
                    qualifier: qualifier,
                    origin: ColumnOrigin(table: table.id, column: index)
                )
            )
        }
        try requireNoMore(names, than: columns.count, table: qualifier)
        for (index, name) in names.enumerated() { columns[index].name = name.text }
        let relation = Scope.Relation(
            alias: qualifier,
            schema: alias == nil ? table.schema : nil,
            columns: columns
        )
        if emitsRowAddress {
            columns.append(makeColumn("row_address", .bigint, qualifier: qualifier))
            columns.append(makeColumn("row_slice", .bigint, qualifier: qualifier))
        }
        let scan = LogicalScan(
            table: table,
            alias: qualifier,
            columnIndexes: Array(table.columns.indices),
            output: columns,
            emitsRowAddress: emitsRowAddress
        )
        return BoundFrom(plan: .scan(scan), relation: relation)
    }

    /// A query's rows under a name, with columns of their own.
    func derivedTable(
        _ plan: LogicalPlan,
        name: String,
        columns names: [NameSyntax]
    ) throws(SQLError) -> BoundFrom {
        let inputs = plan.columns
        try requireNoMore(names, than: inputs.count, table: name)
        var columns: [PlanColumn] = []
        for (index, input) in inputs.enumerated() {
            let columnName = index < names.count ? names[index].text : input.name
            columns.append(
                makeColumn(columnName, input.type, qualifier: name, origin: input.origin)
            )
        }
        return BoundFrom(
            plan: .subquery(plan, name: name, columns: columns),
            relation: Scope.Relation(alias: name, schema: nil, columns: columns)
        )
    }

    private func rename(_ bound: BoundFrom, columns names: [String]) -> BoundFrom {
        guard case .subquery(let plan, let name, var columns) = bound.plan else { return bound }
        for (index, text) in names.enumerated() { columns[index].name = text }
        return BoundFrom(
            plan: .subquery(plan, name: name, columns: columns),
            relation: Scope.Relation(alias: name, schema: nil, columns: columns)
        )
    }

    /// 42P10 for more names than a table has columns.
    func requireNoMore(
        _ names: [NameSyntax],
        than count: Int,
        table: String
    ) throws(SQLError) {
        guard names.count > count else { return }
        throw SQLError(
            .invalidColumnReference,
            "table \"\(table)\" has \(count) columns available but \(names.count) columns "
                + "specified",
            position: names[count].position
        )
    }

    /// 42712 where a name of the right side is one of the left side.
    ///
    /// Stored tables of one name in two schemas may stand side by side, but in a view: its text
    /// would need aliases for them.
    func requireDistinctAliases(
        _ left: BoundFrom,
        _ right: BoundFrom,
        at position: Int?
    ) throws(SQLError) {
        for relation in right.relations {
            // Unnamed derived tables share a name that nobody can write.
            guard relation.alias != "derived_table",
                let other = left.relations.first(where: { $0.alias == relation.alias })
            else { continue }
            if let schema = relation.schema, let otherSchema = other.schema, schema != otherSchema,
                nameRecord == nil
            {
                continue
            }
            throw SQLError(
                .duplicateAlias,
                "table name \"\(relation.alias)\" specified more than once",
                position: position
            )
        }
    }
}

// MARK: - Joins

extension Binder {
    private func bindJoin(
        _ join: JoinSyntax,
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        let left = try bindReference(join.left, in: environment)
        let right = try bindReference(join.right, in: environment)
        try requireDistinctAliases(left, right, at: join.right.position)
        switch join.condition {
        case .none:
            return try crossJoin(left, right, at: join.position)
        case .on(let condition):
            var bound = BoundFrom(
                plan: left.plan,
                relations: left.relations + right.relations,
                visible: left.visible + right.visible
            )
            let scope = Scope(bound, environment: environment)
            scope.clause = .join
            if join.kind == .inner {
                bound.plan = try innerJoin(left.plan, right.plan, on: condition, scope)
            } else {
                bound.plan = .join(
                    planKind(join.kind),
                    left.plan,
                    right.plan,
                    condition: try bindCondition(condition, scope)
                )
            }
            return bound
        case .using(let names):
            return try joinUsing(names, join, left, right)
        case .natural:
            let rightNames = Set(right.visible.map(\.name))
            let common = left.visible.map(\.name).filter { rightNames.contains($0) }
            nameRecord?.commonColumns[join.position] = common
            guard !common.isEmpty else {
                guard join.kind == .inner else {
                    return BoundFrom(
                        plan: .join(
                            planKind(join.kind),
                            left.plan,
                            right.plan,
                            condition: .constant(.bool(true), .boolean)
                        ),
                        relations: left.relations + right.relations,
                        visible: left.visible + right.visible
                    )
                }
                return try crossJoin(left, right, at: join.position)
            }
            let names = common.map { NameSyntax($0, position: join.position) }
            return try joinUsing(names, join, left, right)
        }
    }

    private func planKind(_ kind: JoinSyntax.Kind) -> JoinKind {
        switch kind {
        case .inner, .cross: .inner
        case .left: .left
        case .right: .right
        case .full: .full
        }
    }

    /// USING: equal columns of both sides, which become one column each.
    private func joinUsing(
        _ names: [NameSyntax],
        _ join: JoinSyntax,
        _ left: BoundFrom,
        _ right: BoundFrom
    ) throws(SQLError) -> BoundFrom {
        var conditions: [Expression] = []
        var merged: [Scope.VisibleColumn] = []
        for name in names {
            let leftColumn = try commonColumn(name, of: left, side: "left")
            let rightColumn = try commonColumn(name, of: right, side: "right")
            conditions.append(
                try comparison(
                    .equal,
                    Operand(leftColumn, name.position),
                    Operand(rightColumn, name.position),
                    at: name.position
                )
            )
            let expression: Expression
            switch join.kind {
            case .inner, .left, .cross: expression = leftColumn
            case .right: expression = rightColumn
            case .full:
                let type = try commonType(
                    [Operand(leftColumn, name.position), Operand(rightColumn, name.position)],
                    construct: "JOIN/USING"
                )
                expression = .coalesce(
                    [
                        try coerce(leftColumn, to: type, at: name.position),
                        try coerce(rightColumn, to: type, at: name.position),
                    ],
                    type
                )
            }
            merged.append(Scope.VisibleColumn(name: name.text, expression: expression))
        }
        let used = Set(names.map(\.text))
        let rest = (left.visible + right.visible).filter { !used.contains($0.name) }
        return BoundFrom(
            plan: .join(
                planKind(join.kind),
                left.plan,
                right.plan,
                condition: Expression.conjunction(conditions)
            ),
            relations: left.relations + right.relations,
            visible: merged + rest
        )
    }

    private func commonColumn(
        _ name: NameSyntax,
        of side: BoundFrom,
        side sideName: String
    ) throws(SQLError) -> Expression {
        let found = side.visible.filter { $0.name == name.text }
        guard let column = found.first else {
            throw SQLError(
                .undefinedColumn,
                "column \"\(name.text)\" specified in USING clause does not exist in "
                    + "\(sideName) table",
                position: name.position
            )
        }
        guard found.count == 1 else {
            throw SQLError(
                .ambiguousColumn,
                "common column name \"\(name.text)\" appears more than once in \(sideName) table",
                position: name.position
            )
        }
        return column.expression
    }
}

extension TableReferenceSyntax {
    /// Where the reference begins.
    var position: Int {
        switch self {
        case .table(let name, _): name.position
        case .subquery(_, _, let position): position
        case .function(let call, _): call.position
        case .join(let join): join.left.position
        case .pivot(let pivot): pivot.input.position
        case .unpivot(let unpivot): unpivot.input.position
        }
    }
}
