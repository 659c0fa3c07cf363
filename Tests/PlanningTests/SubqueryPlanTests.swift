import Foundation
import Plans
import Testing

@testable import Planning

/// Plans of subqueries, common table expressions and the benchmark's queries.
@Suite struct SubqueryPlanTests {
    static let tpch: [URL] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../sql/tpch").standardizedFileURL
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        )
        return (files ?? []).filter {
            $0.pathExtension == "sql" && $0.lastPathComponent.hasPrefix("q")
        }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }()

    // Query 7 pairs two filtered nations first, which are a row or two.
    @Test(arguments: tpch.filter { $0.lastPathComponent != "q07.sql" })
    func `a query of TPC-H joins by equalities only`(file: URL) throws {
        let plan = try planned(String(contentsOf: file, encoding: .utf8))
        #expect(!plan.tree.containsNestedLoop)
    }

    @Test func `the smaller side of EXISTS is built`() throws {
        let text = """
            select count(*) from orders where o_orderdate = '1995-01-01' and exists
            (select 1 from lineitem where l_orderkey = o_orderkey and l_tax > 0)
            """
        let plan = try planned(text)
        #expect(plan.executable.joins.map(\.kind) == [.rightSemi])
        #expect(plan.executable.joins.map(\.label) == ["DS_DIST_NONE"])
        #expect(try plan.executable.scan(of: "lineitem").runtimeFilters.count == 1)
        let missing = try planned(text.replacing("and exists", with: "and not exists"))
        #expect(missing.executable.joins.map(\.kind) == [.rightAnti])
    }

    @Test func `a common table expression read twice is computed once`() throws {
        let plan = try planned(
            """
            with r as (select l_suppkey as s, sum(l_tax) as t from lineitem group by 1)
            select s from r where t = (select max(t) from r)
            """
        )
        #expect(plan.executable.kept.count == 1)
        #expect(plan.executable.scalarSubqueries.count == 1)
        let sources = plan.executable.segments.map(\.source)
        #expect(sources.contains { if case .kept(0) = $0 { true } else { false } })
        #expect(try explainText(plan).contains { $0.contains("CTE Scan on r") })
    }

    @Test func `EXPLAIN names a common table by its own name and each reference by its alias`()
        throws
    {
        let plan = try planned(
            """
            with r as (select l_suppkey as s, sum(l_tax) as t from lineitem group by 1)
            select p.s from r p join r q on p.s = q.s
            """
        )
        let lines = try explainText(plan).map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.contains("CTE r"))
        #expect(lines.contains { $0.hasPrefix("->  XN CTE Scan on r p ") })
        #expect(lines.contains { $0.hasPrefix("->  XN CTE Scan on r q ") })
    }

    @Test func `a chain of common tables is as long as it is written`() throws {
        let links = (1...100).map {
            "c\($0) as (select x.s, x.t from c\($0 - 1) x join c\($0 - 1) y on x.s = y.s)"
        }
        let plan = try planned(
            "with c0 as (select l_suppkey as s, sum(l_tax) as t from lineitem group by 1), "
                + links.joined(separator: ", ") + " select s from c100"
        )
        // The last link is read once.
        #expect(plan.executable.kept.count == 100)
    }

    @Test(arguments: [
        "with r as (select n_name from nation where n_nationkey > 3) select * from r, r q",
        "with r as (select max(n_name) from nation) select * from r",
    ])
    func `a scan, or what is read once, is planned where it is read`(text: String) throws {
        #expect(try planned(text).executable.kept.isEmpty)
    }

    @Test func `columns of a common table that nobody reads are not kept`() throws {
        let plan = try planned(
            """
            with r as (select distinct l_suppkey as s, l_tax as t, l_comment as c from lineitem)
            select p.s from r p join r q on p.s = q.s
            """
        )
        guard case .once(let kept)? = plan.executable.kept.first else {
            Issue.record("nothing is kept")
            return
        }
        #expect(kept.segments.filter { if case .keep = $0.sink { true } else { false } }.count == 1)
        #expect(plan.storedTrees.first?.trees.first?.columns.map(\.name) == ["s"])
    }
}
