import Plans
import SQLSyntax
import SQLTypes
import Vectors

// PIVOT is a SELECT over its input, grouped by all columns that it does not name:
//
//   t PIVOT (sum(x) FOR c IN (1, NULL))
//     →  SELECT …, sum(CASE WHEN c = 1 THEN x END) AS "1",
//               sum(CASE WHEN c IS NULL THEN x END) AS "null"  FROM t  GROUP BY …
//
// Its columns are written as syntax and bound like those of any SELECT.

extension Binder {
    /// PIVOT over a bound input.
    ///
    /// - Throws: 0A000 for another aggregate than COUNT, SUM, MIN, MAX and AVG, for one with
    ///   DISTINCT or a window, and for values that are no constants; 42703 for unknown columns.
    /// - Source: Redshift's PIVOT; NULL among the values stands for the rows without one.
    func bindPivot(
        _ pivot: PivotSyntax,
        of input: BoundFrom,
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        let call = try pivotAggregate(pivot)
        try requireVisible(pivot.column, in: input)
        var named = Set([pivot.column.text])
        for argument in call.arguments { collectColumns(of: argument, into: &named) }
        let keys = input.visible.filter { !named.contains($0.name) }.map { column in
            ExpressionSyntax(
                .column(ObjectNameSyntax([NameSyntax(column.name, position: pivot.position)])),
                position: pivot.position
            )
        }
        var select = SelectSyntax(position: pivot.position)
        select.from = [pivot.input]
        select.items = keys.map { .expression($0, alias: nil) }
        select.groupBy = keys.map { .expression($0) }
        for value in pivot.values {
            let name = try NameSyntax(pivotName(of: value, pivot), position: pivot.position)
            select.items.append(
                .expression(pivotColumn(call, value.expression, pivot), alias: name)
            )
        }
        return try derivedTable(
            bindSelect(select, over: input, in: environment),
            name: pivot.alias?.name.text ?? "derived_table",
            columns: pivot.alias?.columns ?? []
        )
    }

    private func pivotAggregate(_ pivot: PivotSyntax) throws(SQLError) -> FunctionCallSyntax {
        let position = pivot.aggregate.position
        guard case .call(let call) = pivot.aggregate.kind, call.name.parts.count == 1,
            ["count", "sum", "min", "max", "avg"].contains(call.name.name)
        else {
            throw SQLError.unsupported(
                "PIVOT with anything but COUNT, SUM, MIN, MAX or AVG",
                position: position
            )
        }
        var plain = FunctionCallSyntax(name: call.name, arguments: call.arguments)
        plain.isStar = call.isStar
        guard call == plain else {
            throw SQLError.unsupported(
                "PIVOT with anything but a plain aggregate",
                position: position
            )
        }
        return call
    }

    /// The aggregate over the rows that have a value.
    private func pivotColumn(
        _ call: FunctionCallSyntax,
        _ value: ExpressionSyntax,
        _ pivot: PivotSyntax
    ) -> ExpressionSyntax {
        func make(_ kind: ExpressionSyntax.Kind) -> ExpressionSyntax {
            ExpressionSyntax(kind, position: value.position)
        }
        let column = make(.column(ObjectNameSyntax([pivot.column])))
        let condition =
            value.kind == .null
            ? make(.isNull(column, isNegated: false)) : make(.binary(.equal, column, value))
        var filtered = call
        filtered.isStar = false
        let arguments = call.isStar ? [make(.integer("1"))] : call.arguments
        filtered.arguments = arguments.map { argument in
            let branch = CaseSyntax.Branch(when: condition, then: argument)
            return make(.caseWhen(CaseSyntax(branches: [branch])))
        }
        return ExpressionSyntax(.call(filtered), position: pivot.aggregate.position)
    }

    /// The alias, or the constant as text, behind it the alias of the aggregate.
    private func pivotName(
        of value: PivotSyntax.Value,
        _ pivot: PivotSyntax
    ) throws(SQLError) -> String {
        let name: String
        switch value.expression.kind {
        case .null: name = "null"
        case .boolean(let isTrue): name = isTrue ? "true" : "false"
        case .integer(let text), .decimal(let text), .float(let text), .string(let text),
            .typedLiteral(_, let text):
            name = text.lowercased()
        default:
            throw SQLError.unsupported(
                "a value of PIVOT that is no constant",
                position: value.expression.position
            )
        }
        let suffix = pivot.aggregateAlias.map { "_\($0.text)" } ?? ""
        return (value.alias?.text ?? name) + suffix
    }

    private func collectColumns(
        of expression: ExpressionSyntax,
        into names: inout Set<String>
    ) {
        var rewriter = QueryRewriter()
        var found: Set<String> = []
        rewriter.column = { column in
            found.insert(column.name)
            return column
        }
        _ = rewriter.rewrite(expression)
        names.formUnion(found)
    }

    private func requireVisible(_ name: NameSyntax, in input: BoundFrom) throws(SQLError) {
        let count = input.visible.count { $0.name == name.text }
        guard count != 1 else { return }
        throw SQLError(
            count == 0 ? .undefinedColumn : .ambiguousColumn,
            count == 0
                ? "column \"\(name.text)\" does not exist"
                : "column reference \"\(name.text)\" is ambiguous",
            position: name.position
        )
    }
}

// MARK: - UNPIVOT

// UNPIVOT is a cross join of its input with the numbers of the columns it names:
//
//   t UNPIVOT (v FOR n IN (a, b))
//     →  SELECT …, CASE i WHEN 0 THEN 'a' ELSE 'b' END AS n, CASE i WHEN 0 THEN a ELSE b END AS v
//        FROM t CROSS JOIN (VALUES (0), (1)) AS numbers (i)  WHERE v IS NOT NULL

extension Binder {
    /// UNPIVOT over a bound input.
    ///
    /// - Throws: 42703 for unknown columns; 42804 for columns without a common type.
    /// - Source: Redshift's UNPIVOT; rows of NULL are left out unless INCLUDE NULLS is written.
    func bindUnpivot(
        _ unpivot: UnpivotSyntax,
        of input: BoundFrom
    ) throws(SQLError) -> BoundFrom {
        var operands: [Operand] = []
        for column in unpivot.columns {
            try requireVisible(column.name, in: input)
            guard let found = input.visible.first(where: { $0.name == column.name.text }) else {
                continue
            }
            operands.append(Operand(found.expression, column.name.position))
        }
        let type = try commonType(operands, construct: "UNPIVOT")
        var values: [Expression] = []
        for operand in operands {
            values.append(try coerce(operand.expression, to: type, at: operand.position))
        }
        let number = makeColumn("number", .integer)
        let numbers = LogicalPlan.values(
            rows: values.indices.map { [.constant(.int64(Int64($0)), .integer)] },
            columns: [number]
        )
        let rows = LogicalPlan.join(.inner, input.plan, numbers, condition: nil)
        let names = unpivot.columns.map { $0.alias?.text ?? $0.name.text }
        let nameType = DataType.varchar(max(1, names.map(\.utf8.count).max() ?? 1))
        let used = Set(unpivot.columns.map(\.name.text))
        let sources = Dictionary(input.plan.columns.map { ($0.id, $0) }) { first, _ in first }
        var items = input.visible.filter { !used.contains($0.name) }.map {
            named($0.name, $0.expression, sources)
        }
        let texts = names.map { Expression.constant(.string(Array($0.utf8)), nameType) }
        items.append(named(unpivot.name.text, choice(of: texts, by: number), sources))
        let value = named(unpivot.value.text, choice(of: values, by: number), sources)
        items.append(value)
        var plan = LogicalPlan.project(rows, items)
        if !unpivot.includesNulls {
            plan = .filter(plan, .isNotNull(.column(value.column.id, value.column.type)))
        }
        return try derivedTable(
            plan,
            name: unpivot.alias?.name.text ?? "derived_table",
            columns: unpivot.alias?.columns ?? []
        )
    }

    private func choice(of values: [Expression], by number: PlanColumn) -> Expression {
        guard let last = values.last else { return .constant(.null, .unknown) }
        let branches = values.dropLast().enumerated().map { index, value in
            CaseBranch(
                condition: .compare(
                    .equal,
                    .column(number.id, number.type),
                    .constant(.int64(Int64(index)), .integer)
                ),
                result: value
            )
        }
        return branches.isEmpty ? last : .searchedCase(branches, otherwise: last, last.type)
    }
}
