import Plans
import SQLTypes
import Vectors

/// Keeps the rows for which a condition is true.
///
/// Conjuncts that cannot fail are tested one after another into one bitmap; rows are gathered
/// before a conjunct that can fail, which must see survivors only, or once few are left.
/// Chunks of which every row passes go on as they are.
final class Filter: StepRun {
    private let conjuncts: [ExpressionEvaluator]
    private let rows: FlatArray<UInt16>

    init(_ condition: Expression) {
        conjuncts = condition.conjuncts.map { ExpressionEvaluator($0) }
        rows = FlatArray(capacity: chunkRowCountMax)
    }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        var chunk = chunk
        var bits: [UInt64]?
        for conjunct in conjuncts {
            if let known = bits, conjunct.canFail {
                guard let left = try gather(chunk, known) else { return nil }
                chunk = left
                bits = nil
            }
            let passed = try conjunct.trueBits(chunk)
            guard var both = bits else {
                bits = passed
                continue
            }
            for word in both.indices { both[word] &= passed[word] }
            bits = both
        }
        guard let bits else { return chunk }
        return try gather(chunk, bits)
    }

    private func gather(_ chunk: Chunk, _ bits: [UInt64]) throws(SQLError) -> Chunk? {
        let count = bitmapCount(bits, rowCount: chunk.count)
        if count == chunk.count { return chunk }
        if count == 0 { return nil }
        try rows.reserve(chunk.count)
        _ = positions(of: bits, rowCount: chunk.count, into: rows.pointer)
        return chunk.gather(rows.pointer, count: count)
    }
}
