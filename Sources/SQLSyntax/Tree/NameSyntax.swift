/// One name, folded to lower case; quoted ones keep their capitals where the parser was told so.
///
/// - Source: Redshift folds quoted names too, unless `enable_case_sensitive_identifier` is on.
package struct NameSyntax: Hashable, Sendable {
    /// The name, at most 127 bytes.
    package var text: String
    /// Whether it stood in double quotes.
    package var isQuoted: Bool
    /// UTF-8 offset of its first byte in the statement's text.
    package var position: Int

    /// Makes a name.
    package init(_ text: String, isQuoted: Bool = false, position: Int = 0) {
        self.text = text
        self.isQuoted = isQuoted
        self.position = position
    }
}

/// A name of one to four parts: `table`, `schema.table`, `database.schema.table`, and columns.
///
/// A temporary table's `#` is part of the last name's text.
package struct ObjectNameSyntax: Hashable, Sendable {
    /// The parts from left to right, at least one.
    package var parts: [NameSyntax]

    /// Makes a name of its parts.
    package init(_ parts: [NameSyntax]) { self.parts = parts }

    /// The last part's text: the object's own name.
    package var name: String { parts.last?.text ?? "" }
    /// The text of the part before the last: a schema, or a column's table.
    package var qualifier: String? { parts.count > 1 ? parts[parts.count - 2].text : nil }
    /// The text of the third part from the right: a database.
    package var database: String? { parts.count > 2 ? parts[parts.count - 3].text : nil }
    /// Where the first part stands.
    package var position: Int { parts.first?.position ?? 0 }
    /// The parts with dots between them, unquoted, as messages print them.
    package var description: String { parts.map(\.text).joined(separator: ".") }
}

/// A string literal whose place matters.
package struct StringSyntax: Hashable, Sendable {
    /// The text with escapes resolved.
    package var text: String
    /// UTF-8 offset of the opening quote.
    package var position: Int

    /// Makes a literal.
    package init(_ text: String, position: Int) {
        self.text = text
        self.position = position
    }
}
