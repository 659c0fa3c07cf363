package import Plans
package import SQLSyntax
package import SQLTypes

/// Binds the arguments of EXECUTE: values for `$1`, `$2`, … of the prepared statement.
///
/// An argument whose parameter was given a type is cast to it as by an assignment; any other keeps
/// its own, and a string literal takes the type that its place in the statement asks for.
///
/// - Errors: those of an expression; 42703 for a column, 0A000 for a subquery.
package func bindParameters(
    _ arguments: [ExpressionSyntax],
    types: [DataType],
    context: BindingContext
) throws(SQLError) -> [Expression] {
    let binder = Binder(context: context)
    var values: [Expression] = []
    for (index, argument) in arguments.enumerated() {
        let scope = Scope(environment: Environment(), clause: .values)
        let operand = try binder.bindOperand(argument, scope)
        guard binder.scalarSubqueries.isEmpty else {
            throw SQLError(
                .featureNotSupported,
                "cannot use subquery in EXECUTE parameter",
                position: argument.position
            )
        }
        values.append(
            index < types.count
                ? try binder.assigned(operand, to: types[index], column: "$\(index + 1)")
                : operand.expression
        )
    }
    return values
}

/// Constants that stand for parameters while a statement is looked at before it has any: NULLs
/// of the types that were given.
package func placeholderParameters(types: [DataType], count: Int) -> [Expression] {
    (0..<count).map { .constant(.null, $0 < types.count ? types[$0] : .unknown) }
}
