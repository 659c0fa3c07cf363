import Catalogs
import SQLSyntax
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

extension ViewDefinition {
    /// What PG_GET_VIEWDEF shows: the query, of a late-binding view the whole statement.
    ///
    /// - Source: Redshift, where tools tell late-binding views by the last words of this text.
    func definitionText(of table: TableDefinition) -> String {
        isLateBinding ? creationText(of: table) : query + ";"
    }

    /// The statement that makes the view again, as SHOW VIEW prints it.
    func creationText(of table: TableDefinition) -> String {
        let name = ObjectNameSyntax([NameSyntax(table.schema), NameSyntax(table.name)]).deparsed
        let columns = isLateBinding ? columnNames : table.columns.map(\.name)
        let list = columns.map { NameSyntax($0).deparsed }.joined(separator: ", ")
        return "CREATE OR REPLACE VIEW \(name)\(list.isEmpty ? "" : " (\(list))") AS\n\(query)"
            + (isLateBinding ? "\nWITH NO SCHEMA BINDING;" : ";")
    }
}
