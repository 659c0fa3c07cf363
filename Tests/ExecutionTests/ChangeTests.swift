import Catalogs
import Execution
import Plans
import SQLTypes
import Storage
import Testing
import Vectors

@Suite struct ChangeTests {
    static let types: [DataType] = [.bigint, .varchar(20)]

    static func table(_ distribution: DistributionStyle) -> TableDefinition {
        TableDefinition(
            id: 0,
            schema: "public",
            name: "t",
            columns: [
                ColumnDefinition(name: "k", type: .bigint, isNotNull: true),
                ColumnDefinition(name: "v", type: .varchar(20)),
            ],
            distribution: distribution
        )
    }

    static func insertPlan(_ table: TableDefinition) -> ExecutablePlan {
        var plan = makePlan(
            [
                [
                    (.provided(0, types: types), [], .exchange(0)),
                    (.exchange(0), [], .insert(table.id)),
                ]
            ],
            output: []
        )
        plan.exchanges = [Exchange(routing: .hash(columns: [0]), types: types)]
        plan.tables = [table.id: table]
        if case .all = table.distribution {
            plan.exchanges[0].routing = .slice(0)
            plan.streams[0].segments[1].slices = .one(0)
        }
        return plan
    }

    static func scanPlan(
        _ table: TableDefinition,
        predicates: [ColumnPredicate] = []
    ) -> ExecutablePlan {
        let division: ScanDivision = table.distribution == .all ? .dealt : .ownRows
        let scan = ScanSpecification(
            table: table.id,
            columns: [0, 1],
            predicates: predicates,
            division: division
        )
        var plan = makePlan([[(.scan(scan), [], .result)]], output: types)
        plan.tables = [table.id: table]
        return plan
    }

    @Test(arguments: testShapes, [DistributionStyle.even, .key(0), .all])
    func `rows written are read back, replaced and deleted`(
        shape: ClusterShape,
        distribution: DistributionStyle
    ) throws {
        let cluster = try TestCluster(shape)
        let transaction = cluster.store.begin()
        let table = try transaction.createTable(Self.table(distribution))
        let rows = (0..<3_000).map { (n: Int) -> [Datum] in [int(n), .text("value \(n % 17)")] }
        func run(
            _ plan: ExecutablePlan,
            _ provided: [any ProvidedSource] = []
        ) throws -> ([[Datum]], RunOutcome) {
            var found: [[Datum]] = []
            let outcome = try cluster.cluster.run(
                plan,
                context: cluster.context(provided, transaction: transaction)
            ) { chunk throws(SQLError) in
                for row in 0..<chunk.count { found.append(chunk.columns.map { $0.datum(row) }) }
            }
            for (table, deleted) in outcome.deleted {
                try transaction.deleteOnNodes(deleted, from: table)
            }
            for (table, extents) in outcome.inserted {
                try transaction.appendOnNodes(extents, to: table)
            }
            return (found, outcome)
        }
        let (_, inserted) = try run(
            Self.insertPlan(table),
            [TestRows(rows, Self.types, chunkSize: 500)]
        )
        #expect(inserted.insertedRowCount == 3_000)
        #expect(sortedRows(try run(Self.scanPlan(table)).0) == sortedRows(rows))

        // An UPDATE of the keys below 100: key + 10,000.
        let low = ColumnPredicate(
            column: 0,
            test: .range(low: nil, lowIncluded: false, high: .int64(100), highIncluded: false)
        )
        let scan = ScanSpecification(
            table: table.id,
            columns: [0, 1],
            predicates: [low],
            division: distribution == .all ? .dealt : .ownRows,
            emitsRowAddress: true
        )
        let moved = Expression.arithmetic(
            .add,
            .column(0, .bigint),
            .constant(.int64(10_000), .bigint),
            .bigint
        )
        var update = Self.insertPlan(table)
        update.streams[0].segments[0] = Segment(
            id: 0,
            slices: .all,
            source: .scan(scan),
            steps: [
                .project([
                    moved, .column(1, .varchar(20)), .column(2, .bigint), .column(3, .bigint),
                ])
            ],
            sink: .replace(table.id, exchange: 0)
        )
        let (_, updated) = try run(update)
        #expect(updated.deletedRowCount == 100 && updated.insertedRowCount == 100)
        let after = rows.map { row in
            [
                int(
                    (row[0].exact ?? 0) < 100
                        ? Int(row[0].exact ?? 0) + 10_000 : Int(row[0].exact ?? 0)
                ), row[1],
            ]
        }
        #expect(sortedRows(try run(Self.scanPlan(table)).0) == sortedRows(after))

        // Deletes what is left above 2,000.
        var delete = Self.scanPlan(table)
        let high = ColumnPredicate(
            column: 0,
            test: .range(low: .int64(2_000), lowIncluded: true, high: nil, highIncluded: false)
        )
        delete.streams[0].segments[0] = Segment(
            id: 0,
            slices: .all,
            source: .scan(
                ScanSpecification(
                    table: table.id,
                    columns: [],
                    predicates: [high],
                    division: scan.division,
                    emitsRowAddress: true
                )
            ),
            steps: [],
            sink: .delete(table.id)
        )
        let (_, deleted) = try run(delete)
        #expect(deleted.deletedRowCount == 1_100)
        #expect(try run(Self.scanPlan(table)).0.count == 1_900)
    }

    @Test func `a NULL in a NOT NULL column is 23502`() throws {
        let cluster = try TestCluster(testShapes[1])
        let transaction = cluster.store.begin()
        let table = try transaction.createTable(Self.table(.even))
        let rows = [[int(1), .null], [.null, .text("x")]] as [[Datum]]
        #expect(
            state {
                _ = try cluster.cluster.run(
                    Self.insertPlan(table),
                    context: cluster.context([TestRows(rows, Self.types)], transaction: transaction)
                ) { _ throws(SQLError) in }
            } == "23502"
        )
    }

    @Test(arguments: testShapes)
    func `a build side prunes the scan that probes it`(shape: ClusterShape) throws {
        let cluster = try TestCluster(shape)
        let transaction = cluster.store.begin()
        let table = try transaction.createTable(Self.table(.key(0)))
        let rows = (0..<20_000).map { (n: Int) -> [Datum] in [int(n), .text("v\(n)")] }
        let outcome = try cluster.cluster.run(
            Self.insertPlan(table),
            context: cluster.context(
                [TestRows(rows, Self.types, chunkSize: 2_000)],
                transaction: transaction
            )
        ) { _ throws(SQLError) in }
        for (id, extents) in outcome.inserted { try transaction.append(extents, to: id) }
        for scale in [1, 1_000_003] {
            let keys = (0..<50).map { (n: Int) -> [Datum] in [int(n * 101 * scale % 40_000_000)] }
            let scan = ScanSpecification(
                table: table.id,
                columns: [0, 1],
                predicates: [],
                division: .ownRows,
                runtimeFilters: [
                    RuntimeFilterUse(column: 0, join: 0, key: 0, isOfAllSlices: false)
                ]
            )
            var plan = makePlan(
                [
                    [(.provided(0, types: [.bigint]), [], .build(join: 0))],
                    [(.scan(scan), [.probe(join: 0)], .result)],
                ],
                output: Self.types
            )
            plan.joins = [
                JoinSpecification(
                    kind: .inner,
                    probeKeys: [0],
                    buildKeys: [0],
                    residual: nil,
                    probeTypes: Self.types,
                    buildTypes: [.bigint],
                    output: [0, 1],
                    sharing: .shared,
                    label: "DS_BCAST_INNER"
                )
            ]
            plan.tables = [table.id: table]
            var found = 0
            let pruned = try cluster.cluster.run(
                plan,
                context: cluster.context([TestRows(keys, [.bigint])], transaction: transaction)
            ) { chunk throws(SQLError) in found += chunk.count }
            let wanted = keys.filter { ($0[0].exact ?? 0) < 20_000 }.count
            #expect(found == wanted)
            #expect(pruned.record.scans.reduce(0) { $0 + $1.counters.rowsPassed } < 2_000)
        }
    }
}
