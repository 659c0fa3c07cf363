import Dispatch
import Foundation
import Synchronization
import Testing
import Warehouse

/// Eight sessions on eight threads against a model.
///
/// Every table has a row with key -1 whose value counts the transactions that changed the table.
/// Who changes a table adds one to it and reads it, so each committed change knows its place in
/// the table's history; whatever a reader saw must be the model's state at the number it saw.
@Suite struct ConcurrentSessionTests {
    @Test(arguments: [11, 12, 13])
    func `eight sessions read, change, roll back and are cancelled`(seed: UInt64) throws {
        print("ConcurrentSessionTests: seed \(seed)")
        let rig = try ConcurrencyRig(seed: seed)
        defer { rig.close() }
        rig.runThreads(8, transactions: 12)
        rig.checkHistory()
    }

    @Test func `a reader waits for no writer`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let writer = warehouse.makeSession()
        let reader = warehouse.makeSession()
        try writer.run("CREATE TABLE t (a integer)")
        try writer.run("INSERT INTO t VALUES (1)")
        // A reader that waits fails in a minute instead of never.
        try reader.run("SET statement_timeout TO 60000")
        for change in [
            "INSERT INTO t VALUES (2)", "UPDATE t SET a = a + 1", "DELETE FROM t", "DROP TABLE t",
        ] {
            try writer.run("BEGIN")
            try writer.run(change)
            #expect(try reader.rows("SELECT a FROM t") == ["1"], "\(change)")
            try writer.run("ROLLBACK")
        }
        // And the reverse: an open snapshot keeps no writer from committing.
        try reader.run("BEGIN")
        #expect(try reader.rows("SELECT sum(a) FROM t") == ["1"])
        try writer.run("SET statement_timeout TO 60000")
        try writer.run("UPDATE t SET a = 5")
        try writer.run("DROP TABLE t")
        #expect(try reader.rows("SELECT sum(a) FROM t") == ["1"])
        try reader.run("COMMIT")
        #expect(reader.state("SELECT a FROM t") == "42P01")
    }

    @Test func `two sessions that wait for each other are told of the deadlock`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let sessions = [warehouse.makeSession(), warehouse.makeSession()]
        try sessions[0].run("CREATE TABLE a (n integer)")
        try sessions[0].run("CREATE TABLE b (n integer)")
        for (session, table) in zip(sessions, ["a", "b"]) {
            try session.run("SET statement_timeout TO 60000")
            try session.run("BEGIN")
            try session.run("INSERT INTO \(table) VALUES (1)")
        }
        let states = Mutex<[String]>([])
        inThreads(2) { number in
            let table = number == 0 ? "b" : "a"
            let state = sessions[number].state("INSERT INTO \(table) VALUES (2)") ?? "00000"
            states.withLock { $0.append(state) }
            // The other waits for what this one holds.
            _ = sessions[number].state("ROLLBACK")
        }
        #expect(states.withLock { $0.sorted() } == ["00000", "40P01"])
    }

    @Test func `one statement runs at a time in a session, and columns come before rows`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        let sink = EventSink()
        try session.execute("SELECT 1::bigint AS n, 'x'::varchar(7) AS t", into: sink)
        #expect(sink.events == ["n bigint, t character varying(7)", "1|x", "SELECT 1"])
        let empty = EventSink()
        try session.execute("SELECT 1 AS n WHERE 1 = 0", into: empty)
        #expect(empty.events == ["n integer", "SELECT 0"])
        let tagOnly = EventSink()
        try session.execute("CREATE TABLE t (a integer)", into: tagOnly)
        #expect(tagOnly.events == ["CREATE TABLE"])
    }
}

// MARK: - The machine that runs it

/// Changes to the model's table, as SQL and as what they do.
private enum Change: Sendable {
    case insert(keys: [Int], value: Int)
    case add(Int, divisor: Int, rest: Int)
    case delete(divisor: Int, rest: Int)

    func sql(_ table: String) -> String {
        switch self {
        case .insert(let keys, let value):
            "INSERT INTO \(table) VALUES "
                + keys.map { "(\($0), \(value))" }.joined(separator: ", ")
        case .add(let value, let divisor, let rest):
            "UPDATE \(table) SET v = v + \(value) WHERE k >= 0 AND k % \(divisor) = \(rest)"
        case .delete(let divisor, let rest):
            "DELETE FROM \(table) WHERE k >= 0 AND k % \(divisor) = \(rest)"
        }
    }

    func apply(to rows: inout [Int: Int]) {
        switch self {
        case .insert(let keys, let value): for key in keys { rows[key, default: 0] = value }
        case .add(let value, let divisor, let rest):
            for key in rows.keys where key >= 0 && key % divisor == rest {
                rows[key, default: 0] += value
            }
        case .delete(let divisor, let rest):
            rows = rows.filter { $0.key < 0 || $0.key % divisor != rest }
        }
    }
}

/// What one committed transaction did to one table.
private struct Commit: Sendable {
    var transaction: Int
    var table: Int
    var version: Int
    var changes: [Change]
}

/// What a transaction saw of a table in one statement.
private struct Sight: Sendable, Equatable {
    var table: Int
    var version: Int
    var count: Int
    var sum: Int
}

private final class ConcurrencyRig: Sendable {
    private static let styles = ["EVEN", "KEY DISTKEY(k)", "ALL", "AUTO"]
    private static let allowed: Set<String> = ["40001", "40P01", "57014"]
    private static let allowedOfDefinitions = allowed.union([
        "42P01", "42P07", "3F000", "42P06", "2BP01",
    ])

    private struct History {
        var commits: [Commit] = []
        var sights: [[Sight]] = []
        var unexpected: [String] = []
        var conflicts: [String: Int] = [:]
    }

    private let seed: UInt64
    private let warehouse: Warehouse
    private let sessions: [Session]
    private let history = Mutex(History())
    private let nextKey = Atomic<Int>(1_000)
    private let nextTransaction = Atomic<Int>(0)

    init(seed: UInt64) throws {
        self.seed = seed
        warehouse = try smallWarehouse()
        sessions = (0..<8).map { [warehouse] _ in warehouse.makeSession() }
        for (number, style) in Self.styles.enumerated() {
            try sessions[0].run("CREATE TABLE t\(number) (k integer, v bigint) DISTSTYLE \(style)")
            try sessions[0].run("INSERT INTO t\(number) VALUES (-1, 0)")
        }
    }

    func close() { warehouse.close() }

    func runThreads(_ count: Int, transactions: Int) {
        let running = Atomic<Int>(count - 1)
        inThreads(count) { [self] number in
            var generator = SplitMix(seed: seed &* 1_000 &+ UInt64(number))
            if number == count - 1 {
                // The last thread cancels the others, and works a little itself.
                while running.load(ordering: .relaxed) > 0 {
                    let victim = Int.random(in: 0..<(count - 1), using: &generator)
                    sessions[victim].cancel()
                    definitions(sessions[number], &generator)
                    usleep(UInt32.random(in: 0...200_000, using: &generator))
                }
                return
            }
            for _ in 0..<transactions { transact(sessions[number], &generator) }
            running.subtract(1, ordering: .relaxed)
        }
    }

    /// One random transaction, noted where it committed.
    private func transact(_ session: Session, _ generator: inout SplitMix) {
        let id = nextTransaction.add(1, ordering: .relaxed).oldValue
        var commits: [Commit] = []
        var sights: [Sight] = []
        do {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: return definitions(session, &generator)
            case 1..<4:
                try session.run("BEGIN")
                for _ in 0..<3 {
                    sights.append(try look(session, Int.random(in: 0..<4, using: &generator)))
                }
                sights.append(try look(session, sights[0].table))
                try session.run("COMMIT")
            default:
                try session.run("BEGIN")
                for _ in 0..<Int.random(in: 1...2, using: &generator) {
                    let table = Int.random(in: 0..<4, using: &generator)
                    if commits.contains(where: { $0.table == table }) { continue }
                    commits.append(try change(session, table, id, &generator))
                }
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    try session.run("ROLLBACK")
                    commits = []
                } else {
                    try session.run("COMMIT")
                }
            }
        } catch {
            note(error, allowed: Self.allowed, session)
            // What a transaction saw was so, whether or not it went on.
            commits = []
        }
        history.withLock {
            $0.commits += commits
            $0.sights.append(sights)
        }
    }

    /// Some changes to a table, counted in the table itself.
    private func change(
        _ session: Session,
        _ table: Int,
        _ transaction: Int,
        _ generator: inout SplitMix
    ) throws -> Commit {
        let name = "t\(table)"
        try session.run("UPDATE \(name) SET v = v + 1 WHERE k = -1")
        var changes: [Change] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let divisor = Int.random(in: 2...7, using: &generator)
            let rest = Int.random(in: 0..<divisor, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: changes.append(.delete(divisor: divisor, rest: rest))
            case 1, 2:
                let value = Int.random(in: -50...50, using: &generator)
                changes.append(.add(value, divisor: divisor, rest: rest))
            default:
                let count = Int.random(in: 1...5, using: &generator)
                let first = nextKey.add(count, ordering: .relaxed).oldValue
                let value = Int.random(in: 0..<100, using: &generator)
                changes.append(.insert(keys: Array(first..<first + count), value: value))
            }
        }
        for change in changes { try session.run(change.sql(name)) }
        let version = try session.rows("SELECT v FROM \(name) WHERE k = -1")
        return Commit(
            transaction: transaction,
            table: table,
            version: version.first.flatMap { Int($0) } ?? -1,
            changes: changes
        )
    }

    private func look(_ session: Session, _ table: Int) throws -> Sight {
        let row = try session.rows(
            """
            SELECT max(CASE WHEN k = -1 THEN v END), count(*), sum(v) FROM t\(table)
            """
        )
        let numbers = row.first?.split(separator: "|").compactMap { Int($0) } ?? []
        guard numbers.count == 3 else {
            throw SQLError(.internalError, "a table was seen without its first row: \(row)")
        }
        return Sight(table: table, version: numbers[0], count: numbers[1], sum: numbers[2])
    }

    /// Tables and schemas of everyone, made and dropped by everyone.
    private func definitions(_ session: Session, _ generator: inout SplitMix) {
        let number = Int.random(in: 0..<2, using: &generator)
        let statements = [
            "CREATE SCHEMA s\(number)", "DROP SCHEMA s\(number) CASCADE",
            "CREATE TABLE s\(number).d (a integer, b varchar(10))",
            "CREATE TABLE s\(number).e AS SELECT k, v FROM t0",
            "DROP TABLE s\(number).d", "INSERT INTO s\(number).d VALUES (1, 'x')",
            "TRUNCATE s\(number).d", "SELECT count(*) FROM s\(number).e",
        ]
        let inBlock = Bool.random(using: &generator)
        do {
            if inBlock { try session.run("BEGIN") }
            for _ in 0..<2 {
                try session.run(statements.randomElement(using: &generator) ?? "SELECT 1")
            }
            if inBlock { try session.run("COMMIT") }
        } catch {
            note(error, allowed: Self.allowedOfDefinitions, session)
        }
    }

    /// Whether another transaction has changed or dropped what this one was about to change.
    private static func isConflict(_ error: any Error) -> Bool {
        ["1018", "1023"].contains((error as? SQLError)?.message)
    }

    private func note(_ error: any Error, allowed: Set<String>, _ session: Session) {
        let state = (error as? SQLError)?.state.code ?? "?"
        history.withLock { history in
            history.conflicts[state, default: 0] += 1
            if !allowed.contains(state) && !Self.isConflict(error) {
                history.unexpected.append("\(error)")
            }
        }
        // A cancel may meet this one too.
        while session.transactionStatus != .idle { _ = session.state("ROLLBACK") }
    }

    /// Replays the committed changes and compares whatever was seen.
    func checkHistory() {
        let history = history.withLock { $0 }
        print("ConcurrentSessionTests: \(history.commits.count) changes, \(history.conflicts)")
        #expect(history.unexpected.isEmpty, "seed \(seed): \(history.unexpected)")
        for table in Self.styles.indices { checkTable(table, history) }
        checkCuts(history)
    }

    private func checkTable(_ table: Int, _ history: History) {
        let commits = history.commits.filter { $0.table == table }.sorted {
            $0.version < $1.version
        }
        #expect(commits.map(\.version) == commits.indices.map { $0 + 1 })
        var rows = [-1: 0]
        var states = [Sight(table: table, version: 0, count: 1, sum: 0)]
        for commit in commits {
            rows[-1] = commit.version
            for change in commit.changes { change.apply(to: &rows) }
            states.append(
                Sight(
                    table: table,
                    version: commit.version,
                    count: rows.count,
                    sum: rows.values.reduce(0, +)
                )
            )
        }
        for sight in history.sights.joined() where sight.table == table {
            let isKnown = states.indices.contains(sight.version)
            #expect(isKnown && states[sight.version] == sight, "seed \(seed): \(sight)")
        }
        let expected = rows.map { "\($0.key)|\($0.value)" }.sorted()
        let found = (try? sessions[0].rows("SELECT k, v FROM t\(table)").sorted()) ?? []
        #expect(found == expected, "seed \(seed): table t\(table)")
    }

    /// Looks of one transaction show one state: of each other transaction all or nothing.
    private func checkCuts(_ history: History) {
        let byTransaction = Dictionary(grouping: history.commits, by: \.transaction)
        for sights in history.sights {
            for first in sights {
                for second in sights where second.table == first.table {
                    #expect(first == second, "seed \(seed): a look was not repeated")
                }
            }
            for commits in byTransaction.values where commits.count > 1 {
                let isSeen = commits.compactMap { commit in
                    sights.first { $0.table == commit.table }.map { $0.version >= commit.version }
                }
                #expect(Set(isSeen).count <= 1, "seed \(seed): half of a transaction was seen")
            }
        }
    }
}

// MARK: - Sessions in threads

/// A temporary warehouse of two nodes with two slices each.
func smallWarehouse() throws -> Warehouse {
    var options = WarehouseOptions()
    options.memoryBytes = 512 << 20
    return try Warehouse.open(options) { _ in }
}

/// Runs `body` on `count` threads at once and waits for all.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        let thread = Thread {
            body(number)
            group.leave()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
    group.wait()
}

extension Session {
    /// Runs a statement whose outcome nobody reads.
    func run(_ statement: String) throws { try execute(statement, into: EventSink()) }

    /// A query's rows, their values joined by `|`.
    func rows(_ query: String) throws -> [String] {
        let sink = EventSink()
        try execute(query, into: sink)
        return Array(sink.events.dropFirst().dropLast())
    }

    /// The SQLSTATE a statement fails with; nil where it does not.
    func state(_ statement: String) -> String? {
        do {
            try run(statement)
            return nil
        } catch { return (error as? SQLError)?.state.code ?? "?" }
    }
}

/// Keeps what a sink is told: columns, rows as values joined by `|`, the tag.
final class EventSink: ResultSink {
    private(set) var events: [String] = []

    func begin(columns: [ResultColumn]) throws(SQLError) {
        events.append(columns.map { "\($0.name) \($0.type)" }.joined(separator: ", "))
    }

    func rows(_ batch: RowBatch) throws(SQLError) {
        for row in 0..<batch.rowCount {
            events.append(
                batch.columns.indices.map { batch.text(row: row, column: $0) ?? "NULL" }
                    .joined(separator: "|")
            )
        }
    }

    func finish(tag: String) throws(SQLError) { events.append(tag) }

    func notice(_ notice: SQLNotice) {}
}

/// A generator that gives the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
