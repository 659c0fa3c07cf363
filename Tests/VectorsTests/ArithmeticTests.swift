import SQLTypes
import Testing

@testable import Vectors

@Suite struct ArithmeticTests {
    private func run(
        _ op: ArithmeticOperator,
        _ left: Datum,
        _ leftType: DataType,
        _ right: Datum,
        _ rightType: DataType
    ) throws -> String {
        let type = try #require(arithmeticResultType(op, leftType, rightType))
        let result = try arithmetic(
            op,
            .constant(left, physical: leftType.physical, count: 1),
            .constant(right, physical: rightType.physical, count: 1),
            leftType: leftType,
            rightType: rightType,
            resultType: type,
            count: 1
        )
        return formatDatum(result.datum(0), type: type)
    }

    private func state(_ body: () throws -> Void) -> SQLState? {
        do { try body() } catch let error as SQLError { return error.state } catch { return nil }
        return nil
    }

    @Test func `result types follow Redshift's tables`() {
        let money = DataType.decimal(precision: 8, scale: 2)
        #expect(arithmeticResultType(.divide, money, money) == .decimal(precision: 17, scale: 9))
        #expect(arithmeticResultType(.add, money, .integer) == .decimal(precision: 13, scale: 2))
        #expect(arithmeticResultType(.multiply, money, money) == .decimal(precision: 17, scale: 4))
        #expect(arithmeticResultType(.add, .smallint, .bigint) == .bigint)
        #expect(arithmeticResultType(.add, .real, .real) == .real)
        #expect(arithmeticResultType(.add, .real, .integer) == .doublePrecision)
        let wide = DataType.decimal(precision: 38, scale: 2)
        #expect(arithmeticResultType(.divide, wide, wide) == .decimal(precision: 38, scale: 4))
        #expect(arithmeticResultType(.subtract, .date, .date) == .integer)
        #expect(arithmeticResultType(.add, .date, .interval) == .timestamp)
        #expect(arithmeticResultType(.add, .boolean, .integer) == nil)
    }

    @Test func `integers truncate and overflow is an error`() throws {
        #expect(try run(.divide, .int64(-7), .integer, .int64(2), .integer) == "-3")
        #expect(try run(.modulo, .int64(-7), .integer, .int64(2), .integer) == "-1")
        let most = Datum.int64(2_147_483_647)
        #expect(
            state { _ = try run(.add, most, .integer, .int64(1), .integer) }
                == .numericValueOutOfRange
        )
        #expect(
            state { _ = try run(.divide, .int64(1), .integer, .int64(0), .integer) }
                == .divisionByZero
        )
        #expect(
            state { _ = try run(.divide, .int64(.min), .bigint, .int64(-1), .bigint) }
                == .numericValueOutOfRange
        )
        #expect(
            state { _ = try run(.multiply, .int64(.max), .bigint, .int64(2), .bigint) }
                == .numericValueOutOfRange
        )
        #expect(
            try run(.add, .int64(.max - 1), .bigint, .int64(1), .bigint) == "9223372036854775807"
        )
    }

    @Test func `decimals keep their scale and division truncates`() throws {
        let money = DataType.decimal(precision: 8, scale: 2)
        #expect(try run(.divide, .int64(200), money, .int64(300), money) == "0.666666666")
        #expect(try run(.multiply, .int64(150), money, .int64(-250), money) == "-3.7500")
        #expect(try run(.subtract, .int64(1), .integer, .int64(6), money) == "0.94")
        let wide = DataType.decimal(precision: 38, scale: 0)
        let nines = DataType.powerOfTen128(38) - 1
        #expect(
            state { _ = try run(.multiply, .int128(nines), wide, .int128(nines), wide) }
                == .numericValueOutOfRange
        )
        let half = DataType.decimal(precision: 38, scale: 10)
        let big = DataType.powerOfTen128(24)
        #expect(
            try run(.multiply, .int128(big), half, .int128(DataType.powerOfTen128(12)), half)
                == "10000000000000000.0000"
        )
    }

    @Test func `an error needs a row that is NULL on neither side`() throws {
        let left = Vector.of([.int64(1), .null, .int64(3)], physical: .int64)
        let right = Vector.of([.int64(1), .int64(0), .null], physical: .int64)
        let result = try arithmetic(
            .divide,
            left,
            right,
            leftType: .integer,
            rightType: .integer,
            resultType: .integer,
            count: 3
        )
        #expect(result.data == [.int64(1), .null, .null])
    }

    @Test func `every pair of forms gives what Int128 gives`() throws {
        for (seed, width) in [Int64(2), 90, 40_000, 3_000_000_000, 1 << 60].enumerated() {
            var generator = SeededGenerator(seed: UInt64(seed))
            let left = randomIntegers(70, -width...width, nulls: seed % 2 == 0, &generator)
            let right = randomIntegers(70, 1...width, nulls: true, &generator)
            let type = DataType.decimal(precision: 38, scale: 0)
            for op in ArithmeticOperator.allCases {
                let shape = ExactShape(op, type, type, type)
                let wanted = zip(left, right).map { a, b -> Int128? in
                    guard let a = a.exact, let b = b.exact else { return nil }
                    switch op {
                    case .add: return a + b
                    case .subtract: return a - b
                    case .multiply: return a * b
                    case .divide: return a / b
                    case .modulo: return a % b
                    }
                }
                if wanted.contains(where: { $0.map { !shape.limits.contains($0) } ?? false }) {
                    continue
                }
                for a in allForms(left, physical: .int64) + [
                    .constant(left.first { !$0.isNull } ?? .null, physical: .int64, count: 70)
                ] {
                    for b in allForms(right, physical: .int64) {
                        let result = try arithmetic(
                            op,
                            a,
                            b,
                            leftType: type,
                            rightType: type,
                            resultType: type,
                            count: 70
                        )
                        if a.isConstant { continue }
                        #expect(result.data.map(\.exact) == wanted, "\(op) \(a.form) \(b.form)")
                        if let bounds = result.bounds {
                            for case .int64(let value) in result.data {
                                #expect(bounds.contains(value))
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `a constant and a narrow column stay narrow`() throws {
        let column = try #require(
            allForms([.int64(0), .int64(4), .int64(10), .null], physical: .int64).first {
                $0.form == .narrow8
            }
        )
        let type = DataType.decimal(precision: 12, scale: 2)
        let one = Vector.constant(.int64(1), physical: .int64, count: 4)
        let result = try arithmetic(
            .subtract,
            .constant(.int64(100), physical: .int64, count: 4),
            column,
            leftType: type,
            rightType: type,
            resultType: .decimal(precision: 13, scale: 2),
            count: 4
        )
        #expect(result.form == .narrow8)
        #expect(result.data == [.int64(100), .int64(96), .int64(90), .null])
        let sum = try arithmetic(
            .add,
            column,
            one,
            leftType: type,
            rightType: type,
            resultType: .decimal(precision: 13, scale: 2),
            count: 4
        )
        #expect(sum.data == [.int64(1), .int64(5), .int64(11), .null])
    }

    @Test func `floats overflow and divide by zero as errors`() throws {
        #expect(try run(.divide, .float64(1), .doublePrecision, .int64(4), .integer) == "0.25")
        #expect(
            state { _ = try run(.divide, .float64(1), .real, .float64(0), .real) }
                == .divisionByZero
        )
        #expect(
            state {
                _ = try run(
                    .multiply,
                    .float64(1e300),
                    .doublePrecision,
                    .float64(1e300),
                    .doublePrecision
                )
            }
                == .numericValueOutOfRange
        )
        #expect(
            try run(.add, .float64(Double(Float(0.1))), .real, .float64(Double(Float(0.2))), .real)
                == "0.3"
        )
    }

    @Test func `dates and intervals add up`() throws {
        func date(_ text: String) throws -> Datum { try parseDatum(text, type: .date) }
        func interval(_ text: String) throws -> Datum { try parseDatum(text, type: .interval) }
        #expect(try run(.add, date("2023-02-27"), .date, .int64(2), .integer) == "2023-03-01")
        #expect(try run(.subtract, date("2023-03-01"), .date, date("2023-01-01"), .date) == "59")
        #expect(
            try run(.subtract, date("2023-03-31"), .date, interval("4 months"), .interval)
                == "2022-11-30 00:00:00"
        )
        #expect(
            try run(.add, date("1998-12-01"), .date, interval("90 days"), .interval)
                == "1999-03-01 00:00:00"
        )
        let start = try parseDatum("2020-01-01 00:00:00", type: .timestamp)
        let end = try parseDatum("2020-01-03 04:05:06.5", type: .timestamp)
        #expect(try run(.subtract, end, .timestamp, start, .timestamp) == "2 days 04:05:06.5")
        #expect(try run(.multiply, interval("1 day"), .interval, .int64(3), .integer) == "3 days")
        let last = try parseDatum("294276-12-31", type: .date)
        #expect(
            state { _ = try run(.add, last, .date, .int64(1), .integer) } == .datetimeFieldOverflow
        )
    }

    @Test func `negation checks the range`() throws {
        let column = Vector.of([.int64(5), .null], physical: .int64)
        #expect(try negate(column, type: .integer, count: 2).data == [.int64(-5), .null])
        let least = Vector.constant(.int64(-32768), physical: .int64, count: 1)
        #expect(
            state { _ = try negate(least, type: .smallint, count: 1) } == .numericValueOutOfRange
        )
    }
}
