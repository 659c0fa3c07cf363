import Foundation
import SQLTypes
import Testing

@testable import SQLSyntax

/// The queries of TPC-H and of the Star Schema Benchmark, as they lie under `sql`.
@Suite struct TPCHTests {
    @Test func `all queries of both benchmarks are there`() {
        #expect(Self.queries(of: "tpch").count == 22)
        #expect(Self.queries(of: "ssb").count == 13)
    }

    @Test(arguments: queries(of: "tpch") + queries(of: "ssb"))
    func `every query parses, and parses again from its deparsed text`(file: URL) throws {
        let statements = try parseStatements(String(contentsOf: file, encoding: .utf8))
        #expect(!statements.isEmpty)
        for (statement, _) in statements {
            guard case .query(let query) = statement else { continue }
            let deparsed = query.deparsed
            #expect(try SQLSyntaxTests.query(deparsed).deparsed == deparsed)
        }
    }

    static func queries(of benchmark: String) -> [URL] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../sql/\(benchmark)").standardizedFileURL
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder,
            includingPropertiesForKeys: nil
        )
        return (files ?? []).filter {
            $0.pathExtension == "sql" && $0.lastPathComponent.hasPrefix("q")
        }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}
