import SQLTypes
import Vectors

/// Lets each argument through once per group: what DISTINCT inside an aggregate means.
final class DistinctArguments {
    private let packer: KeyPacker
    private let table: GroupTable
    private let groupWords = FlatArray<UInt64>(capacity: chunkRowCountMax)
    private let entries = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let groups = FlatArray<UInt32>(capacity: chunkRowCountMax)

    init(_ type: DataType) {
        packer = KeyPacker([type])
        table = GroupTable(wordCount: packer.wordCount + 1, isInteger: false)
    }

    var byteCount: Int { table.byteCount + packer.byteCount }

    func removeAll() { table.removeAll() }

    /// The rows of a batch whose argument is new to its group and not NULL.
    func firsts(
        _ batch: GroupBatch,
        _ vector: Vector
    ) throws(SQLError) -> (batch: GroupBatch, vector: Vector) {
        let words = try packer.pack([vector], count: batch.count)
        for row in 0..<batch.count { groupWords.pointer[row] = UInt64(batch.groups[row]) }
        var known = table.count
        try table.assign(
            words + [UnsafePointer(groupWords.pointer)],
            rows: batch.count,
            into: entries.pointer
        )
        var kept = 0
        for row in 0..<batch.count where Int(entries.pointer[row]) == known {
            // New entries are numbered in order of their first rows.
            known += 1
            if vector.isNull(row) { continue }
            rows.pointer[kept] = UInt16(truncatingIfNeeded: row)
            groups.pointer[kept] = batch.groups[row]
            kept += 1
        }
        var firsts = batch
        firsts.groups = UnsafePointer(groups.pointer)
        firsts.count = kept
        return (firsts, vector.gather(rows.pointer, count: kept))
    }
}
