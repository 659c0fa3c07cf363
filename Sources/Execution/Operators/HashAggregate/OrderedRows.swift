import Functions
import Plans
import SQLTypes
import Vectors

/// The rows of all groups for aggregates that need them in order, as columns.
///
/// ```
///   groups     | 0 | 2 | 0 | 1 | 2 | …   the group of each row, as rows came
///   columns    what the calls read of each row, as rows came
///   rows       | 0 2 | 3 | 1 4 |         after the input: row numbers by group
///   starts     | 0   | 2 | 3   | 5       where each group's begin
///   sorted     the columns of a few groups at a time, by group and key: what calls read
/// ```
/// All calls of a query agree on the order, so rows are sorted once, some groups at a time as
/// they are put out: between two lots a run's turn can end. Texts of LISTAGG come last among
/// the keys, so that its result does not depend on the order in which rows came.
final class OrderedRows {
    /// The columns of some groups in order.
    private(set) var sorted: [Vector] = []
    private var sortedStart = 0
    /// The positions in the incoming chunks of what is collected.
    let positions: [Int]
    private let keys: [SortKeyPosition]
    private let builders: [VectorBuilder]
    private let groups = FlatArray<UInt32>()
    private var columns: [Vector] = []
    private let rows = FlatArray<UInt32>()
    private let starts = FlatArray<UInt32>()
    private var sortedByteCount = 0
    private var columnByteCount = 0
    private let lists: [ListLengths]
    let check: StopCheck

    /// Rows sorted in one lot, unless a group has more: a few milliseconds of work, and a small
    /// part of the memory.
    private let lotRowCountMax: Int

    /// `check` is asked every few milliseconds of work at the end, and may throw.
    init(
        _ specification: AggregateSpecification,
        budget: MemoryBudget,
        check: @escaping StopCheck
    ) {
        self.check = check
        lotRowCountMax = min(65_536, max(256, budget.byteCountMax / 1024))
        let calls = specification.calls.filter(\.function.collectsRows)
        var positions: [Int] = []
        var keys = calls.first { !$0.order.isEmpty }?.order ?? []
        for call in calls where call.function == .listAggregate {
            for input in call.inputs where !keys.contains(where: { $0.column == input }) {
                keys.append(
                    SortKeyPosition(column: input, isAscending: true, nullsFirst: false)
                )
            }
        }
        for key in keys where !positions.contains(key.column) { positions.append(key.column) }
        for input in calls.flatMap(\.inputs) where !positions.contains(input) {
            positions.append(input)
        }
        lists = calls.compactMap { ListLengths($0) }
        self.positions = positions
        self.keys = keys
        builders = positions.map {
            VectorBuilder(physical: specification.inputTypes[$0].physical, capacity: 256)
        }
    }

    /// Bytes held.
    var byteCount: Int {
        columnByteCount + groups.byteCount + rows.byteCount + starts.byteCount + sortedByteCount
            + lists.reduce(0) { $0 + $1.byteCount }
    }

    /// The column of `sorted` that holds an input of the chunks.
    func place(of input: Int) throws(SQLError) -> Int {
        guard let place = positions.firstIndex(of: input) else {
            throw SQLError.invariant("an ordered aggregate's argument was not collected")
        }
        return place
    }

    /// Takes rows in.
    ///
    /// - Errors: XX000 as soon as a list of LISTAGG is too long; 54000 for too many rows.
    func add(_ batch: GroupBatch, _ chunk: Chunk) throws(SQLError) {
        for list in lists { try list.add(batch, chunk) }
        guard groups.count + batch.count < Int(UInt32.max) else {
            throw SQLError(
                .programLimitExceeded,
                "more than 4,294,967,294 rows of ordered aggregates on one slice"
            )
        }
        try groups.reserve(groups.count + batch.count)
        (groups.pointer + groups.count).update(from: batch.groups, count: batch.count)
        groups.setCount(groups.count + batch.count)
        for (builder, position) in zip(builders, positions) {
            try builder.makeRoom(for: batch.count)
            builder.append(chunk.columns[position])
        }
        columnByteCount = builders.reduce(0) { $0 + $1.byteCount }
    }

    /// Hands over what was collected and the group of each row, to take it elsewhere; instead of
    /// ``settle(_:)``.
    func takeRows() throws(SQLError) -> (columns: [Vector], groups: FlatArray<UInt32>) {
        (try builders.finish(), groups)
    }

    /// Ends the input: rows are put in order of their groups by counting.
    func settle(_ groupCount: Int) throws(SQLError) {
        columns = try builders.finish()
        try starts.grow(to: groupCount + 2, filling: 0)
        let (start, group) = (starts.pointer, groups.pointer)
        for first in stride(from: 0, to: groups.count, by: rowsPerStopCheck) {
            try check()
            for row in first..<min(groups.count, first + rowsPerStopCheck) {
                start[Int(group[row]) + 2] &+= 1
            }
        }
        for index in 2..<max(2, groupCount + 2) { start[index] &+= start[index - 1] }
        try rows.reserve(groups.count)
        rows.setCount(groups.count)
        let target = rows.pointer
        for first in stride(from: 0, to: groups.count, by: rowsPerStopCheck) {
            try check()
            for row in first..<min(groups.count, first + rowsPerStopCheck) {
                let place = Int(group[row]) + 1
                target[Int(start[place])] = UInt32(truncatingIfNeeded: row)
                start[place] &+= 1
            }
        }
    }

    /// Sorts the rows of the first groups of a range; returns which groups those are.
    func sort(_ range: Range<Int>) throws(SQLError) -> Range<Int> {
        let start = starts.pointer
        var end = range.lowerBound + 1
        let first = Int(start[range.lowerBound])
        while end < range.upperBound && Int(start[end + 1]) - first <= lotRowCountMax {
            end += 1
        }
        let lot = range.lowerBound..<end
        let count = Int(start[end]) - first
        let numbers = rows.pointer + first
        var gathered: [Vector] = []
        for column in columns { gathered.append(try column.gatherMany(numbers, count: count)) }
        var keyColumns: [Vector] = []
        for key in keys { keyColumns.append(gathered[try place(of: key.column)]) }
        var order = keys.map { SortOrder(ascending: $0.isAscending, nullsFirst: $0.nullsFirst) }
        if lot.count > 1 {
            let group = groups.pointer
            keyColumns.insert(
                .making(Int64.self, .int64, count) { Int64(group[Int(numbers[$0])]) },
                at: 0
            )
            order.insert(SortOrder(ascending: true, nullsFirst: false), at: 0)
        }
        let permutation = try sortPermutation(
            keyColumns,
            order: order,
            count: count,
            check: check
        )
        sorted = try permutation.withUnsafeBufferPointer { (buffer) throws(SQLError) in
            guard let base = buffer.baseAddress else { return gathered }
            var sorted: [Vector] = []
            for column in gathered { sorted.append(try column.gatherMany(base, count: count)) }
            return sorted
        }
        sortedStart = first
        sortedByteCount = sorted.reduce(0) { $0 + 2 * count * $1.physical.stride } + count * 24
        return lot
    }

    /// Where the groups that were sorted last stand in `sorted`.
    func groups(_ range: Range<Int>) -> OrderedGroups {
        OrderedGroups(range, starts: starts, offset: sortedStart, check: check)
    }
}
