/// `input PIVOT (aggregate [AS alias] FOR column IN (value [AS alias], …)) [[AS] alias]`.
package struct PivotSyntax: Hashable, Sendable {
    /// A value that becomes a column.
    package struct Value: Hashable, Sendable {
        package var expression: ExpressionSyntax
        package var alias: NameSyntax?
    }
    /// A table or a subquery.
    package var input: TableReferenceSyntax
    /// The aggregate as written, not yet checked to be one.
    package var aggregate: ExpressionSyntax
    package var aggregateAlias: NameSyntax?
    package var column: NameSyntax
    package var values: [Value]
    package var alias: TableAliasSyntax?
    /// Where PIVOT stands.
    package var position: Int
}

/// `input UNPIVOT [INCLUDE NULLS] (value FOR name IN (column [AS alias], …)) [[AS] alias]`.
package struct UnpivotSyntax: Hashable, Sendable {
    /// A column that becomes rows.
    package struct Column: Hashable, Sendable {
        package var name: NameSyntax
        /// What stands in the column of names instead, a name or a string.
        package var alias: StringSyntax?
    }
    /// A table or a subquery.
    package var input: TableReferenceSyntax
    package var includesNulls: Bool
    /// The column of values.
    package var value: NameSyntax
    /// The column of names.
    package var name: NameSyntax
    package var columns: [Column]
    package var alias: TableAliasSyntax?
    /// Where UNPIVOT stands.
    package var position: Int
}
