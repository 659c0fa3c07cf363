import SQLTypes

/// A POSIX extended regular expression written as PCRE2 understands it.
///
/// ```
///   a**           (?:a*)*            repetitions of repetitions
///   a*?           (?:a*)?            no lazy repetition in POSIX
///   {x  ]  [[]    \{x  ]  [\[]       what is literal in POSIX only
///   \<  \>        \b(?=\w)  \b(?<=\w)
/// ```
/// Beyond POSIX it takes `\d \D \w \W \s \S`, also in brackets, and `\b \B \A \Z`, `\m \M \y \Y`
/// as PostgreSQL has them. Classes hold ASCII only, as Redshift's manual says. What only PCRE has,
/// back-references and `(?…)` above all, is an error here: 2201B.
struct PosixPattern {
    /// The pattern for PCRE2.
    private(set) var translated: [UInt8] = []
    /// Whether the match that backtracking finds first may not be the longest.
    ///
    /// So with alternatives, repeated groups and conditions on words. Characters and classes,
    /// each with a repetition or none, match longest when each takes all it can.
    private(set) var needsLongest = false

    private let source: ArraySlice<UInt8>
    private var at: Int
    /// Where the last atom begins in the translation; nil where nothing can be repeated.
    private var atomStart: Int?
    private var isGroup = false
    private var isRepeated = false
    private var openGroups: [Int] = []

    /// Translates a pattern.
    ///
    /// - Throws: 2201B where it is none.
    init(_ pattern: [UInt8]) throws(SQLError) {
        source = pattern[...]
        at = 0
        translated.reserveCapacity(pattern.count + 16)
        while at < source.endIndex { try readNext() }
        if !openGroups.isEmpty { throw Self.invalid("parentheses () not balanced") }
    }

    static func invalid(_ reason: String) -> SQLError {
        SQLError(.invalidRegularExpression, "invalid regular expression: \(reason)")
    }

    private mutating func readNext() throws(SQLError) {
        let byte = source[at]
        switch byte {
        case UInt8(ascii: "\\"): try readEscape()
        case UInt8(ascii: "["): try readBracket()
        case UInt8(ascii: "("): try openGroup()
        case UInt8(ascii: ")"): try closeGroup()
        case UInt8(ascii: "|"):
            translated.append(byte)
            at += 1
            atomStart = nil
            needsLongest = true
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            at += 1
            try repeatAtom([byte])
        case UInt8(ascii: "{"): try readBound()
        case UInt8(ascii: "^"), UInt8(ascii: "$"):
            translated.append(byte)
            at += 1
            atomStart = nil
        default: readCharacter()
        }
    }

    private mutating func beginAtom() {
        atomStart = translated.count
        isGroup = false
        isRepeated = false
    }

    private mutating func readCharacter() {
        beginAtom()
        repeat {
            translated.append(source[at])
            at += 1
        } while at < source.endIndex && source[at] & 0xC0 == 0x80
    }

    // MARK: Groups and repetitions

    private mutating func openGroup() throws(SQLError) {
        let next = at + 1 < source.endIndex ? source[at + 1] : 0
        guard next != UInt8(ascii: "?"), next != UInt8(ascii: "*") else {
            throw Self.invalid("repetition operator follows nothing")
        }
        openGroups.append(translated.count)
        translated.append(source[at])
        at += 1
        atomStart = nil
    }

    private mutating func closeGroup() throws(SQLError) {
        guard let start = openGroups.popLast() else {
            throw Self.invalid("parentheses () not balanced")
        }
        translated.append(source[at])
        at += 1
        atomStart = start
        isGroup = true
        isRepeated = false
    }

    private mutating func repeatAtom(_ operation: [UInt8]) throws(SQLError) {
        guard let start = atomStart else {
            throw Self.invalid("repetition operator follows nothing")
        }
        if isRepeated {
            translated.insert(contentsOf: "(?:".utf8, at: start)
            translated.append(UInt8(ascii: ")"))
            isGroup = true
        }
        if isGroup { needsLongest = true }
        translated += operation
        isRepeated = true
    }

    /// `{m}`, `{m,}` and `{m,n}`; other braces are characters.
    private mutating func readBound() throws(SQLError) {
        var end = at + 1
        while end < source.endIndex, source[end] &- 48 < 10 { end += 1 }
        guard end > at + 1 else {
            beginAtom()
            translated += [UInt8(ascii: "\\"), source[at]]
            at += 1
            return
        }
        if end < source.endIndex, source[end] == UInt8(ascii: ",") {
            end += 1
            while end < source.endIndex, source[end] &- 48 < 10 { end += 1 }
        }
        guard end < source.endIndex, source[end] == UInt8(ascii: "}") else {
            throw Self.invalid("braces {} not balanced")
        }
        let bound = Array(source[at...end])
        at = end + 1
        try repeatAtom(bound)
    }

    // MARK: Escapes

    private mutating func readEscape() throws(SQLError) {
        guard at + 1 < source.endIndex else { throw Self.invalid("trailing backslash") }
        let byte = source[at + 1]
        at += 2
        if let condition = Self.condition(byte) {
            translated += Array(condition.utf8)
            atomStart = nil
            needsLongest = needsLongest || byte != UInt8(ascii: "A") && byte != UInt8(ascii: "Z")
            return
        }
        beginAtom()
        try appendEscaped(byte)
    }

    private static func condition(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "b"), UInt8(ascii: "y"): "\\b"
        case UInt8(ascii: "B"), UInt8(ascii: "Y"): "\\B"
        case UInt8(ascii: "<"), UInt8(ascii: "m"): "\\b(?=\\w)"
        case UInt8(ascii: ">"), UInt8(ascii: "M"): "\\b(?<=\\w)"
        case UInt8(ascii: "A"): "\\A"
        case UInt8(ascii: "Z"): "\\z"
        default: nil
        }
    }

    /// Appends a character or class whose escape's letter, before `at`, is `byte`.
    private mutating func appendEscaped(_ byte: UInt8) throws(SQLError) {
        switch byte {
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"),
            UInt8(ascii: "s"), UInt8(ascii: "S"), UInt8(ascii: "n"), UInt8(ascii: "t"),
            UInt8(ascii: "r"), UInt8(ascii: "f"), UInt8(ascii: "a"), UInt8(ascii: "e"):
            translated += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "v"): translated += Array("\\x0b".utf8)
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            throw Self.invalid("back-references need the PCRE dialect, parameter 'p'")
        case _ where byte &- 48 < 10 || (byte | 32) &- 97 < 26:
            throw Self.invalid("invalid escape \\ sequence")
        case 0x80...:
            at -= 1
            repeat {
                translated.append(source[at])
                at += 1
            } while at < source.endIndex && source[at] & 0xC0 == 0x80
        default: translated += [UInt8(ascii: "\\"), byte]
        }
    }

    // MARK: Brackets

    private mutating func readBracket() throws(SQLError) {
        for word in ["[[:<:]]", "[[:>:]]"] where source[at...].starts(with: word.utf8) {
            translated += Array(word.utf8)
            at += word.utf8.count
            atomStart = nil
            needsLongest = true
            return
        }
        beginAtom()
        translated.append(source[at])
        at += 1
        if at < source.endIndex, source[at] == UInt8(ascii: "^") {
            translated.append(source[at])
            at += 1
        }
        var isFirst = true
        while at < source.endIndex {
            let byte = source[at]
            if byte == UInt8(ascii: "]") && !isFirst {
                translated.append(byte)
                at += 1
                return
            }
            isFirst = false
            try readMember(byte)
        }
        throw Self.invalid("brackets [] not balanced")
    }

    private mutating func readMember(_ byte: UInt8) throws(SQLError) {
        at += 1
        switch byte {
        case UInt8(ascii: "]"): translated += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\\"):
            guard at < source.endIndex else { throw Self.invalid("brackets [] not balanced") }
            at += 1
            try appendEscaped(source[at - 1])
        case UInt8(ascii: "["):
            let kind = at < source.endIndex ? source[at] : 0
            guard
                kind == UInt8(ascii: ":") || kind == UInt8(ascii: ".") || kind == UInt8(ascii: "=")
            else {
                translated += [UInt8(ascii: "\\"), byte]
                return
            }
            try readNamed(kind)
        default: translated.append(byte)
        }
    }

    /// `[:alpha:]`, or one character as `[.x.]` or `[=x=]`.
    private mutating func readNamed(_ kind: UInt8) throws(SQLError) {
        let start = at + 1
        var end = start
        while end + 1 < source.endIndex,
            source[end] != kind || source[end + 1] != UInt8(ascii: "]")
        {
            end += 1
        }
        guard end + 1 < source.endIndex else { throw Self.invalid("brackets [] not balanced") }
        let name = Array(source[start..<end])
        at = end + 2
        if kind == UInt8(ascii: ":") {
            translated += Array("[:".utf8) + name + Array(":]".utf8)
        } else {
            guard name.count == 1 else { throw Self.invalid("invalid collating element") }
            translated += [UInt8(ascii: "\\")] + name
            if (name[0] | 32) &- 97 < 26 || name[0] &- 48 < 10 {
                translated.remove(at: translated.count - 2)
            }
        }
    }
}
