import Planning
import Plans
import SQLTypes
import Testing

@Suite struct JoinMotionTests {
    @Test func `tables distributed on the join key stay where they are`() throws {
        let text = "select count(*) from orders, lineitem where o_orderkey = l_orderkey"
        #expect(try labels(text) == ["DS_DIST_NONE"])
    }

    @Test func `an ALL table is joined without motion`() throws {
        let text = "select count(*) from customer, nation where c_nationkey = n_nationkey"
        #expect(try labels(text) == ["DS_DIST_ALL_NONE"])
        #expect(try labels(text, TPCHCatalog(.all)) == ["DS_DIST_ALL_NONE"])
    }

    @Test func `a small inner side is broadcast`() throws {
        let text = "select count(*) from lineitem, nation where l_linenumber = n_nationkey"
        #expect(try labels(text, TPCHCatalog(.even)) == ["DS_BCAST_INNER"])
    }

    @Test func `an inner side moves to an outer one that is distributed on the key`() throws {
        let text =
            "select count(*) from part, lineitem where p_partkey = l_partkey and l_tax = 0.01"
        let plan = try planned(
            "select count(*) from lineitem left join orders on l_orderkey = o_custkey"
        ).executable
        #expect(plan.joins.map(\.label) == ["DS_DIST_INNER"])
        #expect(try labels(text).count == 1)
    }

    @Test func `an outer side moves to an inner one that is distributed on the key`() throws {
        let text = "select count(*) from orders, customer where o_custkey = c_custkey"
        #expect(try labels(text) == ["DS_DIST_OUTER"])
    }

    @Test func `two large sides both move`() throws {
        let text = "select count(*) from orders, lineitem where o_orderkey = l_orderkey"
        #expect(try labels(text, TPCHCatalog(.even)) == ["DS_DIST_BOTH"])
    }

    @Test func `an ALL table that must be the outer side makes the inner go to one slice`() throws {
        let text = "select count(*) from nation left join customer on c_nationkey = n_nationkey"
        let plan = try planned(text).executable
        #expect(plan.joins.map(\.label) == ["DS_DIST_ALL_INNER"])
        let probe = try #require(
            plan.segments.first { segment in
                segment.steps.contains { if case .probe = $0 { true } else { false } }
            }
        )
        #expect(probe.slices == .one(0))
        #expect(plan.exchanges.first?.routing == .slice(0))
    }

    @Test func `a full join is never broadcast and puts out unmatched build rows`() throws {
        let text = "select count(*) from nation full join region on n_regionkey = r_regionkey"
        let plan = try planned(text, TPCHCatalog(.even)).executable
        #expect(plan.joins.map(\.label) == ["DS_DIST_BOTH"])
        #expect(plan.joins.map(\.sharing) == [.perSlice])
        let sources = plan.segments.filter {
            if case .unmatched = $0.source { true } else { false }
        }
        #expect(sources.count == 1)
    }

    @Test func `a full join without an equality is refused`() throws {
        let error = #expect(throws: SQLError.self) {
            try planned("select 1 from nation full join region on n_regionkey < r_regionkey")
        }
        #expect(error?.state == .featureNotSupported)
    }

    @Test func `NOT IN over columns that may be NULL shares its inner side`() throws {
        let text = """
            select count(*) from orders where o_custkey not in
            (select case when c_nationkey > 3 then c_custkey end from customer)
            """
        let plan = try planned(text).executable
        #expect(plan.joins.map(\.kind) == [.antiNullAware])
        #expect(plan.joins.map(\.sharing) == [.shared])
    }

    @Test func `NOT IN over NOT NULL columns is a plain anti join`() throws {
        let text =
            "select count(*) from orders where o_custkey not in (select c_custkey from customer)"
        #expect(try planned(text).executable.joins.map(\.kind) == [.anti])
    }

    @Test func `a small left side of a semi join is built`() throws {
        let text = """
            select o_orderpriority, count(*) from orders
            where o_orderdate < date '1992-02-01'
              and exists (select 1 from lineitem where l_orderkey = o_orderkey)
            group by 1
            """
        let plan = try planned(text).executable
        #expect(plan.joins.map(\.kind) == [.rightSemi])
        #expect(try plan.scan(of: "lineitem").runtimeFilters.count == 1)
    }

    @Test func `where it would be broadcast, a small left side is joined and made distinct`() throws
    {
        let text = """
            select s_name from supplier where s_nationkey = 3
            and exists (select 1 from lineitem where l_suppkey = s_suppkey)
            """
        #expect(try planned(text).executable.joins.map(\.kind) == [.inner])
    }

    @Test func `a right join becomes a left join`() throws {
        let text = "select count(*) from customer right join orders on o_custkey = c_custkey"
        #expect(try planned(text).executable.joins.map(\.kind) == [.left])
    }

    @Test func `the small side of an outer join is built although all its rows come out`() throws {
        let text = "select count(*) from customer left join orders on o_custkey = c_custkey"
        let plan = try planned(text)
        #expect(plan.executable.joins.map(\.kind) == [.right])
        #expect(plan.executable.joins.map(\.label) == ["DS_DIST_OUTER"])
        let turned = text.replacing("left join", with: "right join")
        #expect(try planned(turned).executable.joins.map(\.kind) == [.left])
    }

    @Test func `columns of one relation that equal one of another are compared there`() throws {
        let text = """
            select count(*) from lineitem, orders
            where l_orderkey = o_orderkey and l_partkey = o_orderkey
            """
        let plan = try planned(text).executable
        let filters = plan.segments.flatMap(\.steps).filter {
            if case .filter = $0 { true } else { false }
        }
        #expect(filters.count == 1)
    }
}
