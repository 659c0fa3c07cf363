package import SQLTypes
package import Vectors

/// TRY_CAST: a cast that gives NULL where it would fail.
///
/// A chunk that casts as a whole does so; one that fails is halved until the rows that fail stand
/// alone, so that few failures cost little.
package enum TryCast {
    fileprivate struct Key: Hashable {
        var from: DataType
        var to: DataType
        var style: ValueStyle
    }

    private static let made = MadeFunctions<Key>()

    /// The function that casts values of one type to another as far as the style matters; the
    /// same object for the same arguments.
    package static func function(
        from: DataType,
        to: DataType,
        style: ValueStyle = .standard
    ) -> ScalarFunction {
        let style = style.relevant(from: from, to: to, isExplicit: true)
        let key = Key(from: from, to: to, style: style)
        return made.function(for: key) {
            ScalarFunction(
                "try_cast",
                parameters: [from],
                resultType: { _ in to },
                kernel: { (arguments, _, count) in
                    let result = tryCast(arguments[0], key, count: count)
                    return result ?? .nulls(physical: to.physical, count: count)
                }
            )
        }
    }
}

/// The cast of `count` rows, NULL where it fails; nil where that is all of them.
private func tryCast(_ vector: Vector, _ key: TryCast.Key, count: Int) -> Vector? {
    let whole = try? cast(
        vector,
        from: key.from,
        to: key.to,
        isExplicit: true,
        style: key.style,
        count: count
    )
    if let whole { return whole }
    if count <= 1 || vector.isConstant { return nil }
    let middle = count / 2
    let halves = [0..<middle, middle..<count].map { range in
        (range, tryCast(vector.slice(range), key, count: range.count))
    }
    let physicals = halves.compactMap(\.1?.physical)
    guard let first = physicals.first else { return nil }
    // Decimals may come in 64 or in 128 bits.
    let physical = physicals.contains(.int128) ? .int128 : first
    let builder = VectorBuilder(physical: physical, capacity: count)
    for (range, half) in halves {
        builder.append(half ?? .nulls(physical: physical, count: range.count))
    }
    return builder.finish()
}
