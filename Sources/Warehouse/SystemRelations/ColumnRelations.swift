import Catalogs
import Storage

/// PG_TABLE_DEF: columns of the tables in schemas of the search path.
let pgTableDefColumns: [(String, DataType)] = [
    ("schemaname", .varchar(128)), ("tablename", .varchar(128)), ("column", .varchar(128)),
    ("type", .varchar(128)), ("encoding", .varchar(32)), ("distkey", .boolean),
    ("sortkey", .integer), ("notnull", .boolean),
]

/// One row per column.
let pgTableDefRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let visible = Set(context.session.settings.searchPath)
    var rows: [[Datum]] = []
    for table in context.relations where visible.contains(table.schema) || table.isTemporary {
        for (index, column) in table.columns.enumerated() {
            rows.append([
                .text(table.schema), .text(table.name), .text(column.name),
                .text(column.type.description),
                .text(try shownEncoding(of: index, in: table, context: context)),
                .bool(table.distribution == .key(index)),
                .number(table.sortKey.displayPosition(of: index)),
                .bool(column.isNotNull),
            ])
        }
    }
    return rows
}

/// SVV_COLUMNS.
let columnsColumns: [(String, DataType)] = [
    ("table_catalog", .varchar(128)), ("table_schema", .varchar(128)),
    ("table_name", .varchar(128)), ("column_name", .varchar(128)),
    ("ordinal_position", .integer), ("column_default", .varchar(4000)),
    ("is_nullable", .varchar(3)), ("data_type", .varchar(128)),
    ("character_maximum_length", .integer), ("numeric_precision", .integer),
    ("numeric_precision_radix", .integer), ("numeric_scale", .integer),
    ("datetime_precision", .integer), ("interval_type", .varchar(32)),
    ("interval_precision", .varchar(32)), ("character_set_catalog", .varchar(128)),
    ("character_set_schema", .varchar(128)), ("character_set_name", .varchar(128)),
    ("collation_catalog", .varchar(128)), ("collation_schema", .varchar(128)),
    ("collation_name", .varchar(128)), ("domain_name", .varchar(128)),
    ("remarks", .varchar(256)),
]

/// One row per column of every stored table, view and system relation.
let columnsRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let catalog = SessionCatalog(snapshot: context.snapshot)
    var rows: [[Datum]] = []
    for table in context.relations + catalog.tables(inSchema: SystemRelations.schema) {
        for (index, column) in table.columns.enumerated() {
            let figures = column.type.catalogFigures
            var values: [Datum] = [
                .text(context.session.databaseName), .text(table.schema), .text(table.name),
                .text(column.name), .number(index + 1),
                column.defaultText.map { .text($0) } ?? .null,
                .text(column.isNotNull ? "NO" : "YES"), .text(column.type.baseName),
                .number(figures.length), .number(figures.precision), .number(figures.radix),
                .number(figures.scale),
            ]
            values += [Datum](repeating: .null, count: columnsColumns.count - 1 - values.count)
            values.append(column.comment.map { .text($0) } ?? .null)
            rows.append(values)
        }
    }
    return rows
}

extension ColumnDefinition {
    /// The text of the default, as `\d` shows it; nil without one.
    var defaultText: String? {
        switch defaultValue {
        case .expression(let text): text
        case .identity(let seed, let step, let acceptsValues):
            acceptsValues
                ? "default_identity(\(seed), \(step))" : "identity(\(seed), \(step))"
        case nil: nil
        }
    }
}

/// What SVV_COLUMNS tells of a type's size; nil where a figure means nothing for it.
struct TypeFigures {
    /// The most bytes of a string.
    var length: Int?
    var precision: Int?
    /// What the precision counts: binary or decimal digits.
    var radix: Int?
    var scale: Int?
}

extension DataType {
    /// The figures of SVV_COLUMNS.
    var catalogFigures: TypeFigures {
        switch self {
        case .char(let bytes), .varchar(let bytes), .varbyte(let bytes):
            TypeFigures(length: bytes)
        case .smallint: TypeFigures(precision: 16, radix: 2, scale: 0)
        case .integer: TypeFigures(precision: 32, radix: 2, scale: 0)
        case .bigint: TypeFigures(precision: 64, radix: 2, scale: 0)
        case .real: TypeFigures(precision: 24, radix: 2)
        case .doublePrecision: TypeFigures(precision: 53, radix: 2)
        case .decimal(let digits, let places):
            TypeFigures(precision: digits, radix: 10, scale: places)
        default: TypeFigures()
        }
    }
}

/// The encoding of a column as PG_TABLE_DEF shows it: the declared one, or under ENCODE AUTO
/// what the newest blocks have.
///
/// Errors: XX001 where the records of the table's blocks are damaged.
private func shownEncoding(
    of column: ColumnIndex,
    in table: TableDefinition,
    context: SystemRelationContext
) throws(SQLError) -> String {
    let declared = table.columns[column].encoding
    guard table.view == nil else { return ColumnEncoding.raw.displayName }
    guard declared == .automatic else { return declared.displayName }
    let used = try context.snapshot.tableVersion(table.id)?.newestEncoding(of: column)
    return (used ?? automaticEncoding(of: table.columns[column].type)).displayName
}

/// What ENCODE AUTO begins with for a type.
///
/// - Source: Redshift's default encodings by type.
private func automaticEncoding(of type: DataType) -> ColumnEncoding {
    switch type {
    case .char, .varchar, .varbyte: .lzo
    case .boolean, .real, .doublePrecision: .raw
    default: .az64
    }
}
