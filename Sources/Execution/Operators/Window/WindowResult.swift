import SQLTypes
import Vectors

/// A column of results, written row by row in any order; rows that are never written hold noise.
///
/// A class, so that what computes can stay a value that loops read without copying it.
final class WindowResult<Element: BitwiseCopyable> {
    private let physical: PhysicalType
    private let count: Int
    private let buffer: Buffer
    private let values: UnsafeMutablePointer<Element>
    private var validity: [UInt64] = []

    init(_ physical: PhysicalType, count: Int) {
        self.physical = physical
        self.count = count
        buffer = Buffer(byteCount: max(1, count) * MemoryLayout<Element>.stride)
        values = buffer.pointer.assumingMemoryBound(to: Element.self)
    }

    @inline(__always)
    func set(_ row: Int, _ value: Element) { values[row] = value }

    @inline(__always)
    func set(_ rows: Range<Int>, _ value: Element) {
        for row in rows { values[row] = value }
    }

    func setNull(_ rows: Range<Int>) {
        if validity.isEmpty { validity = Vector.allValid(count) }
        for row in rows { validity[row &>> 6] &= ~(1 &<< UInt64(row & 63)) }
        buffer.pointer.advanced(by: rows.lowerBound * MemoryLayout<Element>.stride)
            .initializeMemory(
                as: UInt8.self,
                repeating: 0,
                count: rows.count * MemoryLayout<Element>.stride
            )
    }

    /// The column; nothing may be written after.
    func finish() -> Vector {
        Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity.isEmpty ? nil : validity,
            owners: [buffer]
        )
    }
}
