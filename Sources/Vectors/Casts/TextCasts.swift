package import SQLTypes

// Text to text, text to values, values to text.

/// Fits text to the length of a CHAR or VARCHAR; CHAR loses its trailing blanks.
///
/// - Errors: 22001; 22021 where an explicit cast to CHAR leaves a character of several bytes. What
///   is stored is tested by who stores it, and what is only compared need not fit.
func castText(
    _ vector: Vector,
    to: DataType,
    isExplicit: Bool,
    count: Int
) throws(SQLError) -> Vector {
    let fitted = try fittedText(vector, to: to, isExplicit: isExplicit, count: count)
    if case .char = to, isExplicit { try requireSingleByteText(fitted, count: count) }
    return fitted
}

private func fittedText(
    _ vector: Vector,
    to: DataType,
    isExplicit: Bool,
    count: Int
) throws(SQLError) -> Vector {
    let limit: Int
    var dropsBlanks = false
    switch to {
    case .varchar(let length): limit = length
    case .char(let length): (limit, dropsBlanks) = (length, true)
    default: return vector
    }
    if let dictionary = vector.dictionary, dictionary.count <= count {
        // Nothing to do for any entry: the common case of columns passing through.
        let views = dictionary.entries(as: StringView.self)
        let isPlain = (0..<dictionary.count).allSatisfy { isFit(views[$0], limit, dropsBlanks) }
        if isPlain { return vector }
    }
    let source = vector.flattened()
    let views = source.entries(as: StringView.self)
    defer { withExtendedLifetime(source) {} }
    var isPlain = true
    for row in 0..<count where !isFit(views[row], limit, dropsBlanks) {
        isPlain = isPlain && source.isNull(row)
    }
    if isPlain { return vector }
    let buffer = Buffer(byteCount: max(1, count) * 16)
    let target = buffer.pointer.assumingMemoryBound(to: StringView.self)
    for row in 0..<count {
        var view = views[row]
        if dropsBlanks { view = view.trimmed }
        if view.count > limit && !source.isNull(row) {
            if !isExplicit && view.trimmedCount > limit { throw valueTooLong(to) }
            view = view.prefix(characterBoundary(view, limit))
            if dropsBlanks { view = view.trimmed }
        }
        target[row] = view
    }
    return Vector(
        physical: .string,
        form: .flat,
        count: count,
        data: buffer.pointer,
        validity: source.validity,
        owners: source.owners + [buffer]
    )
}

private func isFit(_ view: StringView, _ limit: Int, _ dropsBlanks: Bool) -> Bool {
    view.count <= limit && (!dropsBlanks || view.trimmedCount == view.count)
}

/// The longest prefix of at most `limit` bytes that does not cut a character in two.
private func characterBoundary(_ view: StringView, _ limit: Int) -> Int {
    view.withBytes { bytes in
        var end = limit
        while end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

/// The error for text that its column cannot hold: 22001.
package func valueTooLong(_ type: DataType) -> SQLError {
    SQLError(.stringDataRightTruncation, "value too long for type \(type)")
}

func printColumn(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    isExplicit: Bool,
    style: ValueStyle,
    count: Int
) throws(SQLError) -> Vector {
    let builder = VectorBuilder(physical: .string, capacity: count)
    var text: [UInt8] = []
    for row in 0..<count {
        if vector.isNull(row) {
            builder.appendNull()
            continue
        }
        text.removeAll(keepingCapacity: true)
        appendText(vector, row, from, style, to: &text)
        text.withUnsafeBufferPointer { builder.appendString($0) }
    }
    return try castText(builder.finish(), to: to, isExplicit: isExplicit, count: count)
}

func parseColumn(
    _ vector: Vector,
    to: DataType,
    isExplicit: Bool,
    style: ValueStyle,
    count: Int
) throws(SQLError) -> Vector {
    let builder = VectorBuilder(physical: to.physical, capacity: count)
    let parser = ValueParser(style: style)
    for row in 0..<count {
        if vector.isNull(row) {
            builder.appendNull()
            continue
        }
        var failure: SQLError?
        vector.stringView(row).withBytes { bytes in
            failure = appendParsed(bytes, to, parser, to: builder)
        }
        if let failure { throw failure }
    }
    return builder.finish()
}

/// Parses a literal as a value of `type`, as a session with these settings reads it.
///
/// - Throws: 22P02, 22007, 22008, 22003 with PostgreSQL's words.
package func parseDatum(
    _ text: String,
    type: DataType,
    style: ValueStyle = .standard
) throws(SQLError) -> Datum {
    let builder = VectorBuilder(physical: type.physical, capacity: 1)
    let bytes = Array(text.utf8)
    if type.isString {
        let constant = Vector.constant(.string(bytes), physical: .string, count: 1)
        return try castText(constant, to: type, isExplicit: true, count: 1).datum(0)
    }
    var failure: SQLError?
    let parser = ValueParser(style: style)
    bytes.withUnsafeBufferPointer { failure = appendParsed($0, type, parser, to: builder) }
    if let failure { throw failure }
    return builder.finish().datum(0)
}

/// Appends the value of a text, or returns what is wrong with it.
private func appendParsed(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ type: DataType,
    _ parser: ValueParser,
    to builder: VectorBuilder
) -> SQLError? {
    switch type {
    case .smallint, .integer, .bigint:
        switch parser.parseInt64(bytes) {
        case .value(let value):
            guard let limits = type.integerLimits, limits.contains(value) else {
                return textOutOfRange(bytes, type)
            }
            builder.appendInt64(value)
        case .invalid: return invalidText(bytes, type)
        case .outOfRange: return textOutOfRange(bytes, type)
        }
    case .decimal(_, let scale):
        switch parser.parseDecimal(bytes, scale: scale, truncates: false) {
        case .value(let value):
            if !exactLimits(type).contains(value) { return textOutOfRange(bytes, type) }
            builder.append(.int128(value))
        case .invalid: return invalidText(bytes, type)
        case .outOfRange: return textOutOfRange(bytes, type)
        }
    case .real, .doublePrecision:
        switch parser.parseDouble(bytes) {
        case .value(let value):
            let rounded = type == .real ? Double(Float(value)) : value
            if rounded.isInfinite && value.isFinite || rounded == 0 && value != 0 {
                return textOutOfRange(bytes, type)
            }
            builder.appendDouble(rounded)
        case .invalid: return invalidText(bytes, type)
        case .outOfRange: return textOutOfRange(bytes, type)
        }
    case .boolean:
        guard let value = parser.parseBool(bytes).value else { return invalidText(bytes, type) }
        builder.appendBool(value)
    case .date: return append(parser.parseDate(bytes), bytes, type, to: builder)
    case .time: return append(parser.parseTime(bytes), bytes, type, to: builder)
    case .timeTZ: return append(parser.parseTimeTZ(bytes), bytes, type, to: builder)
    case .timestamp: return append(parser.parseTimestamp(bytes), bytes, type, to: builder)
    case .timestampTZ: return append(parser.parseTimestampTZ(bytes), bytes, type, to: builder)
    case .interval:
        let text = String(decoding: bytes, as: UTF8.self)
        guard let parts = parser.parseInterval(text) else { return invalidText(bytes, type) }
        builder.appendInt128(parts.packed)
    case .char, .varchar, .unknown: builder.appendString(bytes)
    case .varbyte(let length):
        if bytes.count > length { return valueTooLong(type) }
        hexadecimal(bytes).withUnsafeBufferPointer { builder.appendString($0) }
    }
    return nil
}

private func append(
    _ result: ParseResult<Int64>,
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ type: DataType,
    to builder: VectorBuilder
) -> SQLError? {
    switch result {
    case .value(let value): builder.appendInt64(value)
    case .invalid: return invalidText(bytes, type)
    case .outOfRange: return textOutOfRange(bytes, type)
    }
    return nil
}

/// The error for text of another form: 22P02, or 22007 for dates and times.
private func invalidText(_ bytes: UnsafeBufferPointer<UInt8>, _ type: DataType) -> SQLError {
    let text = String(decoding: bytes, as: UTF8.self)
    switch type {
    case .smallint, .integer, .bigint:
        return SQLError(
            .invalidTextRepresentation,
            "invalid input syntax for integer: \"\(text)\""
        )
    case .date, .time, .timeTZ, .timestamp, .timestampTZ, .interval:
        return SQLError(
            .invalidDatetimeFormat,
            "invalid input syntax for type \(type.baseName): \"\(text)\""
        )
    default:
        return SQLError(
            .invalidTextRepresentation,
            "invalid input syntax for type \(type.baseName): \"\(text)\""
        )
    }
}

/// The error for text of the right form whose value does not fit: 22003, or 22008.
private func textOutOfRange(_ bytes: UnsafeBufferPointer<UInt8>, _ type: DataType) -> SQLError {
    let text = String(decoding: bytes, as: UTF8.self)
    switch type {
    case .date, .timestamp, .timestampTZ:
        return SQLError(
            .datetimeFieldOverflow,
            "date/time field date value out of range: \(text)"
        )
    case .time, .timeTZ:
        return SQLError(
            .datetimeFieldOverflow,
            "date/time field time value out of range: \(text)"
        )
    case .smallint, .integer, .bigint:
        return SQLError(.numericValueOutOfRange, "\(type) out of range")
    case .decimal: return SQLError(.numericValueOutOfRange, "numeric field overflow")
    default:
        return SQLError(
            .numericValueOutOfRange,
            "\"\(text)\" is out of range for type \(type.baseName)"
        )
    }
}
