import SQLTypes

extension ExpressionSyntax {
    /// The name of a select list's column that has no alias.
    ///
    /// A column's own name, a function's internal name, an inner name or else the type's below
    /// a cast, ELSE's name or else `case` for CASE, and `?column?` for everything else.
    ///
    /// - Source: PostgreSQL 8.0 `FigureColname`, with the names that Redshift's parser gives
    ///   its functions: `dateadd` shows as `date_add`, `CURRENT_DATE` as `date`.
    package var defaultColumnName: String { ownName?.text ?? "?column?" }

    private struct OwnName {
        var text: String
        /// Whether a cast or a CASE around it keeps it.
        var isStrong: Bool
    }

    private var ownName: OwnName? {
        switch kind {
        case .column(let name): return OwnName(text: name.name, isStrong: true)
        case .call(let call):
            let name = Self.internalName(of: call)
            return OwnName(text: name, isStrong: name != "case")
        case .extract: return OwnName(text: "date_part", isStrong: true)
        case .atTimeZone: return OwnName(text: "timezone", isStrong: true)
        case .boolean: return OwnName(text: "bool", isStrong: false)
        case .interval: return OwnName(text: "interval", isStrong: false)
        case .typedLiteral(let type, _):
            return OwnName(text: type.internalName, isStrong: false)
        case .cast(let cast):
            if let inner = cast.value.ownName, inner.isStrong { return inner }
            return OwnName(text: cast.type.internalName, isStrong: false)
        case .caseWhen(let syntax):
            if let inner = syntax.otherwise?.ownName, inner.isStrong { return inner }
            return OwnName(text: "case", isStrong: false)
        default: return nil
        }
    }

    private static func internalName(of call: FunctionCallSyntax) -> String {
        switch call.name.name {
        case "dateadd": "date_add"
        case "datediff": "date_diff"
        case "date_part": "pgdate_part"
        case "nvl": "coalesce"
        case "decode": "case"
        case "char_length", "character_length": "length"
        case "user": "current_user"
        case "current_date": "date"
        case "current_time": "timetz"
        case "current_timestamp": "timestamptz"
        case "localtime": "time"
        case "localtimestamp", "sysdate": "timestamp"
        case let name: name
        }
    }
}

extension DataType {
    /// The name in `pg_type`: `int4`, `varchar`, `bpchar`.
    package var internalName: String {
        switch self {
        case .smallint: "int2"
        case .integer: "int4"
        case .bigint: "int8"
        case .decimal: "numeric"
        case .real: "float4"
        case .doublePrecision: "float8"
        case .boolean: "bool"
        case .char: "bpchar"
        case .varchar: "varchar"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .timestampTZ: "timestamptz"
        case .interval: "interval"
        case .timeTZ: "timetz"
        case .varbyte: "varbyte"
        case .unknown: "unknown"
        }
    }
}
