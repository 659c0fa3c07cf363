import Catalogs
import Execution
import Plans
import SQLTypes
import Testing
import Vectors

/// Joins whose build side does not fit in memory give the rows of those whose does.
@Suite struct SpilledJoinTests {
    /// Rows, whether some of it went to disk.
    private func run(
        _ cluster: TestCluster,
        _ plan: ExecutablePlan,
        _ sources: [any ProvidedSource]
    ) throws -> (rows: [String], isSpilled: Bool) {
        var rows: [[Datum]] = []
        let outcome = try cluster.cluster.run(plan, context: cluster.context(sources)) {
            chunk throws(SQLError) in
            for row in 0..<chunk.count { rows.append(chunk.columns.map { $0.datum(row) }) }
        }
        return (sortedRows(rows), outcome.record.segments.contains { $0.spilledBytes > 0 })
    }

    @Test(arguments: JoinTests.kinds, JoinTests.KeyKind.allCases)
    func `a spilled join gives the same rows`(
        kind: JoinKind,
        keyKind: JoinTests.KeyKind
    ) throws {
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2)
        let large = try TestCluster(shape)
        let small = try TestCluster(shape, memoryBytes: 128 << 10)
        let keys = JoinTests.keys(keyKind)
        // Many keys; few; one that all rows have, so that no division helps.
        let sizes = keys.isEmpty ? [(2, 8_000, 1)] : [(900, 2_500, 1_500), (2, 8_000, 1)]
        for (leftCount, rightCount, range) in sizes {
            let left = JoinTests.rows(leftCount, seed: 1, kind: keyKind, range: range)
            let right = JoinTests.rows(rightCount, seed: 2, kind: keyKind, range: range)
            for (hasResidual, isShared) in [
                (false, true), (true, true), (false, false), (true, false),
            ] {
                let needsOwnRows = kind == .right || kind == .full || kind.isRightSemi
                if isShared ? needsOwnRows : keys.isEmpty { continue }
                if kind == .antiNullAware && (!isShared || keys.isEmpty) { continue }
                let plan = JoinTests.plan(
                    kind,
                    keys: keys,
                    hasResidual: hasResidual,
                    isShared: isShared
                )
                // NOT IN gives nothing once there is a NULL.
                let own =
                    kind == .antiNullAware && !hasResidual
                    ? right.filter { !$0[keys[0]].isNull } : right
                let spread = hasResidual ? Spread.even : .oneSlice
                let sources: [any ProvidedSource] = [
                    TestRows(left, JoinTests.types, spread, chunkSize: 500),
                    TestRows(own, JoinTests.types, spread, chunkSize: 2_000),
                ]
                let expected = try run(large, plan, sources)
                let found = try run(small, plan, sources)
                #expect(!expected.isSpilled)
                #expect(found.isSpilled, "\(kind) \(keyKind) \(range) \(hasResidual) \(isShared)")
                #expect(
                    found.rows == expected.rows,
                    "\(kind) \(keyKind) \(range) residual \(hasResidual) shared \(isShared)"
                )
            }
        }
    }

    @Test func `a NULL on disk makes NOT IN unknown`() throws {
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2)
        let cluster = try TestCluster(shape, memoryBytes: 128 << 10)
        let right = (0..<5_000).map { (n: Int) -> [Datum] in
            [n == 4_321 ? .null : int(n + 100), .null, int(n)]
        }
        let left = (0..<100).map { (n: Int) -> [Datum] in [int(n), .null, int(n)] }
        let plan = JoinTests.plan(.antiNullAware, keys: [0], hasResidual: false, isShared: true)
        let types = JoinTests.types
        let found = try run(cluster, plan, [TestRows(left, types), TestRows(right, types)])
        #expect(found.rows.isEmpty && found.isSpilled)
        let all = right.filter { !$0[0].isNull }
        let without = try run(cluster, plan, [TestRows(left, types), TestRows(all, types)])
        #expect(without.rows.count == 100 && without.isSpilled)
    }
}
