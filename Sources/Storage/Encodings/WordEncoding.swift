import CKernels
import SQLTypes
import Vectors

// TEXT255 and TEXT32K: texts as codes of words, a dictionary of words per block.
//
// A word is a run of bytes without blanks and the blank behind it, if there is one, so that texts
// are words put together and nothing else. A group is
//
// ```
//   lengths of the texts 1, 2 or 4 × rows, padded to 16
//   bytes of all texts 4 | pad 12
//   TEXT255:  code 1, or 255, length 1 and that many bytes
//   TEXT32K:  code 2, or 0x8000 + length 2 and that many bytes
// ```
// The codes run over all texts of the group, so it is unpacked by one loop into the layout RAW has.

/// The words of one block, in order of appearance.
struct WordDictionary {
    private(set) var text: [UInt8] = []
    /// Where each word begins in `text`; one more than words.
    private(set) var starts: [Int] = [0]
    // A code plus one per slot; 0 is free.
    private var slots: [UInt32]
    private let countMax: Int
    private let byteCountMax: Int

    /// Makes an empty dictionary for codes of `codeWidth` bytes.
    ///
    /// - Source: Redshift: the first 245 words of a block, or words of 32 KiB altogether.
    init(codeWidth: Int) {
        countMax = codeWidth == 1 ? 245 : 0x7FFF
        byteCountMax = codeWidth == 1 ? 245 * 64 : 32 << 10
        slots = [UInt32](repeating: 0, count: codeWidth == 1 ? 1024 : 1 << 17)
    }

    var count: Int { starts.count - 1 }

    /// Bytes the first `count` words take in a block.
    func byteCount(ofFirst count: Int) -> Int { starts[count] + 4 * count }

    /// The code of a word, a new one where it is unknown and there is room; else nil.
    mutating func code(of word: UnsafeBufferPointer<UInt8>) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: sk_xxh3(word.baseAddress, word.count, 0)) & mask
        while slots[slot] != 0 {
            let code = Int(slots[slot]) - 1
            if starts[code + 1] - starts[code] == word.count,
                text[starts[code]..<starts[code + 1]].elementsEqual(word)
            {
                return code
            }
            slot = (slot + 1) & mask
        }
        guard count < countMax, text.count + word.count <= byteCountMax else { return nil }
        slots[slot] = UInt32(count + 1)
        text.append(contentsOf: word)
        starts.append(text.count)
        return count - 1
    }

    /// The first `count` words as a flat vector.
    func vector(ofFirst count: Int) -> Vector {
        let builder = VectorBuilder(physical: .string, capacity: count)
        for code in 0..<count {
            builder.append(.string(Array(text[starts[code]..<starts[code + 1]])))
        }
        return builder.finish()
    }
}

/// Encodes rows of a flat string vector as codes of words, or as RAW does where that is smaller.
func encodeWords(
    _ vector: Vector,
    rows: Range<Int>,
    codeWidth: Int,
    dictionary: inout WordDictionary
) -> EncodedGroup {
    let plain = encodeText(vector, rows: rows)
    let views = vector.entries(as: StringView.self)
    var stream = WordStream(codeWidth: codeWidth)
    var total = 0
    for row in rows where !vector.isNull(row) {
        total += views[row].count
        views[row].withBytes { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count && bytes[end] != 0x20 { end += 1 }
                end = min(end + 1, bytes.count)
                let word = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if let code = dictionary.code(of: word) {
                    stream.append(code: code)
                } else {
                    stream.append(literal: word)
                }
                start = end
            }
        }
    }
    let lengths = aligned(rows.count * plain.lengthWidth)
    guard 16 + stream.bytes.count < total else { return plain }
    var group = EncodedGroup(.text, .words, width: codeWidth, rowCount: rows.count)
    group.lengthWidth = plain.lengthWidth
    group.data = Array(plain.data[..<lengths])
    withUnsafeBytes(of: UInt32(total)) { group.data.append(contentsOf: $0) }
    group.data.append(contentsOf: [UInt8](repeating: 0, count: 12))
    group.data.append(contentsOf: stream.bytes)
    return group
}

/// Codes and literals, one after the other; neighbouring literals become one.
private struct WordStream {
    private(set) var bytes: [UInt8] = []
    private let codeWidth: Int
    // Where the length of the literal at the end stands, while there is one.
    private var literalAt: Int?
    private var literalCount = 0

    init(codeWidth: Int) { self.codeWidth = codeWidth }

    mutating func append(code: Int) {
        literalAt = nil
        bytes.append(UInt8(truncatingIfNeeded: code))
        if codeWidth == 2 { bytes.append(UInt8(truncatingIfNeeded: code >> 8)) }
    }

    mutating func append(literal: UnsafeBufferPointer<UInt8>) {
        let countMax = codeWidth == 1 ? 255 : 0x7FFF
        var rest = literal[...]
        while !rest.isEmpty {
            if literalAt == nil || literalCount == countMax {
                literalAt = bytes.count
                literalCount = 0
                bytes += codeWidth == 1 ? [255, 0] : [0, 0x80]
            }
            let part = rest.prefix(countMax - literalCount)
            bytes.append(contentsOf: part)
            literalCount += part.count
            rest = rest.dropFirst(part.count)
            guard let at = literalAt else { return }
            if codeWidth == 1 {
                bytes[at + 1] = UInt8(literalCount)
            } else {
                bytes[at] = UInt8(truncatingIfNeeded: literalCount)
                bytes[at + 1] = UInt8(0x80 | literalCount >> 8)
            }
        }
    }
}

/// The words of a block, ready for unpacking.
struct WordReader {
    private let text: UnsafeMutableRawPointer
    private var starts: [UInt32]

    /// Reads the dictionary of a block: lengths of 4 bytes each, then all words.
    init(_ dictionary: UnsafeMutableRawPointer, count: Int) {
        text = dictionary + count * 4
        starts = [0]
        starts.reserveCapacity(count + 1)
        for index in 0..<count {
            let length = dictionary.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
            starts.append(starts[index] &+ length)
        }
    }

    /// Unpacks a group into lengths and bytes as RAW has them.
    func expand(
        _ source: UnsafeMutableRawPointer,
        codeWidth: Int,
        lengthWidth: Int,
        count: Int
    ) -> Buffer {
        let lengths = aligned(count * lengthWidth)
        let total = Int(source.loadUnaligned(fromByteOffset: lengths, as: UInt32.self))
        let target = Buffer(byteCount: lengths + total)
        target.pointer.copyMemory(from: source, byteCount: lengths)
        var from = UnsafeRawPointer(source) + lengths + 16
        var to = target.pointer + lengths
        let end = to + total
        starts.withUnsafeBufferPointer { starts in
            while to < end {
                var length: Int
                var word: UnsafeRawPointer
                let code = codeWidth == 1 ? Int(from.load(as: UInt8.self)) : shortCode(from)
                from += codeWidth
                if code < starts.count - 1 {
                    word = UnsafeRawPointer(text) + Int(starts[code])
                    length = Int(starts[code + 1] &- starts[code])
                } else {
                    if codeWidth == 1 {
                        length = Int(from.load(as: UInt8.self))
                        from += 1
                    } else {
                        length = code & 0x7FFF
                    }
                    word = from
                    from += length
                }
                // Never past the texts, and always onward, whatever the block holds.
                length = max(1, min(length, end - to))
                // 16 bytes behind any word and behind the target may be read and written.
                copyWord(word, to, length)
                to += length
            }
        }
        return target
    }
}

@inline(__always)
private func shortCode(_ from: UnsafeRawPointer) -> Int {
    Int(from.loadUnaligned(as: UInt16.self))
}

@inline(__always)
private func copyWord(_ word: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ length: Int) {
    if length <= 16 {
        to.storeBytes(of: word.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    } else {
        to.copyMemory(from: word, byteCount: length)
    }
}
