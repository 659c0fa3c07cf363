import Catalogs
import Functions
import Synchronization
import Vectors

/// A function without arguments that yields the next values of an IDENTITY column.
///
/// Values follow the last one stored, in the direction of the steps: unique but not dense, and in
/// no order of rows where several slices draw them. The table's write lock keeps others from
/// drawing the same. Past the end of BIGINT the function fails with 22003.
///
/// - Source: Redshift's IDENTITY(seed, step).
func identityFunction(
    of table: TableDefinition,
    column: ColumnIndex,
    stored: ColumnStatistics?
) -> ScalarFunction? {
    guard case .identity(let seed, let step, _)? = table.columns[column].defaultValue else {
        return nil
    }
    var first = Int128(seed)
    if let last = (step < 0 ? stored?.minimum : stored?.maximum)?.exact, step != 0 {
        let used = (last - first) / Int128(step)
        if used >= 0 { first += (used + 1) * Int128(step) }
    }
    let isSpent = Int64(exactly: first) == nil
    let next = IdentityCounter(Int64(truncatingIfNeeded: first))
    return ScalarFunction(
        "identity",
        parameters: [],
        resultType: { _ in .bigint },
        nullRule: .own,
        volatility: .volatile,
        canFail: true,
        kernel: { (_, _, count) throws(SQLError) in
            let buffer = Buffer(byteCount: max(1, count) * 8)
            let values = buffer.pointer.assumingMemoryBound(to: Int64.self)
            let start = next.take(count, step: step)
            let last = Int128(start) + Int128(count) * Int128(step)
            guard !isSpent, Int64(exactly: last) != nil else {
                throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
            }
            for row in 0..<count { values[row] = start &+ Int64(row) &* step }
            return Vector(
                physical: .int64,
                form: .flat,
                count: count,
                data: buffer.pointer,
                owners: [buffer]
            )
        }
    )
}

/// The next value to hand out.
private final class IdentityCounter: Sendable {
    private let next: Atomic<Int64>

    init(_ first: Int64) { next = Atomic(first) }

    /// Takes `count` values and returns the first.
    func take(_ count: Int, step: Int64) -> Int64 {
        next.wrappingAdd(Int64(count) &* step, ordering: .relaxed).oldValue
    }
}
