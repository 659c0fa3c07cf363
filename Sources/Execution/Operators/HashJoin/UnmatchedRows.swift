import Plans
import SQLTypes
import Vectors

/// Build rows of a right or full join that nothing has matched, with NULLs for the probe side;
/// of a right semi join those that something has.
final class UnmatchedRows {
    private let specification: JoinSpecification
    private let table: JoinTable
    private var range = 0
    private var row: Int
    private let rows = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let wanted: UInt8
    /// Divisions on disk, the reader of the first, and the number of its next row.
    private var leaves: ArraySlice<SpilledLeaf>
    private var reader: LeafReader?
    private var leafRow = 0

    init(_ specification: JoinSpecification, table: JoinTable) {
        self.specification = specification
        self.table = table
        wanted = specification.kind == .rightSemi ? 1 : 0
        leaves = (table.spilled?.leaves ?? [])[...]
        row = table.ranges.first?.lowerBound ?? 0
    }

    /// The next rows, perhaps none of the 65,536 looked at; nil when there are none left.
    func next() throws(SQLError) -> Chunk? {
        if let chunk = nextOfTable() { return chunk }
        while let leaf = leaves.first {
            let own = reader ?? leaf.makeReader()
            reader = own
            if let chunk = try own.next() {
                defer { leafRow += chunk.count }
                return rows(of: chunk, in: leaf)
            }
            leaves.removeFirst()
            (reader, leafRow) = (nil, 0)
        }
        return nil
    }

    private func rows(of chunk: Chunk, in leaf: SpilledLeaf) -> Chunk {
        var count = 0
        for row in 0..<chunk.count {
            let flag = leaf.matched?.pointer[leafRow + row] ?? 0
            rows.pointer[count] = UInt32(truncatingIfNeeded: row)
            count += flag == wanted ? 1 : 0
        }
        return output(chunk.columns, count: count)
    }

    private func nextOfTable() -> Chunk? {
        guard let matched = table.matched?.pointer.assumingMemoryBound(to: UInt8.self) else {
            return nil
        }
        guard range < table.ranges.count else { return nil }
        var count = 0
        let last = row + rowsPerStopCheck
        while range < table.ranges.count && count < chunkRowCountMax && row < last {
            let end = table.ranges[range].upperBound
            while row < min(end, last) && count < chunkRowCountMax {
                rows.pointer[count] = UInt32(truncatingIfNeeded: row)
                count += matched[row] == wanted ? 1 : 0
                row += 1
            }
            if row == end {
                range += 1
                if range < table.ranges.count { row = table.ranges[range].lowerBound }
            }
        }
        return output(table.columns, count: count)
    }

    private func output(_ build: [Vector], count: Int) -> Chunk {
        if count == 0 { return Chunk(count: 0, columns: []) }
        let probeCount = specification.probeTypes.count
        let columns = specification.output.map { position -> Vector in
            if position < probeCount {
                let physical = specification.probeTypes[position].physical
                return .nulls(physical: physical, count: count)
            }
            return build[position - probeCount].gather(rows.pointer, count: count)
        }
        return Chunk(count: count, columns: columns)
    }
}
