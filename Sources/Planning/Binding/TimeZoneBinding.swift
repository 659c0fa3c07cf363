import Plans
import SQLTypes
import Vectors

extension Binder {
    /// `value AT TIME ZONE zone`, which is TIMEZONE(zone, value).
    ///
    /// A DATE, and a literal, is taken as a TIMESTAMPTZ and a TIME as a TIMETZ, both on the
    /// session's clock. A TIMETZ has the offset that the zone has when the transaction begins.
    ///
    /// - Errors: 42883 for anything but a date or a time; 22023 for a zone that does not exist.
    /// - Source: PostgreSQL, whose choice among the overloads of `timezone` this is.
    func bindTimeZone(
        _ zone: Operand,
        _ value: Operand,
        at position: Int
    ) throws(SQLError) -> Expression {
        var value = value
        switch value.type {
        case .date, .unknown:
            value.expression = try coerce(value.expression, to: .timestampTZ, at: value.position)
        case .time:
            value.expression = try coerce(value.expression, to: .timeTZ, at: value.position)
        default: break
        }
        guard value.type == .timeTZ, zone.type.isString else {
            return try call("timezone", [zone, value], at: position)
        }
        let now = Expression.constant(.int64(context.transactionTime), .timestampTZ)
        return try call("timezone at", [zone, value, Operand(now, position)], at: position)
    }
}
