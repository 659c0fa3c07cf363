import SQLTypes
import Vectors

// Columns that an operator collects without a bound.

extension [VectorBuilder] {
    /// Adds a chunk's columns, testing for cancel while what was collected is moved.
    ///
    /// - Throws: 57014; the builders are then of no more use.
    func append(_ chunk: Chunk) throws(SQLError) {
        for (builder, column) in zip(self, chunk.columns) {
            try builder.makeRoom(for: chunk.count)
            builder.append(column)
        }
    }

    /// Hands the columns over, testing for cancel before the pass that each of them costs.
    ///
    /// - Throws: 57014.
    func finish() throws(SQLError) -> [Vector] {
        var columns: [Vector] = []
        columns.reserveCapacity(count)
        for builder in self {
            try Interruption.check()
            columns.append(builder.finish())
        }
        return columns
    }
}
