import Catalogs
import Planning
import SQLTypes
import Testing

@Suite struct ExplainTreeTests {
    /// The tables of Redshift's published sample plans.
    private var catalog: TPCHCatalog {
        var catalog = TPCHCatalog()
        func table(_ name: String, _ rows: Int, _ columns: [TPCHColumn]) -> TPCHTable {
            TPCHTable(name: name, rows: rows, key: nil, primaryKey: [], columns: columns)
        }
        catalog.add(
            table(
                "shows",
                8798,
                [
                    TPCHColumn("genreid", .smallint, 11, 1...11, width: 2),
                    TPCHColumn("name", .varchar(200), 576, width: 17),
                    TPCHColumn("rest", .varchar(200), 8798, width: 16),
                ]
            ),
            id: 200_001,
            .even
        )
        catalog.add(
            table(
                "genres",
                11,
                [
                    TPCHColumn("genreid", .smallint, 11, 1...11, width: 2),
                    TPCHColumn("description", .varchar(50), 11, width: 47),
                ]
            ),
            id: 200_002,
            .even
        )
        return catalog
    }

    @Test func `a broadcast join costs what the published plan says`() throws {
        let text = """
            select s.name, s.rest, s.genreid, g.genreid, g.description
            from shows s join genres g on s.genreid = g.genreid
            """
        #expect(
            try tree(text, catalog) == [
                "XN Hash Join DS_BCAST_INNER  (cost=0.14..6600286.07 rows=8798 width=84)",
                "  Hash Cond: (\"outer\".genreid = \"inner\".genreid)",
                "  ->  XN Seq Scan on shows s  (cost=0.00..87.98 rows=8798 width=35)",
                "  ->  XN Hash  (cost=0.11..0.11 rows=11 width=49)",
                "        ->  XN Seq Scan on genres g  (cost=0.00..0.11 rows=11 width=49)",
            ]
        )
    }

    @Test func `an ordered result is sorted on the slices and merged by the leader`() throws {
        let lines = try tree("select n_name from nation order by n_name limit 3")
        let shapes = lines.map { $0.split(separator: "  (")[0] }
        #expect(
            shapes == [
                "XN Limit", "  ->  XN Merge", "        Merge Key: n_name",
                "        ->  XN Network", "              Send to leader",
                "              ->  XN Sort", "                    Sort Key: n_name",
                "                    ->  XN Seq Scan on nation",
            ]
        )
    }

    @Test func `BETWEEN prints its upper bound first`() throws {
        let lines = try tree("select n_name from nation where n_nationkey between 1 and 12")
        #expect(lines.last == "  Filter: ((n_nationkey <= 12) AND (n_nationkey >= 1))")
    }

    @Test func `strings print with the casts of PostgreSQL 8`() throws {
        let lines = try tree("select 1 from customer where c_name = 'x' and c_phone = 'y'")
        #expect(lines.last?.contains("((c_name)::text = 'x'::text)") == true)
    }

    @Test func `a system table alone is read on the leader`() throws {
        #expect(try tree("select slice from stv_slices").first?.hasPrefix("LD Seq Scan") == true)
    }

    @Test func `a table without statistics is named`() throws {
        var catalog = TPCHCatalog()
        catalog.forgetStatistics(of: "nation")
        let lines = try tree("select 1 from nation", catalog)
        #expect(lines.contains("----- Tables missing statistics: nation -----"))
    }

    @Test func `a nested loop is pointed out`() throws {
        let lines = try tree("select 1 from orders o, customer c where o.o_custkey < c.c_custkey")
        #expect(lines.last?.hasPrefix("----- Nested Loop Join in the query plan") == true)
    }

    @Test func `slices are printed below the tree unless switched off`() throws {
        let plan = try planned("select count(*) from lineitem")
        #expect(try explainText(plan).contains("stream 0"))
    }
}
