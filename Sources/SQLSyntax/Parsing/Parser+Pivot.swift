import SQLTypes

/// PIVOT and UNPIVOT behind a table or subquery of FROM.
extension Parser {
    /// The reference with what stands behind it: PIVOT, UNPIVOT or nothing.
    ///
    /// - Throws: 0A000 behind a join, a function, or another PIVOT or UNPIVOT.
    mutating func pivoted(
        _ input: TableReferenceSyntax
    ) throws(SQLError) -> TableReferenceSyntax {
        guard at(.pivot) || at(.unpivot) else { return input }
        let word = lexer.text(of: token).uppercased()
        switch input {
        case .table, .subquery: break
        case .function, .join, .pivot, .unpivot:
            throw SQLError.unsupported(
                "\(word) of anything but a table or a subquery",
                position: token.start
            )
        }
        let result = at(.pivot) ? try pivot(of: input) : try unpivot(of: input)
        return try pivoted(result)
    }

    // `PIVOT (aggregate [AS alias] FOR column IN (value [AS alias], …)) [[AS] alias]`.
    private mutating func pivot(
        of input: TableReferenceSyntax
    ) throws(SQLError) -> TableReferenceSyntax {
        let position = token.start
        try expect(.pivot)
        try expect(.leftParenthesis)
        let aggregate = try expression()
        let aggregateAlias = try pivotAlias()
        try expect(.for)
        let column = try name()
        try expect(.in)
        try expect(.leftParenthesis)
        var values: [PivotSyntax.Value] = []
        repeat {
            let value = try expression()
            values.append(PivotSyntax.Value(expression: value, alias: try pivotAlias()))
        } while try accept(.comma)
        try expect(.rightParenthesis)
        try expect(.rightParenthesis)
        let pivot = PivotSyntax(
            input: input,
            aggregate: aggregate,
            aggregateAlias: aggregateAlias,
            column: column,
            values: values,
            alias: try tableAlias(),
            position: position
        )
        return .pivot(pivot)
    }

    private mutating func pivotAlias() throws(SQLError) -> NameSyntax? {
        if try accept(.as) { return try label() }
        return atName ? try name() : nil
    }

    // `UNPIVOT [{INCLUDE | EXCLUDE} NULLS] (value FOR name IN (column [AS alias], …))
    // [[AS] alias]`.
    private mutating func unpivot(
        of input: TableReferenceSyntax
    ) throws(SQLError) -> TableReferenceSyntax {
        let position = token.start
        try expect(.unpivot)
        let includesNulls = try acceptWord("include")
        let excludesNulls = try acceptWord("exclude")
        if includesNulls || excludesNulls { try expect(.nulls) }
        try expect(.leftParenthesis)
        let value = try name()
        try expect(.for)
        let name = try self.name()
        try expect(.in)
        try expect(.leftParenthesis)
        var columns: [UnpivotSyntax.Column] = []
        repeat {
            let column = try self.name()
            columns.append(UnpivotSyntax.Column(name: column, alias: try unpivotAlias()))
        } while try accept(.comma)
        try expect(.rightParenthesis)
        try expect(.rightParenthesis)
        let unpivot = UnpivotSyntax(
            input: input,
            includesNulls: includesNulls,
            value: value,
            name: name,
            columns: columns,
            alias: try tableAlias(),
            position: position
        )
        return .unpivot(unpivot)
    }

    private mutating func unpivotAlias() throws(SQLError) -> StringSyntax? {
        let isNamed = try accept(.as)
        if atString { return try string() }
        guard isNamed || atName else { return nil }
        let alias = isNamed ? try label() : try name()
        return StringSyntax(alias.text, position: alias.position)
    }
}
