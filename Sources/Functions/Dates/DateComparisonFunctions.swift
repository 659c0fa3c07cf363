import SQLTypes
import Vectors

/// DATE_CMP, TIMESTAMP_CMP, DATE_CMP_TIMESTAMP and their kin, INTERVAL_CMP and ISFINITE.
///
/// INTEGER: -1, 0 or 1 as the first is earlier than, the same as or later than the second. A DATE
/// is compared as its midnight, a TIMESTAMP with a TIMESTAMPTZ as UTC; months of an interval count
/// 30 days. All dates are finite.
enum DateComparisonFunctions {
    static let all: [ScalarFunction] =
        ([
            ("date_cmp", .date, .date),
            ("timestamp_cmp", .timestamp, .timestamp),
            ("timestamptz_cmp", .timestampTZ, .timestampTZ),
            ("date_cmp_timestamp", .date, .timestamp),
            ("date_cmp_timestamptz", .date, .timestampTZ),
            ("timestamp_cmp_date", .timestamp, .date),
            ("timestamp_cmp_timestamptz", .timestamp, .timestampTZ),
            ("timestamptz_cmp_date", .timestampTZ, .date),
            ("timestamptz_cmp_timestamp", .timestampTZ, .timestamp),
        ] as [(String, DataType, DataType)]).map { (name, left, right) in
            .strict(name, [left, right], .integer) { (call) in
                let (lefts, rights) = (call.integers(0), call.integers(1))
                let (leftUnit, rightUnit) = (microseconds(of: left), microseconds(of: right))
                return call.makeIntegers { row in
                    order(lefts[row] &* leftUnit, rights[row] &* rightUnit)
                }
            }
        } + [
            .strict("interval_cmp", [.interval, .interval], .integer) { (call) in
                let lefts = call.column(0, as: Int128.self)
                let rights = call.column(1, as: Int128.self)
                return call.makeIntegers { row in
                    order(length(lefts[row]), length(rights[row]))
                }
            }
        ]
        + ([.date, .timestamp, .timestampTZ] as [DataType]).map { type in
            .strict("isfinite", [type], .boolean) { (call) in call.makeBooleans { _ in true } }
        }
}

private func microseconds(of type: DataType) -> Int64 {
    type == .date ? Calendar.microsecondsPerDay : 1
}

@inline(__always)
private func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int64 {
    left < right ? -1 : left > right ? 1 : 0
}

private func length(_ packed: Int128) -> Int128 {
    let parts = IntervalParts(packed: packed)
    return Int128(parts.months) * Int128(30 * Calendar.microsecondsPerDay)
        + Int128(parts.microseconds)
}
