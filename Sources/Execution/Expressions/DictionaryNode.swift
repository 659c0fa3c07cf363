import SQLTypes
import Vectors

/// Evaluates an expression of one column once per dictionary entry instead of once per row.
///
/// Only for expressions that cannot fail, so that entries no row uses do no harm. The results are
/// kept for as long as chunks come with the same dictionary, which is a block or more. One more
/// row, a NULL, gives the result for NULL rows.
final class DictionaryNode: ExpressionNode {
    private let inner: ExpressionNode
    private let column: Int
    private var dictionary: Vector?
    private var results: Vector?
    private let places: FlatArray<UInt32>
    /// Longer dictionaries pay only after many chunks.
    private static let entryCountMax = 8_192

    init(_ inner: ExpressionNode, column: Int) {
        self.inner = inner
        self.column = column
        places = FlatArray(capacity: chunkRowCountMax)
        super.init(canFail: false, columns: inner.columns)
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        let source = chunk.columns[column]
        guard let entries = source.dictionary, entries.count <= Self.entryCountMax,
            entries.count <= chunk.count || entries === dictionary
        else { return try inner.evaluate(chunk) }
        if dictionary !== entries || results == nil {
            results = try evaluateEntries(entries, like: chunk)
            dictionary = entries
        }
        guard let results else { return try inner.evaluate(chunk) }
        if results.isConstant { return results.repeated(count: chunk.count) }
        try fillPlaces(source, count: chunk.count, nullPlace: entries.count)
        return results.gather(places.pointer, count: chunk.count)
    }

    private func evaluateEntries(_ entries: Vector, like chunk: Chunk) throws(SQLError) -> Vector {
        let null = Vector.nulls(physical: entries.physical, count: 1)
        var parts: [Vector] = []
        var start = 0
        while start < entries.count {
            let end = min(start + chunkRowCountMax, entries.count)
            parts.append(try evaluate(entries.slice(start..<end), like: chunk))
            start = end
        }
        parts.append(try evaluate(null, like: chunk))
        let physical = parts.contains { $0.physical == .int128 } ? .int128 : parts[0].physical
        let builder = VectorBuilder(physical: physical, capacity: entries.count + 1)
        for part in parts { builder.append(part) }
        return builder.finish()
    }

    private func evaluate(_ value: Vector, like chunk: Chunk) throws(SQLError) -> Vector {
        var columns = chunk.columns.map { Vector.nulls(physical: $0.physical, count: value.count) }
        columns[column] = value
        return try inner.evaluate(Chunk(count: value.count, columns: columns))
    }

    private func fillPlaces(
        _ source: Vector,
        count: Int,
        nullPlace: Int
    ) throws(SQLError) {
        try places.reserve(count)
        let place = places.pointer
        switch source.form {
        case .dictionary8:
            let codes = source.entries(as: UInt8.self)
            for row in 0..<count { place[row] = UInt32(codes[row]) }
        case .dictionary16:
            let codes = source.entries(as: UInt16.self)
            for row in 0..<count { place[row] = UInt32(codes[row]) }
        default:
            for row in 0..<count { place[row] = UInt32(truncatingIfNeeded: source.code(row)) }
        }
        guard source.validity != nil else { return }
        for row in 0..<count where source.isNull(row) {
            place[row] = UInt32(truncatingIfNeeded: nullPlace)
        }
    }
}
