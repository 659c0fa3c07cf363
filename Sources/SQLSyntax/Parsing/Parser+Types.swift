import SQLTypes

/// Types by all their names, with Redshift's default sizes and limits.
extension Parser {
    /// A type.
    ///
    /// - Throws: 42704 for a name that is no type, 0A000 for Redshift's types that Slicehouse
    ///   lacks, 22023 for a size out of range.
    mutating func dataType() throws(SQLError) -> DataType {
        guard token.kind == .word || token.kind == .quotedName else { throw syntaxError() }
        let isTypeWord = at(.timestamp) || at(.interval) || at(.binary)
        guard atName || isTypeWord else { throw syntaxError() }
        var name = try label()
        // A schema before a type can only be the catalog's own.
        while try accept(.dot) { name = try label() }
        let type = try dataType(named: name)
        if at(.leftBracket) || at(.array) {
            throw SQLError.unsupported("an array type", position: token.start)
        }
        return type
    }

    private mutating func dataType(named name: NameSyntax) throws(SQLError) -> DataType {
        switch name.text {
        case "smallint", "int2": return .smallint
        case "integer", "int", "int4": return .integer
        case "bigint", "int8", "oid": return .bigint
        case "decimal", "numeric", "dec": return try decimal()
        case "real", "float4": return .real
        case "double":
            try expect(.precision)
            return .doublePrecision
        case "float8": return .doublePrecision
        case "float": return try float()
        case "boolean", "bool": return .boolean
        case "char", "character", "nchar":
            if name.isQuoted, name.text == "char" { return .char(1) }
            if try accept(.varying) { return try varchar() }
            return try char(unsized: 1)
        case "bpchar": return try char(unsized: 256)
        case "varchar", "nvarchar", "text": return try varchar()
        case "national":
            guard atWord("character") || atWord("char") else { throw syntaxError() }
            try advance()
            return try accept(.varying) ? try varchar() : try char(unsized: 1)
        case "name": return .varchar(128)
        case "date": return .date
        case "datetime": return .timestamp
        case "timestamp": return try zoned(without: .timestamp, with: .timestampTZ)
        case "timestamptz": return .timestampTZ
        case "time": return try zoned(without: .time, with: .timeTZ)
        case "timetz": return .timeTZ
        case "varbyte", "varbinary": return try varbyte()
        case "binary":
            try expect(.varying)
            return try varbyte()
        case "interval":
            _ = try intervalFields()
            return .interval
        default: throw unknownType(name)
        }
    }

    /// Names that are suggested for one that does not exist.
    private static let suggestedTypes = [
        "bigint", "boolean", "bpchar", "char", "character", "date", "datetime", "decimal",
        "double", "float", "float4", "float8", "int", "int2", "int4", "int8", "integer",
        "interval", "numeric", "nvarchar", "real", "smallint", "text", "time", "timestamp",
        "timestamptz", "varchar",
    ]

    private func unknownType(_ name: NameSyntax) -> SQLError {
        switch name.text {
        case "super", "geometry", "geography", "hllsketch", "regclass", "regproc", "regtype":
            SQLError.unsupported("type \(name.text)", position: name.position)
        default:
            SQLError(
                .undefinedObject,
                "type \"\(name.text)\" does not exist",
                hint: nearestName(to: name.text, among: Self.suggestedTypes).map {
                    "Perhaps you meant the type \"\($0)\"."
                },
                position: name.position
            )
        }
    }

    // `[(p)] [WITH TIME ZONE | WITHOUT TIME ZONE]`; the precision says nothing in Redshift.
    private mutating func zoned(
        without plain: DataType,
        with zoned: DataType
    ) throws(SQLError) -> DataType {
        if try accept(.leftParenthesis) {
            _ = try integer()
            try expect(.rightParenthesis)
        }
        if at(.without), try peek().keyword == .time {
            try advance()
            try advance()
            try expect(.zone)
        } else if at(.with), try peek().keyword == .time {
            try advance()
            try advance()
            try expect(.zone)
            return zoned
        }
        return plain
    }

    private mutating func decimal() throws(SQLError) -> DataType {
        guard at(.leftParenthesis) else { return .decimal(precision: 18, scale: 0) }
        try advance()
        let precisionPosition = token.start
        let precision = try integer()
        guard precision >= 1, precision <= DataType.decimalMaxPrecision else {
            throw SQLError(
                .invalidParameterValue,
                "DECIMAL precision \(precision) must be between 1 and "
                    + "\(DataType.decimalMaxPrecision)",
                position: precisionPosition
            )
        }
        var scale: Int64 = 0
        if try accept(.comma) {
            let scalePosition = token.start
            scale = try integer()
            guard scale >= 0, scale <= min(precision, 37) else {
                throw SQLError(
                    .invalidParameterValue,
                    "DECIMAL scale \(scale) must be between 0 and \(min(precision, 37))",
                    position: scalePosition
                )
            }
        }
        try expect(.rightParenthesis)
        return .decimal(precision: Int(precision), scale: Int(scale))
    }

    // FLOAT(n) counts binary digits, as in PostgreSQL.
    private mutating func float() throws(SQLError) -> DataType {
        guard try accept(.leftParenthesis) else { return .doublePrecision }
        let position = token.start
        let digits = try integer()
        try expect(.rightParenthesis)
        switch digits {
        case 1...24: return .real
        case 25...53: return .doublePrecision
        default:
            throw SQLError(
                .invalidParameterValue,
                "precision \(digits) for type float must be between 1 and 53 bits",
                position: position
            )
        }
    }

    private mutating func char(unsized: Int) throws(SQLError) -> DataType {
        .char(try size(unsized: unsized, max: DataType.charMaxLength, of: "char"))
    }

    private mutating func varchar() throws(SQLError) -> DataType {
        let unsized = DataType.varcharDefaultLength
        return .varchar(try size(unsized: unsized, max: DataType.varcharMaxLength, of: "varchar"))
    }

    private mutating func varbyte() throws(SQLError) -> DataType {
        let unsized = DataType.varbyteDefaultLength
        return .varbyte(try size(unsized: unsized, max: DataType.varbyteMaxLength, of: "varbyte"))
    }

    // `(n)` or `(MAX)`.
    private mutating func size(
        unsized: Int,
        max: Int,
        of type: String
    ) throws(SQLError) -> Int {
        guard try accept(.leftParenthesis) else { return unsized }
        let position = token.start
        let size = try acceptWord("max") ? Int64(max) : try integer()
        try expect(.rightParenthesis)
        guard size >= 1 else {
            throw SQLError(
                .invalidParameterValue,
                "length for type \(type) must be at least 1",
                position: position
            )
        }
        guard size <= max else {
            throw SQLError(
                .invalidParameterValue,
                "length for type \(type) cannot exceed \(max)",
                position: position
            )
        }
        return Int(size)
    }
}
