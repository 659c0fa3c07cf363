package import Catalogs
import Plans
package import SQLSyntax
package import SQLTypes

/// Turns CREATE TABLE into a table definition with id 0; the store assigns the real one.
///
/// DISTSTYLE AUTO begins as ALL. ENCODE AUTO holds unless a column names an encoding; then the
/// others take Redshift's fixed defaults. Columns of a sort key are RAW.
///
/// - Errors: 42701 duplicate column, 42703 unknown key column, 42P16 rules of keys and identity,
///   54011 over 1,600 columns, 3F000 unknown schema, those of a default's expression.
package func bindTableDefinition(
    _ syntax: CreateTableSyntax,
    context: BindingContext
) throws(SQLError) -> TableDefinition {
    try TableDefinitionBinder(context: context).bind(syntax)
}

/// Binds CREATE TABLE and the attributes of CREATE TABLE AS.
struct TableDefinitionBinder {
    /// The most columns of a table.
    static let columnCountMax = 1_600
    /// The most columns of a compound sort key.
    static let sortKeyColumnCountMax = 400
    /// The most columns of an interleaved sort key.
    static let interleavedColumnCountMax = 8

    let context: BindingContext
    private let binder: Binder

    init(context: BindingContext) {
        self.context = context
        binder = Binder(context: context)
    }

    func bind(_ syntax: CreateTableSyntax) throws(SQLError) -> TableDefinition {
        var table = try emptyTable(syntax.name, isTemporary: syntax.isTemporary)
        var columns: [ColumnDefinitionSyntax] = []
        var constraints: [TableConstraintSyntax] = []
        var template: TableTemplate?
        for element in syntax.elements {
            switch element {
            case .column(let column):
                columns.append(column)
                table.columns.append(try bindColumn(column))
            case .constraint(let constraint): constraints.append(constraint)
            case .like(let name, let includesDefaults):
                guard template == nil else {
                    throw SQLError.unsupported("LIKE more than one table", position: name.position)
                }
                try requireNoAttributes(beside: name, syntax)
                let parent = try binder.resolveStoredTable(name)
                template = TableTemplate(parent, firstColumn: table.columns.count)
                table.columns += copiedColumns(of: parent, includesDefaults: includesDefaults)
            }
        }
        try requireColumns(table, syntax)
        try applyConstraints(&table, columns, constraints)
        if let template {
            template.apply(to: &table)
        } else {
            try applyDistribution(&table, columns, syntax.attributes)
            try applySortKey(&table, columns, syntax.attributes)
            try requireKeyTypes(table, at: syntax.name.position)
        }
        try applyEncodings(&table, columns, syntax.attributes, copied: template)
        if table.isTemporary { encodeRaw(&table) }
        return table
    }

    /// A table of that name without columns.
    func emptyTable(
        _ name: ObjectNameSyntax,
        isTemporary: Bool
    ) throws(SQLError) -> TableDefinition {
        try binder.requireOwnDatabase(name)
        let schema: String
        if isTemporary {
            if let qualifier = name.qualifier, qualifier != "pg_temp" {
                throw SQLError(
                    .invalidTableDefinition,
                    "cannot create temporary relation in non-temporary schema",
                    position: name.position
                )
            }
            schema = context.temporarySchema ?? "pg_temp"
        } else if let qualifier = name.qualifier {
            guard context.catalog.hasSchema(qualifier) else {
                throw SQLError(
                    .invalidSchemaName,
                    "schema \"\(qualifier)\" does not exist",
                    position: name.position
                )
            }
            guard qualifier != "pg_catalog", qualifier != "information_schema" else {
                throw SQLError(
                    .insufficientPrivilege,
                    "permission denied for schema \(qualifier)",
                    position: name.position
                )
            }
            schema = qualifier
        } else {
            schema = try binder.creationSchema(at: name.position)
        }
        return TableDefinition(
            id: 0,
            schema: schema,
            name: name.name,
            columns: [],
            distribution: .all,
            isAutoDistribution: true,
            isTemporary: isTemporary,
            createdAt: context.statementTime
        )
    }

    // MARK: Columns

    /// A column without its keys and encoding.
    func bindColumn(
        _ syntax: ColumnDefinitionSyntax
    ) throws(SQLError) -> ColumnDefinition {
        let name = syntax.name.text
        guard !Self.systemColumns.contains(name) else {
            throw SQLError(
                .duplicateColumn,
                "column name \"\(name)\" conflicts with a system column name",
                position: syntax.name.position
            )
        }
        if syntax.type == .interval || syntax.type == .unknown {
            throw SQLError.unsupported(
                "a column of type \(syntax.type)",
                position: syntax.typePosition
            )
        }
        if syntax.isCaseInsensitive {
            throw SQLError.unsupported("COLLATE CASE_INSENSITIVE", position: syntax.name.position)
        }
        var column = ColumnDefinition(
            name: name,
            type: syntax.type,
            isNotNull: syntax.isNullable == false
        )
        if let value = syntax.defaultValue {
            let record = NameRecord(context: binder.context)
            binder.nameRecord = record
            defer { binder.nameRecord = nil }
            _ = try binder.bindDefault(value, type: syntax.type, column: name)
            column.defaultValue = .expression(record.qualified(value).deparsed)
        }
        if let identity = syntax.identity {
            try requireIdentity(syntax, identity)
            column.defaultValue = .identity(
                seed: identity.seed,
                step: identity.step,
                acceptsValues: identity.isByDefault
            )
            column.isNotNull = true
        }
        return column
    }

    /// Names that PostgreSQL keeps for its hidden columns.
    private static let systemColumns: Set<String> = [
        "oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid",
    ]

    private func requireIdentity(
        _ column: ColumnDefinitionSyntax,
        _ identity: IdentitySyntax
    ) throws(SQLError) {
        guard column.type == .integer || column.type == .bigint else {
            throw SQLError(
                .invalidTableDefinition,
                "identity column \"\(column.name.text)\" must be of type integer or bigint",
                position: identity.position
            )
        }
        guard identity.step != 0 else {
            throw SQLError(
                .invalidTableDefinition,
                "identity column \"\(column.name.text)\" needs a step other than 0",
                position: identity.position
            )
        }
        guard column.defaultValue == nil else {
            throw SQLError(
                .invalidTableDefinition,
                "both default and identity specified for column \"\(column.name.text)\"",
                position: identity.position
            )
        }
        guard column.isNullable != true else {
            throw SQLError(
                .invalidTableDefinition,
                "conflicting NULL/NOT NULL declarations for column \"\(column.name.text)\"",
                position: column.name.position
            )
        }
    }

    /// 42601 for a distribution or sort key of the table's own beside LIKE, which copies them.
    private func requireNoAttributes(
        beside parent: ObjectNameSyntax,
        _ syntax: CreateTableSyntax
    ) throws(SQLError) {
        let hasKey = syntax.elements.contains { element in
            guard case .column(let column) = element else { return false }
            return column.distributionKeyPosition != nil || column.sortKeyPosition != nil
        }
        guard hasKey || !syntax.attributes.isEmpty else { return }
        throw SQLError(
            .syntaxError,
            "LIKE cannot be combined with table attributes",
            position: parent.position
        )
    }

    private func copiedColumns(
        of parent: TableDefinition,
        includesDefaults: Bool
    ) -> [ColumnDefinition] {
        parent.columns.map { column in
            var copy = column
            switch column.defaultValue {
            case .identity?: copy.defaultValue = nil
            case .expression? where !includesDefaults: copy.defaultValue = nil
            default: break
            }
            return copy
        }
    }

    private func requireColumns(
        _ table: TableDefinition,
        _ syntax: CreateTableSyntax
    ) throws(SQLError) {
        guard !table.columns.isEmpty else {
            throw SQLError(
                .invalidTableDefinition,
                "a table must have at least one column",
                position: syntax.name.position
            )
        }
        try requireColumnCount(table.columns.count, at: syntax.name.position)
        var seen: Set<String> = []
        var positions: [String: Int] = [:]
        for case .column(let column) in syntax.elements {
            positions[column.name.text] = column.name.position
        }
        for column in table.columns where !seen.insert(column.name).inserted {
            throw SQLError(
                .duplicateColumn,
                "column \"\(column.name)\" specified more than once",
                position: positions[column.name] ?? syntax.name.position
            )
        }
    }

    /// 54011 for more columns than a table may have.
    func requireColumnCount(_ count: Int, at position: Int) throws(SQLError) {
        guard count > Self.columnCountMax else { return }
        throw SQLError(
            .tooManyColumns,
            "tables can have at most \(Self.columnCountMax) columns",
            position: position
        )
    }

    /// What a column holds in a row that gives it no value.
    func defaultValue(
        of index: ColumnIndex,
        in table: TableDefinition
    ) throws(SQLError) -> Expression {
        try binder.defaultValue(index, of: table)
    }

    // MARK: Constraints

    /// Adds the constraints of columns and table to a definition that has its columns.
    func applyConstraints(
        _ table: inout TableDefinition,
        _ columns: [ColumnDefinitionSyntax],
        _ constraints: [TableConstraintSyntax]
    ) throws(SQLError) {
        for column in columns {
            let indexes = [try columnIndex(column.name, table)]
            if column.isPrimaryKey {
                try add(
                    TableConstraint(kind: .primaryKey, columns: indexes),
                    to: &table,
                    at: column.name.position
                )
            }
            if column.isUnique {
                table.constraints.append(TableConstraint(kind: .unique, columns: indexes))
            }
            if let foreign = column.references {
                table.constraints.append(try foreignKey(foreign, indexes, name: nil, of: table))
            }
        }
        for constraint in constraints {
            var indexes: [ColumnIndex] = []
            for name in constraint.columns {
                let index = try columnIndex(name, table)
                guard !indexes.contains(index) else {
                    throw SQLError(
                        .duplicateColumn,
                        "column \"\(name.text)\" appears twice in a constraint",
                        position: name.position
                    )
                }
                indexes.append(index)
            }
            let name = constraint.name?.text
            switch constraint.kind {
            case .primaryKey:
                try add(
                    TableConstraint(kind: .primaryKey, name: name, columns: indexes),
                    to: &table,
                    at: constraint.position
                )
            case .unique:
                table.constraints.append(
                    TableConstraint(kind: .unique, name: name, columns: indexes)
                )
            case .foreignKey(let foreign):
                table.constraints.append(try foreignKey(foreign, indexes, name: name, of: table))
            }
        }
    }

    private func add(
        _ key: TableConstraint,
        to table: inout TableDefinition,
        at position: Int
    ) throws(SQLError) {
        guard !table.constraints.contains(where: { $0.kind == .primaryKey }) else {
            throw SQLError(
                .invalidTableDefinition,
                "multiple primary keys for table \"\(table.name)\" are not allowed",
                position: position
            )
        }
        for index in key.columns { table.columns[index].isNotNull = true }
        table.constraints.append(key)
    }

    private func foreignKey(
        _ foreign: ForeignKeySyntax,
        _ columns: [ColumnIndex],
        name: String?,
        of table: TableDefinition
    ) throws(SQLError) -> TableConstraint {
        let isOwn =
            foreign.table.name == table.name
            && (foreign.table.qualifier == nil || foreign.table.qualifier == table.schema)
        let parent = isOwn ? table : try binder.resolveStoredTable(foreign.table)
        var referenced: [String] = []
        for name in foreign.columns {
            referenced.append(parent.columns[try columnIndex(name, parent)].name)
        }
        if referenced.isEmpty {
            guard let key = parent.constraints.first(where: { $0.kind == .primaryKey }) else {
                throw SQLError(
                    .undefinedObject,
                    "there is no primary key for referenced table \"\(parent.name)\"",
                    position: foreign.table.position
                )
            }
            referenced = key.columns.map { parent.columns[$0].name }
        }
        guard referenced.count == columns.count else {
            throw SQLError(
                .invalidColumnReference,
                "number of referencing and referenced columns for foreign key disagree",
                position: foreign.table.position
            )
        }
        return TableConstraint(
            kind: .foreignKey,
            name: name,
            columns: columns,
            referencedTable: "\(parent.schema).\(parent.name)",
            referencedColumns: referenced
        )
    }

    /// The place of a key's column; 42703 if the table has none of that name.
    func columnIndex(
        _ name: NameSyntax,
        _ table: TableDefinition
    ) throws(SQLError) -> ColumnIndex {
        if let index = table.columnIndex(named: name.text) { return index }
        throw SQLError(
            .undefinedColumn,
            "column \"\(name.text)\" named in key does not exist",
            position: name.position
        )
    }
}
