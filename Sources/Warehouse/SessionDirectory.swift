import Synchronization

/// The sessions of a warehouse by number, so that one can end what another does.
///
/// It keeps no session alive.
final class SessionDirectory: Sendable {
    private struct Entry: Sendable {
        weak var session: Session?
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// Notes a session under its number.
    func add(_ session: Session) {
        entries.withLock { $0[session.id] = Entry(session: session) }
    }

    /// Forgets a session that ends.
    func remove(_ id: Int) { entries.withLock { $0[id] = nil } }

    /// Cancels what a session runs, and ends the session too if `terminates`.
    ///
    /// - Returns: whether there is such a session.
    func cancel(_ id: Int64, terminates: Bool) -> Bool {
        // Outside of the lock: the last reference may go here, which asks for the lock again.
        let session = Int(exactly: id).flatMap { id in entries.withLock { $0[id]?.session } }
        guard let session else { return false }
        if terminates { session.terminate() } else { session.cancel() }
        return true
    }
}
