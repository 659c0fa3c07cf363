import SQLTypes
import Vectors

/// TO_VARBYTE, FROM_VARBYTE, TO_HEX, FROM_HEX, GETBIT, and LEN, OCTET_LENGTH, SUBSTRING, REVERSE
/// and `||` of VARBYTE.
///
/// Lengths and positions count bytes. Formats are `hex`, `hexadecimal`, `base64`, `utf8` and
/// `utf-8`, in any case; another one is 22023, text that is not of its format 22P02. GETBIT counts
/// bits from the right from 0, and a bit that is not there is 22023.
enum ByteFunctions {
    static let all: [ScalarFunction] =
        ScalarFunction.strict(
            names: ["len", "length", "octet_length", "char_length", "character_length"],
            [anyBytes],
            .integer
        ) { (call) in
            let texts = call.texts(0)
            return call.makeIntegers { Int64(texts[$0].count / 2) }
        }
        + ScalarFunction.strict(
            names: ["substring", "substr"],
            [anyBytes, .bigint],
            { $0[0] }
        ) { (call) throws(SQLError) in try window(call, hasLength: false) }
        + ScalarFunction.strict(
            names: ["substring", "substr"],
            [anyBytes, .bigint, .bigint],
            { $0[0] },
            canFail: true
        ) { (call) throws(SQLError) in try window(call, hasLength: true) }
        + ScalarFunction.strict(
            names: ["concat", "||"],
            [anyBytes, anyBytes],
            { .varbyte(min(DataType.varbyteMaxLength, byteLimit($0[0]) + byteLimit($0[1]))) },
            canFail: true,
            concatenate
        ) + [
            .strict("reverse", [anyBytes], { $0[0] }) { (call) throws(SQLError) in
                try decoded(call) { bytes, _ in Array(bytes.reversed()) }
            },
            .strict("to_varbyte", [anyText, anyText], anyBytes, canFail: true, toVarbyte),
            .strict("from_varbyte", [anyBytes, anyText], anyText, canFail: true, fromVarbyte),
            .strict("to_hex", [anyBytes], anyText, canFail: true) { (call) throws(SQLError) in
                let texts = call.texts(0)
                return try call.makeTexts { (writer, row) in
                    texts[row].withBytes { writer.copy($0, to: row) }
                }
            },
            .strict("from_hex", [anyText], anyBytes, canFail: true) { (call) throws(SQLError) in
                let texts = call.texts(0)
                return try call.makeBytes { (writer, row) throws(SQLError) in
                    try appendBytes(of: texts[row], format: .hexadecimal, to: &writer.scratch)
                    writer.copyScratch(to: row)
                }
            },
            .strict("getbit", [anyBytes, .bigint], .smallint, canFail: true, bit),
        ]
}

/// Any VARBYTE, as a parameter.
private let anyBytes = DataType.varbyte(DataType.varbyteMaxLength)

private func byteLimit(_ type: DataType) -> Int {
    if case .varbyte(let length) = type { length } else { DataType.varbyteMaxLength }
}

extension Call {
    /// VARBYTE values, one per row, each put into the writer as hexadecimal digits by `body`.
    ///
    /// - Throws: 22001 where a value is longer than the longest VARBYTE.
    fileprivate func makeBytes(
        _ body: (inout TextWriter, Int) throws(SQLError) -> Void
    ) throws(SQLError) -> Vector {
        let limit = DataType.varbyteMaxLength
        var writer = TextWriter(count: count, byteCountMax: limit * 2, type: .varbyte(limit))
        try forEachRow { (row) throws(SQLError) in try body(&writer, row) }
        return try writer.finish(validity: validity, sharing: vectors)
    }
}

/// The bytes of argument 0, changed by `change`.
private func decoded(
    _ call: Call,
    _ change: ([UInt8], Int) -> [UInt8]
) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    return try call.makeBytes { (writer, row) in
        let bytes = texts[row].withBytes { decodeHexadecimal($0) } ?? []
        writer.scratch.append(contentsOf: hexadecimal(change(bytes, row)))
        writer.copyScratch(to: row)
    }
}

private func window(_ call: Call, hasLength: Bool) throws(SQLError) -> Vector {
    let (texts, starts) = (call.texts(0), call.integers(1))
    let lengths = hasLength ? call.integers(2) : starts
    return try call.makeBytes { (writer, row) throws(SQLError) in
        var end = Int64.max
        if hasLength {
            if lengths[row] < 0 {
                throw SQLError(.substringError, "negative substring length not allowed")
            }
            let (sum, overflow) = starts[row].addingReportingOverflow(lengths[row])
            if !overflow { end = sum }
        }
        texts[row].withBytes { bytes in
            let count = Int64(bytes.count / 2)
            let first = min(max(1, starts[row]), count + 1)
            let past = max(first, min(end, count + 1))
            writer.share(part(bytes, Int(first - 1) * 2..<Int(past - 1) * 2), to: row)
        }
    }
}

private func concatenate(_ call: Call) throws(SQLError) -> Vector {
    let (lefts, rights) = (call.texts(0), call.texts(1))
    return try call.makeBytes { (writer, row) in
        lefts[row].withBytes { writer.scratch.append(contentsOf: $0) }
        rights[row].withBytes { writer.scratch.append(contentsOf: $0) }
        writer.copyScratch(to: row)
    }
}

// MARK: Formats

/// How bytes are written as text.
private enum ByteFormat {
    case hexadecimal
    case base64
    case utf8

    init(_ name: String) throws(SQLError) {
        switch name.lowercased() {
        case "hex", "hexadecimal": self = .hexadecimal
        case "base64": self = .base64
        case "utf8", "utf-8": self = .utf8
        default:
            throw SQLError(
                .invalidParameterValue,
                "invalid format \"\(name)\" for VARBYTE",
                hint: "Valid formats are hex, hexadecimal, base64, utf8 and utf-8."
            )
        }
    }
}

private func toVarbyte(_ call: Call) throws(SQLError) -> Vector {
    let (texts, formats) = (call.texts(0), call.texts(1))
    return try call.makeBytes { (writer, row) throws(SQLError) in
        let format = try ByteFormat(formats[row].string)
        try appendBytes(of: texts[row], format: format, to: &writer.scratch)
        writer.copyScratch(to: row)
    }
}

/// Appends the bytes that a text spells, as hexadecimal digits.
private func appendBytes(
    of text: StringView,
    format: ByteFormat,
    to target: inout [UInt8]
) throws(SQLError) {
    let isValid = text.withBytes { source -> Bool in
        switch format {
        case .utf8: target.append(contentsOf: hexadecimal(source))
        case .hexadecimal:
            guard let bytes = decodeHexadecimal(source) else { return false }
            target.append(contentsOf: hexadecimal(bytes))
        case .base64:
            guard let bytes = decodeBase64(source) else { return false }
            target.append(contentsOf: hexadecimal(bytes))
        }
        return true
    }
    guard isValid else {
        let name = format == .base64 ? "base64" : "hexadecimal"
        throw SQLError(
            .invalidTextRepresentation,
            "invalid \(name) text: \"\(text.string)\""
        )
    }
}

private func fromVarbyte(_ call: Call) throws(SQLError) -> Vector {
    let (values, formats) = (call.texts(0), call.texts(1))
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let format = try ByteFormat(formats[row].string)
        let bytes = values[row].withBytes { decodeHexadecimal($0) } ?? []
        switch format {
        case .hexadecimal: writer.scratch.append(contentsOf: hexadecimal(bytes))
        case .base64: writer.scratch.append(contentsOf: base64(bytes))
        case .utf8:
            guard String(validating: bytes, as: UTF8.self) != nil else { throw notText() }
            writer.scratch.append(contentsOf: bytes)
        }
        writer.copyScratch(to: row)
    }
}

private let base64Digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
)

/// Base 64 with padding and without line breaks (RFC 4648 §4).
private func base64(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var word = 0
        for index in 0..<3 {
            word = word << 8 | (index < group.count ? Int(group[start + index]) : 0)
        }
        for index in 0..<4 {
            let isPadding = index > group.count
            text.append(
                isPadding ? UInt8(ascii: "=") : base64Digits[word >> (18 - 6 * index) & 63]
            )
        }
    }
    return text
}

/// The bytes that base 64 digits spell, blanks and line breaks skipped; nil for anything else.
private func decodeBase64(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var word = 0
    var bitCount = 0
    var digitCount = 0
    var paddingCount = 0
    for byte in text where byte != 0x20 && byte != 0x0A && byte != 0x0D {
        if byte == UInt8(ascii: "=") {
            paddingCount += 1
            continue
        }
        guard paddingCount == 0, let digit = base64Digits.firstIndex(of: byte) else { return nil }
        word = (word << 6 | digit) & 0xFFFF
        digitCount += 1
        bitCount += 6
        if bitCount >= 8 {
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: word >> bitCount))
        }
    }
    let isWhole = (digitCount + paddingCount).isMultiple(of: 4) && digitCount % 4 != 1
    return isWhole && paddingCount <= 2 ? bytes : nil
}

// MARK: Bits

private func bit(_ call: Call) throws(SQLError) -> Vector {
    let (values, places) = (call.texts(0), call.integers(1))
    return try call.makeIntegers { (row) throws(SQLError) in
        let place = places[row]
        let bitCount = Int64(values[row].count * 4)
        guard place >= 0, place < bitCount else {
            throw SQLError(
                .invalidParameterValue,
                "bit position \(place) is out of range for a value of \(bitCount) bits"
            )
        }
        return values[row].withBytes { digits in
            let digit = digits[digits.count - 1 - Int(place / 4)]
            let value = digit < 97 ? digit - 48 : digit - 87
            return Int64(value >> UInt8(place % 4) & 1)
        }
    }
}
