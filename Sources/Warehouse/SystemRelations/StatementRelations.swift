import Catalogs
import Storage

// Who ran what when: the relations with a row, or a row per piece of text, for each statement.

/// Rows made of the statements on record.
private func statementRows(
    where isWanted: @escaping @Sendable (QueryEntry) -> Bool = { _ in true },
    _ rows: @escaping @Sendable (QueryEntry) -> [[Datum]]
) -> SystemRelations.Rows {
    { (context) throws(SQLError) in
        try context.warehouse.queryLog.entries().filter(isWanted).flatMap(rows)
    }
}

/// The user that owns every statement.
let recordUserID = 100

extension QueryEntry {
    fileprivate var aborted: Datum { .number(status == .success ? 0 : 1) }

    /// The text in pieces of so many bytes, none in the middle of a character.
    fileprivate func pieces(of size: Int) -> [String] {
        var pieces: [String] = []
        var rest = Substring(text)
        repeat {
            var end = rest.startIndex
            var count = 0
            while end < rest.endIndex {
                let length = rest[end].utf8.count
                if count + length > size, count > 0 { break }
                count += length
                end = rest.index(after: end)
            }
            pieces.append(String(rest[..<end]))
            rest = rest[end...]
        } while !rest.isEmpty
        return pieces
    }

    fileprivate func beginning(_ size: Int) -> Datum { .text(pieces(of: size).first ?? "") }
}

/// STL_QUERY: statements that ran on the slices.
let queryColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("label", .char(320)), ("xid", .bigint),
    ("pid", .integer), ("database", .char(32)), ("querytxt", .char(4000)),
    ("starttime", .timestamp), ("endtime", .timestamp), ("aborted", .integer),
    ("insert_pristine", .integer), ("concurrency_scaling_status", .integer),
]

/// One row per query.
let queryRows = statementRows(where: { $0.group == .query }) { entry in
    [
        [
            .number(recordUserID), .number(entry.number), .text(entry.label),
            .number(entry.transaction), .number(entry.session), .text("dev"),
            entry.beginning(4000), .number(entry.startTime), .number(entry.endTime),
            entry.aborted, .number(0), .number(0),
        ]
    ]
}

/// STL_QUERYTEXT: the texts of STL_QUERY's statements in pieces of 200 bytes.
let queryTextColumns: [(String, DataType)] = [
    ("userid", .integer), ("xid", .bigint), ("pid", .integer), ("query", .integer),
    ("sequence", .integer), ("text", .char(200)),
]

/// One row per piece.
let queryTextRows = statementRows(where: { $0.group == .query }) { entry in
    entry.pieces(of: 200).enumerated().map { sequence, piece in
        [
            .number(recordUserID), .number(entry.transaction), .number(entry.session),
            .number(entry.number), .number(sequence), .text(piece),
        ]
    }
}

/// SVL_QLOG: STL_QUERY in short.
let queryLogColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("xid", .bigint), ("pid", .integer),
    ("starttime", .timestamp), ("endtime", .timestamp), ("elapsed", .bigint),
    ("aborted", .integer), ("label", .char(320)), ("substring", .char(60)),
    ("source_query", .integer), ("concurrency_scaling_status", .integer),
    ("from_sp_call", .integer),
]

/// One row per query.
let queryLogRows = statementRows(where: { $0.group == .query }) { entry in
    [
        [
            .number(recordUserID), .number(entry.number), .number(entry.transaction),
            .number(entry.session), .number(entry.startTime), .number(entry.endTime),
            .number(entry.endTime - entry.startTime), entry.aborted, .text(entry.label),
            entry.beginning(60), .null, .number(0), .null,
        ]
    ]
}

/// SVL_STATEMENTTEXT: the texts of all statements.
let statementTextColumns: [(String, DataType)] = [
    ("userid", .integer), ("xid", .bigint), ("pid", .integer), ("label", .varchar(320)),
    ("starttime", .timestamp), ("endtime", .timestamp), ("sequence", .integer),
    ("type", .varchar(10)), ("text", .char(200)),
]

/// One row per piece of 200 bytes.
let statementTextRows = statementRows { entry in
    let type =
        switch entry.group {
        case .query: "QUERY"
        case .definition: "DDL"
        case .utility: "UTILITY"
        }
    return entry.pieces(of: 200).enumerated().map { sequence, piece in
        [
            .number(recordUserID), .number(entry.transaction), .number(entry.session),
            .text(entry.label), .number(entry.startTime), .number(entry.endTime),
            .number(sequence), .text(type), .text(piece),
        ]
    }
}

/// STL_DDLTEXT and STL_UTILITYTEXT: the texts of statements that are no queries.
let otherTextColumns: [(String, DataType)] = [
    ("userid", .integer), ("xid", .bigint), ("pid", .integer), ("label", .char(320)),
    ("starttime", .timestamp), ("endtime", .timestamp), ("sequence", .integer),
    ("text", .char(200)),
]

/// One row per piece of 200 bytes of a definition.
let definitionTextRows = statementRows(where: { $0.group == .definition }, otherTextRows)

/// One row per piece of 200 bytes of a utility statement.
let utilityTextRows = statementRows(where: { $0.group == .utility }, otherTextRows)

@Sendable private func otherTextRows(_ entry: QueryEntry) -> [[Datum]] {
    entry.pieces(of: 200).enumerated().map { sequence, piece in
        [
            .number(recordUserID), .number(entry.transaction), .number(entry.session),
            .text(entry.label), .number(entry.startTime), .number(entry.endTime),
            .number(sequence), .text(piece),
        ]
    }
}

/// SYS_QUERY_HISTORY: all statements.
let queryHistoryColumns: [(String, DataType)] = [
    ("user_id", .integer), ("query_id", .bigint), ("query_label", .char(320)),
    ("transaction_id", .bigint), ("session_id", .integer), ("database_name", .char(128)),
    ("query_type", .char(32)), ("status", .char(10)), ("result_cache_hit", .boolean),
    ("start_time", .timestamp), ("end_time", .timestamp), ("elapsed_time", .bigint),
    ("queue_time", .bigint), ("execution_time", .bigint), ("error_message", .char(512)),
    ("returned_rows", .bigint), ("returned_bytes", .bigint), ("query_text", .char(4000)),
    ("redshift_version", .char(256)), ("usage_limit", .char(150)),
    ("compute_type", .varchar(32)), ("compile_time", .bigint), ("planning_time", .bigint),
    ("lock_wait_time", .bigint), ("service_class_id", .integer),
    ("service_class_name", .char(64)), ("query_priority", .varchar(20)),
    ("short_query_accelerated", .varchar(10)), ("user_query_hash", .char(40)),
    ("generic_query_hash", .char(40)), ("query_hash_version", .integer),
    ("result_cache_query_id", .bigint),
]

/// One row per statement; there are no queues, no result cache and nothing is compiled.
let queryHistoryRows = statementRows { entry in
    let status =
        switch entry.status {
        case .success: "success"
        case .failed: "failed"
        case .canceled: "canceled"
        }
    return [
        [
            .number(recordUserID), .number(entry.number), .text(entry.label),
            .number(entry.transaction), .number(entry.session), .text("dev"),
            .text(entry.type), .text(status), .bool(false), .number(entry.startTime),
            .number(entry.endTime), .number(entry.endTime - entry.startTime), .number(0),
            .number(entry.executionTime), .text(entry.errorMessage),
            .number(entry.returnedRows), .number(entry.returnedBytes), entry.beginning(4000),
            .text(versionText), .null, .text("primary"), .number(0),
            .number(entry.planningTime), .null, .null, .null, .null, .null, .null, .null,
            .null, .null,
        ]
    ]
}

/// SYS_QUERY_TEXT: the texts of all statements in pieces of 4,000 bytes.
let systemTextColumns: [(String, DataType)] = [
    ("user_id", .integer), ("query_id", .bigint), ("transaction_id", .bigint),
    ("session_id", .integer), ("start_time", .timestamp), ("sequence", .integer),
    ("text", .char(4000)),
]

/// One row per piece.
let systemTextRows = statementRows { entry in
    entry.pieces(of: 4000).enumerated().map { sequence, piece in
        [
            .number(recordUserID), .number(entry.number), .number(entry.transaction),
            .number(entry.session), .number(entry.startTime), .number(sequence), .text(piece),
        ]
    }
}
