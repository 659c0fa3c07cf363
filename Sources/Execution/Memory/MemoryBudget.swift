package import SQLTypes
import Synchronization

/// What one slice may use for joins, groupings and sorts, over all sessions.
///
/// Operators reserve before they grow. Running out is 53200; this interface is also where
/// spilling starts once an operator can.
package final class MemoryBudget: Sendable {
    /// The slice's share of the cluster's memory.
    package let byteCountMax: Int
    private let used = Atomic<Int>(0)

    /// Makes a budget of so many bytes.
    package init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    /// Bytes reserved now.
    package var byteCount: Int { used.load(ordering: .relaxed) }

    /// Takes bytes from the budget.
    ///
    /// - Throws: 53200 naming the operator and the budget.
    package func reserve(_ byteCount: Int, for operation: String) throws(SQLError) {
        let (_, after) = used.add(byteCount, ordering: .relaxed)
        guard after > byteCountMax else { return }
        used.subtract(byteCount, ordering: .relaxed)
        throw SQLError(
            .outOfMemory,
            "out of memory",
            detail: "\(operation) needs \(byteCount) more bytes; the slice has \(byteCountMax), "
                + "of which \(after - byteCount) are in use.",
            hint: "Open the warehouse with more memory."
        )
    }

    /// Gives bytes back.
    package func release(_ byteCount: Int) { used.subtract(byteCount, ordering: .relaxed) }
}

/// What one operator holds of its slice's budget; given back when the operator goes.
final class MemoryReservation {
    private let budget: MemoryBudget
    private let operation: String
    /// Bytes held now, and at most so far.
    private(set) var byteCount = 0
    private(set) var byteCountPeak = 0

    /// Holds nothing yet; `operation` names the operator in errors.
    init(_ budget: MemoryBudget, for operation: String) {
        self.budget = budget
        self.operation = operation
    }

    deinit { budget.release(byteCount) }

    /// Holds `total` bytes from now on.
    func set(_ total: Int) throws(SQLError) {
        if total > byteCount {
            try budget.reserve(total - byteCount, for: operation)
        } else {
            budget.release(byteCount - total)
        }
        byteCount = total
        byteCountPeak = max(byteCountPeak, total)
    }

    /// Holds so many bytes more, for what the operator can do without; false where there are none.
    func growsIfPossible(by more: Int) -> Bool {
        do throws(SQLError) {
            try set(byteCount + more)
            return true
        } catch {
            // 53200 is all that a budget throws.
            return false
        }
    }
}
