import Functions
import Plans
import SQLSyntax
import SQLTypes

extension Binder {
    /// `f(…) [WITHIN GROUP (ORDER BY …)] OVER ([PARTITION BY …])` of MEDIAN, PERCENTILE_CONT,
    /// PERCENTILE_DISC or LISTAGG.
    ///
    /// The order of WITHIN GROUP becomes that of the window: rows are sorted once, and a window
    /// function that asks for the same order reads the same rows. Texts of LISTAGG come last
    /// among the keys, so that its result does not depend on the order in which rows came.
    /// - Errors: 0A000 for an order or a frame in OVER, and those of the aggregate.
    func bindOrderedWindow(
        _ function: WindowFunction,
        _ syntax: FunctionCallSyntax,
        _ window: WindowSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard window.orderBy.isEmpty, window.frame == nil else {
            throw SQLError(
                .featureNotSupported,
                "window specification should not contain frame clause and order-by for window "
                    + "function \(syntax.name.name)",
                position: window.position
            )
        }
        let aggregate = try bindAggregateCall(syntax, scope, at: position)
        var definition = WindowDefinition(
            partition: try bindPartition(window, scope),
            order: []
        )
        for item in aggregate.order { definition.appendOrder(item) }
        if aggregate.function == .listAggregate, let text = aggregate.argument {
            definition.appendOrder(SortItem(expression: text))
        }
        let call = WindowCall(
            column: aggregate.column,
            function: function,
            arguments: [aggregate.argument].compactMap(\.self),
            ignoresNulls: false,
            frame: .partition,
            isDistinct: aggregate.isDistinct,
            option: aggregate.option
        )
        return try noted(BoundWindow(definition: definition, call: call, position: position), scope)
    }
}
