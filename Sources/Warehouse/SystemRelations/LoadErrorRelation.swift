import Catalogs
import Storage

/// STL_LOAD_ERRORS: rows that COPY refused, kept even when the COPY failed.
///
/// - Source: Redshift's columns of the same name.
let loadErrorColumns: [(String, DataType)] = [
    ("userid", .integer), ("slice", .integer), ("tbl", .integer), ("starttime", .timestamp),
    ("session", .integer), ("query", .integer), ("filename", .char(256)),
    ("line_number", .bigint), ("colname", .char(127)), ("type", .char(10)),
    ("col_length", .char(10)), ("position", .integer), ("raw_line", .char(1024)),
    ("raw_field_value", .char(1024)), ("err_code", .integer), ("err_reason", .char(100)),
    ("is_partial", .integer), ("start_offset", .bigint),
]

/// One row per refused row of a file.
let loadErrorRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.store.history.loadErrors().map { error in
        [
            .number(100), .number(error.slice), .number(error.table), .int64(error.startTime),
            .number(error.session), .number(error.query), .text(error.fileName),
            .int64(error.lineNumber), .text(error.columnName), .text(error.type),
            .text(error.columnLength), .number(error.position), .text(error.rawLine),
            .text(error.rawFieldValue), .number(error.errorCode), .text(error.errorReason),
            .number(0), .int64(error.startOffset),
        ]
    }
}
