package import SQLTypes

/// `ALTER TABLE name action, …`.
package struct AlterTableSyntax: Hashable, Sendable {
    /// One change; see redshift-sql.md §2.2 for which may stand together.
    package enum Action: Hashable, Sendable {
        case rename(NameSyntax)
        case renameColumn(NameSyntax, to: NameSyntax)
        case addColumn(ColumnDefinitionSyntax)
        case dropColumn(NameSyntax, cascades: Bool)
        case alterType(NameSyntax, DataType, position: Int)
        /// The encoding's name in lower case, not yet checked.
        case alterEncoding(NameSyntax, NameSyntax)
        case encodeAutomatically
        case alterDistribution(DistributionStyleSyntax, key: NameSyntax?)
        /// Nil for SORTKEY NONE.
        case alterSortKey(SortKeySyntax?)
        case owner(NameSyntax)
        case addConstraint(TableConstraintSyntax)
        case dropConstraint(NameSyntax)
    }
    package var name: ObjectNameSyntax
    package var actions: [Action]
    /// Where the first action begins.
    package var position: Int
}

/// Redshift's forms of SHOW that list or describe objects.
package struct ShowObjectsSyntax: Hashable, Sendable {
    /// What is shown.
    package enum Kind: Hashable, Sendable {
        /// The statement that makes a table again.
        case table(ObjectNameSyntax)
        /// The statement that makes a view again.
        case view(ObjectNameSyntax)
        case databases
        /// The schemas of a database.
        case schemas(NameSyntax)
        /// The tables and views of `[database.]schema`.
        case tables(ObjectNameSyntax)
        /// The columns of `[database.]schema.table`.
        case columns(ObjectNameSyntax)
    }
    package var kind: Kind
    /// The pattern behind LIKE.
    package var pattern: String?
    /// The count behind LIMIT.
    package var limit: Int64?
}
