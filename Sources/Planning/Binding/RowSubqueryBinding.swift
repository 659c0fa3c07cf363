import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// The value of a subquery that gives one row at most, joined to the rows that ask for it.
extension Binder {
    /// The first argument, the value of a subquery that gave as many rows as the second says.
    ///
    /// - Errors: 21000 for more than one row.
    static let singleRowValue = ScalarFunction(
        "single_row",
        parameters: [],
        resultType: { $0[0] },
        nullRule: .own,
        canFail: true
    ) { (arguments, _, count) throws(SQLError) in
        for row in 0..<count {
            guard case .int64(let rowCount) = arguments[1].datum(row), rowCount > 1 else {
                continue
            }
            throw SQLError(
                .cardinalityViolation,
                "more than one row returned by a subquery used as an expression"
            )
        }
        return arguments[0]
    }

    /// The columns of a subquery's row as a left join with a query grouped by its correlation.
    ///
    /// ```
    /// (SELECT f(x) FROM u WHERE u.k = t.k)
    ///   → t LEFT JOIN (SELECT k, f(x) FROM u GROUP BY k) s ON s.k = t.k
    /// ```
    /// Without an aggregate of its own, any value of the group and the group's size stand in: a
    /// row of `t` that meets a group of several is an error, a group that no row meets is none.
    /// A row of `t` without a match takes the values the subquery has over no rows, which are not
    /// NULL where it counts.
    func joinedRow(
        _ subquery: BoundSubquery,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> [Expression] {
        var plan = subquery.plan
        let columns = plan.columns
        var empty: [Expression] = []
        for index in columns.indices {
            if let value = valueOverNoRows(plan, column: index) { empty.append(value) }
        }
        let isGuarded = empty.count < columns.count
        if isGuarded {
            plan = anyRow(of: plan)
        }
        // A plan without rows is met by none; an aggregate that is not correlated by all.
        if isGuarded || !subquery.isCorrelated {
            empty = columns.map { .constant(.null, $0.type) }
        }
        let rows = try decorrelated(
            subquery,
            plan,
            groupsWithoutRows: .accepted,
            marksMatches: !empty.allSatisfy(\.isConstantNull),
            at: position
        )
        scope.pendingJoins.append(
            Scope.PendingJoin(
                kind: .left,
                plan: rows.plan,
                condition: Expression.conjunction(rows.conditions),
                isBelowAggregate: scope.isInsideAggregate || scope.clause == .groupBy,
                domain: rows.domain
            )
        )
        var values: [Expression] = []
        for (column, none) in zip(rows.plan.columns, empty) {
            let value = Expression.column(column.id, column.type)
            if isGuarded {
                let count = rows.plan.columns[columns.count]
                let arguments = [value, .column(count.id, count.type)]
                values.append(.call(Self.singleRowValue, arguments, value.type))
            } else if none.isConstantNull {
                values.append(value)
            } else {
                guard let match = rows.match else { throw unsupportedCorrelation(at: position) }
                let branch = CaseBranch(condition: .isNotNull(match), result: value)
                values.append(.searchedCase([branch], otherwise: none, value.type))
            }
        }
        return values
    }

    /// Any row of a plan, and how many there are.
    private func anyRow(of plan: LogicalPlan) -> LogicalPlan {
        let values = plan.columns.map { column in
            AggregateCall(
                column: makeColumn(column.name, column.type, origin: column.origin),
                function: .anyValue,
                argument: .column(column.id, column.type)
            )
        }
        let count = AggregateCall(
            column: makeColumn("count", .bigint),
            function: .countAll,
            argument: nil
        )
        return .aggregate(plan, groups: [], aggregates: values + [count])
    }

    /// What a column of an ungrouped aggregate, or of expressions over one, is without rows; nil
    /// if the plan is no such thing.
    private func valueOverNoRows(_ plan: LogicalPlan, column: Int) -> Expression? {
        switch plan {
        case .aggregate(_, let groups, let aggregates) where groups.isEmpty:
            guard column < aggregates.count else { return nil }
            return aggregates[column].function.isCount
                ? .constant(.int64(0), .bigint)
                : .constant(.null, aggregates[column].column.type)
        case .project(let input, let items):
            var values: [ColumnID: Expression] = [:]
            for (index, source) in input.columns.enumerated() {
                guard let value = valueOverNoRows(input, column: index) else { return nil }
                values[source.id] = value
            }
            guard !items[column].expression.isVolatile else { return nil }
            return items[column].expression.rewritten { expression in
                if case .column(let id, _) = expression { return values[id] ?? expression }
                return folded(expression)
            }
        case .subquery(let input, _, _): return valueOverNoRows(input, column: column)
        case .stored(let reference):
            return sharedPlan(reference).flatMap { valueOverNoRows($0, column: column) }
        default: return nil
        }
    }
}

// MARK: - Rows compared with rows

extension Binder {
    /// A comparison of a row with another or with a subquery's.
    func bindRows(
        _ op: BinaryOperator,
        _ left: ExpressionSyntax,
        _ right: ExpressionSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard let comparisonOperator = op.comparison else {
            throw SQLError.unsupported("operator \(op.rawValue) of rows", position: position)
        }
        let width = max(left.rowWidth, right.rowWidth)
        return try rowComparison(
            comparisonOperator,
            try rowOperands(left, width, scope)[...],
            try rowOperands(right, width, scope)[...],
            at: position
        )
    }

    private func rowOperands(
        _ syntax: ExpressionSyntax,
        _ width: Int,
        _ scope: Scope
    ) throws(SQLError) -> [Operand] {
        if case .scalarSubquery(let query) = syntax.kind {
            guard scope.acceptsJoins else {
                throw SQLError.unsupported(
                    "a subquery in \(scope.clause.rawValue)",
                    position: syntax.position
                )
            }
            let subquery = try bindSubquery(query, scope, at: syntax.position)
            try requireWidth(of: subquery.plan, toBe: width, at: syntax.position)
            return try joinedRow(subquery, scope, at: syntax.position)
                .map { Operand($0, syntax.position) }
        }
        let operands = try bindRow(syntax, scope)
        guard operands.count == width else {
            throw SQLError(
                .syntaxError,
                "unequal number of entries in row expressions",
                position: syntax.position
            )
        }
        return operands
    }

    /// `(a, b) < (c, d)` as `a < c OR a = c AND b < d`, and so on; `=` and `<>` field by field.
    ///
    /// - Source: PostgreSQL, "Row Constructor Comparison": fields are compared from the left up
    ///   to the first that are unequal or NULL.
    private func rowComparison(
        _ op: Comparison,
        _ left: ArraySlice<Operand>,
        _ right: ArraySlice<Operand>,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard let first = left.first, let other = right.first else {
            return .constant(.null, .boolean)
        }
        guard left.count > 1 else { return try comparison(op, first, other, at: position) }
        let rest = try rowComparison(op, left.dropFirst(), right.dropFirst(), at: position)
        switch op {
        case .equal: return .and([try comparison(op, first, other, at: position), rest])
        case .notEqual: return .or([try comparison(op, first, other, at: position), rest])
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let isLess = op == .less || op == .lessOrEqual
            return .or([
                try comparison(isLess ? .less : .greater, first, other, at: position),
                .and([try comparison(.equal, first, other, at: position), rest]),
            ])
        }
    }
}

extension Expression {
    /// Whether it is the constant NULL.
    fileprivate var isConstantNull: Bool {
        if case .constant(.null, _) = self { true } else { false }
    }
}

extension ExpressionSyntax {
    /// Whether it is a row of values in brackets, or ROW(…).
    var isRow: Bool { if case .row = kind { true } else { false } }

    /// The fields of a row; one for anything else.
    fileprivate var rowWidth: Int { if case .row(let items) = kind { items.count } else { 1 } }
}
