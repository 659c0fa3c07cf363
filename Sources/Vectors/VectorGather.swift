package import SQLTypes

// Picking rows by position. Forms are kept: codes and narrow offsets are copied as they are.

extension Vector {
    /// The rows at `positions`, in the form the vector has.
    package func gather(_ positions: UnsafePointer<UInt16>, count: Int) -> Vector {
        gatherRows(positions, count: count)
    }

    /// The rows at `positions`; the vector may be longer than a chunk.
    package func gather(_ positions: UnsafePointer<UInt32>, count: Int) -> Vector {
        gatherRows(positions, count: count)
    }

    /// The rows at `positions`, NULL where a position is `UInt32.max`.
    package func gatherOrNull(_ positions: UnsafePointer<UInt32>, count: Int) -> Vector {
        var (validity, missing) = presence(positions, count: count)
        if missing == 0 { return gatherRows(positions, count: count) }
        if missing == count || self.count == 0 { return .nulls(physical: physical, count: count) }
        let source = isConstant ? repeated(count: self.count).flattened() : self
        source.dropNulls(from: &validity, positions, count: count)
        let stride = source.form.stride(of: physical)
        let buffer = Buffer(byteCount: max(1, count) * stride)
        copyEntriesOrZero(
            source.data,
            stride: stride,
            at: positions,
            count: count,
            into: buffer.pointer
        )
        return source.sameForm(over: buffer, count: count, validity: validity)
    }

    /// The rows at `positions` as codes into this flat vector, whose values are not repeated.
    package func referenced(_ positions: UnsafePointer<UInt32>, count: Int) -> Vector {
        let buffer = Buffer(byteCount: max(1, count) * MemoryLayout<UInt32>.stride)
        buffer.pointer.copyMemory(
            from: positions,
            byteCount: count * MemoryLayout<UInt32>.stride
        )
        // Entries of NULL rows may be read, so that the dictionary can do without their marks.
        let dictionary = Vector(
            physical: physical,
            form: .flat,
            count: self.count,
            data: data,
            bounds: bounds,
            owners: owners
        )
        return Vector(
            physical: physical,
            form: .dictionary32,
            count: count,
            data: buffer.pointer,
            dictionary: dictionary,
            validity: validity.flatMap { gatherBits($0, positions, count: count) },
            owners: [buffer]
        )
    }

    /// The rows at positions far more than a chunk's, testing for cancel between stretches.
    ///
    /// - Throws: 57014.
    package func gatherMany(
        _ positions: UnsafePointer<UInt32>,
        count: Int
    ) throws(SQLError) -> Vector {
        if isConstant || count <= rowsPerStopCheck { return gather(positions, count: count) }
        let stride = form.stride(of: physical)
        let buffer = Buffer(byteCount: count * stride)
        var words: [UInt64]?
        if validity != nil { words = Vector.allValid(count) }
        // A multiple of 64 rows, so that stretches share no word of validity.
        for start in Swift.stride(from: 0, to: count, by: rowsPerStopCheck) {
            try Interruption.check()
            let rows = min(count - start, rowsPerStopCheck)
            let target = buffer.pointer + start * stride
            copyEntries(data, stride: stride, at: positions + start, count: rows, into: target)
            guard let validity else { continue }
            guard let bits = gatherBits(validity, positions + start, count: rows) else { continue }
            for (word, bits) in bits.enumerated() { words?[start >> 6 + word] = bits }
        }
        return sameForm(over: buffer, count: count, validity: words)
    }

    /// The rows at positions far more than a chunk's, NULL where one is `UInt32.max`, testing for
    /// cancel between stretches.
    ///
    /// - Throws: 57014.
    package func gatherManyOrNull(
        _ positions: UnsafePointer<UInt32>,
        count: Int
    ) throws(SQLError) -> Vector {
        if isConstant || self.count == 0 || count <= rowsPerStopCheck {
            return gatherOrNull(positions, count: count)
        }
        let stride = form.stride(of: physical)
        let buffer = Buffer(byteCount: count * stride)
        var words: [UInt64] = []
        words.reserveCapacity((count + 63) >> 6)
        // A multiple of 64 rows, so that stretches share no word of validity.
        for start in Swift.stride(from: 0, to: count, by: rowsPerStopCheck) {
            try Interruption.check()
            let (rows, places) = (min(count - start, rowsPerStopCheck), positions + start)
            let target = buffer.pointer + start * stride
            copyEntriesOrZero(data, stride: stride, at: places, count: rows, into: target)
            var (validity, _) = presence(places, count: rows)
            dropNulls(from: &validity, places, count: rows)
            words += validity
        }
        return sameForm(over: buffer, count: count, validity: words)
    }

    /// Bits of the positions that are some, and how many are none.
    private func presence(
        _ positions: UnsafePointer<UInt32>,
        count: Int
    ) -> (validity: [UInt64], missing: Int) {
        var validity = [UInt64](repeating: 0, count: (count + 63) >> 6)
        var missing = 0
        for row in 0..<count {
            let isThere = positions[row] != UInt32.max
            validity[row >> 6] |= (isThere ? 1 : 0) << UInt64(row & 63)
            missing &+= isThere ? 0 : 1
        }
        return (validity, missing)
    }

    /// Clears the bits of positions whose row is NULL.
    private func dropNulls(
        from bits: inout [UInt64],
        _ positions: UnsafePointer<UInt32>,
        count: Int
    ) {
        guard let validity else { return }
        for row in 0..<count where positions[row] != UInt32.max {
            let bit = Int(positions[row])
            if validity[bit >> 6] >> UInt64(bit & 63) & 1 == 0 {
                bits[row >> 6] &= ~(1 << UInt64(row & 63))
            }
        }
    }

    private func gatherRows<Position: FixedWidthInteger & UnsignedInteger>(
        _ positions: UnsafePointer<Position>,
        count: Int
    ) -> Vector {
        if isConstant { return repeated(count: count) }
        let stride = form.stride(of: physical)
        let buffer = Buffer(byteCount: max(1, count) * stride)
        copyEntries(data, stride: stride, at: positions, count: count, into: buffer.pointer)
        return sameForm(
            over: buffer,
            count: count,
            validity: validity.flatMap { gatherBits($0, positions, count: count) }
        )
    }

    /// A vector of this form over other entries, sharing base, dictionary, bounds and text.
    private func sameForm(over buffer: Buffer, count: Int, validity: [UInt64]?) -> Vector {
        var owners: [AnyObject] = [buffer]
        // Only flat text points into what the source owns.
        if physical == .string && form == .flat { owners.append(contentsOf: self.owners) }
        return Vector(
            physical: physical,
            form: form,
            count: count,
            data: buffer.pointer,
            base: base,
            dictionary: dictionary,
            validity: validity,
            bounds: bounds,
            owners: owners
        )
    }
}

extension Chunk {
    /// The rows at `positions` of every column.
    package func gather(_ positions: UnsafePointer<UInt16>, count: Int) -> Chunk {
        if count == self.count { return self }
        return Chunk(count: count, columns: columns.map { $0.gather(positions, count: count) })
    }

    /// Rows `range` of every column.
    package func slice(_ range: Range<Int>) -> Chunk {
        if range.lowerBound == 0 && range.count == count { return self }
        return Chunk(count: range.count, columns: columns.map { $0.slice(range) })
    }
}

/// Copies the flat entries of `dictionary` at `positions` to `target`.
func copyEntries<Position: FixedWidthInteger & UnsignedInteger>(
    _ dictionary: Vector?,
    at positions: UnsafePointer<Position>,
    count: Int,
    into target: UnsafeMutableRawPointer
) {
    guard let dictionary, dictionary.count > 0 else { return }
    copyEntries(
        dictionary.data,
        stride: dictionary.physical.stride,
        at: positions,
        count: count,
        into: target
    )
}

/// Copies entries of `stride` bytes at `positions` of `source` to `target`.
func copyEntries<Position: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafeRawPointer,
    stride: Int,
    at positions: UnsafePointer<Position>,
    count: Int,
    into target: UnsafeMutableRawPointer
) {
    switch stride {
    case 1: copy(UInt8.self, source, positions, count, target)
    case 2: copy(UInt16.self, source, positions, count, target)
    case 4: copy(UInt32.self, source, positions, count, target)
    case 8: copy(UInt64.self, source, positions, count, target)
    default: copy(SIMD2<UInt64>.self, source, positions, count, target)
    }
}

private func copy<Entry: BitwiseCopyable, Position: FixedWidthInteger & UnsignedInteger>(
    _ type: Entry.Type,
    _ source: UnsafeRawPointer,
    _ positions: UnsafePointer<Position>,
    _ count: Int,
    _ target: UnsafeMutableRawPointer
) {
    let from = source.assumingMemoryBound(to: Entry.self)
    let to = target.assumingMemoryBound(to: Entry.self)
    for row in 0..<count { to[row] = from[Int(truncatingIfNeeded: positions[row])] }
}

private func copyEntriesOrZero(
    _ source: UnsafeRawPointer,
    stride: Int,
    at positions: UnsafePointer<UInt32>,
    count: Int,
    into target: UnsafeMutableRawPointer
) {
    switch stride {
    case 1: copyOrZero(UInt8(0), source, positions, count, target)
    case 2: copyOrZero(UInt16(0), source, positions, count, target)
    case 4: copyOrZero(UInt32(0), source, positions, count, target)
    case 8: copyOrZero(UInt64(0), source, positions, count, target)
    default: copyOrZero(SIMD2<UInt64>.zero, source, positions, count, target)
    }
}

private func copyOrZero<Entry: BitwiseCopyable>(
    _ zero: Entry,
    _ source: UnsafeRawPointer,
    _ positions: UnsafePointer<UInt32>,
    _ count: Int,
    _ target: UnsafeMutableRawPointer
) {
    let from = source.assumingMemoryBound(to: Entry.self)
    let to = target.assumingMemoryBound(to: Entry.self)
    for row in 0..<count {
        let position = positions[row]
        to[row] = position == UInt32.max ? zero : from[Int(position)]
    }
}

/// Bits at `positions`; nil where all are set.
func gatherBits<Position: FixedWidthInteger & UnsignedInteger>(
    _ bits: [UInt64],
    _ positions: UnsafePointer<Position>,
    count: Int
) -> [UInt64]? {
    var words = [UInt64](repeating: 0, count: (count + 63) >> 6)
    var clear: UInt64 = 0
    bits.withUnsafeBufferPointer { bits in
        words.withUnsafeMutableBufferPointer { words in
            for word in 0..<words.count {
                var value: UInt64 = 0
                let first = word &<< 6
                let rows = min(64, count &- first)
                for row in 0..<rows {
                    let bit = Int(truncatingIfNeeded: positions[first &+ row])
                    value |= (bits[bit &>> 6] &>> UInt64(bit & 63) & 1) &<< UInt64(row)
                }
                words[word] = value
                clear |= value ^ (rows == 64 ? .max : (1 &<< UInt64(rows)) &- 1)
            }
        }
    }
    return clear == 0 ? nil : words
}
