import SQLTypes
import Synchronization

/// What one slice may use for joins, groupings and sorts, over all sessions.
///
/// Operators reserve before they grow, and share by these rules:
///
/// - One that collects rows asks `grows(to:)`. It is refused as soon as it would hold more than
///   what it leaves free, so that others, and its own last pass, find room; then it writes what it
///   has to its slice's disks and begins anew. So whoever wants to grow when memory is short
///   spills itself; nobody is made to.
/// - Every operator may hold ``guaranteedByteCount`` whatever the others have, so that one with
///   nothing to spill does not starve. The budget may be exceeded by that much for each.
/// - What reads a division of its rows back may hold ``divisionByteCount`` whatever the others
///   have: dividing once more costs more than it spares.
/// - Buffers of spilled rows and pieces read back are held without asking: `pieceByteCount` each,
///   a 256th of the budget, of which sixteen at once are usual.
/// - Rows on their way into a table are not counted, but extents are cut smaller where memory is
///   small.
/// - What cannot be spilled asks `set(_:)`, to which 53200 is the answer once all is taken and it
///   is more than the work on one chunk takes.
final class MemoryBudget: Sendable {
    /// The slice's share of the cluster's memory.
    let byteCountMax: Int
    /// Where what does not fit goes; nil where there is no such place.
    let disks: SliceDisks?
    private let used = Atomic<Int>(0)

    /// Makes a budget of so many bytes.
    init(byteCountMax: Int, disks: SliceDisks?) {
        self.byteCountMax = byteCountMax
        self.disks = disks
    }

    /// Bytes reserved now.
    var byteCount: Int { used.load(ordering: .relaxed) }

    /// What every operator may hold.
    var guaranteedByteCount: Int { min(max(byteCountMax / 32, 16 << 10), 4 << 20) }

    /// What a division of spilled rows may take, one at a time.
    var divisionByteCount: Int { max(workingByteCount, byteCountMax / 8) }

    /// What every operator needs to get from one chunk to the next.
    var workingByteCount: Int { max(guaranteedByteCount, 256 << 10) }

    /// Bytes that are written to disk at once, as far as rows are not wider.
    var pieceByteCount: Int { min(max(byteCountMax / 256, 1 << 10), 1 << 20) }

    /// Bytes of rows that a writer of a table collects for an extent.
    var extentByteCountMax: Int { min(max(byteCountMax / 4, 4 << 20), 64 << 20) }

    /// Makes a file for what an operator cannot keep.
    ///
    /// - Throws: 53200 where the slice has no disks.
    func makeSpillFile(for operation: String) throws(SQLError) -> SpillFile {
        guard let disks else { throw shortage(of: byteCountMax, for: operation) }
        return SpillFile(disks)
    }

    /// Takes bytes from the budget.
    ///
    /// - Throws: 53200 naming the operator and the budget.
    fileprivate func reserve(_ byteCount: Int, for operation: String) throws(SQLError) {
        let (_, after) = used.add(byteCount, ordering: .relaxed)
        guard after > byteCountMax else { return }
        used.subtract(byteCount, ordering: .relaxed)
        throw shortage(of: byteCount, for: operation)
    }

    private func shortage(of byteCount: Int, for operation: String) -> SQLError {
        SQLError(
            .outOfMemory,
            "out of memory",
            detail: "\(operation) needs \(byteCount) more bytes; the slice has \(byteCountMax), "
                + "of which \(self.byteCount) are in use.",
            hint: "Open the warehouse with more memory."
        )
    }

    /// Takes bytes, or gives them back, without a question.
    fileprivate func take(_ byteCount: Int) { used.add(byteCount, ordering: .relaxed) }
}

/// What one operator holds of its slice's budget; given back when the operator goes.
final class MemoryReservation {
    let budget: MemoryBudget
    private let operation: String
    /// Bytes held now, and at most so far.
    private(set) var byteCount = 0
    private(set) var byteCountPeak = 0

    /// Holds nothing yet; `operation` names the operator in errors.
    init(_ budget: MemoryBudget, for operation: String) {
        self.budget = budget
        self.operation = operation
    }

    deinit { budget.take(-byteCount) }

    /// Holds `total` bytes from now on.
    ///
    /// - Throws: 53200 where there are not so many and they are more than a chunk takes.
    func set(_ total: Int) throws(SQLError) {
        if total > byteCount && total > budget.workingByteCount {
            try budget.reserve(total - byteCount, for: operation)
            note(total)
        } else {
            hold(total)
        }
    }

    /// Holds `total` bytes from now on, whether there are so many or not.
    func hold(_ total: Int) {
        budget.take(total - byteCount)
        note(total)
    }

    /// Holds `total` bytes of collected rows, if as many stay free or they are guaranteed; those
    /// of a division that was on disk, up to its share.
    func grows(to total: Int, isDivision: Bool = false) -> Bool {
        let others = budget.byteCount - byteCount
        let own = isDivision ? budget.divisionByteCount : budget.guaranteedByteCount
        guard total <= own || others + 2 * total <= budget.byteCountMax
        else { return false }
        hold(total)
        return true
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

    /// Makes a file for rows that are not to be held.
    func makeSpillFile() throws(SQLError) -> SpillFile {
        try budget.makeSpillFile(for: operation)
    }

    private func note(_ total: Int) {
        byteCount = total
        byteCountPeak = max(byteCountPeak, total)
    }
}
