import Catalogs
import Storage

// The plans of statements as EXPLAIN prints them, and what is worth warning of.

/// STL_EXPLAIN: the lines of plans; conditions and keys stand in `info`.
let explainColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("nodeid", .integer), ("parentid", .integer),
    ("plannode", .char(400)), ("info", .char(400)),
]

/// One row per node, from the root down.
let explainRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.queryLog.entries().flatMap { entry in
        entry.nodes.map { node in
            [
                .number(recordUserID), .number(entry.number), .number(node.id),
                .number(node.parent), .text(shortened(node.line)), .text(shortened(node.info)),
            ]
        }
    }
}

/// SYS_QUERY_EXPLAIN: the same under newer names; `actual_rows` is ours.
let systemExplainColumns: [(String, DataType)] = [
    ("user_id", .integer), ("query_id", .bigint), ("child_query_sequence", .integer),
    ("plan_node_id", .integer), ("plan_parent_id", .integer), ("plan_node", .char(400)),
    ("plan_info", .char(400)), ("actual_rows", .bigint),
]

/// One row per node; the rows that left it, NULL where the statement failed.
let systemExplainRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.queryLog.entries().flatMap { entry in
        entry.nodes.map { node in
            [
                .number(recordUserID), .number(entry.number), .number(1), .number(node.id),
                .number(node.parent), .text(shortened(node.line)), .text(shortened(node.info)),
                .number(node.rows),
            ]
        }
    }
}

/// The characters of a text that fit into 400 bytes.
private func shortened(_ text: String) -> String {
    if text.utf8.count <= 400 { return text }
    var size = 0
    return String(
        text.prefix { character in
            size += character.utf8.count
            return size <= 400
        }
    )
}

/// STL_PLAN_INFO: which step works for which node, with the estimates.
///
/// `locus` is 1 for what runs at the leader or on one slice, 2 on the compute nodes; `plannode`
/// is 0, for Redshift's codes of operators are not published.
let planInfoColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("nodeid", .integer), ("segment", .integer),
    ("step", .integer), ("locus", .integer), ("plannode", .integer),
    ("startupcost", .doublePrecision), ("totalcost", .doublePrecision), ("rows", .bigint),
    ("bytes", .bigint),
]

/// One row per step that works for a node.
let planInfoRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.queryLog.entries().flatMap { entry in
        let nodes = Dictionary(
            entry.nodes.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return entry.steps.compactMap { step -> [Datum]? in
            guard let node = nodes[step.node] else { return nil }
            return [
                .number(recordUserID), .number(entry.number), .number(node.id),
                .number(step.segment), .number(step.step),
                .number(step.slices.count == 1 ? 1 : 2), .number(0),
                .float64(node.startupCost), .float64(node.totalCost),
                .number(Int(node.estimatedRows)), .number(Int(node.estimatedRows * node.width)),
            ]
        }
    }
}

/// STL_ALERT_EVENT_LOG: what in a query is worth looking at, and what could help.
let alertColumns: [(String, DataType)] = [
    ("userid", .integer), ("query", .integer), ("slice", .integer), ("segment", .integer),
    ("step", .integer), ("pid", .integer), ("xid", .bigint), ("event", .char(1024)),
    ("solution", .char(1024)), ("event_time", .timestamp),
]

/// One row per alert.
let alertRows: SystemRelations.Rows = { (context) throws(SQLError) in
    try context.warehouse.queryLog.entries().flatMap { entry in
        entry.alerts.map { alert in
            [
                .number(recordUserID), .number(entry.number), .number(alert.slice),
                .number(alert.segment), .number(alert.step), .number(entry.session),
                .number(entry.transaction), .text(alert.event), .text(alert.solution),
                .number(entry.endTime),
            ]
        }
    }
}
