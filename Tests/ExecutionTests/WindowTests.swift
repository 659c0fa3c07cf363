import Catalogs
import Execution
import Functions
import Plans
import SQLTypes
import Testing
import Vectors

/// Window functions over rows that a plan brings together and sorts, against the plainest way to
/// compute them: every frame anew.
@Suite struct WindowTests {
    typealias Call = WindowSpecification.Call

    /// Partition, order, number, BIGINT, DECIMAL(38,0), DOUBLE, text.
    static let types: [DataType] = [
        .integer, .integer, .bigint, .bigint, .decimal(precision: 38, scale: 0), .doublePrecision,
        .varchar(40),
    ]

    static func rows(_ count: Int, partitions: Int) -> [[Datum]] {
        var random = TestRandom(state: 11)
        return (0..<count).map { index in
            let partition = Int.random(in: 0..<partitions, using: &random)
            let value = Int.random(in: -20..<20, using: &random)
            let isNull = Int.random(in: 0..<5, using: &random) == 0
            return [
                partition == 2 ? .null : int(partition),
                index % 9 == 0 ? .null : int(Int.random(in: 0..<8, using: &random)),
                int(index), isNull ? .null : int(value),
                isNull ? .null : .int128(Int128(value) * 1_000_000_000_000_000_000_000),
                isNull ? .null : .float64(Double(value) / 4),
                isNull ? .null : .text("text number \(value + 100)"),
            ]
        }
    }

    /// Rows by the hash of their partition, sorted by partition, order and number.
    static func plan(_ stages: [WindowSpecification.Stage]) -> ExecutablePlan {
        let results = stages.flatMap { $0.calls.map(\.resultType) }
        var plan = makePlan(
            [
                [
                    (.provided(0, types: types), [], .exchange(0)),
                    (.exchange(0), [], .sort(0)),
                ],
                [(.window(0), [], .result)],
            ],
            output: types + results
        )
        plan.exchanges = [Exchange(routing: .hash(columns: [0]), types: types)]
        let keys = [0, 1, 2].map {
            SortKeyPosition(column: $0, isAscending: true, nullsFirst: false)
        }
        plan.sorts = [SortSpecification(keys: keys, types: types, limit: nil)]
        plan.windows = [WindowSpecification(sort: 0, stages: stages)]
        return plan
    }

    static func call(
        _ function: WindowFunction,
        _ arguments: [WindowSpecification.Argument] = [],
        ignoresNulls: Bool = false,
        frame: WindowFrame = .partition
    ) -> Call {
        let argumentTypes = arguments.map { argument in
            switch argument {
            case .column(let place): types[place]
            case .constant(_, let type): type
            }
        }
        return Call(
            function: function,
            arguments: arguments,
            argumentTypes: argumentTypes,
            resultType: function.resultType(of: argumentTypes.first) ?? .bigint,
            ignoresNulls: ignoresNulls,
            frame: frame
        )
    }

    static let frames: [WindowFrame] = [
        .partition, WindowFrame(start: nil, end: 0), WindowFrame(start: -2, end: 1),
        WindowFrame(start: 0, end: nil), WindowFrame(start: -5, end: -3),
        WindowFrame(start: 2, end: 40), WindowFrame(start: 0, end: 0),
        WindowFrame(start: nil, end: -1), WindowFrame(start: -1 << 40, end: 1 << 40),
    ]

    // MARK: The plainest way

    /// The rows of each partition in order.
    static func partitions(_ rows: [[Datum]]) -> [[[Datum]]] {
        let sorted = rows.sorted { one, other in
            for column in 0...2 {
                let (a, b) = (one[column].exact, other[column].exact)
                if a != b { return (a ?? .max) < (b ?? .max) }
            }
            return false
        }
        var result: [[[Datum]]] = []
        for row in sorted {
            if let last = result.last?.last, last[0] == row[0] {
                result[result.count - 1].append(row)
            } else {
                result.append([row])
            }
        }
        return result
    }

    static func frameRows(_ call: Call, _ row: Int, _ count: Int) -> Range<Int> {
        let low = max(0, call.frame.start.map { row + $0 } ?? 0)
        let high = min(count, call.frame.end.map { row + $0 + 1 } ?? count)
        return low < high ? low..<high : 0..<0
    }

    static func expected(_ call: Call, _ rows: [[Datum]], _ row: Int) -> Datum {
        let frame = frameRows(call, row, rows.count)
        guard case .column(let place)? = call.arguments.first else {
            return expectedRank(call, rows, row, frame)
        }
        var seen = frame.map { rows[$0][place] }
        if call.ignoresNulls { seen.removeAll { $0.isNull } }
        let values = seen.filter { !$0.isNull }
        let exact = values.compactMap(\.exact)
        switch call.function {
        case .firstValue: return seen.first ?? .null
        case .lastValue: return seen.last ?? .null
        case .nthValue: return seen.count > 2 ? seen[2] : .null
        case .lag: return shifted(call, rows[..<row].reversed().map { $0[place] })
        case .lead: return shifted(call, rows[(row + 1)...].map { $0[place] })
        case .aggregate(.count): return int(values.count)
        case .aggregate(.sum) where types[place].isFloat:
            return values.isEmpty ? .null : .float64(values.reduce(0) { $0 + double($1) })
        case .aggregate(.sum): return exact.isEmpty ? .null : .int128(exact.reduce(0, +))
        case .aggregate(.average):
            return exact.isEmpty ? .null : .int128(exact.reduce(0, +) / Int128(exact.count))
        case .aggregate(let function):
            let isMaximum = function == .maximum
            if types[place].isString {
                let texts = values.compactMap(\.text)
                return (isMaximum ? texts.max() : texts.min()).map { .text($0) } ?? .null
            }
            if types[place].isFloat {
                let numbers = values.map(double)
                return (isMaximum ? numbers.max() : numbers.min()).map { .float64($0) } ?? .null
            }
            return (isMaximum ? exact.max() : exact.min()).map { .int128($0) } ?? .null
        default: return .null
        }
    }

    private static func expectedRank(
        _ call: Call,
        _ rows: [[Datum]],
        _ row: Int,
        _ frame: Range<Int>
    ) -> Datum {
        let first = rows.firstIndex { $0[1] == rows[row][1] } ?? 0
        switch call.function {
        case .rowNumber: return int(row + 1)
        case .rank: return int(first + 1)
        case .denseRank: return int(Set(rows[...row].map { $0[1] }).count)
        case .percentRank:
            return .float64(rows.count == 1 ? 0 : Double(first) / Double(rows.count - 1))
        case .cumeDist:
            let last = rows.lastIndex { $0[1] == rows[row][1] } ?? 0
            return .float64(Double(last + 1) / Double(rows.count))
        default: return int(frame.count)
        }
    }

    private static func shifted(_ call: Call, _ others: [Datum]) -> Datum {
        let seen = call.ignoresNulls ? others.filter { !$0.isNull } : others
        return seen.count > 1 ? seen[1] : .null
    }

    private static func double(_ datum: Datum) -> Double {
        if case .float64(let value) = datum { value } else { 0 }
    }

    // MARK: Tests

    private func check(
        _ calls: [Call],
        _ rows: [[Datum]],
        _ shape: ClusterShape,
        _ spread: Spread = .even,
        chunkSize: Int = 7
    ) throws {
        let stage = WindowSpecification.Stage(partition: [0], order: [1], calls: calls)
        let cluster = try TestCluster(shape)
        let made = try cluster.rows(
            Self.plan([stage]),
            [TestRows(rows, Self.types, spread, chunkSize: chunkSize)]
        )
        var wanted: [[Datum]] = []
        for partition in Self.partitions(rows) {
            for row in partition.indices {
                wanted.append(partition[row] + calls.map { Self.expected($0, partition, row) })
            }
        }
        #expect(sortedRows(made) == sortedRows(wanted))
    }

    @Test(arguments: testShapes, [1, 2, 7, 200])
    func `rows are numbered within their partitions`(
        shape: ClusterShape,
        partitions: Int
    ) throws {
        let calls = [.rowNumber, .rank, .denseRank, .percentRank, .cumeDist].map { function in
            Self.call(function)
        }
        try check(calls, Self.rows(300, partitions: partitions), shape)
        try check(calls, Self.rows(40, partitions: partitions), shape, .oneSlice)
    }

    @Test(arguments: frames)
    func `frames slide over every type`(frame: WindowFrame) throws {
        let calls: [Call] =
            [3, 4, 5, 6].map { Self.call(.aggregate(.minimum), [.column($0)], frame: frame) }
            + [3, 4, 5, 6].map { Self.call(.aggregate(.maximum), [.column($0)], frame: frame) }
            + [3, 4, 5].map { Self.call(.aggregate(.sum), [.column($0)], frame: frame) }
            + [3, 4].map { Self.call(.aggregate(.average), [.column($0)], frame: frame) }
            + [
                Self.call(.aggregate(.count), [.column(3)], frame: frame),
                Self.call(.aggregate(.countAll), frame: frame),
            ]
        for shape in testShapes {
            try check(calls, Self.rows(200, partitions: 5), shape)
        }
    }

    @Test(arguments: frames, [false, true])
    func `values are fetched from the frame`(frame: WindowFrame, ignoresNulls: Bool) throws {
        let third = WindowSpecification.Argument.constant(.int64(3), .bigint)
        let calls = [3, 4, 5, 6].flatMap { column in
            [
                Self.call(
                    .firstValue,
                    [.column(column)],
                    ignoresNulls: ignoresNulls,
                    frame: frame
                ),
                Self.call(.lastValue, [.column(column)], ignoresNulls: ignoresNulls, frame: frame),
                Self.call(
                    .nthValue,
                    [.column(column), third],
                    ignoresNulls: ignoresNulls,
                    frame: frame
                ),
            ]
        }
        try check(calls, Self.rows(150, partitions: 4), testShapes[1])
    }

    @Test(arguments: testShapes)
    func `values are fetched from rows before and after`(shape: ClusterShape) throws {
        let two = WindowSpecification.Argument.constant(.int64(2), .bigint)
        let calls = [3, 4, 5, 6].flatMap { column in
            [false, true].flatMap { ignoresNulls in
                [WindowFunction.lag, .lead].map {
                    Self.call($0, [.column(column), two], ignoresNulls: ignoresNulls)
                }
            }
        }
        try check(calls, Self.rows(150, partitions: 4), shape)
    }

    @Test func `partitions larger than a chunk lose nothing`() throws {
        let calls = [
            Self.call(.rowNumber),
            Self.call(.aggregate(.sum), [.column(3)], frame: WindowFrame(start: nil, end: 0)),
        ]
        let rows = Self.rows(7_000, partitions: 2)
        let stage = WindowSpecification.Stage(partition: [0], order: [1], calls: calls)
        let cluster = try TestCluster(testShapes[1])
        let made = try cluster.rows(
            Self.plan([stage]),
            [TestRows(rows, Self.types, chunkSize: 2_048)]
        )
        var wanted: [[Datum]] = []
        for partition in Self.partitions(rows) {
            var sum: Int128?
            for (number, row) in partition.enumerated() {
                if let value = row[3].exact { sum = (sum ?? 0) + value }
                wanted.append(row + [int(number + 1), sum.map { .int128($0) } ?? .null])
            }
        }
        #expect(sortedRows(made) == sortedRows(wanted))
    }

    @Test(arguments: testShapes)
    func `a second stage reads the rows of the first`(shape: ClusterShape) throws {
        let rows = Self.rows(120, partitions: 6)
        let first = WindowSpecification.Stage(
            partition: [0, 1],
            order: [2],
            calls: [Self.call(.rowNumber)]
        )
        let second = WindowSpecification.Stage(
            partition: [0],
            order: [],
            calls: [Self.call(.aggregate(.countAll))]
        )
        let cluster = try TestCluster(shape)
        let made = try cluster.rows(Self.plan([first, second]), [TestRows(rows, Self.types)])
        var wanted: [[Datum]] = []
        for partition in Self.partitions(rows) {
            for (place, row) in partition.enumerated() {
                let start = partition.firstIndex { $0[1] == row[1] } ?? 0
                wanted.append(row + [int(place - start + 1), int(partition.count)])
            }
        }
        #expect(sortedRows(made) == sortedRows(wanted))
    }

    @Test(arguments: testShapes)
    func `no rows make no rows`(shape: ClusterShape) throws {
        try check([Self.call(.rowNumber), Self.call(.aggregate(.countAll))], [], shape)
    }

    private func sums(_ values: [Int128], _ frame: WindowFrame) throws -> [Datum] {
        let rows = values.enumerated().map { index, value -> [Datum] in
            [int(1), int(1), int(index), .null, .int128(value), .null, .null]
        }
        let call = Self.call(.aggregate(.sum), [.column(4)], frame: frame)
        let stage = WindowSpecification.Stage(partition: [0], order: [1], calls: [call])
        let cluster = try TestCluster(testShapes[0])
        return try cluster.rows(Self.plan([stage]), [TestRows(rows, Self.types)]).map { $0[7] }
    }

    @Test func `a sum that passes 128 bits on its way comes out right`() throws {
        let large: Int128 = 90_000_000_000_000_000_000_000_000_000_000_000_000
        let values = [large, large, large, -large, -large, -large, 7]
        let made = try sums(values, .partition)
        #expect(made.map(normalised) == values.map { _ in int(7) })
        let running = WindowFrame(start: nil, end: 0)
        #expect(state { _ = try sums(values, running) } == "22003")
    }

    @Test func `a partition beyond the memory is 53200`() throws {
        // The sort fits; while the window reads it, what the window holds does not.
        let rows = (0..<20_000).map { index -> [Datum] in
            [int(1), int(1), int(index), int(index), .null, .null, .null]
        }
        let calls = (0..<8).map { _ in
            Self.call(.aggregate(.sum), [.column(3)], frame: WindowFrame(start: 0, end: nil))
        }
        let stage = WindowSpecification.Stage(partition: [0], order: [1], calls: calls)
        let cluster = try TestCluster(testShapes[0], memoryBytes: 7 << 20)
        let error = #expect(throws: SQLError.self) {
            _ = try cluster.rows(
                Self.plan([stage]),
                [TestRows(rows, Self.types, chunkSize: 2_048)]
            )
        }
        #expect(error?.state.code == "53200")
        #expect(error?.detail?.contains("Window") == true)
    }
}
