import Testing

@testable import Warehouse

/// EXPLAIN's promise of blocks and units against what EXPLAIN ANALYZE counts.
@Suite struct ScanForecastTests {
    private struct Counts: Equatable {
        var blocks = 0
        var blockCount = 0
        var units = 0
        var unitCount = 0
    }

    private func withTables(_ body: (Session) throws -> Void) throws {
        var options = WarehouseOptions()
        options.memoryBytes = 256 << 20
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close { _ in } }
        let session = warehouse.makeSession()
        for statement in [
            "CREATE TABLE f (id int, v varchar(20)) DISTSTYLE EVEN SORTKEY (id)",
            "INSERT INTO f SELECT n, 'a' FROM generate_series(1, 20000) AS g(n)",
            "INSERT INTO f SELECT n, 'b' FROM generate_series(20001, 40000) AS g(n)",
            "INSERT INTO f SELECT n, 'c' FROM generate_series(40001, 60000) AS g(n)",
            "CREATE TABLE a (n int, m int) DISTSTYLE ALL",
            "INSERT INTO a SELECT n, n FROM generate_series(1, 9000) AS g(n)",
            "CREATE TABLE s (id int, k int) DISTKEY (k)",
            "INSERT INTO s SELECT n, 7 FROM generate_series(1, 9000) AS g(n)",
        ] { _ = try session.rows(statement) }
        try body(session)
    }

    private func numbers(_ line: String) -> [Int] {
        line.split { !$0.isNumber }.compactMap { Int($0) }
    }

    private func promised(_ query: String, _ session: Session) throws -> (Counts, Bool) {
        let line = try session.rows("EXPLAIN " + query).first { $0.contains(" reads ") }
        let found = numbers(try #require(line))
        let counts = Counts(
            blocks: found[0],
            blockCount: found[1],
            units: found[2],
            unitCount: found[3]
        )
        return (counts, line?.contains("at most") == false)
    }

    private func actual(_ query: String, _ session: Session) throws -> Counts {
        let line = try session.rows("EXPLAIN ANALYZE " + query).first { $0.contains(" blocks ") }
        let text = try #require(line)
        let start = try #require(text.firstRange(of: " blocks ")).lowerBound
        let found = numbers(String(text[start...]))
        return Counts(
            blocks: found[0],
            blockCount: found[0] + found[1],
            units: found[2],
            unitCount: found[2] + found[3]
        )
    }

    @Test(arguments: [
        "SELECT id, v FROM f",
        "SELECT id FROM f WHERE id > 0",
        "SELECT v FROM f WHERE id BETWEEN 20001 AND 40000",
        "SELECT id FROM f WHERE id > 90000",
        "SELECT n FROM a",
        "SELECT id FROM s WHERE k = 7",
    ])
    func `what is promised is read`(_ query: String) throws {
        try withTables { session in
            let (promise, isExact) = try promised(query, session)
            let counts = try actual(query, session)
            #expect(isExact)
            #expect(promise == counts)
        }
    }

    @Test func `blocks of other loads are not promised`() throws {
        try withTables { session in
            let query = "SELECT v FROM f WHERE id BETWEEN 20001 AND 40000"
            let (promise, _) = try promised(query, session)
            #expect(promise.blocks * 3 == promise.blockCount)
            #expect(promise.units * 3 == promise.unitCount)
        }
    }

    @Test func `what units may still spare is said to be at most`() throws {
        try withTables { session in
            let query = "SELECT v FROM f WHERE id BETWEEN 25000 AND 25100"
            let (promise, isExact) = try promised(query, session)
            let counts = try actual(query, session)
            #expect(!isExact)
            #expect(promise.blockCount == counts.blockCount)
            #expect(promise.unitCount == counts.unitCount)
            #expect(promise.blocks >= counts.blocks)
            #expect(promise.units > counts.units)
        }
    }

    @Test func `a slice that reads far more than others is named`() throws {
        try withTables { session in
            let even = try session.rows("EXPLAIN SELECT id, v FROM f")
            #expect(!even.contains { $0.contains("uneven") })
            let skewed = try session.rows("EXPLAIN SELECT id FROM s")
            #expect(skewed.contains { $0.contains("uneven: slice") })
        }
    }
}
