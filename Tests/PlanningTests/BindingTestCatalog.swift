import Catalogs
import Functions
import Plans
import SQLSyntax
import SQLTypes
import Testing

@testable import Planning

/// A catalog of a few tables in schemas `public` and `other`.
struct BindingTestCatalog: CatalogSnapshot {
    var definitions: [TableDefinition] = [
        table(
            100_001,
            "t",
            [
                ("a", .integer), ("b", .varchar(20)), ("c", .decimal(precision: 12, scale: 2)),
                ("d", .date), ("e", .timestamp), ("f", .boolean), ("g", .doublePrecision),
                ("h", .bigint), ("s", .smallint), ("i", .char(10)),
            ]
        ),
        table(100_002, "u", [("a", .integer), ("k", .bigint), ("x", .varchar(5))]),
        table(100_003, "v", [("k", .bigint), ("y", .date)]),
        identityTable,
        table(100_005, "t", [("z", .integer)], schema: "other"),
        table(10, "stv_slices", [("node", .integer), ("slice", .integer)], schema: "pg_catalog"),
    ]

    static let identityTable = TableDefinition(
        id: 100_004,
        schema: "public",
        name: "w",
        columns: [
            ColumnDefinition(
                name: "id",
                type: .bigint,
                isNotNull: true,
                defaultValue: .identity(seed: 1, step: 1, acceptsValues: false)
            ),
            ColumnDefinition(
                name: "n",
                type: .integer,
                defaultValue: .expression("1 + 1")
            ),
            ColumnDefinition(name: "m", type: .varchar(3)),
        ]
    )

    static func table(
        _ id: TableID,
        _ name: String,
        _ columns: [(String, DataType)],
        schema: String = "public"
    ) -> TableDefinition {
        TableDefinition(
            id: id,
            schema: schema,
            name: name,
            columns: columns.map { ColumnDefinition(name: $0.0, type: $0.1) }
        )
    }

    func table(schema: String, name: String) -> TableDefinition? {
        definitions.first { $0.schema == schema && $0.name == name }
    }
    func statistics(of table: TableID) -> TableStatistics? { nil }
    func hasSchema(_ name: String) -> Bool { schemaNames.contains(name) }
    var schemaNames: [String] { ["other", "pg_catalog", "public"] }
    func tables(inSchema schema: String) -> [TableDefinition] {
        definitions.filter { $0.schema == schema }.sorted { $0.name < $1.name }
    }
    var shape: ClusterShape { ClusterShape() }
}

/// The context of the tests: 2024-02-29 12:34:56.789 UTC.
let bindingTestContext = BindingContext(
    catalog: BindingTestCatalog(),
    statementTime: 762_525_296_789_000,
    transactionTime: 762_525_296_789_000,
    versionText: "PostgreSQL 8.0.2",
    temporarySchema: "pg_temp_1",
    setting: { $0 == "search_path" ? "public" : nil }
)

/// Binds a statement of any kind.
func bind(_ text: String) throws(SQLError) -> BoundQuery {
    switch try parseStatement(text) {
    case .query(let query): return try bindQuery(query, context: bindingTestContext)
    case .insert(let insert): return try bindInsert(insert, context: bindingTestContext)
    case .update(let update): return try bindUpdate(update, context: bindingTestContext)
    case .delete(let delete): return try bindDelete(delete, context: bindingTestContext)
    case .merge(let merge): return try bindMerge(merge, context: bindingTestContext)
    case .createTableAs(let syntax):
        return try bindCreateTableAs(syntax, context: bindingTestContext).query
    default: throw SQLError.invariant("the test statement is of no kind that binds")
    }
}

/// The error of a statement that must not bind.
func bindingError(_ text: String) -> SQLError? {
    do {
        _ = try bind(text)
        return nil
    } catch {
        return error
    }
}

/// The first output expression of a SELECT without FROM, or over one table.
func boundExpression(_ text: String) throws -> Expression {
    let plan = try bind("select \(text)").plan
    guard case .project(_, let items) = plan else {
        Issue.record("the plan is no projection")
        return .constant(.null, .unknown)
    }
    return try #require(items.first).expression
}

/// A plan's shape on one line: `project(filter(scan t))`.
func shape(_ plan: LogicalPlan) -> String {
    switch plan {
    case .scan(let scan): "scan \(scan.alias)"
    case .values(let rows, _): "values \(rows.count)"
    case .filter(let input, _): "filter(\(shape(input)))"
    case .project(let input, _): "project(\(shape(input)))"
    case .join(let kind, let left, let right, let condition):
        (kind.mark == nil ? "\(kind)" : "mark")
            + "\(condition == nil ? " cross" : "")(\(shape(left)), \(shape(right)))"
    case .aggregate(let input, let groups, let aggregates):
        "aggregate \(groups.count)+\(aggregates.count)(\(shape(input)))"
    case .expand(let input, let expansion):
        "expand \(expansion.sets.count)(\(shape(input)))"
    case .stored(let reference): "stored \(reference.number)"
    case .window(let input, let definition, let calls):
        "window \(definition.partition.count)+\(definition.order.count)+\(calls.count)"
            + "(\(shape(input)))"
    case .distinct(let input): "distinct(\(shape(input)))"
    case .sort(let input, _): "sort(\(shape(input)))"
    case .limit(let input, let count, let offset):
        "limit \(count.map(String.init) ?? "all")+\(offset)(\(shape(input)))"
    case .unionAll(let arms, _): "union(\(arms.map(shape).joined(separator: ", ")))"
    case .subquery(let input, let name, _): "\(name):(\(shape(input)))"
    }
}

/// Problems of a plan: columns used that its input does not put out, numbers given twice.
func faults(of plan: LogicalPlan) -> [String] {
    var found: [String] = []
    func check(_ expressions: [Expression], _ input: [PlanColumn], _ place: String) {
        let known = Set(input.map(\.id))
        for expression in expressions {
            let unknown = expression.columns.subtracting(known)
            if !unknown.isEmpty { found.append("\(place) reads unknown columns \(unknown)") }
        }
    }
    func visit(_ plan: LogicalPlan) {
        let ids = plan.columns.map(\.id)
        if Set(ids).count != ids.count { found.append("columns twice in \(shape(plan))") }
        switch plan {
        case .scan, .stored: break
        case .expand(let input, let expansion):
            check(expansion.groups.map(\.expression), input.columns, "expand")
            visit(input)
        case .values(let rows, let columns):
            for row in rows {
                check(row, [], "values")
                if row.count != columns.count { found.append("a row of another width") }
                for (value, column) in zip(row, columns)
                where value.type != column.type && !(value.type.isString && column.type.isString) {
                    found.append("values of type \(value.type) under \(column.type)")
                }
            }
        case .filter(let input, let condition):
            check([condition], input.columns, "filter")
            visit(input)
        case .project(let input, let items):
            check(items.map(\.expression), input.columns, "project")
            for item in items where item.column.type != item.expression.type {
                found.append("\(item.column.name) is \(item.expression.type)")
            }
            visit(input)
        case .join(let kind, let left, let right, let condition):
            check(
                [condition, kind.mark?.test].compactMap(\.self),
                left.columns + right.columns,
                "join"
            )
            visit(left)
            visit(right)
        case .aggregate(let input, let groups, let aggregates):
            check(groups.map(\.expression), input.columns, "group")
            check(aggregates.compactMap(\.argument), input.columns, "aggregate")
            visit(input)
        case .window(let input, let definition, let calls):
            check(definition.partition, input.columns, "partition")
            check(definition.order.map(\.expression), input.columns, "window order")
            check(calls.flatMap(\.arguments), input.columns, "window function")
            visit(input)
        case .distinct(let input), .limit(let input, _, _): visit(input)
        case .sort(let input, let keys):
            check(keys.map(\.expression), input.columns, "sort")
            visit(input)
        case .unionAll(let arms, let columns):
            for arm in arms {
                if arm.columns.map(\.type) != columns.map(\.type) { found.append("arm types") }
                visit(arm)
            }
        case .subquery(let input, _, let columns):
            if input.columns.map(\.type) != columns.map(\.type) { found.append("subquery types") }
            visit(input)
        }
    }
    visit(plan)
    return found
}
