import SQLTypes
import Vectors

/// Rows of whole partitions that window functions are computed for, in order.
///
/// ```
///   rows        a a a b b c …
///   partitions  0     3   5 … count        where each begins, and the end
///   peers       0   2 3   5 … count        where the ORDER BY changes, and the end
/// ```
struct WindowBatch {
    let count: Int
    let partitions: FlatArray<Int>
    /// Only where some function reads peers.
    let peers: FlatArray<Int>
    let query: QueryRun

    /// Rows between two tests for cancel.
    private static let rowsBetweenTests = 1 << 16

    /// - Throws: 57014 once the query must end.
    func checkCancel() throws(SQLError) {
        guard query.isStopped else { return }
        throw SQLError(.queryCanceled, "Query canceled on user's request")
    }

    /// Tests for cancel at some of the rows that a loop passes.
    @inline(__always)
    func checkCancel(at row: Int) throws(SQLError) {
        if row & (Self.rowsBetweenTests &- 1) == 0 { try checkCancel() }
    }

    /// Calls `body` with the rows of each partition, in order.
    @inline(__always)
    func forEachPartition(_ body: (Range<Int>) throws(SQLError) -> Void) throws(SQLError) {
        let starts = partitions.pointer
        for index in 0..<partitions.count - 1 {
            try body(starts[index]..<starts[index + 1])
        }
    }
}

/// A column of results, written at any row in ascending order.
struct WindowResult<Element: BitwiseCopyable> {
    private let physical: PhysicalType
    private let count: Int
    private let buffer: Buffer
    private let values: UnsafeMutablePointer<Element>
    private var validity: [UInt64]?

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
        (values + rows.lowerBound).update(repeating: value, count: rows.count)
    }

    mutating func setNull(_ rows: Range<Int>) {
        var bits = validity ?? Vector.allValid(count)
        validity = nil
        for row in rows { bits[row &>> 6] &= ~(1 &<< UInt64(row & 63)) }
        validity = bits
        buffer.pointer.advanced(by: rows.lowerBound * MemoryLayout<Element>.stride)
            .initializeMemory(
                as: UInt8.self,
                repeating: 0,
                count: rows.count * MemoryLayout<Element>.stride
            )
    }

    func finish() -> Vector {
        Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }
}
