import CKernels

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The one thread of a slice: takes runs from the queue and advances each by a turn.
///
/// Lives as long as the cluster. Its stack holds 8 MiB, since expressions nest.
final class SliceThread: Sendable {
    /// The runs of this slice.
    let queue = RunQueue()
    // Set once before the thread is joined.
    nonisolated(unsafe) private var thread: pthread_t?

    /// Starts the thread, on a core of its own as far as there are cores.
    init(slice: Int) {
        let box = ThreadStart(queue: queue, core: slice % availableCoreCount())
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let argument = Unmanaged.passRetained(box).toOpaque()
        #if canImport(Glibc)
        var started = pthread_t()
        let status = pthread_create(&started, &attributes, sliceThreadMain, argument)
        if status == 0 { thread = started }
        #else
        var started: pthread_t?
        let status = pthread_create(&started, &attributes, sliceThreadMain, argument)
        if status == 0 { thread = started }
        #endif
        pthread_attr_destroy(&attributes)
    }

    /// Ends the thread after its current turn and waits for it.
    func shutDown() {
        queue.shutDown()
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }
}

/// What a new slice thread is handed.
private final class ThreadStart: Sendable {
    let queue: RunQueue
    let core: Int

    init(queue: RunQueue, core: Int) {
        self.queue = queue
        self.core = core
    }

    /// Advances runs until the queue is shut down.
    func work() {
        // Unpinned threads that wake each other end up on one core.
        _ = sk_pin_thread(Int32(core))
        while let run = queue.next() {
            let turn = run.takeTurn()
            queue.settle(run, after: turn)
            if turn == .finished { run.reportEnd() }
        }
    }
}

#if canImport(Glibc)
private func sliceThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument {
        Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().work()
    }
    return nil
}
#else
private func sliceThreadMain(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().work()
    return nil
}
#endif
