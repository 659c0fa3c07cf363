import SQLTypes

/// ANALYZE, VACUUM and COMMENT.
extension Parser {
    /// `ANALYZE [VERBOSE] [table [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]`,
    /// `ANALYZE COMPRESSION [table [(columns)]] [COMPROWS n]`.
    mutating func analyze() throws(SQLError) -> Statement {
        try advance()
        var analyze = AnalyzeSyntax(
            table: nil,
            columns: [],
            isPredicateColumns: false,
            isCompression: false,
            sampleRowCount: nil
        )
        if at(.compression) {
            // A table may be named compression.
            let next = try peek().kind
            analyze.isCompression = next != .dot && next != .leftParenthesis
            if analyze.isCompression { try advance() }
        }
        if !analyze.isCompression { _ = try accept(.verbose) }
        if atName, try !isColumnChoice(), !at(.comprows) {
            analyze.table = try objectName()
            analyze.columns = try optionalNames()
        }
        if analyze.isCompression {
            if try accept(.comprows) { analyze.sampleRowCount = try integer() }
        } else if try isColumnChoice() {
            analyze.isPredicateColumns = at(.predicate)
            try advance()
            try advance()
        }
        return .analyze(analyze)
    }

    private mutating func isColumnChoice() throws(SQLError) -> Bool {
        guard at(.predicate) || at(.all) else { return false }
        return try peek().keyword == .columns
    }

    /// `VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [table [TO n PERCENT]]
    /// [BOOST]`.
    mutating func vacuum() throws(SQLError) -> Statement {
        try expect(.vacuum)
        var vacuum = VacuumSyntax(mode: .full, table: nil, thresholdPercent: nil)
        if try accept(.full) {
            vacuum.mode = .full
        } else if try accept(.sort, .only) {
            vacuum.mode = .sortOnly
        } else if try accept(.delete, .only) {
            vacuum.mode = .deleteOnly
        } else if try accept(.reindex) {
            vacuum.mode = .reindex
        } else if try accept(.recluster) {
            vacuum.mode = .recluster
        }
        if atName, !at(.boost) {
            vacuum.table = try objectName()
            if try accept(.to) {
                let position = token.start
                let percent = try integer()
                try expect(.percent)
                guard percent >= 0, percent <= 100 else {
                    throw SQLError(
                        .invalidParameterValue,
                        "VACUUM threshold \(percent) must be between 0 and 100",
                        position: position
                    )
                }
                vacuum.thresholdPercent = percent
            }
        }
        vacuum.isBoosted = try accept(.boost)
        return .vacuum(vacuum)
    }

    /// `COMMENT ON kind name [ON table] IS {'text' | NULL}`.
    mutating func comment() throws(SQLError) -> Statement {
        try expect(.comment)
        try expect(.on)
        guard let kind = word else { throw syntaxError() }
        switch kind {
        case "table", "column", "view", "schema", "database", "constraint": try advance()
        default: throw syntaxError()
        }
        var name = kind == "column" ? try columnName() : try objectName()
        if kind == "constraint", try accept(.on) {
            name = ObjectNameSyntax(try objectName().parts + name.parts)
        }
        try expect(.is)
        if try accept(.null) {
            return .comment(CommentSyntax(kind: kind, name: name, text: nil))
        }
        return .comment(CommentSyntax(kind: kind, name: name, text: try string().text))
    }

    // `[schema.]table.column`.
    private mutating func columnName() throws(SQLError) -> ObjectNameSyntax {
        var parts = [try name()]
        while try accept(.dot) { parts.append(try label()) }
        let name = ObjectNameSyntax(parts)
        guard parts.count >= 2, parts.count <= 4 else { throw tooManyDots(name) }
        return name
    }
}
