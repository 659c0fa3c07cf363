import Catalogs
import Execution
import Functions
import Plans
import SQLTypes
import Storage
import Synchronization
import Testing
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct RunTests {
    static let types: [DataType] = [.bigint, .varchar(20)]

    static func numbered(_ count: Int) -> [[Datum]] {
        (0..<count).map { (n: Int) -> [Datum] in
            [n % 10 == 7 ? .null : int(n * 7919 % 1000), .text("row \(n)")]
        }
    }

    static func sortPlan(_ keys: [SortKeyPosition], limit: Int?) -> ExecutablePlan {
        var plan = makePlan(
            [[(.provided(0, types: types), [], .sort(0))], [(.sort(0), [], .result)]],
            output: types
        )
        plan.sorts = [SortSpecification(keys: keys, types: types, limit: limit)]
        plan.delivery = .merge(keys)
        return plan
    }

    @Test(arguments: testShapes, Spread.allCases)
    func `sorted runs merge into one order with offset and limit`(
        shape: ClusterShape,
        spread: Spread
    ) throws {
        let cluster = try TestCluster(shape)
        for count in [0, 1, 500, 5_000] {
            let rows = Self.numbered(count)
            for (ascending, nullsFirst) in [(true, false), (false, true), (true, true)] {
                let keys = [
                    SortKeyPosition(column: 0, isAscending: ascending, nullsFirst: nullsFirst),
                    SortKeyPosition(column: 1, isAscending: true, nullsFirst: false),
                ]
                let expected = rows.sorted { left, right in
                    switch (left[0].exact, right[0].exact) {
                    case (nil, nil): break
                    case (nil, _): return nullsFirst
                    case (_, nil): return !nullsFirst
                    case (let a?, let b?): if a != b { return (a < b) == ascending }
                    }
                    return (left[1].text ?? "") < (right[1].text ?? "")
                }
                for (offset, limit) in [(0, nil), (3, 10), (490, 20), (0, 0), (9_999, 1)]
                    as [(Int, Int?)]
                {
                    var plan = Self.sortPlan(keys, limit: limit.map { $0 + offset })
                    plan.offset = offset
                    plan.limit = limit
                    let found = try cluster.rows(
                        plan,
                        [TestRows(rows, Self.types, spread, chunkSize: 200)]
                    )
                    let wanted = expected.dropFirst(offset).prefix(limit ?? .max)
                    #expect(
                        found == Array(wanted),
                        "\(count) \(offset) \(String(describing: limit))"
                    )
                }
            }
        }
    }

    @Test(arguments: testShapes)
    func `an unordered limit stops endless slices`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        var plan = makePlan([[(.provided(0, types: [.bigint]), [], .result)]], output: [.bigint])
        plan.limit = 1_234
        #expect(try cluster.rows(plan, [EndlessRows()]).count == 1_234)
        var limited = makePlan(
            [[(.provided(0, types: [.bigint]), [.limit(5)], .result)]],
            output: [.bigint]
        )
        #expect(try cluster.rows(limited, [EndlessRows()]).count == 5 * shape.sliceCount)
        limited.streams[0].segments[0].slices = .one(1)
        #expect(try cluster.rows(limited, [EndlessRows()]).count == 5)
    }

    @Test(arguments: testShapes)
    func `exchanges bring every row to its slice once`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        let rows = Self.numbered(10_000)
        for routing in [
            Exchange.Routing.hash(columns: [0]), .hash(columns: [0, 1]), .roundRobin(into: 1),
            .slice(1),
        ] {
            for spread in Spread.allCases {
                var plan = makePlan(
                    [
                        [
                            (.provided(0, types: Self.types), [], .exchange(0)),
                            (.exchange(0), [], .result),
                        ]
                    ],
                    output: Self.types
                )
                plan.exchanges = [Exchange(routing: routing, types: Self.types)]
                var found: [[Datum]] = []
                let source = TestRows(rows, Self.types, spread, chunkSize: 777)
                let outcome = try cluster.cluster.run(plan, context: cluster.context([source])) {
                    chunk throws(SQLError) in
                    for row in 0..<chunk.count { found.append(chunk.columns.map { $0.datum(row) }) }
                }
                #expect(sortedRows(found) == sortedRows(rows))
                let senders = outcome.record.segments.filter { $0.segment == 0 }
                #expect(senders.reduce(0) { $0 + $1.sinkRows } == rows.count)
                if case .roundRobin = routing {
                    let received = outcome.record.segments.filter { $0.segment == 1 }.map(
                        \.sourceRows
                    )
                    let (least, most) = (received.min() ?? 0, received.max() ?? 0)
                    #expect(most - least <= shape.sliceCount)
                }
                if case .oneSlice = spread, case .slice = routing, shape.sliceCount == 2 {
                    #expect(outcome.record.bytesMoved == 0)
                }
            }
        }
    }

    @Test func `an error of one slice ends the run with that error`() throws {
        let cluster = try TestCluster(testShapes[1])
        let divide = Expression.arithmetic(
            .divide,
            .constant(.int64(10), .bigint),
            .column(0, .bigint),
            .bigint
        )
        let plan = makePlan(
            [[(.provided(0, types: Self.types), [.project([divide])], .result)]],
            output: [.bigint]
        )
        let rows = Self.numbered(3_000)
        #expect(state { _ = try cluster.rows(plan, [TestRows(rows, Self.types)]) } == "22012")
        // The cluster goes on working.
        let good = makePlan([[(.provided(0, types: Self.types), [], .result)]], output: Self.types)
        #expect(try cluster.rows(good, [TestRows(rows, Self.types)]).count == 3_000)
    }

    @Test func `an error of the receiver ends the run`() throws {
        let cluster = try TestCluster(testShapes[1])
        let plan = makePlan([[(.provided(0, types: [.bigint]), [], .result)]], output: [.bigint])
        let found = state {
            _ = try cluster.cluster.run(plan, context: cluster.context([EndlessRows()])) {
                _ throws(SQLError) in
                throw SQLError(.connectionFailure, "gone")
            }
        }
        #expect(found == "08006")
    }

    @Test(arguments: testShapes)
    func `a cancel ends endless work with 57014`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        let types: [DataType] = [.bigint]
        var counting = makePlan(
            [[(.provided(0, types: types), [], .aggregate(0))], [(.aggregate(0), [], .result)]],
            output: types
        )
        counting.aggregates = [
            AggregateSpecification(
                phase: .complete,
                groups: [0],
                groupTypes: types,
                calls: [],
                emitsWithoutRows: false
            )
        ]
        var loop = makePlan(
            [
                [(.provided(1, types: types), [], .build(join: 0))],
                [(.provided(0, types: types), [.probe(join: 0)], .result)],
            ],
            output: types
        )
        loop.joins = [
            JoinSpecification(
                kind: .inner,
                probeKeys: [],
                buildKeys: [],
                residual: .compare(.less, .column(0, .bigint), .column(1, .bigint)),
                probeTypes: types,
                buildTypes: types,
                output: [0],
                sharing: .shared,
                label: ""
            )
        ]
        let many = TestRows((0..<20_000).map { _ in [int(0)] }, types, chunkSize: 2_000)
        let endless: [any ProvidedSource] = [EndlessRows()]
        let both: [any ProvidedSource] = [EndlessRows(), many]
        for (plan, sources) in [(counting, endless), (loop, both)] {
            let cancellation = Cancellation()
            let context = cluster.context(sources, cancellation: cancellation)
            let canceller = Canceller(cancellation)
            canceller.start(afterMicroseconds: 30_000)
            let found = state {
                _ = try cluster.cluster.run(plan, context: context) { _ throws(SQLError) in }
            }
            canceller.join()
            #expect(found == "57014")
        }
    }

    @Test func `a sort beyond the memory gives the same rows`() throws {
        let cluster = try TestCluster(testShapes[0], memoryBytes: 2 << 20)
        let rows = (0..<50_000).map { $0 * 7 % 50_000 }.map { (n: Int) -> [Datum] in
            [int(n), .text("a text of more than twelve bytes \(n)")]
        }
        var sort = Self.sortPlan(
            [SortKeyPosition(column: 0, isAscending: true, nullsFirst: false)],
            limit: nil
        )
        let sorted = try cluster.rows(sort, [TestRows(rows, Self.types, chunkSize: 2_000)])
        #expect(sorted == rows.sorted { ($0[0].exact ?? 0) < ($1[0].exact ?? 0) })
        // The memory was given back.
        sort.limit = 5
        let few = Array(rows.prefix(100))
        #expect(try cluster.rows(sort, [TestRows(few, Self.types)]).count == 5)
    }

    @Test func `a scalar subquery gives its value, NULL for no row, 21000 for two`() throws {
        let cluster = try TestCluster(testShapes[1])
        func plan(_ values: [[Datum]]) -> ExecutablePlan {
            var subquery = ExecutablePlan()
            subquery.streams = [
                Stream(
                    segments: [
                        Segment(
                            id: 0,
                            slices: .one(0),
                            source: .values(rows: values, types: [.bigint]),
                            steps: [],
                            sink: .result
                        )
                    ],
                    dependencies: []
                )
            ]
            subquery.output = [ResultColumn(name: "v", type: .bigint)]
            let condition = Expression.compare(
                .equal,
                .column(0, .bigint),
                .scalarSubquery(0, .bigint)
            )
            var plan = makePlan(
                [[(.provided(0, types: Self.types), [.filter(condition)], .result)]],
                output: Self.types
            )
            plan.scalarSubqueries = [subquery]
            return plan
        }
        let rows = [[int(1), .text("a")], [int(2), .text("b")], [.null, .text("c")]]
        let source = TestRows(rows, Self.types)
        #expect(try cluster.rows(plan([[int(2)]]), [source]) == [rows[1]])
        #expect(try cluster.rows(plan([]), [source]).isEmpty)
        #expect(state { _ = try cluster.rows(plan([[int(1)], [int(2)]]), [source]) } == "21000")
    }

    @Test func `several sessions run at once and get their own rows`() throws {
        let cluster = try TestCluster(testShapes[1])
        let shared = SharedRuns(
            cluster: cluster.cluster,
            context: cluster.context([
                TestRows(Self.numbered(5_000), Self.types, chunkSize: 100)
            ])
        )
        shared.run(sessions: 6, times: 5)
        #expect(shared.counts == [Int](repeating: 5_000, count: 30))
    }
}

/// Cancels from another thread after a while.
private final class Canceller: @unchecked Sendable {  // Started and joined by one thread.
    private let cancellation: Cancellation
    private var thread: pthread_t?
    private var delay: UInt32 = 0

    init(_ cancellation: Cancellation) { self.cancellation = cancellation }

    func start(afterMicroseconds delay: UInt32) {
        self.delay = delay
        thread = startThread { [self] in
            usleep(self.delay)
            cancellation.cancel()
        }
    }

    func join() { if let thread { pthread_join(thread, nil) } }
}

/// Runs one plan from several threads.
private final class SharedRuns: Sendable {
    private let cluster: SliceCluster
    private let context: ExecutionContext
    private let found = Mutex<[Int]>([])

    init(cluster: SliceCluster, context: ExecutionContext) {
        self.cluster = cluster
        self.context = context
    }

    var counts: [Int] { found.withLock { $0 } }

    func run(sessions: Int, times: Int) {
        let threads = (0..<sessions).map { _ in
            startThread { [self] in
                for _ in 0..<times {
                    var count = 0
                    let plan = makePlan(
                        [[(.provided(0, types: RunTests.types), [], .result)]],
                        output: RunTests.types
                    )
                    _ = try? cluster.run(plan, context: context) { chunk throws(SQLError) in
                        count += chunk.count
                    }
                    found.withLock { $0.append(count) }
                }
            }
        }
        for thread in threads { if let thread { pthread_join(thread, nil) } }
    }
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let argument = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    #if canImport(Glibc)
    var thread = pthread_t()
    let status = pthread_create(
        &thread,
        nil,
        {
            if let argument = $0 {
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
            }
            return nil
        },
        argument
    )
    return status == 0 ? thread : nil
    #else
    var thread: pthread_t?
    pthread_create(
        &thread,
        nil,
        {
            Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue().body()
            return nil
        },
        argument
    )
    return thread
    #endif
}
