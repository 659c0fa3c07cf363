import SQLTypes
import Vectors

/// Rows on disk, divided by the hash of some of their columns.
///
/// Rows of equal columns are in one partition, NULLs among themselves. Each depth divides by other
/// bits of the tables' hash, mixed anew: neither the slots of a hash table nor the slices of a
/// distribution, which has a hash of its own, are a division of the same kind.
final class SpillPartitions {
    /// Partitions that rows are divided into: their buffers are a 16th of a slice's memory, or
    /// twice that.
    static let count = 16
    /// Divisions of divisions: 16⁵ times the memory.
    static let depthMax = 5

    let parts: [SpilledRows]
    private let types: [PhysicalType]
    private let depth: Int
    private let hashes = FlatArray<UInt64>(capacity: chunkRowCountMax)
    private let numbers = FlatArray<UInt8>(capacity: chunkRowCountMax)
    private let positions = FlatArray<UInt16>(capacity: chunkRowCountMax)

    init(_ file: SpillFile, types: [PhysicalType], pieceByteCount: Int, depth: Int) {
        self.types = types
        self.depth = depth
        parts = (0..<Self.count).map { _ in
            SpilledRows(file, types: types, pieceByteCount: pieceByteCount)
        }
    }

    /// Divides a chunk by `keys`; without keys all of it goes to the first partition.
    func append(_ chunk: Chunk, keys: [Vector]) throws(SQLError) {
        if keys.isEmpty { return try parts[0].append(chunk) }
        let number = try numbers(of: keys, count: chunk.count)
        for (part, rows) in parts.enumerated() {
            let count = Self.rows(of: part, in: number, count: chunk.count, into: positions.pointer)
            try rows.append(chunk, positions: positions.pointer, count: count)
        }
    }

    /// Writes what is left.
    func finish() throws(SQLError) { for part in parts { try part.finish() } }

    /// The partition of each row, valid until the next call.
    func numbers(of keys: [Vector], count: Int) throws(SQLError) -> UnsafePointer<UInt8> {
        try hashes.reserve(count)
        try numbers.reserve(count)
        try positions.reserve(count)
        hashRows(keys, count: count, into: hashes.pointer)
        let (hash, number) = (hashes.pointer, numbers.pointer)
        let factor = Self.factors[depth % Self.factors.count]
        for row in 0..<count {
            let mixed = (hash[row] ^ hash[row] &>> 29) &* factor
            let again = (mixed ^ mixed &>> 32) &* factor
            number[row] = UInt8(truncatingIfNeeded: again &>> 60)
        }
        return UnsafePointer(number)
    }

    /// The rows of one partition among numbered ones.
    static func rows(
        of part: Int,
        in numbers: [UInt8],
        into positions: UnsafeMutablePointer<UInt16>
    ) -> Int {
        numbers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return rows(of: part, in: start, count: buffer.count, into: positions)
        }
    }

    /// The rows of one partition among numbered ones.
    static func rows(
        of part: Int,
        in numbers: UnsafePointer<UInt8>,
        count: Int,
        into positions: UnsafeMutablePointer<UInt16>
    ) -> Int {
        var found = 0
        for row in 0..<count {
            positions[found] = UInt16(truncatingIfNeeded: row)
            found &+= Int(numbers[row]) == part ? 1 : 0
        }
        return found
    }

    /// Odd numbers of random bits, one for each depth.
    private static let factors: [UInt64] = [
        0xD1B5_4A32_D192_ED03, 0x8CB9_2BA7_2F3D_8DD7, 0xABC9_8388_FB8F_AC03,
        0xC2B2_AE3D_27D4_EB4F, 0x9FB2_1C65_1E98_DF25, 0xE703_7ED1_A0B4_28DB,
    ]
}
