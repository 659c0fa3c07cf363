import SQLTypes
import Vectors

/// Turns the fields of one column of a row table into a vector.
///
/// The kind of column is decided once per chunk; each loop below is specialised for one kind.
/// Rows that are already bad are skipped; fields that cannot be converted are handed to `reject`.
struct ColumnConversion {
    let column: LoadColumn
    let index: Int
    let options: CopyOptions
    private let parser: ValueParser
    private let nullCount: Int
    private let pattern: TimePattern?
    private let powers: [Int64] = (0...18).map { DataType.powerOfTen64($0) }

    init(column: LoadColumn, index: Int, options: CopyOptions) {
        self.column = column
        self.index = index
        self.options = options
        parser = ValueParser(style: options.style)
        nullCount = options.nullText.count
        let style = column.type == .date ? options.dateStyle : options.timeStyle
        if case .pattern(let text) = style { pattern = TimePattern(text) } else { pattern = nil }
    }

    /// The column of `rows` rows; `reject` is told row and failure of each bad field.
    func convert(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        rows: Int,
        reject: (Int, FieldFailure) -> Void
    ) -> Vector {
        switch column.type {
        case .smallint, .integer, .bigint:
            let limits = column.type.integerLimits ?? Int64.min...Int64.max
            return fixed(base, table, rows, .int64, Int64(0), reject) { bytes, count, slot in
                if let value = plainInteger(bytes, count), limits.contains(value) {
                    slot.pointee = value
                    return .stored
                }
                let field = UnsafeBufferPointer(start: bytes, count: count)
                guard case .value(let value) = parser.parseInt64(field), limits.contains(value)
                else { return .bad }
                slot.pointee = value
                return .stored
            }
        case .decimal(let precision, let scale):
            return decimals(base, table, rows, precision, scale, reject)
        case .real, .doublePrecision:
            let isReal = column.type == .real
            return fixed(base, table, rows, .float64, 0.0, reject) { bytes, count, slot in
                let field = UnsafeBufferPointer(start: bytes, count: count)
                guard case .value(let value) = parser.parseDouble(field) else { return .bad }
                guard isReal else {
                    slot.pointee = value
                    return .stored
                }
                let narrow = Float(value)
                slot.pointee = Double(narrow)
                let isLost = narrow == 0 ? value != 0 : value.isFinite && !narrow.isFinite
                return isLost ? .bad : .stored
            }
        case .boolean:
            return fixed(base, table, rows, .bool, UInt8(0), reject) { bytes, count, slot in
                let field = UnsafeBufferPointer(start: bytes, count: count)
                guard case .value(let value) = parser.parseBool(field) else { return .bad }
                slot.pointee = value ? 1 : 0
                return .stored
            }
        case .varbyte(let limit):
            return bytes(base, table, rows, limit, reject)
        case .date, .time, .timeTZ, .timestamp, .timestampTZ:
            return times(base, table, rows, reject)
        default:
            return texts(base, table, rows, reject)
        }
    }

    // MARK: The loop

    /// Calls `store` for each field that is neither NULL nor empty; empty ones are NULL.
    @inline(__always)
    private func fixed<Element: BitwiseCopyable>(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        _ rows: Int,
        _ physical: PhysicalType,
        _ zero: Element,
        _ reject: (Int, FieldFailure) -> Void,
        _ store: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<Element>) -> FieldOutcome
    ) -> Vector {
        let buffer = Buffer(byteCount: max(1, rows) * physical.stride)
        let slots = buffer.pointer.bindMemory(to: Element.self, capacity: max(1, rows))
        let starts = table.starts + index * chunkRowCountMax
        let lengths = table.lengths + index * chunkRowCountMax
        var validity: [UInt64]?
        for row in 0..<rows {
            if table.isBad[row] != 0 {
                slots[row] = zero
                continue
            }
            let bytes = UnsafePointer(base + Int(starts[row]))
            let length = lengths[row]
            var outcome = FieldOutcome.null
            if !isNull(bytes, length) {
                let count = Int(length & ~RowTable.quotedFlag)
                if count > 0 { outcome = store(bytes, count, slots + row) }
            }
            if outcome == .stored { continue }
            slots[row] = zero
            finish(outcome, row, bytes, length, table, rows, &validity, reject)
        }
        return Vector(
            physical: physical,
            form: .flat,
            count: rows,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }

    /// Whether a field is the NULL text, or not there at all.
    @inline(__always)
    private func isNull(_ bytes: UnsafePointer<UInt8>, _ length: UInt32) -> Bool {
        if length >= RowTable.null { return true }
        guard Int(length) == nullCount else { return false }
        return isNullText(bytes)
    }

    @inline(never)
    private func isNullText(_ bytes: UnsafePointer<UInt8>) -> Bool {
        UnsafeBufferPointer(start: bytes, count: nullCount).elementsEqual(options.nullText)
    }

    /// Marks a NULL or rejects the row.
    @inline(never)
    private func finish(
        _ outcome: FieldOutcome,
        _ row: Int,
        _ bytes: UnsafePointer<UInt8>,
        _ length: UInt32,
        _ table: RowTable,
        _ rows: Int,
        _ validity: inout [UInt64]?,
        _ reject: (Int, FieldFailure) -> Void
    ) {
        let isDateTime = column.type.isDateTime
        if outcome == .bad && !(options.acceptsAnyDate && isDateTime) {
            let count = Int(length & ~RowTable.quotedFlag)
            let field = UnsafeBufferPointer(start: bytes, count: count)
            reject(row, failure(of: field, for: column, options: options))
            return
        }
        if column.isNotNull {
            reject(row, missingData)
            return
        }
        var words = validity ?? Vector.allValid(rows)
        validity = nil
        words[row >> 6] &= ~(1 << UInt64(row & 63))
        validity = words
    }

    // MARK: Kinds

    private func decimals(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        _ rows: Int,
        _ precision: Int,
        _ scale: Int,
        _ reject: (Int, FieldFailure) -> Void
    ) -> Vector {
        let truncates = !options.roundsDecimals
        if let limits = column.type.integerLimits {
            return powers.withUnsafeBufferPointer { table10 in
                fixed(base, table, rows, .int64, Int64(0), reject) { bytes, count, slot in
                    if scale <= 18, let powers = table10.baseAddress,
                        let value = plainDecimal(bytes, count, scale: scale, powers: powers),
                        limits.contains(value)
                    {
                        slot.pointee = value
                        return .stored
                    }
                    let field = UnsafeBufferPointer(start: bytes, count: count)
                    guard
                        case .value(let wide) = parser.parseDecimal(
                            field,
                            scale: scale,
                            truncates: truncates
                        ), let value = Int64(exactly: wide), limits.contains(value)
                    else { return .bad }
                    slot.pointee = value
                    return .stored
                }
            }
        }
        let limit = DataType.powerOfTen128(precision)
        return fixed(base, table, rows, .int128, Int128(0), reject) { bytes, count, slot in
            let field = UnsafeBufferPointer(start: bytes, count: count)
            guard
                case .value(let value) = parser.parseDecimal(
                    field,
                    scale: scale,
                    truncates: truncates
                ), value < limit, value > -limit
            else { return .bad }
            slot.pointee = value
            return .stored
        }
    }

    private func times(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        _ rows: Int,
        _ reject: (Int, FieldFailure) -> Void
    ) -> Vector {
        let style = column.type == .date ? options.dateStyle : options.timeStyle
        if case .standard = style, column.type == .date {
            return fixed(base, table, rows, .int64, Int64(0), reject) { bytes, count, slot in
                guard count == 10, let day = plainDate(bytes) else {
                    return standardDate(bytes, count, slot)
                }
                slot.pointee = day
                return .stored
            }
        }
        let type = column.type
        return fixed(base, table, rows, .int64, Int64(0), reject) { bytes, count, slot in
            let field = UnsafeBufferPointer(start: bytes, count: count)
            guard let value = time(field, type, style) else { return .bad }
            slot.pointee = value
            return .stored
        }
    }

    /// A standard date with blanks around it, or a time behind it, which is ignored.
    @inline(never)
    private func standardDate(
        _ bytes: UnsafePointer<UInt8>,
        _ count: Int,
        _ slot: UnsafeMutablePointer<Int64>
    ) -> FieldOutcome {
        var (start, end) = (0, count)
        while start < end && bytes[start] == 32 { start += 1 }
        while end > start && bytes[end - 1] == 32 { end -= 1 }
        if end - start == 10 {
            guard let day = plainDate(bytes + start) else { return .bad }
            slot.pointee = day
            return .stored
        }
        guard end - start > 10, isSeparator(bytes[start + 10]), plainDate(bytes + start) != nil,
            let moment = parser.parseTimestamp(
                UnsafeBufferPointer(start: bytes + start, count: end - start)
            ).value
        else { return .bad }
        slot.pointee = Calendar.split(moment).day
        return .stored
    }

    private func isSeparator(_ byte: UInt8) -> Bool { byte == 32 || byte == UInt8(ascii: "T") }

    private func time(
        _ field: UnsafeBufferPointer<UInt8>,
        _ type: DataType,
        _ style: CopyOptions.TimeStyle
    ) -> Int64? {
        switch style {
        case .standard: return standardTime(field, type)
        case .automatic:
            switch type {
            case .date: return parser.parseDate(field).value
            case .time: return parser.parseTime(field).value
            case .timeTZ: return parser.parseTimeTZ(field).value
            case .timestampTZ: return parser.parseTimestampTZ(field).value
            default: return parser.parseTimestamp(field).value
            }
        case .pattern:
            guard let (value, hasOffset) = pattern?.microseconds(field) else { return nil }
            switch type {
            case .date: return Calendar.split(value).day
            case .time: return Calendar.split(value).microseconds
            case .timeTZ:
                let time = Calendar.split(value).microseconds
                return hasOffset
                    ? ZonedTime(microseconds: time, offset: 0).packed : parser.zoned(time)
            case .timestampTZ: return hasOffset ? value : moment(value, type)
            default: return value
            }
        case .epochSeconds, .epochMilliseconds:
            let digits = style == .epochSeconds ? 6 : 3
            guard
                case .value(let wide) = parser.parseDecimal(field, scale: digits, truncates: true),
                let value = Int64(exactly: wide)
            else { return nil }
            let epoch = Calendar.daysFrom1970 * Calendar.microsecondsPerDay
            let (result, overflow) = value.subtractingReportingOverflow(epoch)
            guard !overflow, Calendar.microsecondRange.contains(result) else { return nil }
            let time = Calendar.split(result).microseconds
            return switch type {
            case .time: time
            case .timeTZ: ZonedTime(microseconds: time, offset: 0).packed
            default: result
            }
        }
    }

    /// `YYYY-MM-DD`, a blank or T, `HH:MI:SS` with a fraction; an offset for TIMESTAMPTZ.
    private func standardTime(_ field: UnsafeBufferPointer<UInt8>, _ type: DataType) -> Int64? {
        guard let bytes = field.baseAddress else { return nil }
        if type == .time {
            return plainTime(bytes, field.count) ?? parser.parseTime(field).value
        }
        if type == .timeTZ { return parser.parseTimeTZ(field).value }
        guard field.count >= 10, let day = plainDate(bytes) else { return nil }
        let midnight = day * Calendar.microsecondsPerDay
        if field.count == 10 { return moment(midnight, type) }
        guard isSeparator(bytes[10]) else { return nil }
        if let time = plainTime(bytes + 11, field.count - 11) {
            return moment(midnight + time, type)
        }
        return type == .timestampTZ ? parser.parseTimestampTZ(field).value : nil
    }

    /// A time without an offset as a value of the type: a TIMESTAMPTZ is on the session's clock.
    @inline(__always)
    private func moment(_ time: Int64, _ type: DataType) -> Int64? {
        guard let zone = parser.zone, type == .timestampTZ else { return time }
        let moment = zone.utc(fromLocal: time)
        return Calendar.microsecondRange.contains(moment) ? moment : nil
    }

    // MARK: Bytes

    /// VARBYTE from hexadecimal digits of either case, two for each byte of the limit.
    private func bytes(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        _ rows: Int,
        _ limit: Int,
        _ reject: (Int, FieldFailure) -> Void
    ) -> Vector {
        let lengths = table.lengths + index * chunkRowCountMax
        var byteCount = 1
        for row in 0..<rows where table.isBad[row] == 0 && lengths[row] < RowTable.null {
            byteCount += Int(lengths[row] & ~RowTable.quotedFlag)
        }
        let arena = Buffer(byteCount: byteCount)
        var free = arena.pointer.bindMemory(to: UInt8.self, capacity: byteCount)
        let vector = fixed(base, table, rows, .string, StringView.empty, reject) {
            bytes,
            count,
            slot in
            guard count <= limit * 2, count.isMultiple(of: 2) else { return .bad }
            for index in 0..<count {
                guard let digit = hexadecimalDigit(bytes[index]) else { return .bad }
                free[index] = digit
            }
            slot.pointee = StringView(free, count: count)
            free += count
            return .stored
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: rows,
            data: vector.data,
            validity: vector.validity,
            owners: vector.owners + [arena]
        )
    }

    // MARK: Text

    private func texts(
        _ base: UnsafeMutablePointer<UInt8>,
        _ table: RowTable,
        _ rows: Int,
        _ reject: (Int, FieldFailure) -> Void
    ) -> Vector {
        let starts = table.starts + index * chunkRowCountMax
        let lengths = table.lengths + index * chunkRowCountMax
        let (limit, isChar) = textLimit
        // One arena for all long texts: no field keeps more bytes than it has.
        var longByteCount = 0
        for row in 0..<rows where table.isBad[row] == 0 && lengths[row] < RowTable.null {
            let count = Int(lengths[row] & ~RowTable.quotedFlag)
            if count > StringView.inlineByteCount { longByteCount += count }
        }
        let arena = Buffer(byteCount: max(1, longByteCount))
        var free = arena.pointer.bindMemory(to: UInt8.self, capacity: max(1, longByteCount))
        let buffer = Buffer(byteCount: max(1, rows) * MemoryLayout<StringView>.stride)
        let slots = buffer.pointer.bindMemory(to: StringView.self, capacity: max(1, rows))
        var validity: [UInt64]?
        let isPlain =
            !isChar && !options.trimsBlanks && !options.blanksAreNull && !options.emptyIsNull
        for row in 0..<rows {
            slots[row] = .empty
            if table.isBad[row] != 0 { continue }
            let bytes = base + Int(starts[row])
            let length = lengths[row]
            var outcome = FieldOutcome.null
            var count = Int(length & ~RowTable.quotedFlag)
            if length == RowTable.missing {
                outcome = options.emptyIsNull ? .null : .stored
                count = 0
            } else if !isNull(bytes, length) {
                if isPlain && count <= limit && isPlainText(bytes, count) {
                    outcome = .stored
                } else {
                    outcome = prepare(bytes, &count, limit, isChar)
                }
            }
            if outcome == .stored {
                if count <= StringView.inlineByteCount {
                    slots[row] = inlineView(bytes, count)
                } else {
                    free.update(from: bytes, count: count)
                    slots[row] = StringView(free, count: count)
                    free += count
                }
            } else {
                finish(outcome, row, bytes, length, table, rows, &validity, reject)
            }
        }
        return Vector(
            physical: .string,
            form: .flat,
            count: rows,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer, arena]
        )
    }

    private var textLimit: (limit: Int, isChar: Bool) {
        switch column.type {
        case .char(let length): (length, true)
        case .varchar(let length): (length, false)
        default: (DataType.varcharMaxLength, false)
        }
    }

    /// Applies the options to a text.
    ///
    /// `count` becomes what is kept of it. Bytes that are not UTF-8 are replaced in place where
    /// the options allow it.
    @inline(never)
    private func prepare(
        _ bytes: UnsafeMutablePointer<UInt8>,
        _ count: inout Int,
        _ limit: Int,
        _ isChar: Bool
    ) -> FieldOutcome {
        let whole = count
        if options.emptyIsNull && count == 0 { return .null }
        if options.blanksAreNull && count > 0,
            UnsafeBufferPointer(start: bytes, count: count).allSatisfy({ $0 == 32 })
        {
            return .null
        }
        if isChar || options.trimsBlanks {
            while count > 0 && bytes[count - 1] == 32 { count -= 1 }
        }
        let field = UnsafeBufferPointer(start: bytes, count: count)
        if !isPlainText(bytes, count) {
            if isChar { return rejected(&count, whole) }
            if field.contains(0) { return rejected(&count, whole) }
            var from = 0
            while let bad = invalidUTF8(field, from: from) {
                guard let replacement = options.invalidByteReplacement else {
                    return rejected(&count, whole)
                }
                for index in 0..<bad.length { bytes[bad.offset + index] = replacement }
                from = bad.offset + bad.length
            }
        }
        if count > limit && field[limit...].allSatisfy({ $0 == 32 }) { count = limit }
        if count > limit {
            guard options.truncatesColumns else { return rejected(&count, whole) }
            count = wholeCharacters(field, limit: limit)
        }
        return .stored
    }

    private func rejected(_ count: inout Int, _ whole: Int) -> FieldOutcome {
        count = whole
        return .bad
    }
}
