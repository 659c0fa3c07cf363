import SQLTypes

/// A JSON value, read strictly by RFC 8259.
indirect enum JSONValue: Hashable {
    case null
    case bool(Bool)
    /// The text of the number.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in order; of doubled names the last counts.
    case object([(name: String, value: JSONValue)])

    static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)):
            a.count == b.count
                && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
        default: false
        }
    }

    func hash(into hasher: inout Hasher) {
        if case .string(let text) = self { hasher.combine(text) }
    }

    /// The member of an object; nil for anything else.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The first name that an object gives to several members; nil for none.
    var repeatedName: String? {
        guard case .object(let members) = self else { return nil }
        var names: Set<String> = []
        return members.first { !names.insert($0.name).inserted }?.name
    }

    /// Reads a whole text; the error says at which byte it goes wrong.
    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.isAtEnd else { throw JSONError(offset: reader.at) }
        return value
    }
}

/// Where a text stops being JSON.
struct JSONError: Error {
    let offset: Int
}

private struct JSONReader {
    let bytes: [UInt8]
    var at = 0

    private static let depthMax = 100

    var isAtEnd: Bool { at >= bytes.count }
    private var next: UInt8 { isAtEnd ? 0 : bytes[at] }
    private var error: JSONError { JSONError(offset: at) }

    mutating func skipBlanks() {
        while !isAtEnd && [32, 9, 10, 13].contains(next) { at += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        guard !isAtEnd, next == UInt8(ascii: character) else { throw error }
        at += 1
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthMax else { throw error }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(
        _ text: String,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        let wanted = Array(text.utf8)
        guard bytes[at...].starts(with: wanted) else { throw error }
        at += wanted.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        try expect("{")
        var members: [(name: String, value: JSONValue)] = []
        skipBlanks()
        if next == UInt8(ascii: "}") {
            at += 1
            return .object(members)
        }
        while true {
            skipBlanks()
            let name = try string()
            skipBlanks()
            try expect(":")
            members.append((name, try value(depth: depth + 1)))
            skipBlanks()
            if next == UInt8(ascii: "}") {
                at += 1
                return .object(members)
            }
            try expect(",")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try expect("[")
        var elements: [JSONValue] = []
        skipBlanks()
        if next == UInt8(ascii: "]") {
            at += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if next == UInt8(ascii: "]") {
                at += 1
                return .array(elements)
            }
            try expect(",")
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let isZero = next == UInt8(ascii: "0")
        let digits = try digits()
        if isZero && digits > 1 { throw error }
        if next == UInt8(ascii: ".") {
            at += 1
            _ = try self.digits()
        }
        if next | 32 == UInt8(ascii: "e") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            _ = try self.digits()
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) -> Int {
        let start = at
        while !isAtEnd && next &- 48 < 10 { at += 1 }
        if at == start { throw error }
        return at - start
    }

    private mutating func string() throws(JSONError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while true {
            guard !isAtEnd, next >= 32 else { throw error }
            let byte = next
            at += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
        }
        guard let decoded = String(validating: text, as: UTF8.self) else { throw error }
        return decoded
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let byte = next
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800 {
                try expect("\\")
                try expect("u")
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw error }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw error }
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw error
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else { throw error }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}

/// The text as a JSON string with its quotes.
func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
