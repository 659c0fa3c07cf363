import Catalogs
import Planning
import SQLSyntax
import SQLTypes
import Synchronization
import Testing

/// Parsing, binding and planning ask whether their statement is to end.
@Suite struct CancelTests {
    private static let statements = [
        // Parsed and bound one by one.
        "SELECT count(*) FROM region WHERE r_regionkey IN (\(list(of: 9_000)))",
        "SELECT " + (0..<5_000).map { "\($0) + 1" }.joined(separator: ", "),
        // All orders of as many tables as are tried, and of more.
        joined(tables: 10), joined(tables: 20),
        // Rules, a common table, a subquery each.
        """
        WITH x AS (SELECT o_custkey AS k, count(*) AS n FROM orders GROUP BY 1)
        SELECT * FROM x a JOIN x b ON a.k = b.n
        WHERE a.n > (SELECT avg(n) FROM x) AND EXISTS (SELECT 1 FROM nation WHERE n_nationkey = a.k)
        """,
    ]

    private static func list(of count: Int) -> String {
        (0..<count).map(String.init).joined(separator: ", ")
    }

    private static func joined(tables: Int) -> String {
        let from = (0..<tables).map { "nation n\($0)" }.joined(separator: ", ")
        let equal = (1..<tables).map { "n\($0 - 1).n_nationkey = n\($0).n_regionkey" }
        return "SELECT count(*) FROM \(from) WHERE " + equal.joined(separator: " AND ")
    }

    @Test(arguments: statements.indices)
    func `a statement stops at any question before it runs`(index: Int) {
        let text = Self.statements[index]
        let (asked, error) = plan(text, stoppingAt: .max)
        #expect(error == nil && asked >= 8, "asked \(asked) times")
        for number in stride(from: 1, through: asked, by: max(1, asked / 5)) {
            let stopped = plan(text, stoppingAt: number)
            #expect(stopped == (number, "57014"))
        }
    }

    private func plan(_ text: String, stoppingAt number: Int) -> (count: Int, state: String?) {
        let asked = Mutex(0)
        let interruption = Interruption { () throws(SQLError) in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count == number { throw SQLError(.queryCanceled, "stop") }
        }
        var state: String?
        do {
            try interruption.bind { _ = try planned(text) }
        } catch { state = (error as? SQLError)?.state.code ?? "\(error)" }
        return (asked.withLock { $0 }, state)
    }
}
