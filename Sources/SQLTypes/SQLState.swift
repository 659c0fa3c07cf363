/// A five-character SQLSTATE with the condition name PostgreSQL gives it.
///
/// The one table of states: code, shell and wire protocol take them from here. In class order.
///
/// - Source: PostgreSQL `src/backend/utils/errcodes.txt`; Redshift uses the same codes.
public struct SQLState: Hashable, Sendable, CustomStringConvertible {
    /// The five characters, for example `42P01`.
    public let code: String
    /// PostgreSQL's condition name, for example `undefined_table`.
    public let name: String

    private init(_ code: String, _ name: String) {
        self.code = code
        self.name = name
    }

    /// The code.
    public var description: String { code }

    /// Two states are equal when their codes are.
    public static func == (left: SQLState, right: SQLState) -> Bool { left.code == right.code }

    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension SQLState {
    // Class 08: connection.
    /// 08006: connection failure.
    public static let connectionFailure = SQLState("08006", "connection_failure")
    // Class 0A: feature not supported.
    /// 0A000: feature not supported.
    public static let featureNotSupported = SQLState("0A000", "feature_not_supported")
    // Class 21: cardinality.
    /// 21000: cardinality violation.
    public static let cardinalityViolation = SQLState("21000", "cardinality_violation")
    // Class 22: data.
    /// 22001: string data right truncation.
    public static let stringDataRightTruncation = SQLState(
        "22001",
        "string_data_right_truncation"
    )
    /// 22003: numeric value out of range.
    public static let numericValueOutOfRange = SQLState("22003", "numeric_value_out_of_range")
    /// 22007: invalid datetime format.
    public static let invalidDatetimeFormat = SQLState("22007", "invalid_datetime_format")
    /// 22008: datetime field overflow.
    public static let datetimeFieldOverflow = SQLState("22008", "datetime_field_overflow")
    /// 22011: substring error.
    public static let substringError = SQLState("22011", "substring_error")
    /// 22012: division by zero.
    public static let divisionByZero = SQLState("22012", "division_by_zero")
    /// 2201B: invalid regular expression.
    public static let invalidRegularExpression = SQLState("2201B", "invalid_regular_expression")
    /// 2201E: invalid argument for logarithm.
    public static let invalidLogarithmArgument = SQLState(
        "2201E",
        "invalid_argument_for_logarithm"
    )
    /// 2201F: invalid argument for power function.
    public static let invalidPowerArgument = SQLState(
        "2201F",
        "invalid_argument_for_power_function"
    )
    /// 2201W: invalid row count in limit clause.
    public static let invalidLimit = SQLState("2201W", "invalid_row_count_in_limit_clause")
    /// 2201X: invalid row count in result offset clause.
    public static let invalidOffset = SQLState("2201X", "invalid_row_count_in_result_offset_clause")
    /// 22013: invalid preceding or following size.
    public static let invalidPrecedingOrFollowingSize = SQLState(
        "22013",
        "invalid_preceding_or_following_size"
    )
    /// 22014: invalid argument for ntile.
    public static let invalidArgumentForNtile = SQLState(
        "22014",
        "invalid_argument_for_ntile_function"
    )
    /// 22016: invalid argument for nth_value.
    public static let invalidArgumentForNthValue = SQLState(
        "22016",
        "invalid_argument_for_nth_value_function"
    )
    /// 22021: character not in repertoire.
    public static let characterNotInRepertoire = SQLState("22021", "character_not_in_repertoire")
    /// 22023: invalid parameter value.
    public static let invalidParameterValue = SQLState("22023", "invalid_parameter_value")
    /// 22025: invalid escape sequence.
    public static let invalidEscapeSequence = SQLState("22025", "invalid_escape_sequence")
    /// 22P02: invalid text representation.
    public static let invalidTextRepresentation = SQLState(
        "22P02",
        "invalid_text_representation"
    )
    /// 22P04: bad copy file format.
    public static let badCopyFileFormat = SQLState("22P04", "bad_copy_file_format")
    // Class 23: integrity.
    /// 23502: not null violation.
    public static let notNullViolation = SQLState("23502", "not_null_violation")
    // Class 25: transaction state.
    /// 25001: active sql transaction.
    public static let activeSQLTransaction = SQLState("25001", "active_sql_transaction")
    /// 25006: read only sql transaction.
    public static let readOnlySQLTransaction = SQLState("25006", "read_only_sql_transaction")
    /// 25P01: no active sql transaction.
    public static let noActiveSQLTransaction = SQLState("25P01", "no_active_sql_transaction")
    /// 25P02: in failed sql transaction.
    public static let inFailedSQLTransaction = SQLState("25P02", "in_failed_sql_transaction")
    // Class 2B: dependencies.
    /// 2BP01: dependent objects still exist.
    public static let dependentObjectsStillExist = SQLState(
        "2BP01",
        "dependent_objects_still_exist"
    )
    // Class 26: prepared statements.
    /// 26000: invalid SQL statement name.
    public static let invalidStatementName = SQLState("26000", "invalid_sql_statement_name")
    // Class 34: cursors.
    /// 34000: invalid cursor name.
    public static let invalidCursorName = SQLState("34000", "invalid_cursor_name")
    // Class 3D, 3F: names of databases and schemas.
    /// 3D000: invalid catalog name.
    public static let invalidCatalogName = SQLState("3D000", "invalid_catalog_name")
    /// 3F000: invalid schema name.
    public static let invalidSchemaName = SQLState("3F000", "invalid_schema_name")
    // Class 40: rollback.
    /// 40001: serialization failure.
    public static let serializationFailure = SQLState("40001", "serialization_failure")
    /// 40P01: deadlock detected.
    public static let deadlockDetected = SQLState("40P01", "deadlock_detected")
    // Class 42: syntax and access.
    /// 42501: insufficient privilege.
    public static let insufficientPrivilege = SQLState("42501", "insufficient_privilege")
    /// 42601: syntax error.
    public static let syntaxError = SQLState("42601", "syntax_error")
    /// 42602: invalid name.
    public static let invalidName = SQLState("42602", "invalid_name")
    /// 42701: duplicate column.
    public static let duplicateColumn = SQLState("42701", "duplicate_column")
    /// 42702: ambiguous column.
    public static let ambiguousColumn = SQLState("42702", "ambiguous_column")
    /// 42703: undefined column.
    public static let undefinedColumn = SQLState("42703", "undefined_column")
    /// 42704: undefined object.
    public static let undefinedObject = SQLState("42704", "undefined_object")
    /// 42710: duplicate object.
    public static let duplicateObject = SQLState("42710", "duplicate_object")
    /// 42712: duplicate alias.
    public static let duplicateAlias = SQLState("42712", "duplicate_alias")
    /// 42803: grouping error.
    public static let groupingError = SQLState("42803", "grouping_error")
    /// 42804: datatype mismatch.
    public static let datatypeMismatch = SQLState("42804", "datatype_mismatch")
    /// 42846: cannot coerce.
    public static let cannotCoerce = SQLState("42846", "cannot_coerce")
    /// 42883: undefined function.
    public static let undefinedFunction = SQLState("42883", "undefined_function")
    /// 42939: reserved name.
    public static let reservedName = SQLState("42939", "reserved_name")
    /// 42P01: undefined table.
    public static let undefinedTable = SQLState("42P01", "undefined_table")
    /// 42P02: undefined parameter.
    public static let undefinedParameter = SQLState("42P02", "undefined_parameter")
    /// 42P06: duplicate schema.
    public static let duplicateSchema = SQLState("42P06", "duplicate_schema")
    /// 42P07: duplicate table.
    public static let duplicateTable = SQLState("42P07", "duplicate_table")
    /// 42725: ambiguous function.
    public static let ambiguousFunction = SQLState("42725", "ambiguous_function")
    /// 42P05: duplicate prepared statement.
    public static let duplicatePreparedStatement = SQLState(
        "42P05",
        "duplicate_prepared_statement"
    )
    /// 42P09: ambiguous alias.
    public static let ambiguousAlias = SQLState("42P09", "ambiguous_alias")
    /// 42P10: invalid column reference.
    public static let invalidColumnReference = SQLState("42P10", "invalid_column_reference")
    /// 42P16: invalid table definition.
    public static let invalidTableDefinition = SQLState("42P16", "invalid_table_definition")
    /// 42P17: invalid object definition.
    public static let invalidObjectDefinition = SQLState("42P17", "invalid_object_definition")
    /// 42P18: indeterminate datatype.
    public static let indeterminateDatatype = SQLState("42P18", "indeterminate_datatype")
    /// 42P19: invalid recursion.
    public static let invalidRecursion = SQLState("42P19", "invalid_recursion")
    /// 42P20: windowing error.
    public static let windowingError = SQLState("42P20", "windowing_error")
    /// 42809: wrong object type.
    public static let wrongObjectType = SQLState("42809", "wrong_object_type")
    // Class 53: resources.
    /// 53000: insufficient resources.
    public static let insufficientResources = SQLState("53000", "insufficient_resources")
    /// 53100: disk full.
    public static let diskFull = SQLState("53100", "disk_full")
    /// 53200: out of memory.
    public static let outOfMemory = SQLState("53200", "out_of_memory")
    // Class 54: limits.
    /// 54000: program limit exceeded.
    public static let programLimitExceeded = SQLState("54000", "program_limit_exceeded")
    /// 54001: statement too complex.
    public static let statementTooComplex = SQLState("54001", "statement_too_complex")
    /// 54011: too many columns.
    public static let tooManyColumns = SQLState("54011", "too_many_columns")
    /// 54023: too many arguments.
    public static let tooManyArguments = SQLState("54023", "too_many_arguments")
    // Class 55: object state.
    /// 55006: object in use.
    public static let objectInUse = SQLState("55006", "object_in_use")
    /// 55P02: can't change runtime parameter.
    public static let cantChangeRuntimeParameter = SQLState(
        "55P02",
        "cant_change_runtime_param"
    )
    /// 55P03: lock not available.
    public static let lockNotAvailable = SQLState("55P03", "lock_not_available")
    // Class 57: intervention.
    /// 57014: query canceled.
    public static let queryCanceled = SQLState("57014", "query_canceled")
    /// 57P01: admin shutdown.
    public static let adminShutdown = SQLState("57P01", "admin_shutdown")
    // Class 58: system.
    /// 58000: system error.
    public static let systemError = SQLState("58000", "system_error")
    /// 58030: io error.
    public static let ioError = SQLState("58030", "io_error")
    /// 58P01: undefined file.
    public static let undefinedFile = SQLState("58P01", "undefined_file")
    // Class XX: ours, and what Redshift's compute nodes report.
    /// XX000: internal error.
    public static let internalError = SQLState("XX000", "internal_error")
    /// XX001: data corrupted.
    public static let dataCorrupted = SQLState("XX001", "data_corrupted")
}
