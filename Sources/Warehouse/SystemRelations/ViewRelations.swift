import Catalogs
import Planning
import Storage

/// PG_VIEWS.
let pgViewsColumns: [(String, DataType)] = [
    ("schemaname", .varchar(128)), ("viewname", .varchar(128)), ("viewowner", .varchar(128)),
    ("definition", .varchar(65_535)),
]

/// One row per view that a user made; a late-binding one shows its whole CREATE VIEW.
let pgViewsRows: SystemRelations.Rows = { (context) throws(SQLError) in
    context.relations.compactMap { table in
        guard let view = table.view else { return nil }
        return [
            .text(table.schema), .text(table.name), .text(context.session.userName),
            .text(view.definitionText(of: table)),
        ]
    }
}
