import SQLTypes

/// CREATE TABLE and CREATE TABLE AS.
extension Parser {
    /// `TABLE …` behind CREATE and TEMP.
    mutating func createTable(isTemporary: Bool) throws(SQLError) -> Statement {
        try expect(.table)
        let ifNotExists = try acceptIfNotExists()
        let name = try objectName()
        let isTemporary = isTemporary || name.name.hasPrefix("#")
        var columns: [NameSyntax] = []
        if at(.leftParenthesis) {
            guard try isNameList() else {
                let elements = try tableElements()
                let attributes = try tableAttributes()
                let table = CreateTableSyntax(
                    name: name,
                    isTemporary: isTemporary,
                    ifNotExists: ifNotExists,
                    elements: elements,
                    attributes: attributes
                )
                return .createTable(table)
            }
            columns = try parenthesisedNames()
        }
        let attributes = try tableAttributes()
        try expect(.as)
        let table = CreateTableAsSyntax(
            name: name,
            isTemporary: isTemporary,
            ifNotExists: ifNotExists,
            columns: columns,
            attributes: attributes,
            query: try query()
        )
        return .createTableAs(table)
    }

    // Whether the parenthesis at the cursor opens names alone, as CREATE TABLE AS has them.
    private mutating func isNameList() throws(SQLError) -> Bool {
        let first = try peek()
        guard first.kind == .quotedName || first.kind == .word && !first.keyword.isReserved else {
            return false
        }
        let next = try lexer.token(from: first.end).kind
        return next == .comma || next == .rightParenthesis
    }

    private mutating func tableElements() throws(SQLError) -> [TableElementSyntax] {
        try expect(.leftParenthesis)
        var elements: [TableElementSyntax] = []
        repeat { elements.append(try tableElement()) } while try accept(.comma)
        try expect(.rightParenthesis)
        return elements
    }

    private mutating func tableElement() throws(SQLError) -> TableElementSyntax {
        switch token.keyword {
        case .like:
            try advance()
            let table = try objectName()
            let includes = try accept(.including)
            if includes {
                try expect(.defaults)
            } else if try accept(.excluding) {
                try expect(.defaults)
            }
            return .like(table, includingDefaults: includes)
        case .constraint, .unique, .primary, .foreign, .check:
            return .constraint(try tableConstraint())
        default: return .column(try columnDefinition())
        }
    }

    /// `[CONSTRAINT name] {UNIQUE | PRIMARY KEY | FOREIGN KEY} (…)`.
    mutating func tableConstraint() throws(SQLError) -> TableConstraintSyntax {
        let position = token.start
        let name = try accept(.constraint) ? try name() : nil
        let kind: TableConstraintSyntax.Kind
        var columns: [NameSyntax]
        switch token.keyword {
        case .unique:
            try advance()
            kind = .unique
            columns = try parenthesisedNames()
        case .primary:
            try advance()
            try expect(.key)
            kind = .primaryKey
            columns = try parenthesisedNames()
        case .foreign:
            try advance()
            try expect(.key)
            columns = try parenthesisedNames()
            kind = .foreignKey(try references())
        case .check: throw SQLError.unsupported("a CHECK constraint", position: token.start)
        default: throw syntaxError()
        }
        return TableConstraintSyntax(name: name, kind: kind, columns: columns, position: position)
    }

    private mutating func references() throws(SQLError) -> ForeignKeySyntax {
        try expect(.references)
        let table = try objectName()
        return ForeignKeySyntax(table: table, columns: try optionalNames())
    }
}

// MARK: - Columns

extension Parser {
    /// A column's name, type and attributes.
    mutating func columnDefinition() throws(SQLError) -> ColumnDefinitionSyntax {
        let name = try name()
        let typePosition = token.start
        let type = try dataType()
        var column = ColumnDefinitionSyntax(name: name, type: type, typePosition: typePosition)
        while try columnAttribute(&column) {}
        return column
    }

    // One attribute or constraint, each at most once; false where none stands.
    private mutating func columnAttribute(
        _ column: inout ColumnDefinitionSyntax
    ) throws(SQLError) -> Bool {
        let position = token.start
        switch token.keyword {
        case .default:
            try requireFirst(column.defaultValue == nil, "DEFAULT")
            try advance()
            // NOT NULL may follow: operators take NOT only before LIKE, BETWEEN and IN.
            column.defaultValue = try expression()
        case .identity, .generated:
            try requireFirst(column.identity == nil, "IDENTITY")
            column.identity = try identity()
        case .encode:
            try requireFirst(column.encoding == nil, "ENCODE")
            try advance()
            column.encoding = try label()
        case .distkey:
            try requireFirst(column.distributionKeyPosition == nil, "DISTKEY")
            try advance()
            column.distributionKeyPosition = position
        case .sortkey:
            try requireFirst(column.sortKeyPosition == nil, "SORTKEY")
            try advance()
            column.sortKeyPosition = position
        case .collate:
            try advance()
            column.isCaseInsensitive = try collation()
        case .constraint:
            try advance()
            _ = try name()
        case .not:
            try advance()
            try expect(.null)
            try requireNullability(false, of: column, position)
            column.isNullable = false
        case .null:
            try advance()
            try requireNullability(true, of: column, position)
            column.isNullable = true
        case .unique:
            try advance()
            column.isUnique = true
        case .primary:
            try advance()
            try expect(.key)
            column.isPrimaryKey = true
        case .references: column.references = try references()
        case .check: throw SQLError.unsupported("a CHECK constraint", position: position)
        default: return false
        }
        return true
    }

    private func requireNullability(
        _ isNullable: Bool,
        of column: ColumnDefinitionSyntax,
        _ position: Int
    ) throws(SQLError) {
        guard let known = column.isNullable, known != isNullable else { return }
        throw SQLError(
            .syntaxError,
            "conflicting NULL/NOT NULL declarations for column \"\(column.name.text)\"",
            position: position
        )
    }

    private func requireFirst(_ isFirst: Bool, _ clause: String) throws(SQLError) {
        guard !isFirst else { return }
        throw SQLError(
            .syntaxError,
            "conflicting or redundant options: \(clause) is given twice",
            position: token.start
        )
    }

    // `IDENTITY(seed, step)`, `GENERATED BY DEFAULT AS IDENTITY(seed, step)`.
    private mutating func identity() throws(SQLError) -> IdentitySyntax {
        let position = token.start
        let isByDefault = try accept(.generated)
        if isByDefault {
            try expect(.by)
            try expect(.default)
            try expect(.as)
        }
        try expect(.identity)
        try expect(.leftParenthesis)
        let seed = try integer()
        try expect(.comma)
        let step = try integer()
        try expect(.rightParenthesis)
        return IdentitySyntax(seed: seed, step: step, isByDefault: isByDefault, position: position)
    }

    private mutating func collation() throws(SQLError) -> Bool {
        switch word {
        case "case_sensitive", "cs":
            try advance()
            return false
        case "case_insensitive", "ci":
            try advance()
            return true
        default: throw syntaxError()
        }
    }
}

// MARK: - Table attributes

extension Parser {
    private mutating func tableAttributes() throws(SQLError) -> TableAttributesSyntax {
        var attributes = TableAttributesSyntax()
        while try tableAttribute(&attributes) {}
        return attributes
    }

    private mutating func tableAttribute(
        _ attributes: inout TableAttributesSyntax
    ) throws(SQLError) -> Bool {
        switch token.keyword {
        case .backup:
            try requireFirst(attributes.isBackedUp == nil, "BACKUP")
            try advance()
            attributes.isBackedUp = at(.yes)
            if at(.yes) { try advance() } else { try expect(.no) }
        case .diststyle:
            try requireFirst(attributes.distributionStyle == nil, "DISTSTYLE")
            try advance()
            attributes.distributionStyle = try distributionStyle()
        case .distkey:
            try requireFirst(attributes.distributionKey == nil, "DISTKEY")
            try advance()
            try expect(.leftParenthesis)
            attributes.distributionKey = try name()
            try expect(.rightParenthesis)
        case .sortkey, .compound, .interleaved:
            try requireFirst(attributes.sortKey == nil, "SORTKEY")
            attributes.sortKey = try sortKey()
        case .encode:
            try requireFirst(!attributes.encodesAutomatically, "ENCODE")
            try advance()
            try expect(.auto)
            attributes.encodesAutomatically = true
        default: return false
        }
        return true
    }

    /// The word behind DISTSTYLE.
    mutating func distributionStyle() throws(SQLError) -> DistributionStyleSyntax {
        let position = token.start
        let kind: DistributionStyleSyntax.Kind
        switch token.keyword {
        case .auto: kind = .auto
        case .even: kind = .even
        case .key: kind = .key
        case .all: kind = .all
        default: throw syntaxError()
        }
        try advance()
        return DistributionStyleSyntax(kind: kind, position: position)
    }

    /// `[COMPOUND | INTERLEAVED] SORTKEY (…)`, `SORTKEY AUTO`.
    mutating func sortKey() throws(SQLError) -> SortKeySyntax {
        let position = token.start
        var kind = SortKeySyntax.Kind.compound
        let isNamed = at(.compound) || at(.interleaved)
        if isNamed {
            kind = at(.interleaved) ? .interleaved : .compound
            try advance()
        }
        try expect(.sortkey)
        if !isNamed, try accept(.auto) {
            return SortKeySyntax(kind: .auto, columns: [], position: position)
        }
        return SortKeySyntax(kind: kind, columns: try parenthesisedNames(), position: position)
    }
}
