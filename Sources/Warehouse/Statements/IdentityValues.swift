import Catalogs
import Functions
import Planning
import Storage
import Synchronization
import Vectors

/// The IDENTITY values that one statement gives out.
///
/// A table counts positions, over all its IDENTITY columns: the value at position p is
/// `seed + step × p`, and each statement begins behind the positions of those before it. INSERT …
/// VALUES takes them one after the other. COPY and INSERT … SELECT give slice s of n the
/// positions s, s + n, s + 2n and so on, so that the values of a row depend on where it is
/// parsed or made and on nothing else: unique, not dense, and not in the order of a file.
///
/// Positions do not come back: ``IdentityPositions`` keeps those of transactions that were rolled
/// back. A statement that fails uses what it took where it took it in sequence; by slice it uses
/// none, since how far each slice came is a matter of timing.
///
/// - Source: Redshift's IDENTITY(seed, step).
final class IdentityValues: Sendable {
    private let sequences = Mutex<[TableID: [IdentitySequence]]>([:])
    private let positions: IdentityPositions

    /// Values behind the positions that were used before.
    init(behind positions: IdentityPositions) { self.positions = positions }

    /// The first position that no statement has used, by table, once the statement has run.
    var nextPositions: [TableID: Int64] {
        sequences.withLock { $0.mapValues { $0.map(\.nextPosition).max() ?? 0 } }
    }

    /// Keeps the positions the statement has used, whatever becomes of its transaction.
    func keepUsed(afterFailure: Bool) {
        let used = sequences.withLock { sequences in
            sequences.mapValues { list in
                list.filter { !afterFailure || $0.isInSequence }.map(\.nextPosition).max() ?? 0
            }
        }
        positions.keep(used)
    }

    /// A function without arguments that yields the values of a column; nil for a column that is
    /// no IDENTITY.
    ///
    /// Past the end of BIGINT it fails with 22003.
    ///
    /// Errors: XX001 where what is stored of the table is damaged.
    func function(
        of table: TableDefinition,
        column: ColumnIndex,
        order: IdentityOrder,
        in snapshot: StoreSnapshot
    ) throws(SQLError) -> ScalarFunction? {
        guard case .identity(let seed, let step, _)? = table.columns[column].defaultValue else {
            return nil
        }
        let sequence = IdentitySequence(
            seed: seed,
            step: step,
            first: max(
                try snapshot.tableVersion(table.id)?.identityPosition ?? 0,
                positions.next(of: table.id)
            ),
            sliceCount: order == .bySlice ? snapshot.shape.sliceCount : 1
        )
        sequences.withLock { $0[table.id, default: []].append(sequence) }
        return sequence.function(on: 0) { order == .bySlice ? $0 : 0 }
    }
}

/// Which positions of IDENTITY columns were used since the warehouse was opened, committed or not.
///
/// What is committed is kept with the table; this is for the rest, and is gone with the process.
final class IdentityPositions: Sendable {
    private let positions = Mutex<[TableID: Int64]>([:])

    /// The first position of a table that nobody has used.
    func next(of table: TableID) -> Int64 { positions.withLock { $0[table] ?? 0 } }

    /// Notes that all positions below these were used.
    func keep(_ used: [TableID: Int64]) {
        guard !used.isEmpty else { return }
        positions.withLock { $0.merge(used) { max($0, $1) } }
    }
}

/// The values of one IDENTITY column within a statement.
private final class IdentitySequence: Sendable {
    private let seed: Int64
    private let step: Int64
    private let first: Int64
    /// How many rounds of positions each slice has used, and how many slices take turns.
    private let rounds: Mutex<[Int64]>
    private let sliceCount: Int64

    init(seed: Int64, step: Int64, first: Int64, sliceCount: Int) {
        self.seed = seed
        self.step = step
        self.first = first
        self.sliceCount = Int64(sliceCount)
        rounds = Mutex(Array(repeating: 0, count: sliceCount))
    }

    /// Whether one slice takes all positions.
    var isInSequence: Bool { sliceCount == 1 }

    /// The first position behind those used.
    var nextPosition: Int64 {
        rounds.withLock { rounds in
            var next = first
            for (slice, used) in rounds.enumerated() where used > 0 {
                next = max(next, position(slice, used - 1) + 1)
            }
            return next
        }
    }

    /// The slice's position of a round: the least of its positions not below `first`, and on.
    private func position(_ slice: Int, _ round: Int64) -> Int64 {
        let turns = (first - Int64(slice) + sliceCount - 1) / sliceCount
        return Int64(slice) + (max(0, turns) + round) * sliceCount
    }

    /// Takes `count` positions of a slice and returns the first.
    private func take(_ count: Int, on slice: Int) -> Int64 {
        rounds.withLock { rounds in
            defer { rounds[slice] += Int64(count) }
            return position(slice, rounds[slice])
        }
    }

    /// The function on one slice; `place` tells which positions a slice has.
    func function(
        on slice: Int,
        _ place: @escaping @Sendable (Int) -> Int
    ) -> ScalarFunction {
        ScalarFunction(
            "identity",
            parameters: [],
            resultType: { _ in .bigint },
            nullRule: .own,
            volatility: .volatile,
            canFail: true,
            onSlice: { self.function(on: place($0), place) },
            kernel: { (_, _, count) throws(SQLError) in try self.values(count, on: slice) }
        )
    }

    private func values(_ count: Int, on slice: Int) throws(SQLError) -> Vector {
        let start = Int128(seed) + Int128(take(count, on: slice)) * Int128(step)
        let stride = Int128(step) * Int128(sliceCount)
        guard let value = Int64(exactly: start),
            count == 0 || Int64(exactly: start + Int128(count - 1) * stride) != nil
        else { throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes") }
        let buffer = Buffer(byteCount: max(1, count) * 8)
        let values = buffer.pointer.assumingMemoryBound(to: Int64.self)
        let distance = Int64(truncatingIfNeeded: stride)
        for row in 0..<count { values[row] = value &+ Int64(row) &* distance }
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            owners: [buffer]
        )
    }
}
