import SQLTypes
import Vectors

/// The operators `&`, `|`, `#`, `~`, `<<` and `>>` of integers.
///
/// Results have the operands' type; a shift takes its count modulo the left operand's bits.
///
/// - Source: PostgreSQL's bitwise operators, which Redshift has for integers only.
enum BitFunctions {
    static let all: [ScalarFunction] = types.flatMap { type in
        [
            combining("&", type) { $0 & $1 },
            combining("|", type) { $0 | $1 },
            combining("#", type) { $0 ^ $1 },
            shifting("<<", type) { value, count in
                switch type {
                case .smallint: Int64(Int16(truncatingIfNeeded: Int32(value) &<< Int32(count)))
                case .integer: Int64(Int32(truncatingIfNeeded: value) &<< Int32(count))
                default: value &<< count
                }
            },
            shifting(">>", type) { value, count in
                type == .bigint ? value &>> count : Int64(Int32(value) &>> Int32(count))
            },
            .strict("~", [type], type) { (call) in
                let values = call.integers(0)
                return call.makeIntegers { ~values[$0] }
            },
        ]
    }

    private static let types: [DataType] = [.smallint, .integer, .bigint]

    private static func combining(
        _ name: String,
        _ type: DataType,
        _ operation: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> ScalarFunction {
        .strict(name, [type, type], type) { (call) in
            let (lefts, rights) = (call.integers(0), call.integers(1))
            return call.makeIntegers { operation(lefts[$0], rights[$0]) }
        }
    }

    private static func shifting(
        _ name: String,
        _ type: DataType,
        _ operation: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> ScalarFunction {
        .strict(name, [type, .integer], type) { (call) in
            let (values, counts) = (call.integers(0), call.integers(1))
            return call.makeIntegers { operation(values[$0], counts[$0]) }
        }
    }
}
