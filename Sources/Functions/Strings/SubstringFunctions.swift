import SQLTypes
import Vectors

/// SUBSTRING, LEFT, RIGHT and SPLIT_PART: parts of a text, sharing its bytes.
///
/// Positions count characters from 1. A window that starts at or below 0 is cut at the text's
/// start: `substring('caterpillar', -2, 5)` is `ca`. A negative length is 22011.
enum SubstringFunctions {
    static let all: [ScalarFunction] =
        ScalarFunction.strict(
            names: ["substring", "substr"],
            [anyText, .bigint],
            { $0[0] }
        ) { (call) throws(SQLError) in
            let (texts, starts) = (call.texts(0), call.integers(1))
            return try call.makeTexts { (writer, row) in
                let first = Int(max(1, starts[row]))
                texts[row].withBytes { bytes in
                    let start = skip(first - 1, from: 0, in: bytes)
                    writer.share(part(bytes, start..<bytes.count), to: row)
                }
            }
        }
        + ScalarFunction.strict(
            names: ["substring", "substr"],
            [anyText, .bigint, .bigint],
            { $0[0] },
            canFail: true,
            window
        ) + [
            .strict("left", [anyText, .bigint], { $0[0] }, canFail: true) {
                (call) throws(SQLError) in
                let (texts, lengths) = (call.texts(0), call.integers(1))
                return try call.makeTexts { (writer, row) throws(SQLError) in
                    let length = try checked(lengths[row])
                    texts[row].withBytes { bytes in
                        writer.share(part(bytes, 0..<skip(length, from: 0, in: bytes)), to: row)
                    }
                }
            },
            .strict("right", [anyText, .bigint], { $0[0] }, canFail: true) {
                (call) throws(SQLError) in
                let (texts, lengths) = (call.texts(0), call.integers(1))
                return try call.makeTexts { (writer, row) throws(SQLError) in
                    let length = try checked(lengths[row])
                    texts[row].withBytes { bytes in
                        let start = skip(max(0, characterCount(bytes) - length), from: 0, in: bytes)
                        writer.share(part(bytes, start..<bytes.count), to: row)
                    }
                }
            },
            .strict(
                "split_part",
                [anyText, anyText, .bigint],
                { $0[0] },
                canFail: true,
                splitPart
            ),
        ]
}

private func window(_ call: Call) throws(SQLError) -> Vector {
    let (texts, starts, lengths) = (call.texts(0), call.integers(1), call.integers(2))
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let start = starts[row]
        let length = Int64(try checked(lengths[row]))
        let (sum, isPastEnd) = start.addingReportingOverflow(length)
        let end = isPastEnd ? Int64.max : sum
        let first = max(1, start)
        guard end > first else { return }
        texts[row].withBytes { bytes in
            let from = skip(Int(first - 1), from: 0, in: bytes)
            let to = skip(Int(end - first), from: from, in: bytes)
            writer.share(part(bytes, from..<to), to: row)
        }
    }
}

@inline(__always)
private func checked(_ length: Int64) throws(SQLError) -> Int {
    if length < 0 { throw SQLError(.substringError, "negative substring length not allowed") }
    return Int(length)
}

private func splitPart(_ call: Call) throws(SQLError) -> Vector {
    let (texts, delimiters, fields) = (call.texts(0), call.texts(1), call.integers(2))
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let field = fields[row]
        if field < 1 {
            throw SQLError(.invalidParameterValue, "field position must be greater than zero")
        }
        texts[row].withBytes { bytes in
            delimiters[row].withBytes { delimiter in
                var start = 0
                var number: Int64 = 1
                while true {
                    let end = delimiter.isEmpty ? nil : find(delimiter, in: bytes, from: start)
                    if number == field {
                        writer.share(part(bytes, start..<(end ?? bytes.count)), to: row)
                        return
                    }
                    guard let end else { return }
                    start = end + delimiter.count
                    number += 1
                }
            }
        }
    }
}
