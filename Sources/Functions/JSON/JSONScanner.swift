import Vectors

/// Reads one JSON text from left to right, checking all of it and building nothing.
///
/// Its methods return false, or nil, at the first byte that RFC 8259 does not allow there.
struct JSONScanner {
    /// Where a value stands.
    struct Place {
        /// The value's bytes; of a string those between the quotes.
        var range: Range<Int>
        var kind: Kind
    }

    enum Kind {
        case string
        /// A string with backslashes in it.
        case escapedString
        case null
        /// A number, `true`, `false`, an object or an array: shown as it is written.
        case other
    }

    private var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    private var at = 0
    /// The closing brackets that the arrays and objects around need, the innermost last.
    private var closers: [UInt8] = []

    /// Begins with another text, which must stay until its last place was shown.
    mutating func begin(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        at = 0
    }

    // MARK: Documents

    /// Whether the text is one object, and nothing else.
    mutating func isObject() -> Bool { isDocument(UInt8(ascii: "{")) }

    /// Whether the text is one value of any kind, and nothing else.
    mutating func isValue() -> Bool { skipValue() && isAtEnd() }

    /// Whether the text is one array, and nothing else.
    mutating func isArray() -> Bool { isDocument(UInt8(ascii: "[")) }

    private mutating func isDocument(_ opener: UInt8) -> Bool {
        next() == opener && skipValue() && isAtEnd()
    }

    /// Where the value at the end of a path of keys stands, `.some(nil)` where there is none;
    /// nil where the text is no object.
    ///
    /// Of equal keys the last counts.
    mutating func member(path: [[UInt8]]) -> Place?? {
        guard next() == UInt8(ascii: "{") else { return nil }
        var found: Place?
        guard find(path[...], &found), isAtEnd() else { return nil }
        return .some(found)
    }

    /// Where element `index` of an array stands and how many elements it has; nil where the text
    /// is no array.
    mutating func element(_ index: Int64) -> (place: Place?, count: Int64)? {
        guard next() == UInt8(ascii: "[") else { return nil }
        at += 1
        var (place, count): (Place?, Int64) = (nil, 0)
        if next() == UInt8(ascii: "]") {
            at += 1
        } else {
            while true {
                if count == index {
                    guard let found = readValue() else { return nil }
                    place = found
                } else if !skipValue() {
                    return nil
                }
                count += 1
                guard let byte = next() else { return nil }
                at += 1
                if byte == UInt8(ascii: "]") { break }
                if byte != UInt8(ascii: ",") { return nil }
            }
        }
        return isAtEnd() ? (place, count) : nil
    }

    private mutating func find(
        _ path: ArraySlice<[UInt8]>,
        _ found: inout Place?
    ) -> Bool {
        guard let key = path.first else {
            found = readValue()
            return found != nil
        }
        guard next() == UInt8(ascii: "{") else { return skipValue() }
        at += 1
        if next() == UInt8(ascii: "}") {
            at += 1
            return true
        }
        while true {
            guard let name = readKey() else { return false }
            if equals(name, key) {
                found = nil
                guard find(path.dropFirst(), &found) else { return false }
            } else if !skipValue() {
                return false
            }
            guard let byte = next() else { return false }
            at += 1
            if byte == UInt8(ascii: "}") { return true }
            if byte != UInt8(ascii: ",") { return false }
        }
    }

    private func equals(_ name: Place, _ key: [UInt8]) -> Bool {
        if name.kind == .string { return part(bytes, name.range).elementsEqual(key) }
        var text: [UInt8] = []
        appendText(of: name, to: &text)
        return text.elementsEqual(key)
    }

    // MARK: Values

    /// The next byte that is no white space; nil at the end.
    private mutating func next() -> UInt8? {
        while at < bytes.count {
            let byte = bytes[at]
            if byte > 32 { return byte }
            guard byte == 32 || byte == 9 || byte == 10 || byte == 13 else { return byte }
            at += 1
        }
        return nil
    }

    private mutating func isAtEnd() -> Bool { next() == nil }

    private mutating func readValue() -> Place? {
        guard let first = next() else { return nil }
        let start = at
        if first == UInt8(ascii: "\"") { return readString() }
        guard skipValue() else { return nil }
        return Place(range: start..<at, kind: first == UInt8(ascii: "n") ? .null : .other)
    }

    /// A key and the colon behind it.
    private mutating func readKey() -> Place? {
        guard next() == UInt8(ascii: "\""), let key = readString(), next() == UInt8(ascii: ":")
        else { return nil }
        at += 1
        return key
    }

    /// Skips a value with all in it; nesting needs no recursion.
    private mutating func skipValue() -> Bool {
        closers.removeAll(keepingCapacity: true)
        while true {
            guard let first = next() else { return false }
            switch first {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                at += 1
                // The closers of ASCII stand two behind the openers.
                guard next() == first + 2 else {
                    closers.append(first + 2)
                    if first == UInt8(ascii: "{") && readKey() == nil { return false }
                    continue
                }
                at += 1
            case UInt8(ascii: "\""): if readString() == nil { return false }
            default: if !skipScalar() { return false }
            }
            while true {
                guard let closer = closers.last else { return true }
                guard let byte = next() else { return false }
                at += 1
                if byte == UInt8(ascii: ",") {
                    if closer == UInt8(ascii: "}") && readKey() == nil { return false }
                    break
                }
                if byte != closer { return false }
                closers.removeLast()
            }
        }
    }

    private mutating func skipScalar() -> Bool {
        switch bytes[at] {
        case UInt8(ascii: "t"): return skipWord("true")
        case UInt8(ascii: "f"): return skipWord("false")
        case UInt8(ascii: "n"): return skipWord("null")
        default: return skipNumber()
        }
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        let end = at + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for index in 0..<word.utf8CodeUnitCount where bytes[at + index] != word.utf8Start[index] {
            return false
        }
        at = end
        return true
    }

    /// `-0.5e+10`: no leading zeros, digits on both sides of the point.
    private mutating func skipNumber() -> Bool {
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let start = at
        guard skipDigits() else { return false }
        if bytes[start] == 48 && at > start + 1 { return false }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard skipDigits() else { return false }
        }
        guard at < bytes.count, bytes[at] | 32 == UInt8(ascii: "e") else { return true }
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
            at += 1
        }
        return skipDigits()
    }

    private mutating func skipDigits() -> Bool {
        let start = at
        while at < bytes.count, bytes[at] &- 48 < 10 { at += 1 }
        return at > start
    }

    // MARK: Strings

    /// A string whose quote is the next byte.
    private mutating func readString() -> Place? {
        at += 1
        let start = at
        var kind = Kind.string
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return Place(range: start..<(at - 1), kind: kind)
            }
            if byte < 32 { return nil }
            at += 1
            if byte == UInt8(ascii: "\\") {
                kind = .escapedString
                guard skipEscape() else { return nil }
            }
        }
        return nil
    }

    private mutating func skipEscape() -> Bool {
        guard at < bytes.count else { return false }
        at += 1
        switch bytes[at - 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            // A zero byte has no place in a text.
            guard let unit = hexUnit(at), unit != 0 else { return false }
            at += 4
            return true
        default: return false
        }
    }

    private func hexUnit(_ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            let letter = byte | 32
            guard byte &- 48 < 10 || letter &- 97 < 6 else { return nil }
            value = value << 4 | UInt32(byte &- 48 < 10 ? byte - 48 : letter - 87)
        }
        return value
    }

    /// Appends what a value shows: a string's text, other values as they are written.
    func appendText(of place: Place, to text: inout [UInt8]) {
        guard place.kind == .escapedString else {
            text.append(contentsOf: bytes[place.range])
            return
        }
        var index = place.range.lowerBound
        while index < place.range.upperBound {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            let letter = bytes[index]
            index += 1
            switch letter {
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"): index = appendUnit(at: index, to: &text)
            default: text.append(letter)
            }
        }
    }

    /// Appends the character of `\uXXXX` or of a pair of them, and returns where to go on.
    ///
    /// Half a pair becomes U+FFFD.
    private func appendUnit(at start: Int, to text: inout [UInt8]) -> Int {
        let high = hexUnit(start) ?? 0xFFFD
        let end = start + 4
        if high & 0xFC00 == 0xD800, end + 2 <= bytes.count, bytes[end] == UInt8(ascii: "\\"),
            bytes[end + 1] == UInt8(ascii: "u"), let low = hexUnit(end + 2), low & 0xFC00 == 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + (high & 0x3FF) << 10 + low & 0x3FF)
        {
            appendUTF8(scalar, to: &text)
            return end + 6
        }
        appendUTF8(Unicode.Scalar(high) ?? "\u{FFFD}", to: &text)
        return end
    }
}
