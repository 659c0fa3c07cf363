package import SQLTypes

/// Tests that texts are fit for CHAR, which has one byte a character.
///
/// - Errors: 22021 for a character of several bytes in a row that is not NULL.
/// - Source: Redshift's words, those of COPY's code 1220.
package func requireSingleByteText(_ vector: Vector, count: Int) throws(SQLError) {
    if let row = firstMultibyte(vector, count: count) {
        throw multibyteCharacter(in: vector.stringView(row))
    }
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

extension StringView {
    /// Whether some byte of the text is above 127.
    fileprivate var isMultibyte: Bool {
        if isInline { return (head & 0x8080_8080_0000_0000) | (tail & 0x8080_8080_8080_8080) != 0 }
        return withBytes { bytes in bytes.contains { $0 >= 0x80 } }
    }
}
