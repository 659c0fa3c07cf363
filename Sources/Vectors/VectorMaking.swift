package import SQLTypes

extension Vector {
    /// Bits set for `count` rows, the last word's spare bits clear.
    package static func allValid(_ count: Int) -> [UInt64] {
        var words = [UInt64](repeating: .max, count: (count + 63) >> 6)
        if count & 63 != 0, let last = words.indices.last {
            words[last] = (1 << UInt64(count & 63)) - 1
        }
        return words
    }

    /// A constant vector of `count` rows.
    ///
    /// `physical` is the type to hold it in; the datum must fit.
    package static func constant(
        _ datum: Datum,
        physical: PhysicalType,
        count: Int
    ) -> Vector {
        let buffer = Buffer(byteCount: 16)
        buffer.pointer.storeBytes(of: 0, as: Int128.self)
        var validity: [UInt64]?
        var bounds: ClosedRange<Int64>?
        var owners: [AnyObject] = [buffer]
        switch (physical, datum) {
        case (_, .null): validity = [0]
        case (.bool, .bool(let value)):
            buffer.pointer.storeBytes(of: value ? 1 : 0, as: UInt8.self)
        case (.int64, .int64(let value)):
            buffer.pointer.storeBytes(of: value, as: Int64.self)
            bounds = value...value
        case (.int64, .int128(let value)):
            let narrow = Int64(truncatingIfNeeded: value)
            buffer.pointer.storeBytes(of: narrow, as: Int64.self)
            bounds = narrow...narrow
        case (.int128, .int64(let value)):
            buffer.pointer.storeBytes(of: Int128(value), as: Int128.self)
        case (.int128, .int128(let value)):
            buffer.pointer.storeBytes(of: value, as: Int128.self)
        case (.float64, .float64(let value)):
            buffer.pointer.storeBytes(of: value, as: Double.self)
        case (.float64, .int64(let value)):
            buffer.pointer.storeBytes(of: Double(value), as: Double.self)
        case (.string, .string(let bytes)):
            let heap = Buffer(byteCount: max(bytes.count, 1))
            bytes.withUnsafeBytes {
                heap.pointer.copyMemory(
                    from: $0.baseAddress ?? UnsafeRawPointer(heap.pointer),
                    byteCount: $0.count
                )
            }
            let view = StringView(
                heap.pointer.assumingMemoryBound(to: UInt8.self),
                count: bytes.count
            )
            buffer.pointer.storeBytes(of: view, as: StringView.self)
            owners.append(heap)
        default:
            validity = [0]
        }
        return Vector(
            physical: physical,
            form: .constant,
            count: count,
            data: buffer.pointer,
            validity: validity,
            bounds: bounds,
            owners: owners
        )
    }

    /// A flat vector of values made by a function per row: for tests and small system tables.
    package static func of(_ data: [Datum], physical: PhysicalType) -> Vector {
        let count = data.count
        let buffer = Buffer(byteCount: max(1, count) * physical.stride)
        var heap: [UInt8] = []
        for case .string(let bytes) in data where bytes.count > StringView.inlineByteCount {
            heap.append(contentsOf: bytes)
        }
        let heapBuffer = Buffer(byteCount: max(1, heap.count))
        heap.withUnsafeBytes { raw in
            if let address = raw.baseAddress {
                heapBuffer.pointer.copyMemory(from: address, byteCount: raw.count)
            }
        }
        var validity = allValid(count)
        var hasNull = false
        var heapOffset = 0
        for (row, datum) in data.enumerated() {
            let slot = buffer.pointer + row * physical.stride
            switch (physical, datum) {
            case (.bool, .bool(let value)): slot.storeBytes(of: value ? 1 : 0, as: UInt8.self)
            case (.int64, .int64(let value)): slot.storeBytes(of: value, as: Int64.self)
            case (.int128, .int64(let value)): slot.storeBytes(of: Int128(value), as: Int128.self)
            case (.int128, .int128(let value)): slot.storeBytes(of: value, as: Int128.self)
            case (.float64, .float64(let value)): slot.storeBytes(of: value, as: Double.self)
            case (.string, .string(let bytes)):
                if bytes.count > StringView.inlineByteCount {
                    let text = (heapBuffer.pointer + heapOffset).assumingMemoryBound(to: UInt8.self)
                    slot.storeBytes(of: StringView(text, count: bytes.count), as: StringView.self)
                    heapOffset += bytes.count
                } else {
                    let view = bytes.withUnsafeBufferPointer { text in
                        text.baseAddress.map { StringView($0, count: text.count) } ?? .empty
                    }
                    slot.storeBytes(of: view, as: StringView.self)
                }
            default:
                hasNull = true
                validity[row >> 6] &= ~(1 << UInt64(row & 63))
                slot.initializeMemory(as: UInt8.self, repeating: 0, count: physical.stride)
            }
        }
        return Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: hasNull ? validity : nil,
            owners: [buffer, heapBuffer]
        )
    }

    /// Row `row` as a datum: for messages, statistics and tests, never in a loop over rows.
    package func datum(_ row: Int) -> Datum {
        if isNull(row) { return .null }
        let index = isConstant ? 0 : row
        switch form {
        case .narrow8: return .int64(base &+ Int64(entries(as: UInt8.self)[index]))
        case .narrow16: return .int64(base &+ Int64(entries(as: UInt16.self)[index]))
        case .narrow32: return .int64(base &+ Int64(entries(as: UInt32.self)[index]))
        case .dictionary8: return dictionaryDatum(Int(entries(as: UInt8.self)[index]))
        case .dictionary16: return dictionaryDatum(Int(entries(as: UInt16.self)[index]))
        case .dictionary32: return dictionaryDatum(Int(entries(as: UInt32.self)[index]))
        case .flat, .constant:
            switch physical {
            case .bool: return .bool(entries(as: UInt8.self)[index] != 0)
            case .int64: return .int64(entries(as: Int64.self)[index])
            case .int128: return .int128(entries(as: Int128.self)[index])
            case .float64: return .float64(entries(as: Double.self)[index])
            case .string: return .string(entries(as: StringView.self)[index].bytes)
            }
        }
    }

    private func dictionaryDatum(_ code: Int) -> Datum { dictionary?.datum(code) ?? .null }
}
