import Functions
import Plans
import SQLTypes

/// What EXPLAIN calls the columns of a plan: base columns by name, computed ones by what they
/// compute.
struct ColumnNames {
    private var definitions: [ColumnID: Expression] = [:]
    private var calls: [ColumnID: AggregateCall] = [:]
    private var windowCalls: [ColumnID: WindowCall] = [:]
    private var base: [ColumnID: (table: String, column: String)] = [:]
    private var tables: Set<String> = []

    /// The columns of a query's tree.
    init(of tree: PhysicalNode) { learn(tree) }

    /// Takes in the columns of a tree down to the queries inside it.
    private mutating func learn(_ node: PhysicalNode) {
        switch node.kind {
        case .subqueryScan, .append: break
        default: for child in node.children { learn(child) }
        }
        switch node.kind {
        case .scan(let scan):
            tables.insert(scan.scan.alias)
            for column in scan.scan.output { base[column.id] = (scan.scan.alias, column.name) }
        case .project(let items): for item in items { define(item) }
        case .expand(let expansion):
            for group in expansion.groups { define(group) }
        case .aggregate(let aggregate):
            for group in aggregate.groups { define(group) }
            for call in aggregate.calls {
                if call.function == .groupValue, let argument = call.argument {
                    define(NamedExpression(column: call.column, expression: argument))
                } else {
                    calls[call.column.id] = call
                }
            }
        case .window(let window):
            for call in window.calls { windowCalls[call.column.id] = call }
        case .subqueryScan(let name), .storedScan(_, _, let name, _):
            tables.insert(name)
            for column in node.columns { base[column.id] = (name, column.name) }
        case .append, .values:
            for column in node.columns { base[column.id] = ("", column.name) }
        default: break
        }
    }

    private mutating func define(_ item: NamedExpression) {
        if item.expression.columnID != item.column.id {
            definitions[item.column.id] = item.expression
        }
    }

    /// Prints expressions with these names.
    var printer: ExpressionPrinter { ExpressionPrinter { text(of: $0) } }

    private func text(of id: ColumnID) -> String {
        if let known = base[id] {
            let column = quoted(known.column)
            return tables.count > 1 && !known.table.isEmpty
                ? "\(quoted(known.table)).\(column)" : column
        }
        if let call = calls[id] { return printer.text(call) }
        if let call = windowCalls[id] { return printer.text(call) }
        if let definition = definitions[id] { return printer.text(definition) }
        return "\"?column?\""
    }

    /// A column without its table, as join conditions print it.
    func bare(_ id: ColumnID) -> String {
        if let known = base[id] { return quoted(known.column) }
        if case .column(let inner, _)? = definitions[id] { return bare(inner) }
        return "\"?column?\""
    }
}
