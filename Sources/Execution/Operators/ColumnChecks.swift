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
            if let row = firstMultibyte(chunk.columns[index], count: chunk.count) {
                throw multibyteCharacter(in: chunk.columns[index].stringView(row))
            }
        }
    }

    private func hasNull(_ vector: Vector) -> Bool {
        guard let validity = vector.validity else { return false }
        return vector.isConstant
            ? vector.count > 0 && vector.isNull(0)
            : bitmapCount(validity, rowCount: vector.count) < vector.count
    }

    /// The first row with a byte above 127; nil for none.
    private func firstMultibyte(_ vector: Vector, count: Int) -> Int? {
        if let dictionary = vector.dictionary, dictionary.count <= count,
            !hasMultibyte(dictionary, count: dictionary.count)
        {
            return nil
        }
        if vector.isConstant {
            return count > 0 && !vector.isNull(0) && vector.stringView(0).isMultibyte ? 0 : nil
        }
        let flat = vector.flattened()
        guard hasMultibyte(flat, count: count) else { return nil }
        return (0..<count).first { !flat.isNull($0) && flat.stringView($0).isMultibyte }
    }

    private func hasMultibyte(_ flat: Vector, count: Int) -> Bool {
        let views = flat.entries(as: StringView.self)
        defer { withExtendedLifetime(flat) {} }
        for row in 0..<count where views[row].isMultibyte && !flat.isNull(row) { return true }
        return false
    }

    private func multibyteCharacter(in view: StringView) -> SQLError {
        let bytes = view.bytes
        let first = bytes.firstIndex { $0 >= 0x80 } ?? 0
        let rest = bytes[(first + 1)...].prefix { $0 & 0xC0 == 0x80 }
        let character = ([bytes[first]] + rest).map { String($0, radix: 16) }
        return SQLError(
            .characterNotInRepertoire,
            "Multibyte character not supported for CHAR (Hint: try using VARCHAR). "
                + "Invalid char: \(character.joined(separator: " "))"
        )
    }
}

extension StringView {
    /// Whether some byte of the text is above 127.
    fileprivate var isMultibyte: Bool {
        if isInline { return (head & 0x8080_8080_0000_0000) | (tail & 0x8080_8080_8080_8080) != 0 }
        return withBytes { bytes in bytes.contains { $0 >= 0x80 } }
    }
}
