import Catalogs
import Functions
import Synchronization
import Vectors

/// A function without arguments that yields the next values of an IDENTITY column.
///
/// Values follow `maximum`, the greatest one stored, in steps: unique but not dense, and in no
/// order of rows where several slices draw them. The table's write lock keeps others from
/// drawing the same.
///
/// - Source: Redshift's IDENTITY(seed, step).
func identityFunction(
    of table: TableDefinition,
    column: ColumnIndex,
    after maximum: Datum?
) -> ScalarFunction? {
    guard case .identity(let seed, let step, _)? = table.columns[column].defaultValue else {
        return nil
    }
    var first = seed
    if let last = maximum?.exact, step != 0 {
        let used = (Int64(truncatingIfNeeded: last) &- seed) / step
        if used >= 0 { first = seed &+ (used &+ 1) &* step }
    }
    let next = IdentityCounter(first)
    return ScalarFunction(
        "identity",
        parameters: [],
        resultType: { _ in .bigint },
        nullRule: .own,
        volatility: .volatile,
        kernel: { (_, _, count) throws(SQLError) in
            let buffer = Buffer(byteCount: max(1, count) * 8)
            let values = buffer.pointer.assumingMemoryBound(to: Int64.self)
            let start = next.take(count, step: step)
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
