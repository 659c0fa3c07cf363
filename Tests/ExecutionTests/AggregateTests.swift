import Catalogs
import Execution
import Functions
import Plans
import SQLTypes
import Testing
import Vectors

@Suite struct AggregateTests {
    typealias Call = AggregateSpecification.Call

    /// Integer group, text group, BIGINT, DECIMAL(12,2), DOUBLE, text.
    static let types: [DataType] = [
        .integer, .varchar(30), .bigint, .decimal(precision: 12, scale: 2), .doublePrecision,
        .varchar(30),
    ]

    static func rows(_ count: Int, groups: Int) -> [[Datum]] {
        var random = TestRandom(state: 5)
        return (0..<count).map { index in
            let group = Int.random(in: 0..<groups, using: &random)
            let isNull = Int.random(in: 0..<6, using: &random) == 0
            return [
                group == 3 ? .null : int(group),
                group % 4 == 1
                    ? .null : .text("group \(group % 5) of many" + (index % 2 == 0 ? " " : "")),
                isNull ? .null : int(Int.random(in: -50..<50, using: &random)),
                isNull ? .null : int(Int.random(in: 0..<10_000, using: &random)),
                isNull ? .null : .float64(Double(index % 16)),
                isNull ? .null : .text("a rather long text \(index % 13)"),
            ]
        }
    }

    static func call(
        _ function: AggregateFunction,
        _ column: Int?,
        isDistinct: Bool = false
    ) -> Call {
        let type = column.map { types[$0] }
        return Call(
            function: function,
            isDistinct: isDistinct,
            argumentType: type,
            resultType: function.resultType(of: type) ?? .bigint,
            inputs: column.map { [$0] } ?? []
        )
    }

    static let calls = [
        call(.countAll, nil), call(.count, 2), call(.sum, 2), call(.sum, 3), call(.average, 2),
        call(.average, 3), call(.average, 4), call(.sum, 4), call(.minimum, 2), call(.maximum, 3),
        call(.minimum, 5), call(.maximum, 5), call(.maximum, 4),
    ]

    /// What the calls above give for the rows of one group.
    static func expected(_ rows: [[Datum]]) -> [Datum] {
        func exact(_ column: Int) -> [Int128] { rows.compactMap { $0[column].exact } }
        let doubles = rows.compactMap { row -> Double? in
            if case .float64(let value) = row[4] { value } else { nil }
        }
        let texts = rows.compactMap { $0[5].text }
        func sum(_ column: Int) -> Datum {
            exact(column).isEmpty ? .null : normalised(.int128(exact(column).reduce(0, +)))
        }
        func average(_ column: Int) -> Datum {
            let values = exact(column)
            if values.isEmpty { return .null }
            return normalised(.int128(values.reduce(0, +) / Int128(values.count)))
        }
        let total = doubles.reduce(0, +)
        return [
            int(rows.count), int(exact(2).count), sum(2), sum(3), average(2), average(3),
            doubles.isEmpty ? .null : .float64(total / Double(doubles.count)),
            doubles.isEmpty ? .null : .float64(total),
            exact(2).min().map { normalised(.int128($0)) } ?? .null,
            exact(3).max().map { normalised(.int128($0)) } ?? .null,
            texts.min().map { .text($0) } ?? .null, texts.max().map { .text($0) } ?? .null,
            doubles.max().map { .float64($0) } ?? .null,
        ]
    }

    static func expectedGroups(_ rows: [[Datum]], by groups: [Int]) -> [[Datum]] {
        var byKey: [[Datum]: [[Datum]]] = [:]
        for row in rows {
            byKey[groups.map { JoinTests.trimmed(row[$0]) }, default: []].append(row)
        }
        return byKey.map { $0.key + expected($0.value) }
    }

    /// Two phases with states in between, or one after the rows have moved.
    static func plan(groups: [Int], calls: [Call], isTwoPhase: Bool) -> ExecutablePlan {
        let groupTypes = groups.map { types[$0] }
        let output = groupTypes + calls.map(\.resultType)
        func specification(_ phase: AggregateSpecification.Phase) -> AggregateSpecification {
            var next = groups.count
            let phaseCalls = calls.map { call -> Call in
                guard phase == .final else { return call }
                var copy = call
                let width = call.function.stateTypes(argument: call.argumentType).count
                copy.inputs = Array(next..<next + width)
                next += width
                return copy
            }
            return AggregateSpecification(
                phase: phase,
                groups: phase == .final ? Array(groups.indices) : groups,
                groupTypes: groupTypes,
                calls: phaseCalls,
                emitsWithoutRows: false
            )
        }
        let states =
            groupTypes
            + calls.flatMap {
                $0.function.stateTypes(argument: $0.argumentType)
            }
        var plan: ExecutablePlan
        if isTwoPhase {
            plan = makePlan(
                [
                    [(.provided(0, types: types), [], .aggregate(0))],
                    [(.aggregate(0), [], .exchange(0)), (.exchange(0), [], .aggregate(1))],
                    [(.aggregate(1), [], .result)],
                ],
                output: output
            )
            plan.aggregates = [specification(.partial), specification(.final)]
            plan.exchanges = [
                Exchange(routing: .hash(columns: Array(groups.indices)), types: states)
            ]
        } else {
            plan = makePlan(
                [
                    [
                        (.provided(0, types: types), [], .exchange(0)),
                        (.exchange(0), [], .aggregate(0)),
                    ],
                    [(.aggregate(0), [], .result)],
                ],
                output: output
            )
            plan.aggregates = [specification(.complete)]
            plan.exchanges = [Exchange(routing: .hash(columns: groups), types: types)]
        }
        return plan
    }

    @Test(arguments: testShapes, [true, false])
    func `grouping gives what counting by hand gives`(
        shape: ClusterShape,
        isTwoPhase: Bool
    ) throws {
        let cluster = try TestCluster(shape)
        for groups in [[0], [1], [0, 1], [2], [3, 4], [5, 0, 2]] {
            for (count, groupCount) in [(0, 1), (1, 1), (300, 9), (700, 500)] {
                let rows = Self.rows(count, groups: groupCount)
                for spread in Spread.allCases {
                    let plan = Self.plan(groups: groups, calls: Self.calls, isTwoPhase: isTwoPhase)
                    let found = try cluster.rows(plan, [TestRows(rows, Self.types, spread)])
                    let trimmed = found.map { row in
                        row.indices.map { $0 < groups.count ? JoinTests.trimmed(row[$0]) : row[$0] }
                    }
                    #expect(
                        sortedRows(trimmed) == sortedRows(Self.expectedGroups(rows, by: groups)),
                        "\(groups) \(count) \(spread)"
                    )
                }
            }
        }
    }

    @Test func `many groups pass the partial phase`() throws {
        let cluster = try TestCluster(testShapes[0])
        // (key, key, 1, 2, …): a count, a sum of ones and an average of twos.
        let calls = [Self.call(.countAll, nil), Self.call(.sum, 2), Self.call(.average, 3)]
        let plan = Self.plan(groups: [0], calls: calls, isTwoPhase: true)
        let found = try cluster.groups(plan, [KeyedRows(rowCount: 300_000, keyCount: 220_000)])
        #expect(found.groupCount == 220_000)
        #expect(found.sums == [300_000, 300_000, 440_000])
    }

    static func total(_ calls: [Call], emits: Bool) -> ExecutablePlan {
        var plan = makePlan(
            [
                [(.provided(0, types: types), [], .exchange(0))],
                [],
                [],
            ],
            output: calls.map(\.resultType)
        )
        plan.streams[0].segments.append(
            Segment(id: 8, slices: .one(0), source: .exchange(0), steps: [], sink: .aggregate(0))
        )
        plan.streams[1].segments.append(
            Segment(id: 9, slices: .one(0), source: .aggregate(0), steps: [], sink: .result)
        )
        plan.streams.removeLast()
        plan.exchanges = [Exchange(routing: .slice(0), types: types)]
        plan.aggregates = [
            AggregateSpecification(
                phase: .complete,
                groups: [],
                groupTypes: [],
                calls: calls,
                emitsWithoutRows: emits
            )
        ]
        return plan
    }

    @Test(arguments: testShapes)
    func `a grand total has one row, also over no rows`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        let rows = Self.rows(500, groups: 4)
        let found = try cluster.rows(
            Self.total(Self.calls, emits: true),
            [TestRows(rows, Self.types)]
        )
        #expect(sortedRows(found) == sortedRows([Self.expected(rows)]))
        let empty = try cluster.rows(
            Self.total(Self.calls, emits: true),
            [TestRows([], Self.types)]
        )
        #expect(sortedRows(empty) == sortedRows([Self.expected([])]))
        let none = try cluster.rows(
            Self.total(Self.calls, emits: false),
            [TestRows([], Self.types)]
        )
        #expect(none.isEmpty)
    }

    @Test func `distinct arguments count once per group`() throws {
        let cluster = try TestCluster(testShapes[1])
        let rows = Self.rows(400, groups: 3)
        let calls = [
            Self.call(.count, 2, isDistinct: true), Self.call(.sum, 2, isDistinct: true),
            Self.call(.count, 5, isDistinct: true), Self.call(.countAll, nil),
        ]
        let found = try cluster.rows(
            Self.plan(groups: [1], calls: calls, isTwoPhase: false),
            [TestRows(rows, Self.types)]
        )
        for row in found {
            let members = rows.filter { JoinTests.trimmed($0[1]) == JoinTests.trimmed(row[0]) }
            let numbers = Set(members.compactMap { $0[2].exact })
            #expect(row[1].exact == Int128(numbers.count))
            #expect(row[2].exact == numbers.reduce(0, +))
            #expect(row[3].exact == Int128(Set(members.compactMap { $0[5].text }).count))
            #expect(row[4].exact == Int128(members.count))
        }
        #expect(!found.isEmpty)
    }

    @Test func `sums beyond 64 bits are exact, and BIGINT overflow is 22003`() throws {
        let cluster = try TestCluster(testShapes[1])
        let big = Int(Int64.max)
        func row(_ value: Int) -> [Datum] { [int(1), .null, int(value), int(value), .null, .null] }
        let cancelling = [row(big), row(big), row(-big), row(-big), row(17)]
        let found = try cluster.rows(
            Self.total([Self.call(.sum, 2)], emits: true),
            [TestRows(cancelling, Self.types)]
        )
        #expect(found.map { normalised($0[0]) } == [int(17)])
        #expect(
            state {
                _ = try cluster.rows(
                    Self.total([Self.call(.sum, 2)], emits: true),
                    [TestRows([row(big), row(big)], Self.types)]
                )
            } == "22003"
        )
        let wide = try cluster.rows(
            Self.total([Self.call(.sum, 3), Self.call(.average, 2)], emits: true),
            [TestRows([row(big), row(big)], Self.types)]
        )
        #expect(wide[0][0] == .int128(2 * Int128(big)))
        #expect(normalised(wide[0][1]) == int(big))
    }

    @Test func `a second row of a single value is 21000`() throws {
        let cluster = try TestCluster(testShapes[1])
        let plan = Self.total([Self.call(.singleValue, 2)], emits: true)
        let one: [Datum] = [int(1), .null, int(5), .null, .null, .null]
        #expect(try cluster.rows(plan, [TestRows([one], Self.types)]) == [[int(5)]])
        #expect(try cluster.rows(plan, [TestRows([], Self.types)]) == [[.null]])
        #expect(
            state { _ = try cluster.rows(plan, [TestRows([one, one], Self.types)]) } == "21000"
        )
    }

    @Test func `variances agree in one phase and two`() throws {
        let cluster = try TestCluster(testShapes[1])
        let rows = (1...8).map { [int(1), .null, int($0), .null, .null, .null] as [Datum] }
        let calls = [Self.call(.varianceSample, 2), Self.call(.deviationPopulation, 2)]
        for isTwoPhase in [true, false] {
            let found = try cluster.rows(
                Self.plan(groups: [0], calls: calls, isTwoPhase: isTwoPhase),
                [TestRows(rows, Self.types)]
            )
            guard case .float64(let variance) = found[0][1],
                case .float64(let deviation) = found[0][2]
            else {
                Issue.record("not floats")
                continue
            }
            #expect(abs(variance - 6) < 1e-9)
            #expect(abs(deviation - 5.25.squareRoot()) < 1e-9)
        }
    }
}

/// Rows (key, NULL, 1, 2, NULL, NULL) whose keys go round, without a datum per row.
private final class KeyedRows: ProvidedSource {
    let rowCount: Int
    let keyCount: Int

    init(rowCount: Int, keyCount: Int) {
        self.rowCount = rowCount
        self.keyCount = keyCount
    }

    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        KeyedReader(rows: slice * rowCount / count..<(slice + 1) * rowCount / count, keyCount)
    }
}

private final class KeyedReader: ProvidedReader {
    private var rows: Range<Int>
    private let keyCount: Int

    init(rows: Range<Int>, _ keyCount: Int) {
        self.rows = rows
        self.keyCount = keyCount
    }

    func next() throws(SQLError) -> Chunk? {
        if rows.isEmpty { return nil }
        let taken = rows.prefix(2_048)
        rows = taken.upperBound..<rows.upperBound
        let builder = VectorBuilder(physical: .int64)
        for row in taken { builder.appendInt64(Int64(row % keyCount)) }
        let count = taken.count
        return Chunk(
            count: count,
            columns: [
                builder.finish(), .constant(.null, physical: .string, count: count),
                .constant(.int64(1), physical: .int64, count: count),
                .constant(.int64(2), physical: .int64, count: count),
                .constant(.null, physical: .float64, count: count),
                .constant(.null, physical: .string, count: count),
            ]
        )
    }
}

extension TestCluster {
    /// How many groups a plan puts out, and the sums of its aggregates.
    fileprivate func groups(
        _ plan: ExecutablePlan,
        _ provided: [any ProvidedSource]
    ) throws -> (groupCount: Int, sums: [Int128]) {
        var groupCount = 0
        var sums = [Int128](repeating: 0, count: plan.output.count - 1)
        _ = try cluster.run(plan, context: context(provided)) { chunk throws(SQLError) in
            groupCount += chunk.count
            for column in 1..<chunk.columns.count {
                for row in 0..<chunk.count {
                    sums[column - 1] += chunk.columns[column].int128Value(row)
                }
            }
        }
        return (groupCount, sums)
    }
}
