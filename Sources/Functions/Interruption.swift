import SQLTypes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How a kernel learns, amid long work on one chunk, that its statement is to end.
///
/// Who runs kernels on a thread binds one around them; kernels whose work on one row has no small
/// bound, as regular expressions have none, call ``check()`` between rows.
///
/// It is bound through the thread itself: a task-local value ends the statically linked program
/// with a segmentation fault on threads that Swift's runtime did not start.
package final class Interruption: Sendable {
    private let isRequested: @Sendable () -> Bool

    /// Asks `isRequested` whether the statement is to end; it must answer fast.
    package init(_ isRequested: @escaping @Sendable () -> Bool) {
        self.isRequested = isRequested
    }

    /// The thread's place for the interruption that is bound.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Does `body` with this interruption bound on the thread.
    package func bind<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = pthread_getspecific(Self.key)
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(Self.key, outer) }
        return try body()
    }

    /// Ends the kernel if its statement is to end; never where nothing is bound.
    ///
    /// - Throws: 57014.
    static func check() throws(SQLError) {
        guard let bound = pthread_getspecific(key) else { return }
        // Bound for the length of a call below `bind`, whose caller holds it.
        if Unmanaged<Interruption>.fromOpaque(bound).takeUnretainedValue().isRequested() {
            throw SQLError(.queryCanceled, "Query canceled on user's request")
        }
    }
}
