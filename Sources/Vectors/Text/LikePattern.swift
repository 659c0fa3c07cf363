import CKernels
package import SQLTypes

/// A LIKE pattern, compiled once: literal pieces between percent signs, matched by the cheapest
/// means its shape allows.
///
/// ```
///   abc          whole text           abc%      prefix          %abc      suffix
///   %abc%        substring            a%b%c     prefix, pieces in order, suffix
///   anything with _ or letters that ignore case                 general matcher
/// ```
/// `_` stands for one UTF-8 character. Blanks count in patterns, unlike in comparisons.
package final class LikePattern: Sendable {
    private enum Shape: Sendable {
        case anything
        case exact([UInt8])
        /// A prefix, pieces that follow in order, and a suffix; each may be empty.
        case pieces(prefix: [UInt8], middle: [[UInt8]], suffix: [UInt8])
        case general([Element])
    }

    private enum Element: Sendable, Equatable {
        case byte(UInt8)
        case anyCharacter
        case anySequence
    }

    private let shape: Shape
    private let ignoresCase: Bool
    /// The text before the first wildcard where case counts: for ranges and zone maps.
    package let literalPrefix: [UInt8]
    /// Whether the pattern has no wildcard, so that it is an equality of bytes.
    package let isExact: Bool

    /// Compiles a pattern.
    ///
    /// `escape` is the byte that takes a wildcard's meaning away, nil for none; a pattern that
    /// ends in it takes it as itself.
    package init(
        bytes pattern: [UInt8],
        escape: UInt8? = UInt8(ascii: "\\"),
        isCaseInsensitive: Bool = false
    ) {
        var elements: [Element] = []
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            if byte == escape && index < pattern.count {
                elements.append(.byte(isCaseInsensitive ? lowered(pattern[index]) : pattern[index]))
                index += 1
            } else if byte == UInt8(ascii: "%") {
                if elements.last != .anySequence { elements.append(.anySequence) }
            } else if byte == UInt8(ascii: "_") {
                elements.append(.anyCharacter)
            } else {
                elements.append(.byte(isCaseInsensitive ? lowered(byte) : byte))
            }
        }
        ignoresCase = isCaseInsensitive
        let prefix = elements.prefix { if case .byte = $0 { true } else { false } }
        isExact = !isCaseInsensitive && prefix.count == elements.count
        literalPrefix = isCaseInsensitive ? [] : Self.literal(Array(prefix))
        if elements == [.anySequence] {
            shape = .anything
        } else if isCaseInsensitive || elements.contains(.anyCharacter) {
            shape = .general(elements)
        } else if !elements.contains(.anySequence) {
            shape = .exact(Self.literal(elements))
        } else {
            let parts = elements.split(separator: .anySequence, omittingEmptySubsequences: false)
                .map { Self.literal(Array($0)) }
            shape = .pieces(
                prefix: parts.first ?? [],
                middle: parts.dropFirst().dropLast().filter { !$0.isEmpty },
                suffix: parts.last ?? []
            )
        }
    }

    /// - Errors: 22025 for a pattern that ends in its escape, which takes no meaning away then.
    /// - Source: PostgreSQL, which finds that out with the first text that gets so far; here it is
    ///   the pattern's fault alone.
    package static func requireWhole(
        _ pattern: UnsafeBufferPointer<UInt8>,
        escape: UInt8?
    ) throws(SQLError) {
        guard let escape, pattern.last == escape else { return }
        let run = pattern.reversed().prefix { $0 == escape }.count
        guard run % 2 == 1 else { return }
        throw SQLError(
            .invalidEscapeSequence,
            "LIKE pattern must not end with escape character"
        )
    }

    private static func literal(_ elements: [Element]) -> [UInt8] {
        elements.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
    }

    /// Whether one text matches.
    package func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch shape {
        case .anything: true
        case .exact(let bytes): text.count == bytes.count && starts(text, with: bytes)
        case .pieces(let prefix, let middle, let suffix):
            matchPieces(text, prefix, middle, suffix)
        case .general(let elements): matchGeneral(text, elements)
        }
    }

    /// Rows of a string vector that match; NULL rows are arbitrary.
    fileprivate func bits(_ vector: Vector, count: Int) -> [UInt64] {
        if case .anything = shape { return Vector.allValid(count) }
        if let dictionary = vector.dictionary, dictionary.count <= max(count, 256) {
            return bitsOfCodes(vector, bits(dictionary, count: dictionary.count), count: count)
        }
        let source = vector.flattened()
        defer { withExtendedLifetime(source) {} }
        let views = source.entries(as: StringView.self)
        if case .pieces(let prefix, let middle, let suffix) = shape, prefix.isEmpty,
            suffix.isEmpty, !middle.isEmpty
        {
            return substringBits(views, middle, count: count)
        }
        var bits = noBits(count)
        for row in 0..<count {
            let isMatch = views[row].withBytes { matches($0) }
            bits[row &>> 6] |= UInt64(sk_bit(isMatch)) &<< UInt64(row & 63)
        }
        return bits
    }

    /// `%first%second%…` for all rows: the pieces are looked for from left to right.
    private func substringBits(
        _ views: UnsafePointer<StringView>,
        _ pieces: [[UInt8]],
        count: Int
    ) -> [UInt64] {
        var bits = noBits(count)
        let text = pieces.flatMap { $0 }
        text.withUnsafeBufferPointer { text in
            var start = 0
            let needles = pieces.map { piece -> sk_needle in
                defer { start += piece.count }
                let (first, second) = rarestBytes(piece)
                return sk_needle(
                    bytes: text.baseAddress.map { $0 + start },
                    length: piece.count,
                    rare_first: first,
                    rare_second: second
                )
            }
            sk_contains(views, count, needles, needles.count, &bits)
        }
        return bits
    }

    private func matchPieces(
        _ text: UnsafeBufferPointer<UInt8>,
        _ prefix: [UInt8],
        _ middle: [[UInt8]],
        _ suffix: [UInt8]
    ) -> Bool {
        if text.count < prefix.count + suffix.count { return false }
        if !starts(text, with: prefix) { return false }
        let end = text.count - suffix.count
        if !suffix.isEmpty {
            let tail = UnsafeBufferPointer(rebasing: text[end...])
            if !starts(tail, with: suffix) { return false }
        }
        return middle.isEmpty || matchMiddle(text, prefix.count, end, middle[...])
    }

    private func matchMiddle(
        _ text: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ end: Int,
        _ pieces: ArraySlice<[UInt8]>
    ) -> Bool {
        var at = start
        let body = UnsafeBufferPointer(rebasing: text[..<end])
        for piece in pieces {
            guard let next = piece.withUnsafeBufferPointer({ find(body, at, $0) }) else {
                return false
            }
            at = next
        }
        return true
    }

    /// Backtracks to the last percent sign only, which suffices for LIKE.
    private func matchGeneral(_ text: UnsafeBufferPointer<UInt8>, _ elements: [Element]) -> Bool {
        var (at, element) = (0, 0)
        var (restartText, restartElement) = (-1, -1)
        while at < text.count {
            if element < elements.count {
                switch elements[element] {
                case .byte(let wanted):
                    let byte = ignoresCase ? lowered(text[at]) : text[at]
                    if byte == wanted {
                        at += 1
                        element += 1
                        continue
                    }
                case .anyCharacter:
                    at += characterLength(text, at)
                    element += 1
                    continue
                case .anySequence:
                    element += 1
                    (restartText, restartElement) = (at, element)
                    continue
                }
            }
            if restartElement < 0 { return false }
            restartText += characterLength(text, restartText)
            (at, element) = (restartText, restartElement)
        }
        while element < elements.count, elements[element] == .anySequence { element += 1 }
        return element == elements.count
    }
}

/// `vector LIKE pattern`: a bool vector, NULL where the text is.
package func matchLike(_ vector: Vector, pattern: LikePattern, count: Int) -> Vector {
    if vector.isNullConstant { return .nulls(physical: .bool, count: count) }
    if vector.isConstant {
        let isMatch = vector.stringView(0).withBytes { pattern.matches($0) }
        return .constant(.bool(isMatch), physical: .bool, count: count)
    }
    return .bool(
        bits: pattern.bits(vector, count: count),
        validity: vector.rowValidity,
        count: count
    )
}

/// The places of the two bytes of a text that English text has least often.
private func rarestBytes(_ text: [UInt8]) -> (Int, Int) {
    // Letters by frequency, the most common first; what is not among them is rare.
    let common = Array(" etaoinshrdlucmfwygpbvk.,0123456789xqjz".utf8)
    let ranked = text.indices.sorted { first, second in
        let a = common.firstIndex(of: text[first]) ?? common.count
        let b = common.firstIndex(of: text[second]) ?? common.count
        return a != b ? a > b : first < second
    }
    return (ranked[0], ranked.count > 1 ? ranked[1] : ranked[0])
}

@inline(__always)
private func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

private func characterLength(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    var end = at + 1
    while end < text.count && text[end] & 0xC0 == 0x80 { end += 1 }
    return end - at
}

private func starts(_ text: UnsafeBufferPointer<UInt8>, with prefix: [UInt8]) -> Bool {
    if text.count < prefix.count { return false }
    guard let address = text.baseAddress, !prefix.isEmpty else { return prefix.isEmpty }
    return memcmp(address, prefix, prefix.count) == 0
}

/// Where the first occurrence of `needle` at or after `start` ends; nil where there is none.
@inline(__always)
private func find(
    _ text: UnsafeBufferPointer<UInt8>,
    _ start: Int,
    _ needle: UnsafeBufferPointer<UInt8>
) -> Int? {
    guard let base = text.baseAddress, let wanted = needle.baseAddress,
        start &+ needle.count <= text.count
    else { return nil }
    guard let hit = sk_find(base + start, text.count &- start, wanted, needle.count) else {
        return nil
    }
    return hit - UnsafeRawPointer(base) &+ needle.count
}
