import Catalogs
import Storage

/// STV_SLICES: which node owns each slice.
let sliceColumns: [(String, DataType)] = [
    ("node", .integer), ("slice", .integer), ("localslice", .integer), ("type", .char(1)),
]

/// One row per slice.
let sliceRows: SystemRelations.Rows = { (context) throws(SQLError) in
    let shape = context.snapshot.shape
    return (0..<shape.sliceCount).map { slice in
        [
            .number(shape.node(of: slice)), .number(slice),
            .number(slice % shape.slicesPerNode), .text("D"),
        ]
    }
}

/// PG_DATABASE, as far as tools look at it.
let pgDatabaseColumns: [(String, DataType)] = [
    ("datname", .varchar(128)), ("datdba", .integer), ("encoding", .integer),
    ("datistemplate", .boolean), ("datallowconn", .boolean),
]

/// The one database.
let pgDatabaseRows: SystemRelations.Rows = { (context) throws(SQLError) in
    [
        [
            .text(context.session.databaseName), .number(100), .number(6), .bool(false),
            .bool(true),
        ]
    ]
}

/// PG_NAMESPACE: schemas.
let pgNamespaceColumns: [(String, DataType)] = [
    ("nspname", .varchar(128)), ("nspowner", .integer),
]

/// One row per schema.
let pgNamespaceRows: SystemRelations.Rows = { (context) throws(SQLError) in
    SessionCatalog(snapshot: context.snapshot).schemaNames.map { [.text($0), .number(100)] }
}
