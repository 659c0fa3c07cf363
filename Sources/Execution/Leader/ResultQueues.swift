import SQLTypes
import Vectors

/// What the result segments have ready for the leader, one queue per run.
///
/// Bounded by bytes per run: a client that reads slowly stops the slices, not the memory.
final class ResultQueues: Sendable {
    /// What the leader finds when it asks.
    enum Delivery {
        case chunk(Chunk)
        case ended
    }

    private struct Queue {
        var chunks: [Chunk] = []
        var byteCount = 0
        var isEnded = false
        var isBlocked = false
        var run: SegmentRun?
    }

    private let lock = ConditionLock()
    private let byteCountMax: Int
    // Guarded by `lock`.
    nonisolated(unsafe) private var queues: [Queue]
    nonisolated(unsafe) private var isClosed = false
    nonisolated(unsafe) private var nextQueue = 0

    init(runCount: Int, byteCountMax: Int = 4 << 20) {
        queues = [Queue](repeating: Queue(), count: runCount)
        self.byteCountMax = byteCountMax
    }

    /// How many runs deliver.
    var runCount: Int { lock.withLock { queues.count } }

    /// Whether run `index` may push; if not, it is woken when it may.
    func hasRoom(_ index: Int, for run: SegmentRun) -> Bool {
        lock.withLock {
            if queues[index].byteCount < byteCountMax { return true }
            queues[index].isBlocked = true
            queues[index].run = run
            return false
        }
    }

    /// Hands a chunk to the leader.
    func push(_ chunk: Chunk, from index: Int) {
        let size = byteCount(of: chunk)
        lock.withLock {
            queues[index].chunks.append(chunk)
            queues[index].byteCount += size
            lock.signal()
        }
    }

    /// Says that run `index` has delivered all.
    func end(_ index: Int) {
        lock.withLock {
            queues[index].isEnded = true
            lock.signal()
        }
    }

    /// Says that nothing more will come from anyone.
    func close() {
        lock.withLock {
            isClosed = true
            lock.broadcast()
        }
    }

    /// Lets go of runs that wait for room; after the query's last run.
    func forgetRuns() {
        lock.withLock {
            for index in queues.indices { queues[index].run = nil }
        }
    }

    /// Waits for the next chunk of any run; ended when there will be none.
    func nextOfAny() -> Delivery {
        take { () -> (Int?, Bool) in
            for step in 0..<queues.count {
                let index = (nextQueue + step) % queues.count
                if !queues[index].chunks.isEmpty {
                    nextQueue = index
                    return (index, false)
                }
            }
            return (nil, isClosed || queues.allSatisfy(\.isEnded))
        }
    }

    /// Waits for the next chunk of run `index`; ended when there will be none.
    func next(of index: Int) -> Delivery {
        take {
            queues[index].chunks.isEmpty
                ? (nil, isClosed || queues[index].isEnded) : (index, false)
        }
    }

    private func take(_ look: () -> (index: Int?, isEnded: Bool)) -> Delivery {
        var woken: SegmentRun?
        let delivery = lock.withLock { () -> Delivery in
            while true {
                let (index, isEnded) = look()
                if let index {
                    let chunk = queues[index].chunks.removeFirst()
                    queues[index].byteCount -= byteCount(of: chunk)
                    if queues[index].isBlocked && queues[index].byteCount < byteCountMax / 2 {
                        queues[index].isBlocked = false
                        woken = queues[index].run
                        queues[index].run = nil
                    }
                    return .chunk(chunk)
                }
                if isEnded { return .ended }
                lock.wait()
            }
        }
        woken?.wake()
        return delivery
    }
}

/// Bytes that the rows of a chunk stand for: entries of flat vectors and text.
func byteCount(of chunk: Chunk) -> Int {
    var total = 0
    for vector in chunk.columns {
        total += chunk.count * vector.physical.stride
        guard vector.physical == .string, vector.form == .flat else { continue }
        let views = vector.entries(as: StringView.self)
        for row in 0..<chunk.count {
            let length = Int(truncatingIfNeeded: views[row].head & 0xFFFF_FFFF)
            total &+= length > 12 ? length : 0
        }
    }
    return total
}
