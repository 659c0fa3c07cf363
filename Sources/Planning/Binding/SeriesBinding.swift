import Plans
import SQLSyntax
import SQLTypes

extension Binder {
    /// GENERATE_SERIES in FROM: rows that the leader makes up.
    ///
    /// - Errors: 0A000 for any other function, and for arguments that are no constant integers;
    ///   22023 for a step of 0; 54000 for more rows than the leader makes up.
    /// - Source: Redshift has it on the leader alone; see redshift-functions.md §8.
    func bindSeries(
        _ call: ExpressionSyntax,
        alias: TableAliasSyntax?,
        in environment: Environment
    ) throws(SQLError) -> BoundFrom {
        guard case .call(let syntax) = call.kind, syntax.name.name == "generate_series",
            (2...3).contains(syntax.arguments.count)
        else { throw SQLError.unsupported("a function in FROM", position: call.position) }
        let scope = Scope(environment: environment, clause: .from)
        noteLeaderOnly("generate_series", scope)
        var bounds: [Int64] = []
        var isBig = false
        for argument in syntax.arguments {
            guard case .constant(.int64(let value), let type) = try bindExpression(argument, scope),
                type.isInteger
            else {
                throw SQLError.unsupported(
                    "generate_series of anything but constant integers",
                    position: argument.position
                )
            }
            bounds.append(value)
            if type == .bigint { isBig = true }
        }
        let values = try series(bounds, at: call.position)
        let type = isBig ? DataType.bigint : .integer
        let name = alias?.name.text ?? "generate_series"
        let columnName = alias?.columns.first?.text ?? name
        let column = makeColumn(columnName, type, qualifier: name)
        let rows = values.map { [Expression.constant(.int64($0), type)] }
        return BoundFrom(
            plan: .values(rows: rows, columns: [column]),
            relation: Scope.Relation(alias: name, schema: nil, columns: [column])
        )
    }

    /// `SELECT generate_series(1, 10)` without FROM as a SELECT from it.
    func withSeriesInFrom(_ select: SelectSyntax) -> SelectSyntax {
        guard select.from.isEmpty else { return select }
        var result = select
        for (index, item) in select.items.enumerated() {
            guard case .expression(let expression, let alias) = item,
                case .call(let call) = expression.kind, call.name.name == "generate_series"
            else { continue }
            // A second series would have to go in step with the first.
            guard result.from.isEmpty else { return select }
            result.from = [.function(expression, alias: nil)]
            let name = ObjectNameSyntax([
                NameSyntax("generate_series", position: expression.position)
            ])
            let column = ExpressionSyntax(.column(name), position: expression.position)
            result.items[index] = .expression(column, alias: alias)
        }
        return result
    }

    /// The most rows of a series: they are constants of the plan.
    private static let seriesCountMax: Int64 = 1_000_000

    private func series(_ bounds: [Int64], at position: Int) throws(SQLError) -> [Int64] {
        let step = bounds.count == 3 ? bounds[2] : 1
        guard step != 0 else {
            throw SQLError(
                .invalidParameterValue,
                "step size cannot equal zero",
                position: position
            )
        }
        let isEmpty = step > 0 ? bounds[0] > bounds[1] : bounds[0] < bounds[1]
        if isEmpty { return [] }
        let count = (Int128(bounds[1]) - Int128(bounds[0])) / Int128(step) + 1
        guard count <= Int128(Self.seriesCountMax) else {
            throw SQLError(
                .programLimitExceeded,
                "generate_series makes at most \(Self.seriesCountMax) rows",
                position: position
            )
        }
        return (0..<Int64(count)).map { bounds[0] + $0 * step }
    }
}
