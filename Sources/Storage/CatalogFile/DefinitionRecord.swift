import Catalogs
import SQLTypes

extension RecordWriter {
    mutating func put(_ type: DataType) {
        switch type {
        case .smallint: put(0)
        case .integer: put(1)
        case .bigint: put(2)
        case .decimal(let precision, let scale):
            put(3)
            put(precision)
            put(scale)
        case .real: put(4)
        case .doublePrecision: put(5)
        case .boolean: put(6)
        case .char(let length):
            put(7)
            put(length)
        case .varchar(let length):
            put(8)
            put(length)
        case .date: put(9)
        case .time: put(10)
        case .timestamp: put(11)
        case .timestampTZ: put(12)
        case .interval: put(13)
        case .unknown: put(14)
        case .timeTZ: put(15)
        case .varbyte(let length):
            put(16)
            put(length)
        }
    }

    mutating func put(_ definition: TableDefinition) {
        put(definition.id)
        put(definition.schema)
        put(definition.name)
        put(definition.columns.count)
        for column in definition.columns { put(column) }
        switch definition.distribution {
        case .even: put(0)
        case .all: put(1)
        case .key(let column):
            put(2)
            put(column)
        }
        put(definition.isAutoDistribution)
        // Columns of an interleaved key are written as -1, -2, …
        let key = definition.sortKey
        put(key.isInterleaved ? key.columns.map { -1 - $0 } : key.columns)
        put(definition.isAutoSortKey)
        put(definition.isAutoEncoding)
        put(definition.constraints.count)
        for constraint in definition.constraints { put(constraint) }
        put(definition.isTemporary)
        put(Int(definition.createdAt))
        put(definition.view != nil)
        if let view = definition.view { put(view) }
        put(optional: definition.comment)
    }

    private mutating func put(_ view: ViewDefinition) {
        put(view.query)
        put(view.isLateBinding)
        put(view.columnNames.count)
        for name in view.columnNames { put(name) }
        put(view.dependencies)
    }

    private mutating func put(optional text: String?) {
        put(text != nil)
        if let text { put(text) }
    }

    private mutating func put(_ column: ColumnDefinition) {
        put(column.name)
        put(column.type)
        put(column.isNotNull)
        switch column.defaultValue {
        case nil: put(0)
        case .expression(let text):
            put(1)
            put(text)
        case .identity(let seed, let step, let acceptsValues):
            put(2)
            put(Int(seed))
            put(Int(step))
            put(acceptsValues)
        }
        put(column.encoding.rawValue)
        put(optional: column.comment)
    }

    private mutating func put(_ constraint: TableConstraint) {
        put(constraint.kind.rawValue)
        put(constraint.name != nil)
        if let name = constraint.name { put(name) }
        put(constraint.columns)
        put(constraint.referencedTable != nil)
        if let table = constraint.referencedTable { put(table) }
        put(constraint.referencedColumns.count)
        for column in constraint.referencedColumns { put(column) }
    }
}

extension RecordReader {
    mutating func dataType() throws(SQLError) -> DataType {
        switch try int() {
        case 0: return .smallint
        case 1: return .integer
        case 2: return .bigint
        case 3:
            let precision = try int()
            return .decimal(precision: precision, scale: try int())
        case 4: return .real
        case 5: return .doublePrecision
        case 6: return .boolean
        case 7: return .char(try int())
        case 8: return .varchar(try int())
        case 9: return .date
        case 10: return .time
        case 11: return .timestamp
        case 12: return .timestampTZ
        case 13: return .interval
        case 14: return .unknown
        case 15: return .timeTZ
        case 16: return .varbyte(try int())
        default: throw Self.damaged
        }
    }

    mutating func definition() throws(SQLError) -> TableDefinition {
        let id = try int()
        let schema = try text()
        let name = try text()
        var columns: [ColumnDefinition] = []
        for _ in 0..<(try count()) { columns.append(try column()) }
        let distribution: DistributionStyle
        switch try int() {
        case 0: distribution = .even
        case 1: distribution = .all
        case 2:
            let column = try int()
            guard columns.indices.contains(column) else { throw Self.damaged }
            distribution = .key(column)
        default: throw Self.damaged
        }
        let isAutoDistribution = try bool()
        var sortColumns = try ints()
        let isInterleaved = sortColumns.first.map { $0 < 0 } ?? false
        if isInterleaved { sortColumns = sortColumns.map { -1 - $0 } }
        guard sortColumns.allSatisfy(columns.indices.contains) else { throw Self.damaged }
        let isAutoSortKey = try bool()
        let isAutoEncoding = try bool()
        var constraints: [TableConstraint] = []
        for _ in 0..<(try count()) { constraints.append(try constraint()) }
        let isTemporary = try bool()
        let createdAt = Int64(try int())
        let view = try bool() ? try viewDefinition() : nil
        return TableDefinition(
            id: id,
            schema: schema,
            name: name,
            columns: columns,
            distribution: distribution,
            isAutoDistribution: isAutoDistribution,
            sortKey: SortKey(columns: sortColumns, isInterleaved: isInterleaved),
            isAutoSortKey: isAutoSortKey,
            isAutoEncoding: isAutoEncoding,
            constraints: constraints,
            isTemporary: isTemporary,
            createdAt: createdAt,
            view: view,
            comment: try optionalText()
        )
    }

    private mutating func viewDefinition() throws(SQLError) -> ViewDefinition {
        let query = try text()
        let isLateBinding = try bool()
        var columnNames: [String] = []
        for _ in 0..<(try count()) { columnNames.append(try text()) }
        return ViewDefinition(
            query: query,
            isLateBinding: isLateBinding,
            columnNames: columnNames,
            dependencies: try ints()
        )
    }

    private mutating func optionalText() throws(SQLError) -> String? {
        try bool() ? try text() : nil
    }

    private mutating func column() throws(SQLError) -> ColumnDefinition {
        let name = try text()
        let type = try dataType()
        let isNotNull = try bool()
        let defaultValue: ColumnDefault?
        switch try int() {
        case 0: defaultValue = nil
        case 1: defaultValue = .expression(try text())
        case 2:
            let seed = Int64(try int())
            let step = Int64(try int())
            defaultValue = .identity(seed: seed, step: step, acceptsValues: try bool())
        default: throw Self.damaged
        }
        guard let encoding = ColumnEncoding(rawValue: try text()) else { throw Self.damaged }
        return ColumnDefinition(
            name: name,
            type: type,
            isNotNull: isNotNull,
            defaultValue: defaultValue,
            encoding: encoding,
            comment: try optionalText()
        )
    }

    private mutating func constraint() throws(SQLError) -> TableConstraint {
        guard let kind = TableConstraint.Kind(rawValue: try text()) else { throw Self.damaged }
        let name = try bool() ? try text() : nil
        let columns = try ints()
        let table = try bool() ? try text() : nil
        var referenced: [String] = []
        for _ in 0..<(try count()) { referenced.append(try text()) }
        return TableConstraint(
            kind: kind,
            name: name,
            columns: columns,
            referencedTable: table,
            referencedColumns: referenced
        )
    }
}
