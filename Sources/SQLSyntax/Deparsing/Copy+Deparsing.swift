extension CopySyntax {
    /// The statement as SQL text that parses to the same tree.
    var deparsed: String {
        let head = "COPY \(table.deparsed)\(SQLText.columnList(columns)) FROM "
        return head
            + ([SQLText.quoted(source.text)] + options.map(\.deparsed))
            .joined(separator: " ")
    }
}

extension CopyOptionSyntax {
    fileprivate var deparsed: String {
        switch value {
        case .string(let text):
            let quoted =
                Parser.keepsEscapes(ofCopyOption: name)
                ? SQLText.quotedKeepingEscapes(text) : SQLText.quoted(text)
            return "\(name.uppercased()) AS \(quoted)"
        case .integer(let number): return "\(name.uppercased()) \(number)"
        case .word(let word): return "\(name.uppercased()) \(word.uppercased())"
        case nil: return name.uppercased()
        }
    }
}

extension SQLText {
    /// A string literal for a place where backslashes stay, as `DELIMITER '\t'` has them.
    fileprivate static func quotedKeepingEscapes(_ text: String) -> String {
        var quoted = "'"
        var isEscaped = false
        for character in text.unicodeScalars {
            if character == "'", !isEscaped { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
            isEscaped = character == "\\" && !isEscaped
        }
        // A backslash with nothing behind it came from dollar quotes, and only they can hold it.
        return isEscaped ? "$$\(text)$$" : quoted + "'"
    }
}
