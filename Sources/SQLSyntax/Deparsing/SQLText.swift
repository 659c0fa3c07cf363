import SQLTypes

/// Pieces of SQL text that need care: names, strings, types, lists.
enum SQLText {
    /// A string literal; quotes and backslashes are escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "'"
        for character in text.unicodeScalars {
            if character == "'" || character == "\\" { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "'"
    }

    /// A name, in double quotes where it would not parse without.
    static func name(_ text: String) -> String {
        isPlain(text) && !keyword(text).isReserved ? text : quotedName(text)
    }

    /// A name, in double quotes also where it is a word of the grammar.
    static func nonKeyword(_ text: String) -> String {
        isPlain(text) && keyword(text) == .none ? text : quotedName(text)
    }

    /// A name where reserved words may stand too.
    static func label(_ name: NameSyntax) -> String {
        isPlain(name.text) ? name.text : quotedName(name.text)
    }

    /// A type as it stands before a literal: without its size, which the grammar has no place
    /// for there, and which is the default one.
    static func literalType(_ type: DataType) -> String {
        switch type {
        case .char(let length): length == 1 ? "char" : "bpchar"
        case .varchar(let length): length == DataType.varcharDefaultLength ? "varchar" : "name"
        case .varbyte: "varbyte"
        default: type.baseName
        }
    }

    /// A name in double quotes.
    static func quotedName(_ text: String) -> String {
        "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    // Whether the lexer reads the text as one word in lower case. A temporary table's sign
    // stays outside quotes.
    private static func isPlain(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "#") { bytes = bytes.dropFirst() }
        guard let first = bytes.first else { return false }
        let startsAsDigit = first == UInt8(ascii: "$") || first < UInt8(ascii: "A")
        return !startsAsDigit
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "$"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: false
                }
            }
    }

    private static func keyword(_ text: String) -> Keyword {
        Array(text.utf8).withUnsafeBufferPointer { KeywordTable.shared.keyword(spelled: $0) }
    }
}

// MARK: - Lists

extension SQLText {
    /// Expressions with commas between them.
    static func list(_ expressions: [ExpressionSyntax]) -> String {
        expressions.map(\.deparsed).joined(separator: ", ")
    }

    /// Items of ORDER BY with commas between them.
    static func list(_ items: [OrderItemSyntax]) -> String {
        items.map(\.deparsed).joined(separator: ", ")
    }

    /// Names with commas between them.
    static func list(_ names: [NameSyntax]) -> String {
        names.map(\.deparsed).joined(separator: ", ")
    }

    /// Tables or schemas with commas between them.
    static func list(_ names: [ObjectNameSyntax]) -> String {
        names.map(\.deparsed).joined(separator: ", ")
    }

    /// Types with commas between them.
    static func list(_ types: [DataType]) -> String {
        types.map(\.description).joined(separator: ", ")
    }

    /// Columns in parentheses with a blank before them; nothing for none.
    static func columnList(_ columns: [NameSyntax]) -> String {
        columns.isEmpty ? "" : " (\(list(columns)))"
    }
}

// MARK: - Names

extension NameSyntax {
    /// The name as SQL text, quoted where needed.
    package var deparsed: String {
        // Only a table's name may begin with `#` outside quotes.
        isQuoted && text.hasPrefix("#") ? SQLText.quotedName(text) : SQLText.name(text)
    }
}

extension ObjectNameSyntax {
    /// The name as SQL text, its parts quoted where needed.
    package var deparsed: String { parts.map(\.deparsed).joined(separator: ".") }
}
