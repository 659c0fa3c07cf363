import SQLTypes
import Vectors

/// Finds the group of each row by its key columns, the way that suits their types.
final class GroupKeys {
    private enum Way {
        /// No key: one group.
        case none
        /// One column of 64-bit integers; NULL has a group of its own.
        case integer
        /// One column of 64-bit integers that ascend, without NULLs.
        case ordered(FlatArray<Int64>)
        case packed(KeyPacker)
    }

    private let types: [DataType]
    private let way: Way
    private let table: GroupTable
    private let dense = FlatArray<UInt64>(capacity: chunkRowCountMax)
    private let denseGroups = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private var hasTotal = false

    /// `denseSpanMax` is the widest range of integers that indexes an array; `check` is asked while
    /// much is moved at once, and may throw.
    init(
        _ types: [DataType],
        isOrdered: Bool = false,
        denseSpanMax: Int64 = GroupTable.denseSpanMost,
        check: @escaping StopCheck = {}
    ) {
        self.types = types
        if isOrdered {
            way = .ordered(FlatArray())
            table = GroupTable(wordCount: 1, isInteger: false)
        } else if types.isEmpty {
            way = .none
            table = GroupTable(wordCount: 1, isInteger: false)
        } else if types.count == 1 && types[0].physical == .int64 {
            way = .integer
            table = GroupTable(
                wordCount: 1,
                isInteger: true,
                denseSpanMax: denseSpanMax,
                check: check
            )
        } else {
            let packer = KeyPacker(types)
            way = .packed(packer)
            table = GroupTable(wordCount: packer.wordCount, isInteger: false, check: check)
        }
    }

    /// Groups so far.
    var count: Int {
        switch way {
        case .none: hasTotal ? 1 : 0
        case .ordered(let keys): keys.count
        case .integer, .packed: table.count
        }
    }

    /// Whether there is but one group whatever the rows.
    var isTotal: Bool { types.isEmpty }

    /// Bytes held.
    var byteCount: Int {
        switch way {
        case .packed(let packer): table.byteCount + packer.byteCount
        case .ordered(let keys): keys.byteCount
        case .none, .integer: table.byteCount
        }
    }

    /// Forgets the groups, not the texts.
    func removeAll() {
        if case .ordered(let keys) = way { keys.removeAll() } else { table.removeAll() }
        hasTotal = false
    }

    /// Writes the group of each row; new groups are added.
    func assign(
        _ columns: [Vector],
        count: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        switch way {
        case .none:
            hasTotal = hasTotal || count > 0
            groups.update(repeating: 0, count: count)
        case .integer: try assignInteger(columns[0], count: count, into: groups)
        case .ordered(let keys): try assignOrdered(columns[0], keys, count: count, into: groups)
        case .packed(let packer):
            let words = try packer.pack(columns, count: count)
            try table.assign(words, rows: count, into: groups)
        }
    }

    /// The key columns of groups in `range`.
    func columns(_ range: Range<Int>) -> [Vector] {
        switch way {
        case .none: return []
        case .ordered(let keys):
            let builder = VectorBuilder(physical: .int64, capacity: range.count)
            for group in range { builder.appendInt64(keys.pointer[group]) }
            return [builder.finish()]
        case .packed(let packer): return packer.unpack(table.keys, range)
        case .integer:
            let buffer = Buffer(byteCount: max(1, range.count) * 8)
            buffer.pointer.copyMemory(
                from: table.keys[0].pointer + range.lowerBound,
                byteCount: range.count * 8
            )
            var validity: [UInt64]?
            for group in range where table.isNullGroup(group) {
                var words = Vector.allValid(range.count)
                let row = group - range.lowerBound
                words[row >> 6] &= ~(1 << UInt64(row & 63))
                validity = words
            }
            let vector = Vector(
                physical: .int64,
                form: .flat,
                count: range.count,
                data: buffer.pointer,
                validity: validity,
                owners: [buffer]
            )
            return [vector]
        }
    }

    private func assignOrdered(
        _ column: Vector,
        _ keys: FlatArray<Int64>,
        count: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        guard count > 0 else { return }
        try keys.reserve(keys.count + count)
        let flat = column.flattened()
        defer { withExtendedLifetime(flat) {} }
        let values = flat.entries(as: Int64.self)
        if keys.count == 0 { keys.append(values[0]) }
        let known = keys.pointer
        var last = keys.count - 1
        for row in 0..<count {
            let value = values[row]
            last &+= value != known[last] ? 1 : 0
            known[last] = value
            groups[row] = UInt32(truncatingIfNeeded: last)
        }
        keys.setCount(last + 1)
    }

    private func assignInteger(
        _ column: Vector,
        count: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(SQLError) {
        let bounds = column.knownBounds()
        let flat = column.flattened()
        let values = UnsafeRawPointer(flat.data).assumingMemoryBound(to: UInt64.self)
        guard let validity = flat.validity else {
            return try table.assign([values], bounds: bounds, rows: count, into: groups)
        }
        try rows.reserve(count)
        let found = positions(of: validity, rowCount: count, into: rows.pointer)
        if found < count {
            let group = table.groupOfNull()
            groups.update(repeating: group, count: count)
        }
        for index in 0..<found { dense.pointer[index] = values[Int(rows.pointer[index])] }
        if found == 0 { return }
        try table.assign(
            [UnsafePointer(dense.pointer)],
            bounds: bounds,
            rows: found,
            into: denseGroups.pointer
        )
        for index in 0..<found {
            groups[Int(rows.pointer[index])] = denseGroups.pointer[index]
        }
    }
}
