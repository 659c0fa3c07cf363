/// What one transaction of a history did and saw, as its client knows it.
///
/// Values are written once only, so that each tells which transaction wrote it.
struct ObservedTransaction: Sendable {
    /// The values of one table that one statement saw.
    struct Look: Sendable {
        var table: Int
        var values: Set<Int>
        /// What the transaction itself had added to the table by then.
        var own: Set<Int>
    }

    /// A counter that was read and then set to one more.
    struct Increment: Sendable {
        var counter: Int
        var read: Int
    }

    var number: Int
    var isCommitted = false
    /// Ticks of one clock of the whole history: before its first statement that reads, and after
    /// its commit was acknowledged.
    var began = 0
    var ended = 0
    /// Values added, by table.
    var writes: [Int: Set<Int>] = [:]
    var looks: [Look] = []
    var increments: [Increment] = []
}

/// What snapshot isolation rules out.
///
/// - Source: Adya, "Weak Consistency"; Cerone and others, "A Framework for Transactional
///   Consistency Models with Atomic Visibility", for the order of snapshots and commits.
enum Anomaly: String, CaseIterable {
    /// A value that nobody wrote.
    case inventedValue
    /// A value of a transaction that did not commit.
    case dirtyRead
    /// A transaction misses what it has written itself, or sees what it has not written yet.
    case lostOwnWrite
    /// Some values of another transaction in a table, but not all.
    case halfVisible
    /// Two looks at a table show different commits.
    case nonRepeatableRead
    /// Looks at two tables show different commits.
    case readSkew
    /// A commit that was acknowledged before the transaction began is not seen.
    case staleRead
    /// No order of snapshots and commits explains who saw what.
    case longFork
    /// Two increments started from the same number, or the counter lacks some.
    case lostUpdate
}

/// The transactions of a run and what the counters were in the end.
struct TransactionHistory: Sendable {
    var transactions: [ObservedTransaction] = []
    /// Final numbers by counter; all began with zero.
    var counters: [Int: Int] = [:]

    /// What was seen that snapshot isolation rules out, with the transactions concerned.
    var anomalies: [(anomaly: Anomaly, text: String)] {
        var found: [(anomaly: Anomaly, text: String)] = []
        var writers: [Int: Int] = [:]
        for (index, transaction) in transactions.enumerated() {
            for value in transaction.writes.values.joined() { writers[value] = index }
        }
        var order = CommitGraph(count: transactions.count)
        for reader in transactions.indices {
            checkLooks(of: reader, writers, &order) { anomaly, text in
                found.append((anomaly, "transaction \(transactions[reader].number): \(text)"))
            }
        }
        let circle = order.unordered.map { transactions[$0].number }
        if !circle.isEmpty { found.append((.longFork, "among transactions \(circle)")) }
        return found + lostUpdates
    }

    private func checkLooks(
        of reader: Int,
        _ writers: [Int: Int],
        _ order: inout CommitGraph,
        _ report: (Anomaly, String) -> Void
    ) {
        let transaction = transactions[reader]
        /// Whether each other transaction is visible, and in which table that showed first.
        var sight: [Int: (isVisible: Bool, table: Int)] = [:]
        for look in transaction.looks {
            var seen: [Int: Set<Int>] = [:]
            for value in look.values {
                guard let writer = writers[value] else {
                    report(.inventedValue, "\(value) in table \(look.table)")
                    continue
                }
                seen[writer, default: []].insert(value)
            }
            if seen[reader] ?? [] != look.own { report(.lostOwnWrite, "table \(look.table)") }
            for writer in transactions.indices where writer != reader {
                guard let written = transactions[writer].writes[look.table], !written.isEmpty
                else { continue }
                let values = seen[writer] ?? []
                let name = "\(transactions[writer].number) in table \(look.table)"
                if !transactions[writer].isCommitted {
                    if !values.isEmpty { report(.dirtyRead, name) }
                    continue
                }
                if !values.isEmpty && values != written {
                    report(.halfVisible, name)
                    continue
                }
                let isVisible = !values.isEmpty
                if let former = sight[writer] {
                    guard former.isVisible != isVisible else { continue }
                    report(former.table == look.table ? .nonRepeatableRead : .readSkew, name)
                    continue
                }
                sight[writer] = (isVisible, look.table)
                if !isVisible, transactions[writer].ended < transaction.began {
                    report(.staleRead, name)
                }
                order.add(writer: writer, isVisible: isVisible, to: reader)
            }
        }
    }

    private var lostUpdates: [(anomaly: Anomaly, text: String)] {
        var found: [(anomaly: Anomaly, text: String)] = []
        var reads: [Int: [Int]] = [:]
        for transaction in transactions where transaction.isCommitted {
            for increment in transaction.increments {
                reads[increment.counter, default: []].append(increment.read)
            }
        }
        for (counter, numbers) in reads.sorted(by: { $0.key < $1.key }) {
            let isComplete =
                numbers.sorted() == Array(0..<numbers.count) && counters[counter] == numbers.count
            if !isComplete {
                let last = counters[counter] ?? 0
                found.append(
                    (.lostUpdate, "counter \(counter) is \(last) after \(numbers.sorted())")
                )
            }
        }
        return found
    }
}

/// What must come before what: snapshots are nodes, and so are commits.
private struct CommitGraph {
    private let count: Int
    private var successors: [[Int]]

    init(count: Int) {
        self.count = count
        // A transaction's snapshot comes before its commit.
        successors = (0..<count).map { [count + $0] } + Array(repeating: [], count: count)
    }

    mutating func add(writer: Int, isVisible: Bool, to reader: Int) {
        if isVisible {
            successors[count + writer].append(reader)
        } else {
            successors[reader].append(count + writer)
        }
    }

    /// Transactions on or behind a circle; none where an order exists.
    var unordered: [Int] {
        var missing = Array(repeating: 0, count: 2 * count)
        for node in successors.joined() { missing[node] += 1 }
        var ready = missing.indices.filter { missing[$0] == 0 }
        var isOrdered = Array(repeating: false, count: 2 * count)
        while let node = ready.popLast() {
            isOrdered[node] = true
            for next in successors[node] {
                missing[next] -= 1
                if missing[next] == 0 { ready.append(next) }
            }
        }
        return (0..<count).filter { !isOrdered[$0] || !isOrdered[count + $0] }
    }
}
