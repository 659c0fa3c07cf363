import SQLTypes
import Vectors

/// LEN and its synonyms, OCTET_LENGTH, BIT_LENGTH, ASCII and CHR.
///
/// Lengths are INTEGER. CHAR values carry no padding, so their trailing blanks never count.
enum LengthFunctions {
    static let all: [ScalarFunction] =
        ScalarFunction.strict(
            names: ["len", "length", "char_length", "character_length", "textlen"],
            [anyText],
            .integer
        ) { (call) in
            let texts = call.texts(0)
            return call.makeIntegers { row in
                texts[row].withBytes { Int64(characterCount($0)) }
            }
        } + [
            .strict("octet_length", [anyText], .integer) { (call) in
                let texts = call.texts(0)
                return call.makeIntegers { Int64(texts[$0].count) }
            },
            .strict("bit_length", [anyText], .integer) { (call) in
                let texts = call.texts(0)
                return call.makeIntegers { Int64(texts[$0].count * 8) }
            },
            .strict("ascii", [anyText], .integer) { (call) in
                let texts = call.texts(0)
                return call.makeIntegers { row in texts[row].withBytes(codePoint) }
            },
            .strict("chr", [.bigint], .varchar(4), canFail: true, character),
        ]
}

/// The first character's code point; 0 of an empty text.
private func codePoint(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64 {
    guard let first = bytes.first else { return 0 }
    if first < 0x80 { return Int64(first) }
    let end = skip(1, from: 0, in: bytes)
    let text = String(decoding: bytes[0..<end], as: UTF8.self)
    return Int64(text.unicodeScalars.first?.value ?? 0)
}

private func character(_ call: Call) throws(SQLError) -> Vector {
    let codes = call.integers(0)
    return try call.makeTexts { (writer, row) throws(SQLError) in
        guard let value = UInt32(exactly: codes[row]), value > 0,
            let scalar = Unicode.Scalar(value)
        else {
            throw SQLError(
                .programLimitExceeded,
                "requested character not valid: \(codes[row])"
            )
        }
        appendUTF8(scalar, to: &writer.scratch)
        writer.copyScratch(to: row)
    }
}
