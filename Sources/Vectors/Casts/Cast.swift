package import SQLTypes

/// Converts a column from one type to another; NULL stays NULL.
///
/// `isExplicit` is true for CAST, which cuts long text and drops decimal digits past the scale;
/// false for an assignment, which rounds half away from zero and refuses long text unless only
/// blanks are lost. To integers both round. `style` holds the settings that the text of dates and
/// floats and the clock of TIMESTAMPTZ depend on.
///
/// - Throws: 42846 where there is no such conversion, 22003 out of range, 22P02 and 22007 for
///   text of another form, 22008 for a date or time out of range, 22001 for text too long.
package func cast(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    isExplicit: Bool,
    style: ValueStyle = .standard,
    count: Int
) throws(SQLError) -> Vector {
    if vector.isNullConstant { return .nulls(physical: to.physical, count: count) }
    if from == to { return vector }
    if vector.isConstant && count != 1 {
        let one = try cast(
            vector.repeated(count: 1),
            from: from,
            to: to,
            isExplicit: isExplicit,
            style: style,
            count: 1
        )
        return .constant(one.datum(0), physical: one.physical, count: count)
    }
    switch (from, to) {
    case (let a, let b) where a.isNumeric && b.isNumeric:
        let cuts = isExplicit && !style.roundsDecimals
        return try castNumeric(vector, from: a, to: b, isExplicit: cuts, count: count)
    case (.boolean, let b) where b.isInteger: return vector.widened(to: .int64)
    case (let a, .boolean) where a.isInteger:
        let zero = Vector.constant(.int64(0), physical: .int64, count: count)
        return compare(.notEqual, vector, zero, count: count)
    case (_, .varbyte), (.varbyte, _):
        return try castBytes(vector, from: from, to: to, isExplicit: isExplicit, count: count)
    case (let a, let b) where a.isString && b.isString:
        return try castText(vector, to: b, isExplicit: isExplicit, count: count)
    case (let a, _) where a.isString:
        return try parseColumn(
            vector,
            to: to,
            isExplicit: isExplicit,
            style: style,
            count: count
        )
    case (_, let b) where b.isString && from != .boolean:
        return try printColumn(
            vector,
            from: from,
            to: b,
            isExplicit: isExplicit,
            style: style,
            count: count
        )
    default:
        if let zone = style.zone {
            let zoned = ZonedCast(zone: zone, today: style.today, count: count)
            if let result = try zoned.cast(vector, from: from, to: to) { return result }
        }
        return try castDateTime(vector, from: from, to: to, count: count)
    }
}

/// The error for a pair of types without conversion.
package func cannotCast(_ from: DataType, _ to: DataType) -> SQLError {
    SQLError(.cannotCoerce, "cannot cast type \(from.baseName) to \(to.baseName)")
}

func castDateTime(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    count: Int
) throws(SQLError) -> Vector {
    switch (from, to) {
    case (.date, .timestamp), (.date, .timestampTZ):
        let day = Vector.constant(
            .int64(Calendar.microsecondsPerDay),
            physical: .int64,
            count: count
        )
        return try arithmetic(
            .multiply,
            vector,
            day,
            leftType: .bigint,
            rightType: .bigint,
            resultType: .bigint,
            count: count
        )
    case (.timestamp, .timestampTZ), (.timestampTZ, .timestamp): return vector
    case (.timestamp, .date), (.timestampTZ, .date):
        return mapIntegers(vector, count: count) { Calendar.split($0).day }
    case (.timestamp, .time), (.timestampTZ, .time):
        return mapIntegers(vector, count: count) { Calendar.split($0).microseconds }
    case (.time, .timeTZ):
        return mapIntegers(vector, count: count) {
            ZonedTime(microseconds: $0, offset: 0).packed
        }
    case (.timestampTZ, .timeTZ):
        return mapIntegers(vector, count: count) {
            ZonedTime(microseconds: Calendar.split($0).microseconds, offset: 0).packed
        }
    case (.timeTZ, .time):
        return mapIntegers(vector, count: count) { ZonedTime(packed: $0).microseconds }
    case (.time, .interval), (.interval, .time):
        let builder = VectorBuilder(physical: to.physical, capacity: count)
        for row in 0..<count {
            if vector.isNull(row) {
                builder.appendNull()
            } else if to == .time {
                let parts = IntervalParts(packed: vector.int128Value(row))
                builder.appendInt64(Calendar.split(parts.microseconds).microseconds)
            } else {
                let parts = IntervalParts(months: 0, microseconds: vector.int64Value(row))
                builder.appendInt128(parts.packed)
            }
        }
        return builder.finish()
    default: throw cannotCast(from, to)
    }
}

/// Applies `body` to the entries of an int64 vector; entries of NULL rows hold anything.
func mapIntegers(_ vector: Vector, count: Int, _ body: (Int64) -> Int64) -> Vector {
    let source = vector.flattened()
    let buffer = Buffer(byteCount: max(1, count) * 8)
    let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
    withExtendedLifetime(source) {
        let values = source.entries(as: Int64.self)
        for row in 0..<count { target[row] = body(values[row]) }
    }
    return Vector(
        physical: .int64,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: source.validity,
        owners: [buffer]
    )
}
