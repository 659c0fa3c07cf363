import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Sketches that estimate how many distinct values each of many groups has, in one flat memory.
///
/// ```
///   few values   a set of 32-bit codes, open addressing, 8 to 4,096 places, 0 is free
///                | 26 bits of the hash, 1 more than 0 | 6 bits rank of the rest |
///   many values  32,768 registers of a byte: the greatest rank among the values of a register
/// ```
/// What a sketch says depends on the set of values alone: not on their order, on how often each
/// came, or on how they were spread over sketches that were merged. Up to 3,072 values the count
/// is exact but for collisions of 26 bits; above it is off by 0.6 % (one standard deviation).
///
/// - Source: Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog"; the sparse form is that of
///   Heule, Nunkesser and Hall, "HyperLogLog in Practice"; the estimate that of Ertl, "New
///   cardinality estimation algorithms", which needs no correction by tables. Redshift's
///   sketches have 15 bits too.
struct SketchArena {
    /// Where a sketch lies.
    private struct Place {
        /// The first word in `words`.
        var start: UInt32 = 0
        /// Words, a power of two; 0 before the first value.
        var capacity: UInt32 = 0
        /// Codes; meaningless for registers.
        var count: UInt32 = 0
    }

    static let registerBits = 15
    static let registerCount = 1 << registerBits
    private static let codeBits = 26
    private static let denseCapacity = UInt32(registerCount / 4)
    private static let sparseCapacityMax: UInt32 = 4096
    private static let firstCapacity: UInt32 = 8

    private let words = FlatArray<UInt32>(capacity: 1024)
    private let places = FlatArray<Place>()
    /// Memory given up by sketches that grew, by the number of bits of its capacity.
    private var free = [[UInt32]](repeating: [], count: 33)

    var byteCount: Int {
        words.byteCount + places.byteCount + free.reduce(0) { $0 + 4 * $1.capacity }
    }

    /// Makes room for `count` sketches.
    func grow(to count: Int) throws(SQLError) {
        try places.grow(to: count, filling: Place())
    }

    mutating func removeAll() {
        words.removeAll()
        places.removeAll()
        for index in free.indices { free[index].removeAll() }
    }

    /// Takes a value's hash into a sketch.
    mutating func add(_ hash: UInt64, to sketch: Int) throws(SQLError) {
        try add(code: Self.code(of: hash), to: sketch)
    }

    /// The code of a hash: what both forms of a sketch are made from.
    static func code(of hash: UInt64) -> UInt32 {
        let index = UInt32(truncatingIfNeeded: hash >> UInt64(64 - codeBits))
        let rest = hash << UInt64(codeBits)
        let rank = min(rest.leadingZeroBitCount, 64 - codeBits) + 1
        return index << 6 | UInt32(truncatingIfNeeded: rank)
    }

    private mutating func add(code: UInt32, to sketch: Int) throws(SQLError) {
        if places.pointer[sketch].capacity == 0 { try enlarge(sketch) }
        insert(code, into: sketch)
        let place = places.pointer[sketch]
        // After the fact, so that only a new code makes a sketch larger.
        if place.capacity != Self.denseCapacity && 4 * place.count > 3 * place.capacity {
            try enlarge(sketch)
        }
    }

    private func insert(_ code: UInt32, into sketch: Int) {
        let place = places.pointer[sketch]
        if place.capacity == Self.denseCapacity { return Self.note(code, in: registers(place)) }
        let (set, mask) = (words.pointer + Int(place.start), place.capacity - 1)
        // The index is part of a hash and needs no other.
        var slot = (code >> 6) & mask
        while true {
            let known = set[Int(slot)]
            if known == 0 {
                set[Int(slot)] = code
                places.pointer[sketch].count += 1
                return
            }
            if known >> 6 == code >> 6 {
                set[Int(slot)] = max(known, code)
                return
            }
            slot = (slot + 1) & mask
        }
    }

    private func registers(_ place: Place) -> UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(words.pointer + Int(place.start))
            .assumingMemoryBound(to: UInt8.self)
    }

    /// Raises the register of a code to the code's rank there.
    private static func note(_ code: UInt32, in registers: UnsafeMutablePointer<UInt8>) {
        let index = code >> 6
        let below = UInt32(codeBits - registerBits)
        // Bits of the index that the register's number leaves over come before the rest.
        let over = index & ((1 << below) - 1)
        let rank =
            over == 0
            ? below + code & 63 : UInt32(over.leadingZeroBitCount) - (32 - below) + 1
        let register = Int(index >> below)
        registers[register] = max(registers[register], UInt8(truncatingIfNeeded: rank))
    }

    private mutating func enlarge(_ sketch: Int) throws(SQLError) {
        let old = places.pointer[sketch]
        let capacity =
            old.capacity == 0
            ? Self.firstCapacity
            : old.capacity == Self.sparseCapacityMax ? Self.denseCapacity : old.capacity * 2
        let start = try allocate(capacity)
        places.pointer[sketch] = Place(start: start, capacity: capacity, count: 0)
        if old.capacity == 0 { return }
        for slot in 0..<Int(old.capacity) {
            let code = words.pointer[Int(old.start) + slot]
            if code != 0 { insert(code, into: sketch) }
        }
        free[old.capacity.trailingZeroBitCount].append(old.start)
    }

    private mutating func allocate(_ capacity: UInt32) throws(SQLError) -> UInt32 {
        let start = free[capacity.trailingZeroBitCount].popLast()
        if let start {
            (words.pointer + Int(start)).update(repeating: 0, count: Int(capacity))
            return start
        }
        let end = words.count
        try words.grow(to: end + Int(capacity), filling: 0)
        return UInt32(truncatingIfNeeded: end)
    }
}

// Estimates, and sketches as bytes.
extension SketchArena {
    /// How many distinct values a sketch has seen.
    func estimate(_ sketch: Int) -> Int64 {
        let place = places.pointer[sketch]
        if place.capacity != Self.denseCapacity {
            let all = Double(1 << Self.codeBits)
            return Int64((all * log(all / (all - Double(place.count)))).rounded())
        }
        var histogram = [Int](repeating: 0, count: 64)
        let registers = registers(place)
        for register in 0..<Self.registerCount { histogram[Int(registers[register])] += 1 }
        return Int64(Self.estimate(histogram).rounded())
    }

    /// Ertl's improved raw estimate from how many registers have each rank.
    private static func estimate(_ histogram: [Int]) -> Double {
        let count = Double(registerCount)
        let rankMax = 64 - registerBits
        var sum = count * tau(1 - Double(histogram[rankMax + 1]) / count)
        for rank in stride(from: rankMax, through: 1, by: -1) {
            sum = 0.5 * (sum + Double(histogram[rank]))
        }
        sum += count * sigma(Double(histogram[0]) / count)
        return count * count / (2 * log(2.0) * sum)
    }

    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var (power, weight, sum, last) = (share, 1.0, share, -1.0)
        while sum != last {
            power *= power
            last = sum
            sum += power * weight
            weight += weight
        }
        return sum
    }

    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (root, weight, sum, last) = (share, 1.0, 1 - share, -1.0)
        while sum != last {
            root = root.squareRoot()
            last = sum
            weight *= 0.5
            sum -= (1 - root) * (1 - root) * weight
        }
        return sum / 3
    }

    /// The bytes of a sketch: its codes in any order, or its registers.
    ///
    /// Codes take fewer bytes than registers, which tells the two apart.
    func withBytes(of sketch: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let place = places.pointer[sketch]
        let start = words.pointer + Int(place.start)
        if place.capacity == Self.denseCapacity {
            return body(UnsafeBufferPointer(start: registers(place), count: Self.registerCount))
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Int(place.count) + 1) { codes in
            var used = 0
            for slot in 0..<Int(place.capacity) where start[slot] != 0 {
                codes[used] = start[slot]
                used += 1
            }
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(codes)[..<(4 * used)])
                .withMemoryRebound(to: UInt8.self, body)
        }
    }

    /// Takes in the bytes of another sketch.
    mutating func merge(
        _ bytes: UnsafeBufferPointer<UInt8>,
        into sketch: Int
    ) throws(SQLError) {
        if bytes.count != Self.registerCount {
            let raw = UnsafeRawBufferPointer(bytes)
            for offset in stride(from: 0, to: bytes.count - 3, by: 4) {
                let code = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                try add(code: code, to: sketch)
            }
            return
        }
        while places.pointer[sketch].capacity != Self.denseCapacity { try enlarge(sketch) }
        let registers = registers(places.pointer[sketch])
        for register in 0..<Self.registerCount {
            registers[register] = max(registers[register], bytes[register])
        }
    }
}

/// HLL and APPROXIMATE COUNT(DISTINCT e): a sketch per group; 0 over no rows.
final class SketchStates: AggregateStates {
    private var sketches = SketchArena()
    private let takesStates: Bool
    private let hashes = FlatArray<UInt64>(capacity: chunkRowCountMax)

    init(takesStates: Bool) { self.takesStates = takesStates }

    override var byteCount: Int { sketches.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try sketches.grow(to: batch.groupCount)
        let vector = inputs[0]
        if takesStates {
            for row in 0..<batch.count where !vector.isNull(row) {
                let group = Int(batch.groups[row])
                try vector.stringView(row).withBytes { (bytes) throws(SQLError) in
                    try sketches.merge(bytes, into: group)
                }
            }
            return
        }
        try hashes.reserve(batch.count)
        hashRows([vector], count: batch.count, into: hashes.pointer)
        for row in 0..<batch.count where !vector.isNull(row) {
            try sketches.add(hashes.pointer[row], to: Int(batch.groups[row]))
        }
    }

    override func removeAll() { sketches.removeAll() }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try sketches.grow(to: groupCount)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        .making(Int64.self, .int64, range.count) { sketches.estimate(range.lowerBound + $0) }
    }

    override func states(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        let builder = VectorBuilder(physical: .string, capacity: range.count)
        for group in range { sketches.withBytes(of: group) { builder.appendString($0) } }
        return [builder.finish()]
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        let vector = inputs[0]
        try hashes.reserve(count)
        hashRows([vector], count: count, into: hashes.pointer)
        let builder = VectorBuilder(physical: .string, capacity: count)
        for row in 0..<count {
            if vector.isNull(row) {
                builder.appendNull()
                continue
            }
            withUnsafeBytes(of: SketchArena.code(of: hashes.pointer[row])) { bytes in
                bytes.withMemoryRebound(to: UInt8.self) { builder.appendString($0) }
            }
        }
        return [builder.finish()]
    }
}
