package import Catalogs
import SQLSyntax

extension ViewDefinition {
    /// What PG_GET_VIEWDEF shows: the query, of a late-binding view the whole statement.
    ///
    /// - Source: Redshift, where tools tell late-binding views by the last words of this text.
    package func definitionText(of table: TableDefinition) -> String {
        isLateBinding ? creationText(of: table) : query + ";"
    }

    /// The statement that makes the view again, as SHOW VIEW prints it.
    package func creationText(of table: TableDefinition) -> String {
        let name = ObjectNameSyntax([NameSyntax(table.schema), NameSyntax(table.name)]).deparsed
        let columns = isLateBinding ? columnNames : table.columns.map(\.name)
        let list = columns.map { NameSyntax($0).deparsed }.joined(separator: ", ")
        return "CREATE OR REPLACE VIEW \(name)\(list.isEmpty ? "" : " (\(list))") AS\n\(query)"
            + (isLateBinding ? "\nWITH NO SCHEMA BINDING;" : ";")
    }
}
