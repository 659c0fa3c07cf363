import Catalogs
import SQLSyntax
import SQLTypes

// Distribution, sort key and encodings of a new table.

extension TableDefinitionBinder {
    // MARK: Distribution

    /// DISTSTYLE and DISTKEY, of columns and of the table.
    ///
    /// A DISTKEY alone means KEY; without either the style is AUTO, which begins as ALL.
    func applyDistribution(
        _ table: inout TableDefinition,
        _ columns: [ColumnDefinitionSyntax],
        _ attributes: TableAttributesSyntax
    ) throws(SQLError) {
        var key: (index: ColumnIndex, position: Int)?
        for column in columns {
            guard let position = column.distributionKeyPosition else { continue }
            guard key == nil else { throw severalKeys(at: position) }
            key = (try columnIndex(column.name, table), position)
        }
        if let name = attributes.distributionKey {
            guard key == nil else { throw severalKeys(at: name.position) }
            key = (try columnIndex(name, table), name.position)
        }
        guard let style = attributes.distributionStyle else {
            if let key { setKey(key.index, of: &table) }
            return
        }
        if let key, style.kind != .key {
            throw SQLError(
                .invalidTableDefinition,
                "DISTKEY cannot be specified for DISTSTYLE \(style.kind.rawValue)",
                position: key.position
            )
        }
        switch style.kind {
        case .auto: break
        case .even:
            table.distribution = .even
            table.isAutoDistribution = false
        case .all:
            table.distribution = .all
            table.isAutoDistribution = false
        case .key:
            guard let key else {
                throw SQLError(
                    .invalidTableDefinition,
                    "DISTKEY must be specified for DISTSTYLE KEY",
                    position: style.position
                )
            }
            setKey(key.index, of: &table)
        }
    }

    private func setKey(_ column: ColumnIndex, of table: inout TableDefinition) {
        table.distribution = .key(column)
        table.isAutoDistribution = false
    }

    private func severalKeys(at position: Int) -> SQLError {
        SQLError(
            .invalidTableDefinition,
            "multiple DISTKEY columns are not allowed",
            position: position
        )
    }

    // MARK: Sort key

    /// SORTKEY of one column or of the table.
    func applySortKey(
        _ table: inout TableDefinition,
        _ columns: [ColumnDefinitionSyntax],
        _ attributes: TableAttributesSyntax
    ) throws(SQLError) {
        var key: ColumnIndex?
        for column in columns {
            guard let position = column.sortKeyPosition else { continue }
            guard key == nil, attributes.sortKey == nil else {
                throw SQLError(
                    .invalidTableDefinition,
                    "multiple SORTKEY definitions are not allowed",
                    position: position
                )
            }
            key = try columnIndex(column.name, table)
        }
        if let key {
            table.sortKey = SortKey(columns: [key])
            table.isAutoSortKey = false
        }
        guard let syntax = attributes.sortKey else { return }
        if syntax.kind == .auto { return }
        let isInterleaved = syntax.kind == .interleaved
        let columnCountMax =
            isInterleaved ? Self.interleavedColumnCountMax : Self.sortKeyColumnCountMax
        guard syntax.columns.count <= columnCountMax else {
            throw SQLError(
                .invalidTableDefinition,
                "\(isInterleaved ? "an interleaved" : "a") sort key has at most "
                    + "\(columnCountMax) columns",
                position: syntax.position
            )
        }
        var indexes: [ColumnIndex] = []
        for name in syntax.columns {
            let index = try columnIndex(name, table)
            guard !indexes.contains(index) else {
                throw SQLError(
                    .duplicateColumn,
                    "column \"\(name.text)\" appears twice in the sort key",
                    position: name.position
                )
            }
            indexes.append(index)
        }
        table.sortKey = SortKey(columns: indexes, isInterleaved: isInterleaved)
        table.isAutoSortKey = false
    }

    /// VARBYTE is no type of distribution or sort keys: 0A000.
    func requireKeyTypes(_ table: TableDefinition, at position: Int) throws(SQLError) {
        if case .key(let column) = table.distribution, table.columns[column].type.isBytes {
            throw SQLError.unsupported("a DISTKEY of type VARBYTE", position: position)
        }
        if table.sortKey.columns.contains(where: { table.columns[$0].type.isBytes }) {
            throw SQLError.unsupported("a SORTKEY of type VARBYTE", position: position)
        }
    }

    // MARK: Encodings

    /// ENCODE of columns, or AUTO.
    ///
    /// Naming one encoding turns AUTO off for the table; the other columns then take the fixed
    /// defaults: RAW for sort keys, BOOLEAN and floats, AZ64 for exact numbers and dates, LZO
    /// for strings.
    func applyEncodings(
        _ table: inout TableDefinition,
        _ columns: [ColumnDefinitionSyntax],
        _ attributes: TableAttributesSyntax,
        copied template: TableTemplate? = nil
    ) throws(SQLError) {
        var given: [ColumnIndex: ColumnEncoding] = [:]
        for column in columns {
            guard let name = column.encoding, name.text != "auto" else { continue }
            guard !attributes.encodesAutomatically else {
                throw SQLError(
                    .invalidTableDefinition,
                    "cannot specify an encoding for column \"\(column.name.text)\" of a table "
                        + "with ENCODE AUTO",
                    position: name.position
                )
            }
            let index = try columnIndex(column.name, table)
            given[index] = try encoding(name, of: table.columns[index])
        }
        table.isAutoEncoding = given.isEmpty && template?.table.isAutoEncoding ?? true
        let sorted = Set(table.sortKey.columns)
        for index in table.columns.indices {
            let isCopied = template?.columns.contains(index) ?? false
            if isCopied, table.columns[index].encoding != .automatic { continue }
            if let encoding = given[index] {
                table.columns[index].encoding = encoding
            } else if sorted.contains(index) {
                table.columns[index].encoding = .raw
            } else {
                table.columns[index].encoding =
                    table.isAutoEncoding
                    ? .automatic : .fixedDefault(for: table.columns[index].type)
            }
        }
    }

    /// The encoding of that name for a column.
    ///
    /// - Errors: 42601 no encoding, 0A000 one that the column's type cannot have.
    func encoding(
        _ name: NameSyntax,
        of column: ColumnDefinition
    ) throws(SQLError) -> ColumnEncoding {
        guard let encoding = ColumnEncoding(rawValue: name.text) else {
            throw SQLError(
                .syntaxError,
                "invalid encoding type \"\(name.text)\"",
                hint: nearestName(
                    to: name.text,
                    among: ColumnEncoding.allCases.map(\.rawValue)
                ).map { "Perhaps you meant \"\($0)\"." },
                position: name.position
            )
        }
        guard encoding.accepts(column.type) else {
            throw SQLError(
                .featureNotSupported,
                "invalid encoding type specified for column \"\(column.name)\"",
                position: name.position
            )
        }
        return encoding
    }

    /// Temporary tables are not compressed.
    func encodeRaw(_ table: inout TableDefinition) {
        for index in table.columns.indices { table.columns[index].encoding = .raw }
        table.isAutoEncoding = false
    }
}

extension ColumnEncoding {
    /// What a column takes where another names an encoding and it does not.
    static func fixedDefault(for type: DataType) -> ColumnEncoding {
        switch type {
        case .boolean, .real, .doublePrecision, .interval, .unknown: .raw
        case .char, .varchar, .varbyte: .lzo
        default: .az64
        }
    }

    /// Whether a column of that type can have the encoding.
    ///
    /// - Source: Redshift's table of encodings and types.
    func accepts(_ type: DataType) -> Bool {
        let isExact = type.isInteger || type.isDecimal
        switch self {
        case .raw, .zstd, .runlength, .automatic: return true
        case .az64: return isExact || type.isDateTime
        case .bytedict:
            return type != .boolean && type != .time && type != .timeTZ && !type.isBytes
        case .delta: return isExact || type == .date || type == .timestamp
        case .delta32k:
            return (isExact && type != .smallint) || type == .date || type == .timestamp
        case .lzo: return type != .boolean && !type.isFloat
        case .mostly8: return isExact && type.physical == .int64
        case .mostly16: return isExact && type != .smallint && type.physical == .int64
        case .mostly32:
            return type == .bigint || (type.isDecimal && type.physical == .int64)
        case .text255, .text32k:
            guard case .varchar = type else { return false }
            return true
        }
    }
}
