import Catalogs
import Execution
import Functions
import Plans
import SQLTypes
import Storage
import Vectors

/// Answers the planner's questions about conditions from the samples of stored tables.
struct StoredRowSampler: RowSampler {
    let snapshot: StoreSnapshot

    func test(
        _ conditions: [Expression],
        on table: TableID,
        columns: [ColumnIndex]
    ) throws(SQLError) -> SampledRows? {
        guard let rows = try rows(of: table, columns) else { return nil }
        var answer = SampledRows(rowCount: rows.count, passing: [])
        for condition in conditions {
            answer.passing.append(
                condition.isRepeatable ? try passing(condition, rows) : nil
            )
        }
        return answer
    }

    func distinctCounts(
        of expression: Expression,
        in table: TableID,
        columns: [ColumnIndex]
    ) throws(SQLError) -> SampledValues? {
        guard expression.isRepeatable, let rows = try rows(of: table, columns) else {
            return nil
        }
        let vector: Vector
        do throws(SQLError) {
            vector = try ExpressionEvaluator(expression).evaluate(rows)
        } catch {
            if error.state == .queryCanceled { throw error }
            return nil
        }
        var hashes = [UInt64](repeating: 0, count: rows.count)
        hashes.withUnsafeMutableBufferPointer { target in
            guard let start = target.baseAddress else { return }
            hashRows([vector], count: rows.count, into: start)
        }
        var counts: [UInt64: Int] = [:]
        for hash in hashes { counts[hash, default: 0] += 1 }
        return SampledValues(
            rowCount: rows.count,
            distinctCount: counts.count,
            onceCount: counts.values.reduce(0) { $0 + ($1 == 1 ? 1 : 0) }
        )
    }

    private func rows(
        of table: TableID,
        _ columns: [ColumnIndex]
    ) throws(SQLError) -> Chunk? {
        guard let version = snapshot.tableVersion(table) else { return nil }
        do throws(SQLError) {
            let sample = try version.sample()
            var vectors: [Vector] = []
            for index in columns { vectors.append(try sample.column(index)) }
            return Chunk(count: sample.rowCount, columns: vectors)
        } catch {
            if error.state == .queryCanceled { throw error }
            // What a query does not need does not stop it: without the sample statistics must do,
            // and `slicehouse check` names the damage.
            return nil
        }
    }

    /// The rows for which a condition is true; nil where it fails for one of them.
    private func passing(_ condition: Expression, _ rows: Chunk) throws(SQLError) -> [UInt64]? {
        do throws(SQLError) {
            return try ExpressionEvaluator(condition).trueBits(rows)
        } catch {
            if error.state == .queryCanceled { throw error }
            // Whether it fails for a row of the query is seen when the query runs.
            return nil
        }
    }
}
