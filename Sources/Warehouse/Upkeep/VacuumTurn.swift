import Synchronization

/// Lets one VACUUM run at a time, as Redshift does.
final class VacuumTurn: Sendable {
    private let isTaken = Atomic<Bool>(false)

    /// Takes the turn; false where another has it.
    func begin() -> Bool {
        isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
            .exchanged
    }

    /// Gives it up.
    func end() { isTaken.store(false, ordering: .releasing) }
}
