import SQLTypes
import Testing

@testable import Vectors

@Suite struct VectorGatherTests {
    @Test(arguments: [true, false])
    func `gathering keeps values, NULLs and forms`(nulls: Bool) {
        var generator = SeededGenerator(seed: 1)
        let data = randomIntegers(300, -100...100, nulls: nulls, &generator)
        let picked = (0..<130).map { _ in UInt16.random(in: 0..<300, using: &generator) }
        let wanted = picked.map { data[Int($0)] }
        for vector in allForms(data, physical: .int64) {
            let found = vector.gather(picked, count: picked.count)
            #expect(found.data == wanted)
            #expect(found.form == vector.form)
            #expect(vector.flattened().data == data)
            #expect(
                vector.widened(to: .int128).data
                    == data.map { $0.exact.map { .int128($0) } ?? .null }
            )
            #expect(vector.slice(70..<201).data == Array(data[70..<201]))
        }
    }

    @Test func `a missing position gives NULL`() {
        var generator = SeededGenerator(seed: 2)
        let data = randomTexts(200, nulls: true, &generator)
        let positions: [UInt32] = (0..<100).map { $0 % 3 == 0 ? .max : UInt32($0 * 2) }
        let wanted = positions.map { $0 == .max ? .null : data[Int($0)] }
        for vector in allForms(data, physical: .string) {
            #expect(vector.gatherOrNull(positions, count: 100).data == wanted)
        }
        let constant = Vector.constant(.text("x"), physical: .string, count: 3)
        #expect(constant.gatherOrNull([.max, 0], count: 2).data == [.null, .text("x")])
        let empty = Vector.of([], physical: .int64)
        #expect(empty.gatherOrNull([.max], count: 1).data == [.null])
    }

    @Test func `bounds hold all values and are nil where there is none`() {
        let vector = Vector.of([.int64(5), .null, .int64(-3)], physical: .int64)
        #expect(vector.knownBounds() == -3...5)
        #expect(Vector.nulls(physical: .int64, count: 4).knownBounds() == nil)
        #expect(Vector.of([.null], physical: .int64).knownBounds() == nil)
    }

    @Test func `a builder copies all forms and text`() {
        var generator = SeededGenerator(seed: 3)
        let builder = VectorBuilder(physical: .string)
        var wanted: [Datum] = []
        for _ in 0..<4 {
            let data = randomTexts(150, nulls: true, &generator)
            for vector in allForms(data, physical: .string) {
                builder.append(vector)
                wanted += data
                builder.append(vector, positions: [3, 149, 0], count: 3)
                wanted += [data[3], data[149], data[0]]
                builder.append(vector, row: 7)
                wanted.append(data[7])
            }
            builder.append(
                .constant(.text("a constant of some length"), physical: .string, count: 70)
            )
            wanted += Array(repeating: .text("a constant of some length"), count: 70)
            builder.append(.nulls(physical: .string, count: 5))
            wanted += Array(repeating: .null, count: 5)
        }
        #expect(builder.byteCount > wanted.count * 16)
        #expect(builder.finish().data == wanted)
        #expect(builder.count == 0)
    }

    @Test func `integers may go to a wider builder`() {
        let source = Vector.of([.int64(1), .null, .int64(-7)], physical: .int64)
        let wide = VectorBuilder(physical: .int128)
        wide.append(source)
        wide.append(source, row: 2)
        #expect(wide.finish().data == [.int128(1), .null, .int128(-7), .int128(-7)])
        let float = VectorBuilder(physical: .float64)
        float.append(source)
        #expect(float.finish().data == [.float64(1), .null, .float64(-7)])
        let plain = VectorBuilder(physical: .int64)
        plain.append(source)
        plain.append(.int64(9))
        #expect(plain.finish().bounds == -7...9)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 2048])
    func `positions are the set bits`(count: Int) {
        var generator = SeededGenerator(seed: 4)
        for density in [0, 5, 50, 95, 100] {
            var bits = noBits(count)
            var wanted: [UInt16] = []
            for row in 0..<count where Int.random(in: 0..<100, using: &generator) < density {
                bits[row / 64] |= 1 << UInt64(row % 64)
                wanted.append(UInt16(row))
            }
            var found = [UInt16](repeating: 0, count: count)
            let most = positions(of: bits, rowCount: count, into: &found)
            #expect(Array(found[..<most]) == wanted)
            #expect(bitmapCount(bits, rowCount: count) == wanted.count)
            #expect(Vector.bool(bits: bits, validity: nil, count: count).trueBits() == bits)
        }
    }
}
