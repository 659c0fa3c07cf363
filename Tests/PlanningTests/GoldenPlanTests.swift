import Catalogs
import Foundation
import Planning
import Testing

/// EXPLAIN's trees of the benchmarks' and the demonstration's queries under three layouts, as
/// files in `Goldens`, the demonstration's with their slice plans; `SLICEHOUSE_GOLDENS=write`
/// writes them anew.
@Suite struct GoldenPlanTests {
    /// A set of queries with the tables they read.
    enum Workload: String, CaseIterable {
        case tpch, ssb, flights, operators

        fileprivate var tables: [TPCHTable] {
            switch self {
            case .tpch, .operators: tpchTables
            case .ssb: ssbTables
            case .flights: flightTables
            }
        }

        /// Names and texts.
        fileprivate func queries() throws -> [(name: String, text: String)] {
            switch self {
            case .tpch, .ssb: try filesOfQueries(below: "../../sql/\(rawValue)")
            case .flights: statements(of: try read("../../sql/flights/demo.sql"))
            case .operators: statements(of: try read("Goldens/operators.sql"))
            }
        }
    }

    /// How a golden's tables lie.
    enum Layout: String, CaseIterable {
        case even, keys, all

        fileprivate func catalog(of tables: [TPCHTable]) -> TPCHCatalog {
            switch self {
            case .even: TPCHCatalog(.even, tables: tables)
            case .keys: TPCHCatalog(.keys, tables: tables, sorted: true)
            case .all: TPCHCatalog(.all, tables: tables)
            }
        }
    }

    @Test(arguments: Workload.allCases, Layout.allCases)
    func `plans are those of the golden`(workload: Workload, layout: Layout) throws {
        let catalog = layout.catalog(of: workload.tables)
        var text = ""
        for query in try workload.queries() {
            let lines = try lines(of: query.text, catalog, slices: workload == .flights)
            text += "-- \(query.name)\n\(lines.joined(separator: "\n"))\n\n"
        }
        let path = "Goldens/\(workload)-\(layout).txt"
        if ProcessInfo.processInfo.environment["SLICEHOUSE_GOLDENS"] == "write" {
            try text.write(to: url(path), atomically: true, encoding: .utf8)
        }
        let wanted = try read(path).split(separator: "\n", omittingEmptySubsequences: false)
        let got = text.split(separator: "\n", omittingEmptySubsequences: false)
        let difference = got.difference(from: wanted).map { change in
            switch change {
            case .remove(let line, let text, _): "\(line + 1) - \(text)"
            case .insert(let line, let text, _): "\(line + 1) + \(text)"
            }
        }
        #expect(difference.isEmpty, "\(path):\n\(difference.joined(separator: "\n"))")
    }

    private func lines(
        of text: String,
        _ catalog: TPCHCatalog,
        slices: Bool
    ) throws -> [String] {
        var settings = PlannerSettings()
        settings.explainSlices = slices
        return try explainText(planned(text, catalog, settings: settings), settings: settings)
    }

    /// Labels and operators as the format's description lists them, without what no plan of ours has.
    ///
    /// That is: S3's and nested data's, since there is neither; Materialize, since the inner rows
    /// of a nested loop are in memory; SubPlan, since subqueries become joins or InitPlans; Hash
    /// EXISTS Join, since EXISTS is an IN over rows; One-Time Filter, since a condition that is
    /// false stays with its scan, which then reads nothing; a Network of Broadcast, since only the
    /// inner side of a join is sent to all, which its label says. Ours alone: Hash Mark Join, and
    /// Hash Right IN Join, of a subquery that is larger than what it restricts.
    @Test(arguments: [
        "DS_DIST_NONE", "DS_DIST_ALL_NONE", "DS_DIST_INNER", "DS_DIST_OUTER", "DS_BCAST_INNER",
        "DS_DIST_ALL_INNER", "DS_DIST_BOTH",
        "XN Seq Scan on lineitem", "XN Subquery Scan", "XN Append  (", "XN Hash  (",
        "XN Hash Join DS_", "XN Hash Left Join DS_", "XN Hash Right Join DS_",
        "XN Hash Full Join DS_", "XN Hash IN Join DS_", "XN Hash NOT IN Join DS_",
        "XN Hash Right IN Join DS_", "XN Hash Mark Join DS_", "XN CTE Scan",
        "XN Hash NOT EXISTS Join DS_", "XN Merge Join DS_", "XN Nested Loop DS_",
        "XN Nested Loop Left Join DS_", "XN Aggregate  (", "XN HashAggregate  (",
        "XN GroupAggregate  (", "XN Unique  (", "XN Sort  (", "XN Merge  (", "XN Limit  (",
        "XN Network  (", "Send to leader", "Send to slice 0", "Distribute\n",
        "Distribute Round Robin\n", "XN Window  (",
        "XN SetOp Except  (", "XN Hash Intersect Distinct DS_", "XN Result  (", "InitPlan\n",
        "LD Seq Scan on", "Filter:", "Hash Cond:", "Merge Cond:", "Join Filter:", "Sort Key:",
        "Filter: false", "Merge Key:", "Order:", "Partition:",
        "----- Nested Loop Join in the query plan",
    ])
    func `every label and operator occurs`(_ word: String) throws {
        let occurs = try Workload.allCases.contains { workload in
            try Layout.allCases.contains { layout in
                try read("Goldens/\(workload)-\(layout).txt").contains(word)
            }
        }
        #expect(occurs)
    }
}

private func url(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: path).standardizedFileURL
}

private func read(_ path: String) throws -> String {
    try String(contentsOf: url(path), encoding: .utf8)
}

private func filesOfQueries(below path: String) throws -> [(name: String, text: String)] {
    try FileManager.default.contentsOfDirectory(at: url(path), includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "sql" && $0.lastPathComponent.hasPrefix("q") }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
        .map { file in
            (
                file.deletingPathExtension().lastPathComponent,
                try String(contentsOf: file, encoding: .utf8)
            )
        }
}

/// The queries of a script: named by the comment or the `\echo` above.
private func statements(of script: String) -> [(name: String, text: String)] {
    var queries: [(name: String, text: String)] = []
    var name = ""
    var text: [Substring] = []
    for line in script.split(separator: "\n") {
        if text.isEmpty, line.hasPrefix("--") || line.hasPrefix("\\") {
            name = line.drop { $0 != " " }.filter { $0 != "'" }.dropFirst().description
            continue
        }
        if text.isEmpty, line == "EXPLAIN" { continue }
        text.append(line)
        guard line.hasSuffix(";") else { continue }
        let statement = text.joined(separator: "\n").dropLast().description
        text = []
        // What the system's own tables say is no plan of the workload.
        if !statement.contains("svl_") && !statement.contains("stv_tbl_perm") {
            queries.append((name, statement))
        }
    }
    return queries
}
