import Execution
import Functions
import Plans
import SQLTypes
import Testing
import Vectors

@Suite struct ExpressionTests {
    static let number = Expression.column(0, .bigint)
    static let text = Expression.column(1, .varchar(20))

    static func divide(_ by: Expression) -> Expression {
        .arithmetic(.divide, .constant(.int64(100), .bigint), by, .bigint)
    }

    static func chunk(_ numbers: [Int?], _ texts: [String?]? = nil) -> Chunk {
        Chunk(
            count: numbers.count,
            columns: [
                .of(numbers.map { int($0) }, physical: .int64),
                .of(
                    (texts ?? numbers.map { $0.map { "n\($0)" } }).map {
                        $0.map { .text($0) } ?? .null
                    },
                    physical: .string
                ),
            ]
        )
    }

    static func values(_ expression: Expression, _ chunk: Chunk) throws -> [Datum] {
        let vector = try ExpressionEvaluator(expression).evaluate(chunk)
        #expect(vector.count == chunk.count)
        return (0..<chunk.count).map { vector.datum($0) }
    }

    @Test func `guarded arms see only the rows that come to them`() throws {
        let zero = Expression.compare(.equal, Self.number, .constant(.int64(0), .bigint))
        let chunk = Self.chunk([0, 5, nil, 20, 0])
        let searched = Expression.searchedCase(
            [CaseBranch(condition: zero, result: .constant(.int64(-1), .bigint))],
            otherwise: Self.divide(Self.number),
            .bigint
        )
        #expect(try Self.values(searched, chunk) == [int(-1), int(20), .null, int(5), int(-1)])
        let conjunction = Expression.and([
            .not(zero),
            .compare(.greater, Self.divide(Self.number), .constant(.int64(10), .bigint)),
        ])
        #expect(
            try Self.values(conjunction, chunk)
                == [.bool(false), .bool(true), .null, .bool(false), .bool(false)]
        )
        let disjunction = Expression.or([
            zero, .compare(.greater, Self.divide(Self.number), .constant(.int64(10), .bigint)),
        ])
        #expect(
            try Self.values(disjunction, chunk)
                == [.bool(true), .bool(true), .null, .bool(false), .bool(true)]
        )
        #expect(state { _ = try Self.values(Self.divide(Self.number), chunk) } == "22012")
    }

    @Test func `coalesce takes the first that is not NULL and evaluates no further`() throws {
        let chunk = Self.chunk([nil, 4, nil])
        let fallback = Expression.coalesce(
            [Self.number, Self.divide(.constant(.int64(7), .bigint))],
            .bigint
        )
        #expect(try Self.values(fallback, chunk) == [int(14), int(4), int(14)])
        let failing = Expression.coalesce(
            [.constant(.int64(3), .bigint), Self.divide(.constant(.int64(0), .bigint))],
            .bigint
        )
        #expect(try Self.values(failing, chunk) == [int(3), int(3), int(3)])
        let texts = Expression.coalesce(
            [Self.text, .constant(.text("none at all, really"), .varchar(20))],
            .varchar(20)
        )
        #expect(
            try Self.values(texts, chunk)
                == [.text("none at all, really"), .text("n4"), .text("none at all, really")]
        )
    }

    @Test func `a constant part that fails is an error only for rows that reach it`() throws {
        let failing = Self.divide(.constant(.int64(0), .bigint))
        let guarded = Expression.searchedCase(
            [CaseBranch(condition: .isNotNull(Self.number), result: .constant(.int64(1), .bigint))],
            otherwise: failing,
            .bigint
        )
        #expect(try Self.values(guarded, Self.chunk([1, 2])) == [int(1), int(1)])
        #expect(state { _ = try Self.values(guarded, Self.chunk([1, nil])) } == "22012")
    }

    @Test func `dictionary columns give what flat ones give`() throws {
        let entries = Vector.of([.text("alpha"), .text("beta"), .text("gamma")], physical: .string)
        let codes = Buffer(byteCount: 8)
        let source: [UInt8] = [2, 0, 1, 1, 0]
        for (row, code) in source.enumerated() {
            codes.pointer.storeBytes(of: code, toByteOffset: row, as: UInt8.self)
        }
        let column = Vector(
            physical: .string,
            form: .dictionary8,
            count: 5,
            data: codes.pointer,
            dictionary: entries,
            validity: [0b10111],
            owners: [codes]
        )
        let chunk = Chunk(
            count: 5,
            columns: [.of([1, 2, 3, 4, 5].map { int($0) }, physical: .int64), column]
        )
        let flat = Chunk(count: 5, columns: [chunk.columns[0], column.flattened()])
        for expression in [
            Expression.coalesce([Self.text, .constant(.text("none"), .varchar(20))], .varchar(20)),
            .searchedCase(
                [
                    CaseBranch(
                        condition: .inList(Self.text, [.text("beta"), .text("x")]),
                        result: .constant(.int64(1), .bigint)
                    )
                ],
                otherwise: .constant(.int64(0), .bigint),
                .bigint
            ),
            .or([
                .compare(.equal, Self.text, .constant(.text("beta"), .varchar(20))),
                .isNull(Self.text),
            ]),
        ] {
            #expect(try Self.values(expression, chunk) == Self.values(expression, flat))
        }
    }

    @Test func `constants are folded to a datum`() throws {
        #expect(try evaluateConstant(Self.divide(.constant(.int64(8), .bigint))) == int(12))
        #expect(
            state { _ = try evaluateConstant(Self.divide(.constant(.int64(0), .bigint))) }
                == "22012"
        )
    }
}
