import SQLTypes
import Testing

@testable import Vectors

@Suite struct SortingTests {
    private func expected(_ columns: [Vector], _ order: [SortOrder], _ count: Int) -> [UInt32] {
        (0..<UInt32(count)).sorted { first, second in
            for (column, order) in zip(columns, order) {
                let difference = compareOrdered(column, Int(first), column, Int(second), order)
                if difference != 0 { return difference < 0 }
            }
            return first < second
        }
    }

    private let orders = [
        SortOrder(ascending: true, nullsFirst: false),
        SortOrder(ascending: false, nullsFirst: true),
        SortOrder(ascending: true, nullsFirst: true),
        SortOrder(ascending: false, nullsFirst: false),
    ]

    @Test(arguments: [Int64(0), 1, 100, 70_000, .max])
    func `one integer key sorts in every form, order and NULL placement`(most: Int64) throws {
        var generator = SeededGenerator(seed: 5)
        for nulls in [true, false] {
            let low = most == .max ? Int64.min : -most
            let data = randomIntegers(500, low...most, nulls: nulls, &generator)
            for vector in allForms(data, physical: .int64) {
                for order in orders {
                    #expect(
                        try sortPermutation([vector], order: [order], count: 500)
                            == expected([vector], [order], 500)
                    )
                }
            }
        }
    }

    @Test func `several keys sort, text and floats among them`() throws {
        var generator = SeededGenerator(seed: 6)
        let count = 400
        let texts = Vector.of(randomTexts(count, nulls: true, &generator), physical: .string)
        let small = Vector.of(
            randomIntegers(count, 0...3, nulls: true, &generator),
            physical: .int64
        )
        let wide = Vector.of(
            randomIntegers(count, Int64.min...Int64.max, nulls: true, &generator),
            physical: .int64
        )
        let floats = Vector.of(
            (0..<count).map { _ in
                [.float64(.nan), .null, .float64(-0.0), .float64(0), .float64(-2.5), .float64(7)]
                    .randomElement(using: &generator) ?? .null
            },
            physical: .float64
        )
        let huge = small.widened(to: .int128)
        let codes = allForms(randomTexts(count, nulls: true, &generator), physical: .string)[1]
        let columnSets = [
            [texts], [small, texts], [texts, small], [wide, texts], [floats, wide], [small, wide],
            [huge, floats], [codes, small, texts], [small, small, codes, floats],
            [.constant(.int64(1), physical: .int64, count: count), texts],
        ]
        for columns in columnSets {
            for first in orders {
                let order = columns.indices.map { $0 == 0 ? first : orders[$0 % 4] }
                #expect(
                    try sortPermutation(columns, order: order, count: count)
                        == expected(columns, order, count)
                )
            }
        }
    }

    @Test func `no rows and one row sort`() throws {
        let empty = Vector.of([], physical: .int64)
        #expect(try sortPermutation([empty], order: [orders[0]], count: 0).isEmpty)
        let one = Vector.of([.null], physical: .string)
        #expect(try sortPermutation([one], order: [orders[0]], count: 1) == [0])
    }

    /// How often a sort of `count` rows asks, and that it stops at whichever question says so.
    private func checkStops(_ columns: [Vector], count: Int) throws {
        let order = columns.map { _ in orders[0] }
        var asked = 0
        _ = try sortPermutation(columns, order: order, count: count, check: { asked += 1 })
        // Every pass over 65,536 rows asks at least once, and so does every tie of many.
        #expect(asked > count / rowsPerStopCheck)
        let stop = SQLError(.queryCanceled, "enough")
        for last in [1, 2, asked / 2, asked] where last > 0 {
            var left = last
            func check() throws(SQLError) {
                left -= 1
                if left == 0 { throw stop }
            }
            #expect(throws: stop) {
                _ = try sortPermutation(columns, order: order, count: count, check: check)
            }
            #expect(left == 0)
        }
    }

    @Test func `a sort of any kind stops when it is asked to`() throws {
        var generator = SeededGenerator(seed: 8)
        func wide(_ count: Int) -> Vector {
            .of(
                randomIntegers(count, Int64.min...Int64.max, nulls: false, &generator),
                physical: .int64
            )
        }
        try checkStops([wide(140_000)], count: 140_000)
        // Long common beginnings: settled eight bytes at a time.
        let count = 6_000
        let texts = (0..<count).map { Datum.text("the same beginning \($0 &* 7919 % count)") }
        try checkStops([.of(texts, physical: .string)], count: count)
        // A full first key, so that all ties are compared.
        let same = (0..<count).map { Datum.int64($0 == 0 ? .max : .min) }
        try checkStops([.of(same, physical: .int64), wide(count)], count: count)
    }
}
