import SQLTypes
import Testing

@testable import Vectors

@Suite struct ComparisonTests {
    private func expected(_ op: Comparison, _ left: Datum, _ right: Datum) -> Datum {
        if left.isNull || right.isNull { return .null }
        let order: Int
        switch (left, right) {
        case (.string(let a), .string(let b)):
            let (x, y) = (trimmed(a), trimmed(b))
            order = x.lexicographicallyPrecedes(y) ? -1 : y.lexicographicallyPrecedes(x) ? 1 : 0
        case (.float64(let a), .float64(let b)): order = floatOrder(a, b)
        default:
            let (x, y) = (left.exact ?? 0, right.exact ?? 0)
            order = x < y ? -1 : x > y ? 1 : 0
        }
        return .bool(op.holds(order))
    }

    private func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        while bytes.last == 0x20 { bytes.removeLast() }
        return bytes
    }

    private func check(_ left: [Datum], _ right: [Datum], _ physical: PhysicalType) {
        let lefts = allForms(left, physical: physical)
        let rights = allForms(right, physical: physical)
        for op in Comparison.allCases {
            let wanted = zip(left, right).map { expected(op, $0, $1) }
            for a in lefts {
                for b in rights {
                    let found = compare(op, a, b, count: left.count)
                    #expect(found.data == wanted, "\(op) \(a.form) \(b.form)")
                    #expect(compareBits(op, a, b, count: left.count) == found.trueBits())
                }
                for constant in right.prefix(12) {
                    let b = Vector.constant(constant, physical: physical, count: left.count)
                    let wanted = left.map { expected(op, $0, constant) }
                    #expect(compare(op, a, b, count: left.count).data == wanted)
                    let mirrored = left.map { expected(op, constant, $0) }
                    #expect(compare(op, b, a, count: left.count).data == mirrored)
                }
            }
        }
    }

    @Test(arguments: [Int64(3), 200, 60_000, 4_000_000_000])
    func `integers compare alike in every form`(width: Int64) {
        var generator = SeededGenerator(seed: UInt64(width))
        let left = randomIntegers(131, -width / 2...width / 2, nulls: true, &generator)
        let right = randomIntegers(131, -width / 2...width / 2, nulls: false, &generator)
        check(left, right, .int64)
    }

    @Test func `integers at the ends of their range compare`() {
        let ends: [Int64] = [.min, .max, 0, -1, 1, .min + 1, .max - 1]
        let left = ends.flatMap { a in ends.map { _ in Datum.int64(a) } }
        let right = ends.flatMap { _ in ends.map { Datum.int64($0) } }
        check(left, right, .int64)
    }

    @Test func `text compares without trailing blanks in every form`() {
        var generator = SeededGenerator(seed: 7)
        check(
            randomTexts(90, nulls: true, &generator),
            randomTexts(90, nulls: true, &generator),
            .string
        )
    }

    @Test func `NaN equals NaN and is greatest`() {
        let values: [Double] = [.nan, 1, -0.0, 0, .infinity, -.infinity, 2.5]
        let left = values.flatMap { a in values.map { _ in Datum.float64(a) } }
        let right = values.flatMap { _ in values.map { Datum.float64($0) } }
        for op in Comparison.allCases {
            let wanted = zip(left, right).map { expected(op, $0, $1) }
            let (a, b) = (
                Vector.of(left, physical: .float64), Vector.of(right, physical: .float64)
            )
            #expect(compare(op, a, b, count: left.count).data == wanted)
            for value in values {
                let c = Vector.constant(.float64(value), physical: .float64, count: left.count)
                let wanted = left.map { expected(op, $0, .float64(value)) }
                #expect(compare(op, a, c, count: left.count).data == wanted)
            }
        }
    }

    @Test func `64 and 128 bit integers compare with each other`() {
        let big = Int128(Int64.max) + 1
        let left = Vector.of([.int64(1), .int64(.max), .null], physical: .int64)
        let right = Vector.of([.int128(1), .int128(big), .int128(0)], physical: .int128)
        #expect(compare(.less, left, right, count: 3).data == [.bool(false), .bool(true), .null])
        #expect(compare(.equal, right, left, count: 3).data == [.bool(true), .bool(false), .null])
    }

    @Test func `logic is three-valued`() {
        let values: [Datum] = [.bool(true), .bool(false), .null]
        let left = values.flatMap { a in values.map { _ in a } }
        let right = values.flatMap { _ in values }
        let (a, b) = (Vector.of(left, physical: .bool), Vector.of(right, physical: .bool))
        let (t, f, n) = (Datum.bool(true), Datum.bool(false), Datum.null)
        #expect(logicalAnd(a, b, count: 9).data == [t, f, n, f, f, f, n, f, n])
        #expect(logicalOr(a, b, count: 9).data == [t, t, t, t, f, n, t, n, n])
        #expect(logicalNot(a).data == [f, f, f, t, t, t, n, n, n])
        #expect(isNullVector(a, count: 9).data == [f, f, f, f, f, f, t, t, t])
        #expect(isNotNullVector(a, count: 9).data == [t, t, t, t, t, t, f, f, f])
        let null = Vector.nulls(physical: .bool, count: 9)
        #expect(logicalAnd(null, b, count: 9).data == [n, f, n, n, f, n, n, f, n])
    }

    @Test func `IN finds constants in every form and knows NULL`() {
        var generator = SeededGenerator(seed: 9)
        let data = randomIntegers(150, 0...40, nulls: true, &generator)
        for constants: [Int64] in [
            [3], [1, 2, 3, 9], [1, 4, 8, 16, 32, 39], [1, 5, 9, 1 << 40, 13, 17],
        ] {
            let set = ValueSet(constants.map { .int64($0) }, physical: .int64)
            let withNull = ValueSet(constants.map { .int64($0) } + [.null], physical: .int64)
            for vector in allForms(data, physical: .int64) {
                let found = isIn(vector, set: set, count: data.count).data
                let wanted = data.map { datum -> Datum in
                    if case .int64(let value) = datum {
                        .bool(constants.contains(value))
                    } else {
                        .null
                    }
                }
                #expect(found == wanted)
                let unknown = wanted.map { $0 == .bool(true) ? $0 : .null }
                #expect(isIn(vector, set: withNull, count: data.count).data == unknown)
            }
        }
        let texts = ValueSet([.text("MAIL"), .text("furiously bold requests")], physical: .string)
        let column: [Datum] = [
            .text("MAIL "), .text("furiously bold requests  "), .text("x"), .null,
        ]
        for vector in allForms(column, physical: .string) {
            let found = isIn(vector, set: texts, count: 4).data
            #expect(found == [.bool(true), .bool(true), .bool(false), .null])
        }
    }
}
