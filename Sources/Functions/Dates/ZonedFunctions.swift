import SQLTypes
package import Vectors

/// Functions of TIMESTAMPTZ in a session whose clock is not UTC.
///
/// Each stands for an overload that works in UTC and has its arguments and result type. What
/// counts days or longer parts does so on the zone's clock; hours and shorter parts have their
/// length whatever the clock does.
///
/// - Source: PostgreSQL `timestamptz_part`, `timestamptz_trunc`, `timestamptz_age`,
///   `timestamptz_to_char`, `timestamptz_pl_interval`.
package enum ZonedFunctions {
    private struct Key: Hashable {
        var function: ScalarFunction
        var zone: TimeZone
    }

    private static let made = MadeFunctions<Key>()

    /// The function that does on the zone's clock what `function` does on that of UTC; nil where
    /// that is the same.
    package static func function(
        _ function: ScalarFunction,
        in zone: TimeZone
    ) -> ScalarFunction? {
        guard function.parameters.contains(.timestampTZ) || function.name == "to_timestamp",
            let kernel = kernel(of: function, zone)
        else { return nil }
        return made.function(for: Key(function: function, zone: zone)) {
            .strict(
                function.name,
                function.parameters,
                function.resultType,
                canFail: true,
                kernel
            )
        }
    }

    /// The function that adds an INTERVAL to a TIMESTAMPTZ, or subtracts it: months on the zone's
    /// clock, the rest as it is.
    ///
    /// - Errors: 22008 out of range.
    package static func intervalSum(
        _ op: ArithmeticOperator,
        in zone: TimeZone
    ) -> ScalarFunction {
        // The one for UTC is only a key here: arithmetic needs no function of it.
        let function = op == .subtract ? minusInterval : plusInterval
        return ZonedFunctions.function(function, in: zone) ?? function
    }

    private static let plusInterval = intervalFunction(.add)
    private static let minusInterval = intervalFunction(.subtract)

    private static func intervalFunction(_ op: ArithmeticOperator) -> ScalarFunction {
        .strict(op.symbol, [.timestampTZ, .interval], .timestampTZ, canFail: true) {
            (call) throws(SQLError) in
            try arithmetic(
                op,
                call.vectors[0],
                call.vectors[1],
                leftType: .timestampTZ,
                rightType: .interval,
                resultType: .timestampTZ,
                count: call.count
            )
        }
    }

    private static func kernel(of function: ScalarFunction, _ zone: TimeZone) -> CallKernel? {
        let clock = Clock(zone: zone)
        let utc = function.kernel
        switch function.name {
        case "extract", "date_part", "pgdate_part":
            guard let plain = timestampOverload(of: function) else { return nil }
            return { (call) throws(SQLError) in try clock.part(call, utc, plain.kernel) }
        case "date_trunc":
            return { (call) throws(SQLError) in try clock.truncated(call, utc) }
        case "dateadd", "date_add":
            return { (call) throws(SQLError) in try clock.shifted(call, utc) }
        case "datediff", "date_diff":
            return { (call) throws(SQLError) in try clock.difference(call, utc) }
        case "age":
            return { (call) throws(SQLError) in
                let locals = [clock.local(call, 0), clock.local(call, 1)]
                return try utc(locals, call.types, call.count)
            }
        case "to_timestamp":
            return { (call) throws(SQLError) in
                try clock.moments(call, of: try utc(call.vectors, call.types, call.count))
            }
        case "to_char":
            return { (call) throws(SQLError) in
                try FormattingFunctions.formatMoments(call, zone: zone)
            }
        case "date_cmp_timestamptz", "timestamp_cmp_timestamptz":
            return { (call) throws(SQLError) in try clock.order(call, localIndex: 0) }
        case "timestamptz_cmp_date", "timestamptz_cmp_timestamp":
            return { (call) throws(SQLError) in try clock.order(call, localIndex: 1) }
        case "+": return { (call) throws(SQLError) in try clock.sum(call, isNegated: false) }
        case "-": return { (call) throws(SQLError) in try clock.sum(call, isNegated: true) }
        default: return nil
        }
    }

    private static func timestampOverload(of function: ScalarFunction) -> ScalarFunction? {
        DatePartFunctions.all.first {
            $0.name == function.name && $0.parameters.last == .timestamp
        }
    }
}

/// The kernels, for one zone.
private struct Clock: Sendable {
    typealias Kernel = @Sendable ([Vector], [DataType], Int) throws(SQLError) -> Vector
    let zone: TimeZone

    /// Argument `index` on the zone's clock.
    func local(_ call: Call, _ index: Int) -> Vector {
        let times = call.integers(index)
        return call.makeIntegers { zone.local(fromUTC: times[$0]) }
    }

    /// Times on the zone's clock as moments.
    func moments(_ call: Call, of local: Vector) throws(SQLError) -> Vector {
        let source = Call([local], [.timestamp], call.count)
        let times = source.integers(0)
        let result = try call.makeIntegers { (row) throws(SQLError) in
            try checkedTimestamp(zone.utc(fromLocal: times[row]))
        }
        withExtendedLifetime(source) {}
        return result
    }

    /// EXTRACT and DATE_PART: epochs are UTC's, and only zones have offsets.
    func part(_ call: Call, _ utc: Kernel, _ plain: Kernel) throws(SQLError) -> Vector {
        guard let part = try DatePart.named(in: call), part != .epoch else {
            return try utc(call.vectors, call.types, call.count)
        }
        let times = call.integers(1)
        switch part {
        case .timeZone:
            return call.makeFloats { Double(zone.offset(atUTC: times[$0]).seconds) }
        case .timeZoneHour:
            return call.makeFloats { Double(zone.offset(atUTC: times[$0]).seconds / 3600) }
        case .timeZoneMinute:
            return call.makeFloats { Double(zone.offset(atUTC: times[$0]).seconds / 60 % 60) }
        default:
            let parts = try plain(
                [call.vectors[0], local(call, 1)],
                [call.types[0], .timestamp],
                call.count
            )
            return parts.physical == .float64 ? parts : asDoubles(parts, .bigint)
        }
    }

    /// DATE_TRUNC: the start of an hour or less has the offset of the moment itself.
    func truncated(_ call: Call, _ utc: Kernel) throws(SQLError) -> Vector {
        guard let part = try DatePart.named(in: call) else {
            return try utc(call.vectors, call.types, call.count)
        }
        let result = try utc([call.vectors[0], local(call, 1)], call.types, call.count)
        guard part.isShort else { return try moments(call, of: result) }
        let times = call.integers(1)
        let source = Call([result], [.timestamp], call.count)
        let starts = source.integers(0)
        let moments = try call.makeIntegers { (row) throws(SQLError) in
            let offset = zone.offset(atUTC: times[row]).seconds
            return try checkedTimestamp(
                starts[row] &- offset &* Calendar.microsecondsPerSecond
            )
        }
        withExtendedLifetime(source) {}
        return moments
    }

    /// DATEADD.
    func shifted(_ call: Call, _ utc: Kernel) throws(SQLError) -> Vector {
        guard let part = try DatePart.named(in: call), !part.isShort else {
            return try utc(call.vectors, call.types, call.count)
        }
        let arguments = [call.vectors[0], call.vectors[1], local(call, 2)]
        return try moments(call, of: try utc(arguments, call.types, call.count))
    }

    /// DATEDIFF: hours and less begin where the first moment's clock has them begin.
    func difference(_ call: Call, _ utc: Kernel) throws(SQLError) -> Vector {
        guard let part = try DatePart.named(in: call) else {
            return try utc(call.vectors, call.types, call.count)
        }
        let (starts, ends) = (call.integers(1), call.integers(2))
        let end =
            part.isShort
            ? call.makeIntegers { row in
                let offset = zone.offset(atUTC: starts[row]).seconds
                return ends[row] &+ offset &* Calendar.microsecondsPerSecond
            }
            : local(call, 2)
        return try utc([call.vectors[0], local(call, 1), end], call.types, call.count)
    }

    /// TIMESTAMPTZ_CMP_DATE and its kin: argument `localIndex` is a DATE or a TIMESTAMP.
    func order(_ call: Call, localIndex: Int) throws(SQLError) -> Vector {
        let moment = try cast(
            call.vectors[localIndex],
            from: call.types[localIndex],
            to: .timestampTZ,
            isExplicit: false,
            style: style,
            count: call.count
        )
        var arguments = call.vectors
        arguments[localIndex] = moment
        let aligned = Call(arguments, [.timestampTZ, .timestampTZ], call.count)
        let (lefts, rights) = (aligned.integers(0), aligned.integers(1))
        return aligned.makeIntegers { row in
            lefts[row] < rights[row] ? -1 : lefts[row] > rights[row] ? 1 : 0
        }
    }

    private var style: ValueStyle {
        var style = ValueStyle()
        style.zone = zone
        return style
    }

    /// A TIMESTAMPTZ and an INTERVAL.
    func sum(_ call: Call, isNegated: Bool) throws(SQLError) -> Vector {
        let times = call.integers(0)
        let intervals = call.column(1, as: Int128.self)
        return try call.makeIntegers { (row) throws(SQLError) in
            var parts = IntervalParts(packed: intervals[row])
            if isNegated {
                if parts.months == .min || parts.microseconds == .min {
                    throw SQLError(.datetimeFieldOverflow, "interval out of range")
                }
                parts = IntervalParts(months: -parts.months, microseconds: -parts.microseconds)
            }
            var moment = times[row]
            if parts.months != 0 {
                let months = IntervalParts(months: parts.months, microseconds: 0)
                let local = try addInterval(zone.local(fromUTC: moment), months, .timestampTZ)
                moment = zone.utc(fromLocal: local)
            }
            let rest = IntervalParts(months: 0, microseconds: parts.microseconds)
            return try addInterval(moment, rest, .timestampTZ)
        }
    }
}
