import Plans
import SQLTypes
import Synchronization
import Testing
import Vectors

@testable import Execution

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What asks whether its statement is to end, how often, and what is left when the answer is yes.
@Suite struct CancelTests {
    private struct Case {
        let name: String
        let plan: ExecutablePlan
        let types: [DataType]
        let rows: [[Datum]]
    }

    private static let cases: [Case] = [
        Case(
            name: "sort",
            plan: RunTests.sortPlan(
                [SortKeyPosition(column: 1, isAscending: true, nullsFirst: false)],
                limit: nil
            ),
            types: RunTests.types,
            rows: RunTests.numbered(6_000)
        ),
        Case(
            name: "two-phase aggregate",
            plan: AggregateTests.plan(
                groups: [0, 1],
                calls: AggregateTests.calls,
                isTwoPhase: true
            ),
            types: AggregateTests.types,
            rows: AggregateTests.rows(6_000, groups: 3_000)
        ),
        Case(
            name: "full join",
            plan: JoinTests.plan(.full, keys: [1], hasResidual: true, isShared: false),
            types: JoinTests.types,
            rows: JoinTests.rows(4_000, seed: 3, kind: .text, range: 900)
        ),
        Case(
            name: "nested loop",
            plan: JoinTests.plan(.inner, keys: [], hasResidual: true, isShared: true),
            types: JoinTests.types,
            rows: JoinTests.rows(500, seed: 3, kind: .none, range: 900)
        ),
    ]

    /// Time is up at the look of that number: the clock goes on when it is looked at.
    private static func cancellation(atLook number: Int) -> Cancellation {
        let looks = Looks()
        // The first look is that of the maker, for the deadline.
        return Cancellation(timeoutMilliseconds: 1) {
            looks.next() > number ? 1_000_000 : 0
        }
    }

    @Test(arguments: cases.indices)
    func `a plan stopped at any question gives all memory back`(index: Int) throws {
        let item = Self.cases[index]
        let cluster = try TestCluster(testShapes[1])
        for number in [1, 2, 5, 14, 40, 120, 360] {
            let rows = TestRows(item.rows, item.types, chunkSize: 300)
            let context = cluster.context(
                [rows, rows],
                cancellation: Self.cancellation(atLook: number)
            )
            let found = state {
                _ = try cluster.cluster.run(item.plan, context: context) { _ throws(SQLError) in }
            }
            // Few slices may be done before they have asked so often.
            #expect(found == "57014" || number > 14 && found == nil, "\(item.name), \(number)")
        }
        let rows = TestRows(item.rows, item.types, chunkSize: 300)
        #expect(try cluster.rows(item.plan, [rows, rows]).isEmpty == false)
        // The threads let go of their last run when they end.
        cluster.cluster.shutDown()
        #expect(cluster.cluster.budgets.allSatisfy { $0.byteCount == 0 })
    }

    @Test func `a plan whose client has enough gives all memory back`() throws {
        let cluster = try TestCluster(testShapes[0])
        var plan = makePlan(
            [
                [(.provided(1, types: [.bigint]), [], .build(join: 0))],
                [(.provided(0, types: [.bigint]), [.probe(join: 0)], .result)],
            ],
            output: [.bigint]
        )
        plan.joins = [
            JoinSpecification(
                kind: .inner,
                probeKeys: [0],
                buildKeys: [0],
                residual: nil,
                probeTypes: [.bigint],
                buildTypes: [.bigint],
                output: [0],
                sharing: .shared,
                label: "DS_BCAST_INNER"
            )
        ]
        plan.limit = 10
        let ones = TestRows([[int(1)], [int(1)]], [.bigint])
        let context = cluster.context([EndlessRows(), ones])
        // While the client is busy, the slices come to wait for it.
        _ = try cluster.cluster.run(plan, context: context) { _ throws(SQLError) in
            usleep(100_000)
        }
        cluster.cluster.shutDown()
        #expect(cluster.cluster.budgets.allSatisfy { $0.byteCount == 0 })
    }

    @Test func `an array that grows asks every 4 MiB, and is as it was when stopped`() throws {
        let array = FlatArray<UInt64>(capacity: 16)
        let count = 3 << 20
        #expect(questions { try array.grow(to: count, filling: 7) }.count == 5)
        let (pointer, capacity) = (array.pointer, array.capacity)
        for number in 1...5 {
            let stopped = questions(stoppingAt: number) { try array.reserve(2 * count) }
            #expect(stopped == (number, "57014"))
            #expect(array.pointer == pointer && array.capacity == capacity)
        }
        #expect(questions { try array.reserve(2 * count) } == (5, nil))
        #expect(array.count == count && array.pointer[count - 1] == 7)
        #expect(questions(stoppingAt: 2) { try array.grow(to: 2 * count, filling: 8) }.count == 2)
        #expect(array.count == count)
    }

    @Test func `texts are numbered anew in stretches that ask`() {
        let texts = (0..<70_000).map { Datum.text("a text that is long, number \($0)") }
        func number(stoppingAt stop: Int) -> (count: Int, state: String?) {
            let interner = StringInterner()
            let numbers = FlatArray<UInt32>(capacity: chunkRowCountMax)
            return questions(stoppingAt: stop) {
                for start in stride(from: 0, to: texts.count, by: chunkRowCountMax) {
                    let part = texts[start..<min(texts.count, start + chunkRowCountMax)]
                    let vector = Vector.of(Array(part), physical: .string)
                    try interner.number(vector, count: part.count, into: numbers.pointer)
                    #expect(numbers.pointer[part.count - 1] == UInt32(start + part.count))
                }
            }
        }
        // 4,096 slots of 2,048 texts, 16,384, 65,536 and 262,144.
        #expect(number(stoppingAt: .max) == (3, nil))
        #expect(number(stoppingAt: 3) == (3, "57014"))
    }

    @Test func `a key of very many rows is walked in stretches that ask`() throws {
        let count = 200_000
        let join = JoinSpecification(
            kind: .rightSemi,
            probeKeys: [0],
            buildKeys: [0],
            residual: nil,
            probeTypes: [.bigint],
            buildTypes: [.bigint],
            output: [1],
            sharing: .perSlice,
            label: "DS_DIST_NONE"
        )
        let key = Vector.making(Int64.self, .int64, count) { _ in 5 }
        let part = JoinPart(columns: [key], count: count, hashes: FlatArray())
        let table = JoinTable(join, parts: [part], filteredKeys: [])
        #expect(questions { try table.link(part: 0, check: {}) }.state == nil)
        let probe = Chunk(
            count: 1,
            columns: [.constant(.int64(5), physical: .int64, count: 1)]
        )
        #expect(
            questions(stoppingAt: 2) {
                _ = try MatchProbe(join, table: table).push(probe)
            } == (2, "57014")
        )
    }
}

/// How often `body` asks whether to stop, where the question of that number is answered yes, and
/// the SQLSTATE of what it throws.
func questions(
    stoppingAt number: Int = .max,
    _ body: () throws -> Void
) -> (count: Int, state: String?) {
    let looks = Looks()
    let interruption = Interruption { () throws(SQLError) in
        if looks.next() == number { throw SQLError(.queryCanceled, "stop") }
    }
    let found = interruption.bind { state(body) }
    return (looks.count, found)
}

/// Counts from 1, on any thread.
private final class Looks: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
