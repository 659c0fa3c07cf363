import SQLTypes
import Testing

@testable import Vectors

@Suite struct HashingTests {
    private func hashes(_ vector: Vector) -> [UInt64] {
        var target = [UInt64](repeating: 0, count: vector.count)
        hashRows([vector], count: vector.count, into: &target)
        return target
    }

    @Test func `equal values hash alike in every form and width`() {
        var generator = SeededGenerator(seed: 1)
        let data = randomIntegers(200, -50...50, nulls: true, &generator)
        let wanted = hashes(.of(data, physical: .int64))
        for vector in allForms(data, physical: .int64) { #expect(hashes(vector) == wanted) }
        #expect(hashes(Vector.of(data, physical: .int64).widened(to: .int128)) == wanted)
        let constant = Vector.constant(.int64(7), physical: .int64, count: 3)
        let flat = Vector.of([.int64(7), .int64(7), .int64(7)], physical: .int64)
        #expect(hashes(constant) == hashes(flat))
    }

    @Test func `trailing blanks do not change the hash`() {
        let texts: [Datum] = [
            .text("abc"), .text("abc   "), .text("thirteen byte"), .text("thirteen byte  "),
            .text("abc          "), .text("x"),
        ]
        for vector in allForms(texts, physical: .string) {
            let found = hashes(vector)
            #expect(found[0] == found[1])
            #expect(found[0] == found[4])
            #expect(found[2] == found[3])
            #expect(found[0] != found[5])
        }
    }

    @Test func `zeros hash alike, and so do NaNs`() {
        let found = hashes(
            .of([.float64(0), .float64(-0.0), .float64(.nan), .float64(-.nan)], physical: .float64)
        )
        #expect(found[0] == found[1])
        #expect(found[2] == found[3])
    }

    @Test(arguments: [2, 3, 4, 32])
    func `placement spreads dense keys evenly`(sliceCount: Int) {
        let data = (0..<20_000).map { Datum.int64($0 * 4) }
        let vector = Vector.of(data, physical: .int64)
        var target = [UInt64](repeating: 0, count: data.count)
        placementHash(vector, count: data.count, into: &target)
        var counts = [Int](repeating: 0, count: sliceCount)
        for hash in target { counts[slice(ofHash: hash, sliceCount: sliceCount)] += 1 }
        let share = data.count / sliceCount
        for count in counts { #expect(abs(count - share) < share / 4) }
        var tables = [UInt64](repeating: 0, count: data.count)
        hashRows([vector], count: data.count, into: &tables)
        #expect(Set(tables).count == data.count)
        // On one slice the bits of the table hash still spread.
        var low = [Int](repeating: 0, count: 16)
        for (hash, key) in zip(target, tables) where slice(ofHash: hash, sliceCount: 2) == 0 {
            low[Int(key & 15)] += 1
        }
        for count in low { #expect(abs(count - data.count / 32) < data.count / 128) }
    }

    @Test func `several columns hash in order`() {
        let a = Vector.of([.int64(1), .int64(2)], physical: .int64)
        let b = Vector.of([.int64(2), .int64(1)], physical: .int64)
        var target = [UInt64](repeating: 0, count: 2)
        hashRows([a, b], count: 2, into: &target)
        #expect(target[0] != target[1])
    }
}
