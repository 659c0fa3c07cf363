package import SQLTypes

// VARBYTE from and to text. A VARBYTE lies as lower-case hexadecimal text, two digits a byte.

/// The value of each hexadecimal digit; 255 for other bytes.
private let digitValues: [UInt8] = (0...255).map { byte in
    switch UInt8(byte) {
    case 48...57: UInt8(byte - 48)
    case 65...70: UInt8(byte - 55)
    case 97...102: UInt8(byte - 87)
    default: 255
    }
}

private let digits = Array("0123456789abcdef".utf8)

/// Bytes as a VARBYTE keeps them.
package func hexadecimal(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return text
}

/// A hexadecimal digit in lower case; nil for any other byte.
@inlinable
package func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    if byte &- 48 < 10 { return byte }
    let lower = byte | 0x20
    return lower &- 97 < 6 ? lower : nil
}

/// The bytes that hexadecimal digits of either case spell; nil for anything else.
package func decodeHexadecimal(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for index in stride(from: 0, to: text.count, by: 2) {
        let high = digitValues[Int(text[index])]
        let low = digitValues[Int(text[index + 1])]
        if high == 255 || low == 255 { return nil }
        bytes.append(high << 4 | low)
    }
    return bytes
}

/// Casts to or from VARBYTE.
///
/// Text becomes its UTF-8 bytes and comes back where they are UTF-8 (22021 where not). What is too
/// long is cut by CAST and refused otherwise (22001).
func castBytes(
    _ vector: Vector,
    from: DataType,
    to: DataType,
    isExplicit: Bool,
    count: Int
) throws(SQLError) -> Vector {
    if case .varbyte(let old) = from, case .varbyte(let new) = to, old <= new { return vector }
    guard from.isBytes || from.isString, to.isBytes || to.isString else {
        throw cannotCast(from, to)
    }
    let builder = VectorBuilder(physical: .string, capacity: count)
    for row in 0..<count {
        if vector.isNull(row) {
            builder.appendNull()
            continue
        }
        var failure: SQLError?
        vector.stringView(row).withBytes { source in
            if case .varbyte(let length) = to {
                let width = from.isBytes ? 2 : 1
                if !isExplicit && source.count > length * width { failure = valueTooLong(to) }
                let kept = UnsafeBufferPointer(rebasing: source.prefix(length * width))
                if from.isBytes {
                    builder.appendString(kept)
                } else {
                    hexadecimal(kept).withUnsafeBufferPointer { builder.appendString($0) }
                }
            } else {
                failure = appendDecoded(source, to: builder)
            }
        }
        if let failure { throw failure }
    }
    let result = builder.finish()
    return to.isBytes
        ? result : try castText(result, to: to, isExplicit: isExplicit, count: count)
}

/// Appends the text that the bytes of a VARBYTE are in UTF-8, or says that they are none.
private func appendDecoded(
    _ source: UnsafeBufferPointer<UInt8>,
    to builder: VectorBuilder
) -> SQLError? {
    let decoded = decodeHexadecimal(source) ?? []
    guard String(validating: decoded, as: UTF8.self) != nil else { return notText() }
    decoded.withUnsafeBufferPointer { builder.appendString($0) }
    return nil
}

/// The error for bytes that are no UTF-8 text: 22021.
package func notText() -> SQLError {
    SQLError(
        .characterNotInRepertoire,
        "invalid byte sequence for encoding \"UTF8\" in VARBYTE value"
    )
}
