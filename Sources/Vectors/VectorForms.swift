import CKernels
package import SQLTypes

// Changing the form in which a vector holds its values: flat, wider, repeated, sliced.

extension Vector {
    /// A vector of NULLs only, as a constant.
    package static func nulls(physical: PhysicalType, count: Int) -> Vector {
        .constant(.null, physical: physical, count: count)
    }

    /// The same constant with another number of rows; any other vector as it is.
    package func repeated(count: Int) -> Vector {
        guard isConstant, count != self.count else { return self }
        return Vector(
            physical: physical,
            form: .constant,
            count: count,
            data: data,
            validity: validity,
            bounds: bounds,
            owners: owners
        )
    }

    /// Whether it is a constant NULL.
    package var isNullConstant: Bool { isConstant && isNull(0) }

    /// The value of an int64 vector at `row`; anything where the row is NULL.
    package func int64Value(_ row: Int) -> Int64 {
        switch form {
        case .flat: entries(as: Int64.self)[row]
        case .constant: entries(as: Int64.self)[0]
        case .narrow8: base &+ Int64(entries(as: UInt8.self)[row])
        case .narrow16: base &+ Int64(entries(as: UInt16.self)[row])
        case .narrow32: base &+ Int64(entries(as: UInt32.self)[row])
        case .dictionary8, .dictionary16, .dictionary32:
            dictionary?.entries(as: Int64.self)[code(row)] ?? 0
        }
    }

    /// The view of a string vector at `row`; some readable view where the row is NULL.
    package func stringView(_ row: Int) -> StringView {
        switch form {
        case .flat: entries(as: StringView.self)[row]
        case .constant: isNull(0) ? .empty : entries(as: StringView.self)[0]
        default: dictionary?.entries(as: StringView.self)[code(row)] ?? .empty
        }
    }

    /// The dictionary code of `row`; the row itself where there is no dictionary.
    package func code(_ row: Int) -> Int {
        switch form {
        case .dictionary8: Int(entries(as: UInt8.self)[row])
        case .dictionary16: Int(entries(as: UInt16.self)[row])
        case .dictionary32: Int(entries(as: UInt32.self)[row])
        case .constant: 0
        default: row
        }
    }

    /// The same rows in flat form, of the same physical type; text is shared, not copied.
    package func flattened() -> Vector {
        if form == .flat { return self }
        let buffer = Buffer(byteCount: max(1, count) * physical.stride)
        writeEntries(into: buffer.pointer)
        var owners = self.owners
        if let dictionary { owners.append(contentsOf: dictionary.owners) }
        if physical != .string { owners = [] }
        owners.append(buffer)
        return Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: rowValidity,
            bounds: bounds ?? dictionary?.bounds,
            owners: owners
        )
    }

    /// Validity with one bit per row also where the vector is a constant; nil without NULLs.
    package var rowValidity: [UInt64]? {
        guard isConstant else { return validity }
        return isNull(0) ? [UInt64](repeating: 0, count: (count + 63) >> 6) : nil
    }

    /// Writes one entry of `physical.stride` bytes per row.
    func writeEntries(into target: UnsafeMutableRawPointer) {
        if count == 0 { return }
        switch form {
        case .flat: target.copyMemory(from: data, byteCount: count * physical.stride)
        case .constant: fillEntries(target)
        case .narrow8:
            sk_widen_u8(
                entries(as: UInt8.self),
                base,
                count,
                target.assumingMemoryBound(to: Int64.self)
            )
        case .narrow16:
            sk_widen_u16(
                entries(as: UInt16.self),
                base,
                count,
                target.assumingMemoryBound(to: Int64.self)
            )
        case .narrow32:
            sk_widen_u32(
                entries(as: UInt32.self),
                base,
                count,
                target.assumingMemoryBound(to: Int64.self)
            )
        case .dictionary8:
            copyEntries(dictionary, at: entries(as: UInt8.self), count: count, into: target)
        case .dictionary16:
            copyEntries(dictionary, at: entries(as: UInt16.self), count: count, into: target)
        case .dictionary32:
            copyEntries(dictionary, at: entries(as: UInt32.self), count: count, into: target)
        }
    }

    private func fillEntries(_ target: UnsafeMutableRawPointer) {
        switch physical.stride {
        case 1: fill(target, with: data.load(as: UInt8.self), count: count)
        case 8: fill(target, with: data.load(as: UInt64.self), count: count)
        default: fill(target, with: data.load(as: SIMD2<UInt64>.self), count: count)
        }
    }

    /// The rows as `wider` values, flat or constant.
    ///
    /// Converts int64 to int128 or float64, and int128 to float64. A decimal's unscaled integer is taken as it is.
    package func widened(to wider: PhysicalType) -> Vector {
        if wider == physical { return form == .flat || isConstant ? self : flattened() }
        if isNullConstant { return .nulls(physical: wider, count: count) }
        let rows = isConstant ? 1 : count
        let source = isConstant ? self : flattened()
        let buffer = Buffer(byteCount: max(1, rows) * wider.stride)
        withExtendedLifetime(source) {
            switch (physical, wider) {
            case (.int64, .int128):
                widen(source.entries(as: Int64.self), rows, into: buffer.pointer)
            case (.int64, .float64):
                sk_double_i64(
                    source.entries(as: Int64.self),
                    rows,
                    buffer.pointer.assumingMemoryBound(to: Double.self)
                )
            case (.int128, .float64):
                toDouble(source.entries(as: Int128.self), rows, into: buffer.pointer)
            case (.int128, .int64):
                truncate(source.entries(as: Int128.self), rows, into: buffer.pointer)
            case (.bool, .int64):
                let values = source.entries(as: UInt8.self)
                sk_widen_u8(values, 0, rows, buffer.pointer.assumingMemoryBound(to: Int64.self))
            default:
                buffer.pointer.initializeMemory(
                    as: UInt8.self,
                    repeating: 0,
                    count: rows * wider.stride
                )
            }
        }
        return Vector(
            physical: wider,
            form: isConstant ? .constant : .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }

    /// Rows `range` without copying entries; validity is shifted into place.
    package func slice(_ range: Range<Int>) -> Vector {
        if isConstant { return repeated(count: range.count) }
        if range.lowerBound == 0 && range.count == count { return self }
        return Vector(
            physical: physical,
            form: form,
            count: range.count,
            data: data + range.lowerBound * form.stride(of: physical),
            base: base,
            dictionary: dictionary,
            validity: validity.flatMap { sliceBits($0, range) },
            bounds: bounds,
            owners: owners
        )
    }

    /// Bounds of an int64 vector: the declared ones, else the least and greatest of its values.
    ///
    /// Nil where every row is NULL, where there is no row, or for another physical type.
    package func knownBounds() -> ClosedRange<Int64>? {
        if let bounds { return bounds }
        if physical != .int64 || count == 0 || isNullConstant { return nil }
        switch form {
        case .constant:
            let value = entries(as: Int64.self)[0]
            return value...value
        case .narrow8, .narrow16, .narrow32: return narrowBounds()
        case .dictionary8, .dictionary16, .dictionary32: return dictionary?.knownBounds()
        case .flat: return flatBounds(entries(as: Int64.self), count: count, validity: validity)
        }
    }

    private func narrowBounds() -> ClosedRange<Int64> {
        var least: Int64 = 0
        var greatest: Int64 = 0
        switch form {
        case .narrow8:
            var (low, high): (UInt8, UInt8) = (0, 0)
            sk_range_of_u8(entries(as: UInt8.self), count, &low, &high)
            (least, greatest) = (Int64(low), Int64(high))
        case .narrow16:
            var (low, high): (UInt16, UInt16) = (0, 0)
            sk_range_of_u16(entries(as: UInt16.self), count, &low, &high)
            (least, greatest) = (Int64(low), Int64(high))
        default:
            var (low, high): (UInt32, UInt32) = (0, 0)
            sk_range_of_u32(entries(as: UInt32.self), count, &low, &high)
            (least, greatest) = (Int64(low), Int64(high))
        }
        return clampedSum(base, least)...clampedSum(base, greatest)
    }

    /// Bounds without reading the values: declared, or those the narrow form implies; else all.
    var impliedBounds: ClosedRange<Int64> {
        if let bounds { return bounds }
        switch form {
        case .narrow8: return base...clampedSum(base, 0xFF)
        case .narrow16: return base...clampedSum(base, 0xFFFF)
        case .narrow32: return base...clampedSum(base, 0xFFFF_FFFF)
        case .dictionary8, .dictionary16, .dictionary32:
            return dictionary?.bounds ?? Int64.min...Int64.max
        case .flat, .constant: return Int64.min...Int64.max
        }
    }
}

/// The least and greatest of the non-NULL values; nil where there is none.
func flatBounds(
    _ values: UnsafePointer<Int64>,
    count: Int,
    validity: [UInt64]?
) -> ClosedRange<Int64>? {
    if count == 0 { return nil }
    guard let validity else {
        var least: Int64 = 0
        var greatest: Int64 = 0
        sk_range_of_i64(values, count, &least, &greatest)
        return least...greatest
    }
    var least = Int64.max
    var greatest = Int64.min
    for word in 0..<(count + 63) >> 6 {
        var bits = validity[word]
        while bits != 0 {
            let row = word &<< 6 &+ bits.trailingZeroBitCount
            bits &= bits &- 1
            if row >= count { break }
            least = min(least, values[row])
            greatest = max(greatest, values[row])
        }
    }
    return least <= greatest ? least...greatest : nil
}

/// Bits of `range` moved to the front; nil where all are set.
func sliceBits(_ bits: [UInt64], _ range: Range<Int>) -> [UInt64]? {
    let count = range.count
    var words = [UInt64](repeating: 0, count: (count + 63) >> 6)
    let shift = UInt64(range.lowerBound & 63)
    let first = range.lowerBound >> 6
    for word in words.indices {
        var value = first + word < bits.count ? bits[first + word] >> shift : 0
        if shift != 0 && first + word + 1 < bits.count {
            value |= bits[first + word + 1] << (64 - shift)
        }
        words[word] = value
    }
    clearSpareBits(&words, count: count)
    return words == Vector.allValid(count) ? nil : words
}

/// Clears the bits of the last word that no row has.
func clearSpareBits(_ words: inout [UInt64], count: Int) {
    if count & 63 != 0, let last = words.indices.last {
        words[last] &= (1 << UInt64(count & 63)) - 1
    }
}

private func clampedSum(_ base: Int64, _ offset: Int64) -> Int64 {
    let (sum, overflow) = base.addingReportingOverflow(offset)
    return overflow ? .max : sum
}

private func fill<Element: BitwiseCopyable>(
    _ target: UnsafeMutableRawPointer,
    with value: Element,
    count: Int
) {
    target.assumingMemoryBound(to: Element.self).update(repeating: value, count: count)
}

private func widen(_ values: UnsafePointer<Int64>, _ count: Int, into: UnsafeMutableRawPointer) {
    let target = into.assumingMemoryBound(to: Int128.self)
    for row in 0..<count { target[row] = Int128(values[row]) }
}

private func truncate(_ values: UnsafePointer<Int128>, _ count: Int, into: UnsafeMutableRawPointer)
{
    let target = into.assumingMemoryBound(to: Int64.self)
    for row in 0..<count { target[row] = Int64(truncatingIfNeeded: values[row]) }
}

private func toDouble(_ values: UnsafePointer<Int128>, _ count: Int, into: UnsafeMutableRawPointer)
{
    let target = into.assumingMemoryBound(to: Double.self)
    for row in 0..<count { target[row] = Double(values[row]) }
}
