import SQLTypes
import Vectors

/// CONCAT, `||`, REPLACE, TRANSLATE, REPEAT, REVERSE, QUOTE_IDENT and QUOTE_LITERAL.
///
/// A result over 65,535 bytes is 22001.
enum ReplaceFunctions {
    static let all: [ScalarFunction] =
        ScalarFunction.strict(
            names: ["concat", "||"],
            [anyText, anyText],
            { .varchar(min(DataType.varcharMaxLength, byteLength($0[0]) + byteLength($0[1]))) },
            canFail: true,
            concatenate
        )
        + ScalarFunction.strict(
            names: ["repeat", "replicate"],
            [anyText, .bigint],
            anyText,
            canFail: true,
            repeatText
        ) + [
            .strict("replace", [anyText, anyText, anyText], anyText, canFail: true, replace),
            .strict("translate", [anyText, anyText, anyText], { $0[0] }, canFail: true, translate),
            .strict("reverse", [anyText], { $0[0] }) { (call) throws(SQLError) in
                let texts = call.texts(0)
                return try call.makeTexts { (writer, row) in
                    texts[row].withBytes { bytes in
                        for range in characters(bytes).reversed() {
                            writer.scratch.append(contentsOf: bytes[range])
                        }
                    }
                    writer.copyScratch(to: row)
                }
            },
            .strict("quote_ident", [anyText], anyText, canFail: true) { (call) throws(SQLError) in
                try quote(call, with: UInt8(ascii: "\""), unless: isPlainName)
            },
            .strict("quote_literal", [anyText], anyText, canFail: true) { (call) throws(SQLError) in
                try quote(call, with: UInt8(ascii: "'"), unless: { _ in false })
            },
        ]

    /// The most bytes a text of the type has.
    static func byteLength(_ type: DataType) -> Int {
        switch type {
        case .varchar(let length), .char(let length): length
        default: DataType.varcharMaxLength
        }
    }
}

private func concatenate(_ call: Call) throws(SQLError) -> Vector {
    let (lefts, rights) = (call.texts(0), call.texts(1))
    return try call.makeTexts { (writer, row) in
        let (left, right) = (lefts[row], rights[row])
        writer.fill(left.count + right.count, row: row) { room in
            left.withBytes { copy($0, to: room) }
            right.withBytes { copy($0, to: room + left.count) }
        }
    }
}

@inline(__always)
private func copy(_ bytes: UnsafeBufferPointer<UInt8>, to room: UnsafeMutablePointer<UInt8>) {
    if let start = bytes.baseAddress { room.update(from: start, count: bytes.count) }
}

private func repeatText(_ call: Call) throws(SQLError) -> Vector {
    let (texts, counts) = (call.texts(0), call.integers(1))
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let text = texts[row]
        let (byteCount, overflow) = max(0, counts[row]).multipliedReportingOverflow(
            by: Int64(text.count)
        )
        if overflow || byteCount > DataType.varcharMaxLength {
            throw SQLError(.programLimitExceeded, "requested length too large")
        }
        let times = text.count == 0 ? 0 : Int(max(0, counts[row]))
        writer.fill(Int(byteCount), row: row) { room in
            text.withBytes { bytes in
                for round in 0..<times { copy(bytes, to: room + round * bytes.count) }
            }
        }
    }
}

private func replace(_ call: Call) throws(SQLError) -> Vector {
    let (texts, olds, news) = (call.texts(0), call.texts(1), call.texts(2))
    return try call.makeTexts { (writer, row) in
        texts[row].withBytes { bytes in
            olds[row].withBytes { old in
                guard !old.isEmpty, var at = find(old, in: bytes) else {
                    writer.share(bytes, to: row)
                    return
                }
                news[row].withBytes { new in
                    var start = 0
                    while true {
                        writer.scratch.append(contentsOf: bytes[start..<at])
                        writer.scratch.append(contentsOf: new)
                        start = at + old.count
                        guard let next = find(old, in: bytes, from: start) else { break }
                        at = next
                    }
                    writer.scratch.append(contentsOf: bytes[start...])
                }
                writer.copyScratch(to: row)
            }
        }
    }
}

/// Characters of the second argument become those at the same place in the third, or go.
private func translate(_ call: Call) throws(SQLError) -> Vector {
    let (texts, froms, tos) = (call.texts(0), call.texts(1), call.texts(2))
    return try call.makeTexts { (writer, row) in
        texts[row].withBytes { bytes in
            froms[row].withBytes { from in
                tos[row].withBytes { to in
                    let (sources, targets) = (characters(from), characters(to))
                    for range in characters(bytes) {
                        let index = sources.firstIndex {
                            part(from, $0).elementsEqual(part(bytes, range))
                        }
                        guard let index else {
                            writer.scratch.append(contentsOf: bytes[range])
                            continue
                        }
                        if index < targets.count {
                            writer.scratch.append(contentsOf: to[targets[index]])
                        }
                    }
                }
            }
        }
        writer.copyScratch(to: row)
    }
}

private func quote(
    _ call: Call,
    with mark: UInt8,
    unless isPlain: (UnsafeBufferPointer<UInt8>) -> Bool
) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    return try call.makeTexts { (writer, row) in
        texts[row].withBytes { bytes in
            if isPlain(bytes) {
                writer.share(bytes, to: row)
                return
            }
            writer.scratch.append(mark)
            for byte in bytes {
                if byte == mark || (mark == UInt8(ascii: "'") && byte == UInt8(ascii: "\\")) {
                    writer.scratch.append(byte)
                }
                writer.scratch.append(byte)
            }
            writer.scratch.append(mark)
            writer.copyScratch(to: row)
        }
    }
}

/// Whether a name needs no quotes: lower-case letters, digits and underscores, no digit first, and
/// no reserved word.
private func isPlainName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, first &- 48 >= 10 else { return false }
    return bytes.allSatisfy { $0 &- 97 < 26 || $0 &- 48 < 10 || $0 == UInt8(ascii: "_") }
        && !reservedWords.contains(String(decoding: bytes, as: UTF8.self))
}
