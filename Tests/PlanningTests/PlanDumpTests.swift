import Testing

@testable import Planning

/// EXPLAIN VERBOSE's dump of nodes.
@Suite struct PlanDumpTests {
    private func dump(_ text: String) throws -> [String] {
        PlanDump.lines(of: try planned(text, TPCHCatalog(), settings: PlannerSettings()))
    }

    @Test func `a scan's fields stand in PostgreSQL's order`() throws {
        let lines = try dump("SELECT n_name FROM nation WHERE n_nationkey = 3")
        let names = lines.compactMap { line -> Substring? in
            let text = line.drop { $0 == " " }
            return text.first == ":" ? text.dropFirst().prefix { $0 != " " } : nil
        }
        let scan = try #require(lines.firstIndex { $0.contains("{SEQSCAN") })
        #expect(lines[scan + 1].contains(":startup_cost 0.00"))
        #expect(lines.contains { $0.contains(":qual (n_nationkey = 3)") })
        let expected: [Substring] = [
            "startup_cost", "total_cost", "plan_rows", "plan_width", "targetlist", "qual",
            "lefttree", "righttree", "scanrelid",
        ]
        let start = try #require(names.lastIndex(of: "startup_cost"))
        #expect(Array(names[start...].prefix(expected.count)) == expected)
    }

    @Test(arguments: [
        "SELECT 1",
        "SELECT n_name FROM nation UNION ALL SELECT r_name FROM region",
        "SELECT r_name, count(*) FROM nation JOIN region ON n_regionkey = r_regionkey GROUP BY 1",
        "SELECT n_name FROM nation WHERE n_nationkey > (SELECT max(r_regionkey) FROM region)",
        "SELECT rank() OVER (PARTITION BY n_regionkey ORDER BY n_name) FROM nation LIMIT 2",
        "WITH c AS (SELECT n_name FROM nation) SELECT * FROM c x JOIN c y ON x.n_name = y.n_name",
    ])
    func `every block that opens is closed where it began`(_ text: String) throws {
        var open: [Int] = []
        for line in try dump(text) {
            let indent = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(indent)
            if rest.first == "{" { open.append(indent) }
            if rest == "}" { #expect(open.popLast() == indent) }
        }
        #expect(open.isEmpty)
    }

    @Test func `a hash join shows its clauses, its label and the table it builds`() throws {
        let lines = try dump(
            "SELECT n_name, r_name FROM nation JOIN region ON n_regionkey = r_regionkey"
        ).map { String($0.drop { $0 == " " }) }
        let join = try #require(lines.firstIndex(of: "{HASHJOIN"))
        #expect(lines[join...].contains("{HASH"))
        #expect(lines.contains(":jointype 0"))
        #expect(lines.contains { $0.hasPrefix(":hashclauses ((\"outer\".n_regionkey") })
        #expect(lines.contains { $0.hasPrefix(":dist_info.label DS_") })
    }
}
