import Planning
import Plans
import SQLTypes
import Testing

@Suite struct SegmentCutterTests {
    @Test func `simple conditions become tests of the scan and columns are pruned`() throws {
        let text = """
            select sum(l_extendedprice * l_discount) from lineitem
            where l_shipdate >= date '1994-01-01'
              and l_shipdate < date '1994-01-01' + interval '1' year
              and l_discount between 0.05 and 0.07 and l_quantity < 24
            """
        let scan = try planned(text).executable.scan(of: "lineitem")
        #expect(scan.columns == [5, 6])
        #expect(
            scan.predicates == [
                ColumnPredicate(
                    column: 10,
                    test: .range(
                        low: .int64(-2191),
                        lowIncluded: true,
                        high: .int64(-1826),
                        highIncluded: false
                    )
                ),
                ColumnPredicate(
                    column: 6,
                    test: .range(
                        low: .int64(5),
                        lowIncluded: true,
                        high: .int64(7),
                        highIncluded: true
                    )
                ),
                ColumnPredicate(
                    column: 4,
                    test: .range(
                        low: nil,
                        lowIncluded: true,
                        high: .int64(2400),
                        highIncluded: false
                    )
                ),
            ]
        )
    }

    @Test func `a condition on a key holds for the column that equals it`() throws {
        let text = """
            select count(*) from orders, lineitem
            where o_orderkey = l_orderkey and o_orderkey < 1000
            """
        #expect(try planned(text).executable.scan(of: "lineitem").predicates.count == 1)
    }

    @Test func `what all arms of an OR share is taken out and pushed down`() throws {
        let text = """
            select count(*) from lineitem, part
            where (p_partkey = l_partkey and p_size between 1 and 5 and l_quantity < 11)
               or (p_partkey = l_partkey and p_size between 1 and 10 and l_quantity < 20)
            """
        let plan = try planned(text).executable
        #expect(plan.joins.map(\.probeKeys.count) == [1])
        #expect(try !plan.scan(of: "part").predicates.isEmpty)
    }

    @Test func `a probed scan is pruned by the build keys, even by several`() throws {
        let text = """
            select count(*) from lineitem, orders, part
            where l_orderkey = o_orderkey and l_partkey = p_partkey and p_size = 3
              and o_orderdate < date '1992-02-01'
            """
        let plan = try planned(text, TPCHCatalog(.all)).executable
        #expect(try plan.scan(of: "lineitem").runtimeFilters.count == 2)
    }

    @Test func `grouping by the distribution key takes one phase`() throws {
        let plan = try planned("select o_orderkey, count(*) from orders group by 1").executable
        #expect(plan.aggregates.map(\.phase) == [.complete])
        #expect(plan.exchanges.isEmpty)
    }

    @Test func `few groups are counted on each slice, then put together`() throws {
        let text = "select o_orderstatus, count(*) from orders group by 1"
        let plan = try planned(text).executable
        #expect(plan.aggregates.map(\.phase) == [.partial, .final])
        #expect(plan.exchanges.map(\.routing) == [.hash(columns: [0])])
    }

    @Test func `a grand total ends on slice 0 and has a row without input`() throws {
        let plan = try planned("select count(*), avg(o_totalprice) from orders").executable
        #expect(plan.aggregates.map(\.phase) == [.partial, .final])
        #expect(plan.aggregates.map(\.emitsWithoutRows) == [false, true])
        #expect(plan.aggregates[1].calls[1].inputs == [1, 2])
    }

    @Test func `a distinct count removes duplicates before it counts`() throws {
        let text = "select o_orderstatus, count(distinct o_clerk) from orders group by 1"
        let plan = try planned(text).executable
        #expect(!plan.aggregates.contains { $0.calls.contains(where: \.isDistinct) })
        #expect(plan.aggregates[0].calls.isEmpty)
    }

    @Test func `an ordering key that is not selected travels as a hidden column`() throws {
        let plan = try planned("select o_clerk from orders order by o_totalprice").executable
        #expect(plan.hiddenColumnCount == 1)
        #expect(plan.output.count == 2)
    }

    @Test func `a limit is pushed into the sort and kept by the leader`() throws {
        let text = "select o_clerk from orders order by 1 limit 10 offset 5"
        let plan = try planned(text).executable
        #expect(plan.sorts.map(\.limit) == [15])
        #expect(plan.limit == 10)
        #expect(plan.offset == 5)
    }

    @Test func `each stream depends on earlier ones only`() throws {
        let text = """
            select n_name, count(*) from customer, nation, orders, lineitem
            where c_nationkey = n_nationkey and o_custkey = c_custkey and l_orderkey = o_orderkey
            group by 1 order by 2
            """
        let plan = try planned(text, TPCHCatalog(.even)).executable
        for (number, stream) in plan.streams.enumerated() {
            #expect(stream.dependencies.allSatisfy { $0 < number })
        }
        #expect(plan.segments.map(\.id) == Array(plan.segments.indices))
    }

    @Test func `rows are inserted where the table wants them`() throws {
        let same = try planned("insert into orders select * from orders").executable
        #expect(same.exchanges.isEmpty)
        let moved = try planned("insert into region values (9, 'x', 'y')").executable
        #expect(moved.segments.map(\.slices) == [.one(0)])
    }

    @Test func `an update replaces rows and sends the new ones to their slices`() throws {
        let plan = try planned("update orders set o_custkey = 1 where o_orderkey = 2").executable
        let scan = try plan.scan(of: "orders")
        #expect(scan.emitsRowAddress)
        #expect(plan.exchanges.map(\.routing) == [.hash(columns: [0])])
        #expect(plan.exchanges[0].types.count == 9)
    }

    @Test func `a limit in a subquery is made on slice 0`() throws {
        let text = """
            select count(*) from (select o_custkey from orders order by o_totalprice limit 5) x,
            customer where c_custkey = o_custkey
            """
        let plan = try planned(text).executable
        #expect(plan.sorts.map(\.limit) == [5, 5])
        #expect(plan.exchanges.contains { $0.routing == .slice(0) })
    }

    @Test func `an offset in a subquery skips rows on slice 0, after the limit of each slice`()
        throws
    {
        let text = "select 1 from (select 1 from orders limit 5 offset 2) x"
        let segments = try planned(text).executable.segments
        #expect(segments.map(\.slices) == [.all, .one(0)])
        guard case .limit(7)? = segments[0].steps.last,
            case .skip(2)? = segments[1].steps.first
        else {
            Issue.record("the steps are \(segments.map(\.steps))")
            return
        }
    }

    @Test func `what can fail is not tested below a join`() throws {
        let text = """
            select count(*) from orders, lineitem
            where o_orderkey = l_orderkey and 10 / l_linenumber > 1
            """
        let plan = try planned(text).executable
        let steps = try #require(
            plan.segments.first { segment in
                segment.steps.contains { if case .probe = $0 { true } else { false } }
            }
        ).steps
        guard case .probe = steps[0], case .filter = steps[1] else {
            Issue.record("the filter does not stand behind the probe")
            return
        }
    }

    @Test func `a system table is provided on slice 0`() throws {
        let plan = try planned("select slice from stv_slices").executable
        #expect(plan.providedTables == [500])
        #expect(plan.segments.map(\.slices) == [.one(0)])
    }
}
