import Catalogs
import Execution
import Plans
import SQLTypes
import Storage
import Synchronization
import Testing
import Vectors

/// The shapes every operator's first test runs on.
let testShapes = [
    ClusterShape(nodeCount: 1, slicesPerNode: 2),
    ClusterShape(nodeCount: 2, slicesPerNode: 2),
    ClusterShape(nodeCount: 4, slicesPerNode: 4),
]

/// How a test's rows lie on the slices.
enum Spread: CaseIterable, Sendable {
    case even
    case oneSlice
}

/// Rows handed to a plan as provided rows, in small chunks.
final class TestRows: ProvidedSource {
    let rows: [[Datum]]
    let types: [DataType]
    let spread: Spread
    let chunkSize: Int

    init(_ rows: [[Datum]], _ types: [DataType], _ spread: Spread = .even, chunkSize: Int = 7) {
        self.rows = rows
        self.types = types
        self.spread = spread
        self.chunkSize = chunkSize
    }

    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        let mine = rows.enumerated().filter { index, _ in
            switch spread {
            case .even: index % count == slice
            case .oneSlice: slice == count - 1
            }
        }
        return TestReader(mine.map(\.element), types, chunkSize)
    }
}

private final class TestReader: ProvidedReader {
    private var rows: ArraySlice<[Datum]>
    private let types: [DataType]
    private let chunkSize: Int

    init(_ rows: [[Datum]], _ types: [DataType], _ chunkSize: Int) {
        self.rows = rows[...]
        self.types = types
        self.chunkSize = chunkSize
    }

    func next() throws(SQLError) -> Chunk? {
        if rows.isEmpty { return nil }
        let taken = Array(rows.prefix(chunkSize))
        rows = rows.dropFirst(chunkSize)
        let columns = types.indices.map { column in
            Vector.of(taken.map { $0[column] }, physical: types[column].physical)
        }
        return Chunk(count: taken.count, columns: columns)
    }
}

/// Never ends: for cancelling.
final class EndlessRows: ProvidedSource {
    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        EndlessReader()
    }
}

private final class EndlessReader: ProvidedReader {
    func next() throws(SQLError) -> Chunk? {
        let column = Vector.constant(.int64(1), physical: .int64, count: 100)
        return Chunk(count: 100, columns: [column])
    }
}

/// A cluster with an empty warehouse behind it.
final class TestCluster {
    let shape: ClusterShape
    let cluster: SliceCluster
    let store: Store

    init(
        _ shape: ClusterShape,
        memoryBytes: Int = 1 << 30,
        files: any FileSystem = PosixFiles()
    ) throws {
        self.shape = shape
        store = try Store.openTemporary(shape: shape, files: files)
        cluster = SliceCluster(
            shape: shape,
            memoryBytes: memoryBytes,
            spillPlace: store.spillPlace
        )
    }

    deinit {
        cluster.shutDown()
        store.close()
    }

    /// A context that reads the store's present state.
    func context(
        _ provided: [any ProvidedSource] = [],
        transaction: StoreTransaction? = nil,
        cancellation: Cancellation = Cancellation()
    ) -> ExecutionContext {
        ExecutionContext(
            snapshot: transaction?.view ?? store.current,
            transaction: transaction,
            cache: store.cache,
            provided: provided,
            cancellation: cancellation
        )
    }

    /// The rows of a plan in the order in which they come.
    func rows(_ plan: ExecutablePlan, _ provided: [any ProvidedSource] = []) throws -> [[Datum]] {
        var rows: [[Datum]] = []
        _ = try cluster.run(plan, context: context(provided)) { chunk throws(SQLError) in
            for row in 0..<chunk.count { rows.append(chunk.columns.map { $0.datum(row) }) }
        }
        return rows
    }
}

/// A plan of streams in order, each depending on all before it.
func makePlan(
    _ streams: [[(source: SegmentSource, steps: [SegmentStep], sink: SegmentSink)]],
    output: [DataType]
) -> ExecutablePlan {
    var plan = ExecutablePlan()
    var id = 0
    for (number, segments) in streams.enumerated() {
        var made: [Segment] = []
        for segment in segments {
            made.append(
                Segment(
                    id: id,
                    slices: .all,
                    source: segment.source,
                    steps: segment.steps,
                    sink: segment.sink
                )
            )
            id += 1
        }
        plan.streams.append(Stream(segments: made, dependencies: Array(0..<number)))
    }
    plan.output = output.enumerated().map { ResultColumn(name: "c\($0)", type: $1) }
    return plan
}

/// Rows in an order that does not depend on where they came from.
func sortedRows(_ rows: [[Datum]]) -> [String] {
    rows.map { $0.map { String(describing: normalised($0)) }.joined(separator: "|") }.sorted()
}

/// Wide and narrow integers of one value alike.
func normalised(_ datum: Datum) -> Datum {
    if case .int128(let value) = datum, let narrow = Int64(exactly: value) { return .int64(narrow) }
    return datum
}

func int(_ value: Int?) -> Datum { value.map { .int64(Int64($0)) } ?? .null }

/// The SQLSTATE of what `body` throws; nil if it throws nothing.
func state(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? SQLError)?.state.code ?? "\(error)"
    }
}

/// Numbers that look random and are the same in each run.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
