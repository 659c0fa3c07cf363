package import SQLTypes
import Synchronization

/// How a statement is stopped: by another thread, or because its time is up.
///
/// Whatever works for long looks at ``isCancelled`` at least every 10 ms and then throws
/// ``error``. A deadline needs no thread of its own: it is noticed by looking.
package final class Cancellation: Sendable {
    private enum Reason {
        static let none = 0
        static let request = 1
        static let timeout = 2
    }

    private let reason = Atomic<Int>(Reason.none)
    private let queryNumber = Atomic<Int>(0)
    private let timeoutMilliseconds: Int?
    private let clock: @Sendable () -> UInt64
    /// On the monotonic clock; `.max` for none.
    private let deadline: UInt64

    /// Makes one that is not set; the time to the deadline counts from now.
    ///
    /// `clock` gives nanoseconds that never go back.
    package init(
        timeoutMilliseconds: Int? = nil,
        clock: @escaping @Sendable () -> UInt64 = { monotonicNanoseconds() }
    ) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.clock = clock
        deadline =
            timeoutMilliseconds.map {
                clock() &+ UInt64(max(0, $0)) &* 1_000_000
            } ?? .max
    }

    /// Stops the statement, from any thread.
    package func cancel() {
        _ = reason.compareExchange(
            expected: Reason.none,
            desired: Reason.request,
            ordering: .relaxed
        )
    }

    /// Tells the number of the query that runs now, for the error's text.
    package func noteQuery(_ number: Int) { queryNumber.store(number, ordering: .relaxed) }

    /// Whether the statement must stop; costs a load, with a deadline a look at the clock too.
    package var isCancelled: Bool {
        if reason.load(ordering: .relaxed) != Reason.none { return true }
        guard deadline != .max, clock() >= deadline else { return false }
        _ = reason.compareExchange(
            expected: Reason.none,
            desired: Reason.timeout,
            ordering: .relaxed
        )
        return true
    }

    /// Throws ``error`` once the statement must stop.
    package func check() throws(SQLError) { if isCancelled { throw error } }

    /// What a stopped statement throws: 57014 in Redshift's words, for a timeout too.
    package var error: SQLError {
        let number = queryNumber.load(ordering: .relaxed)
        let isTimeout = reason.load(ordering: .relaxed) == Reason.timeout
        return SQLError(
            .queryCanceled,
            "Query \(number > 0 ? "(\(number)) " : "")canceled on user's request",
            detail: timeoutMilliseconds.flatMap {
                isTimeout ? "It ran longer than statement_timeout, \($0) ms." : nil
            }
        )
    }
}
