import CKernels
import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Numbers the texts it meets from 1; equal texts, trailing blanks aside, have one number.
///
/// Turns string keys into fixed words. Keeps a copy of each text as it first came. Codes of the
/// dictionary last seen are numbered once each.
final class StringInterner {
    /// Texts without trailing blanks, as compared, and as they came; by number less one.
    private let trimmed = FlatArray<StringView>()
    private let originals = FlatArray<StringView>()
    private let hashes = FlatArray<UInt64>()
    private let slots = FlatArray<UInt32>(repeating: 0, count: 256)
    private var shift: UInt64 = 56
    private let heap = TextHeap()
    private let singleBytes = FlatArray<UInt32>(repeating: 0, count: 256)
    private var dictionary: Vector?
    private let numbersOfCodes = FlatArray<UInt32>()

    /// How many texts there are.
    var count: Int { trimmed.count }

    /// Bytes held.
    var byteCount: Int {
        trimmed.byteCount + originals.byteCount + hashes.byteCount + slots.byteCount
            + heap.byteCount + numbersOfCodes.byteCount
    }

    /// Keeps the text's memory alive in vectors of views.
    var owners: [AnyObject] { heap.owners }

    /// The text of a number from 1, as it first came.
    @inline(__always)
    func view(_ number: UInt32) -> StringView { originals.pointer[Int(number) &- 1] }

    /// The numbers of `count` rows; 0 for NULL.
    ///
    /// - Throws: 57014 while room is made; the interner is then of no more use.
    func number(
        _ vector: Vector,
        count: Int,
        into numbers: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        try makeRoom(for: min(count, vector.dictionary?.count ?? count))
        if vector.isConstant {
            let number = vector.isNull(0) ? 0 : number(vector.stringView(0))
            return numbers.update(repeating: number, count: count)
        }
        if let entries = vector.dictionary {
            try prepare(entries)
            switch vector.form {
            case .dictionary8: fromCodes(vector.entries(as: UInt8.self), entries, count, numbers)
            case .dictionary16: fromCodes(vector.entries(as: UInt16.self), entries, count, numbers)
            default: fromCodes(vector.entries(as: UInt32.self), entries, count, numbers)
            }
        } else {
            let views = vector.entries(as: StringView.self)
            for row in 0..<count { numbers[row] = number(views[row]) }
        }
        guard vector.validity != nil else { return }
        for row in 0..<count where vector.isNull(row) { numbers[row] = 0 }
    }

    private func prepare(_ entries: Vector) throws(SQLError) {
        if dictionary === entries { return }
        dictionary = entries
        numbersOfCodes.removeAll()
        try numbersOfCodes.grow(to: entries.count, filling: 0)
    }

    private func fromCodes<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>,
        _ entries: Vector,
        _ count: Int,
        _ numbers: UnsafeMutablePointer<UInt32>
    ) {
        let known = numbersOfCodes.pointer
        let views = entries.entries(as: StringView.self)
        for row in 0..<count {
            let code = Int(truncatingIfNeeded: codes[row])
            var number = known[code]
            if number == 0 {
                number = self.number(views[code])
                known[code] = number
            }
            numbers[row] = number
        }
    }

    private func number(_ view: StringView) -> UInt32 {
        if view.head & 0xFFFF_FFFF == 1 {
            let byte = Int(truncatingIfNeeded: view.head >> 32 & 0xFF)
            let known = singleBytes.pointer[byte]
            if known != 0 { return known }
            let made = find(view)
            singleBytes.pointer[byte] = made
            return made
        }
        return find(view)
    }

    private func find(_ view: StringView) -> UInt32 {
        let text = view.withoutTrailingBlanks
        let hash = text.groupHash
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash &>> shift)
        while true {
            let number = slots.pointer[slot]
            if number == 0 { break }
            let index = Int(number) &- 1
            if hashes.pointer[index] == hash && trimmed.pointer[index].isSameText(text) {
                return number
            }
            slot = (slot &+ 1) & mask
        }
        return add(view, trimmedCount: text.count, hash: hash, slot: slot)
    }

    private func add(_ view: StringView, trimmedCount: Int, hash: UInt64, slot: Int) -> UInt32 {
        let copy = heap.copy(view)
        originals.append(copy)
        trimmed.append(trimmedCount == copy.count ? copy : copy.withoutTrailingBlanks)
        hashes.append(hash)
        let number = UInt32(truncatingIfNeeded: trimmed.count)
        slots.pointer[slot] = number
        return number
    }

    /// Makes room for so many new texts, so that adding one moves nothing.
    private func makeRoom(for more: Int) throws(SQLError) {
        let total = trimmed.count + more
        try originals.reserve(total)
        try trimmed.reserve(total)
        try hashes.reserve(total)
        if total * 2 <= slots.count { return }
        var size = slots.count
        while size < total * 2 {
            size *= 4
            shift -= 2
        }
        slots.removeAll()
        try slots.grow(to: size, filling: 0)
        var start = 0
        while start < trimmed.count {
            try Interruption.check()
            let end = min(trimmed.count, start + rowsPerStopCheck)
            fillSlots(start..<end)
            start = end
        }
    }

    private func fillSlots(_ texts: Range<Int>) {
        let (table, hash, shift, mask) = (slots.pointer, hashes.pointer, shift, slots.count &- 1)
        for index in texts {
            var slot = Int(truncatingIfNeeded: hash[index] &>> shift)
            while table[slot] != 0 { slot = (slot &+ 1) & mask }
            table[slot] = UInt32(truncatingIfNeeded: index &+ 1)
        }
    }
}

/// Copies of long texts that never move.
final class TextHeap {
    private var blocks: [Buffer] = []
    private var used = 0
    private(set) var byteCount = 0

    /// The blocks, for vectors to keep alive.
    var owners: [AnyObject] { blocks }

    /// A view of a copy of the text; a short text is its own copy.
    func copy(_ view: StringView) -> StringView {
        guard !view.isInline, let bytes = view.longBytes else { return view }
        let length = view.count
        if blocks.isEmpty || used + length > (blocks.last?.byteCount ?? 0) {
            let size = max(length, min(1 << 20, max(4096, byteCount)))
            blocks.append(Buffer(byteCount: size))
            byteCount += size
            used = 0
        }
        guard let block = blocks.last else { return view }
        let target = block.pointer + used
        target.copyMemory(from: bytes, byteCount: length)
        used += length
        return StringView(head: view.head, tail: UInt64(UInt(bitPattern: target)))
    }
}

extension StringView {
    /// Length in bytes; here for loops, which pay for a call into another module.
    @inline(__always)
    private var length: Int { Int(truncatingIfNeeded: head & 0xFFFF_FFFF) }

    /// The bytes of a text longer than 12.
    @inline(__always)
    private var farBytes: UnsafePointer<UInt8>? {
        length > 12 ? UnsafePointer(bitPattern: UInt(truncatingIfNeeded: tail)) : nil
    }

    /// The same text without its trailing blanks, sharing its memory.
    @inline(__always)
    var withoutTrailingBlanks: StringView {
        let length = length
        if length == 0 { return self }
        let last: UInt8
        if let bytes = farBytes {
            last = bytes[length &- 1]
        } else if length <= 4 {
            last = UInt8(truncatingIfNeeded: head &>> UInt64(24 &+ 8 &* length))
        } else {
            last = UInt8(truncatingIfNeeded: tail &>> UInt64(8 &* (length &- 5)))
        }
        if last != UInt8(ascii: " ") { return self }
        return shortened
    }

    private var shortened: StringView {
        if let bytes = farBytes {
            var length = length
            while length > 0 && bytes[length - 1] == UInt8(ascii: " ") { length -= 1 }
            return StringView(bytes, count: length)
        }
        return withBytes { bytes in
            var length = bytes.count
            while length > 0 && bytes[length - 1] == UInt8(ascii: " ") { length -= 1 }
            return bytes.baseAddress.map { StringView($0, count: length) } ?? .empty
        }
    }

    /// A hash of the text, which has no trailing blanks.
    @inline(__always)
    fileprivate var groupHash: UInt64 {
        if let bytes = farBytes { return sk_xxh3(bytes, length, 0) }
        let product = (head ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(
            by: tail ^ 0xD6E8_FEB8_6659_FD93
        )
        return (product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Whether two texts without trailing blanks are equal.
    @inline(__always)
    fileprivate func isSameText(_ other: StringView) -> Bool {
        if head != other.head { return false }
        guard tail != other.tail, let left = farBytes, let right = other.farBytes else {
            return tail == other.tail
        }
        return memcmp(left, right, length) == 0
    }

    /// Less than, equal to or greater than zero as the text comes before, with or after another;
    /// trailing blanks do not count.
    func textOrder(_ other: StringView) -> Int {
        withoutTrailingBlanks.withBytes { left in
            other.withoutTrailingBlanks.withBytes { right in
                let common = min(left.count, right.count)
                for index in 0..<common where left[index] != right[index] {
                    return left[index] < right[index] ? -1 : 1
                }
                return left.count - right.count
            }
        }
    }
}
