import CKernels
import SQLTypes
import Vectors

/// Numbers groups from 0 by keys of fixed 64-bit words.
///
/// ```
///   keys     one array per word, by group: also what is put out
///   slots    open addressing, group + 1, 0 for free; at most half full
///   dense    integer keys of a small range: group + 1 by key − least, instead of slots
/// ```
final class GroupTable {
    /// Words of a key.
    let wordCount: Int
    /// The words of each group's key.
    let keys: [FlatArray<UInt64>]
    /// Groups so far.
    private(set) var count = 0
    private let slots = FlatArray<UInt32>(repeating: 0, count: 1024)
    private var shift: UInt64 = 54
    /// Whether keys are one integer, so that a small range can index an array.
    private var isDense: Bool
    private let dense = FlatArray<UInt32>()
    private var denseBounds: ClosedRange<Int64>?
    /// A group that stands for no key: that of NULL, for integer keys.
    private var separateGroup: Int?
    private let check: StopCheck

    /// The widest range that indexes an array.
    private let denseSpanMax: Int64

    /// The widest range that indexes an array at all: one megabyte of it.
    static let denseSpanMost: Int64 = 1 << 18

    /// `check` is asked while slots are filled anew, and may throw.
    init(
        wordCount: Int,
        isInteger: Bool,
        denseSpanMax: Int64 = denseSpanMost,
        check: @escaping StopCheck = {}
    ) {
        self.check = check
        self.denseSpanMax = denseSpanMax
        self.wordCount = wordCount
        isDense = isInteger
        keys = (0..<wordCount).map { _ in FlatArray() }
    }

    /// Bytes held.
    var byteCount: Int {
        keys.reduce(slots.byteCount + dense.byteCount) { $0 + $1.byteCount }
    }

    /// Forgets all groups, keeps the memory.
    func removeAll() {
        count = 0
        separateGroup = nil
        for key in keys { key.removeAll() }
        slots.pointer.update(repeating: 0, count: slots.count)
        dense.pointer.update(repeating: 0, count: dense.count)
    }

    /// The group of NULL, made if it is not there.
    func groupOfNull() -> UInt32 {
        if let separateGroup { return UInt32(truncatingIfNeeded: separateGroup) }
        separateGroup = count
        for key in keys { key.append(0) }
        count += 1
        return UInt32(truncatingIfNeeded: count - 1)
    }

    /// Whether a group is that of NULL.
    func isNullGroup(_ group: Int) -> Bool { separateGroup == group }

    /// The groups of `rows` keys, word by word; new ones are added.
    ///
    /// `bounds` are those of a single integer word, if known. After an error the table is of no
    /// more use.
    func assign(
        _ words: [UnsafePointer<UInt64>],
        bounds: ClosedRange<Int64>? = nil,
        rows: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        for key in keys { try key.reserve(count + rows) }
        if isDense, let bounds, try widenDense(to: bounds) {
            return assignDense(words[0], rows, groups)
        }
        if isDense { try leaveDense() }
        try growSlots(for: count + rows)
        if wordCount == 1 {
            assignOne(words[0], rows, groups)
        } else {
            try assignMany(words, rows, groups)
        }
        for key in keys { key.setCount(count) }
    }

    private func assignDense(
        _ words: UnsafePointer<UInt64>,
        _ rows: Int,
        _ groups: UnsafeMutablePointer<UInt32>
    ) {
        let table = dense.pointer
        let key = keys[0].pointer
        let least = UInt64(bitPattern: denseBounds?.lowerBound ?? 0)
        var count = count
        for row in 0..<rows {
            let place = Int(truncatingIfNeeded: words[row] &- least)
            var group = table[place]
            if group == 0 {
                key[count] = words[row]
                count &+= 1
                group = UInt32(truncatingIfNeeded: count)
                table[place] = group
            }
            groups[row] = group &- 1
        }
        self.count = count
        keys[0].setCount(count)
    }

    private func assignOne(
        _ words: UnsafePointer<UInt64>,
        _ rows: Int,
        _ groups: UnsafeMutablePointer<UInt32>
    ) {
        let (table, key, shift, mask) = (slots.pointer, keys[0].pointer, shift, slots.count &- 1)
        if slots.count > Self.cachedSlotCount {
            for row in 0..<rows { sk_prefetch(table + wordSlot(words[row], shift)) }
        }
        var count = count
        for row in 0..<rows {
            let word = words[row]
            var slot = wordSlot(word, shift)
            while true {
                let group = table[slot]
                if group == 0 {
                    key[count] = word
                    groups[row] = UInt32(truncatingIfNeeded: count)
                    count &+= 1
                    table[slot] = UInt32(truncatingIfNeeded: count)
                    break
                }
                if key[Int(group) &- 1] == word {
                    groups[row] = group &- 1
                    break
                }
                slot = (slot &+ 1) & mask
            }
        }
        self.count = count
    }

    private func assignMany(
        _ words: [UnsafePointer<UInt64>],
        _ rows: Int,
        _ groups: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        let (table, shift, mask) = (slots.pointer, shift, slots.count &- 1)
        try hashRows(words, rows)
        let hash = hashes.pointer
        if slots.count > Self.cachedSlotCount {
            for row in 0..<rows { sk_prefetch(table + Int(hash[row] &>> shift)) }
        }
        withUnsafeTemporaryAllocation(
            of: UnsafeMutablePointer<UInt64>.self,
            capacity: wordCount
        ) { key in
            for word in 0..<wordCount { key[word] = keys[word].pointer }
            words.withUnsafeBufferPointer { words in
                var count = count
                for row in 0..<rows {
                    var slot = Int(truncatingIfNeeded: hash[row] &>> shift)
                    while true {
                        let group = Int(table[slot])
                        if group == 0 {
                            for word in 0..<wordCount { key[word][count] = words[word][row] }
                            groups[row] = UInt32(truncatingIfNeeded: count)
                            count &+= 1
                            table[slot] = UInt32(truncatingIfNeeded: count)
                            break
                        }
                        var word = 0
                        while word < wordCount && key[word][group &- 1] == words[word][row] {
                            word &+= 1
                        }
                        if word == wordCount {
                            groups[row] = UInt32(truncatingIfNeeded: group &- 1)
                            break
                        }
                        slot = (slot &+ 1) & mask
                    }
                }
                self.count = count
            }
        }
    }

    private let hashes = FlatArray<UInt64>(capacity: chunkRowCountMax)

    private func hashRows(
        _ words: [UnsafePointer<UInt64>],
        _ rows: Int
    ) throws(SQLError) {
        try hashes.reserve(rows)
        let hash = hashes.pointer
        for row in 0..<rows { hash[row] = oneHash(words[0][row]) }
        for word in words.dropFirst() {
            for row in 0..<rows { hash[row] = oneHash(hash[row] ^ word[row]) }
        }
    }

    /// Slots that a core's own cache holds: prefetching pays beyond.
    private static let cachedSlotCount = 1 << 18
}

// Growing.
extension GroupTable {
    private func growSlots(for groups: Int) throws(SQLError) {
        if groups * 2 <= slots.count { return }
        var size = slots.count
        while size < groups * 2 {
            // Fourfold: moving groups costs more than room.
            size *= 4
            shift -= 2
        }
        slots.removeAll()
        try slots.grow(to: size, filling: 0)
        try fillSlots()
    }

    private func fillSlots() throws(SQLError) {
        var start = 0
        while start < count {
            try check()
            let end = min(count, start + rowsPerStopCheck)
            fillSlots(start..<end)
            start = end
        }
    }

    private func fillSlots(_ groups: Range<Int>) {
        let (table, shift, mask) = (slots.pointer, shift, slots.count &- 1)
        if wordCount == 1 {
            let key = keys[0].pointer
            for group in groups where group != separateGroup {
                var slot = wordSlot(key[group], shift)
                while table[slot] != 0 { slot = (slot &+ 1) & mask }
                table[slot] = UInt32(truncatingIfNeeded: group &+ 1)
            }
            return
        }
        for group in groups {
            var hash = oneHash(keys[0].pointer[group])
            for word in 1..<wordCount { hash = oneHash(hash ^ keys[word].pointer[group]) }
            var slot = Int(truncatingIfNeeded: hash &>> shift)
            while table[slot] != 0 { slot = (slot &+ 1) & mask }
            table[slot] = UInt32(truncatingIfNeeded: group &+ 1)
        }
    }

    /// Makes the dense array cover `bounds`; false if that is too wide.
    private func widenDense(to bounds: ClosedRange<Int64>) throws(SQLError) -> Bool {
        if let known = denseBounds, known.lowerBound <= bounds.lowerBound,
            known.upperBound >= bounds.upperBound
        {
            return true
        }
        let low = min(denseBounds?.lowerBound ?? bounds.lowerBound, bounds.lowerBound)
        let high = max(denseBounds?.upperBound ?? bounds.upperBound, bounds.upperBound)
        let (span, overflow) = high.subtractingReportingOverflow(low)
        if overflow || span >= denseSpanMax { return false }
        // Room to the right: keys often ascend.
        let room = min(denseSpanMax - span, max(span, 1024))
        let (roomy, isFull) = high.addingReportingOverflow(room)
        let upper = isFull ? high : roomy
        denseBounds = low...upper
        dense.removeAll()
        try dense.grow(to: Int(upper - low) + 1, filling: 0)
        for group in 0..<count where group != separateGroup {
            let place = keys[0].pointer[group] &- UInt64(bitPattern: low)
            dense.pointer[Int(place)] = UInt32(truncatingIfNeeded: group &+ 1)
        }
        return true
    }

    private func leaveDense() throws(SQLError) {
        isDense = false
        dense.removeAll()
        try growSlots(for: count)
        slots.pointer.update(repeating: 0, count: slots.count)
        try fillSlots()
    }
}

@inline(__always)
private func oneHash(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9E37_79B9_7F4A_7C15
    return (product ^ product &>> 32) &* 0xD6E8_FEB8_6659_FD93
}

/// Where the search for a single word begins.
///
/// Four keys that follow each other lie side by side: keys often come in order, and then most
/// look-ups find their line in the cache.
@inline(__always)
private func wordSlot(_ word: UInt64, _ shift: UInt64) -> Int {
    let line = oneHash(word &>> 2) &>> shift
    return Int(truncatingIfNeeded: line & ~3 | word & 3)
}
