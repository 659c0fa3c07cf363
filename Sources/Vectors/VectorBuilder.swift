import CKernels
package import SQLTypes

/// A growable column that copies what it is given, text included; of any length.
///
/// ```
///   entries   | flat, physical.stride bytes each            | doubled when full
///   validity  | none until the first NULL, then a bit a row |
///   heaps     | text longer than 12 bytes, never moved      |
/// ```
/// Used by one thread. ``finish()`` hands the memory over and leaves the builder empty.
package final class VectorBuilder {
    /// The physical type of the column.
    package let physical: PhysicalType
    /// Rows so far.
    package private(set) var count = 0
    private var entries: Buffer
    private var capacity: Int
    private var validity: [UInt64] = []
    private var hasNulls = false
    private var heaps: [Buffer] = []
    private var heapUsed = 0
    private var heapByteCount = 0
    /// The dictionary last appended from and where its text was copied to; head 0 is not yet.
    private var lastDictionary: Vector?
    private var copiedViews: [StringView] = []

    /// Makes an empty builder with room for `capacity` rows.
    package init(physical: PhysicalType, capacity: Int = 2048) {
        self.physical = physical
        self.capacity = max(capacity, 16)
        entries = Buffer(byteCount: max(capacity, 16) * physical.stride)
    }

    /// Bytes held: entries, validity and text.
    package var byteCount: Int { entries.byteCount + validity.count * 8 + heapByteCount }

    /// Makes room for `more` rows beyond those present.
    package func reserve(_ more: Int) {
        if count + more <= capacity { return }
        capacity = max(capacity * 2, count + more)
        let larger = Buffer(byteCount: capacity * physical.stride)
        larger.pointer.copyMemory(from: entries.pointer, byteCount: count * physical.stride)
        entries = larger
    }

    /// Makes room for `more` rows, testing for cancel while what is present is moved.
    ///
    /// Who may collect many rows calls it before each batch. After an error nothing has changed.
    ///
    /// - Throws: 57014.
    package func makeRoom(for more: Int) throws(SQLError) {
        if count + more <= capacity { return }
        let larger = max(capacity * 2, count + more)
        let moved = Buffer(byteCount: larger * physical.stride)
        let byteCount = count * physical.stride
        var start = 0
        while start < byteCount {
            let size = min(bytesPerStopCheck, byteCount - start)
            (moved.pointer + start).copyMemory(from: entries.pointer + start, byteCount: size)
            start += size
            if start < byteCount { try Interruption.check() }
        }
        entries = moved
        capacity = larger
    }

    /// Hands over what was appended as a flat vector with bounds; the builder is empty after.
    package func finish() -> Vector {
        var bounds: ClosedRange<Int64>?
        if physical == .int64 {
            let values = entries.pointer.assumingMemoryBound(to: Int64.self)
            bounds = flatBounds(values, count: count, validity: hasNulls ? validity : nil)
        }
        var owners: [AnyObject] = [entries]
        for heap in heaps { owners.append(heap) }
        let vector = Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: entries.pointer,
            validity: hasNulls ? validity : nil,
            bounds: bounds,
            owners: owners
        )
        capacity = 16
        entries = Buffer(byteCount: capacity * physical.stride)
        count = 0
        validity = []
        hasNulls = false
        heaps = []
        heapUsed = 0
        heapByteCount = 0
        lastDictionary = nil
        copiedViews = []
        return vector
    }
}

// Whole vectors and picked rows.
extension VectorBuilder {
    /// Appends all rows; an int64 vector may go to an int128 or float64 builder.
    package func append(_ vector: Vector) {
        let source = vector.physical == physical ? vector : vector.widened(to: physical)
        reserve(source.count)
        let start = count
        if physical == .string && source.dictionary != nil {
            appendDictionaryText(source, rows: source.count) { source.code($0) }
            return
        }
        source.writeEntries(into: entries.pointer + start * physical.stride)
        count += source.count
        noteValidity(source.rowValidity, from: start)
        if physical == .string { source.isConstant ? ownConstant(start) : ownText(from: start) }
    }

    /// Appends the rows at `positions`.
    package func append(_ vector: Vector, positions: UnsafePointer<UInt16>, count rows: Int) {
        if vector.form == .flat && vector.physical == physical {
            reserve(rows)
            let start = count
            copyEntries(
                vector.data,
                stride: physical.stride,
                at: positions,
                count: rows,
                into: entries.pointer + start * physical.stride
            )
            count += rows
            noteValidity(
                vector.validity.flatMap { gatherBits($0, positions, count: rows) },
                from: start
            )
            if physical == .string { ownText(from: start) }
        } else {
            append(vector.gather(positions, count: rows))
        }
    }

    /// Appends one row.
    package func append(_ vector: Vector, row: Int) {
        if vector.isNull(row) { return appendNull() }
        switch (physical, vector.physical) {
        case (.int64, .int64): appendInt64(vector.int64Value(row))
        case (.int128, .int64): appendInt128(Int128(vector.int64Value(row)))
        case (.float64, .int64): appendDouble(Double(vector.int64Value(row)))
        case (.string, .string): appendView(vector.stringView(row))
        default: append(vector.slice(row..<row + 1))
        }
    }

    /// Appends dictionary text, copying each entry once for as long as the dictionary is the same.
    private func appendDictionaryText(_ vector: Vector, rows: Int, code: (Int) -> Int) {
        guard let dictionary = vector.dictionary else { return }
        if lastDictionary !== dictionary {
            lastDictionary = dictionary
            copiedViews = [StringView](
                repeating: StringView(head: .max, tail: 0),
                count: dictionary.count
            )
        }
        let views = dictionary.entries(as: StringView.self)
        let start = count
        let target = entries.pointer.assumingMemoryBound(to: StringView.self)
        for row in 0..<rows {
            let code = code(row)
            var view = views[code]
            if !view.isInline {
                if copiedViews[code].head == .max { copiedViews[code] = copyText(view) }
                view = copiedViews[code]
            }
            target[start + row] = view
        }
        count += rows
        noteValidity(vector.validity, from: start)
    }
}

// Single values.
extension VectorBuilder {
    /// Appends a NULL.
    package func appendNull() {
        reserve(1)
        (entries.pointer + count * physical.stride).initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: physical.stride
        )
        count += 1
        noteNull(at: count - 1)
    }

    /// Appends a datum of the builder's physical type; an int64 one fits int128 and float64 too.
    package func append(_ datum: Datum) {
        switch (physical, datum) {
        case (.bool, .bool(let value)): appendBool(value)
        case (.int64, .int64(let value)): appendInt64(value)
        case (.int64, .int128(let value)): appendInt64(Int64(truncatingIfNeeded: value))
        case (.int128, .int64(let value)): appendInt128(Int128(value))
        case (.int128, .int128(let value)): appendInt128(value)
        case (.float64, .int64(let value)): appendDouble(Double(value))
        case (.float64, .float64(let value)): appendDouble(value)
        case (.string, .string(let bytes)): bytes.withUnsafeBufferPointer { appendString($0) }
        default: appendNull()
        }
    }

    /// Appends an integer to an int64 builder.
    package func appendInt64(_ value: Int64) { store(value) }

    /// Appends an integer to an int128 builder.
    package func appendInt128(_ value: Int128) { store(value) }

    /// Appends a number to a float64 builder.
    package func appendDouble(_ value: Double) { store(value) }

    /// Appends a truth value to a bool builder.
    package func appendBool(_ value: Bool) { store(UInt8(value ? 1 : 0)) }

    /// Appends text to a string builder; the bytes are copied.
    package func appendString(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let address = bytes.baseAddress else { return store(StringView.empty) }
        appendView(StringView(address, count: bytes.count))
    }

    /// Appends the text of a view; the bytes are copied.
    package func appendView(_ view: StringView) {
        store(view.isInline ? view : copyText(view))
    }

    @inline(__always)
    private func store<Value: BitwiseCopyable>(_ value: Value) {
        if count == capacity { reserve(1) }
        entries.pointer.assumingMemoryBound(to: Value.self)[count] = value
        count += 1
        if hasNulls { setValid(count - 1, 1) }
    }
}

// Text and validity.
extension VectorBuilder {
    private func copyText(_ view: StringView) -> StringView {
        let length = view.count
        guard let bytes = view.longBytes else { return .empty }
        if heaps.isEmpty || heapUsed + length > (heaps.last?.byteCount ?? 0) {
            let size = max(length, min(1 << 20, max(4096, heapByteCount)))
            heaps.append(Buffer(byteCount: size))
            heapByteCount += size
            heapUsed = 0
        }
        guard let heap = heaps.last else { return .empty }
        let target = heap.pointer + heapUsed
        target.copyMemory(from: bytes, byteCount: length)
        heapUsed += length
        return StringView(head: view.head, tail: UInt64(UInt(bitPattern: target)))
    }

    private func ownText(from start: Int) {
        let views = entries.pointer.assumingMemoryBound(to: StringView.self)
        for row in start..<count where !views[row].isInline { views[row] = copyText(views[row]) }
    }

    private func ownConstant(_ start: Int) {
        let views = entries.pointer.assumingMemoryBound(to: StringView.self)
        guard start < count, !views[start].isInline else { return }
        let copy = copyText(views[start])
        for row in start..<count { views[row] = copy }
    }

    private func noteNull(at row: Int) {
        if !hasNulls {
            hasNulls = true
            validity = Vector.allValid(count)
        }
        growValidity()
        validity[row >> 6] &= ~(1 << UInt64(row & 63))
    }

    private func growValidity() {
        let words = (count + 63) >> 6
        if validity.count < words {
            if validity.capacity < words {
                validity.reserveCapacity(max(words, 2 * validity.count))
            }
            while validity.count < words { validity.append(0) }
        }
    }

    private func setValid(_ row: Int, _ rows: Int) {
        growValidity()
        var row = row
        let end = row + rows
        while row < end {
            let bits = min(64 - row & 63, end - row)
            let mask: UInt64 = bits == 64 ? .max : (1 << UInt64(bits)) - 1
            validity[row >> 6] |= mask << UInt64(row & 63)
            row += bits
        }
    }

    /// Records the validity of the rows from `start` on, whose entries are already there.
    private func noteValidity(_ bits: [UInt64]?, from start: Int) {
        let rows = count - start
        guard let bits else {
            if hasNulls { setValid(start, rows) }
            return
        }
        if !hasNulls {
            hasNulls = true
            validity = Vector.allValid(start)
        }
        growValidity()
        let shift = UInt64(start & 63)
        for word in 0..<(rows + 63) >> 6 {
            var value = bits[word]
            let left = rows - word << 6
            if left < 64 { value &= (1 << UInt64(left)) - 1 }
            let target = start >> 6 + word
            validity[target] |= value << shift
            if shift != 0 && target + 1 < validity.count {
                validity[target + 1] |= value >> (64 - shift)
            }
        }
    }
}
