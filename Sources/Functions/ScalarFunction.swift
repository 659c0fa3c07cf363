package import SQLTypes
package import Vectors

/// How a function treats NULL arguments.
package enum NullRule: Sendable {
    /// Any NULL argument makes the result NULL; the kernel's result for such rows is ignored and
    /// its failures there must not be raised.
    case strict
    /// The kernel sees NULLs and decides.
    case own
}

/// Whether a function may be evaluated ahead of time.
package enum Volatility: Sendable {
    /// Same arguments, same result: constants are folded.
    case immutable
    /// Fixed within a statement: folded by the binder with the statement's clock.
    case stable
    /// May differ for each row.
    case volatile
}

/// One overload of a scalar function: its signature and its kernel, in one place.
///
/// The binder picks an overload by name and argument types, casts the arguments to
/// `parameters`, and the evaluator calls `kernel` once per chunk.
package final class ScalarFunction: Sendable {
    /// The name in SQL, lower case.
    package let name: String
    /// The types arguments are cast to; DECIMAL and string entries stand for any size.
    package let parameters: [DataType]
    /// The result's type, from the arguments' types after casts.
    package let resultType: @Sendable ([DataType]) -> DataType
    package let nullRule: NullRule
    package let volatility: Volatility
    /// Whether some non-NULL argument values are an error: such calls are not moved.
    package let canFail: Bool
    /// Computes `count` rows; arguments have that many rows each, in any form.
    package let kernel:
        @Sendable (_ arguments: [Vector], _ types: [DataType], _ count: Int) throws(SQLError) ->
            Vector

    /// The function as it is on one slice, for those whose values depend on where they run; nil
    /// for all others.
    package let onSlice: (@Sendable (_ slice: Int) -> ScalarFunction)?

    /// Makes an overload.
    package init(
        _ name: String,
        parameters: [DataType],
        resultType: @escaping @Sendable ([DataType]) -> DataType,
        nullRule: NullRule = .strict,
        volatility: Volatility = .immutable,
        canFail: Bool = false,
        onSlice: (@Sendable (_ slice: Int) -> ScalarFunction)? = nil,
        kernel:
            @escaping @Sendable (_ arguments: [Vector], _ types: [DataType], _ count: Int)
            throws(SQLError) -> Vector
    ) {
        self.name = name
        self.parameters = parameters
        self.resultType = resultType
        self.nullRule = nullRule
        self.volatility = volatility
        self.canFail = canFail
        self.onSlice = onSlice
        self.kernel = kernel
    }
}

extension ScalarFunction: Hashable {
    /// Overloads are equal when they are the same object: each exists once.
    package static func == (left: ScalarFunction, right: ScalarFunction) -> Bool { left === right }

    /// Hashes the identity.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
