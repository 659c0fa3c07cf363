package import SQLTypes

/// One SQL statement as written.
///
/// Statements that Redshift knows and Slicehouse lacks never get here: the parser refuses
/// them with 0A000.
package indirect enum Statement: Hashable, Sendable {
    /// Nothing but blanks, comments and perhaps a semicolon.
    case empty
    case query(Query)
    case createTable(CreateTableSyntax)
    case createTableAs(CreateTableAsSyntax)
    case alterTable(AlterTableSyntax)
    case dropTable(DropSyntax)
    case createView(CreateViewSyntax)
    case dropView(DropSyntax)
    case createSchema(NameSyntax, ifNotExists: Bool)
    case dropSchema(DropSyntax)
    case truncate(ObjectNameSyntax)
    case insert(InsertSyntax)
    case update(UpdateSyntax)
    case delete(DeleteSyntax)
    case merge(MergeSyntax)
    case copy(CopySyntax)
    /// `EXPLAIN [VERBOSE] statement`; ANALYZE runs it too.
    case explain(Statement, isVerbose: Bool, isAnalyze: Bool)
    case begin(TransactionModesSyntax)
    case commit
    case rollback
    case set(SetSyntax)
    /// `RESET name`; nil for RESET ALL.
    case reset(NameSyntax?)
    /// `SHOW name`; nil for SHOW ALL.
    case show(NameSyntax?)
    case showObjects(ShowObjectsSyntax)
    /// `SET SESSION AUTHORIZATION user`; nil for DEFAULT, and for RESET.
    case setSessionAuthorization(NameSyntax?)
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION …`; of one transaction where not `isSession`.
    case setTransaction(TransactionModesSyntax, isSession: Bool)
    case analyze(AnalyzeSyntax)
    case vacuum(VacuumSyntax)
    /// `CHECK WAREHOUSE`, ours.
    case checkWarehouse
    case lock([ObjectNameSyntax])
    case comment(CommentSyntax)
    /// `PREPARE name [(types)] AS statement`; the count is that of its highest `$n`.
    case prepare(NameSyntax, types: [DataType], Statement, parameterCount: Int)
    case execute(NameSyntax, arguments: [ExpressionSyntax])
    /// `DEALLOCATE name`; nil for ALL.
    case deallocate(NameSyntax?)
    /// `CANCEL process ['message']`; the message, which nobody is told, is not kept.
    case cancel(Int64)
}

/// `DROP … [IF EXISTS] name, … [CASCADE | RESTRICT]`.
package struct DropSyntax: Hashable, Sendable {
    package var names: [ObjectNameSyntax]
    package var ifExists: Bool
    package var cascades: Bool
}

/// What stands behind BEGIN.
package struct TransactionModesSyntax: Hashable, Sendable {
    /// `serializable`, `read committed`, …; nil where not written.
    package var isolationLevel: String?
    /// True after READ ONLY, false after READ WRITE.
    package var isReadOnly: Bool?

    /// Makes modes with none given.
    package init() {}
}

/// `SET [SESSION | LOCAL] name {TO | =} value, …`.
package struct SetSyntax: Hashable, Sendable {
    /// In lower case, perhaps with a dot; `SET TIME ZONE` is `timezone`.
    package var name: NameSyntax
    /// Each value's text, strings without quotes; empty for `TO DEFAULT`.
    package var values: [StringSyntax]
    package var isLocal: Bool
}

/// `ANALYZE [VERBOSE] [table [(columns)]] [PREDICATE COLUMNS | ALL COLUMNS]` and
/// `ANALYZE COMPRESSION [table [(columns)]] [COMPROWS n]`.
package struct AnalyzeSyntax: Hashable, Sendable {
    package var table: ObjectNameSyntax?
    package var columns: [NameSyntax]
    package var isPredicateColumns: Bool
    package var isCompression: Bool
    package var sampleRowCount: Int64?
}

/// `VACUUM [mode] [table [TO n PERCENT]] [BOOST]`.
package struct VacuumSyntax: Hashable, Sendable {
    /// The modes; FULL where none was written.
    package enum Mode: String, Hashable, Sendable {
        case full = "FULL"
        case sortOnly = "SORT ONLY"
        case deleteOnly = "DELETE ONLY"
        case reindex = "REINDEX"
        case recluster = "RECLUSTER"
    }
    package var mode: Mode
    package var table: ObjectNameSyntax?
    package var thresholdPercent: Int64?
    /// Whether BOOST was written.
    package var isBoosted = false
}

/// `COMMENT ON kind name IS 'text'`.
package struct CommentSyntax: Hashable, Sendable {
    /// `table`, `column`, `view`, `schema`, `database`, `constraint`, in lower case.
    package var kind: String
    package var name: ObjectNameSyntax
    /// Nil after IS NULL.
    package var text: String?
}
