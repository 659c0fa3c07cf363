import SQLTypes
import Vectors

/// STRPOS, POSITION, CHARINDEX, OCTETINDEX, BTTEXT_PATTERN_CMP, BPCHARCMP, and LIKE with a pattern
/// that is not constant.
///
/// Positions are INTEGER and count characters from 1; 0 where the needle is absent. `position`
/// takes the needle first, as `POSITION(needle IN text)` is written, and so does `charindex`.
enum SearchFunctions {
    static let all: [ScalarFunction] =
        [
            .strict("strpos", [anyText, anyText], .integer) { (call) in
                position(call, text: 0, needle: 1)
            }
        ]
        + ScalarFunction.strict(names: ["position", "charindex"], [anyText, anyText], .integer) {
            (call) in position(call, text: 1, needle: 0)
        }
        + [
            .strict("octetindex", [anyText, anyText], .integer) { (call) in
                let (needles, texts) = (call.texts(0), call.texts(1))
                return call.makeIntegers { row in
                    texts[row].withBytes { bytes in
                        needles[row].withBytes { needle in
                            find(needle, in: bytes).map { Int64($0 + 1) } ?? 0
                        }
                    }
                }
            },
            .strict("bttext_pattern_cmp", [anyText, anyText], .integer) { (call) in
                byteOrder(call) { $0 }
            },
            .strict("bpcharcmp", [anyText, anyText], .integer) { (call) in
                byteOrder(call) { bytes in
                    var end = bytes.count
                    while end > 0 && bytes[end - 1] == 32 { end -= 1 }
                    return part(bytes, 0..<end)
                }
            },
        ]
        + [false, true].flatMap { (isCaseInsensitive) -> [ScalarFunction] in
            let name = isCaseInsensitive ? "ilike" : "like"
            return [
                .strict(name, [anyText, anyText], .boolean, canFail: true) {
                    (call) throws(SQLError) in
                    try like(call, isCaseInsensitive: isCaseInsensitive)
                },
                .strict(name, [anyText, anyText, anyText], .boolean, canFail: true) {
                    (call) throws(SQLError) in
                    try like(call, isCaseInsensitive: isCaseInsensitive)
                },
            ]
        }
}

/// -1, 0 or 1 as the first text stands before, with or behind the second in the order of bytes.
private func byteOrder(
    _ call: Call,
    _ trim: (UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>
) -> Vector {
    let (lefts, rights) = (call.texts(0), call.texts(1))
    return call.makeIntegers { row in
        lefts[row].withBytes { left in
            rights[row].withBytes { right in
                let (left, right) = (trim(left), trim(right))
                if left.lexicographicallyPrecedes(right) { return -1 }
                return left.elementsEqual(right) ? 0 : 1
            }
        }
    }
}

private func position(_ call: Call, text: Int, needle: Int) -> Vector {
    let (texts, needles) = (call.texts(text), call.texts(needle))
    return call.makeIntegers { row in
        texts[row].withBytes { bytes in
            needles[row].withBytes { needle in
                guard let offset = find(needle, in: bytes) else { return 0 }
                return Int64(characterCount(part(bytes, 0..<offset)) + 1)
            }
        }
    }
}

/// `text LIKE pattern [ESCAPE escape]`; the escape is a backslash unless given, none if empty.
private func like(_ call: Call, isCaseInsensitive: Bool) throws(SQLError) -> Vector {
    let (texts, patterns) = (call.texts(0), call.texts(1))
    let escapes = call.argumentCount > 2 ? call.texts(2) : nil
    return try call.makeBooleans { (row) throws(SQLError) in
        var escape: UInt8? = UInt8(ascii: "\\")
        if let view = escapes?[row] {
            escape = try escapeByte(view)
        }
        let outcome = texts[row].withBytes { bytes in
            patterns[row].withBytes { pattern in
                Result { () throws(SQLError) in
                    try LikePattern.requireWhole(pattern, escape: escape)
                    return matches(
                        bytes,
                        pattern,
                        escape: escape,
                        isCaseInsensitive: isCaseInsensitive
                    )
                }
            }
        }
        return try outcome.get()
    }
}

/// Whether all of the text matches; `%` is tried again one character further when what follows
/// it fails, which is enough because only the last `%` needs another try.
private func matches(
    _ text: UnsafeBufferPointer<UInt8>,
    _ pattern: UnsafeBufferPointer<UInt8>,
    escape: UInt8?,
    isCaseInsensitive: Bool
) -> Bool {
    var textAt = 0
    var patternAt = 0
    var retryText = 0
    var retryPattern: Int?
    while textAt < text.count {
        var next = patternAt
        if next < pattern.count {
            var byte = pattern[next]
            let isEscaped = byte == escape && next + 1 < pattern.count
            if isEscaped {
                next += 1
                byte = pattern[next]
            }
            if !isEscaped && byte == UInt8(ascii: "%") {
                retryPattern = next + 1
                retryText = textAt
                patternAt = next + 1
                continue
            }
            if !isEscaped && byte == UInt8(ascii: "_") {
                textAt = skip(1, from: textAt, in: text)
                patternAt = next + 1
                continue
            }
            if same(byte, text[textAt], isCaseInsensitive) {
                textAt += 1
                patternAt = next + 1
                continue
            }
        }
        guard let retry = retryPattern else { return false }
        retryText = skip(1, from: retryText, in: text)
        textAt = retryText
        patternAt = retry
    }
    while patternAt < pattern.count && pattern[patternAt] == UInt8(ascii: "%") { patternAt += 1 }
    return patternAt == pattern.count
}

@inline(__always)
private func same(_ left: UInt8, _ right: UInt8, _ isCaseInsensitive: Bool) -> Bool {
    if left == right { return true }
    return isCaseInsensitive && left ^ right == 32 && (left | 32) &- 97 < 26
}
