/// The segment runs of one slice that could go on, in the order in which they get their turns.
///
/// ```
///           wake                 turn ends: ready
///   blocked ────▶ queued ──▶ running ────────────▶ queued (at the end)
///      ▲                        │ turn ends: blocked, unless woken meanwhile
///      └────────────────────────┘
/// ```
/// A wake that meets a running run is remembered, so that none is lost. Runs of several sessions
/// take turns one after another, whichever session they belong to.
final class RunQueue: Sendable {
    private let lock = ConditionLock()
    // Guarded by `lock`.
    nonisolated(unsafe) private var ready: [SegmentRun] = []
    nonisolated(unsafe) private var firstReady = 0
    nonisolated(unsafe) private var isShutDown = false

    /// Gives a new run its first turn in time.
    func start(_ run: SegmentRun) {
        lock.withLock { enqueue(run) }
    }

    /// Queues a blocked run again; harmless for any other.
    func wake(_ run: SegmentRun) {
        lock.withLock {
            switch run.schedule {
            case .blocked: enqueue(run)
            case .running: run.schedule = .runningAndWoken
            case .queued, .runningAndWoken, .finished: break
            }
        }
    }

    /// Lets the thread end once it asks for the next run.
    func shutDown() {
        lock.withLock {
            isShutDown = true
            lock.broadcast()
        }
    }

    /// Waits for a run and marks it running; nil when the cluster shuts down.
    func next() -> SegmentRun? {
        lock.withLock {
            while firstReady == ready.count {
                if isShutDown { return nil }
                lock.wait()
            }
            let run = ready[firstReady]
            firstReady += 1
            if firstReady == ready.count {
                ready.removeAll(keepingCapacity: true)
                firstReady = 0
            }
            run.schedule = .running
            return run
        }
    }

    /// Puts a run where its turn left it.
    func settle(_ run: SegmentRun, after turn: SegmentRun.Turn) {
        lock.withLock {
            switch turn {
            case .ready: enqueue(run)
            case .finished: run.schedule = .finished
            case .blocked:
                if run.schedule == .runningAndWoken {
                    enqueue(run)
                } else {
                    run.schedule = .blocked
                }
            }
        }
    }

    private func enqueue(_ run: SegmentRun) {
        run.schedule = .queued
        ready.append(run)
        lock.signal()
    }
}
