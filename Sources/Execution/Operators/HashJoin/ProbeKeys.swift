import SQLTypes
import Vectors

/// Finds, for each row of a probe chunk, the first build row that may match.
final class ProbeKeys {
    private let table: JoinTable
    private let hashes = FlatArray<UInt64>(capacity: chunkRowCountMax)
    private let narrowed = FlatArray<Int64>(capacity: chunkRowCountMax)
    /// One entry per row of the chunk last looked up; `JoinTable.end` for none.
    let first = FlatArray<UInt32>(capacity: chunkRowCountMax)

    init(_ table: JoinTable) { self.table = table }

    /// Looks up the chunk's keys.
    ///
    /// - Throws: 57014.
    func lookUp(_ chunk: Chunk) throws(SQLError) {
        try first.reserve(chunk.count)
        if table.layout.isHashed {
            try lookUpHashed(chunk)
        } else {
            try lookUpInteger(chunk.columns[table.layout.probe[0]], count: chunk.count)
        }
    }

    private func lookUpInteger(_ column: Vector, count: Int) throws(SQLError) {
        if column.physical == .int128 { return try lookUpWide(column, count: count) }
        let flat = column.flattened()
        defer { withExtendedLifetime(flat) {} }
        try table.firstRows(
            of: flat.entries(as: Int64.self),
            validity: flat.validity,
            count: count,
            into: first.pointer
        )
    }

    /// Keys of 128 bits against a build side of 64: what does not fit matches nothing.
    private func lookUpWide(_ column: Vector, count: Int) throws(SQLError) {
        try narrowed.reserve(count)
        var validity = column.rowValidity ?? Vector.allValid(count)
        for row in 0..<count {
            let value = column.int128Value(row)
            let narrow = Int64(truncatingIfNeeded: value)
            narrowed.pointer[row] = narrow
            if Int128(narrow) != value { validity[row >> 6] &= ~(1 << UInt64(row & 63)) }
        }
        try table.firstRows(
            of: narrowed.pointer,
            validity: validity,
            count: count,
            into: first.pointer
        )
    }

    private func lookUpHashed(_ chunk: Chunk) throws(SQLError) {
        let keys = table.layout.probe.map { chunk.columns[$0] }
        try hashes.reserve(chunk.count)
        hashRows(keys, count: chunk.count, into: hashes.pointer)
        var validity: [UInt64]?
        for key in keys {
            guard let own = key.rowValidity else { continue }
            validity = validity.map { zip($0, own).map { $0 & $1 } } ?? own
        }
        try table.firstRows(
            ofHashes: hashes.pointer,
            validity: validity,
            count: chunk.count,
            into: first.pointer
        )
    }
}
