// Rows of a group whose values do not fit its narrow entries: their places and full values.
//
// ```
//   count 4 | pad 12 | positions 2 × count, padded to 16 | values 8 × count, padded to 16
// ```

/// Collects the exceptions of a group in row order.
struct ExceptionList {
    private var positions: [UInt16] = []
    private var values: [Int64] = []

    var isEmpty: Bool { positions.isEmpty }

    /// Bytes it takes in the group.
    var byteCount: Int { 16 + aligned(positions.count * 2) + aligned(positions.count * 8) }

    mutating func add(_ value: Int64, at position: Int) {
        positions.append(UInt16(position))
        values.append(value)
    }

    /// The list as it is stored; its length is a multiple of 16.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { target in
            target.storeBytes(of: UInt32(positions.count), as: UInt32.self)
            positions.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: target[16...]).copyMemory(from: $0)
            }
            let offset = 16 + aligned(positions.count * 2)
            values.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: $0)
            }
        }
        return bytes
    }
}

/// Reads a stored list of exceptions.
struct ExceptionReader {
    let count: Int
    private let start: UnsafeMutableRawPointer
    private let values: UnsafeMutableRawPointer

    init(_ source: UnsafeMutableRawPointer) {
        count = Int(source.loadUnaligned(as: UInt32.self))
        start = source + 16
        values = start + aligned(count * 2)
    }

    /// What follows the list.
    var end: UnsafeMutableRawPointer { values + aligned(count * 8) }

    @inline(__always)
    func position(_ index: Int) -> Int {
        Int(start.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    }

    @inline(__always)
    func value(_ index: Int) -> Int64 {
        values.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)
    }
}
