import SQLTypes
import Vectors

/// PG_CANCEL_BACKEND(pid) and PG_TERMINATE_BACKEND(pid): INTEGER, 1 where there is such a session
/// and 0 where there is none.
///
/// What they act on is not known here: the list below has their signatures alone, and a session's
/// statements get those that `acting(_:_:)` makes.
/// - Source: Redshift's manual; the result is PostgreSQL 8.0's.
package enum BackendFunctions {
    static let all: [ScalarFunction] = ["pg_cancel_backend", "pg_terminate_backend"].map {
        acting($0) { _ in false }
    }

    /// The function of that name which calls `body` with each row's session number.
    package static func acting(
        _ name: String,
        _ body: @escaping @Sendable (Int64) -> Bool
    ) -> ScalarFunction {
        ScalarFunction(
            name,
            parameters: [.integer],
            resultType: { _ in .integer },
            volatility: .volatile,
            kernel: { (arguments, types, count) -> Vector in
                let call = Call(arguments, types, count)
                let numbers = call.integers(0)
                return call.makeIntegers { body(numbers[$0]) ? 1 : 0 }
            }
        )
    }
}
