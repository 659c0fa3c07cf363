import Catalogs
import SQLTypes
import Vectors

/// What stored values of a table must be beyond their type: not NULL, and one byte a character in
/// CHAR columns.
///
/// - Source: Redshift's words; those of the CHAR rule are COPY's, code 1220.
struct ColumnChecks {
    private var notNull: [(index: Int, name: String)] = []
    private var singleByte: [Int] = []

    init(_ table: TableDefinition) {
        for (index, column) in table.columns.enumerated() {
            if column.isNotNull { notNull.append((index, column.name)) }
            if case .char = column.type { singleByte.append(index) }
        }
    }

    /// Tests rows that are about to be stored.
    ///
    /// - Throws: 23502 for a NULL in a NOT NULL column; 22021 for a character of several bytes in
    ///   a CHAR column.
    func check(_ chunk: Chunk) throws(SQLError) {
        for (index, name) in notNull where hasNull(chunk.columns[index]) {
            throw SQLError(
                .notNullViolation,
                "Cannot insert a NULL value into column \(name)",
                detail: "code: 8007"
            )
        }
        for index in singleByte {
            try requireSingleByteText(chunk.columns[index], count: chunk.count)
        }
    }

    private func hasNull(_ vector: Vector) -> Bool {
        guard let validity = vector.validity else { return false }
        return vector.isConstant
            ? vector.count > 0 && vector.isNull(0)
            : bitmapCount(validity, rowCount: vector.count) < vector.count
    }
}
