import Plans
import SQLTypes
import Vectors

// Uncorrelated scalar subqueries run before the plan that uses them; their value then stands in
// the plan as a constant, so that slices never see them.

extension SliceCluster {
    /// The plan with every scalar subquery replaced by its value.
    ///
    /// - Throws: 21000 if one gives more than one row.
    func substituteScalars(
        _ plan: ExecutablePlan,
        context: ExecutionContext,
        records: inout [RunRecord]
    ) throws(SQLError) -> ExecutablePlan {
        if plan.scalarSubqueries.isEmpty { return plan }
        var values: [Datum] = []
        for (number, subquery) in plan.scalarSubqueries.enumerated() {
            var context = context
            let provided = context.providedToSubqueries
            if provided.indices.contains(number) { context.provided = provided[number] }
            context.providedToSubqueries = []
            // A subquery without its own may use the values of those before it.
            let ready =
                subquery.scalarSubqueries.isEmpty
                ? subquery.substitutingScalars(values) : subquery
            var value: Datum?
            let outcome = try run(ready, context: context) { chunk throws(SQLError) in
                guard chunk.count > 0 else { return }
                guard value == nil, chunk.count == 1, let column = chunk.columns.first else {
                    throw SQLError(
                        .cardinalityViolation,
                        "single-row subquery returns more than one row"
                    )
                }
                value = column.datum(0)
            }
            values.append(value ?? .null)
            records.append(outcome.record)
        }
        return plan.substitutingScalars(values)
    }
}

extension ExecutablePlan {
    /// The plan with `scalarSubquery(i)` replaced by value i wherever there is one.
    fileprivate func substitutingScalars(_ values: [Datum]) -> ExecutablePlan {
        if values.isEmpty { return self }
        func replaced(_ expression: Expression) -> Expression {
            expression.rewritten {
                if case .scalarSubquery(let number, let type) = $0, number < values.count {
                    .constant(values[number], type)
                } else {
                    $0
                }
            }
        }
        var copy = self
        for stream in copy.streams.indices {
            for segment in copy.streams[stream].segments.indices {
                let steps = copy.streams[stream].segments[segment].steps
                copy.streams[stream].segments[segment].steps = steps.map { step in
                    switch step {
                    case .filter(let condition): .filter(replaced(condition))
                    case .project(let items): .project(items.map(replaced))
                    case .probe, .limit: step
                    }
                }
            }
        }
        for join in copy.joins.indices {
            copy.joins[join].residual = copy.joins[join].residual.map(replaced)
        }
        copy.scalarSubqueries = []
        return copy
    }
}
