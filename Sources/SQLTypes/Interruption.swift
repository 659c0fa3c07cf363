#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How long work learns, wherever it is done, that its statement is to end.
///
/// Who works for a statement on a thread binds one around that work: a slice's thread around each
/// turn of a run, the leader around parsing, binding and planning. Loops without a small bound
/// call ``check()`` every few milliseconds, kernels of one long row between rows.
///
/// It is bound through the thread itself: a task-local value ends the statically linked program
/// with a segmentation fault on threads that Swift's runtime did not start.
public final class Interruption: Sendable {
    private let stopCheck: @Sendable () throws(SQLError) -> Void

    /// Asks `stopCheck` whether the statement is to end; it must answer fast, and throws if so.
    public init(_ stopCheck: @escaping @Sendable () throws(SQLError) -> Void) {
        self.stopCheck = stopCheck
    }

    /// One that never stops anything: around what must be done wholly once it has begun.
    public static let never = Interruption {}

    /// The thread's place for the interruption that is bound.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Does `body` with this interruption bound on the thread.
    public func bind<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outer = pthread_getspecific(Self.key)
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(Self.key, outer) }
        return try body()
    }

    /// Throws if the statement is to end; never where nothing is bound.
    ///
    /// - Throws: what the bound check throws: 57014, or the error that stopped the statement.
    public static func check() throws(SQLError) {
        guard let bound = pthread_getspecific(key) else { return }
        // Bound for the length of a call below `bind`, whose caller holds it.
        try Unmanaged<Interruption>.fromOpaque(bound).takeUnretainedValue().stopCheck()
    }
}
