import Synchronization

/// Functions that are made when they are first asked for; the same object for the same key, so that
/// expressions made of them compare equal.
final class MadeFunctions<Key: Hashable & Sendable>: Sendable {
    private let made = Mutex<[Key: ScalarFunction]>([:])

    /// The function of a key, made by `make` the first time.
    func function(for key: Key, make: () -> ScalarFunction) -> ScalarFunction {
        made.withLock { made in
            if let known = made[key] { return known }
            let function = make()
            made[key] = function
            return function
        }
    }
}
