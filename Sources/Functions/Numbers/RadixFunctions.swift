import SQLTypes
import Vectors

/// TO_HEX and STRTOL: integers to and from other bases.
enum RadixFunctions {
    static let all: [ScalarFunction] = [
        .strict("to_hex", [.integer], .varchar(8)) { (call) throws(SQLError) in
            let values = call.integers(0)
            return try call.makeTexts { (writer, row) in
                let bits = UInt32(truncatingIfNeeded: values[row])
                writer.scratch.append(contentsOf: String(bits, radix: 16).utf8)
                writer.copyScratch(to: row)
            }
        },
        .strict("to_hex", [.bigint], .varchar(16)) { (call) throws(SQLError) in
            let values = call.integers(0)
            return try call.makeTexts { (writer, row) in
                let bits = UInt64(bitPattern: values[row])
                writer.scratch.append(contentsOf: String(bits, radix: 16).utf8)
                writer.copyScratch(to: row)
            }
        },
        .strict("strtol", [anyText, .bigint], .bigint, canFail: true) { (call) throws(SQLError) in
            let (texts, bases) = (call.texts(0), call.integers(1))
            return try call.makeIntegers { (row) throws(SQLError) in
                let base = bases[row]
                guard (2...36).contains(base) else {
                    throw SQLError(
                        .invalidParameterValue,
                        "invalid base for STRTOL: \(base)",
                        hint: "The base must be between 2 and 36."
                    )
                }
                return try parse(texts[row].string, base: Int(base))
            }
        },
    ]
}

/// An integer of the base; an empty text is 0, `0x` may precede base 16.
private func parse(_ text: String, base: Int) throws(SQLError) -> Int64 {
    var digits = text.trimmingPrefix { $0 == " " }
    if digits.isEmpty { return 0 }
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits = digits.dropFirst() }
    if base == 16 && (digits.hasPrefix("0x") || digits.hasPrefix("0X")) {
        digits = digits.dropFirst(2)
    }
    let isNumber =
        !digits.isEmpty
        && digits.allSatisfy { character in
            guard let ascii = character.asciiValue else { return false }
            let letter = ascii | 32
            if ascii &- 48 < 10 { return Int(ascii - 48) < base }
            return letter &- 97 < 26 && Int(letter - 97) + 10 < base
        }
    guard isNumber else {
        throw SQLError(
            .invalidTextRepresentation,
            "The input \(text) is not valid to be converted to base \(base)"
        )
    }
    guard let value = Int64((isNegative ? "-" : "") + digits, radix: base) else {
        throw outOfRange(.bigint)
    }
    return value
}
