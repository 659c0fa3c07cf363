package import SQLTypes
package import Vectors

/// Casts that depend on a session's settings, as functions, so that a plan says all by itself.
///
/// Planning makes them only where the settings are not the standard ones and the types ask for it.
package enum StyledCast {
    private struct Key: Hashable {
        var from: DataType
        var to: DataType
        var isExplicit: Bool
        var style: ValueStyle
    }

    /// The name of the functions, which no call in SQL can have.
    package static let name = "cast"

    private static let made = MadeFunctions<Key>()

    /// The function that casts values of one type to another as the style says; the same object
    /// for the same arguments.
    ///
    /// - Errors: those of `cast`.
    package static func function(
        from: DataType,
        to: DataType,
        isExplicit: Bool,
        style: ValueStyle
    ) -> ScalarFunction {
        made.function(for: Key(from: from, to: to, isExplicit: isExplicit, style: style)) {
            ScalarFunction(
                name,
                parameters: [from],
                resultType: { _ in to },
                canFail: true,
                kernel: { (arguments, _, count) throws(SQLError) in
                    try cast(
                        arguments[0],
                        from: from,
                        to: to,
                        isExplicit: isExplicit,
                        style: style,
                        count: count
                    )
                }
            )
        }
    }
}
