import Plans
import SQLTypes
import Vectors

/// Puts out every probe row with the value of a subquery's test.
///
/// ```
///   state of a row     0 false ─▶ 1 NULL ─▶ 2 true
///   matches            pairs with equal keys, or all pairs, that satisfy the condition:
///                      the test is true (its keys are equal) or is evaluated
///   NULLs              where the test is made of keys: rows not true yet, paired with the build
///                      rows that have a NULL in one of them; with all if they have one themselves
/// ```
/// Works in batches of at most 2,048 pairs, one per call, so that a cancel is noticed.
final class MarkProbe: StepRun {
    private enum Phase {
        case idle
        case matches
        case ownNulls
        case buildNulls
    }

    private let specification: JoinSpecification
    private let mark: MarkSpecification
    private let table: JoinTable
    private let keys: ProbeKeys
    private let residual: ExpressionEvaluator?
    private let condition: ExpressionEvaluator?
    private let test: ExpressionEvaluator?
    /// Probe and build positions of the keys that are the test.
    private let testKeys: [(probe: Int, build: Int)]
    /// All build rows, and those with a NULL in a key of the test.
    private let allRows: BuildRows
    private let nullRows: BuildRows

    private var phase = Phase.idle
    private var chunk: Chunk?
    private let states = FlatArray<UInt8>(capacity: chunkRowCountMax)
    /// Probe rows still to be paired, and for keys the next candidate of each.
    private let openRows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let candidates = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private var openCount = 0
    /// The place in the open rows and among the build rows of a nested loop.
    private var nextOpen = 0
    private var nextBuild = 0
    private let batch: PairBatch

    /// - Throws: 57014: it looks at all build rows once.
    init(
        _ specification: JoinSpecification,
        _ mark: MarkSpecification,
        table: JoinTable
    ) throws(SQLError) {
        self.specification = specification
        self.mark = mark
        self.table = table
        keys = ProbeKeys(table)
        residual = specification.residual.map { ExpressionEvaluator($0) }
        condition = mark.condition.map { ExpressionEvaluator($0) }
        test = mark.test.map { ExpressionEvaluator($0) }
        batch = PairBatch(
            specification,
            table: table,
            columnsRead: (specification.residual?.columns ?? [])
                .union(mark.condition?.columns ?? []).union(mark.test?.columns ?? [])
        )
        testKeys = Array(zip(specification.probeKeys, specification.buildKeys))
            .suffix(mark.testKeyCount).map { (probe: $0.0, build: $0.1) }
        allRows = BuildRows(table.ranges)
        let nullable = testKeys.map { table.columns[$0.build] }.filter { $0.validity != nil }
        var ranges: [Range<Int>] = []
        if !nullable.isEmpty {
            for row in table.ranges.joined() {
                if row & (rowsPerStopCheck - 1) == 0 { try Interruption.check() }
                if nullable.contains(where: { $0.isNull(row) }) { ranges.append(row..<row + 1) }
            }
        }
        nullRows = BuildRows(ranges)
    }

    var hasMore: Bool { chunk != nil }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        self.chunk = chunk
        try states.reserve(chunk.count)
        states.pointer.update(repeating: 0, count: chunk.count)
        if table.rowCount == 0 { return finish(chunk) }
        phase = .matches
        if table.layout.build.isEmpty {
            open(chunk) { _ in true }
        } else {
            try keys.lookUp(chunk)
            let first = keys.first.pointer
            open(chunk) { first[$0] != JoinTable.end }
            for place in 0..<openCount {
                candidates.pointer[place] = first[Int(openRows.pointer[place])]
            }
        }
        return try resume()
    }

    func resume() throws(SQLError) -> Chunk? {
        guard let chunk else { return nil }
        while openCount == 0 || nextOpen >= openCount {
            guard enterNextPhase(chunk) else { return finish(chunk) }
        }
        switch phase {
        case .matches where !table.layout.build.isEmpty: try matchKeys(chunk)
        case .matches: try matchAll(chunk)
        case .ownNulls: try meetNulls(chunk, among: allRows)
        case .buildNulls: try meetNulls(chunk, among: nullRows)
        case .idle: break
        }
        return nil
    }

    /// Opens the rows that pass a test for the next phase.
    private func open(_ chunk: Chunk, where test: (Int) -> Bool) {
        openCount = 0
        nextOpen = 0
        nextBuild = 0
        for row in 0..<chunk.count where test(row) {
            openRows.pointer[openCount] = UInt16(truncatingIfNeeded: row)
            openCount += 1
        }
    }

    /// Moves on to the phase that has rows left; false after the last.
    private func enterNextPhase(_ chunk: Chunk) -> Bool {
        let states = states.pointer
        switch phase {
        case .matches where !testKeys.isEmpty:
            phase = .ownNulls
            let columns = testKeys.map { chunk.columns[$0.probe] }
            let nullable = columns.filter { !$0.hasNoNulls }
            open(chunk) { row in
                states[row] == 0 && nullable.contains { $0.isNull(row) }
            }
            return true
        case .ownNulls:
            phase = .buildNulls
            open(chunk) { states[$0] == 0 && nullRows.count > 0 }
            return true
        case .matches, .buildNulls, .idle: return false
        }
    }

    /// The chunk with the marks' values behind its columns.
    private func finish(_ chunk: Chunk) -> Chunk {
        self.chunk = nil
        phase = .idle
        let width = specification.probeTypes.count
        let columns = specification.output.map { position in
            position < width ? chunk.columns[position] : values(count: chunk.count)
        }
        return Chunk(count: chunk.count, columns: columns)
    }

    private func values(count: Int) -> Vector {
        let builder = VectorBuilder(physical: .bool, capacity: count)
        let states = states.pointer
        for row in 0..<count {
            builder.append(states[row] == 1 ? .null : .bool(states[row] == 2))
        }
        return builder.finish()
    }
}

// Pairs.
extension MarkProbe {
    /// A round of candidates of the rows that are not true yet.
    private func matchKeys(_ chunk: Chunk) throws(SQLError) {
        let (row, candidate, states) = (openRows.pointer, candidates.pointer, states.pointer)
        batch.rows.pointer.update(from: row, count: openCount)
        batch.matches.pointer.update(from: candidate, count: openCount)
        batch.count = openCount
        if table.layout.isHashed { batch.keepEqualKeys(chunk) }
        try batch.keep(where: residual, chunk)
        try notePairs(chunk)
        try table.advance(candidate, count: openCount)
        var left = 0
        for place in 0..<openCount
        where candidate[place] != JoinTable.end && states[Int(row[place])] != 2 {
            row[left] = row[place]
            candidate[left] = candidate[place]
            left += 1
        }
        openCount = left
    }

    /// Pairs of the nested loop without keys.
    private func matchAll(_ chunk: Chunk) throws(SQLError) {
        takePairs(among: allRows, until: 2)
        try batch.keep(where: residual, chunk)
        try notePairs(chunk)
    }

    /// Pairs that can only be unknown: a key of the test is NULL on one side.
    private func meetNulls(_ chunk: Chunk, among build: BuildRows) throws(SQLError) {
        takePairs(among: build, until: 1)
        try batch.keep(where: condition, chunk)
        guard batch.count > 0, let test else { return }
        let value = try test.evaluate(batch.pairs(of: chunk))
        for pair in 0..<batch.count where value.isNull(pair) {
            states.pointer[Int(batch.rows.pointer[pair])] = 1
        }
    }

    /// The next pairs of open rows, whose state is below `limit`, with these build rows.
    private func takePairs(among build: BuildRows, until limit: UInt8) {
        batch.count = 0
        while nextOpen < openCount, batch.count < chunkRowCountMax {
            let row = openRows.pointer[nextOpen]
            if states.pointer[Int(row)] >= limit || nextBuild == build.count {
                nextOpen += 1
                nextBuild = 0
                continue
            }
            // Few at first: the first pair of a row often decides.
            let most = nextBuild == 0 ? 32 : chunkRowCountMax
            let taken = min(build.count - nextBuild, chunkRowCountMax - batch.count, most)
            (batch.rows.pointer + batch.count).update(repeating: row, count: taken)
            build.copy(nextBuild..<nextBuild + taken, to: batch.matches.pointer + batch.count)
            batch.count += taken
            nextBuild += taken
            if nextBuild < build.count { return }
            nextOpen += 1
            nextBuild = 0
        }
    }

    /// Notes what the pairs that are left say of their rows.
    private func notePairs(_ chunk: Chunk) throws(SQLError) {
        guard batch.count > 0 else { return }
        let (row, states) = (batch.rows.pointer, states.pointer)
        guard testKeys.isEmpty, let test else {
            for pair in 0..<batch.count { states[Int(row[pair])] = 2 }
            return
        }
        let value = try test.evaluate(batch.pairs(of: chunk))
        let bits = value.trueBits()
        for pair in 0..<batch.count {
            if bits[pair >> 6] >> UInt64(pair & 63) & 1 == 1 {
                states[Int(row[pair])] = 2
            } else if value.isNull(pair) {
                states[Int(row[pair])] = max(states[Int(row[pair])], 1)
            }
        }
    }
}

/// Numbers of build rows, counted through from 0.
private struct BuildRows {
    private let ranges: [Range<Int>]
    /// The count of rows before each range.
    private let starts: [Int]
    let count: Int

    init(_ ranges: [Range<Int>]) {
        self.ranges = ranges
        var starts: [Int] = []
        var count = 0
        for range in ranges {
            starts.append(count)
            count += range.count
        }
        self.starts = starts
        self.count = count
    }

    /// Writes the numbers at these places.
    func copy(_ places: Range<Int>, to target: UnsafeMutablePointer<UInt32>) {
        var (low, high) = (0, ranges.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= places.lowerBound { low = middle } else { high = middle }
        }
        var place = places.lowerBound
        while place < places.upperBound {
            let first = ranges[low].lowerBound + place - starts[low]
            let taken = min(ranges[low].upperBound - first, places.upperBound - place)
            for step in 0..<taken {
                target[place - places.lowerBound + step] = UInt32(
                    truncatingIfNeeded: first + step
                )
            }
            place += taken
            low += 1
        }
    }
}
