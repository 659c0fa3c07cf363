import Functions
import Plans
import SQLTypes
import Vectors

extension Expression {
    /// Whether it fails for some values other than by overflow.
    var failsByValue: Bool {
        let own =
            switch self {
            case .arithmetic(let op, _, let right, _):
                (op == .divide || op == .modulo) && !right.isNonzeroConstant
            case .cast(let operand, let type, _): operand.type.isString && !type.isString
            case .call(let function, _, _): function.canFail
            default: false
            }
        return own || children.contains { $0.failsByValue }
    }

    /// Whether it is a number other than 0, so that one may divide by it.
    var isNonzeroConstant: Bool {
        switch self {
        case .constant(.int64(let value), _): value != 0
        case .constant(.int128(let value), _): value != 0
        case .cast(let operand, let type, _): type.isNumeric && operand.isNonzeroConstant
        default: false
        }
    }
}
