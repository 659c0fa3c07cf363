import Plans
import SQLTypes
import Vectors

/// A merge join: outer rows come in order of the key, and the inner side is read along with them.
///
/// ```
///   outer chunk   3 3 5 8 9            row ──▶
///   window        1 3 3 4 5 7 │ 9 …    first ──▶   next within the rows of one key
///   pairs         (3,3) (3,3) (3,3) (3,3) (5,5) …
/// ```
/// A batch of pairs is of one window; rows of the outer side come out in their order. NULL keys
/// match nothing. Rows of the inner side that no outer row reaches are never read.
final class MergeProbe: StepRun {
    private let specification: JoinSpecification
    private let windows: MergeWindows
    private let key: Int
    private let keepsOuter: Bool
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let matches = FlatArray<UInt32>(capacity: chunkRowCountMax)

    private var chunk: Chunk?
    private var keys = Vector.nulls(physical: .int64, count: 0)
    private var lastKey = Int64.min
    /// The outer row at hand; the first inner row that is not below it; the one to pair with it
    /// next.
    private var row = 0
    private var first = 0
    private var next = 0

    init(_ specification: JoinSpecification, run: SegmentRun) throws(SQLError) {
        guard let input = specification.merged, specification.residual == nil,
            specification.probeKeys.count == 1,
            specification.kind == .inner || specification.kind == .left
        else { throw SQLError.invariant("a join cannot be made by merging") }
        self.specification = specification
        windows = try MergeWindows(specification, input, run: run)
        key = specification.probeKeys[0]
        keepsOuter = specification.kind == .left
    }

    var hasMore: Bool { chunk != nil }

    var isDone: Bool { !keepsOuter && windows.isLast && first == windows.window.count }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        self.chunk = chunk
        row = 0
        keys = chunk.columns[key].flattened()
        try noteOrder(chunk.count)
        return try resume()
    }

    func resume() throws(SQLError) -> Chunk? {
        guard let chunk else { return nil }
        let count = pair(chunk.count)
        if row == chunk.count {
            self.chunk = nil
        } else if count == 0 {
            let least = keys.entries(as: Int64.self)[row]
            if try windows.advance(least: least) { (first, next) = (0, 0) }
            return nil
        }
        return count == 0 ? nil : pairs(of: chunk, count: count)
    }

    func fill(_ record: inout SegmentRecord) {
        windows.fill(&record)
        windows.close()
    }

    /// Makes sure that outer keys ascend from chunk to chunk.
    private func noteOrder(_ count: Int) throws(SQLError) {
        let values = UnsafePointer(keys.entries(as: Int64.self))
        guard !keys.hasNoNulls else {
            try requireAscending(values, count: count, behind: lastKey)
            lastKey = values[count - 1]
            return
        }
        for row in 0..<count where !keys.isNull(row) {
            try requireAscending(values + row, count: 1, behind: lastKey)
            lastKey = values[row]
        }
    }

    /// Writes the next pairs of the window at hand; their number.
    ///
    /// Stops at the first row that may match rows behind the window, and where a chunk is full.
    private func pair(_ outerCount: Int) -> Int {
        let outer = keys.entries(as: Int64.self)
        let inner = windows.keys.entries(as: Int64.self)
        let innerCount = windows.window.count
        let (hasNulls, isLast) = (!keys.hasNoNulls, windows.isLast)
        let (rows, matches) = (rows.pointer, matches.pointer)
        var (row, first, next, count) = (row, first, next, 0)
        while row < outerCount && count < chunkRowCountMax {
            let value = outer[row]
            var hasMatch = false
            if !(hasNulls && keys.isNull(row)) {
                while first < innerCount && inner[first] < value { first &+= 1 }
                if first == innerCount {
                    guard isLast else { break }
                } else if inner[first] == value {
                    hasMatch = true
                }
            }
            if hasMatch {
                next = max(next, first)
                repeat {
                    rows[count] = UInt16(truncatingIfNeeded: row)
                    matches[count] = UInt32(truncatingIfNeeded: next)
                    count &+= 1
                    next &+= 1
                } while count < chunkRowCountMax && next < innerCount && inner[next] == value
                if next < innerCount && inner[next] == value { break }
            } else if keepsOuter {
                rows[count] = UInt16(truncatingIfNeeded: row)
                matches[count] = .max
                count &+= 1
            }
            row &+= 1
            next = first
        }
        (self.row, self.first, self.next) = (row, first, next)
        return count
    }

    private func pairs(of chunk: Chunk, count: Int) -> Chunk {
        let probeCount = specification.probeTypes.count
        let (row, match) = (rows.pointer, matches.pointer)
        var isWhole = count == chunk.count
        if isWhole {
            var moved = 0
            for pair in 0..<count { moved |= Int(row[pair]) ^ pair }
            isWhole = moved == 0
        }
        let columns = specification.output.map { position -> Vector in
            if position < probeCount {
                let column = chunk.columns[position]
                return isWhole ? column : column.gather(row, count: count)
            }
            guard windows.window.count > 0 else {
                let physical = specification.buildTypes[position - probeCount].physical
                return .nulls(physical: physical, count: count)
            }
            let column = windows.window.columns[position - probeCount]
            return keepsOuter
                ? column.gatherOrNull(match, count: count) : column.gather(match, count: count)
        }
        return Chunk(count: count, columns: columns)
    }
}
