import CKernels
import Plans
import SQLTypes
import Vectors

/// Joins in batches of candidate pairs: several build rows per key, keys of any type, residual
/// conditions, and nested loops, for every kind of join.
///
/// ```
///   chunk ─▶ candidates (≤ 2,048 pairs) ─▶ keys equal ─▶ residual ─▶ pairs out, rows noted
///                ▲                                                          │
///                └────────────────── resume until none are left ────────────┘
///   then, once per chunk: rows without a match (left, full, anti) or with one (semi)
/// ```
final class PairProbe: StepRun {
    private let specification: JoinSpecification
    private let table: JoinTable
    private let keys: ProbeKeys
    private let residual: ExpressionEvaluator?
    private let batch: PairBatch

    private var chunk: Chunk?
    /// Probe rows that still have candidates, and the next candidate of each.
    private let activeRows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let activeCandidates = FlatArray<UInt32>(capacity: chunkRowCountMax)
    private var activeCount = 0
    /// The probe row at hand of a nested loop, and its place in the ranges.
    private var row = 0
    private var range = 0
    private var nestedRow = 0
    /// Per probe row, whether it has had a match.
    private let hasMatch = FlatArray<UInt8>(capacity: chunkRowCountMax)

    init(_ specification: JoinSpecification, table: JoinTable) {
        self.specification = specification
        self.table = table
        keys = ProbeKeys(table)
        residual = specification.residual.map { ExpressionEvaluator($0) }
        batch = PairBatch(
            specification,
            table: table,
            columnsRead: specification.residual?.columns ?? []
        )
    }

    var isDone: Bool { specification.needsMatch && table.rowCount == 0 }

    var hasMore: Bool { chunk != nil }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        self.chunk = chunk
        row = 0
        try hasMatch.reserve(chunk.count)
        hasMatch.pointer.update(repeating: 0, count: chunk.count)
        if specification.kind == .antiNullAware, table.layout.separateKey == nil {
            // A NULL is not known to differ from what the build side holds, which is something.
            let key = chunk.columns[specification.probeKeys[0]]
            for index in 0..<chunk.count where key.isNull(index) { hasMatch.pointer[index] = 1 }
        }
        if table.layout.build.isEmpty {
            startNestedRow()
        } else {
            try keys.lookUp(chunk)
            startCandidates(chunk)
        }
        return try resume()
    }

    func resume() throws(SQLError) -> Chunk? {
        guard let chunk else { return nil }
        let isNested = table.layout.build.isEmpty
        if isNested ? row < chunk.count : activeCount > 0 {
            if isNested { nestedCandidates(chunk) } else { try keyedCandidates() }
            if batch.count == 0 { return nil }
            if table.layout.isHashed { batch.keepEqualKeys(chunk) }
            try batch.keep(where: residual, chunk)
            if table.layout.separateKey != nil { keepBlocking(chunk) }
            notePairs()
            guard specification.kind.emitsPairs, batch.count > 0 else { return nil }
            return pairs(of: chunk)
        }
        self.chunk = nil
        return rest(of: chunk)
    }
}

// Candidates.
extension PairProbe {
    /// Whether one match of a row is as good as all.
    private var needsOneMatch: Bool {
        !specification.kind.emitsPairs && !specification.kind.isRightSemi
    }

    private func startCandidates(_ chunk: Chunk) {
        let (first, row, candidate) = (
            keys.first.pointer, activeRows.pointer, activeCandidates.pointer
        )
        var count = 0
        for index in 0..<chunk.count {
            row[count] = UInt16(truncatingIfNeeded: index)
            candidate[count] = first[index]
            count &+= Int(sk_bit(first[index] != JoinTable.end))
        }
        activeCount = count
    }

    /// Takes candidates in rounds, one of each row that still has some: the look-ups of a round
    /// do not wait for each other, as those along one chain would.
    private func keyedCandidates() throws(SQLError) {
        if needsOneMatch { dropMatched() }
        let (row, candidate) = (activeRows.pointer, activeCandidates.pointer)
        var active = activeCount
        var count = 0
        while active > 0 && count &+ active <= chunkRowCountMax {
            (batch.rows.pointer + count).update(from: row, count: active)
            (batch.matches.pointer + count).update(from: candidate, count: active)
            count &+= active
            try table.advance(candidate, count: active)
            var left = 0
            for index in 0..<active {
                row[left] = row[index]
                candidate[left] = candidate[index]
                left &+= Int(sk_bit(candidate[index] != JoinTable.end))
            }
            active = left
        }
        activeCount = active
        batch.count = count
    }

    private func dropMatched() {
        let (row, candidate) = (activeRows.pointer, activeCandidates.pointer)
        let known = hasMatch.pointer
        var left = 0
        for index in 0..<activeCount {
            row[left] = row[index]
            candidate[left] = candidate[index]
            left &+= known[Int(row[index])] == 0 ? 1 : 0
        }
        activeCount = left
    }

    private func startNestedRow() {
        range = 0
        nestedRow = table.ranges.first?.lowerBound ?? 0
    }

    private func nestedCandidates(_ chunk: Chunk) {
        let skipsMatched = needsOneMatch
        var count = 0
        while row < chunk.count && count < chunkRowCountMax {
            if skipsMatched && hasMatch.pointer[row] != 0 { range = table.ranges.count }
            while range < table.ranges.count && count < chunkRowCountMax {
                let end = table.ranges[range].upperBound
                let taken = min(end - nestedRow, chunkRowCountMax - count)
                for step in 0..<taken {
                    batch.rows.pointer[count + step] = UInt16(truncatingIfNeeded: row)
                    batch.matches.pointer[count + step] = UInt32(
                        truncatingIfNeeded: nestedRow + step
                    )
                }
                count += taken
                nestedRow += taken
                if nestedRow == end {
                    range += 1
                    if range < table.ranges.count { nestedRow = table.ranges[range].lowerBound }
                }
            }
            if range >= table.ranges.count {
                row += 1
                startNestedRow()
            }
        }
        batch.count = count
    }
}

// Tests of pairs.
extension PairProbe {
    /// NOT IN under other conditions: keeps the pairs that forbid their probe row, which are
    /// those whose first keys are equal or where one is NULL.
    private func keepBlocking(_ chunk: Chunk) {
        guard let key = table.layout.separateKey, batch.count > 0 else { return }
        let left = chunk.columns[key.probe].gather(batch.rows.pointer, count: batch.count)
        let right = table.columns[key.build].gather(batch.matches.pointer, count: batch.count)
        let differ = compareBits(.notEqual, left, right, count: batch.count)
        batch.keep(complement(differ, count: batch.count))
    }

    private func notePairs() {
        let (row, match, known) = (batch.rows.pointer, batch.matches.pointer, hasMatch.pointer)
        for pair in 0..<batch.count { known[Int(row[pair])] = 1 }
        if let matched = table.matched?.pointer.assumingMemoryBound(to: UInt8.self) {
            for pair in 0..<batch.count { matched[Int(match[pair])] = 1 }
        }
    }
}

// Output.
extension PairProbe {
    private func pairs(of chunk: Chunk) -> Chunk {
        let probeCount = specification.probeTypes.count
        let columns = specification.output.map { position in
            position < probeCount
                ? chunk.columns[position].gather(batch.rows.pointer, count: batch.count)
                : table.columns[position - probeCount].gather(
                    batch.matches.pointer,
                    count: batch.count
                )
        }
        return Chunk(count: batch.count, columns: columns)
    }

    /// What a chunk still gives when all its pairs are through.
    private func rest(of chunk: Chunk) -> Chunk? {
        let wanted: UInt8
        switch specification.kind {
        case .inner, .right, .rightSemi, .rightAnti, .mark: return nil
        case .semi: wanted = 1
        case .left, .full, .anti, .antiNullAware: wanted = 0
        }
        var count = 0
        for index in 0..<chunk.count {
            batch.rows.pointer[count] = UInt16(truncatingIfNeeded: index)
            count &+= hasMatch.pointer[index] == wanted ? 1 : 0
        }
        if count == 0 { return nil }
        let probeCount = specification.probeTypes.count
        let columns = specification.output.map { position -> Vector in
            if position < probeCount {
                let column = chunk.columns[position]
                return count == chunk.count
                    ? column : column.gather(batch.rows.pointer, count: count)
            }
            let physical = specification.buildTypes[position - probeCount].physical
            return .nulls(physical: physical, count: count)
        }
        return Chunk(count: count, columns: columns)
    }
}
