import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Estimates how many distinct values were seen, within about 2.3 %; sketches merge.
///
/// - Source: Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog", with linear counting for few
///   values. 2,048 registers.
package struct DistinctSketch: Hashable, Sendable {
    private static let registerBits = 11
    private static let registerCount = 1 << registerBits

    // Empty until the first value.
    private var registers: [UInt8] = []

    /// Makes a sketch that has seen nothing.
    package init() {}

    /// Takes in all values of a flat vector that are not NULL.
    mutating func add(_ vector: Vector) {
        var local = registers
        registers = []
        if local.isEmpty { local = [UInt8](repeating: 0, count: Self.registerCount) }
        local.withUnsafeMutableBufferPointer { target in
            guard let start = target.baseAddress else { return }
            // One loop per type: this runs over every value that is ever loaded.
            func count<Element>(_ type: Element.Type, _ hash: (Element) -> UInt64) {
                let values = vector.entries(as: type)
                let validity = vector.validity
                for row in 0..<vector.count {
                    if let validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 { continue }
                    Self.note(hash(values[row]), start)
                }
            }
            switch vector.physical {
            case .bool: count(UInt8.self) { hashWord(UInt64($0)) }
            case .int64, .float64: count(UInt64.self) { hashWord($0) }
            case .int128:
                count(Int128.self) { value in
                    hashWord(
                        UInt64(truncatingIfNeeded: value)
                            ^ hashWord(UInt64(truncatingIfNeeded: value >> 64))
                    )
                }
            case .string: count(StringView.self) { hashBytes($0) }
            }
        }
        registers = local
    }

    @inline(__always)
    private static func note(_ hash: UInt64, _ registers: UnsafeMutablePointer<UInt8>) {
        let index = Int(truncatingIfNeeded: hash &>> UInt64(64 - registerBits))
        let rest = hash &<< UInt64(registerBits) | 1 &<< UInt64(registerBits - 1)
        let rank = UInt8(truncatingIfNeeded: rest.leadingZeroBitCount &+ 1)
        if rank > registers[index] { registers[index] = rank }
    }

    /// Takes in what another sketch has seen.
    mutating func merge(_ other: DistinctSketch) {
        if registers.isEmpty {
            registers = other.registers
            return
        }
        for (index, rank) in other.registers.enumerated() where rank > registers[index] {
            registers[index] = rank
        }
    }

    /// The estimate.
    package var estimate: Double {
        guard !registers.isEmpty else { return 0 }
        var sum = 0.0
        var zeros = 0
        for rank in registers {
            sum += 1 / Double(1 &<< UInt64(rank))
            if rank == 0 { zeros += 1 }
        }
        let count = Double(Self.registerCount)
        let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
        if raw <= 2.5 * count && zeros > 0 { return (count * log(count / Double(zeros))).rounded() }
        return raw.rounded()
    }

    /// Writes the registers: those in use by place where they are few.
    func write(to record: inout RecordWriter) {
        let used = registers.enumerated().filter { $0.element != 0 }
        guard used.count * 3 >= Self.registerCount else {
            record.put(used.count)
            for (index, rank) in used { record.put(index << 6 | Int(rank)) }
            return
        }
        record.put(-1)
        record.put(registers)
    }

    init(from record: inout RecordReader) throws(SQLError) {
        let count = try record.int()
        if count == -1 {
            registers = try record.data()
            guard registers.count == Self.registerCount else { throw RecordReader.damaged }
            return
        }
        guard count >= 0, count <= Self.registerCount else { throw RecordReader.damaged }
        guard count > 0 else { return }
        registers = [UInt8](repeating: 0, count: Self.registerCount)
        for _ in 0..<count {
            let pair = try record.int()
            guard registers.indices.contains(pair >> 6) else { throw RecordReader.damaged }
            registers[pair >> 6] = UInt8(pair & 63)
        }
    }
}
