import Catalogs
import Plans
import SQLSyntax
import SQLTypes
import Vectors

/// What the names of a view's query mean, by their places in the text, taken down while the
/// query is bound; see ``Binder/bindViewQuery(_:)``.
final class NameRecord {
    /// Tables and views by the place of their names.
    var tables: [Int: TableDefinition] = [:]
    /// The table, by its name in FROM, of each column that was written without one.
    var qualifiers: [Int: String] = [:]
    /// What each name stands for that is an alias of the select list: a column of that name which
    /// a table gets later must not catch it.
    var aliases: [Int: ExpressionSyntax] = [:]
    /// The columns that each star stands for; nil where they cannot be named.
    var stars: [Int: [ObjectNameSyntax]?] = [:]
    /// The columns that each NATURAL join compares.
    var commonColumns: [Int: [String]] = [:]
    /// What dates and times were read as, in the session that wrote them.
    private var literals: LiteralRecord

    /// Makes a record of what a session writes.
    init(context: BindingContext) { literals = LiteralRecord(zone: context.style.zone) }

    /// Stored tables and views that the query reads, ascending.
    var dependencies: [TableID] {
        Set(tables.values.filter { $0.schema != "pg_catalog" }.map(\.id)).sorted()
    }

    /// The query with every name written out, so that it means the same under any search path.
    func qualified(_ query: Query) -> Query { rewriter.rewrite(query) }

    /// An expression without columns likewise.
    func qualified(_ expression: ExpressionSyntax) -> ExpressionSyntax {
        rewriter.rewrite(expression)
    }

    private var rewriter: QueryRewriter {
        var rewriter = QueryRewriter()
        rewriter.literal = { [literals] in literals.fixed($0, at: $1) }
        rewriter.table = { [tables] name, alias in
            guard let table = tables[name.position] else { return .table(name, alias: alias) }
            let full = ObjectNameSyntax([NameSyntax(table.schema), NameSyntax(table.name)])
            // `#` cannot begin an alias; such a table keeps its name without one.
            let own = TableAliasSyntax(name: NameSyntax(table.name), columns: [])
            return .table(full, alias: alias ?? (table.name.hasPrefix("#") ? nil : own))
        }
        rewriter.column = { [qualifiers] name in
            guard name.parts.count == 1, let alias = qualifiers[name.position] else { return name }
            return ObjectNameSyntax([NameSyntax(alias)] + name.parts)
        }
        rewriter.replacement = { [aliases] name in aliases[name.position] }
        rewriter.item = { [stars] item in
            let position: Int
            switch item {
            case .star(let place): position = place
            case .qualifiedStar(let name): position = name.position
            case .expression: return [item]
            }
            guard case .some(.some(let columns)) = stars[position] else { return [item] }
            return columns.map { .expression(ExpressionSyntax(.column($0)), alias: nil) }
        }
        rewriter.condition = { [commonColumns] join in
            guard join.condition == .natural, let names = commonColumns[join.position] else {
                return join.condition
            }
            guard !names.isEmpty else { return .on(ExpressionSyntax(.boolean(true))) }
            return .using(names.map { NameSyntax($0) })
        }
        return rewriter
    }
}

extension NameRecord {
    /// Takes down that the column at `position` belongs to a table of `scope`.
    ///
    /// `inner` is the subquery that reads it, where that is another; a table of the same name
    /// there would catch the qualified name.
    func note(column: Expression, of scope: Scope, at position: Int, inner: Scope? = nil) {
        let visible = Scope.VisibleColumn(name: "", expression: column)
        guard let alias = scope.alias(of: visible), Self.canQualify(alias),
            inner?.relation(named: alias, schema: nil) == nil
        else { return }
        qualifiers[position] = alias
    }

    /// Takes down that the literal at `position` was read as a value of a type, see
    /// ``LiteralRecord``.
    func note(literal text: String, read value: Datum, as type: DataType, at position: Int) {
        literals.note(text, read: value, as: type, at: position)
    }

    /// Takes down the columns that a star at `position` stands for.
    func note(star columns: [Scope.VisibleColumn], of scope: Scope, at position: Int) {
        var names: [ObjectNameSyntax]? = []
        for column in columns {
            let name = NameSyntax(column.name)
            if let alias = scope.alias(of: column), Self.canQualify(alias) {
                let relation = scope.relation(named: alias, schema: nil)
                let count = relation?.columns.count { $0.name == column.name } ?? 0
                if count == 1 {
                    names?.append(ObjectNameSyntax([NameSyntax(alias), name]))
                    continue
                }
            }
            guard scope.visible.count(where: { $0.name == column.name }) == 1 else {
                names = nil
                break
            }
            names?.append(ObjectNameSyntax([name]))
        }
        stars[position] = .some(names)
    }

    /// Whether a table's name can stand before a column: an unnamed derived table has none, and
    /// `#` is an operator there.
    private static func canQualify(_ alias: String) -> Bool {
        alias != "derived_table" && !alias.hasPrefix("#")
    }
}
