import SQLTypes
import Vectors

/// Turns key columns into fixed words and back.
///
/// ```
///   SMALLINT          17 bits   value − least + 1; 0 is NULL
///   INTEGER, DATE,    33 bits   the same
///   DECIMAL(≤ 9)
///   BOOLEAN            2 bits   value + 1
///   text              32 bits   its number in the interner; 0 is NULL
///   64-bit values     64 bits   and 1 bit that is set where NULL
///   128-bit values    2 × 64    and 1 bit that is set where NULL
/// ```
/// Fields are packed into as few words as they fit in, none across two words.
final class KeyPacker {
    private enum Content {
        /// A value less `bias` plus one.
        case biased(Int64)
        case bool
        case text(StringInterner)
        case whole
        case float
        case wide
    }

    private struct Field {
        var word: Int
        var shift: UInt64
        var bits: UInt64
    }

    private struct Column {
        var type: DataType
        var content: Content
        var value: Field
        var high: Field?
        var null: Field?
    }

    /// Words of a packed key.
    let wordCount: Int
    private let columns: [Column]
    private let words: [FlatArray<UInt64>]
    private let numbers = FlatArray<UInt32>(capacity: chunkRowCountMax)

    /// Lays out keys of these types.
    init(_ types: [DataType]) {
        var used: [UInt64] = []
        func place(_ bits: UInt64) -> Field {
            for word in used.indices where used[word] + bits <= 64 {
                defer { used[word] += bits }
                return Field(word: word, shift: used[word], bits: bits)
            }
            used.append(bits)
            return Field(word: used.count - 1, shift: 0, bits: bits)
        }
        columns = types.map { type in
            switch (type, type.physical) {
            case (_, .bool): Column(type: type, content: .bool, value: place(2))
            case (.smallint, _):
                Column(type: type, content: .biased(Int64(Int16.min)), value: place(17))
            case (.integer, _), (.date, _):
                Column(type: type, content: .biased(Int64(Int32.min)), value: place(33))
            case (.decimal(let precision, _), .int64) where precision <= 9:
                Column(type: type, content: .biased(Int64(Int32.min)), value: place(33))
            case (_, .string):
                Column(type: type, content: .text(StringInterner()), value: place(32))
            case (_, .float64):
                Column(type: type, content: .float, value: place(64), null: place(1))
            case (_, .int64):
                Column(type: type, content: .whole, value: place(64), null: place(1))
            case (_, .int128):
                Column(
                    type: type,
                    content: .wide,
                    value: place(64),
                    high: place(64),
                    null: place(1)
                )
            }
        }
        wordCount = max(1, used.count)
        words = (0..<max(1, used.count)).map { _ in FlatArray(capacity: chunkRowCountMax) }
    }

    /// Bytes held.
    var byteCount: Int {
        columns.reduce(0) {
            if case .text(let interner) = $1.content { $0 + interner.byteCount } else { $0 }
        }
    }

    /// Packs rows; the words stay valid until the next call.
    func pack(_ vectors: [Vector], count: Int) throws(SQLError) -> [UnsafePointer<UInt64>] {
        for word in words {
            try word.reserve(count)
            word.pointer.update(repeating: 0, count: count)
        }
        for (column, vector) in zip(columns, vectors) { try pack(column, vector, count: count) }
        return words.map { UnsafePointer($0.pointer) }
    }

    private func pack(_ column: Column, _ vector: Vector, count: Int) throws(SQLError) {
        let target = words[column.value.word].pointer
        let shift = column.value.shift
        if case .text(let interner) = column.content {
            try numbers.reserve(count)
            try interner.number(vector, count: count, into: numbers.pointer)
            let number = numbers.pointer
            for row in 0..<count { target[row] |= UInt64(number[row]) &<< shift }
            return
        }
        let flat = vector.flattened()
        let validity = flat.validity
        switch column.content {
        case .text: break
        case .bool:
            let values = flat.entries(as: UInt8.self)
            for row in 0..<count {
                target[row] |= ((UInt64(values[row]) &+ 1) & valid(validity, row)) &<< shift
            }
        case .biased(let bias):
            let values = flat.entries(as: Int64.self)
            var excess: UInt64 = 0
            let room = column.value.bits
            for row in 0..<count {
                let packed = UInt64(bitPattern: values[row] &- bias &+ 1) & valid(validity, row)
                excess |= packed &>> room
                target[row] |= packed &<< shift
            }
            if excess != 0 {
                throw SQLError.invariant("a value of type \(column.type) is out of its range")
            }
        case .whole:
            let values = flat.entries(as: Int64.self)
            for row in 0..<count {
                target[row] = UInt64(bitPattern: values[row]) & valid(validity, row)
            }
        case .float:
            let values = flat.entries(as: Double.self)
            for row in 0..<count {
                let value = values[row]
                let bits = value == 0 ? 0 : value.isNaN ? Double.nan.bitPattern : value.bitPattern
                target[row] = bits & valid(validity, row)
            }
        case .wide: packWide(column, flat, count: count)
        }
        if let null = column.null, let validity {
            let flags = words[null.word].pointer
            for row in 0..<count { flags[row] |= (~valid(validity, row) & 1) &<< null.shift }
        }
    }

    private func packWide(_ column: Column, _ flat: Vector, count: Int) {
        let low = words[column.value.word].pointer
        let high = words[column.high?.word ?? column.value.word].pointer
        for row in 0..<count where !flat.isNull(row) {
            let value = flat.int128Value(row)
            low[row] = UInt64(truncatingIfNeeded: value)
            high[row] = UInt64(truncatingIfNeeded: value >> 64)
        }
    }
}

/// All bits if the row is not NULL, else none.
@inline(__always)
private func valid(_ validity: [UInt64]?, _ row: Int) -> UInt64 {
    guard let validity else { return .max }
    return 0 &- (validity[row >> 6] >> UInt64(row & 63) & 1)
}

// Unpacking.
extension KeyPacker {
    /// The key columns of groups `range` from the words of a table's keys.
    func unpack(_ keys: [FlatArray<UInt64>], _ range: Range<Int>) -> [Vector] {
        columns.map { unpack($0, keys, range) }
    }

    private func unpack(
        _ column: Column,
        _ keys: [FlatArray<UInt64>],
        _ range: Range<Int>
    ) -> Vector {
        let source = UnsafePointer(keys[column.value.word].pointer) + range.lowerBound
        let mask: UInt64 = column.value.bits == 64 ? .max : (1 &<< column.value.bits) &- 1
        let shift = column.value.shift
        let count = range.count
        let physical = column.type.physical
        let buffer = Buffer(byteCount: max(1, count) * physical.stride)
        var validity = Vector.allValid(count)
        var owners: [AnyObject] = [buffer]
        func isNull(_ row: Int) -> Bool {
            guard let null = column.null else { return source[row] &>> shift & mask == 0 }
            return keys[null.word].pointer[range.lowerBound + row] &>> null.shift & 1 != 0
        }
        switch column.content {
        case .bool:
            let target = buffer.pointer.assumingMemoryBound(to: UInt8.self)
            for row in 0..<count {
                target[row] = UInt8(truncatingIfNeeded: (source[row] &>> shift & mask) == 2 ? 1 : 0)
            }
        case .biased(let bias):
            let target = buffer.pointer.assumingMemoryBound(to: Int64.self)
            for row in 0..<count {
                target[row] = Int64(bitPattern: source[row] &>> shift & mask) &+ bias &- 1
            }
        case .text(let interner):
            let target = buffer.pointer.assumingMemoryBound(to: StringView.self)
            for row in 0..<count {
                let number = UInt32(truncatingIfNeeded: source[row] &>> shift)
                target[row] = number == 0 ? .empty : interner.view(number)
            }
            owners.append(contentsOf: interner.owners)
        case .whole, .float:
            buffer.pointer.copyMemory(from: source, byteCount: count * 8)
        case .wide:
            let high = keys[column.high?.word ?? 0].pointer + range.lowerBound
            let target = buffer.pointer.assumingMemoryBound(to: Int128.self)
            for row in 0..<count {
                target[row] =
                    Int128(Int64(bitPattern: high[row])) << 64 | Int128(source[row])
            }
        }
        var hasNull = false
        for row in 0..<count where isNull(row) {
            validity[row >> 6] &= ~(1 << UInt64(row & 63))
            hasNull = true
        }
        return Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: hasNull ? validity : nil,
            owners: owners
        )
    }
}
