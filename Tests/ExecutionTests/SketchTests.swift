import SQLTypes
import Testing

@testable import Execution

/// HyperLogLog sketches, in the forms SQL cannot tell apart.
@Suite struct SketchTests {
    /// Hashes that are random enough: SplitMix64 of a seed.
    private func hashes(_ range: Range<Int>) -> [UInt64] {
        range.map { number in
            var word = UInt64(number) &+ 1
            word &*= 0x9E37_79B9_7F4A_7C15
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }

    private func sketch(_ values: [UInt64]) throws -> SketchArena {
        var sketches = SketchArena()
        try sketches.grow(to: 1)
        for value in values { try sketches.add(value, to: 0) }
        return sketches
    }

    @Test(arguments: [0, 1, 2, 6, 7, 100, 1000, 3072])
    func `few values are counted exactly`(count: Int) throws {
        #expect(
            try abs(sketch(hashes(0..<count)).estimate(0) - Int64(count)) <= Int64(count / 1000)
        )
    }

    @Test(arguments: [3073, 10_000, 50_000, 82_000, 100_000, 400_000], [0, 7_000_000])
    func `many values are off by less than three per cent`(count: Int, seed: Int) throws {
        let estimate = Double(try sketch(hashes(seed..<seed + count)).estimate(0))
        #expect(abs(estimate - Double(count)) < 0.03 * Double(count))
    }

    @Test(arguments: [10, 3072, 3073, 20_000])
    func `order and repetition change nothing`(count: Int) throws {
        let values = hashes(0..<count)
        let once = try sketch(values).estimate(0)
        #expect(try sketch(values.reversed()).estimate(0) == once)
        #expect(try sketch(values + values).estimate(0) == once)
    }

    @Test(arguments: [5, 3000, 3072, 4000, 30_000], [1, 3, 16])
    func `merging parts is the same as one sketch of all`(count: Int, parts: Int) throws {
        let values = hashes(0..<count)
        var merged = SketchArena()
        try merged.grow(to: 2)
        for part in 0..<parts {
            let own = values.indices.filter { $0 % parts == part || $0 % 5 == 0 }
            var failure: SQLError?
            try sketch(own.map { values[$0] }).withBytes(of: 0) { bytes in
                do throws(SQLError) { try merged.merge(bytes, into: 1) } catch { failure = error }
            }
            #expect(failure == nil)
        }
        #expect(try merged.estimate(1) == sketch(values).estimate(0))
        #expect(merged.estimate(0) == 0)
    }

    @Test func `many sketches in one memory keep apart`() throws {
        var sketches = SketchArena()
        try sketches.grow(to: 500)
        let values = hashes(0..<200_000)
        for (index, value) in values.enumerated() { try sketches.add(value, to: index % 500) }
        // 400 values each take 4 KiB; the memory of sketches that grew is used again.
        #expect((0..<500).allSatisfy { sketches.estimate($0) == 400 })
        #expect(sketches.byteCount < 500 * 12_288)
        sketches.removeAll()
        try sketches.grow(to: 1)
        #expect(sketches.estimate(0) == 0)
    }
}
