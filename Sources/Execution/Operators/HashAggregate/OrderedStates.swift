import Functions
import Plans
import SQLTypes
import Vectors

/// An aggregate that keeps nothing of its own and reads its groups' rows in order.
final class OrderedStates: AggregateStates {
    private let rows: OrderedRows
    private let place: Int
    private let function: any OrderedFunction

    /// Reads `rows`, which other calls may read too.
    init(_ call: AggregateSpecification.Call, rows: OrderedRows) throws(SQLError) {
        guard let input = call.inputs.first else {
            throw SQLError.invariant("\(call.function.rawValue) lacks its argument")
        }
        self.rows = rows
        place = try rows.place(of: input)
        function = try makeOrderedFunction(
            call.function,
            call.option,
            isDistinct: call.isDistinct,
            argument: call.argumentType ?? .bigint,
            result: call.resultType
        )
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        try function.results(rows.sorted[place], rows.groups(range))
    }
}
