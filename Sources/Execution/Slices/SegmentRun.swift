import Catalogs
import Functions
import Plans
import SQLTypes
import Vectors

/// What a source answers when asked for rows.
enum Pull {
    case chunk(Chunk)
    /// Nothing yet; the run is woken when there is.
    case blocked
    case end
}

/// Where a run's rows come from: one object per run, used by one thread.
protocol SourceRun: AnyObject {
    /// The next rows; bounded work per call; a chunk may be empty.
    func pull() throws(SQLError) -> Pull
    /// Tells senders that nothing more will be read.
    func close()
    /// Adds what the source knows to the record.
    func fill(_ record: inout SegmentRecord)
}

extension SourceRun {
    func close() {}
    func fill(_ record: inout SegmentRecord) {}
}

/// A step of a run: takes a chunk, may hand on several.
protocol StepRun: AnyObject {
    /// Takes a chunk and hands on the first rows made of it; nil for none.
    func push(_ chunk: Chunk) throws(SQLError) -> Chunk?
    /// Whether `resume` has more to hand on before the next `push`.
    var hasMore: Bool { get }
    /// Hands on more of the chunk last pushed.
    func resume() throws(SQLError) -> Chunk?
    /// Whether no later input can change anything: the run may end.
    var isDone: Bool { get }
    /// Tells, once, that no rows will be pushed any more; `resume` may then have some to hand on.
    func inputEnds() throws(SQLError)
    /// Adds what the step knows to the record.
    func fill(_ record: inout SegmentRecord)
}

extension StepRun {
    var hasMore: Bool { false }
    func resume() throws(SQLError) -> Chunk? { nil }
    var isDone: Bool { false }
    func inputEnds() throws(SQLError) {}
    func fill(_ record: inout SegmentRecord) {}
}

/// Where a run's rows go: one object per run, used by one thread.
protocol SinkRun: AnyObject {
    /// Whether a chunk can be pushed now; if not, the run is woken when it can.
    var isReady: Bool { get }
    /// Takes rows.
    func push(_ chunk: Chunk) throws(SQLError)
    /// Hands on what it holds back for the sake of fewer wake-ups.
    func turnEnds()
    /// Ends the input; false if it has to wait for others and be called again.
    func finish() throws(SQLError) -> Bool
    /// Adds what the sink knows to the record.
    func fill(_ record: inout SegmentRecord)
}

extension SinkRun {
    var isReady: Bool { true }
    func turnEnds() {}
    func fill(_ record: inout SegmentRecord) {}
}

/// One segment of one query on one slice: a source, a chain of steps, a sink.
///
/// Advanced in turns by its slice's thread alone. Built on its first turn, so that a run costs
/// nothing before it starts and its memory comes from its own slice.
final class SegmentRun: @unchecked Sendable {  // `schedule` by the queue's lock; the rest by turns.
    /// How a turn ended.
    enum Turn {
        case ready
        case blocked
        case finished
    }

    /// Where the run stands with its queue.
    enum Schedule {
        case queued
        case running
        case runningAndWoken
        case blocked
        case finished
    }

    /// Guarded by the run queue's lock.
    var schedule = Schedule.queued
    let query: QueryRun
    let stream: Int
    let segment: Segment
    let slice: SliceID
    /// This run's place among the runs of its segment, and their number.
    let share: (index: Int, count: Int)
    let queue: RunQueue

    private let interruption: Interruption
    private var source: (any SourceRun)?
    private var steps: [any StepRun] = []
    private var sink: (any SinkRun)?
    /// Steps that have more to hand on, by place, the deepest last.
    private var pending: [Int] = []
    private var isDraining = false
    /// How many steps know that their input has ended.
    private var endedCount = 0
    private var record: SegmentRecord

    /// A turn ends after the chunk in which it passes this.
    private static let turnNanoseconds: UInt64 = 3_000_000

    init(
        query: QueryRun,
        stream: Int,
        segment: Segment,
        slice: SliceID,
        share: (index: Int, count: Int),
        queue: RunQueue
    ) {
        self.query = query
        interruption = Interruption(query.stopSignal.check)
        self.stream = stream
        self.segment = segment
        self.slice = slice
        self.share = share
        self.queue = queue
        record = SegmentRecord(
            stream: stream,
            segment: segment.id,
            slice: slice,
            stepCount: segment.steps.count
        )
    }

    private func work(until deadline: UInt64) -> Turn {
        do throws(SQLError) {
            return query.isStopped ? .finished : try advance(until: deadline)
        } catch {
            query.fail(error)
            return .finished
        }
    }

    /// Queues the run if it is blocked.
    func wake() { queue.wake(self) }

    /// Works for a few milliseconds; called by the slice's thread.
    func takeTurn() -> Turn {
        let start = monotonicNanoseconds()
        if record.startTime == 0 { record.startTime = start }
        let turn = interruption.bind { work(until: start &+ Self.turnNanoseconds) }
        if turn != .finished { sink?.turnEnds() }
        record.endTime = monotonicNanoseconds()
        record.nanoseconds += Int(record.endTime &- start)
        if turn == .finished { tearDown() }
        return turn
    }

    /// Tells the query that this run is over; after the queue knows it too.
    func reportEnd() { query.runEnded(self, record: record) }

    private func advance(until deadline: UInt64) throws(SQLError) -> Turn {
        if sink == nil { try build() }
        guard let source, let sink else { return .finished }
        while true {
            if query.isStopped { return .finished }
            if isDraining && pending.isEmpty && endedCount == steps.count {
                return try sink.finish() ? .finished : .blocked
            }
            guard sink.isReady else { return .blocked }
            if let place = pending.last {
                if steps[(place + 1)...].contains(where: { $0.isDone }) {
                    // What it would hand on changes nothing any more, a LIMIT having enough.
                    pending.removeLast()
                    continue
                }
                let made = try steps[place].resume()
                if !steps[place].hasMore { pending.removeLast() }
                if let made { try pass(made, from: place, into: sink) }
            } else if isDraining {
                if steps[(endedCount + 1)...].contains(where: { $0.isDone }) {
                    endedCount += 1
                    continue
                }
                try steps[endedCount].inputEnds()
                if steps[endedCount].hasMore { pending.append(endedCount) }
                endedCount += 1
            } else if steps.contains(where: { $0.isDone }) {
                source.close()
                isDraining = true
            } else {
                switch try source.pull() {
                case .chunk(let chunk):
                    record.sourceRows += chunk.count
                    if record.sourceWidth == 0 { record.sourceWidth = Self.width(of: chunk) }
                    if chunk.count > 0 { try pass(chunk, from: -1, into: sink) }
                case .blocked: return .blocked
                case .end: isDraining = true
                }
            }
            if monotonicNanoseconds() > deadline { return .ready }
        }
    }

    /// Pushes a chunk that step `from` has made through the steps behind it.
    private func pass(_ chunk: Chunk, from: Int, into sink: any SinkRun) throws(SQLError) {
        var chunk = chunk
        var place = from
        if place >= 0 { note(chunk, behind: place) }
        while place + 1 < steps.count {
            if chunk.count == 0 { return }
            place += 1
            let made = try steps[place].push(chunk)
            if steps[place].hasMore { pending.append(place) }
            guard let made else { return }
            note(made, behind: place)
            chunk = made
        }
        if chunk.count > 0 {
            record.sinkRows += chunk.count
            try sink.push(chunk)
        }
    }

    private func note(_ chunk: Chunk, behind step: Int) {
        record.stepRows[step] += chunk.count
        if record.stepWidths[step] == 0 { record.stepWidths[step] = Self.width(of: chunk) }
    }

    /// Bytes of a row in the vectors themselves.
    static func width(of chunk: Chunk) -> Int {
        chunk.columns.reduce(0) { $0 + $1.physical.stride }
    }

    private func build() throws(SQLError) {
        source = try query.makeSource(for: self)
        for step in segment.steps { steps.append(try query.makeStep(step, for: self)) }
        sink = try query.makeSink(for: self)
        // A step may have rows to hand on before the first it takes.
        pending = steps.indices.filter { steps[$0].hasMore }
    }

    private func tearDown() {
        source?.fill(&record)
        record.sourceMemoryBytes = record.memoryBytes
        record.sourceSpilledBytes = record.spilledBytes
        for (place, step) in steps.enumerated() {
            let known = record.mergedScans.count
            let spilled = record.spilledBytes
            step.fill(&record)
            record.stepSpilledBytes[place] = record.spilledBytes - spilled
            for index in known..<record.mergedScans.count {
                record.mergedScans[index].step = place
            }
        }
        sink?.fill(&record)
        source?.close()
        source = nil
        steps = []
        sink = nil
    }
}
