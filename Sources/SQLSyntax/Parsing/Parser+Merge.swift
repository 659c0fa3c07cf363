import SQLTypes

/// MERGE: both WHEN clauses, once each, in either order, or REMOVE DUPLICATES.
extension Parser {
    /// `MERGE INTO table [[AS] alias] USING source [[AS] alias] ON condition action`.
    mutating func merge() throws(SQLError) -> Statement {
        try expect(.merge)
        try expect(.into)
        let table = try objectName()
        let alias = try targetAlias()
        try expect(.using)
        if at(.leftParenthesis) {
            throw SQLError.unsupported("a subquery as the source of MERGE", position: token.start)
        }
        let source = try objectName()
        let sourceAlias = try targetAlias()
        try expect(.on)
        let condition = try expression()
        return .merge(
            MergeSyntax(
                table: table,
                alias: alias,
                source: source,
                sourceAlias: sourceAlias,
                condition: condition,
                action: try mergeAction()
            )
        )
    }

    private mutating func mergeAction() throws(SQLError) -> MergeSyntax.Action {
        if try acceptWord("remove") {
            guard try acceptWord("duplicates") else { throw syntaxError() }
            return .removeDuplicates
        }
        var matched: MergeSyntax.Matched?
        var insertion: MergeSyntax.Insertion?
        repeat {
            try expect(.when)
            let isNegated = try accept(.not)
            guard try acceptWord("matched") else { throw syntaxError() }
            if at(.and) || at(.by) {
                throw SQLError.unsupported(
                    "a condition in a WHEN clause of MERGE",
                    position: token.start
                )
            }
            guard isNegated ? insertion == nil : matched == nil else { throw syntaxError() }
            try expect(.then)
            if isNegated {
                insertion = try self.insertion()
            } else {
                matched = try matchedAction()
            }
        } while matched == nil || insertion == nil
        guard let matched, let insertion else { throw syntaxError() }
        return .clauses(matched, insertion)
    }

    private mutating func matchedAction() throws(SQLError) -> MergeSyntax.Matched {
        if try accept(.delete) { return .delete }
        try expect(.update)
        return .update(try assignments())
    }

    private mutating func insertion() throws(SQLError) -> MergeSyntax.Insertion {
        try expect(.insert)
        let columns = at(.leftParenthesis) ? try parenthesisedNames() : []
        try expect(.values)
        return MergeSyntax.Insertion(columns: columns, values: try assignedRow())
    }
}
