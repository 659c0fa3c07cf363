import Catalogs
import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

// Functions about the session and the catalog. Their arguments are constants, and so are they,
// within a statement.

extension Binder {
    /// Functions that Redshift has on its leader alone, so that no user table can be in the
    /// statement.
    ///
    /// - Source: redshift.md §1, trap 11, and Redshift's list of leader-node functions.
    static let leaderOnlyFunctions: Set<String> = [
        "now", "current_timestamp", "current_time", "localtime", "localtimestamp",
        "current_schema", "current_schemas", "has_database_privilege", "has_schema_privilege",
        "has_table_privilege", "pg_get_viewdef", "pg_get_userbyid", "pg_table_is_visible",
        "format_type", "obj_description", "col_description", "generate_series", "set_config",
    ]

    /// Remembers the first function of the statement that only the leader has.
    ///
    /// Defaults of columns are the leader's to compute.
    func noteLeaderOnly(_ name: String, _ scope: Scope) {
        guard scope.clause != .defaultValue, leaderOnlyFunction == nil else { return }
        leaderOnlyFunction = name
    }

    /// 0A000 where a function of the leader alone meets a table of the slices.
    func requireLeaderOnly() throws(SQLError) {
        guard readsStoredTable, let name = leaderOnlyFunction else { return }
        throw SQLError(
            .featureNotSupported,
            "Specified types or functions (one per INFO message) not supported on Redshift "
                + "tables.",
            detail: "Function \"\(name)\" not supported."
        )
    }

    /// 0A000 where a function that only slices have stands in a statement of the leader alone.
    func requireStoredTable() throws(SQLError) {
        guard needsStoredTable, !readsStoredTable else { return }
        throw computeNodesOnly
    }

    /// A function about the session or the catalog; nil for any other name or number of arguments.
    func bindSystemFunction(
        _ name: String,
        _ arguments: [ExpressionSyntax],
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression? {
        switch (name, arguments.count) {
        case ("current_setting", 1), ("current_setting", 2):
            return try currentSetting(arguments, scope)
        case ("set_config", 3): return try setConfig(arguments, scope)
        case ("current_schemas", 1): return try currentSchemas(arguments[0], scope)
        case ("has_table_privilege", 2), ("has_table_privilege", 3),
            ("has_schema_privilege", 2), ("has_schema_privilege", 3),
            ("has_database_privilege", 2), ("has_database_privilege", 3):
            return try hasPrivilege(name, arguments, scope)
        case ("pg_get_viewdef", 1), ("pg_get_viewdef", 2):
            return try viewDefinition(arguments[0], scope)
        case ("pg_get_userbyid", 1):
            guard let id = try constant(arguments[0], of: name, scope).exact else {
                return .constant(.null, .varchar(128))
            }
            return text(id == 100 ? context.userName : "unknown (OID=\(id))")
        case ("pg_table_is_visible", 1): return try isVisible(arguments[0], scope)
        case ("format_encoding", 1): return try formatEncoding(arguments[0], scope)
        case ("format_type", 2): return try formatType(arguments, scope)
        case ("obj_description", 1), ("obj_description", 2), ("col_description", 2):
            return try description(arguments, isColumn: name == "col_description", scope)
        case ("generate_series", _):
            try requireLeaderOnly()
            throw SQLError.unsupported("generate_series in an expression", position: position)
        case ("slice_num", 0):
            needsStoredTable = true
            return nil
        case ("pg_cancel_backend", 1), ("pg_terminate_backend", 1):
            let cancel = context.cancelSession
            let terminates = name == "pg_terminate_backend"
            let function = BackendFunctions.acting(name) { cancel($0, terminates) }
            let operand = try bindOperand(arguments[0], scope)
            let id = try coerce(operand.expression, to: .integer, at: operand.position)
            return .call(function, [id], .integer)
        case ("random", 0):
            guard let seed = context.nextRandomSeed() else { return nil }
            return .call(RandomFunction.seeded(seed), [], .doublePrecision)
        default: return nil
        }
    }

    /// The value of an argument that must be constant.
    private func constant(
        _ syntax: ExpressionSyntax,
        of name: String,
        _ scope: Scope
    ) throws(SQLError) -> Datum {
        guard case .constant(let datum, _) = try bindExpression(syntax, scope) else {
            throw SQLError.unsupported(
                "\(name) of anything but a constant",
                position: syntax.position
            )
        }
        return datum
    }

    // MARK: Settings

    private func currentSetting(
        _ arguments: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        guard let name = try constant(arguments[0], of: "current_setting", scope).text else {
            return .constant(.null, .varchar(256))
        }
        if let value = context.setting(name.lowercased()) { return text(value) }
        if arguments.count == 2,
            case .bool(true) = try constant(arguments[1], of: "current_setting", scope)
        {
            return .constant(.null, .varchar(256))
        }
        throw SQLError(
            .undefinedObject,
            "unrecognized configuration parameter \"\(name)\"",
            position: arguments[0].position
        )
    }

    /// SET_CONFIG gives the new value; the setting changes when the query runs, not when it is
    /// explained.
    private func setConfig(
        _ arguments: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        guard let name = try constant(arguments[0], of: "set_config", scope).text,
            let value = try constant(arguments[1], of: "set_config", scope).text
        else { return .constant(.null, .varchar(256)) }
        let isLocal: Bool
        switch try constant(arguments[2], of: "set_config", scope) {
        case .bool(let flag): isLocal = flag
        default:
            throw SQLError(
                .datatypeMismatch,
                "the third argument of set_config must be a boolean",
                position: arguments[2].position
            )
        }
        settingChanges.append(
            SettingChange(name: name.lowercased(), value: value, isLocal: isLocal)
        )
        return text(value)
    }

    // MARK: Schemas and privileges

    private func currentSchemas(
        _ argument: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        var schemas = context.searchPath.filter { context.catalog.hasSchema($0) }
        if case .bool(true) = try constant(argument, of: "current_schemas", scope) {
            if !schemas.contains("pg_catalog") { schemas.insert("pg_catalog", at: 0) }
        }
        return text("{\(schemas.joined(separator: ","))}")
    }

    /// The one user may do everything with what exists.
    ///
    /// - Source: Redshift's pages on these functions, for the privileges there are.
    private func hasPrivilege(
        _ name: String,
        _ arguments: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let texts = try arguments.map { (argument) throws(SQLError) in
            (text: try constant(argument, of: name, scope).text, position: argument.position)
        }
        guard let object = texts[texts.count - 2].text, let rights = texts[texts.count - 1].text,
            let user = texts.count == 3 ? texts[0].text : context.userName
        else { return .constant(.null, .boolean) }
        let place = texts[texts.count - 2].position
        guard user == context.userName else {
            throw SQLError(
                .undefinedObject,
                "user \"\(user)\" does not exist",
                position: texts[0].position
            )
        }
        let known: Set<String>
        switch name {
        case "has_table_privilege":
            known = [
                "select", "insert", "update", "delete", "drop", "references", "rule", "trigger",
            ]
            _ = try relation(named: object, at: place)
        case "has_schema_privilege":
            known = ["create", "usage"]
            guard context.catalog.hasSchema(object) else {
                throw SQLError(
                    .invalidSchemaName,
                    "schema \"\(object)\" does not exist",
                    position: place
                )
            }
        default:
            known = ["create", "temporary", "temp", "usage"]
            guard object == context.databaseName else {
                throw SQLError(
                    .invalidCatalogName,
                    "database \"\(object)\" does not exist",
                    position: place
                )
            }
        }
        guard known.contains(rights.lowercased()) else {
            throw SQLError(
                .invalidParameterValue,
                "unrecognized privilege type: \"\(rights)\"",
                position: texts[texts.count - 1].position
            )
        }
        return .constant(.bool(true), .boolean)
    }

    // MARK: The catalog

    /// The table or view of a name in a string, by the search path.
    private func relation(named text: String, at position: Int) throws(SQLError) -> TableDefinition
    {
        let parts = text.split(separator: ".").map { part in
            NameSyntax(String(part.filter { $0 != "\"" }).lowercased(), position: position)
        }
        guard !parts.isEmpty, parts.count <= 3 else {
            throw SQLError(.invalidName, "invalid name syntax", position: position)
        }
        return try resolveTable(ObjectNameSyntax(parts))
    }

    /// The table or view of a number; nil if there is none.
    private func relation(numbered id: Int128) -> TableDefinition? {
        for schema in context.catalog.schemaNames {
            let found = context.catalog.tables(inSchema: schema).first { Int128($0.id) == id }
            if let found { return found }
        }
        return nil
    }

    private func viewDefinition(
        _ argument: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let datum = try constant(argument, of: "pg_get_viewdef", scope)
        let table: TableDefinition?
        if let name = datum.text {
            table = try relation(named: name, at: argument.position)
        } else {
            table = datum.exact.flatMap { relation(numbered: $0) }
        }
        guard let table else { return .constant(.null, .varchar(65_535)) }
        return text(table.view?.definitionText(of: table) ?? "Not a view")
    }

    private func isVisible(
        _ argument: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let datum = try constant(argument, of: "pg_table_is_visible", scope)
        guard let id = datum.exact, let table = relation(numbered: id) else {
            return .constant(.null, .boolean)
        }
        let found = tableSchemas.lazy
            .compactMap { self.context.catalog.table(schema: $0, name: table.name) }.first
        return .constant(.bool(found?.id == table.id), .boolean)
    }

    private func description(
        _ arguments: [ExpressionSyntax],
        isColumn: Bool,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let none = Expression.constant(.null, .varchar(65_535))
        let id = try constant(arguments[0], of: "obj_description", scope).exact
        guard let table = id.flatMap({ relation(numbered: $0) }) else { return none }
        guard isColumn else { return table.comment.map { text($0) } ?? none }
        let number = try constant(arguments[1], of: "col_description", scope).exact
        guard let number, (1...Int128(table.columns.count)).contains(number) else { return none }
        return table.columns[Int(number) - 1].comment.map { text($0) } ?? none
    }

    // MARK: Numbers of types and encodings

    /// - Source: the numbers in PG_ATTRIBUTE.attencodingtype, as Redshift's own views spell them.
    private func formatEncoding(
        _ argument: ExpressionSyntax,
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        let names = [
            "none", "bytedict", "delta", "lzo", "runlength", "mostly8", "mostly16", "mostly32",
            "delta32k", "text255", "text32k", "zstd", "az64",
        ]
        let number = try constant(argument, of: "format_encoding", scope).exact
        guard let number, names.indices.contains(Int(clamping: number)) else {
            return .constant(.null, .varchar(32))
        }
        return text(names[Int(clamping: number)])
    }

    /// - Source: PostgreSQL `format_type.c`; type numbers from redshift-system-tables.md §2.
    private func formatType(
        _ arguments: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> Expression {
        guard let number = try constant(arguments[0], of: "format_type", scope).exact else {
            return .constant(.null, .varchar(128))
        }
        let modifier = try constant(arguments[1], of: "format_type", scope).exact ?? -1
        let length = Int(clamping: modifier - 4)
        switch number {
        case 1042: return text(modifier > 4 ? "character(\(length))" : "character")
        case 1043:
            return text(modifier > 4 ? "character varying(\(length))" : "character varying")
        case 1700:
            guard modifier > 4 else { return text("numeric") }
            return text("numeric(\(length >> 16),\(length & 0xFFFF))")
        default: return text(Self.typeNames[Int(clamping: number)] ?? "???")
        }
    }

    private static let typeNames = [
        16: "boolean", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer",
        25: "text", 26: "oid", 700: "real", 701: "double precision", 705: "unknown",
        1082: "date", 1083: "time without time zone", 1114: "timestamp without time zone",
        1184: "timestamp with time zone", 1186: "interval", 1266: "time with time zone",
    ]
}
