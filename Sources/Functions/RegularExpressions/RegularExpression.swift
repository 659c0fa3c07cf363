import CRegularExpressions
import SQLTypes
import Synchronization

/// A compiled regular expression, shared by all threads that search with it.
///
/// All dialects run on PCRE2's machine code. POSIX wants the longest of the leftmost matches:
/// the search above finds where it begins, PCRE2's other search, which follows all ways at once,
/// where it ends; patterns for which both agree (``PosixPattern/needsLongest``) skip the second.
/// A POSIX search that backtracks too much goes on without backtracking, so that only the PCRE
/// dialect, whose patterns may need it, fails on catastrophic patterns, and very long texts.
///
/// RE2 was the alternative: linear time and longest matches in one, but C++ and no look-around.
///
/// PCRE2 never changes a pattern once it is compiled, nor its machine code: searches on any threads
/// read it and write their own ``PatternSearch`` only. It is freed when nobody holds it.
final class RegularExpression: @unchecked Sendable {  // Immutable once compiled; see above.

    /// What a pattern's text means.
    enum Dialect: Hashable {
        case posix
        case perl
        /// SIMILAR TO with its escape character.
        case similar(escape: UInt8?)
    }

    /// What is compiled: texts equal in all of it share one compiled pattern.
    struct Source: Hashable {
        var pattern: [UInt8]
        var dialect: Dialect
        var ignoresCase: Bool
    }

    let pattern: OpaquePointer
    /// Groups in parentheses.
    let groupCount: Int
    /// Whether a search must look for the longest match by itself.
    let needsLongest: Bool

    private init(_ source: Source) throws(SQLError) {
        var text = source.pattern
        var flags: UInt32 = source.ignoresCase ? UInt32(SR_IGNORES_CASE) : 0
        var needsLongest = false
        if source.dialect != .perl {
            if case .similar(let escape) = source.dialect {
                text = try SimilarPattern.posix(text, escape: escape)
            }
            let posix = try PosixPattern(text)
            text = posix.translated
            needsLongest = posix.needsLongest
            flags |= UInt32(SR_POSIX)
        }
        var message = [CChar](repeating: 0, count: 256)
        let made = text.withUnsafeBufferPointer { bytes in
            sr_pattern_new(bytes.baseAddress, bytes.count, flags, &message, message.count)
        }
        guard let made else {
            let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw PosixPattern.invalid(String(decoding: reason, as: UTF8.self))
        }
        pattern = made
        groupCount = sr_pattern_groups(made)
        self.needsLongest = needsLongest
    }

    deinit { sr_pattern_free(pattern) }

    // MARK: Compiled patterns

    private struct Cache {
        var expressions: [Source: RegularExpression] = [:]
        var byteCount = 0
    }

    private static let cache = Mutex(Cache())
    private static let cachedCountMax = 256
    private static let cachedByteCountMax = 8 << 20

    /// The compiled pattern of a source; compiled once for as long as it is in use often.
    ///
    /// - Throws: 2201B where it is no regular expression, 22025 for a SIMILAR TO pattern that
    ///   ends in its escape character.
    static func compiled(_ source: Source) throws(SQLError) -> RegularExpression {
        if let known = cache.withLock({ $0.expressions[source] }) { return known }
        let made = try RegularExpression(source)
        let byteCount = source.pattern.count + sr_pattern_bytes(made.pattern)
        cache.withLock { cache in
            if cache.expressions.count >= cachedCountMax
                || cache.byteCount + byteCount > cachedByteCountMax
            {
                cache = Cache()
            }
            if byteCount <= cachedByteCountMax, cache.expressions[source] == nil {
                cache.expressions[source] = made
                cache.byteCount += byteCount
            }
        }
        return made
    }
}
