import Foundation
import Synchronization
import Testing
import Warehouse

/// Eight sessions run random transactions, and what each saw is checked against what snapshot
/// isolation rules out; SERIALIZABLE ones must not show write skew either.
///
/// `SLICEHOUSE_HISTORY_SECONDS` lets them go on for that long; without it a fixed number of
/// rounds is run. Every round has tables of its own, small enough to check each look.
@Suite struct HistoryTests {
    @Test func `random transactions of eight sessions show no anomaly`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["SLICEHOUSE_HISTORY_SECONDS"].flatMap { Double($0) }
        let seed = environment["SLICEHOUSE_HISTORY_SEED"].flatMap { UInt64($0) } ?? 5
        let start = Date()
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        var total = RoundCounts()
        var round = 0
        repeat {
            let run = try HistoryRound(warehouse, number: round, seed: seed)
            total.add(try run.run(transactionsPerSession: 12))
            round += 1
        } while seconds.map { Date().timeIntervalSince(start) < $0 } ?? (round < 3)
        let rate = Double(total.committed) / Date().timeIntervalSince(start)
        print(
            """
            HistoryTests: seed \(seed), \(round) rounds, \(total.committed) transactions \
            committed, \(total.failed) refused, \(total.rolledBack) rolled back, \
            \(total.looks) looks, \(Int(rate)) commits a second.
            """
        )
        #expect(total.committed > 100)
        #expect(total.looks > 100)
    }

    @Test(arguments: Anomaly.allCases)
    func `the checker finds an anomaly that is put in by hand`(anomaly: Anomaly) {
        #expect(Set(history(with: nil).anomalies.map(\.anomaly)) == [])
        #expect(Set(history(with: anomaly).anomalies.map(\.anomaly)) == [anomaly])
    }

    /// Four transactions in order, with one thing that must not be.
    private func history(with anomaly: Anomaly?) -> TransactionHistory {
        typealias Look = ObservedTransaction.Look
        var first = ObservedTransaction(number: 1, isCommitted: true, began: 1, ended: 10)
        first.writes = [0: [1, 2], 1: [3]]
        first.increments = [.init(counter: 0, read: 0)]
        var second = ObservedTransaction(number: 2, isCommitted: true, began: 2, ended: 11)
        second.writes = [0: [4], 1: [5]]
        second.looks = [Look(table: 1, values: [5], own: [5])]
        second.increments = [.init(counter: 0, read: 1)]
        var failed = ObservedTransaction(number: 3, began: 3, ended: 12)
        failed.writes = [0: [6]]
        // They began before the commits of the others were acknowledged.
        var reader = ObservedTransaction(number: 4, isCommitted: true, began: 4, ended: 13)
        reader.looks = [
            Look(table: 0, values: [1, 2], own: []), Look(table: 0, values: [1, 2], own: []),
            Look(table: 1, values: [3], own: []),
        ]
        var late = ObservedTransaction(number: 5, isCommitted: true, began: 5, ended: 14)
        late.looks = [Look(table: 0, values: [1, 2, 4], own: [])]
        var final = 2
        switch anomaly {
        case nil: break
        case .inventedValue: reader.looks[2].values.insert(99)
        case .dirtyRead: reader.looks[0].values.insert(6)
        case .lostOwnWrite: second.looks[0].values = []
        case .halfVisible: reader.looks.removeLast(2); reader.looks[0].values = [1]
        case .nonRepeatableRead: reader.looks[1].values.insert(4)
        case .readSkew: reader.looks[2].values = []
        case .staleRead:
            late.began = 20
            late.ended = 21
            late.looks[0].values = [1, 2]
        case .longFork: late.looks[0].values = [4]
        case .lostUpdate:
            second.increments[0].read = 0
            final = 1
        }
        return TransactionHistory(
            transactions: [first, second, failed, reader, late],
            counters: [0: final]
        )
    }
}

/// What became of the transactions.
private struct RoundCounts {
    var committed = 0
    var failed = 0
    var rolledBack = 0
    var looks = 0

    mutating func add(_ other: RoundCounts) {
        committed += other.committed
        failed += other.failed
        rolledBack += other.rolledBack
        looks += other.looks
    }
}

/// Random transactions on tables of their own, then the check.
private final class HistoryRound: Sendable {
    private static let styles = ["EVEN", "KEY DISTKEY(v)", "ALL", "AUTO"]
    private static let counterCount = 2
    private static let startSum = 60

    private struct State {
        var history = TransactionHistory()
        var counts = RoundCounts()
        var unexpected: [String] = []
    }

    private let warehouse: Warehouse
    private let number: Int
    private let seed: UInt64
    private let state = Mutex(State())
    private let clock = Atomic<Int>(0)
    private let nextValue = Atomic<Int>(1)

    init(_ warehouse: Warehouse, number: Int, seed: UInt64) throws {
        self.warehouse = warehouse
        self.number = number
        self.seed = seed
        let session = warehouse.makeSession()
        for (table, style) in Self.styles.enumerated() {
            try session.run("CREATE TABLE h\(number)_\(table) (v integer) DISTSTYLE \(style)")
        }
        for counter in 0..<Self.counterCount {
            try session.run("CREATE TABLE c\(number)_\(counter) (n integer)")
            try session.run("INSERT INTO c\(number)_\(counter) VALUES (0)")
        }
        for account in ["x", "y"] {
            try session.run("CREATE TABLE \(account)\(number) (n integer)")
            try session.run("INSERT INTO \(account)\(number) VALUES (\(Self.startSum / 2))")
        }
    }

    func run(transactionsPerSession count: Int) throws -> RoundCounts {
        inThreads(8) { [self] thread in
            let session = warehouse.makeSession()
            let part = UInt64(number) &* 8 &+ UInt64(thread)
            var generator = SplitMix(seed: seed &* 1_000_003 &+ part)
            for _ in 0..<count { transact(session, &generator) }
        }
        let session = warehouse.makeSession()
        var history = state.withLock { $0.history }
        for counter in 0..<Self.counterCount {
            let name = "c\(number)_\(counter)"
            history.counters[counter] = try self.number(in: name, session)
        }
        let where_ = "seed \(seed), round \(number)"
        for (anomaly, text) in history.anomalies {
            Issue.record("\(where_): \(anomaly.rawValue), \(text)")
        }
        let sum =
            try self.number(in: "x\(number)", session) + self.number(in: "y\(number)", session)
        #expect(sum >= 0, "\(where_): write skew under SERIALIZABLE")
        let unexpected = state.withLock { $0.unexpected }
        #expect(unexpected.isEmpty, "\(where_): \(unexpected)")
        for table in Self.styles.indices { try session.run("DROP TABLE h\(number)_\(table)") }
        return state.withLock { $0.counts }
    }

    private func tick() -> Int { clock.add(1, ordering: .sequentiallyConsistent).newValue }

    private func number(in table: String, _ session: Session) throws -> Int {
        try session.rows("SELECT n FROM \(table)").first.flatMap { Int($0) } ?? Int.min
    }

    private func transact(_ session: Session, _ generator: inout SplitMix) {
        var observed = ObservedTransaction(number: tick())
        var isRolledBack = false
        do {
            let isSerializable = Int.random(in: 0..<4, using: &generator) == 0
            try session.run(isSerializable ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN")
            observed.began = tick()
            switch Int.random(in: 0..<8, using: &generator) {
            case 0..<3:
                for _ in 0..<Int.random(in: 2...5, using: &generator) {
                    try look(&observed, session, &generator)
                }
            case 3..<6:
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    if Int.random(in: 0..<3, using: &generator) == 0 {
                        try look(&observed, session, &generator)
                    } else {
                        try add(&observed, session, &generator)
                    }
                }
            case 6: try increment(&observed, session, &generator)
            default:
                try session.run("ROLLBACK")
                try withdraw(session, &generator)
            }
            isRolledBack = Int.random(in: 0..<6, using: &generator) == 0
            try session.run(isRolledBack ? "ROLLBACK" : "COMMIT")
            observed.isCommitted = !isRolledBack
        } catch {
            while session.transactionStatus != .idle { _ = session.state("ROLLBACK") }
            note(error)
        }
        observed.ended = tick()
        let done = observed
        let wasRolledBack = isRolledBack
        state.withLock { state in
            state.history.transactions.append(done)
            state.counts.looks += done.looks.count
            if done.isCommitted {
                state.counts.committed += 1
            } else if wasRolledBack {
                state.counts.rolledBack += 1
            } else {
                state.counts.failed += 1
            }
        }
    }

    private func note(_ error: any Error) {
        let error = error as? SQLError
        let isConflict =
            ["40001", "40P01"].contains(error?.state.code)
            || ["1018", "1023"].contains(error?.message)
        if !isConflict { state.withLock { $0.unexpected.append("\(error as Any)") } }
    }

    private func look(
        _ observed: inout ObservedTransaction,
        _ session: Session,
        _ generator: inout SplitMix
    ) throws {
        let table = Int.random(in: 0..<Self.styles.count, using: &generator)
        let rows = try session.rows("SELECT v FROM h\(number)_\(table)")
        let values = rows.compactMap { Int($0) }
        #expect(Set(values).count == values.count, "seed \(seed): a row was seen twice")
        observed.looks.append(
            ObservedTransaction.Look(
                table: table,
                values: Set(values),
                own: observed.writes[table] ?? []
            )
        )
    }

    private func add(
        _ observed: inout ObservedTransaction,
        _ session: Session,
        _ generator: inout SplitMix
    ) throws {
        let table = Int.random(in: 0..<Self.styles.count, using: &generator)
        let count = Int.random(in: 1...3, using: &generator)
        let first = nextValue.add(count, ordering: .relaxed).oldValue
        let values = first..<first + count
        // Noted first: what a statement that fails has written must be seen nowhere either.
        observed.writes[table, default: []].formUnion(values)
        let list = values.map { "(\($0))" }.joined(separator: ", ")
        try session.run("INSERT INTO h\(number)_\(table) VALUES \(list)")
    }

    /// Reads a counter and sets it to one more, in two statements.
    private func increment(
        _ observed: inout ObservedTransaction,
        _ session: Session,
        _ generator: inout SplitMix
    ) throws {
        let counter = Int.random(in: 0..<Self.counterCount, using: &generator)
        let read = try number(in: "c\(number)_\(counter)", session)
        try session.run("UPDATE c\(number)_\(counter) SET n = \(read + 1)")
        observed.increments.append(ObservedTransaction.Increment(counter: counter, read: read))
    }

    /// Takes from one of two accounts what both together have.
    private func withdraw(_ session: Session, _ generator: inout SplitMix) throws {
        try session.run("BEGIN ISOLATION LEVEL SERIALIZABLE")
        let x = try number(in: "x\(number)", session)
        let y = try number(in: "y\(number)", session)
        let amount = Int.random(in: 5...20, using: &generator)
        guard x + y >= amount else { return }
        let account = Bool.random(using: &generator) ? "x" : "y"
        try session.run("UPDATE \(account)\(number) SET n = n - \(amount)")
    }
}
