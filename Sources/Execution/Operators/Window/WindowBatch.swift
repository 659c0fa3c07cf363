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

    /// Rows between two tests for cancel.
    private static let rowsBetweenTests = 1 << 16

    /// Tests for cancel at some of the rows that a loop passes.
    ///
    /// - Throws: 57014 once the query must end.
    @inline(__always)
    func checkCancel(at row: Int) throws(SQLError) {
        if row & (Self.rowsBetweenTests &- 1) == 0 { try Interruption.check() }
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
