import CRegularExpressions
import SQLTypes
import Vectors

/// Searches texts for one regular expression, on one thread.
final class PatternSearch {
    /// What a search wants to know.
    enum Aim {
        /// Whether there is a match.
        case presence
        /// Where matches are.
        case extent
        /// Where matches and their groups are.
        case groups
    }

    let expression: RegularExpression
    private let matcher: OpaquePointer

    /// - Throws: 53200.
    init(_ expression: RegularExpression) throws(SQLError) {
        guard let matcher = sr_matcher_new(expression.pattern) else { throw Self.outOfMemory }
        self.expression = expression
        self.matcher = matcher
    }

    deinit { sr_matcher_free(matcher) }

    private static var outOfMemory: SQLError {
        SQLError(.outOfMemory, "out of memory for a regular expression")
    }

    /// The offsets of the first match at or after byte `start`; nil where nothing matches.
    ///
    /// They come in pairs, the match's before those of its groups, negative where a group took no
    /// part, and hold until the next search.
    ///
    /// - Throws: 54001 for a search that would take too long, 22021 for text that is no UTF-8,
    ///   53200.
    func match(
        in bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        aim: Aim,
        isChecked: Bool = false
    ) throws(SQLError) -> UnsafePointer<Int>? {
        var flags = isChecked ? UInt32(SR_CHECKED) : 0
        if expression.needsLongest && aim != .presence { flags |= UInt32(SR_LONGEST) }
        if aim == .groups { flags |= UInt32(SR_GROUPS) }
        let status = sr_matcher_search(matcher, bytes.baseAddress, bytes.count, start, flags)
        switch Int(status) {
        case SR_FOUND: return sr_matcher_offsets(matcher)
        case SR_NONE: return nil
        case SR_TOO_COMPLEX:
            throw SQLError(
                .statementTooComplex,
                "The complexity of matching the regular expression exceeded predefined bounds.",
                hint: "Try refactoring the regular expression to make each choice made by the "
                    + "state machine unambiguous."
            )
        case SR_NOT_UTF8:
            throw SQLError(.characterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
        case SR_NO_MEMORY: throw Self.outOfMemory
        default: throw SQLError.invariant("PCRE2 failed in a way that has no name")
        }
    }

    /// Calls `body` with each match at or after byte `start`, left to right, until it returns
    /// false.
    ///
    /// Matches do not overlap; an empty one may follow another, but the search goes on a
    /// character further after it.
    ///
    /// - Source: PostgreSQL `regexp_count` and `regexp_replace` with `g`, and Perl.
    @inline(__always)
    func forEachMatch(
        in bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        aim: Aim,
        _ body: (UnsafePointer<Int>) -> Bool
    ) throws(SQLError) {
        var at = start
        var isChecked = false
        while at <= bytes.count {
            let found = try match(in: bytes, from: at, aim: aim, isChecked: isChecked)
            guard let found else { return }
            isChecked = true
            let (first, end) = (found[0], found[1])
            if !body(found) { return }
            at = end > first ? end : end < bytes.count ? skip(1, from: end, in: bytes) : end + 1
        }
    }
}

/// The searches of a column of patterns and one of parameters, by row.
///
/// A pattern is compiled when it differs from the row before; a constant one once.
struct SearchColumn {
    private let patterns: Column<StringView>
    private let parameters: Column<StringView>?
    private let allowed: Set<UInt8>
    private var present: (search: PatternSearch, parameters: Parameters)?
    private var pattern = StringView.empty
    private var letters = StringView.empty
    private var byteCount = 0

    /// What the last argument of the REGEXP functions says.
    struct Parameters {
        var ignoresCase = false
        /// PCRE instead of POSIX.
        var isPerl = false
        /// The first group instead of the match.
        var wantsGroup = false
    }

    /// Reads searches from columns; `allowed` are the letters that parameters may hold.
    init(_ patterns: Column<StringView>, parameters: Column<StringView>?, allowed: String) {
        self.patterns = patterns
        self.parameters = parameters
        self.allowed = Set(allowed.utf8)
    }

    /// The search of a row, whose text has `length` bytes.
    ///
    /// - Throws: 2201B, 22023 for a parameter that is none, 53200, 57014.
    mutating func search(
        _ row: Int,
        length: Int
    ) throws(SQLError) -> (search: PatternSearch, parameters: Parameters) {
        byteCount += length + 256
        if byteCount > 1 << 16 {
            byteCount = 0
            try Interruption.check()
        }
        let next = patterns[row]
        let nextLetters = parameters?[row] ?? .empty
        if let present, next.head == pattern.head, next.tail == pattern.tail,
            nextLetters.head == letters.head, nextLetters.tail == letters.tail
        {
            return present
        }
        let made = try Self.make(next.bytes, try read(nextLetters))
        (pattern, letters, present) = (next, nextLetters, made)
        return made
    }

    private static func make(
        _ pattern: [UInt8],
        _ parameters: Parameters
    ) throws(SQLError) -> (search: PatternSearch, parameters: Parameters) {
        let expression = try RegularExpression.compiled(
            RegularExpression.Source(
                pattern: pattern,
                dialect: parameters.isPerl ? .perl : .posix,
                ignoresCase: parameters.ignoresCase
            )
        )
        return (try PatternSearch(expression), parameters)
    }

    /// The parameters of the letters; the last of `c` and `i` holds.
    private func read(_ letters: StringView) throws(SQLError) -> Parameters {
        var read = Parameters()
        for letter in letters.bytes {
            guard allowed.contains(letter) else {
                throw SQLError(
                    .invalidParameterValue,
                    "invalid regular expression parameter: \"\(letters.string)\"",
                    hint: "The parameters are \(allowedText)."
                )
            }
            switch letter {
            case UInt8(ascii: "c"): read.ignoresCase = false
            case UInt8(ascii: "i"): read.ignoresCase = true
            case UInt8(ascii: "e"): read.wantsGroup = true
            default: read.isPerl = true
            }
        }
        return read
    }

    private var allowedText: String {
        allowed.sorted().map { String(UnicodeScalar($0)) }.joined(separator: ", ")
    }
}
