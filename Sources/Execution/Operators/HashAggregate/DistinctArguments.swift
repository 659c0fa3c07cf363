import Functions
import Plans
import SQLTypes
import Vectors

/// Lets each argument through once per group: what DISTINCT inside an aggregate means.
///
/// In the partial phase nothing is let through: the entries themselves are what a slice sets
/// down, and another slice, which gets all of a group's equal arguments, lets them through.
final class DistinctArguments {
    let type: DataType
    /// The argument's position in the chunks that come in.
    let input: Int
    /// The rows of the last batch whose argument was new to its group and not NULL.
    private(set) var firsts: GroupBatch
    /// Their arguments.
    private(set) var firstValues: Vector
    /// Their places in the batch.
    var firstPlaces: UnsafePointer<UInt16> { UnsafePointer(rows.pointer) }
    /// Whether rows are set down without a look at what was met: dropping repetitions saved
    /// too little.
    private(set) var isPassing = false
    private var packer: KeyPacker
    private var table: GroupTable
    private let groupWords = FlatArray<UInt64>(capacity: chunkRowCountMax)
    private let entries = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let groups = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private var rowsSinceStart = 0

    /// What a core's second-level cache holds of entries, and of texts.
    private static let partialEntryCountMax = 65_536
    private static let partialByteCountMax = 8 << 20

    private let check: StopCheck

    /// `check` is asked while much is moved at once, and may throw.
    init(_ type: DataType, input: Int, check: @escaping StopCheck) {
        self.type = type
        self.check = check
        self.input = input
        packer = KeyPacker([type])
        table = GroupTable(wordCount: packer.wordCount + 1, isInteger: false, check: check)
        firsts = GroupBatch(
            groups: UnsafePointer(groups.pointer),
            count: 0,
            priorGroupCount: 0,
            groupCount: 0,
            isTotal: false
        )
        firstValues = .nulls(physical: type.physical, count: 0)
    }

    var byteCount: Int { table.byteCount + packer.byteCount }

    /// Arguments met so far, each with its group.
    var count: Int { table.count }

    /// Whether the partial phase should set the entries down.
    var isFull: Bool {
        count > Self.partialEntryCountMax || (count > 0 && byteCount > Self.partialByteCountMax)
    }

    /// Forgets what was met; notes whether it was worth it.
    func removeAll() {
        isPassing = isPassing || (isFull && rowsSinceStart < 2 * count)
        rowsSinceStart = 0
        if isPassing || packer.byteCount > Self.partialByteCountMax / 2 {
            packer = KeyPacker([type])
            table = GroupTable(wordCount: packer.wordCount + 1, isInteger: false, check: check)
        } else {
            table.removeAll()
        }
    }

    /// Takes a batch in.
    func take(_ batch: GroupBatch, _ chunk: Chunk) throws(SQLError) {
        let vector = chunk.columns[input]
        let words = try packer.pack([vector], count: batch.count)
        for row in 0..<batch.count { groupWords.pointer[row] = UInt64(batch.groups[row]) }
        var known = table.count
        try table.assign(
            words + [UnsafePointer(groupWords.pointer)],
            rows: batch.count,
            into: entries.pointer
        )
        rowsSinceStart += batch.count
        var kept = 0
        for row in 0..<batch.count where Int(entries.pointer[row]) == known {
            // New entries are numbered in order of their first rows.
            known += 1
            if vector.isNull(row) { continue }
            rows.pointer[kept] = UInt16(truncatingIfNeeded: row)
            groups.pointer[kept] = batch.groups[row]
            kept += 1
        }
        firsts = batch
        firsts.groups = UnsafePointer(groups.pointer)
        firsts.count = kept
        firsts.firstRows = nil
        firstValues = vector.gather(rows.pointer, count: kept)
    }

    /// The arguments of entries in `range`, and the group of each.
    func entries(
        _ range: Range<Int>,
        groups: UnsafeMutablePointer<UInt32>
    ) -> Vector {
        let group = table.keys[packer.wordCount].pointer + range.lowerBound
        for row in 0..<range.count { groups[row] = UInt32(truncatingIfNeeded: group[row]) }
        return packer.unpack(table.keys, range)[0]
    }
}

// What the partial phase sets down.
extension HashAggregate {
    /// Sets an argument's entries down, each with the columns of its group; forgets them.
    func storeArguments(_ argument: DistinctArguments) throws(SQLError) {
        makeOutlet()
        let places = FlatArray<UInt32>(capacity: chunkRowCountMax)
        let groupColumns = keys.columns(0..<keys.count)
        var start = 0
        while start < argument.count {
            try Interruption.check()
            let range = start..<min(start + chunkRowCountMax, argument.count)
            start = range.upperBound
            let values = argument.entries(range, groups: places.pointer)
            let groups = groupColumns.map { $0.gather(places.pointer, count: range.count) }
            setDown(argument, groups, values, count: range.count)
        }
        argument.removeAll()
    }

    /// Sets rows down that hold one argument, and NULL in place of states and other arguments.
    func setDown(
        _ argument: DistinctArguments,
        _ groups: [Vector],
        _ values: Vector,
        count: Int
    ) {
        var columns = groups
        for call in calls {
            columns += call.call.function.stateTypes(argument: call.call.argumentType).map {
                .nulls(physical: $0.physical, count: count)
            }
        }
        columns += arguments.map {
            $0 === argument ? values : .nulls(physical: $0.type.physical, count: count)
        }
        outlet?.add(Chunk(count: count, columns: columns)) { store($0) }
    }
}
