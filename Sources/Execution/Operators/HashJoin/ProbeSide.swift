import CKernels
import Plans
import SQLTypes
import Vectors

extension JoinSpecification {
    /// The step that probes a finished table, the simplest that gives the join's rows.
    func makeProbe(of table: JoinTable) throws(SQLError) -> any StepRun {
        let layout = table.layout
        if let mark { return try MarkProbe(self, mark, table: table) }
        let isPlain = residual == nil && layout.separateKey == nil && !layout.isHashed
        if kind == .antiNullAware && layout.separateKey == nil {
            if table.isEmpty { return PassingProbe(self) }
            if table.hasNullKey { return EmptyProbe() }
        }
        if isPlain && !layout.build.isEmpty {
            switch kind {
            case .semi, .anti, .antiNullAware: return ExistenceProbe(self, table: table)
            case .rightSemi, .rightAnti: return MatchProbe(self, table: table)
            case .mark: break
            case .inner, .left, .right, .full:
                if isBuildUnique || !table.hasChains { return UniqueProbe(self, table: table) }
            }
        }
        return PairProbe(self, table: table)
    }

    /// Whether no probe row can come out of an empty build side.
    var needsMatch: Bool {
        kind == .inner || kind == .semi || kind == .right || kind.isRightSemi
    }
}

/// Passes every row: NOT IN over nothing.
final class PassingProbe: StepRun {
    private let output: [Int]

    init(_ specification: JoinSpecification) { output = specification.output }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        Chunk(count: chunk.count, columns: output.map { chunk.columns[$0] })
    }
}

/// Passes no row: NOT IN over something with a NULL.
final class EmptyProbe: StepRun {
    var isDone: Bool { true }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? { nil }
}

/// Keeps the rows whose integer key is among the build keys, or those whose is not.
final class ExistenceProbe: StepRun {
    private let specification: JoinSpecification
    private let table: JoinTable
    private let keys: ProbeKeys
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)

    init(_ specification: JoinSpecification, table: JoinTable) {
        self.specification = specification
        self.table = table
        keys = ProbeKeys(table)
    }

    var isDone: Bool { specification.kind == .semi && table.rowCount == 0 }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        try keys.lookUp(chunk)
        let (first, row) = (keys.first.pointer, rows.pointer)
        let wantsMatch = specification.kind == .semi
        var kept = 0
        for index in 0..<chunk.count {
            row[kept] = UInt16(truncatingIfNeeded: index)
            kept &+= Int(sk_bit((first[index] != JoinTable.end) == wantsMatch))
        }
        if specification.kind == .antiNullAware {
            // A NULL is not known to differ from what the build side holds.
            let key = chunk.columns[specification.probeKeys[0]]
            if !key.hasNoNulls {
                var left = 0
                for index in 0..<kept where !key.isNull(Int(row[index])) {
                    row[left] = row[index]
                    left += 1
                }
                kept = left
            }
        }
        if kept == 0 { return nil }
        let columns = specification.output.map { chunk.columns[$0] }
        if kept == chunk.count { return Chunk(count: kept, columns: columns) }
        return Chunk(count: kept, columns: columns.map { $0.gather(row, count: kept) })
    }
}

/// Notes which build rows an integer key matches, for right semi and anti joins.
///
/// All rows of a key are noted together, so a key is walked once however often it comes.
final class MatchProbe: StepRun {
    private let table: JoinTable
    private let keys: ProbeKeys
    private let rows = FlatArray<UInt32>(capacity: chunkRowCountMax)

    init(_ specification: JoinSpecification, table: JoinTable) {
        self.table = table
        keys = ProbeKeys(table)
    }

    var isDone: Bool { table.rowCount == 0 }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        guard let matched = table.matched?.pointer.assumingMemoryBound(to: UInt8.self) else {
            throw SQLError.invariant("a right semi join has nowhere to note its matches")
        }
        try keys.lookUp(chunk)
        let (first, row) = (keys.first.pointer, rows.pointer)
        var count = 0
        for index in 0..<chunk.count where first[index] != JoinTable.end {
            row[count] = first[index]
            count &+= Int(sk_bit(matched[Int(first[index])] == 0))
            matched[Int(first[index])] = 1
        }
        var steps = 0
        while count > 0 {
            steps += count
            if steps > rowsPerStopCheck {
                // A key of very many rows is walked row by row.
                try Interruption.check()
                steps = 0
            }
            try table.advance(row, count: count)
            var left = 0
            for index in 0..<count where row[index] != JoinTable.end {
                matched[Int(row[index])] = 1
                row[left] = row[index]
                left &+= 1
            }
            count = left
        }
        return nil
    }
}

/// Joins on an integer key that each build row has for itself: at most one pair per probe row.
final class UniqueProbe: StepRun {
    private let specification: JoinSpecification
    private let table: JoinTable
    private let keys: ProbeKeys
    private let rows = FlatArray<UInt16>(capacity: chunkRowCountMax)
    private let matches = FlatArray<UInt32>(capacity: chunkRowCountMax)

    init(_ specification: JoinSpecification, table: JoinTable) {
        self.specification = specification
        self.table = table
        keys = ProbeKeys(table)
    }

    var isDone: Bool { specification.needsMatch && table.rowCount == 0 }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        try keys.lookUp(chunk)
        let (first, row, match) = (keys.first.pointer, rows.pointer, matches.pointer)
        var pairs = 0
        for index in 0..<chunk.count {
            row[pairs] = UInt16(truncatingIfNeeded: index)
            match[pairs] = first[index]
            pairs &+= Int(sk_bit(first[index] != JoinTable.end))
        }
        if let matched = table.matched?.pointer.assumingMemoryBound(to: UInt8.self) {
            for index in 0..<pairs { matched[Int(match[index])] = 1 }
        }
        let keepsAll = specification.kind == .left || specification.kind == .full
        let count = keepsAll ? chunk.count : pairs
        if count == 0 { return nil }
        let probeCount = specification.probeTypes.count
        let columns = specification.output.map { position -> Vector in
            if position < probeCount {
                let column = chunk.columns[position]
                return count == chunk.count ? column : column.gather(row, count: count)
            }
            let column = table.columns[position - probeCount]
            if pairs == count { return column.gather(match, count: count) }
            return column.gatherOrNull(first, count: count)
        }
        return Chunk(count: count, columns: columns)
    }
}
