package import SQLTypes
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A time zone: when which offset from UTC holds.
///
/// A name may be one of the system's zone files, a common abbreviation with a fixed offset, or a
/// POSIX rule such as `EST5EDT,M3.2.0,M11.1.0` or `UTC+8`, whose signs count west as positive.
///
/// - Source: RFC 9636 for the files; POSIX `TZ` for rules; PostgreSQL's abbreviations.
package final class TimeZone: Sendable {
    /// Seconds since 1970 at which the offset changes, ascending.
    private let transitions: [Int64]
    /// The offset from each transition on.
    private let offsets: [ZoneOffset]
    /// The offset before the first transition.
    private let firstOffset: ZoneOffset
    /// What holds after the last transition; nil for the last offset.
    private let rule: ZoneRule?

    init(
        transitions: [Int64],
        offsets: [ZoneOffset],
        firstOffset: ZoneOffset,
        rule: ZoneRule?
    ) {
        self.transitions = transitions
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.rule = rule
    }

    private static let known = Mutex<[String: TimeZone]>([:])

    /// The zone of that name: 22023 where there is none.
    package static func named(_ name: String) throws(SQLError) -> TimeZone {
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard let zone = load(name) else {
            throw SQLError(.invalidParameterValue, "time zone \"\(name)\" not recognized")
        }
        known.withLock { $0[name] = zone }
        return zone
    }

    private static func load(_ name: String) -> TimeZone? {
        if let hours = abbreviations[name.uppercased()] {
            let offset = ZoneOffset(
                seconds: Int64(hours * 3600),
                isDaylight: false,
                abbreviation: zoneAbbreviation(name.uppercased().utf8)
            )
            return TimeZone(transitions: [], offsets: [], firstOffset: offset, rule: nil)
        }
        for spelling in [name, capitalized(name), name.uppercased()] {
            if let bytes = readZoneFile(spelling), let zone = parseZoneFile(bytes) { return zone }
        }
        guard let rule = ZoneRule(posix: name) else { return nil }
        return TimeZone(transitions: [], offsets: [], firstOffset: rule.standard, rule: rule)
    }

    /// The offset at a moment, in seconds since 1970 UTC.
    func offset(at moment: Int64) -> ZoneOffset {
        if let last = transitions.last, moment >= last {
            return rule?.offset(at: moment) ?? offsets[offsets.count - 1]
        }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        if low == 0 {
            return transitions.isEmpty ? rule?.offset(at: moment) ?? firstOffset : firstOffset
        }
        return offsets[low - 1]
    }

    /// The offset at a moment, in microseconds since 2000 UTC.
    package func offset(atUTC microseconds: Int64) -> ZoneOffset {
        offset(at: seconds(microseconds))
    }

    /// Seconds east of UTC at a time of a day on the zone's clock.
    func offset(at time: Int64, onDay day: Int64) -> Int {
        let local = day * Calendar.microsecondsPerDay &+ time
        return Int((local &- utc(fromLocal: local)) / Calendar.microsecondsPerSecond)
    }

    /// A local time, in microseconds since 2000, of a UTC one; past the range of a TIMESTAMP at
    /// its ends, which the caller checks.
    package func local(fromUTC microseconds: Int64) -> Int64 {
        microseconds &+ offset(at: seconds(microseconds)).seconds * Calendar.microsecondsPerSecond
    }

    /// The UTC time of a local one.
    ///
    /// A time that occurs twice is taken as the later one, which is standard time in most zones;
    /// one that is skipped is read with the offset before the gap.
    ///
    /// - Source: PostgreSQL `DetermineTimeZoneOffset`.
    package func utc(fromLocal microseconds: Int64) -> Int64 {
        let local = seconds(microseconds)
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        var chosen = before
        if before.seconds != after.seconds,
            offset(at: local - after.seconds).seconds == after.seconds
        {
            chosen = after
        }
        return microseconds &- chosen.seconds * Calendar.microsecondsPerSecond
    }

    private func seconds(_ microseconds: Int64) -> Int64 {
        Calendar.floorDivide(microseconds, Calendar.microsecondsPerSecond)
            + Calendar.daysFrom1970 * 86_400
    }
}

extension TimeZone: Hashable {
    /// Zones are equal when they are the same object: each name has one.
    package static func == (left: TimeZone, right: TimeZone) -> Bool { left === right }

    /// Hashes the identity.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// An offset east of UTC.
package struct ZoneOffset: BitwiseCopyable, Sendable {
    /// Seconds east.
    package var seconds: Int64
    var isDaylight: Bool
    /// What the zone's clock is called then: `EST`, `EDT`; its first 12 bytes.
    package var abbreviation: StringView

    /// UTC's own.
    static let utc = ZoneOffset(
        seconds: 0,
        isDaylight: false,
        abbreviation: zoneAbbreviation("UTC".utf8)
    )
}

/// The abbreviation of a zone, as much of it as lies inside a view.
func zoneAbbreviation(_ bytes: some Collection<UInt8>) -> StringView {
    let kept = Array(bytes.prefix(StringView.inlineByteCount))
    return kept.withUnsafeBufferPointer { kept in
        kept.baseAddress.map { StringView($0, count: kept.count) } ?? .empty
    }
}

/// Abbreviations that always mean the same offset, in hours.
private let abbreviations: [String: Double] = [
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "ZULU": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1,
    "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9, "AWST": 8,
    "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
]

/// `america/new_york` as the files spell it: `America/New_York`.
private func capitalized(_ name: String) -> String {
    var startsWord = true
    var result = ""
    for character in name {
        result += startsWord ? character.uppercased() : character.lowercased()
        startsWord = character == "/" || character == "_" || character == "-"
    }
    return result
}

private func readZoneFile(_ name: String) -> [UInt8]? {
    let isPlain = name.utf8.allSatisfy { byte in
        (byte | 32) &- 97 < 26 || byte &- 48 < 10
            || [UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+")]
                .contains(byte)
    }
    guard isPlain, !name.isEmpty, name.first != "/" else { return nil }
    let descriptor = open("/usr/share/zoneinfo/" + name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var length = 0
    while length < bytes.count {
        let got = bytes.withUnsafeMutableBytes { raw in
            raw.baseAddress.map { read(descriptor, $0 + length, raw.count - length) } ?? 0
        }
        if got < 0 { return nil }
        if got == 0 { break }
        length += got
    }
    return Array(bytes[0..<length])
}

/// The zone in a file's bytes; nil where they are no zone file.
private func parseZoneFile(_ bytes: [UInt8]) -> TimeZone? {
    guard let first = ZoneFileHeader(bytes, at: 0) else { return nil }
    // Version 1 has 32-bit times alone; later ones repeat everything with 64 bits and a rule.
    if first.version == 0 { return zone(bytes, first, timeByteCount: 4, hasRule: false) }
    let second = first.end(timeByteCount: 4)
    guard let header = ZoneFileHeader(bytes, at: second) else { return nil }
    return zone(bytes, header, timeByteCount: 8, hasRule: true)
}

private struct ZoneFileHeader {
    let start: Int
    let version: UInt8
    let counts: [Int]

    init?(_ bytes: [UInt8], at offset: Int) {
        guard bytes.count >= offset + 44, Array(bytes[offset..<offset + 4]) == Array("TZif".utf8)
        else { return nil }
        start = offset + 44
        version = bytes[offset + 4]
        counts = (0..<6).map { Int(bigEndian(bytes, offset + 20 + 4 * $0, byteCount: 4)) }
        if counts.contains(where: { $0 < 0 || $0 > 10_000 }) { return nil }
    }

    // Counts stand in the order isutc, isstd, leap, time, type, character.
    var timeCount: Int { counts[3] }
    var typeCount: Int { counts[4] }
    var nameByteCount: Int { counts[5] }

    func end(timeByteCount: Int) -> Int {
        start + timeCount * (timeByteCount + 1) + typeCount * 6 + counts[5]
            + counts[2] * (timeByteCount + 4) + counts[1] + counts[0]
    }
}

private func bigEndian(_ bytes: [UInt8], _ offset: Int, byteCount: Int) -> Int64 {
    var value = Int64(Int8(bitPattern: bytes[offset]))
    for index in 1..<byteCount { value = value << 8 | Int64(bytes[offset + index]) }
    return value
}

private func zone(
    _ bytes: [UInt8],
    _ header: ZoneFileHeader,
    timeByteCount: Int,
    hasRule: Bool
) -> TimeZone? {
    let end = header.end(timeByteCount: timeByteCount)
    guard bytes.count >= end, header.typeCount > 0 else { return nil }
    let indexStart = header.start + header.timeCount * timeByteCount
    let typeStart = indexStart + header.timeCount
    let nameStart = typeStart + header.typeCount * 6
    let names = bytes[nameStart..<nameStart + header.nameByteCount]
    let types = (0..<header.typeCount).map { type in
        let name = names.dropFirst(Int(bytes[typeStart + 6 * type + 5])).prefix { $0 != 0 }
        return ZoneOffset(
            seconds: bigEndian(bytes, typeStart + 6 * type, byteCount: 4),
            isDaylight: bytes[typeStart + 6 * type + 4] != 0,
            abbreviation: zoneAbbreviation(name)
        )
    }
    let indexes = bytes[indexStart..<typeStart].map(Int.init)
    if indexes.contains(where: { $0 >= types.count }) { return nil }
    var rule: ZoneRule?
    if hasRule, end < bytes.count {
        let text = bytes[(end + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        rule = ZoneRule(posix: String(decoding: text, as: UTF8.self))
    }
    return TimeZone(
        transitions: (0..<header.timeCount).map {
            bigEndian(bytes, header.start + $0 * timeByteCount, byteCount: timeByteCount)
        },
        offsets: indexes.map { types[$0] },
        firstOffset: types.first { !$0.isDaylight } ?? types[0],
        rule: rule
    )
}
