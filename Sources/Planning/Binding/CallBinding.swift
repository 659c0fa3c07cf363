import Catalogs
import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// Binds a call: an aggregate, a constant of the session, CASE in disguise, or a function.
    func bindCall(
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        let name = syntax.name.name
        if let schema = syntax.name.qualifier, schema != "pg_catalog" {
            throw undefinedFunction(
                syntax.name.description,
                try bindOperands(syntax.arguments, scope),
                at: position
            )
        }
        if let window = syntax.window {
            return try bindWindow(syntax, window, scope, at: position)
        }
        if name == "grouping" || name == "grouping_id" {
            return try bindGroupingCall(syntax.arguments, scope, at: position)
        }
        try requireOver(name, at: position)
        if syntax.isStar || AggregateFunction(sqlName: name) != nil {
            return try bindAggregate(syntax, scope, at: position)
        }
        if Self.laterAggregates.contains(name) {
            throw SQLError.unsupported("aggregate function \(name)", position: position)
        }
        if syntax.isDistinct || syntax.isApproximate {
            throw SQLError(
                .wrongObjectType,
                "DISTINCT specified, but \(name) is not an aggregate function",
                position: position
            )
        }
        if Self.leaderOnlyFunctions.contains(name) { noteLeaderOnly(name, scope) }
        if let constant = sessionConstant(name, argumentCount: syntax.arguments.count) {
            return constant
        }
        let system = try bindSystemFunction(name, syntax.arguments, scope, at: position)
        if let system { return system }
        let conditional = try bindConditional(name, syntax.arguments, scope, at: position)
        if let conditional { return conditional }
        if name == "timeofday", syntax.arguments.isEmpty { return try timeOfDay(at: position) }
        var arguments = try bindArguments(of: name, syntax.arguments, scope)
        if name == "age", arguments.count == 1,
            let today = sessionConstant("current_date", argumentCount: 0)
        {
            arguments.insert(Operand(today, position), at: 0)
        }
        if name == "timezone", arguments.count == 2 {
            return try bindTimeZone(arguments[0], arguments[1], at: position)
        }
        if name == "json_extract_path_text",
            ["on", "true"].contains(context.setting("json_extract_missing_path_is_null"))
        {
            return try call(JSONFunctions.pathOrNull, arguments, at: position)
        }
        if let type = Self.castFunctions[name], arguments.count == 1 {
            return try explicitCast(arguments[0], to: type, at: position)
        }
        return try call(name, arguments, at: position)
    }

    /// Types whose names, called like functions, cast: `DATE(sold_at)`.
    ///
    /// - Source: PostgreSQL's manual on type casts, "func_name(arg)"; of the others the grammar
    ///   takes the name.
    private static let castFunctions: [String: DataType] = [
        "date": .date, "timestamptz": .timestampTZ, "timetz": .timeTZ, "int2": .smallint,
        "int4": .integer, "int8": .bigint, "float4": .real, "float8": .doublePrecision,
        "bool": .boolean, "text": .varchar(256),
    ]

    /// Aggregates that Redshift has and this version lacks.
    static let laterAggregates: Set<String> = [
        "hll_create_sketch", "hll_combine",
    ]

    // MARK: Arguments

    /// Bound arguments; the date part that some functions begin with may be a bare name.
    private func bindArguments(
        of name: String,
        _ arguments: [ExpressionSyntax],
        _ scope: Scope
    ) throws(SQLError) -> [Operand] {
        guard Self.datePartFunctions.contains(name), let first = arguments.first else {
            return try bindOperands(arguments, scope)
        }
        let part: String
        switch first.kind {
        case .column(let word) where word.parts.count == 1: part = word.name
        case .string(let text): part = text.lowercased()
        default: return try bindOperands(arguments, scope)
        }
        guard let known = Self.canonicalDatePart(part) else {
            throw SQLError(
                .invalidParameterValue,
                "date part \"\(part)\" not recognized",
                position: first.position
            )
        }
        let operand = Operand(.constant(.text(known), .varchar(known.utf8.count)), first.position)
        return [operand] + (try bindOperands(Array(arguments.dropFirst()), scope))
    }

    private static let datePartFunctions: Set<String> = [
        "dateadd", "date_add", "datediff", "date_diff", "date_part", "pgdate_part",
        "date_trunc",
    ]

    /// A function call of bound operands.
    ///
    /// - Errors: 42883.
    func call(
        _ name: String,
        _ operands: [Operand],
        at position: Int
    ) throws(SQLError) -> Expression {
        guard let expression = try resolvedCall(name, operands) else {
            throw undefinedFunction(name, operands, at: position)
        }
        return expression
    }

    /// A function call of bound operands; nil where no overload takes them.
    func resolvedCall(
        _ name: String,
        _ operands: [Operand]
    ) throws(SQLError) -> Expression? {
        let constants = operands.map { operand -> Datum? in
            if case .constant(let datum, _) = operand.expression { return datum }
            return nil
        }
        let resolution = ScalarFunctions.resolve(
            name: name,
            argumentTypes: operands.map(\.type),
            constants: constants
        )
        guard case .found(let function, let types, let resultType) = resolution else {
            return nil
        }
        var arguments: [Expression] = []
        arguments.reserveCapacity(operands.count)
        for (operand, type) in zip(operands, types) {
            arguments.append(
                try coerce(operand.expression, to: type, at: operand.position)
            )
        }
        return folded(.call(function, arguments, resultType))
    }

    /// 42883 with the argument types and, for a name nobody has, the one probably meant.
    func undefinedFunction(
        _ name: String,
        _ operands: [Operand],
        at position: Int
    ) -> SQLError {
        var error = ScalarFunctions.undefined(
            name: name,
            argumentTypes: operands.map(\.type),
            position: position
        )
        if !ScalarFunctions.exists(name: name),
            let meant = nearestName(to: name, among: Self.suggestedFunctions), meant != name
        {
            error.hint = "Perhaps you meant the function \"\(meant)\"."
        }
        return error
    }

    /// Names that are suggested for one that does not exist.
    private static let suggestedFunctions: [String] = {
        var names = [
            "coalesce", "nvl", "nvl2", "nullif", "decode", "greatest", "least", "getdate",
            "current_user_id", "version", "pg_backend_pid", "pg_last_query_id", "pg_last_copy_id",
            "pg_last_copy_count", "current_database", "current_setting",
        ]
        names += ScalarFunctions.names
        names += AggregateFunction.allCases.map(\.rawValue)
            .filter { AggregateFunction(sqlName: $0) != nil }
        names += laterAggregates.sorted()
        names += leaderOnlyFunctions.sorted()
        return names
    }()

    // MARK: Constants of the session

    /// TIMEOFDAY(): the statement's time as text, `Thu Sep 19 22:53:50.333525 2013 UTC`.
    private func timeOfDay(at position: Int) throws(SQLError) -> Expression {
        let time = Expression.constant(.int64(context.statementTime), .timestampTZ)
        let pattern = text("Dy Mon DD HH24:MI:SS.US YYYY TZ")
        return try call(
            "to_char",
            [Operand(time, position), Operand(pattern, position)],
            at: position
        )
    }

    /// A text as a constant of its length.
    func text(_ value: String) -> Expression {
        let datum = Datum.text(value)
        return .constant(datum, Self.literalType(of: datum))
    }

    /// Functions that are fixed within a statement, as constants; nil for any other name.
    ///
    /// GETDATE() has no fraction of a second; SYSDATE is the time the transaction began. What has
    /// no zone in its type is on the session's clock.
    private func sessionConstant(_ name: String, argumentCount: Int) -> Expression? {
        guard argumentCount == 0 else { return nil }
        let second: Int64 = 1_000_000
        let day: Int64 = 86_400 * second
        switch name {
        case "getdate":
            let time = floorDivide(local(context.statementTime), second) * second
            return .constant(.int64(time), .timestamp)
        case "sysdate", "localtimestamp":
            return .constant(.int64(local(context.transactionTime)), .timestamp)
        case "now", "current_timestamp":
            return .constant(.int64(context.transactionTime), .timestampTZ)
        case "current_date":
            return .constant(.int64(floorDivide(local(context.transactionTime), day)), .date)
        case "current_time", "localtime":
            let now = local(context.transactionTime)
            return .constant(.int64(now - floorDivide(now, day) * day), .time)
        case "current_user", "session_user", "user", "current_user_name":
            return text(context.userName)
        case "current_user_id": return .constant(.int64(100), .integer)
        case "current_database": return text(context.databaseName)
        case "current_schema":
            let schema = context.searchPath.lazy
                .map { $0 == "$user" ? self.context.userName : $0 }
                .first { self.context.catalog.hasSchema($0) }
            return schema.map { text($0) } ?? .constant(.null, .varchar(127))
        case "version": return text(context.versionText)
        case "pg_backend_pid": return .constant(.int64(Int64(context.processID)), .integer)
        case "pg_last_unload_id": return .constant(.int64(-1), .bigint)
        case "pg_last_unload_count": return .constant(.int64(0), .bigint)
        case "pg_last_query_id", "pg_last_copy_id", "pg_last_copy_count":
            let number = context.setting(name).flatMap { Int64($0) } ?? -1
            return .constant(.int64(number), .bigint)
        default: return nil
        }
    }

    /// The name under which the functions of dates know a part; nil if there is no such part.
    ///
    /// - Source: Redshift's table of date parts. A single `m` is a minute.
    static func canonicalDatePart(_ name: String) -> String? {
        switch name {
        case "millennium", "millennia", "millenniums", "mil", "mils": "millennium"
        case "century", "centuries", "c", "cent", "cents": "century"
        case "decade", "decades", "dec", "decs": "decade"
        case "epoch": "epoch"
        case "year", "years", "y", "yr", "yrs": "year"
        case "quarter", "quarters", "qtr", "qtrs": "quarter"
        case "month", "months", "mon", "mons": "month"
        case "week", "weeks", "w": "week"
        case "dayofweek", "dow", "dw", "weekday": "dayofweek"
        case "dayofyear", "doy", "dy", "yearday": "dayofyear"
        case "day", "days", "d": "day"
        case "hour", "hours", "h", "hr", "hrs": "hour"
        case "minute", "minutes", "m", "min", "mins": "minute"
        case "second", "seconds", "s", "sec", "secs": "second"
        case "millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds",
            "millisec", "millisecs", "millisecon":
            "millisecond"
        case "microsecond", "microseconds", "microsec", "microsecs", "usec", "usecs",
            "usecond", "useconds", "us":
            "microsecond"
        case "timezone", "timezone_hour", "timezone_minute": name
        default: nil
        }
    }
}
