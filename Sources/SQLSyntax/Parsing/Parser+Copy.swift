import SQLTypes

/// COPY and the words it takes.
extension Parser {
    /// What stands behind a word of COPY.
    private enum ArgumentRule {
        case none
        case string
        /// A string in which `\N`, `\0` and `\t` mean what COPY says.
        case rawString
        case optionalString
        case integer
        /// One of a few words, or none of them.
        case optionalWord([String])
        /// A string or one of a few words.
        case stringOrWord([String])
    }

    /// The words of COPY in lower case.
    ///
    /// - Source: Redshift's COPY parameters. What a parameter means, and whether two go
    ///   together, is for the loader to say.
    private static let copyRules: [String: ArgumentRule] = [
        // Authorization.
        "iam_role": .stringOrWord(["default"]), "credentials": .string,
        "access_key_id": .string, "secret_access_key": .string, "session_token": .string,
        // Formats.
        "csv": .none, "delimiter": .rawString, "quote": .rawString, "fixedwidth": .string,
        "json": .optionalString, "avro": .optionalString, "parquet": .none, "orc": .none,
        "shapefile": .none, "escape": .none, "removequotes": .none, "gzip": .none,
        "bzip2": .none, "lzop": .none, "zstd": .none,
        "encoding": .stringOrWord(["utf8", "utf16", "utf16le", "utf16be", "iso88591", "auto"]),
        "encrypted": .none, "master_symmetric_key": .string, "region": .string,
        "manifest": .none,
        // Conversions.
        "acceptanydate": .none, "acceptinvchars": .optionalString, "blanksasnull": .none,
        "emptyasnull": .none, "null": .rawString, "dateformat": .string, "timeformat": .string,
        "explicit_ids": .none, "fillrecord": .none, "ignoreblanklines": .none,
        "ignoreheader": .integer, "roundec": .none, "trimblanks": .none,
        "truncatecolumns": .none, "serializetojson": .none,
        // The load.
        "comprows": .integer,
        "compupdate": .optionalWord(["preset", "on", "off", "true", "false"]),
        "statupdate": .optionalWord(["on", "off", "true", "false"]), "maxerror": .integer,
        "ignoreallerrors": .none, "noload": .none, "readratio": .integer, "ssh": .none,
        "session": .none,
    ]

    /// Whether backslashes in the option's string have a meaning of their own.
    static func keepsEscapes(ofCopyOption name: String) -> Bool {
        if case .rawString = copyRules[name] { true } else { false }
    }

    /// `COPY table [(columns)] FROM 'source' options`.
    mutating func copy() throws(SQLError) -> Statement {
        let position = token.start
        try expect(.copy)
        let table = try objectName()
        let columns = try optionalNames()
        if at(.to) { throw SQLError.unsupported("COPY TO", position: position) }
        try expect(.from)
        if atWord("stdin") { throw SQLError.unsupported("COPY FROM STDIN", position: position) }
        let source = try string()
        var copy = CopySyntax(table: table, columns: columns, source: source, options: [])
        while !isAtEnd, !at(.semicolon) {
            if let option = try copyOption() { copy.options.append(option) }
            _ = try accept(.comma)
        }
        return .copy(copy)
    }

    // One word with its argument; nil for FORMAT and WITH, which only lead to the next.
    private mutating func copyOption() throws(SQLError) -> CopyOptionSyntax? {
        guard let name = word else { throw syntaxError() }
        if name == "format" {
            try advance()
            _ = try accept(.as)
            return nil
        }
        if try accept(.with) { return nil }
        if name == "job" { throw SQLError.unsupported("COPY JOB", position: token.start) }
        guard let rule = Self.copyRules[name] else { throw syntaxError() }
        let position = token.start
        try advance()
        let sawAs = try accept(.as)
        let valuePosition = token.start
        guard let value = try copyValue(rule) else {
            if sawAs { throw syntaxError() }
            return CopyOptionSyntax(
                name: name,
                value: nil,
                position: position,
                valuePosition: position
            )
        }
        return CopyOptionSyntax(
            name: name,
            value: value,
            position: position,
            valuePosition: valuePosition
        )
    }

    private mutating func copyValue(
        _ rule: ArgumentRule
    ) throws(SQLError) -> CopyOptionSyntax.Value? {
        switch rule {
        case .none: return nil
        case .string: return .string(try string().text)
        case .rawString: return .string(try string(keepsEscapes: true).text)
        case .optionalString: return atString ? .string(try string().text) : nil
        case .integer: return .integer(try integer())
        case .optionalWord(let words): return try copyWord(among: words)
        case .stringOrWord(let words):
            if let value = try copyWord(among: words) { return value }
            return .string(try string().text)
        }
    }

    private mutating func copyWord(
        among words: [String]
    ) throws(SQLError) -> CopyOptionSyntax.Value? {
        guard let word, words.contains(word) else { return nil }
        try advance()
        return .word(word)
    }
}
