import SQLTypes

@testable import Vectors

/// A small generator with a seed, so that a failing test can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// The same values in every form that can hold them.
func allForms(_ data: [Datum], physical: PhysicalType) -> [Vector] {
    var forms = [Vector.of(data, physical: physical)]
    forms.append(contentsOf: dictionaryForms(data, physical: physical))
    if physical == .int64 { forms.append(contentsOf: narrowForms(data)) }
    return forms
}

private func validity(_ data: [Datum]) -> [UInt64]? {
    if !data.contains(.null) { return nil }
    var words = [UInt64](repeating: 0, count: (data.count + 63) / 64)
    for (row, datum) in data.enumerated() where !datum.isNull {
        words[row / 64] |= 1 << UInt64(row % 64)
    }
    return words
}

private func narrowForms(_ data: [Datum]) -> [Vector] {
    let values: [Int64] = data.compactMap { if case .int64(let value) = $0 { value } else { nil } }
    guard let least = values.min(), let greatest = values.max() else { return [] }
    let (width, overflow) = greatest.subtractingReportingOverflow(least)
    var forms: [Vector] = []
    let sizes: [(VectorForm, Int64, Int)] = [
        (.narrow8, 0xFF, 1), (.narrow16, 0xFFFF, 2), (.narrow32, 0xFFFF_FFFF, 4),
    ]
    for (form, most, stride) in sizes where !overflow && width <= most {
        let buffer = Buffer(byteCount: max(1, data.count) * stride)
        for (row, datum) in data.enumerated() {
            var offset: UInt32 = 0
            if case .int64(let value) = datum { offset = UInt32(value - least) }
            withUnsafeBytes(of: &offset) {
                (buffer.pointer + row * stride).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0[0..<stride]).baseAddress
                        ?? UnsafeRawPointer(buffer.pointer),
                    byteCount: stride
                )
            }
        }
        for bounds in [nil, least...greatest] {
            forms.append(
                Vector(
                    physical: .int64,
                    form: form,
                    count: data.count,
                    data: buffer.pointer,
                    base: least,
                    validity: validity(data),
                    bounds: bounds,
                    owners: [buffer]
                )
            )
        }
    }
    return forms
}

private func dictionaryForms(_ data: [Datum], physical: PhysicalType) -> [Vector] {
    var entries: [Datum] = []
    for datum in data where !datum.isNull && !entries.contains(datum) { entries.append(datum) }
    if entries.isEmpty { return [] }
    let dictionary = Vector.of(entries, physical: physical)
    var forms: [Vector] = []
    let sizes: [(VectorForm, Int, Int)] = [
        (.dictionary8, 0xFF, 1), (.dictionary16, 0xFFFF, 2), (.dictionary32, 1 << 31, 4),
    ]
    for (form, most, stride) in sizes where entries.count <= most {
        let buffer = Buffer(byteCount: max(1, data.count) * stride)
        for (row, datum) in data.enumerated() {
            let code = entries.firstIndex(of: datum) ?? 0
            for byte in 0..<stride {
                buffer.pointer.storeBytes(
                    of: UInt8(code >> (8 * byte) & 0xFF),
                    toByteOffset: row * stride + byte,
                    as: UInt8.self
                )
            }
        }
        forms.append(
            Vector(
                physical: physical,
                form: form,
                count: data.count,
                data: buffer.pointer,
                dictionary: dictionary,
                validity: validity(data),
                owners: [buffer]
            )
        )
    }
    return forms
}

extension Vector {
    /// All rows as data.
    var data: [Datum] { (0..<count).map { datum($0) } }
}

/// Integers of a column, some of them NULL.
func randomIntegers(
    _ count: Int,
    _ range: ClosedRange<Int64>,
    nulls: Bool,
    _ generator: inout SeededGenerator
) -> [Datum] {
    (0..<count).map { _ in
        nulls && Int.random(in: 0..<5, using: &generator) == 0
            ? .null : .int64(Int64.random(in: range, using: &generator))
    }
}

/// Texts that differ in trailing blanks, length and prefix.
func randomTexts(_ count: Int, nulls: Bool, _ generator: inout SeededGenerator) -> [Datum] {
    let stems = [
        "", "a", "ab", "abc ", "abcd", "abcde", "abcd  ", "MAIL", "SHIP", "furiously bold requests",
        "furiously bold requests ", "furiously bold deposits", "é", "日本語", "twelve bytes",
        "thirteen byte", "abcd\u{1}", "a   ",
    ]
    return (0..<count).map { _ in
        if nulls && Int.random(in: 0..<5, using: &generator) == 0 { return .null }
        return .text(stems.randomElement(using: &generator) ?? "")
    }
}
