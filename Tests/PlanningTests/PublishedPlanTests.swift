import Foundation
import Planning
import SQLTypes
import Testing

/// Plans of Redshift's guide and of public collections of plans, line for line, over tables whose
/// statistics are set so that estimates are those published; names of tables and columns are ours.
///
/// Not here: NOT IN, whose total of 104.74 the cost model gives as 104.47, and which shows a Unique
/// that is not made here; the nested loop, of whose cost one figure is known and no formula; the
/// scalar aggregate, of which one line is known and not the join below it.
@Suite struct PublishedPlanTests {
    private var catalog: TPCHCatalog {
        var catalog = TPCHCatalog()
        func add(_ id: Int, _ name: String, _ rows: Int, key: Int? = nil, _ columns: [TPCHColumn]) {
            let table = TPCHTable(
                name: name,
                rows: rows,
                key: key,
                primaryKey: [],
                columns: columns
            )
            catalog.add(table, id: id, key == nil ? .even : .keys)
        }
        add(
            200_001,
            "shows",
            8798,
            [
                TPCHColumn("showid", .integer, 8798, 1...8798),
                TPCHColumn("genreid", .smallint, 11, 1...11),
                TPCHColumn("hallid", .smallint, 204, 1...204),
                TPCHColumn("dateid", .integer, 365, 1...365),
                TPCHColumn("name", .varchar(200), 576, width: 17),
                TPCHColumn("rest", .varchar(200), 8798, width: 16),
            ]
        )
        add(
            200_002,
            "genres",
            11,
            [
                TPCHColumn("genreid", .smallint, 11, 1...11),
                TPCHColumn("description", .varchar(50), 11, width: 47),
            ]
        )
        add(
            200_003,
            "halls",
            202,
            key: 0,
            [
                TPCHColumn("hallid", .smallint, 202, 1...204),
                TPCHColumn("hallname", .varchar(100), 202, width: 20),
            ]
        )
        add(
            200_004,
            "buys",
            172_456,
            [
                TPCHColumn("showid", .integer, 8712, 1...8798),
                TPCHColumn("paid", .decimal(precision: 8, scale: 2), 1000, width: 10),
            ]
        )
        add(
            200_005,
            "s",
            4637,
            [
                TPCHColumn("prod_id", .integer, 987, 1...1000),
                TPCHColumn("cust_id", .integer, 909, 1...1000),
            ]
        )
        add(
            200_006,
            "p",
            1000,
            [
                TPCHColumn("prod_id", .integer, 1000, 1...1000),
                TPCHColumn("prod_name", .varchar(20), 500, width: 0),
            ]
        )
        return catalog
    }

    /// Fails naming each line that differs.
    ///
    /// Costs may differ by 0.01: the published ones are sums in floating point whose order is not
    /// known, and some end in half a hundredth.
    private func expectLines(_ lines: [String], _ wanted: [String]) throws {
        #expect(lines.count == wanted.count)
        for (line, other) in zip(lines, wanted) where line != other {
            let (parts, others) = (Self.parts(line), Self.parts(other))
            let agrees =
                parts.text == others.text
                && zip(parts.costs, others.costs).allSatisfy { abs($0 - $1) < 0.0101 }
            #expect(agrees, "\(line) instead of \(other)")
        }
    }

    /// A line's costs, and the line without them.
    private static func parts(_ line: String) -> (text: String, costs: [Double]) {
        guard let start = line.range(of: "(cost="), let end = line.range(of: " rows=") else {
            return (line, [])
        }
        let costs = line[start.upperBound..<end.lowerBound].split(separator: ".")
        let figures = [costs[0] + "." + costs[1], costs[2] + "." + costs[3]]
        return (
            String(line[..<start.upperBound] + line[end.lowerBound...]),
            figures.compactMap { Double($0) }
        )
    }

    @Test func `a grouping`() throws {
        try expectLines(
            tree("select name from shows group by name", catalog),
            [
                "XN HashAggregate  (cost=109.98..109.98 rows=576 width=17)",
                "  ->  XN Seq Scan on shows  (cost=0.00..87.98 rows=8798 width=17)",
            ]
        )
        try expectLines(
            tree("select name, count(*) from shows group by name", catalog),
            [
                "XN HashAggregate  (cost=131.97..133.41 rows=576 width=17)",
                "  ->  XN Seq Scan on shows  (cost=0.00..87.98 rows=8798 width=17)",
            ]
        )
    }

    @Test func `the outer side redistributed`() throws {
        let text = """
            select name, dateid, shows.hallid, hallname from shows
            join halls on shows.hallid = halls.hallid
            """
        try expectLines(
            tree(text, catalog),
            [
                "XN Hash Join DS_DIST_OUTER  (cost=2.52..58653620.93 rows=8712 width=43)",
                "  Hash Cond: (\"outer\".hallid = \"inner\".hallid)",
                "  ->  XN Seq Scan on shows  (cost=0.00..87.98 rows=8798 width=23)",
                "  ->  XN Hash  (cost=2.02..2.02 rows=202 width=22)",
                "        ->  XN Seq Scan on halls  (cost=0.00..2.02 rows=202 width=22)",
            ]
        )
    }

    @Test func `a join grouped and ordered`() throws {
        let text = """
            select name, sum(paid) from buys join shows on buys.showid = shows.showid
            group by name order by 2
            """
        // With the constant that fits the other plan, redistributing both sides would be cheaper.
        var settings = PlannerSettings()
        settings.networkCostDistribute = 10_000
        try expectLines(
            tree(text, catalog, settings: settings),
            [
                "XN Merge  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)",
                "  Merge Key: sum(buys.paid)",
                "  ->  XN Network  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)",
                "        Send to leader",
                "        ->  XN Sort  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)",
                "              Sort Key: sum(buys.paid)",
                "              ->  XN HashAggregate  "
                    + "(cost=2815366577.07..2815366578.51 rows=576 width=27)",
                "                    ->  XN Hash Join DS_BCAST_INNER  "
                    + "(cost=109.98..2815365714.80 rows=172456 width=27)",
                "                          Hash Cond: (\"outer\".showid = \"inner\".showid)",
                "                          ->  XN Seq Scan on buys  "
                    + "(cost=0.00..1724.56 rows=172456 width=14)",
                "                          ->  XN Hash  (cost=87.98..87.98 rows=8798 width=21)",
                "                                ->  XN Seq Scan on shows  "
                    + "(cost=0.00..87.98 rows=8798 width=21)",
            ]
        )
    }

    @Test func `a union of constants`() throws {
        try expectLines(
            tree("select 1 as a union select 2", catalog),
            [
                "XN Unique  (cost=1000000000000.05..1000000000000.06 rows=2 width=0)",
                "  ->  XN Sort  (cost=1000000000000.05..1000000000000.06 rows=2 width=0)",
                "        Sort Key: a",
                "        ->  XN Append  (cost=0.00..0.04 rows=2 width=0)",
                "              ->  XN Network  (cost=0.00..0.02 rows=1 width=0)",
                "                    Distribute Round Robin",
                "                    ->  XN Subquery Scan \"*SELECT* 1\"  "
                    + "(cost=0.00..0.02 rows=1 width=0)",
                "                          ->  XN Result  (cost=0.00..0.01 rows=1 width=0)",
                "              ->  XN Network  (cost=0.00..0.02 rows=1 width=0)",
                "                    Distribute Round Robin",
                "                    ->  XN Subquery Scan \"*SELECT* 2\"  "
                    + "(cost=0.00..0.02 rows=1 width=0)",
                "                          ->  XN Result  (cost=0.00..0.01 rows=1 width=0)",
            ]
        )
    }

    @Test func `EXCEPT`() throws {
        let text = """
            select distinct prod_id from s
            except select prod_id from p where prod_name = 'Item 42'
            """
        try expectLines(
            tree(text, catalog),
            [
                "XN SetOp Except  (cost=1000000000129.55..1000000000134.50 rows=99 width=4)",
                "  ->  XN Sort  (cost=1000000000129.55..1000000000132.03 rows=989 width=4)",
                "        Sort Key: prod_id",
                "        ->  XN Append  (cost=0.00..80.35 rows=989 width=4)",
                "              ->  XN Subquery Scan \"*SELECT* 1\"  "
                    + "(cost=0.00..67.83 rows=987 width=4)",
                "                    ->  XN Unique  (cost=0.00..57.96 rows=987 width=4)",
                "                          ->  XN Seq Scan on s  "
                    + "(cost=0.00..46.37 rows=4637 width=4)",
                "              ->  XN Subquery Scan \"*SELECT* 2\"  "
                    + "(cost=0.00..12.52 rows=2 width=4)",
                "                    ->  XN Seq Scan on p  (cost=0.00..12.50 rows=2 width=4)",
                "                          Filter: ((prod_name)::text = 'Item 42'::text)",
            ]
        )
    }

    @Test func `INTERSECT`() throws {
        let text = "select distinct cust_id from s intersect select 7"
        try expectLines(
            tree(text, catalog),
            [
                "XN Hash Intersect Distinct DS_DIST_NONE  (cost=0.00..0.00 rows=1 width=4)",
                "  Hash Cond: (\"outer\".cust_id = \"inner\".cust_id)",
                "  Join Filter: ((\"outer\".cust_id = \"inner\".cust_id) OR "
                    + "((\"inner\".cust_id IS NULL) AND (\"outer\".cust_id IS NULL)))",
                "  ->  XN Network  (cost=0.00..67.05 rows=909 width=4)",
                "        Distribute",
                "        ->  XN Subquery Scan \"*SELECT* 1\"  (cost=0.00..67.05 rows=909 width=4)",
                "              ->  XN Unique  (cost=0.00..57.96 rows=909 width=4)",
                "                    ->  XN Seq Scan on s  (cost=0.00..46.37 rows=4637 width=4)",
                "  ->  XN Hash  (cost=0.02..0.02 rows=1 width=0)",
                "        ->  XN Subquery Scan \"*SELECT* 2\"  (cost=0.00..0.02 rows=1 width=0)",
                "              ->  XN Result  (cost=0.00..0.01 rows=1 width=0)",
            ]
        )
    }

    @Test func `a grand total and a query without a table`() throws {
        try expectLines(
            tree("select count(*) from s", catalog),
            [
                "XN Aggregate  (cost=57.96..57.97 rows=1 width=0)",
                "  ->  XN Seq Scan on s  (cost=0.00..46.37 rows=4637 width=0)",
            ]
        )
        try expectLines(
            tree("select 1", catalog),
            ["XN Result  (cost=0.00..0.01 rows=1 width=0)"]
        )
    }
}
