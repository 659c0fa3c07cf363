import Functions
import Plans
import SQLTypes
import Vectors

// What the session's settings of time zone, date style and digits change in expressions. It is
// settled here: a plan holds functions that know what they need, and execution knows no settings.

extension Binder {
    /// A node that means by itself what the session's settings make it mean.
    ///
    /// Its operands have been through here already. With the standard settings nothing changes.
    func styled(_ expression: Expression) -> Expression {
        switch expression {
        case .cast(let operand, let type, let isExplicit):
            let style = context.style.relevant(
                from: operand.type,
                to: type,
                isExplicit: isExplicit
            )
            guard style != .standard else { return expression }
            let function = StyledCast.function(
                from: operand.type,
                to: type,
                isExplicit: isExplicit,
                style: style
            )
            return .call(function, [operand], type)
        case .call(let function, let arguments, let type):
            guard let zone = context.style.zone,
                let zoned = ZonedFunctions.function(function, in: zone)
            else { return expression }
            return .call(zoned, arguments, type)
        case .arithmetic(let op, let left, let right, _):
            guard let zone = context.style.zone else { return expression }
            return zonedArithmetic(op, left, right, zone) ?? expression
        default: return expression
        }
    }

    /// Sums and differences with a TIMESTAMPTZ; nil for any other.
    private func zonedArithmetic(
        _ op: ArithmeticOperator,
        _ left: Expression,
        _ right: Expression,
        _ zone: TimeZone
    ) -> Expression? {
        switch (left.type, op, right.type) {
        case (.timestampTZ, .add, .interval), (.timestampTZ, .subtract, .interval):
            return .call(ZonedFunctions.intervalSum(op, in: zone), [left, right], .timestampTZ)
        case (.interval, .add, .timestampTZ):
            return .call(ZonedFunctions.intervalSum(op, in: zone), [right, left], .timestampTZ)
        case (.date, .subtract, .timestampTZ), (.timestamp, .subtract, .timestampTZ):
            return .arithmetic(op, moment(left), right, .interval)
        case (.timestampTZ, .subtract, .date), (.timestampTZ, .subtract, .timestamp):
            return .arithmetic(op, left, moment(right), .interval)
        default: return nil
        }
    }

    private func moment(_ expression: Expression) -> Expression {
        folded(.cast(expression, .timestampTZ, isExplicit: false))
    }

    /// Refuses an INTERVAL literal of months and of shorter parts, if the session forbids them.
    ///
    /// - Errors: 22007.
    /// - Source: Redshift's `interval_forbid_composite_literals`; the words are ours.
    func requireSimpleInterval(_ value: Datum, at position: Int) throws(SQLError) {
        guard case .int128(let packed) = value,
            context.setting("interval_forbid_composite_literals") == "true"
        else { return }
        let parts = IntervalParts(packed: packed)
        guard parts.months != 0, parts.microseconds != 0 else { return }
        throw SQLError(
            .invalidDatetimeFormat,
            "interval literal has both year-month and day-time parts",
            hint: "The setting interval_forbid_composite_literals forbids it.",
            position: position
        )
    }

    // MARK: The session's clock

    /// A moment on the session's clock, microseconds since 2000-01-01.
    func local(_ moment: Int64) -> Int64 {
        context.style.zone?.local(fromUTC: moment) ?? moment
    }

    /// How the literal at a place is read: those of a prepared statement as when it was prepared,
    /// its parameters and what a view says as now.
    func literalReading(at position: Int) -> LiteralReading {
        if let prepared = context.preparedReading, openViews.isEmpty,
            !parameterPositions.contains(position)
        {
            return prepared
        }
        return context.literalReading
    }

    /// `now`, `today`, `tomorrow`, `yesterday` and `epoch` as dates and timestamps; `now` and
    /// `allballs`, which is midnight UTC, as times.
    func specialTime(_ text: String, as type: DataType, _ reading: LiteralReading) -> Datum? {
        let word = text.lowercased().drop { $0 == " " }
        let day: Int64 = 86_400_000_000
        let zone = reading.style.zone
        let now = zone?.local(fromUTC: reading.transactionTime) ?? reading.transactionTime
        let midnight = floorDivide(now, day) * day
        if type == .time || type == .timeTZ {
            guard word == "now" || word == "allballs" else { return nil }
            let time = word == "now" ? now - midnight : 0
            if type == .time { return .int64(time) }
            let offset = word == "now" ? (now - reading.transactionTime) / 1_000_000 : 0
            return .int64(ZonedTime(microseconds: time, offset: Int(offset)).packed)
        }
        let time: Int64
        switch word {
        case "now": time = now
        case "today": time = midnight
        case "tomorrow": time = midnight + day
        case "yesterday": time = midnight - day
        case "epoch": return .int64(type == .date ? -10_957 : -10_957 * day)
        default: return nil
        }
        if type == .timestampTZ {
            return .int64(
                word == "now" ? reading.transactionTime : zone?.utc(fromLocal: time) ?? time
            )
        }
        return .int64(type == .date ? floorDivide(time, day) : time)
    }
}
