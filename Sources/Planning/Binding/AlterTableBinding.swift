package import Catalogs
package import Plans
package import SQLSyntax
package import SQLTypes

/// What a change of a table's definition makes of it.
package struct BoundAlteration: Sendable {
    /// The definition after the change, with the table's own id.
    package var table: TableDefinition
    /// For each column of `table` its value in the rows there are; nil where the rows can stay
    /// as they are.
    package var values: [AlteredValue]?
}

/// A column's value in a row that was there before its table was altered.
package enum AlteredValue: Sendable {
    /// The value of this former column.
    case kept(ColumnIndex)
    /// The value of this former column as another type; 22001 where it does not fit.
    case cast(ColumnIndex)
    /// A value without columns: the default of a new one.
    case filled(Expression)
}

/// Binds one action of ALTER TABLE but those that change names or owners alone.
///
/// - Errors: 42703 unknown column, 42701 a column that exists, 42P16 rules of keys, 0A000 what
///   Redshift refuses; those of CREATE TABLE's clauses.
/// - Source: redshift-sql.md §2.2.
package func bindAlteration(
    _ action: AlterTableSyntax.Action,
    of table: TableDefinition,
    context: BindingContext
) throws(SQLError) -> BoundAlteration {
    let binder = AlterTableBinder(context: context, table: table)
    switch action {
    case .addColumn(let column): return try binder.addColumn(column)
    case .dropColumn(let name, _): return try binder.dropColumn(name)
    case .alterType(let name, let type, let position):
        return try binder.alterType(name, type, at: position)
    case .alterEncoding(let name, let encoding):
        return try binder.alterEncoding(name, encoding)
    case .encodeAutomatically: return binder.encodeAutomatically()
    case .alterDistribution(let style, let key):
        return try binder.alterDistribution(style, key)
    case .alterSortKey(let key): return try binder.alterSortKey(key)
    case .addConstraint(let constraint): return try binder.addConstraint(constraint)
    case .dropConstraint(let name): return try binder.dropConstraint(name)
    case .rename, .renameColumn, .owner:
        throw SQLError.invariant("a name is changed without binding")
    }
}

/// The place of a column of the table that a statement changes or alters; 42703 with a hint if
/// there is none.
package func bindColumnIndex(
    _ name: NameSyntax,
    of table: TableDefinition
) throws(SQLError) -> ColumnIndex {
    if let index = table.columnIndex(named: name.text) { return index }
    throw SQLError(
        .undefinedColumn,
        "column \"\(name.text)\" of relation \"\(table.name)\" does not exist",
        hint: nearestName(to: name.text, among: table.columns.map(\.name)).map {
            "Perhaps you meant to reference the column \"\(table.name).\($0)\"."
        },
        position: name.position
    )
}

private struct AlterTableBinder {
    let definitions: TableDefinitionBinder
    let context: BindingContext
    let table: TableDefinition

    init(context: BindingContext, table: TableDefinition) {
        definitions = TableDefinitionBinder(context: context)
        self.context = context
        self.table = table
    }

    private var keptValues: [AlteredValue] { table.columns.indices.map { .kept($0) } }

    // MARK: Columns

    func addColumn(_ syntax: ColumnDefinitionSyntax) throws(SQLError) -> BoundAlteration {
        let name = syntax.name
        guard syntax.identity == nil, !syntax.isPrimaryKey, !syntax.isUnique,
            syntax.references == nil, syntax.distributionKeyPosition == nil,
            syntax.sortKeyPosition == nil
        else {
            throw SQLError(
                .featureNotSupported,
                "ALTER TABLE ADD COLUMN with an identity, a constraint or a key is not supported",
                position: name.position
            )
        }
        guard table.columnIndex(named: name.text) == nil else {
            throw SQLError(
                .duplicateColumn,
                "column \"\(name.text)\" of relation \"\(table.name)\" already exists",
                position: name.position
            )
        }
        guard syntax.isNullable != false || syntax.defaultValue != nil else {
            throw SQLError(
                .invalidTableDefinition,
                "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default "
                    + "expression",
                position: name.position
            )
        }
        var result = table
        result.columns.append(try definitions.bindColumn(syntax))
        try definitions.requireColumnCount(result.columns.count, at: name.position)
        let index = table.columns.count
        if let encoding = syntax.encoding {
            result.columns[index].encoding = try definitions.encoding(
                encoding,
                of: result.columns[index]
            )
            result.isAutoEncoding = false
        } else if table.isTemporary {
            result.columns[index].encoding = .raw
        } else if !table.isAutoEncoding {
            result.columns[index].encoding = .fixedDefault(for: syntax.type)
        }
        let value = try definitions.defaultValue(of: index, in: result)
        return BoundAlteration(table: result, values: keptValues + [.filled(value)])
    }

    func dropColumn(_ name: NameSyntax) throws(SQLError) -> BoundAlteration {
        let index = try bindColumnIndex(name, of: table)
        guard table.columns.count > 1 else {
            throw refused("cannot drop the last column of table \"\(table.name)\"", name)
        }
        guard table.distribution != .key(index) else {
            throw refused("cannot drop distkey column \"\(name.text)\"", name)
        }
        guard !table.sortKey.columns.contains(index) else {
            throw refused("cannot drop sortkey column \"\(name.text)\"", name)
        }
        var result = table
        result.columns.remove(at: index)
        let moved = { (column: ColumnIndex) in column > index ? column - 1 : column }
        if case .key(let key) = table.distribution { result.distribution = .key(moved(key)) }
        result.sortKey.columns = table.sortKey.columns.map(moved)
        result.constraints = table.constraints.compactMap { constraint in
            guard !constraint.columns.contains(index) else { return nil }
            var copy = constraint
            copy.columns = constraint.columns.map(moved)
            return copy
        }
        let kept = table.columns.indices.filter { $0 != index }
        return BoundAlteration(table: result, values: kept.map { .kept($0) })
    }

    func alterType(
        _ name: NameSyntax,
        _ type: DataType,
        at position: Int
    ) throws(SQLError) -> BoundAlteration {
        let index = try bindColumnIndex(name, of: table)
        let column = table.columns[index]
        guard case .varchar(let oldLength) = column.type, case .varchar(let length) = type else {
            throw SQLError(
                .featureNotSupported,
                "can not alter type of a column which is not varchar",
                position: position
            )
        }
        guard length != oldLength else {
            throw SQLError(
                .featureNotSupported,
                "target column size should be different",
                position: position
            )
        }
        guard column.defaultValue == nil else {
            throw refused("cannot alter type of column \"\(name.text)\" with a default", name)
        }
        guard !table.constraints.contains(where: { $0.columns.contains(index) }) else {
            throw refused(
                "cannot alter type of column \"\(name.text)\" that a constraint names",
                name
            )
        }
        guard ![.bytedict, .runlength, .text255, .text32k].contains(column.encoding) else {
            throw refused(
                "cannot alter type of column \"\(name.text)\" with encoding "
                    + column.encoding.displayName,
                name
            )
        }
        var result = table
        result.columns[index].type = type
        var values = keptValues
        values[index] = .cast(index)
        return BoundAlteration(table: result, values: values)
    }

    func alterEncoding(
        _ name: NameSyntax,
        _ encoding: NameSyntax
    ) throws(SQLError) -> BoundAlteration {
        let index = try bindColumnIndex(name, of: table)
        var result = table
        result.columns[index].encoding = try definitions.encoding(
            encoding,
            of: table.columns[index]
        )
        result.isAutoEncoding = false
        return BoundAlteration(table: result, values: keptValues)
    }

    func encodeAutomatically() -> BoundAlteration {
        var result = table
        result.isAutoEncoding = true
        for index in table.columns.indices where !table.sortKey.columns.contains(index) {
            result.columns[index].encoding = .automatic
        }
        return BoundAlteration(table: result, values: nil)
    }

    // MARK: Keys

    func alterDistribution(
        _ style: DistributionStyleSyntax,
        _ key: NameSyntax?
    ) throws(SQLError) -> BoundAlteration {
        var result = table
        var attributes = TableAttributesSyntax()
        attributes.distributionStyle = style
        attributes.distributionKey = key
        if style.kind == .auto {
            // What AUTO means for the rows there are is what it was.
            result.isAutoDistribution = true
            return BoundAlteration(table: result, values: nil)
        }
        if let key { _ = try bindColumnIndex(key, of: table) }
        try definitions.applyDistribution(&result, [], attributes)
        guard result.distribution != table.distribution else {
            return BoundAlteration(table: result, values: nil)
        }
        return BoundAlteration(table: result, values: keptValues)
    }

    func alterSortKey(_ key: SortKeySyntax?) throws(SQLError) -> BoundAlteration {
        var result = table
        guard let key else {
            result.sortKey = SortKey()
            result.isAutoSortKey = false
            return BoundAlteration(table: result, values: nil)
        }
        guard key.kind != .interleaved else {
            throw SQLError(
                .featureNotSupported,
                "ALTER TABLE to an INTERLEAVED SORTKEY is not supported",
                position: key.position
            )
        }
        for column in key.columns { _ = try bindColumnIndex(column, of: table) }
        var attributes = TableAttributesSyntax()
        attributes.sortKey = key
        result.sortKey = SortKey()
        try definitions.applySortKey(&result, [], attributes)
        let isSame = result.sortKey == table.sortKey || result.sortKey.columns.isEmpty
        return BoundAlteration(table: result, values: isSame ? nil : keptValues)
    }

    // MARK: Constraints

    func addConstraint(_ constraint: TableConstraintSyntax) throws(SQLError) -> BoundAlteration {
        var result = table
        try definitions.applyConstraints(&result, [], [constraint])
        if let name = constraint.name,
            table.constraints.contains(where: { $0.name == name.text })
        {
            throw SQLError(
                .duplicateObject,
                "constraint \"\(name.text)\" for relation \"\(table.name)\" already exists",
                position: name.position
            )
        }
        // A primary key's columns become NOT NULL, which the rows there are must obey.
        return BoundAlteration(
            table: result,
            values: result.columns == table.columns ? nil : keptValues
        )
    }

    func dropConstraint(_ name: NameSyntax) throws(SQLError) -> BoundAlteration {
        var result = table
        guard let index = table.constraints.firstIndex(where: { $0.name == name.text }) else {
            throw SQLError(
                .undefinedObject,
                "constraint \"\(name.text)\" does not exist",
                hint: nearestName(
                    to: name.text,
                    among: table.constraints.compactMap(\.name)
                ).map { "Perhaps you meant \"\($0)\"." },
                position: name.position
            )
        }
        result.constraints.remove(at: index)
        return BoundAlteration(table: result, values: nil)
    }

    private func refused(_ message: String, _ name: NameSyntax) -> SQLError {
        SQLError(.featureNotSupported, message, position: name.position)
    }
}
