package import SQLTypes

extension CopyOptions {
    /// Reads COPY's words; their names may be in any case, `NULL AS` is `null`.
    ///
    /// Authorisation and region are accepted and mean nothing for local files.
    ///
    /// - Throws: 42601 for an unknown or doubled word, a missing or wrong argument and words
    ///   that exclude each other; 0A000 for formats and sources that cannot be read.
    package static func parse(
        _ words: [(name: String, arguments: [String], position: Int)]
    ) throws(SQLError) -> CopyOptions {
        var options = CopyOptions()
        var seen: Set<String> = []
        for (name, arguments, position) in words {
            let word = CopyWord(
                name: name.uppercased(),
                arguments: arguments,
                position: position
            )
            guard seen.insert(word.name).inserted else {
                throw word.error("conflicting or redundant options: \(word.name)")
            }
            try options.apply(word)
        }
        if options.format == .csv, !seen.contains("DELIMITER") {
            options.delimiter = UInt8(ascii: ",")
        }
        try options.checkConflicts(seen, position: words.first?.position)
        return options
    }

    private mutating func apply(_ word: CopyWord) throws(SQLError) {
        switch word.name {
        case "IAM_ROLE", "CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN",
            "SESSION", "REGION", "COMPROWS", "MASTER_SYMMETRIC_KEY":
            break
        case "CSV":
            format = .csv
            // `CSV QUOTE AS 'c'` may come as one word with its argument.
            if word.arguments.count == 1 { quote = try word.byte() }
        case "DELIMITER": delimiter = try word.byte()
        case "QUOTE": quote = try word.byte()
        case "NULL": nullText = try word.nullText()
        case "IGNOREHEADER": headerLineCount = try word.integer(0...Int(Int32.max))
        case "MAXERROR": errorCountMax = try word.integer(0...100_000)
        case "DATEFORMAT": dateStyle = try word.timeStyle(epochs: false)
        case "TIMEFORMAT": timeStyle = try word.timeStyle(epochs: true)
        case "GZIP": compression = .gzip
        case "ZSTD": compression = .zstd
        case "MANIFEST": usesManifest = true
        case "STATUPDATE": updatesStatistics = try word.flag()
        case "COMPUPDATE":
            compressionUpdate =
                word.arguments.first?.uppercased() == "PRESET"
                ? .preset : try word.flag() ? .on : .off
        case "ENCODING":
            let encoding = try word.text().uppercased()
            guard encoding == "UTF8" || encoding == "UTF-8" else {
                throw SQLError.unsupported(
                    "COPY with ENCODING \(encoding)",
                    position: word.position
                )
            }
        default: try applyConversion(word)
        }
    }

    private mutating func applyConversion(_ word: CopyWord) throws(SQLError) {
        switch word.name {
        case "ACCEPTANYDATE": acceptsAnyDate = true
        case "ACCEPTINVCHARS":
            invalidByteReplacement = word.arguments.isEmpty ? UInt8(ascii: "?") : try word.byte()
        case "BLANKSASNULL": blanksAreNull = true
        case "EMPTYASNULL": emptyIsNull = true
        case "ESCAPE": hasEscapes = true
        case "EXPLICIT_IDS": hasExplicitIDs = true
        case "FILLRECORD": fillsRecords = true
        case "IGNOREALLERRORS": ignoresAllErrors = true
        case "IGNOREBLANKLINES": ignoresBlankLines = true
        case "NOLOAD": isDryRun = true
        case "REMOVEQUOTES": removesQuotes = true
        case "ROUNDEC": roundsDecimals = true
        case "TRIMBLANKS": trimsBlanks = true
        case "TRUNCATECOLUMNS": truncatesColumns = true
        case "FIXEDWIDTH", "JSON", "AVRO", "PARQUET", "ORC", "SHAPEFILE", "BZIP2", "LZOP",
            "ENCRYPTED", "SSH", "READRATIO", "JOB", "SERIALIZETOJSON":
            throw SQLError.unsupported("COPY with \(word.name)", position: word.position)
        default:
            throw word.error("syntax error at or near \"\(word.name.lowercased())\"")
        }
    }

    private func checkConflicts(_ seen: Set<String>, position: Int?) throws(SQLError) {
        let pairs = [
            ("CSV", "ESCAPE"), ("CSV", "REMOVEQUOTES"), ("GZIP", "ZSTD"),
            ("MAXERROR", "IGNOREALLERRORS"),
        ]
        for (first, second) in pairs where seen.contains(first) && seen.contains(second) {
            throw SQLError(
                .syntaxError,
                "\(first) is not supported with \(second)",
                position: position
            )
        }
        if seen.contains("QUOTE") && !seen.contains("CSV") {
            throw SQLError(.syntaxError, "QUOTE is supported only with CSV", position: position)
        }
        if format == .csv && quote == delimiter {
            throw SQLError(
                .syntaxError,
                "the delimiter and the quote of CSV must differ",
                position: position
            )
        }
    }
}

/// One word of COPY.
private struct CopyWord {
    let name: String
    let arguments: [String]
    let position: Int

    func error(_ message: String) -> SQLError {
        SQLError(.syntaxError, message, position: position)
    }

    func text() throws(SQLError) -> String {
        guard arguments.count == 1 else { throw error("\(name) needs one argument") }
        return arguments[0]
    }

    /// One ASCII character: itself, `\t` and its like, or three octal digits as `\001`; no line
    /// end, which parts rows.
    func byte() throws(SQLError) -> UInt8 {
        let bytes = try unescaped()
        guard bytes.count == 1, bytes[0] < 0x80 else {
            throw error("\(name) must be a single ASCII character")
        }
        guard bytes[0] != lineFeed, bytes[0] != carriageReturn else {
            throw error("\(name) cannot be a line end")
        }
        return bytes[0]
    }

    func nullText() throws(SQLError) -> [UInt8] {
        let bytes = try unescaped()
        if bytes.contains(lineFeed) { throw error("NULL AS cannot be a line feed") }
        return bytes
    }

    /// The bytes that an argument means: `\t` and its like and octal numbers are resolved, other
    /// characters lose the backslash before them, but `\N`, the usual NULL text, stays.
    ///
    /// A backslash may be doubled, as in other literals: `\\t` is `\t`.
    private func unescaped() throws(SQLError) -> [UInt8] {
        let bytes = withoutDoubledBackslashes(Array(try text().utf8))
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < bytes.count else {
                result.append(byte)
                continue
            }
            let next = bytes[index]
            let octal = bytes[index...].prefix(3).prefix { $0 & 0xF8 == 0x30 }
            if let code = UInt8(String(decoding: octal, as: UTF8.self), radix: 8) {
                result.append(code)
                index += octal.count
                continue
            }
            index += 1
            switch next {
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "n"): result.append(lineFeed)
            case UInt8(ascii: "r"): result.append(carriageReturn)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "v"): result.append(11)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "N"): result += [byte, next]
            default: result.append(next)
            }
        }
        return result
    }

    private func withoutDoubledBackslashes(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let isDoubled = bytes[index...].starts(with: "\\\\".utf8)
            result.append(bytes[index])
            index += isDoubled ? 2 : 1
        }
        return result
    }

    func integer(_ range: ClosedRange<Int>) throws(SQLError) -> Int {
        guard let value = Int(try text()), range.contains(value) else {
            throw error(
                "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// ON unless OFF or FALSE is said.
    func flag() throws(SQLError) -> Bool {
        guard let argument = arguments.first else { return true }
        switch argument.uppercased() {
        case "ON", "TRUE": return true
        case "OFF", "FALSE": return false
        default: throw error("\(name) must be ON or OFF")
        }
    }

    func timeStyle(epochs: Bool) throws(SQLError) -> CopyOptions.TimeStyle {
        let pattern = try text()
        switch pattern.lowercased() {
        case "auto": return .automatic
        case "epochsecs" where epochs: return .epochSeconds
        case "epochmillisecs" where epochs: return .epochMilliseconds
        default:
            let compiled = TimePattern(pattern)
            guard compiled.hasFields else {
                throw error("\(name) '\(pattern)' has no part of a date or time")
            }
            if let letter = compiled.strangeLetter {
                throw error(
                    "\(name) '\(pattern)' has a letter that belongs to no part of a date or time: "
                        + "\(letter)"
                )
            }
            return .pattern(pattern)
        }
    }
}
