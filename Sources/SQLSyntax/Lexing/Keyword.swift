/// The words that the grammar knows, named after their spelling in lower case.
///
/// Words that only COPY's options use are not here: its list stands with COPY.
enum Keyword: UInt16, CaseIterable {
    /// A word that is no keyword, and every token that is no word.
    case none
    // Reserved words, in Redshift's order; a bare name cannot be one of them.
    case aes128, aes256, all, allowoverwrite, analyse, analyze, and, any, array, `as`, asc
    case authorization, az64, backup, between, binary, blanksasnull, both, bytedict, bzip2
    case `case`, cast, check, collate, column, connect, constraint, create, credentials, cross
    case current_date, current_time, current_timestamp, current_user, current_user_id
    case `default`, deferrable, deflate, defrag, delta, delta32k, desc, disable, distinct, `do`
    case `else`, emptyasnull, enable, encode, encrypt, encryption, end, except, explicit
    case `false`, `for`, foreign, freeze, from, full, globaldict256, globaldict64k, grant, group
    case gzip, having, identity, ignore, ilike, `in`, initially, inner, intersect, interval, into
    case `is`, isnull, join, language, leading, left, like, limit, localtime, localtimestamp
    case lun, luns, lzo, lzop, minus, mostly16, mostly32, mostly8, natural, new, not, notnull
    case null, nulls, off, offline, offset, oid, old, on, only, open, or, order, outer, overlaps
    case parallel, partition, percent, permissions, pivot, placing, primary, qualify, raw
    case readratio, recover, references, rejectlog, resort, respect, restore, right, select
    case session_user, similar, snapshot, some, sysdate, system, start, table, tag, tdes
    case text255, text32k, then, timestamp, to, top, trailing, `true`, truncatecolumns, union
    case unique, unnest, unpivot, user, using, verbose, wallet, when, `where`, with, without
    // Words with a meaning in some places only; names elsewhere.
    case abort, alter, approximate, at, auto, backward, begin, boost, by, call, cancel, cascade
    case characteristics, close, columns, comment, commit, committed, compound, compression
    case comprows, convert, copy, cs, cube, current, current_schema, deallocate, declare
    case defaults, delete, distkey, diststyle, drop, escape, even, excluding, exclude, execute
    case exists, explain, extract, fetch, filter, first, next, following, generated, grouping, `if`
    case including, insert, interleaved, isolation, key, last, lateral, level, local, lock
    case materialized, merge, no, of, outfile, over, partitioned, position, precision
    case preceding, predicate, prepare, procedure, read, recluster, recursive, reindex, release
    case repeatable, replace, reset, restrict, revoke, rollback, rollup, row, rows, savepoint
    case schema, serializable, session, set, sets, show, sort, sortkey, substring, temp
    case temporary, ties, time, timestamptz, timetz, transaction, trim, truncate, try_cast, type
    case unbounded, uncommitted, unknown, unload, update, use, vacuum, values, varying, view
    case window, within, work, write, year, yes, zone, date, binding, function, external
    case character, char, national, varchar, double, float, range, groups, uncached

    /// Whether the word cannot stand as a bare name.
    var isReserved: Bool {
        rawValue >= Keyword.aes128.rawValue && rawValue <= Keyword.without.rawValue
    }

    /// Whether the reserved word still names a function when a parenthesis follows, as
    /// `left('abc', 1)` does.
    var isFunctionName: Bool {
        switch self {
        case .left, .right, .array, .collate, .binary, .like, .ilike, .deflate, .tag: true
        default: false
        }
    }
}

/// Words to keywords by an open-addressed table: no string is made while looking up.
struct KeywordTable {
    /// A word's first sixteen bytes, its length and its last byte, which tell all keywords apart.
    private struct Entry {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var lengthAndLast: UInt16 = 0
        var keyword = Keyword.none
    }

    /// The longest keyword is `current_timestamp`.
    private static let lengthMax = 17
    private static let mask = 2_047
    private var entries = [Entry](repeating: Entry(), count: KeywordTable.mask + 1)

    /// The one table.
    static let shared = KeywordTable()

    private init() {
        for keyword in Keyword.allCases where keyword != .none {
            let bytes = Array(String(describing: keyword).utf8)
            let entry = bytes.withUnsafeBufferPointer { Self.entry(of: $0) }
            var slot = Self.slot(of: entry)
            while entries[slot].keyword != .none { slot = (slot + 1) & Self.mask }
            entries[slot] = entry
            entries[slot].keyword = keyword
        }
    }

    /// The keyword that `bytes` spell in any case, or `.none`.
    func keyword(spelled bytes: UnsafeBufferPointer<UInt8>) -> Keyword {
        guard bytes.count <= Self.lengthMax, bytes.count >= 2 else { return .none }
        let sought = Self.entry(of: bytes)
        var slot = Self.slot(of: sought)
        while true {
            let entry = entries[slot]
            if entry.keyword == .none { return .none }
            if entry.low == sought.low, entry.high == sought.high,
                entry.lengthAndLast == sought.lengthAndLast
            {
                return entry.keyword
            }
            slot = (slot + 1) & Self.mask
        }
    }

    // `bytes` is not empty and at most 17 long. Setting bit 5 folds letters and leaves digits
    // alone; an underscore becomes 0x7F, which no name holds, so nothing else looks like it.
    private static func entry(of bytes: UnsafeBufferPointer<UInt8>) -> Entry {
        var entry = Entry()
        var shift: UInt64 = 0
        for index in 0..<min(8, bytes.count) {
            entry.low |= UInt64(bytes[index] | 0x20) << shift
            shift += 8
        }
        shift = 0
        var index = 8
        while index < min(16, bytes.count) {
            entry.high |= UInt64(bytes[index] | 0x20) << shift
            shift += 8
            index += 1
        }
        entry.lengthAndLast = UInt16(bytes.count) << 8 | UInt16(bytes[bytes.count - 1] | 0x20)
        return entry
    }

    private static func slot(of entry: Entry) -> Int {
        var hash = entry.low &* 0x9E37_79B9_7F4A_7C15
        hash ^= entry.high &* 0xC2B2_AE3D_27D4_EB4F
        hash ^= UInt64(entry.lengthAndLast) &* 0x1656_67B1_9E37_79F9
        return Int(truncatingIfNeeded: hash >> 40) & mask
    }
}
