import SQLTypes
import Vectors

/// TRIM, BTRIM, LTRIM, RTRIM, LPAD and RPAD.
///
/// The second argument of a trim is a set of characters, not a text; without it blanks go.
/// LPAD and RPAD cut to the length as well; lengths count characters.
enum TrimFunctions {
    static let all: [ScalarFunction] =
        ([
            ("btrim", true, true), ("trim", true, true), ("ltrim", true, false),
            ("rtrim", false, true),
        ] as [(String, Bool, Bool)]).flatMap { (name, isLeading, isTrailing) in
            [[anyText], [anyText, anyText]].map { parameters in
                ScalarFunction.strict(name, parameters, { $0[0] }) { (call) throws(SQLError) in
                    try trim(call, isLeading: isLeading, isTrailing: isTrailing)
                }
            }
        }
        + [("lpad", true), ("rpad", false)].flatMap { (name, isLeft) in
            [[anyText, .bigint], [anyText, .bigint, anyText]].map { parameters in
                ScalarFunction.strict(name, parameters, anyText, canFail: true) {
                    (call) throws(SQLError) in
                    try pad(call, isLeft: isLeft)
                }
            }
        }
}

private func trim(_ call: Call, isLeading: Bool, isTrailing: Bool) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    guard call.argumentCount > 1 else {
        return try call.makeTexts { (writer, row) in
            texts[row].withBytes { bytes in
                var (start, end) = (0, bytes.count)
                if isLeading { while start < end && bytes[start] == 32 { start &+= 1 } }
                if isTrailing { while end > start && bytes[end &- 1] == 32 { end &-= 1 } }
                writer.share(part(bytes, start..<end), to: row)
            }
        }
    }
    let sets = call.texts(1)
    return try call.makeTexts { (writer, row) in
        texts[row].withBytes { bytes in
            sets[row].withBytes { set in
                let members = characters(set)
                func isMember(_ range: Range<Int>) -> Bool {
                    members.contains { part(set, $0).elementsEqual(part(bytes, range)) }
                }
                var (start, end) = (0, bytes.count)
                while isLeading && start < end {
                    let next = skip(1, from: start, in: bytes)
                    guard isMember(start..<next) else { break }
                    start = next
                }
                while isTrailing && end > start {
                    var last = end - 1
                    while last > start && bytes[last] & 0xC0 == 0x80 { last -= 1 }
                    guard isMember(last..<end) else { break }
                    end = last
                }
                writer.share(part(bytes, start..<end), to: row)
            }
        }
    }
}

private func pad(_ call: Call, isLeft: Bool) throws(SQLError) -> Vector {
    let (texts, lengths) = (call.texts(0), call.integers(1))
    let fills = call.argumentCount > 2 ? call.texts(2) : nil
    return try call.makeTexts { (writer, row) throws(SQLError) in
        let length = lengths[row]
        if length <= 0 { return }
        if length > DataType.varcharMaxLength {
            throw SQLError(.programLimitExceeded, "requested length too large")
        }
        texts[row].withBytes { bytes in
            let present = characterCount(bytes)
            let missing = Int(length) - present
            guard missing > 0 else {
                writer.share(part(bytes, 0..<skip(Int(length), from: 0, in: bytes)), to: row)
                return
            }
            if !isLeft { writer.scratch.append(contentsOf: bytes) }
            if let fill = fills?[row] {
                fill.withBytes { appendRepeated($0, characters: missing, to: &writer.scratch) }
            } else {
                writer.scratch.append(contentsOf: repeatElement(32, count: missing))
            }
            if isLeft { writer.scratch.append(contentsOf: bytes) }
            writer.copyScratch(to: row)
        }
    }
}

private func appendRepeated(
    _ fill: UnsafeBufferPointer<UInt8>,
    characters count: Int,
    to bytes: inout [UInt8]
) {
    let perRound = characterCount(fill)
    guard perRound > 0 else { return }
    for _ in 0..<(count / perRound) { bytes.append(contentsOf: fill) }
    bytes.append(contentsOf: fill[0..<skip(count % perRound, from: 0, in: fill)])
}
