import SQLTypes
import Synchronization

/// What the long loops of a run look at: whether the query has to end.
///
/// Apart from ``QueryRun`` so that what keeps it, such as a sort's rows, keeps no query alive.
final class StopSignal: Sendable {
    private let isSet = Atomic<Bool>(false)
    private let cancellation: Cancellation

    init(_ cancellation: Cancellation) { self.cancellation = cancellation }

    /// Ends the query's runs: an error, or the leader has all it wants.
    func set() { isSet.store(true, ordering: .releasing) }

    /// Whether it was set; a cancel is noticed by ``check()``.
    var wasSet: Bool { isSet.load(ordering: .relaxed) }

    /// Throws once the query has to end.
    ///
    /// Where another error has stopped it that one is kept and this one forgotten.
    func check() throws(SQLError) {
        if wasSet || cancellation.isCancelled { throw cancellation.error }
    }
}
