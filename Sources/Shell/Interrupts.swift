internal import CLineEditor
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Turns Ctrl-C into the cancelling of the statement that runs.
///
/// A statement runs on the thread that reads the script, so another thread waits for Ctrl-C.
/// It is started with the first statement; while the line editor reads, Ctrl-C is the editor's.
final class Interrupts: Sendable {
    private struct Running {
        var runner: (any StatementRunner)?
        var hasWatcher = false
    }

    private let running = Mutex(Running())

    /// Installs the handlers for the process.
    init() { _ = sh_interrupts_install() }

    /// How often Ctrl-C was pressed so far.
    var count: Int { Int(sh_interrupts_count()) }

    /// Names the runner that a Ctrl-C from now on cancels; nil when its statement has ended.
    func watch(_ runner: (any StatementRunner)?) {
        let needsWatcher = running.withLock { state in
            state.runner = runner
            defer { state.hasWatcher = true }
            return !state.hasWatcher
        }
        if needsWatcher { startWatcher() }
    }

    /// Ends the process by a signal, as if the shell had never handled it.
    static func end(by signal: Int32) { sh_raise_default(signal) }

    private func cancel() { running.withLock { $0.runner?.cancel() } }

    private func startWatcher() {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(&thread, nil, watchForInterrupts, context)
        if result != 0 { Unmanaged<Interrupts>.fromOpaque(context).release() }
    }

    fileprivate func cancelForever() {
        while true {
            sh_interrupt_wait()
            cancel()
        }
    }
}

#if canImport(Darwin)
private func watchForInterrupts(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Interrupts>.fromOpaque(context).takeUnretainedValue().cancelForever()
    return nil
}
#else
private func watchForInterrupts(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Interrupts>.fromOpaque(context).takeUnretainedValue().cancelForever()
    return nil
}
#endif
