import Plans
import SQLTypes
import Vectors

/// Puts out the values of expressions.
final class Projection: StepRun {
    private let items: [ExpressionEvaluator]

    init(_ expressions: [Expression]) { items = expressions.map { ExpressionEvaluator($0) } }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        var columns: [Vector] = []
        columns.reserveCapacity(items.count)
        for item in items { columns.append(try item.evaluate(chunk)) }
        return Chunk(count: chunk.count, columns: columns)
    }
}

/// Passes at most so many rows on its slice, then lets the run end.
final class Limit: StepRun {
    private var rowsToPass: Int

    init(_ count: Int) { rowsToPass = count }

    var isDone: Bool { rowsToPass == 0 }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        let passed = min(rowsToPass, chunk.count)
        rowsToPass -= passed
        if passed == 0 { return nil }
        return passed == chunk.count ? chunk : chunk.slice(0..<passed)
    }
}

/// Drops so many rows, then passes all.
final class Skip: StepRun {
    private var rowsToSkip: Int

    init(_ count: Int) { rowsToSkip = count }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        let skipped = min(rowsToSkip, chunk.count)
        rowsToSkip -= skipped
        if skipped == chunk.count { return nil }
        return skipped == 0 ? chunk : chunk.slice(skipped..<chunk.count)
    }
}
