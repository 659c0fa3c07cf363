import Catalogs
import Planning
import Plans
import SQLTypes
import Testing

/// Where window functions run, what moves for them, and what is sorted.
@Suite struct WindowPlanningTests {
    /// A table whose rows lie by `k`, and one of Redshift's published sample plans.
    private var catalog: TPCHCatalog {
        var catalog = TPCHCatalog()
        func table(_ name: String, key: Int?) -> TPCHTable {
            TPCHTable(
                name: name,
                rows: 909,
                key: key,
                primaryKey: [],
                columns: [
                    TPCHColumn("k", .integer, 100, 1...100, width: 4),
                    TPCHColumn("a", .integer, 10, 1...10, width: 4),
                    TPCHColumn("b", .integer, 10, 1...10, width: 4),
                ]
            )
        }
        catalog.add(table("keyed", key: 0), id: 200_001, .keys)
        catalog.add(table("spread", key: nil), id: 200_002, .even)
        return catalog
    }

    private func windows(_ text: String) throws -> (motions: Int, sorts: Int, stages: [Int]) {
        let plan = try planned(text, catalog).executable
        return (plan.exchanges.count, plan.sorts.count, plan.windows.map(\.stages.count))
    }

    @Test func `a window without partitions costs what the published plan says`() throws {
        let text = "select row_number() over (order by a) from spread"
        let lines = try tree(text, catalog)
        // 125.59, 127.86 and 136.95 there, over an input of 80.92 instead of 9.09.
        #expect(
            lines == [
                "XN Window  (cost=1000000000053.76..1000000000065.12 rows=909 width=8)",
                "  Order: a",
                "  ->  XN Sort  (cost=1000000000053.76..1000000000056.03 rows=909 width=4)",
                "        Sort Key: a",
                "        ->  XN Network  (cost=0.00..9.09 rows=909 width=4)",
                "              Send to slice 0",
                "              ->  XN Seq Scan on spread  (cost=0.00..9.09 rows=909 width=4)",
            ]
        )
    }

    @Test func `rows travel by what they are partitioned by`() throws {
        let text = "select sum(b) over (partition by a) from spread"
        #expect(try tree(text, catalog).contains { $0.hasSuffix("Distribute") })
        #expect(try windows(text) == (1, 1, [1]))
    }

    @Test func `rows that lie by one of the partition's columns stay`() throws {
        let text = "select rank() over (partition by a, k order by b) from keyed"
        #expect(try windows(text) == (0, 1, [1]))
    }

    @Test func `windows of one order share a sort`() throws {
        let text = """
            select row_number() over (partition by k order by a), sum(b) over (partition by k),
                   lag(b) over (partition by k order by a) from keyed
            """
        #expect(try windows(text) == (0, 1, [2]))
    }

    @Test func `the first sort has the keys that later windows need`() throws {
        let text = """
            select sum(b) over (partition by a), count(*) over (partition by a, b) from spread
            """
        #expect(try windows(text) == (1, 1, [2]))
    }

    @Test func `another order is another sort of rows that stay`() throws {
        let text = """
            select rank() over (partition by a order by b),
                   rank() over (partition by a order by b desc) from spread
            """
        #expect(try windows(text) == (1, 2, [1, 1]))
    }

    @Test func `a window without partitions comes last`() throws {
        let text = """
            select count(*) over (), sum(b) over (partition by a) from spread
            """
        let plan = try planned(text, catalog).executable
        #expect(plan.exchanges.count == 2)
        #expect(plan.exchanges[0].routing != .slice(0))
        #expect(plan.exchanges[1].routing == .slice(0))
    }

    @Test func `only conditions on what partitions reach the scan`() throws {
        let text = """
            select * from (select a, b, rank() over (partition by a order by b) r from spread) q
            where a = 3 and b = 4 and r < 5
            """
        let scan = try planned(text, catalog).executable.scan(of: "spread")
        #expect(scan.predicates.map(\.column) == [1])
    }

    @Test func `conditions stay above where another window sees more rows`() throws {
        let text = """
            select * from (select a, rank() over (partition by a order by b) r, count(*) over () n
                           from spread) q
            where a = 3
            """
        let scan = try planned(text, catalog).executable.scan(of: "spread")
        #expect(scan.predicates.isEmpty)
    }

    @Test func `functions nobody reads are not computed`() throws {
        let text = """
            select a from (select a, rank() over (order by b) r from spread) q
            """
        let plan = try planned(text, catalog).executable
        #expect(plan.windows.isEmpty)
        #expect(try plan.scan(of: "spread").columns == [1])
    }

    @Test func `constants do not travel with the rows`() throws {
        let text = "select lag(b, 2) over (partition by a order by b) from spread"
        let plan = try planned(text, catalog).executable
        #expect(plan.exchanges.map(\.types.count) == [2])
        #expect(
            plan.windows[0].stages[0].calls[0].arguments.last == .constant(.int64(2), .bigint)
        )
    }
}
