import SQLTypes
import Vectors

/// The groups of a batch of rows, as states see it.
struct GroupBatch {
    /// The group of each row.
    var groups: UnsafePointer<UInt32>
    /// Rows.
    var count: Int
    /// Groups before this batch and with it.
    var priorGroupCount: Int
    var groupCount: Int
    /// Whether the aggregate has no keys: every row belongs to group 0.
    var isTotal: Bool
    /// The first row of each group from `priorGroupCount` on, where some call wants it.
    var firstRows: UnsafePointer<UInt16>?
}

/// Tables of so few groups are kept four times over, so that rows in a row do not wait for each
/// other's sums.
let copiedGroupCountMax = 64

/// Rows per group.
final class GroupCounts {
    let counts = FlatArray<Int64>()

    var byteCount: Int { counts.byteCount }

    func removeAll() { counts.removeAll() }

    /// Counts every row.
    func add(_ batch: GroupBatch) throws(SQLError) {
        try counts.grow(to: batch.groupCount, filling: 0)
        let (count, group, rows) = (counts.pointer, batch.groups, batch.count)
        if batch.isTotal {
            count[0] &+= Int64(rows)
        } else if batch.groupCount <= copiedGroupCountMax {
            withUnsafeTemporaryAllocation(of: Int64.self, capacity: 4 * copiedGroupCountMax) {
                copy in
                copy.initialize(repeating: 0)
                guard let base = copy.baseAddress else { return }
                for row in 0..<rows { base[Int(group[row]) &* 4 &+ row & 3] &+= 1 }
                for index in 0..<batch.groupCount {
                    count[index] &+=
                        base[4 &* index] &+ base[4 &* index &+ 1]
                        &+ base[4 &* index &+ 2] &+ base[4 &* index &+ 3]
                }
            }
        } else {
            for row in 0..<rows { count[Int(group[row])] &+= 1 }
        }
    }

    /// Counts the rows that are not NULL.
    func add(_ batch: GroupBatch, validOf vector: Vector) throws(SQLError) {
        guard let validity = vector.rowValidity else { return try add(batch) }
        try counts.grow(to: batch.groupCount, filling: 0)
        let (count, group) = (counts.pointer, batch.groups)
        validity.withUnsafeBufferPointer { bits in
            for row in 0..<batch.count {
                let bit = bits[row >> 6] >> UInt64(row & 63) & 1
                count[Int(group[row])] &+= Int64(bitPattern: bit)
            }
        }
    }
}

/// The rows of each group whose argument is not NULL.
///
/// While no argument has been NULL these are the rows of the group, which all calls share.
final class ArgumentCounts {
    private let rows: GroupCounts
    private var own: GroupCounts?

    /// Shares `rows`, unless only some of a group's rows come here.
    init(rows: GroupCounts, isSubset: Bool) {
        self.rows = rows
        if isSubset { own = GroupCounts() }
    }

    var byteCount: Int { own?.byteCount ?? 0 }

    func removeAll() { own?.removeAll() }

    /// Counts a batch; before the shared counts do.
    func add(_ batch: GroupBatch, _ vector: Vector) throws(SQLError) {
        if own == nil && !vector.hasNoNulls {
            let made = GroupCounts()
            try made.counts.grow(to: rows.counts.count, filling: 0)
            made.counts.pointer.update(from: rows.counts.pointer, count: rows.counts.count)
            own = made
        }
        try own?.add(batch, validOf: vector)
    }

    /// The count of a group; every group has a place by the time results are made.
    func value(_ group: Int) -> Int64 { (own ?? rows).counts.pointer[group] }

    /// Gives every group a place.
    func settle(_ groupCount: Int) throws(SQLError) {
        try (own ?? rows).counts.grow(to: groupCount, filling: 0)
    }
}

/// Which groups have had an argument that is not NULL.
///
/// While no argument has been NULL all have.
final class SeenGroups {
    private var own: FlatArray<UInt8>?

    /// `isSubset` where only some of a group's rows come here.
    init(isSubset: Bool) { own = isSubset ? FlatArray() : nil }

    var byteCount: Int { own?.byteCount ?? 0 }

    func removeAll() { own?.removeAll() }

    func add(_ batch: GroupBatch, _ vector: Vector) throws(SQLError) {
        if own == nil {
            if vector.hasNoNulls { return }
            let made = FlatArray<UInt8>()
            try made.grow(to: batch.priorGroupCount, filling: 1)
            own = made
        }
        guard let own else { return }
        try own.grow(to: batch.groupCount, filling: 0)
        let (seen, group) = (own.pointer, batch.groups)
        if let validity = vector.rowValidity {
            for row in 0..<batch.count where validity[row >> 6] >> UInt64(row & 63) & 1 != 0 {
                seen[Int(group[row])] = 1
            }
        } else {
            for row in 0..<batch.count { seen[Int(group[row])] = 1 }
        }
    }

    /// Whether a group has had one.
    func contains(_ group: Int) -> Bool {
        guard let own else { return true }
        return group < own.count && own.pointer[group] != 0
    }

    /// Validity of results of groups in `range`; nil if all are there.
    func validity(_ range: Range<Int>) -> [UInt64]? {
        guard own != nil else { return nil }
        var words = Vector.allValid(range.count)
        var missing = false
        for group in range where !contains(group) {
            let row = group - range.lowerBound
            words[row >> 6] &= ~(1 << UInt64(row & 63))
            missing = true
        }
        return missing ? words : nil
    }
}
