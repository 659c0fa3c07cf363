import Catalogs
import Execution
import Plans
import SQLTypes
import Testing
import Vectors

/// Every kind of join against a nested loop over the rows, written out.
@Suite struct JoinTests {
    enum KeyKind: CaseIterable, Sendable {
        case integer
        case sparse
        case text
        case two
        case none
    }

    static let kinds: [JoinKind] = [
        .inner, .left, .right, .full, .semi, .anti, .antiNullAware, .rightSemi, .rightAnti,
    ]

    /// Integer key, text key, payload.
    static let types: [DataType] = [.bigint, .varchar(40), .integer]

    static func rows(_ count: Int, seed: UInt64, kind: KeyKind, range: Int) -> [[Datum]] {
        var random = TestRandom(state: seed)
        return (0..<count).map { index in
            let number = Int.random(in: 0..<range, using: &random)
            let isNull = Int.random(in: 0..<9, using: &random) == 0
            let scale = kind == .sparse ? 1_000_003 : 1
            let text = "key number \(number)" + (index % 3 == 0 ? "  " : "")
            return [
                isNull ? .null : int(number * scale),
                isNull ? .null : .text(index % 2 == 0 ? "k\(number)" : text),
                int(index),
            ]
        }
    }

    static func keys(_ kind: KeyKind) -> [Int] {
        switch kind {
        case .integer, .sparse: [0]
        case .text: [1]
        case .two: [0, 1]
        case .none: []
        }
    }

    static func trimmed(_ datum: Datum) -> Datum {
        guard let text = datum.text else { return datum }
        var cut = Substring(text)
        while cut.last == " " { cut = cut.dropLast() }
        return .text(String(cut))
    }

    static func expected(
        _ kind: JoinKind,
        _ left: [[Datum]],
        _ right: [[Datum]],
        keys: [Int],
        hasResidual: Bool
    ) -> [[Datum]] {
        func others(_ l: [Datum], _ r: [Datum], _ keys: ArraySlice<Int>) -> Bool {
            for key in keys where l[key].isNull || trimmed(l[key]) != trimmed(r[key]) {
                return false
            }
            return !hasResidual || (l[2].exact ?? 0) < (r[2].exact ?? 0)
        }
        let nulls = [Datum](repeating: .null, count: 3)
        var result: [[Datum]] = []
        var matched = Set<Int>()
        for l in left {
            let matches = right.indices.filter { others(l, right[$0], keys[...]) }
            matched.formUnion(matches)
            switch kind {
            case .inner, .right: for match in matches { result.append(l + right[match]) }
            case .left, .full:
                for match in matches { result.append(l + right[match]) }
                if matches.isEmpty { result.append(l + nulls) }
            case .semi: if !matches.isEmpty { result.append(l) }
            case .anti: if matches.isEmpty { result.append(l) }
            case .rightSemi, .rightAnti, .mark: break
            case .antiNullAware:
                let candidates = right.filter { others(l, $0, keys.dropFirst()) }
                let forbids = candidates.contains {
                    guard let key = keys.first else { return true }
                    return l[key].isNull || $0[key].isNull || trimmed(l[key]) == trimmed($0[key])
                }
                if !forbids { result.append(l) }
            }
        }
        if kind.isRightSemi {
            for index in right.indices where matched.contains(index) == (kind == .rightSemi) {
                result.append(right[index])
            }
        }
        if kind == .right || kind == .full {
            for index in right.indices where !matched.contains(index) {
                result.append(nulls + right[index])
            }
        }
        return result
    }

    static func plan(
        _ kind: JoinKind,
        keys: [Int],
        hasResidual: Bool,
        isShared: Bool
    ) -> ExecutablePlan {
        let output =
            kind.emitsPairs ? Array(0..<6) : kind.isRightSemi ? Array(3..<6) : Array(0..<3)
        let outputTypes = kind.emitsPairs ? types + types : types
        let join = JoinSpecification(
            kind: kind,
            probeKeys: keys,
            buildKeys: keys,
            residual: hasResidual
                ? .compare(.less, .column(2, .integer), .column(5, .integer)) : nil,
            probeTypes: types,
            buildTypes: types,
            output: output,
            sharing: isShared ? .shared : .perSlice,
            label: isShared ? "DS_BCAST_INNER" : "DS_DIST_BOTH"
        )
        var plan: ExecutablePlan
        if isShared {
            plan = makePlan(
                [
                    [(.provided(1, types: types), [], .build(join: 0))],
                    [(.provided(0, types: types), [.probe(join: 0)], .result)],
                ],
                output: outputTypes
            )
        } else {
            var streams: [[(source: SegmentSource, steps: [SegmentStep], sink: SegmentSink)]] = [
                [
                    (.provided(1, types: types), [], .exchange(1)),
                    (.exchange(1), [], .build(join: 0)),
                ],
                [
                    (.provided(0, types: types), [], .exchange(0)),
                    (.exchange(0), [.probe(join: 0)], kind.isRightSemi ? .discard : .result),
                ],
            ]
            if kind == .right || kind == .full || kind.isRightSemi {
                streams.append([(.unmatched(join: 0), [], .result)])
            }
            plan = makePlan(streams, output: outputTypes)
            plan.exchanges = [
                Exchange(routing: .hash(columns: keys), types: types),
                Exchange(routing: .hash(columns: keys), types: types),
            ]
        }
        plan.joins = [join]
        return plan
    }

    @Test(arguments: testShapes, kinds)
    func `a join gives the rows of the nested loop it stands for`(
        shape: ClusterShape,
        kind: JoinKind
    ) throws {
        let cluster = try TestCluster(shape)
        for keyKind in KeyKind.allCases {
            let keys = Self.keys(keyKind)
            for (leftCount, rightCount, range) in [
                (40, 30, 12), (0, 20, 10), (20, 0, 10), (12, 9, 1),
            ] {
                let left = Self.rows(leftCount, seed: 1, kind: keyKind, range: range)
                let right = Self.rows(rightCount, seed: 2, kind: keyKind, range: range)
                for hasResidual in [false, true] {
                    for isShared in [true, false] {
                        let needsOwnRows = kind == .right || kind == .full || kind.isRightSemi
                        if isShared ? needsOwnRows : keys.isEmpty { continue }
                        if kind == .antiNullAware && (!isShared || keys.isEmpty) { continue }
                        for spread in Spread.allCases {
                            let plan = Self.plan(
                                kind,
                                keys: keys,
                                hasResidual: hasResidual,
                                isShared: isShared
                            )
                            let rows = try cluster.rows(
                                plan,
                                [
                                    TestRows(left, Self.types, spread),
                                    TestRows(right, Self.types, spread),
                                ]
                            )
                            let expected = Self.expected(
                                kind,
                                left,
                                right,
                                keys: keys,
                                hasResidual: hasResidual
                            )
                            #expect(
                                sortedRows(rows) == sortedRows(expected),
                                "\(keyKind) \(leftCount)x\(rightCount) residual \(hasResidual) shared \(isShared) \(spread)"
                            )
                        }
                    }
                }
            }
        }
    }

    @Test func `a probe row with many matches comes out in several chunks`() throws {
        let cluster = try TestCluster(testShapes[1])
        let left = Self.rows(50, seed: 3, kind: .integer, range: 2)
        let right = Self.rows(900, seed: 4, kind: .integer, range: 2)
        let plan = Self.plan(.inner, keys: [0], hasResidual: false, isShared: true)
        let rows = try cluster.rows(
            plan,
            [TestRows(left, Self.types), TestRows(right, Self.types, chunkSize: 300)]
        )
        let expected = Self.expected(.inner, left, right, keys: [0], hasResidual: false)
        #expect(sortedRows(rows) == sortedRows(expected))
    }

    @Test(arguments: testShapes)
    func `a large shared build side is linked by all slices`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        let right = (0..<20_000).map { (n: Int) -> [Datum] in [int(n * 3), .text("r\(n)"), int(n)] }
        let left = (0..<30_000).map { (n: Int) -> [Datum] in [int(n), .text("l"), int(n)] }
        let plan = Self.plan(.inner, keys: [0], hasResidual: false, isShared: true)
        let rows = try cluster.rows(
            plan,
            [
                TestRows(left, Self.types, chunkSize: 2048),
                TestRows(right, Self.types, chunkSize: 2048),
            ]
        )
        #expect(rows.count == 10_000)
        #expect(rows.allSatisfy { $0[0] == $0[3] })
    }

    @Test func `64-bit and 128-bit keys of one value meet`() throws {
        let cluster = try TestCluster(testShapes[1])
        let wide: [DataType] = [.decimal(precision: 30, scale: 0)]
        for (probe, build) in [(wide, [DataType.bigint]), ([DataType.bigint], wide)] {
            var plan = makePlan(
                [
                    [(.provided(1, types: build), [], .build(join: 0))],
                    [(.provided(0, types: probe), [.probe(join: 0)], .result)],
                ],
                output: probe + build
            )
            plan.joins = [
                JoinSpecification(
                    kind: .inner,
                    probeKeys: [0],
                    buildKeys: [0],
                    residual: nil,
                    probeTypes: probe,
                    buildTypes: build,
                    output: [0, 1],
                    sharing: .shared,
                    label: "DS_BCAST_INNER"
                )
            ]
            let rows = try cluster.rows(
                plan,
                [
                    TestRows([[int(1)], [int(2)], [.null], [int(-7)]], probe),
                    TestRows([[int(2)], [int(-7)], [.null], [int(9)]], build),
                ]
            )
            #expect(
                rows.map { normalised($0[0]) }.sorted { "\($0)" < "\($1)" } == [int(-7), int(2)]
            )
        }
    }
}
