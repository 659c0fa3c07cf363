import Foundation
import Synchronization
import Testing
import Warehouse

/// Statements of every kind, cancelled from another thread at random instants.
@Suite struct CancelTests {
    private static let statements = [
        // A sort of many rows, one whose keys tie, a top-N, an aggregate of as many groups.
        "SELECT a.n * 1000 + b.n AS k FROM n a, n b ORDER BY k DESC",
        "SELECT 'the same beginning ' || (a.n * 7 + b.n) AS k FROM n a, n b ORDER BY k",
        "SELECT a.n + b.n AS k FROM n a, n b ORDER BY k LIMIT 10",
        "SELECT a.n * 1000 + b.n AS k, count(*) FROM n a, n b GROUP BY k",
        "SELECT count(DISTINCT a.n * 1000 + b.n) FROM n a, n b",
        // A large build side, of integers and of texts; an outer join whose rows all match.
        "SELECT count(*) FROM n JOIN (SELECT a.n * 1000 + b.n AS k FROM n a, n b) x ON n.n = x.k",
        """
        SELECT count(*) FROM n JOIN (SELECT 'x' || (a.n * 1000 + b.n) AS k FROM n a, n b) x
        ON 'x' || n.n = x.k
        """,
        "SELECT count(*) FROM n a FULL JOIN (SELECT a.n + b.n AS k FROM n a, n b) x ON a.n = x.k",
        // Writing, replacing and deleting rows.
        "INSERT INTO w SELECT a.n * 1000 + b.n, 'text ' || b.n FROM n a, n b",
        "CREATE TABLE made AS SELECT a.n * 1000 + b.n AS k FROM n a, n b",
        "UPDATE w SET s = s || 'y'", "DELETE FROM w WHERE n % 3 = 1",
        "VACUUM w TO 100 PERCENT",
        // Loops without an end in sight.
        "SELECT count(*) FROM n a, n b, n c, n d WHERE a.n + b.n + c.n + d.n = -1",
    ]

    @Test(arguments: [21, 22])
    func `a cancel at any instant ends the statement and leaves the session usable`(
        seed: UInt64
    ) throws {
        print("CancelTests: seed \(seed)")
        var generator = SplitMix(seed: seed)
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        try session.run("CREATE TABLE n (n integer) DISTSTYLE EVEN")
        try session.run("CREATE TABLE w (n integer, s varchar(40)) SORTKEY (s)")
        let values = (0..<150).map { "(\($0))" }.joined(separator: ", ")
        try session.run("INSERT INTO n VALUES \(values)")
        try session.run("INSERT INTO w SELECT a.n * 1000 + b.n, 'text ' || b.n FROM n a, n b")
        var cancelledCount = 0
        for statement in Self.statements {
            let before = try session.rows("SELECT count(*), sum(n), max(s) FROM w")
            let isRunning = Atomic<Bool>(true)
            let delay = UInt32.random(in: 0...40_000, using: &generator)
            let state = Mutex<String?>(nil)
            inThreads(2) { number in
                if number == 0 {
                    let outcome = session.state(statement)
                    state.withLock { $0 = outcome }
                    isRunning.store(false, ordering: .releasing)
                } else {
                    usleep(delay)
                    // One that comes before the statement begins has nothing to act on.
                    while isRunning.load(ordering: .acquiring) {
                        session.cancel()
                        usleep(1_000)
                    }
                }
            }
            let outcome = state.withLock { $0 }
            #expect(outcome == nil || outcome == "57014", "seed \(seed): \(statement)")
            if outcome != nil {
                cancelledCount += 1
                // Nothing of it is there.
                #expect(
                    try session.rows("SELECT count(*), sum(n), max(s) FROM w") == before,
                    "seed \(seed): \(statement)"
                )
                #expect(session.state("SELECT * FROM made") == "42P01")
            }
            _ = session.state("DROP TABLE IF EXISTS made")
        }
        // The last one never ends by itself.
        #expect(cancelledCount > 0)
    }

    @Test func `a cancelled statement is told by its number, and its block has failed`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        try session.run("CREATE TABLE n (n integer)")
        let values = (0..<100).map { "(\($0))" }.joined(separator: ", ")
        try session.run("INSERT INTO n VALUES \(values)")
        try session.run("BEGIN")
        let isRunning = Atomic<Bool>(true)
        let failure = Mutex<SQLError?>(nil)
        inThreads(2) { number in
            if number == 1 {
                while isRunning.load(ordering: .acquiring) {
                    session.cancel()
                    usleep(1_000)
                }
                return
            }
            do throws(SQLError) {
                try session.execute(
                    "SELECT count(*) FROM n a, n b, n c, n d, n e, n f",
                    into: EventSink()
                )
            } catch { failure.withLock { $0 = error } }
            isRunning.store(false, ordering: .releasing)
        }
        let error = try #require(failure.withLock { $0 })
        #expect(error.state.code == "57014")
        #expect(error.message.hasPrefix("Query "))
        #expect(error.message.hasSuffix("canceled on user's request"))
        #expect(session.transactionStatus == .failed)
        #expect(session.state("SELECT 1") == "25P02")
        try session.run("ROLLBACK")
        #expect(try session.rows("SELECT count(*) FROM n") == ["100"])
    }

    @Test func `one session cancels and ends what another runs`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        let other = warehouse.makeSession()
        try session.run("CREATE TABLE n (n integer)")
        let values = (0..<100).map { "(\($0))" }.joined(separator: ", ")
        try session.run("INSERT INTO n VALUES \(values)")
        let id = try #require(try session.rows("SELECT pg_backend_pid()").first)
        let commands = [
            "SELECT pg_cancel_backend(\(id))", "CANCEL \(id) 'enough'",
            "SELECT pg_terminate_backend(\(id))",
        ]
        for command in commands {
            let isRunning = Atomic<Bool>(true)
            let state = Mutex<String?>(nil)
            inThreads(2) { number in
                if number == 0 {
                    let outcome = session.state(
                        "SELECT count(*) FROM n a, n b, n c, n d, n e, n f"
                    )
                    state.withLock { $0 = outcome }
                    isRunning.store(false, ordering: .releasing)
                } else {
                    // The first ones may come before the statement begins.
                    while isRunning.load(ordering: .acquiring) {
                        #expect(other.state(command) == nil)
                        usleep(1_000)
                    }
                }
            }
            let outcome = state.withLock { $0 }
            let isEnd = command.contains("terminate")
            #expect(outcome == "57014" || (isEnd && outcome == "57P01"), "\(command)")
            #expect(session.state("SELECT 1") == (isEnd ? "57P01" : nil))
        }
        #expect(try other.rows("SELECT count(*) FROM n") == ["100"])
    }
}
