import Functions
import Plans
import SQLSyntax
import SQLTypes

/// GROUP BY: what is grouped by, and which of it each grouping set holds.
struct BoundGrouping {
    /// Each expression once, in order of first appearance.
    var keys: [GroupRewriting.Key] = []
    /// The keys of each set, by number; one set with all keys where GROUP BY only lists them.
    var sets: [[Int]] = [[]]
    /// Whether there is a GROUP BY.
    var isWritten = false

    /// The number of a key, which is new unless an equal expression came before.
    mutating func number(of key: GroupRewriting.Key) -> Int {
        if let known = keys.firstIndex(where: { $0.expression == key.expression }) { return known }
        keys.append(key)
        return keys.count - 1
    }

    /// Adds an element of GROUP BY: every set so far with every set of the element.
    ///
    /// - Errors: 54001 beyond 64 sets.
    mutating func multiply(by element: [[Int]], at position: Int?) throws(SQLError) {
        try Self.requireFew(sets.count * element.count, at: position)
        sets = sets.flatMap { set in
            element.map { added in set + added.filter { !set.contains($0) } }
        }
    }

    /// 54001 where there are more grouping sets than Redshift takes.
    static func requireFew(_ count: Int, at position: Int?) throws(SQLError) {
        guard count > 64 else { return }
        throw SQLError(
            .statementTooComplex,
            "too many grouping sets present (maximum 64)",
            position: position
        )
    }
}

extension Binder {
    /// Stands for GROUPING until the groups are known; never evaluated.
    static let groupingMark = ScalarFunction(
        "grouping",
        parameters: [],
        resultType: { _ in .integer },
        nullRule: .own,
        volatility: .volatile
    ) { (_, _, _) throws(SQLError) in
        throw SQLError.invariant("GROUPING was not replaced by its value")
    }

    /// `GROUPING(a, …)`: a call of ``groupingMark`` that ``GroupRewriting`` replaces.
    ///
    /// - Errors: 42803 outside select list, HAVING and ORDER BY; 42601 without arguments; 54023
    ///   for more than 31.
    func bindGroupingCall(
        _ arguments: [ExpressionSyntax],
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        guard scope.clause.acceptsAggregates, !scope.isInsideAggregate else {
            throw SQLError(
                .groupingError,
                "grouping operations are not allowed in \(scope.clause.rawValue)",
                position: position
            )
        }
        guard !arguments.isEmpty else {
            throw SQLError(.syntaxError, "GROUPING needs an argument", position: position)
        }
        guard arguments.count < 32 else {
            throw SQLError(
                .tooManyArguments,
                "GROUPING must have fewer than 32 arguments",
                position: position
            )
        }
        scope.isInsideAggregate = true
        defer { scope.isInsideAggregate = false }
        var values: [Expression] = []
        for argument in arguments { values.append(settled(try bindExpression(argument, scope))) }
        scope.usesGrouping = true
        return .call(Self.groupingMark, values, .integer)
    }

    /// Binds GROUP BY; its expressions may be ordinals and aliases of the select list.
    func bindGrouping(
        _ select: SelectSyntax,
        _ outputs: [OutputItem],
        _ scope: Scope
    ) throws(SQLError) -> BoundGrouping {
        scope.clause = .groupBy
        var grouping = BoundGrouping()
        grouping.isWritten = select.groupsByAll || !select.groupBy.isEmpty
        if select.groupsByAll {
            for output in outputs
            where !readsAggregates(output.expression, scope)
                && output.expression.columns.isDisjoint(with: scope.windowColumns)
            {
                let key = GroupRewriting.Key(
                    name: output.name,
                    expression: settled(output.expression)
                )
                try grouping.multiply(by: [[grouping.number(of: key)]], at: nil)
            }
        }
        for element in select.groupBy {
            let sets = try bindSets(element, outputs, scope, &grouping)
            try grouping.multiply(by: sets, at: position(of: element))
        }
        if scope.usesGrouping, !grouping.isWritten {
            throw SQLError(
                .groupingError,
                "arguments to GROUPING must be grouping expressions of the associated query level",
                position: select.position
            )
        }
        return grouping
    }

    /// Whether an expression is made of aggregates or of GROUPING, which nothing is grouped by.
    private func readsAggregates(_ expression: Expression, _ scope: Scope) -> Bool {
        let aggregates = Set(scope.aggregates.map(\.column.id))
        if !expression.columns.isDisjoint(with: aggregates) { return true }
        return expression.contains(where: \.isGroupingMark)
    }

    /// The sets that one element of GROUP BY stands for.
    private func bindSets(
        _ element: GroupingElementSyntax,
        _ outputs: [OutputItem],
        _ scope: Scope,
        _ grouping: inout BoundGrouping
    ) throws(SQLError) -> [[Int]] {
        switch element {
        case .expression(let syntax):
            return [try bindSet([syntax], outputs, scope, &grouping)]
        case .set(let list): return [try bindSet(list, outputs, scope, &grouping)]
        case .rollup(let lists, let position):
            try BoundGrouping.requireFew(lists.count + 1, at: position)
            var parts: [[Int]] = []
            for list in lists { parts.append(try bindSet(list, outputs, scope, &grouping)) }
            return (0...parts.count).reversed().map { Array(parts.prefix($0).joined()) }
        case .cube(let lists, let position):
            try BoundGrouping.requireFew(lists.count > 6 ? .max : 1 << lists.count, at: position)
            var parts: [[Int]] = []
            for list in lists { parts.append(try bindSet(list, outputs, scope, &grouping)) }
            return (0..<1 << parts.count).reversed().map { mask in
                let last = parts.count - 1
                return parts.indices.filter { mask >> (last - $0) & 1 == 1 }.flatMap { parts[$0] }
            }
        case .groupingSets(let elements, let position):
            var sets: [[Int]] = []
            for inner in elements {
                sets += try bindSets(inner, outputs, scope, &grouping)
                try BoundGrouping.requireFew(sets.count, at: position)
            }
            return sets
        }
    }

    private func bindSet(
        _ list: [ExpressionSyntax],
        _ outputs: [OutputItem],
        _ scope: Scope,
        _ grouping: inout BoundGrouping
    ) throws(SQLError) -> [Int] {
        var set: [Int] = []
        for syntax in list {
            let number = grouping.number(of: try bindGroup(syntax, outputs, scope))
            if !set.contains(number) { set.append(number) }
        }
        return set
    }

    private func position(of element: GroupingElementSyntax) -> Int? {
        switch element {
        case .expression(let syntax): syntax.position
        case .set(let list): list.first?.position
        case .rollup(_, let position), .cube(_, let position), .groupingSets(_, let position):
            position
        }
    }

    /// One expression of GROUP BY: an ordinal, a column, an alias, or anything over columns.
    ///
    /// - Errors: 42803 if it holds an aggregate.
    private func bindGroup(
        _ syntax: ExpressionSyntax,
        _ outputs: [OutputItem],
        _ scope: Scope
    ) throws(SQLError) -> GroupRewriting.Key {
        var key = GroupRewriting.Key(
            name: syntax.defaultColumnName,
            expression: .constant(.null, .unknown)
        )
        switch syntax.kind {
        case .integer(let digits):
            let output = outputs[
                try ordinal(digits, of: outputs.count, clause: .groupBy, at: syntax.position)
            ]
            key.name = output.name
            key.expression = output.expression
        case .column(let name) where name.parts.count == 1:
            // A column of FROM wins over an alias; the outer query's columns come last.
            if try scope.lookUp(name) == nil,
                let index = outputs.firstIndex(where: { $0.name == name.name })
            {
                key.expression = outputs[index].expression
                nameRecord?.aliases[name.position] = ExpressionSyntax(.integer("\(index + 1)"))
            } else {
                key.expression = try bindExpression(syntax, scope)
            }
        default:
            key.expression = try bindExpression(syntax, scope)
        }
        try requireNoWindow(in: key.expression, clause: .groupBy, scope, at: syntax.position)
        guard !readsAggregates(key.expression, scope) else {
            throw SQLError(
                .groupingError,
                "aggregates not allowed in GROUP BY clause",
                position: syntax.position
            )
        }
        key.expression = settled(key.expression)
        // What a subquery of the select list gives is grouped by as columns are.
        let read = key.expression.columns
        for index in scope.pendingJoins.indices {
            let join = scope.pendingJoins[index]
            let given = join.kind.columns(of: [], join.plan.columns)
            if given.contains(where: { read.contains($0.id) }) {
                scope.pendingJoins[index].isBelowAggregate = true
            }
        }
        return key
    }
}

extension Expression {
    /// Whether some node of it passes a test.
    func contains(where test: (Expression) -> Bool) -> Bool {
        test(self) || children.contains { $0.contains(where: test) }
    }
}
